package dev.atlasrotator.finding;

import static java.util.stream.Collectors.joining;

import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.Code;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What is wrong with a stored value. The name is the stored secret's. */
public sealed interface ValueFinding extends Finding {
    /**
     * A new secret would not fit beside what is there.
     *
     * @param bytesMax what Secrets Manager takes
     */
    record ValueTooLong(String name, int bytesMax) implements ValueFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.VALUE_TOO_LONG).message("""
                The value of %s is so long that a new secret could not be stored in it (Secrets Manager takes
                %d bytes). Nothing was changed.
                """, name, bytesMax).remedy("Shorten it.");
        }
    }

    /**
     * The spellings of one key say different things.
     *
     * @param keys those that do not agree
     */
    record SpellingsDisagree(List<String> keys) implements ValueFinding {
        @Override
        public Entry entry() {
            var all = String.join(" and ", keys);
            return Entry.of(Code.SPELLINGS_DISAGREE)
                    .message("""
                        The keys %s of the stored value hold different values; the function uses the one that Atlas
                        accepts.
                        """, all)
                    .remedy("The next rotation writes the same value under all of them.");
        }
    }

    /** Two keys of one value hold different secrets, and both authenticate. */
    record SecretUnderAnotherKey(SecretId secret) implements ValueFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.SPELLINGS_DISAGREE)
                    .message(
                            "Secret %s is under another key of the same value, and may be in use. Nothing was changed.",
                            secret)
                    .remedy("Store one clientSecret under all keys of the value, then ask again.")
                    .about(secret);
        }
    }

    /**
     * The client secret was stored with white space that is not part of it.
     *
     * @param where in words that follow "clientSecret"
     */
    record WhitespaceInSecret(String where) implements ValueFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.WHITESPACE_IN_SECRET)
                    .message("""
                        The clientSecret under AWSCURRENT %s: a consumer that sends it unchanged cannot authenticate.
                        """, where)
                    .remedy("Store it again without the white space. A rotation writes a new one, which has none.");
        }
    }

    /**
     * Times of the stored value are out of bounds, or do not fit together.
     *
     * @param used the hours that are used instead, by key
     */
    record SettingClamped(Map<String, Long> used) implements ValueFinding {
        @Override
        public Entry entry() {
            var all = used.entrySet().stream()
                    .map(one -> "%s is taken as %d".formatted(one.getKey(), one.getValue()))
                    .collect(joining(", "));
            return Entry.of(Code.SETTING_CLAMPED)
                    .message("Times of the stored value are out of bounds, or do not fit together: %s.", all)
                    .remedy("""
                        Correct them: rotateAfterHours, with the longer of overlapHours and margin, must fit into
                        secretExpiresAfterHours.
                        """);
        }
    }

    /** It is not confirmed which of these secrets AWSCURRENT holds. */
    record CurrentSecretUnconfirmed(Account account, String name, List<SecretId> candidates) implements ValueFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.CURRENT_SECRET_UNCONFIRMED)
                    .message("""
                        It is not confirmed which secret of account %s AWSCURRENT of %s holds: %s. Nothing was changed.
                        """, account, name, Finding.list(candidates))
                    .remedy("""
                        Do not delete any of them. Store the value again with "secretId" set to the id of the one that
                        its clientSecret belongs to, also if it is there already, and change nothing else. If that id is
                        not known, make a new secret in Atlas where there is room for one, and store it with its id.
                        """);
        }
    }

    /** It is not confirmed which secret is in use, and one that may be is about to expire. */
    record CandidateExpiring(SecretId secret, Instant expires, Margin margin) implements ValueFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.EXPIRING)
                    .severity(margin.criticalWhenLow())
                    .message("Secret %s, which may be the one in use, expires at %s.", secret, expires)
                    .about(secret)
                    .until(expires);
        }
    }
}
