package dev.atlasrotator.finding;

import static dev.atlasrotator.finding.Finding.seconds;
import static java.util.stream.Collectors.joining;

import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What is known of a rotation, and what keeps one from beginning. The name is the stored secret's. */
public sealed interface RotationFinding extends Finding {
    /**
     * Both slots are taken, and neither can be freed.
     *
     * @param blocking why the other secret stays
     */
    record NoFreeSlot(Account account, Finding blocking) implements RotationFinding {
        private static final String CONTINUES = " After that, the next rotation or sweep continues without your help.";

        @Override
        public Entry entry() {
            var why = blocking.entry();
            boolean goesOn = blocking instanceof SecretFinding.ForeignSecret
                    || blocking instanceof SecretFinding.HeldByAnEarlierVersion;
            return new Entry(why.code(), why.severity(), "", "", why.facts())
                    .message("""
                        Account %s already has two secrets, the most that Atlas allows. %s Nothing was changed.
                        """, account, why.message())
                    .remedy("%s%s", why.remedy(), goesOn ? CONTINUES : "");
        }
    }

    /** No slot is free, and each secret may be the last one that works. */
    record NoSecretToRetire(Account account, List<SecretId> secrets) implements RotationFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.LAST_WORKING_SECRET)
                    .message("""
                        Account %s already has two secrets, the most that Atlas allows, and each of them (%s) may be the
                        last one that works. Nothing was changed.
                        """, account, Finding.list(secrets))
                    .remedy("Store a clientSecret that works, with its secretId.");
        }
    }

    /** Both slots are needed until the consumers of the old secret have had their overlap. */
    record SecretWithinOverlap(Account account, String name, SecretId superseded, Instant promoted, Instant until)
            implements RotationFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.SECRET_WITHIN_OVERLAP)
                    .message("""
                        Both secrets of account %s are needed: %s was superseded at %s and is kept for its overlap until
                        %s. Nothing was changed.
                        """, account, superseded, seconds(promoted), seconds(until))
                    .remedy("""
                        Rotate after that, or, if it has leaked, call the function with
                        {"action":"rotate","secretId":"%s","revokeOld":true}.
                        """, name)
                    .about(superseded)
                    .retryAt(until)
                    .until(until);
        }
    }

    /** Another run may be about to store a secret that was made a moment ago. */
    record CreateInFlight(Account account, SecretId secret, Instant created, Instant until) implements RotationFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.CREATE_IN_FLIGHT)
                    .message("""
                        Secret %s of account %s was made at %s by this rotation, and another run may be about to store
                        it. Nothing was changed.
                        """, secret, account, created)
                    .remedy("Try again after %s: whatever is not stored by then is cleaned up.", seconds(until))
                    .about(secret)
                    .retryAt(until);
        }
    }

    /** Another run may be about to promote a secret that is newer than the one in use. */
    record PromotionInFlight(Account account, SecretId secret, Instant until) implements RotationFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.ROTATION_IN_PROGRESS)
                    .message("""
                        Secret %s of account %s is newer than the one in use, and another run may be about to promote
                        it. Nothing was changed.
                        """, secret, account)
                    .remedy("Try again after %s.", seconds(until))
                    .about(secret)
                    .retryAt(until);
        }
    }

    /**
     * A rotation has begun and is not over, and a run may be at work on it.
     *
     * @param since when it began; empty where that was not read
     * @param inFlight what it has made and not stored yet
     */
    record RotationInProgress(String name, Optional<Instant> since, List<Made> inFlight) implements RotationFinding {
        /** A secret that was made then. */
        public record Made(SecretId secret, Instant created) {}

        @Override
        public Entry entry() {
            var made = inFlight.stream()
                    .map(one ->
                            " Secret %s was made at %s and is not stored yet.".formatted(one.secret(), one.created()))
                    .collect(joining());
            return Entry.of(Code.ROTATION_IN_PROGRESS)
                    .message(
                            """
                            A rotation of %s has %s. Nothing was changed. If it is not over after 15 minutes, the next run
                            finishes or abandons it.%s
                            """,
                            name,
                            since.map(at -> "been in progress since " + at).orElse("just begun"),
                            made);
        }
    }

    /**
     * A rotation has begun, is not over, and no run can be at work on it any more.
     *
     * @param shortens whether it has created a secret, so that Atlas has shortened the lifetime of the one in use
     */
    record RotationStalled(Instant since, Instant now, boolean shortens) implements RotationFinding {
        private static final Duration LONG = Duration.ofDays(1);

        @Override
        public Entry entry() {
            var critical = shortens ? Severity.CRITICAL : Severity.WARNING;
            var created = " It has created a secret: the one in use expires within seven days of that.";
            return Entry.of(Code.ROTATION_STALLED)
                    .severity(now.isBefore(since.plus(LONG)) ? Severity.INFO : critical)
                    .message("""
                        A rotation has been in progress since %s, and no run is at work on it any more.%s
                        """, seconds(since), shortens ? created : "")
                    .remedy("""
                        The next sweep finishes or abandons it. If it stays, see what that sweep's report says of it.
                        """);
        }
    }

    /**
     * A rotation is in progress, and could not be read.
     *
     * @param pending the version under AWSPENDING
     */
    record RotationNotRead(String pending) implements RotationFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.ROTATION_STALLED).severity(Severity.WARNING).message("""
                A rotation is in progress (AWSPENDING is on version %s) and could not be read. If it has created
                a secret at Atlas, the one in use expires within seven days of that.
                """, pending);
        }
    }

    /** The rotation in progress is to be abandoned. */
    record RotationCannotWork(String why) implements RotationFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.ROTATION_STALLED)
                    .message("The rotation in progress can never work: %s. The next sweep abandons it.", why);
        }
    }

    /** A rotation that can never end well was ended. */
    record RotationAbandoned(String why) implements RotationFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.ROTATION_STALLED).message("The rotation that was in progress is abandoned: %s.", why);
        }
    }

    /** A sweep begins at most one rotation an hour of an account, and the first of a UTC day always may. */
    record NextRotationWaits(Instant until) implements RotationFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.ROTATION_STALLED)
                    .severity(Severity.WARNING)
                    .message("""
                        The last rotation failed; the report of the run that began it has the reason. Sweeps begin the
                        next one after %s. You can rotate by hand at any time.
                        """, until)
                    .retryAt(until);
        }
    }

    /** Somebody else rotates it. */
    record OwnedElsewhere(String name, String why) implements RotationFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.OWNED_ELSEWHERE)
                    .message("Secret %s is not this function's to rotate: %s. Nothing was changed.", name, why);
        }
    }

    /**
     * A secret was created and was never promoted: Atlas has shortened the lifetime of the one in use.
     *
     * @param latest when that expires at the latest
     */
    record CreatedNotPromoted(Instant latest) implements RotationFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.ROTATION_STALLED)
                    .severity(Severity.WARNING)
                    .message("""
                        A secret was created and was never promoted, and the secret in use expires at %s at the latest.
                        """, latest)
                    .until(latest);
        }
    }
}
