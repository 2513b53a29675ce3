package dev.atlasrotator.atlas;

import dev.atlasrotator.atlas.ServiceAccounts.Profile;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.ClientId;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.RotatorException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Reads accounts and secrets from Atlas's responses. Unknown fields are ignored. Fields that decide something are read
 * strictly: a secret that was overlooked, or one that was taken for never used, may be deleted. In a list, entries that
 * cannot be read are left out.
 */
final class AccountAnswer {
    // No date of Atlas can be beyond these, and arithmetic with it would overflow.
    private static final Instant EARLIEST = Instant.EPOCH;
    private static final Instant LATEST = Instant.parse("9999-12-31T00:00:00Z");

    /** Why a response cannot be used; caught where the call is known, never outside of this package. */
    static final class Unusable extends Exception {
        final String why;

        Unusable(String why) {
            super(why, null, false, false);
            this.why = why;
        }
    }

    private AccountAnswer() {}

    /** The one account that was read. */
    static Profile profileOf(ClientId asked, Map<?, ?> account) throws Unusable {
        // Without secrets it must at least name the account: not every JSON object is an account.
        boolean namesItself = account.containsKey("clientId") || account.get("secrets") == null;
        if (namesItself && !clientId(account).equals(asked)) {
            throw new Unusable("it is about another account");
        }
        return new Profile(asked, name(account), roles(account), secrets(account));
    }

    private static Optional<String> name(Map<?, ?> account) {
        return account.get("name") instanceof String name ? Optional.of(name) : Optional.empty();
    }

    private static Set<String> roles(Map<?, ?> account) {
        return account.get("roles") instanceof List<?> roles
                ? roles.stream()
                        .filter(String.class::isInstance)
                        .map(String.class::cast)
                        .collect(Collectors.toUnmodifiableSet())
                : Set.of();
    }

    /**
     * The accounts of a list. Entries that cannot be read are left out: most accounts of a list are
     * not managed, and one that is managed is then read by itself.
     */
    static List<Profile> profiles(List<?> entries) {
        var profiles = new ArrayList<Profile>();
        for (Object entry : entries) {
            if (entry instanceof Map<?, ?> account) {
                try {
                    profiles.add(new Profile(clientId(account), name(account), roles(account), secrets(account)));
                } catch (Unusable leftOut) {
                    // Reported when it is read by itself.
                }
            }
        }
        return profiles;
    }

    /**
     * An account's secrets, from Atlas's description of the account. One that was created without a secret may have no
     * list, {@code null} or an empty list: Atlas's API description does not require it.
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
                id(fields, "id", SecretId::new, "a secret"),
                instant(fields, "createdAt"),
                instant(fields, "expiresAt"),
                fields.get("lastUsedAt") == null ? Optional.empty() : Optional.of(instant(fields, "lastUsedAt")),
                fields.get("maskedSecretValue") instanceof String mask ? Optional.of(mask) : Optional.empty());
    }

    private static ClientId clientId(Map<?, ?> account) throws Unusable {
        return id(account, "clientId", ClientId::new, "an account");
    }

    private static <T> T id(Map<?, ?> fields, String key, Function<String, T> reading, String what) throws Unusable {
        try {
            if (fields.get(key) instanceof String text) {
                return reading.apply(text);
            }
        } catch (RotatorException.Credential malformed) {
            // Reported below: here the response is wrong, not a stored value.
        }
        throw new Unusable("%s in it has no readable %s".formatted(what, key));
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
            // Reported below, without the text.
        }
        throw new Unusable("a secret in it has no readable " + key);
    }
}
