package dev.atlasrotator.credential;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.json.JsonProblem;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The JSON object that a stored secret holds. It reads camel case and snake case as the same,
 * writes in the spelling that it found (in both, where it found both), and keeps every key that is
 * not ours as it was, in its order.
 */
public final class StoredValue {
    /** Bounds of Atlas's {@code secretExpiresAfterHours}, in hours (Atlas's API documentation). */
    public static final int LIFETIME_HOURS_LEAST = 8;

    public static final int LIFETIME_HOURS_MOST = 8760;

    /** The longest value, in bytes of UTF-8 (Secrets Manager's quotas). */
    public static final int BYTES_MOST = 65_536;

    /**
     * A new secret, its id and both its dates, with their keys and more than they were seen to
     * take.
     */
    private static final int NEW_SECRET_BYTES = 512;

    private static final int ARN_LENGTH_MOST = 2048;

    /**
     * One thing the value may say, and the keys under which it may say it: camel case first, snake
     * case last.
     */
    private record Field(List<String> keys) {
        static final Field CLIENT_ID = of("clientId", "client_id");
        static final Field CLIENT_SECRET = of("clientSecret", "client_secret");
        static final Field GROUP_ID = of("groupId", "projectId", "group_id", "project_id");
        static final Field ORG_ID = of("orgId", "org_id");
        static final Field SECRET_ID = of("secretId", "secret_id");
        static final Field CREATED_AT = of("createdAt", "created_at");
        static final Field EXPIRES_AT = of("expiresAt", "expires_at");
        static final Field SUPERSEDED = of("supersededSecretId", "superseded_secret_id");
        static final Field LIFETIME = of("secretExpiresAfterHours", "secret_expires_after_hours");
        static final Field ADMIN = of("adminSecretArn", "admin_secret_arn");

        /** The keys under which ours are looked for. */
        static final Set<String> ALL_KEYS =
                Stream.of(
                                CLIENT_ID,
                                CLIENT_SECRET,
                                GROUP_ID,
                                ORG_ID,
                                SECRET_ID,
                                CREATED_AT,
                                EXPIRES_AT,
                                SUPERSEDED,
                                LIFETIME,
                                ADMIN)
                        .flatMap(field -> field.keys.stream())
                        .collect(Collectors.toUnmodifiableSet());

        private static Field of(String... keys) {
            return new Field(List.of(keys));
        }

        String camel() {
            return keys.getFirst();
        }

        String snake() {
            return keys.getLast();
        }
    }

    private final Map<String, Object> json;
    private final Account account;
    private final Optional<Sensitive> clientSecret;
    private final Optional<SecretId> secretId;
    private final Optional<SecretId> supersededId;
    private final OptionalInt lifetimeHours;
    private final Optional<String> adminSecretArn;

    private StoredValue(Map<String, Object> json) {
        this.json = json;
        var clientId =
                new ClientId(
                        read(Field.CLIENT_ID)
                                .orElseThrow(
                                        () ->
                                                malformed(
                                                        "has no clientId; store the service"
                                                                + " account's id under it")));
        this.account = new Account(scope(), clientId);
        this.clientSecret = read(Field.CLIENT_SECRET).map(Sensitive::new);
        this.secretId = read(Field.SECRET_ID).map(SecretId::new);
        this.supersededId = read(Field.SUPERSEDED).map(SecretId::new);
        this.lifetimeHours = lifetime();
        this.adminSecretArn = read(Field.ADMIN);
        if (adminSecretArn.filter(StoredValue::isNoName).isPresent()) {
            throw malformed("has an adminSecretArn that is neither a name nor an ARN");
        }
    }

    /**
     * Reads a value.
     *
     * @throws RotatorException.Credential if it is not a JSON object, lacks a field, or a field is
     *     malformed; the message names the field or the place, and never what stands there
     */
    public static StoredValue parse(Sensitive text) {
        return new StoredValue(
                Json.object(text.reveal())
                        .orElseThrow(
                                () ->
                                        malformed(
                                                "is not a JSON object with each key once: "
                                                        + JsonProblem.of(
                                                                text.reveal(), Field.ALL_KEYS))));
    }

    /** The account whose credential this is. */
    public Account account() {
        return account;
    }

    /** The secret itself; a value that waits for its first credential has none. */
    public Optional<Sensitive> clientSecret() {
        return clientSecret;
    }

    /** How to sign in with it, where it holds a secret. */
    public Optional<AtlasCredential.ServiceAccountKey> key() {
        return clientSecret.map(
                secret -> new AtlasCredential.ServiceAccountKey(account.clientId(), secret));
    }

    /** The Atlas id of the secret, where somebody recorded it. */
    public Optional<SecretId> secretId() {
        return secretId;
    }

    /**
     * The Atlas id of the secret that this one has superseded, where the older value does not
     * record it.
     */
    public Optional<SecretId> supersededId() {
        return supersededId;
    }

    /**
     * How long this account's next secret shall live, in hours, 8 to 8760, where the value says so.
     */
    public OptionalInt lifetimeHours() {
        return lifetimeHours;
    }

    /**
     * Name or ARN of the stored secret with the admin credential for this account, where the value
     * names one.
     */
    public Optional<String> adminSecretArn() {
        return adminSecretArn;
    }

    /**
     * The recorded end of the secret, where it is recorded and readable; Atlas may have moved it
     * since.
     */
    public Optional<Instant> expiresAt() {
        return instant(Field.EXPIRES_AT);
    }

    /** The same value with a new secret in it, and what Atlas said of that secret. */
    public StoredValue with(AtlasSecret created, Sensitive secret) {
        var next = new LinkedHashMap<>(json);
        next.keySet().removeAll(Field.SUPERSEDED.keys);
        write(next, Field.CLIENT_SECRET, secret.reveal());
        write(next, Field.SECRET_ID, created.id().value());
        write(next, Field.CREATED_AT, created.createdAt().toString());
        write(next, Field.EXPIRES_AT, created.expiresAt().toString());
        return new StoredValue(next);
    }

    /**
     * The same value, which also records the secret before it: a value that somebody else stored
     * without its id can say it nowhere else, since a version never changes.
     */
    public StoredValue superseding(SecretId before) {
        var next = new LinkedHashMap<>(json);
        write(next, Field.SUPERSEDED, before.value());
        return new StoredValue(next);
    }

    /**
     * Whether a new secret can be written into this value without making it too long to be stored.
     */
    public boolean hasRoom() {
        int length = Json.text(json).getBytes(StandardCharsets.UTF_8).length;
        return length + NEW_SECRET_BYTES <= BYTES_MOST;
    }

    /** The text to store. */
    public Sensitive text() {
        return new Sensitive(Json.text(json));
    }

    @Override
    public String toString() {
        return "StoredValue["
                + account
                + ", secretId "
                + secretId.map(SecretId::value).orElse("not recorded")
                + "]";
    }

    private void write(Map<String, Object> next, Field field, String value) {
        boolean camel = json.containsKey(field.camel());
        boolean snake = json.containsKey(field.snake());
        if (!camel && !snake) { // the spelling of the field that every value has
            camel = json.containsKey(Field.CLIENT_ID.camel());
            snake = json.containsKey(Field.CLIENT_ID.snake());
        }
        if (camel) {
            next.put(field.camel(), value);
        }
        if (snake) {
            next.put(field.snake(), value);
        }
    }

    /**
     * The field's text, under whichever key; the same under all that are there. Empty text counts
     * as absent.
     */
    private Optional<String> read(Field field) {
        Optional<String> found = Optional.empty();
        for (String key : field.keys) {
            Object value = json.get(key);
            if (value == null || "".equals(value)) {
                continue;
            }
            if (!(value instanceof String text)) {
                throw malformed("has a " + key + " that is not a text");
            }
            if (found.isPresent() && !found.get().equals(text)) {
                throw malformed(
                        "says two different things about "
                                + field.camel()
                                + " in its two spellings; correct one");
            }
            found = Optional.of(text);
        }
        return found;
    }

    /** It is printed where it cannot be read, so it must not be anything at all. */
    private static boolean isNoName(String text) {
        return text.length() > ARN_LENGTH_MOST || !text.chars().allMatch(c -> c > ' ' && c <= '~');
    }

    private Scope scope() {
        var project = read(Field.GROUP_ID);
        var organization = read(Field.ORG_ID);
        if (project.isPresent()) { // with both, the project counts
            return new Scope.Project(project.get());
        }
        return new Scope.Organization(
                organization.orElseThrow(
                        () ->
                                malformed(
                                        "has neither groupId (or projectId) nor orgId; store the"
                                                + " one that the account belongs to")));
    }

    private OptionalInt lifetime() {
        for (String key : Field.LIFETIME.keys) {
            Object value = json.get(key);
            if (value == null) {
                continue;
            }
            if (!value.toString().matches("[0-9]{1,5}")) {
                throw malformed("has a " + key + " that is not a whole number of hours");
            }
            int hours = Integer.parseInt(value.toString());
            if (hours < LIFETIME_HOURS_LEAST || hours > LIFETIME_HOURS_MOST) {
                throw malformed(
                        "has a "
                                + key
                                + " of "
                                + hours
                                + "; Atlas takes "
                                + LIFETIME_HOURS_LEAST
                                + " to "
                                + LIFETIME_HOURS_MOST);
            }
            return OptionalInt.of(hours);
        }
        return OptionalInt.empty();
    }

    private Optional<Instant> instant(Field field) {
        for (String key : field.keys) {
            if (json.get(key) instanceof String text) {
                try {
                    return Optional.of(Instant.parse(text));
                } catch (DateTimeException written) {
                    return Optional
                            .empty(); // by hand, in a form of its own: a hint that is missing, no
                    // more
                }
            }
        }
        return Optional.empty();
    }

    private static RotatorException malformed(String what) {
        return new RotatorException.Credential("the stored value " + what);
    }
}
