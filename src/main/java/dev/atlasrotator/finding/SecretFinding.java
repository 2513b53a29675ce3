package dev.atlasrotator.finding;

import static dev.atlasrotator.finding.Finding.seconds;
import static java.util.stream.Collectors.joining;

import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.Code;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What one of an account's secrets is, and what that means. The name is the stored secret's. */
public sealed interface SecretFinding extends Finding {
    /** Somebody else made it: no rotation of ours accounts for it. */
    record ForeignSecret(SecretId secret, Instant created, Optional<Instant> lastUsed, Margin margin)
            implements SecretFinding {
        @Override
        public Entry entry() {
            var use = lastUsed.map(used -> "was last used at " + used).orElse("was never used");
            return Entry.of(Code.FOREIGN_SECRET)
                    .severity(margin.criticalWhenLow())
                    .message("""
                        Secret %s was made at %s outside of any rotation, and %s. It takes one of the account's two slots.
                        """, secret, created, use)
                    .remedy("""
                        Find out who made it, and who uses it. If it is a day old, nobody uses it, and a status that you
                        ask for right before still calls it foreign, delete it in Atlas.
                        """)
                    .about(secret);
        }
    }

    /** An earlier version holds a value without an id, which may be this secret. */
    record HeldByAnEarlierVersion(SecretId secret, String name, Instant until) implements SecretFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.SECRET_WITHIN_OVERLAP)
                    .message("""
                        Secret %s may be what an earlier version of %s holds, without its id. It is left alone: its
                        consumers have until %s.
                        """, secret, name, seconds(until))
                    .about(secret)
                    .until(until);
        }
    }

    /** Superseded, past its overlap, and used. */
    record OldSecretInUse(SecretId secret, Instant superseded, Optional<Instant> lastUsed, Instant expires)
            implements SecretFinding {
        @Override
        public Entry entry() {
            var used = lastUsed.map(Instant::toString).orElse("an unknown time");
            return Entry.of(Code.OLD_SECRET_IN_USE)
                    .message("""
                        Secret %s was superseded at %s and is still used, last at %s; it expires at %s.
                        """, secret, seconds(superseded), used, expires)
                    .remedy("""
                        Find the consumer that still holds it and restart it, or call rotate with "revokeOld":true if it
                        has leaked.
                        """)
                    .about(secret)
                    .until(expires);
        }
    }

    /** The other slot holds what another stored secret uses. */
    record SecretOfAnotherStoredSecret(SecretId secret) implements SecretFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.SHARED_ACCOUNT)
                    .message("The account's other secret, %s, is in use in another stored secret.", secret)
                    .about(secret);
        }
    }

    /**
     * Several stored secrets hold the account.
     *
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
        public Entry entry() {
            var uses = theirs.stream()
                    .map(one -> " Secret %s is in use in %s and expires at %s."
                            .formatted(one.secret(), String.join(", ", one.in()), one.expires()))
                    .collect(joining());
            var own = expires.map(at -> " The value of %s expires at %s.".formatted(name, at));
            return Entry.of(Code.SHARED_ACCOUNT)
                    .severity(theirMargin.criticalWhenLow())
                    .message("""
                        The same account is also in %s. A rotation of one shortens the lifetime of what the others hold
                        to seven days.%s%s
                        """, String.join(", ", others), uses, own.orElse(""))
                    .remedy("Keep one and replicate it, or leave one managed and let the others be copies of it.");
        }
    }

    /** The secret in use is about to expire. */
    record Expiring(SecretId secret, Instant expires, Margin margin) implements SecretFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.EXPIRING)
                    .severity(margin.criticalWhenLow())
                    .message("The secret in use, %s, expires at %s.", secret, expires)
                    .about(secret)
                    .until(expires);
        }
    }

    /** What AWSCURRENT holds is not among the account's secrets any more. */
    record CurrentSecretGone() implements SecretFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.CURRENT_SECRET_GONE).message("AWSCURRENT holds no secret that works.");
        }
    }

    /** A revocation came twice: the secret in use was made a moment ago. */
    record CurrentNotRevoked(SecretId secret, Instant created) implements SecretFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.NOT_REVOKED)
                    .message("""
                        Secret %s, which is in use, was made at %s, less than an hour ago: it was not revoked.
                        """, secret, created)
                    .remedy("If it has leaked itself, call rotate with \"leaked\":\"%s\".", secret)
                    .about(secret);
        }
    }

    /** What has leaked is not among the account's secrets. */
    record LeakedIsGone(SecretId secret, Account account) implements SecretFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.NOT_REVOKED).message("""
                Secret %s is not among the secrets of account %s: it was deleted before, or is of another account.
                Nothing was done.
                """, secret, account).about(secret);
        }
    }

    /**
     * What has leaked is under AWSPENDING, and a run may be at work on that rotation.
     *
     * @param since when that rotation began, where that was read
     */
    record LeakedIsPending(SecretId secret, Optional<Instant> since) implements SecretFinding {
        @Override
        public Entry entry() {
            var begin = since.map(at -> "is in progress (began at %s)".formatted(at))
                    .orElse("has just begun");
            return Entry.of(Code.ROTATION_IN_PROGRESS)
                    .message("Secret %s belongs to a rotation that %s. Nothing was changed.", secret, begin)
                    .remedy("Revoke it when that rotation is over, or after 15 minutes.")
                    .about(secret);
        }
    }

    /** What has leaked is used by another stored secret. */
    record LeakedIsShared(SecretId secret) implements SecretFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.SHARED_ACCOUNT)
                    .message("Secret %s is in use in another stored secret. Nothing was changed.", secret)
                    .remedy("Revoke it there.")
                    .about(secret);
        }
    }

    /** What has leaked was made by somebody else. */
    record LeakedIsForeign(SecretId secret) implements SecretFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.FOREIGN_SECRET)
                    .message("""
                        Secret %s was made outside of any rotation, and who uses it is not known here. Nothing was
                        changed.
                        """, secret)
                    .remedy("Give its consumers another secret first.")
                    .about(secret);
        }
    }

    /**
     * What AWSCURRENT holds does not work, so what is to be revoked may be the last that does.
     *
     * @param which what is to be revoked
     */
    record LastThatMayWork(String name, String which) implements SecretFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.LAST_WORKING_SECRET)
                    .message("""
                        What AWSCURRENT of %s holds does not work, so %s may be the last one that does. Nothing was
                        changed.
                        """, name, which)
                    .remedy("Store a clientSecret that works, then ask again.");
        }
    }
}
