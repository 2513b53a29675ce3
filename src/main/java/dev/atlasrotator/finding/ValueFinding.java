package dev.atlasrotator.finding;

import static java.util.stream.Collectors.joining;

import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import java.util.List;

/** What is wrong with a stored value. */
public sealed interface ValueFinding extends Finding {
    /**
     * A new secret would not fit beside what is there.
     *
     * @param name of the stored secret
     * @param bytesMax what Secrets Manager takes
     */
    record ValueTooLong(String name, int bytesMax) implements ValueFinding {
        @Override
        public Code code() {
            return Code.VALUE_TOO_LONG;
        }

        @Override
        public String message() {
            return ("The value of %s is so long that a new secret could not be stored in it (Secrets Manager takes %d"
                            + " bytes). Nothing was changed.")
                    .formatted(name, bytesMax);
        }

        @Override
        public String remedy() {
            return "Shorten it.";
        }

        @Override
        public RotatorException error(String text) {
            return new RotatorException.Credential(code(), text);
        }
    }

    /**
     * The spellings of one key say different things.
     *
     * @param keys those that do not agree
     */
    record SpellingsDisagree(List<String> keys) implements ValueFinding {
        @Override
        public Code code() {
            return Code.SPELLINGS_DISAGREE;
        }

        @Override
        public String message() {
            return "The stored value says different things under %s; what Atlas accepts counts."
                    .formatted(String.join(" and ", keys));
        }

        @Override
        public String remedy() {
            return "A rotation brings them together.";
        }
    }

    /** It is not confirmed which of these secrets AWSCURRENT holds. */
    record CurrentSecretUnconfirmed(Account account, String name, List<SecretId> candidates) implements ValueFinding {
        @Override
        public Code code() {
            return Code.CURRENT_SECRET_UNCONFIRMED;
        }

        @Override
        public String message() {
            return "It is not confirmed which secret of account %s AWSCURRENT of %s holds: %s. Nothing was changed."
                    .formatted(
                            account,
                            name,
                            candidates.stream().map(SecretId::value).sorted().collect(joining(", ")));
        }

        @Override
        public String remedy() {
            return "Do not delete any of them. Store the value again with \"secretId\" set to the id of the one that"
                + " its clientSecret belongs to; if that is not known, make a new secret in Atlas where there is room"
                + " for one, and store it with its id.";
        }
    }
}
