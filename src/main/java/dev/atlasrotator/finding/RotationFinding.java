package dev.atlasrotator.finding;

import static dev.atlasrotator.finding.Finding.seconds;
import static java.util.stream.Collectors.joining;

import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.RotatorException;
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
            return new RotatorException.Unavailable(text);
        }
    }

    /** Another run may be about to promote a secret that is younger than the one in use. */
    record PromotionInFlight(Account account, SecretId secret, Instant until) implements RotationFinding {
        @Override
        public Code code() {
            return Code.ROTATION_IN_PROGRESS;
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
            return new RotatorException.Unavailable(text);
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
            var text = new StringBuilder(("A rotation has been under way since %s; if it is not over after 15 minutes,"
                            + " the next sweep finishes or undoes it.")
                    .formatted(since.map(Instant::toString).orElse("a moment ago")));
            inFlight.forEach(one -> text.append(
                    " Secret %s was made at %s and is not stored yet.".formatted(one.secret(), one.created())));
            return text.toString();
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
            return "The rotation that stands is given up: %s.".formatted(why);
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
        public String message() {
            return ("A rotation was begun within the last hour and came to nothing; a sweep begins the next one after"
                            + " %s, a rotation by hand at any time.")
                    .formatted(until);
        }
    }

    /** Somebody else rotates it. */
    record OwnedElsewhere(String why) implements RotationFinding {
        @Override
        public Code code() {
            return Code.OWNED_ELSEWHERE;
        }

        @Override
        public String message() {
            return "Left alone: %s.".formatted(why);
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
        public String message() {
            return ("This is urgent: a secret was created and did not come into use, and the secret in use ends at %s"
                            + " at the latest.")
                    .formatted(latest);
        }
    }
}
