package dev.atlasrotator.atlas;

import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.ClientId;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.RotatorException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads accounts and secrets out of Atlas's answers. Fields that are not known are passed over;
 * what decides something is read strictly, since a secret that was overlooked, or one that was
 * taken for never used, may be deleted. Where a list holds accounts of other people's, they may
 * look as they like.
 */
final class AccountAnswer {
    // Beyond these no date of Atlas's can lie, and reckoning with it would overflow.
    private static final Instant EARLIEST = Instant.EPOCH;
    private static final Instant LATEST = Instant.parse("9999-12-31T00:00:00Z");

    /** Why an answer cannot be used; caught where the call is known, never beyond this package. */
    static final class Unusable extends Exception {
        private final String why;

        Unusable(String why) {
            super(why, null, false, false);
            this.why = why;
        }

        String why() {
            return why;
        }
    }

    private AccountAnswer() {}

    /** The secrets of the one account that was asked for. */
    static List<AtlasSecret> secretsOf(ClientId asked, Map<?, ?> account) throws Unusable {
        // Without secrets it must say at least whose it is: not every JSON object is an account.
        boolean namesItself = account.containsKey("clientId") || account.get("secrets") == null;
        if (namesItself && !clientId(account).equals(asked)) {
            throw new Unusable("it is about another account");
        }
        return secrets(account);
    }

    /**
     * The accounts of a list, with their secrets. Entries that cannot be read are left out: most
     * accounts of a list are not ours to manage, and one that is, is then asked for by itself.
     */
    static Map<ClientId, List<AtlasSecret>> accounts(List<?> entries) {
        var accounts = new LinkedHashMap<ClientId, List<AtlasSecret>>();
        for (Object entry : entries) {
            if (entry instanceof Map<?, ?> account) {
                try {
                    accounts.put(clientId(account), secrets(account));
                } catch (Unusable leftOut) {
                    // Said where it is asked for by itself.
                }
            }
        }
        return accounts;
    }

    /**
     * An account's secrets, from the account as Atlas shows it. One that was made without a secret
     * may show none, {@code null} or an empty list: Atlas's API description does not require them.
     */
    static List<AtlasSecret> secrets(Map<?, ?> account) throws Unusable {
        if (account.get("secrets") == null) {
            return List.of();
        }
        if (!(account.get("secrets") instanceof List<?> entries)) {
            throw new Unusable("its secrets are no list");
        }
        var secrets = new ArrayList<AtlasSecret>();
        for (Object entry : entries) {
            if (!(entry instanceof Map<?, ?> fields)) {
                throw new Unusable("its list of secrets holds something else");
            }
            secrets.add(secret(fields));
        }
        if (secrets.stream().map(AtlasSecret::id).distinct().count() < secrets.size()) {
            throw new Unusable("it holds one secret twice");
        }
        return List.copyOf(secrets);
    }

    /** One secret's description, without its value. */
    static AtlasSecret secret(Map<?, ?> fields) throws Unusable {
        return new AtlasSecret(
                id(fields),
                instant(fields, "createdAt"),
                instant(fields, "expiresAt"),
                fields.get("lastUsedAt") == null ? Optional.empty() : Optional.of(instant(fields, "lastUsedAt")),
                fields.get("maskedSecretValue") instanceof String mask ? Optional.of(mask) : Optional.empty());
    }

    private static ClientId clientId(Map<?, ?> account) throws Unusable {
        try {
            if (account.get("clientId") instanceof String text) {
                return new ClientId(text);
            }
        } catch (RotatorException.Credential malformed) {
            // Said below: here the answer is at fault, not a stored value.
        }
        throw new Unusable("an account in it has no readable clientId");
    }

    private static SecretId id(Map<?, ?> fields) throws Unusable {
        try {
            if (fields.get("id") instanceof String text) {
                return new SecretId(text);
            }
        } catch (RotatorException.Credential malformed) {
            // Said below: here the answer is at fault, not a stored value.
        }
        throw new Unusable("a secret in it has no readable id");
    }

    /** An instant with any offset. */
    private static Instant instant(Map<?, ?> fields, String key) throws Unusable {
        try {
            if (fields.get(key) instanceof String text) {
                var instant = Instant.parse(text);
                if (!instant.isBefore(EARLIEST) && instant.isBefore(LATEST)) {
                    return instant;
                }
            }
        } catch (DateTimeException unreadable) {
            // Said below, without the text.
        }
        throw new Unusable("a secret in it has no readable " + key);
    }
}
