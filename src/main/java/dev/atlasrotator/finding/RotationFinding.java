package dev.atlasrotator.finding;

import static dev.atlasrotator.finding.Finding.seconds;
import static java.util.stream.Collectors.joining;

import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.failure.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** How a rotation stands, and what keeps one from beginning. */
public sealed interface RotationFinding extends Finding {
    /**
     * Both slots are taken, and neither can be freed.
     *
     * @param blocking why the other secret stays
     */
    record NoFreeSlot(Account account, Finding blocking) implements RotationFinding {
        @Override
        public Code code() {
            return blocking.code();
        }

        @Override
        public Severity severity() {
            return blocking.severity();
        }

        @Override
        public Facts facts() {
            return blocking.facts();
        }

        @Override
        public String message() {
            return "Account %s has no room for a new secret. %s Nothing was changed."
                    .formatted(account, blocking.message());
        }

        @Override
        public String remedy() {
            var goesOn = blocking instanceof SecretFinding.ForeignSecret
                    || blocking instanceof SecretFinding.HeldByAnEarlierVersion;
            return goesOn
                    ? (blocking.remedy() + " The next rotation or sweep goes on by itself.").strip()
                    : blocking.remedy();
        }
    }

    /** No slot is free, and each secret may be the last one that works. */
    record NoSecretToRetire(Account account, List<SecretId> secrets) implements RotationFinding {
        @Override
        public Code code() {
            return Code.LAST_WORKING_SECRET;
        }

        @Override
        public String message() {
            return ("Account %s has no room for a new secret, and each of those that it has (%s) may be the last one"
                            + " that works. Nothing was changed.")
                    .formatted(
                            account,
                            secrets.stream().map(SecretId::value).sorted().collect(joining(", ")));
        }

        @Override
        public String remedy() {
            return "Store a clientSecret that works, with its secretId.";
        }
    }

    /**
     * Both slots are needed until the consumers of the old secret have had their overlap.
     *
     * @param name of the stored secret
     */
    record SecretWithinOverlap(Account account, String name, SecretId superseded, Instant promoted, Instant until)
            implements RotationFinding {
        @Override
        public Code code() {
            return Code.SECRET_WITHIN_OVERLAP;
        }

        @Override
        public Facts facts() {
            return Facts.of(superseded).retryAt(until).until(until);
        }

        @Override
        public String message() {
            return ("Both secrets of account %s are needed: %s was superseded at %s and is kept for its overlap until"
                            + " %s. Nothing was changed.")
                    .formatted(account, superseded, seconds(promoted), seconds(until));
        }

        @Override
        public String remedy() {
            return ("Rotate after that, or, if it has leaked, call the function with"
                            + " {\"action\":\"rotate\",\"secretId\":\"%s\",\"revokeOld\":true}.")
                    .formatted(name);
        }
    }

    /** Another run may be about to store a secret that was made a moment ago. */
    record CreateInFlight(Account account, SecretId secret, Instant created, Instant until) implements RotationFinding {
        @Override
        public Code code() {
            return Code.CREATE_IN_FLIGHT;
        }

        @Override
        public Facts facts() {
            return Facts.of(secret).retryAt(until);
        }

        @Override
        public String message() {
            return ("Secret %s of account %s was made at %s by this rotation, and another run may be about to store it."
                            + " Nothing was changed.")
                    .formatted(secret, account, created);
        }

        @Override
        public String remedy() {
            return "Try again after %s: whatever is not stored by then is cleaned up.".formatted(seconds(until));
        }

        @Override
        public RotatorException error(String text) {
            return new RotatorException.Unavailable(code(), text);
        }
    }

    /** Another run may be about to promote a secret that is younger than the one in use. */
    record PromotionInFlight(Account account, SecretId secret, Instant until) implements RotationFinding {
        @Override
        public Code code() {
            return Code.ROTATION_IN_PROGRESS;
        }

        @Override
        public Facts facts() {
            return Facts.of(secret).retryAt(until);
        }

        @Override
        public String message() {
            return ("Secret %s of account %s is younger than the one in use, and another run may be about to promote"
                            + " it. Nothing was changed.")
                    .formatted(secret, account);
        }

        @Override
        public String remedy() {
            return "Try again after %s.".formatted(seconds(until));
        }

        @Override
        public RotatorException error(String text) {
            return new RotatorException.Unavailable(code(), text);
        }
    }

    /**
     * A rotation has begun and is not over, and a run may be at it.
     *
     * @param since when it began; empty where that was not read
     * @param inFlight what it has made and not stored yet
     */
    record RotationInProgress(Optional<Instant> since, List<Made> inFlight) implements RotationFinding {
        /** A secret that was made then. */
        public record Made(SecretId secret, Instant created) {}

        @Override
        public Code code() {
            return Code.ROTATION_IN_PROGRESS;
        }

        @Override
        public String message() {
            var text =
                    new StringBuilder(("A rotation has been in progress since %s; if it is not over after 15 minutes,"
                                    + " the next sweep finishes or abandons it.")
                            .formatted(since.map(Instant::toString).orElse("a moment ago")));
            inFlight.forEach(one -> text.append(
                    " Secret %s was made at %s and is not stored yet.".formatted(one.secret(), one.created())));
            return text.toString();
        }
    }

    /**
     * A rotation has begun, is not over, and no run can be at it any more.
     *
     * @param shortens whether it has created a secret, so that Atlas has shortened the lifetime of the one in use
     */
    record RotationStalled(Instant since, Instant now, boolean shortens) implements RotationFinding {
        private static final Duration LONG = Duration.ofDays(1);

        @Override
        public Code code() {
            return Code.ROTATION_STALLED;
        }

        @Override
        public Severity severity() {
            if (now.isBefore(since.plus(LONG))) {
                return Severity.INFO;
            }
            return shortens ? Severity.CRITICAL : Severity.WARNING;
        }

        @Override
        public String message() {
            return "A rotation has been in progress since %s, and no run is at work on it any more.%s"
                    .formatted(
                            seconds(since),
                            shortens
                                    ? " It has created a secret: the one in use expires within seven days of that."
                                    : "");
        }

        @Override
        public String remedy() {
            return "The next sweep finishes or abandons it. If it stays, see what that sweep's report says of it.";
        }
    }

    /**
     * A rotation is in progress, and could not be looked at.
     *
     * @param pending the version under AWSPENDING
     */
    record RotationNotRead(String pending) implements RotationFinding {
        @Override
        public Code code() {
            return Code.ROTATION_STALLED;
        }

        @Override
        public Severity severity() {
            return Severity.WARNING;
        }

        @Override
        public String message() {
            return ("A rotation is in progress (AWSPENDING is on version %s) and could not be looked at. If it has"
                            + " created a secret at Atlas, the one in use expires within seven days of that.")
                    .formatted(pending);
        }
    }

    /** A rotation that can never end well was ended. */
    record RotationAbandoned(String why) implements RotationFinding {
        @Override
        public Code code() {
            return Code.ROTATION_STALLED;
        }

        @Override
        public String message() {
            return "The rotation that was in progress is abandoned: %s.".formatted(why);
        }
    }

    /** A sweep begins at most one rotation an hour of an account. */
    record NextRotationWaits(Instant until) implements RotationFinding {
        @Override
        public Code code() {
            return Code.ROTATION_STALLED;
        }

        @Override
        public Severity severity() {
            return Severity.WARNING;
        }

        @Override
        public Facts facts() {
            return Facts.NONE.retryAt(until);
        }

        @Override
        public String message() {
            return ("A rotation was begun within the last hour and came to nothing; a sweep begins the next one after"
                            + " %s, a rotation by hand at any time.")
                    .formatted(until);
        }
    }

    /**
     * Somebody else rotates it.
     *
     * @param name of the stored secret
     */
    record OwnedElsewhere(String name, String why) implements RotationFinding {
        @Override
        public Code code() {
            return Code.OWNED_ELSEWHERE;
        }

        @Override
        public String message() {
            return "Secret %s is not this function's to rotate: %s. Nothing was changed.".formatted(name, why);
        }
    }

    /**
     * A secret was created and did not come into use: Atlas has shortened the lifetime of the one in use.
     *
     * @param latest when that expires at the latest
     */
    record CreatedNotPromoted(Instant latest) implements RotationFinding {
        @Override
        public Code code() {
            return Code.ROTATION_STALLED;
        }

        @Override
        public Severity severity() {
            return Severity.WARNING;
        }

        @Override
        public Facts facts() {
            return Facts.NONE.until(latest);
        }

        @Override
        public String message() {
            return ("A secret was created and did not come into use, and the secret in use expires at %s at the"
                            + " latest.")
                    .formatted(latest);
        }
    }
}
