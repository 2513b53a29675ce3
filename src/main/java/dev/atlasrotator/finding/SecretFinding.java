package dev.atlasrotator.finding;

import static dev.atlasrotator.finding.Finding.seconds;

import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.failure.Severity;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What one of an account's secrets is, and what that means. */
public sealed interface SecretFinding extends Finding {
    /** Somebody outside made it: no rotation of ours accounts for it. */
    record ForeignSecret(SecretId secret, Instant created, Optional<Instant> lastUsed, Margin margin)
            implements SecretFinding {
        @Override
        public Code code() {
            return Code.FOREIGN_SECRET;
        }

        @Override
        public Severity severity() {
            return margin.criticalWhenLow();
        }

        @Override
        public Facts facts() {
            return Facts.of(secret);
        }

        @Override
        public String message() {
            return "Secret %s was made at %s outside of any rotation, and %s. It takes the account's second slot."
                    .formatted(
                            secret,
                            created,
                            lastUsed.map(used -> "was last used at " + used).orElse("was never used"));
        }

        @Override
        public String remedy() {
            return "Find out who made it, and who uses it. If it is a day old, nobody uses it, and a status that you"
                    + " ask for right before still calls it foreign, delete it in Atlas.";
        }
    }

    /**
     * An earlier version holds a value without an id, which may be this secret.
     *
     * @param name of the stored secret
     */
    record HeldByAnEarlierVersion(SecretId secret, String name, Instant until) implements SecretFinding {
        @Override
        public Code code() {
            return Code.SECRET_WITHIN_OVERLAP;
        }

        @Override
        public Facts facts() {
            return Facts.of(secret).until(until);
        }

        @Override
        public String message() {
            return ("Secret %s may be what an earlier version of %s holds, without its id. It is left alone: its"
                            + " consumers have until %s.")
                    .formatted(secret, name, seconds(until));
        }
    }

    /** Superseded, past its overlap, and used. */
    record OldSecretInUse(SecretId secret, Instant superseded, Optional<Instant> lastUsed, Instant expires)
            implements SecretFinding {
        @Override
        public Code code() {
            return Code.OLD_SECRET_IN_USE;
        }

        @Override
        public Facts facts() {
            return Facts.of(secret).until(expires);
        }

        @Override
        public String message() {
            return "Secret %s was superseded at %s and is still used, last at %s; it expires at %s."
                    .formatted(
                            secret,
                            seconds(superseded),
                            lastUsed.map(Instant::toString).orElse("an unknown time"),
                            expires);
        }

        @Override
        public String remedy() {
            return "Find the consumer that still holds it and restart it, or call rotate with \"revokeOld\":true if it"
                    + " has leaked.";
        }
    }

    /** The other slot holds what another stored secret uses. */
    record SecretOfAnotherStoredSecret(SecretId secret) implements SecretFinding {
        @Override
        public Code code() {
            return Code.SHARED_ACCOUNT;
        }

        @Override
        public Facts facts() {
            return Facts.of(secret);
        }

        @Override
        public String message() {
            return "Its other secret %s is in use in another stored secret.".formatted(secret);
        }
    }

    /**
     * Several stored secrets hold the account.
     *
     * @param name of this one
     * @param others the names of the others
     * @param theirs what they use, and this one does not
     * @param expires when this one's value does, where the others use another secret
     */
    record SharedAccount(
            String name, List<String> others, List<InUse> theirs, Optional<Instant> expires, Margin theirMargin)
            implements SecretFinding {
        /** A secret that other stored secrets use. */
        public record InUse(SecretId secret, List<String> in, Instant expires) {}

        @Override
        public Code code() {
            return Code.SHARED_ACCOUNT;
        }

        @Override
        public Severity severity() {
            return theirMargin.criticalWhenLow();
        }

        @Override
        public String message() {
            var text =
                    new StringBuilder(("The same account is also in %s. A rotation of one shortens the lifetime of what"
                                    + " the others hold to seven days.")
                            .formatted(String.join(", ", others)));
            theirs.forEach(one -> text.append(" Secret %s is in use in %s and expires at %s."
                    .formatted(one.secret(), String.join(", ", one.in()), one.expires())));
            expires.ifPresent(at -> text.append(" The value of %s expires at %s.".formatted(name, at)));
            return text.toString();
        }

        @Override
        public String remedy() {
            return "Keep one and replicate it, or leave one managed and let the others be copies of it.";
        }
    }

    /** The secret in use is about to expire. */
    record Expiring(SecretId secret, Instant expires, Margin margin) implements SecretFinding {
        @Override
        public Code code() {
            return Code.EXPIRING;
        }

        @Override
        public Severity severity() {
            return margin.criticalWhenLow();
        }

        @Override
        public Facts facts() {
            return Facts.of(secret).until(expires);
        }

        @Override
        public String message() {
            return "The secret in use, %s, expires at %s.".formatted(secret, expires);
        }
    }

    /** What AWSCURRENT holds is not among the account's secrets any more. */
    record CurrentSecretGone() implements SecretFinding {
        @Override
        public Code code() {
            return Code.CURRENT_SECRET_GONE;
        }

        @Override
        public String message() {
            return "The secret in use does not work any more.";
        }
    }

    /** A revocation came twice: the secret in use was made a moment ago. */
    record CurrentNotRevoked(SecretId secret, Instant created) implements SecretFinding {
        @Override
        public Code code() {
            return Code.NOT_REVOKED;
        }

        @Override
        public Facts facts() {
            return Facts.of(secret);
        }

        @Override
        public String message() {
            return "Secret %s, which is in use, was made at %s, less than an hour ago: it was not revoked."
                    .formatted(secret, created);
        }

        @Override
        public String remedy() {
            return "If it has leaked itself, call rotate with \"leaked\":\"%s\".".formatted(secret);
        }
    }

    /** What has leaked is not among the account's secrets. */
    record LeakedIsGone(SecretId secret, Account account) implements SecretFinding {
        @Override
        public Code code() {
            return Code.NOT_REVOKED;
        }

        @Override
        public Facts facts() {
            return Facts.of(secret);
        }

        @Override
        public String message() {
            return "Secret %s is not among the secrets of account %s: it is gone, and nothing was done."
                    .formatted(secret, account);
        }
    }

    /**
     * What has leaked is being rotated in.
     *
     * @param since when that rotation began, where that was read
     */
    record LeakedIsPending(SecretId secret, Optional<Instant> since) implements SecretFinding {
        @Override
        public Code code() {
            return Code.ROTATION_IN_PROGRESS;
        }

        @Override
        public Facts facts() {
            return Facts.of(secret);
        }

        @Override
        public String message() {
            return "Secret %s is being rotated in, since %s. Nothing was changed."
                    .formatted(secret, since.map(Instant::toString).orElse("a moment"));
        }

        @Override
        public String remedy() {
            return "Revoke it when that rotation is over, or after 15 minutes.";
        }

        @Override
        public RotatorException error(String text) {
            return new RotatorException.Conflict(code(), text);
        }
    }

    /** What has leaked is used by another stored secret. */
    record LeakedIsShared(SecretId secret) implements SecretFinding {
        @Override
        public Code code() {
            return Code.SHARED_ACCOUNT;
        }

        @Override
        public Facts facts() {
            return Facts.of(secret);
        }

        @Override
        public String message() {
            return "Secret %s is in use in another stored secret. Nothing was changed.".formatted(secret);
        }

        @Override
        public String remedy() {
            return "Revoke it there.";
        }
    }

    /** What has leaked was made by somebody else. */
    record LeakedIsForeign(SecretId secret) implements SecretFinding {
        @Override
        public Code code() {
            return Code.FOREIGN_SECRET;
        }

        @Override
        public Facts facts() {
            return Facts.of(secret);
        }

        @Override
        public String message() {
            return ("Secret %s was made outside of any rotation, and who uses it is not known here. Nothing was"
                            + " changed.")
                    .formatted(secret);
        }

        @Override
        public String remedy() {
            return "Give its consumers another secret first.";
        }
    }

    /**
     * What AWSCURRENT holds does not work, so what is to be revoked may be the last that does.
     *
     * @param name of the stored secret
     * @param which what is to be revoked
     */
    record LastThatMayWork(String name, String which) implements SecretFinding {
        @Override
        public Code code() {
            return Code.LAST_WORKING_SECRET;
        }

        @Override
        public String message() {
            return ("What AWSCURRENT of %s holds does not work, so %s may be the last one that does. Nothing was"
                            + " changed.")
                    .formatted(name, which);
        }

        @Override
        public String remedy() {
            return "Store a clientSecret that works, then ask again.";
        }
    }
}
