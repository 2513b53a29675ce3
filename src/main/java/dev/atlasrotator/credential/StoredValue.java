package dev.atlasrotator.credential;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.json.JsonProblem;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
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
    public static final int LIFETIME_HOURS_MIN = 8;

    public static final int LIFETIME_HOURS_MAX = 8760;

    /** The longest value, in bytes of UTF-8 (Secrets Manager's quotas). */
    public static final int BYTES_MAX = 65_536;

    /**
     * A new secret, its id, its binding and both its dates, with their keys and more than they were
     * seen to take.
     */
    private static final int NEW_SECRET_BYTES = 640;

    private static final int ARN_LENGTH_MAX = 2048;

    /**
     * One thing the value may say, and the keys under which it may say it. The first is camel case,
     * the second snake case; what follows is read and kept up to date, and never added.
     */
    private record Field(List<String> keys) {
        static final Field CLIENT_ID = of("clientId", "client_id", "MONGODB_ATLAS_CLIENT_ID");
        static final Field CLIENT_SECRET = of("clientSecret", "client_secret", "MONGODB_ATLAS_CLIENT_SECRET");
        static final Field GROUP_ID = of("groupId", "group_id", "projectId", "project_id", "MONGODB_ATLAS_PROJECT_ID");
        static final Field ORG_ID = of("orgId", "org_id", "MONGODB_ATLAS_ORG_ID");
        static final Field SECRET_ID = of("secretId", "secret_id");
        static final Field BINDING = of("secretBinding", "secret_binding");
        static final Field CREATED_AT = of("createdAt", "created_at");
        static final Field EXPIRES_AT = of("expiresAt", "expires_at");
        static final Field SUPERSEDED = of("supersededSecretId", "superseded_secret_id");
        static final Field LIFETIME = of("secretExpiresAfterHours", "secret_expires_after_hours");
        static final Field ADMIN = of("adminSecretArn", "admin_secret_arn");

        /** No secret stands in them: an error may name one. */
        static final Set<String> ALL_KEYS = Stream.of(
                        CLIENT_ID,
                        CLIENT_SECRET,
                        GROUP_ID,
                        ORG_ID,
                        SECRET_ID,
                        BINDING,
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
            return keys.get(1);
        }
    }

    private final Map<String, Object> json;
    private final Account account;
    private final Optional<Account> otherwise;
    private final List<Sensitive> clientSecrets;
    private final Optional<SecretId> recordedId;
    private final Optional<Binding> binding;
    private final Optional<SecretId> supersededId;
    private final OptionalInt lifetimeHours;
    private final Optional<String> adminSecretArn;

    private StoredValue(Map<String, Object> json) {
        this(
                json,
                distinct(json, Field.CLIENT_SECRET).stream().map(Sensitive::new).toList());
    }

    private StoredValue(Map<String, Object> json, List<Sensitive> clientSecrets) {
        this.json = json;
        this.clientSecrets = clientSecrets;
        var clientId = new ClientId(read(Field.CLIENT_ID)
                .orElseThrow(() -> malformed("has no clientId; store the service" + " account's id under it")));
        var scopes = scopes();
        this.account = new Account(scopes.getFirst(), clientId);
        this.otherwise = scopes.stream().skip(1).findFirst().map(scope -> new Account(scope, clientId));
        // What is said twice and differently decides nothing.
        this.recordedId = Optional.of(distinct(json, Field.SECRET_ID))
                .filter(ids -> ids.size() == 1)
                .map(ids -> new SecretId(ids.getFirst()));
        this.binding = distinct(json, Field.BINDING).stream()
                .findFirst()
                .flatMap(Binding::parse)
                .filter(bound -> clientSecret().isPresent());
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
        return new StoredValue(Json.object(text.reveal())
                .orElseThrow(() -> malformed(
                        "is not a JSON object with each key once: " + JsonProblem.of(text.reveal(), Field.ALL_KEYS))));
    }

    /** The account whose credential this is; of a project, where a project is named. */
    public Account account() {
        return account;
    }

    /**
     * The same account in the organization that the value names beside the project: whose the
     * project is need not be where the account lives.
     */
    public Optional<Account> otherwise() {
        return otherwise;
    }

    /** The secret itself; a value that waits for its first credential has none. */
    public Optional<Sensitive> clientSecret() {
        return clientSecrets.stream().findFirst();
    }

    /**
     * The same value, once for each client secret that it holds in its spellings of that key: only
     * Atlas can say which one is right. A rotation writes the new one in all of them.
     */
    public List<StoredValue> spellings() {
        return clientSecrets.size() < 2
                ? List.of(this)
                : clientSecrets.stream()
                        .map(one -> new StoredValue(json, List.of(one)))
                        .toList();
    }

    /** The keys under which it says different things of its secret; empty where none do. */
    public List<String> disagreeingKeys() {
        return Stream.of(Field.CLIENT_SECRET, Field.SECRET_ID)
                .filter(field -> distinct(json, field).size() > 1)
                .flatMap(field -> field.keys.stream().filter(json::containsKey))
                .toList();
    }

    /** How to sign in with it, where it holds a secret. */
    public Optional<AtlasCredential.ServiceAccountKey> key() {
        return clientSecret().map(secret -> new AtlasCredential.ServiceAccountKey(account.clientId(), secret));
    }

    /**
     * The Atlas id of the secret, as far as this value alone can be believed: where the binding
     * fits, it says so; an id beside a client secret that the binding does not fit is that of the
     * one before.
     */
    public Optional<SecretId> secretId() {
        var secret = clientSecret();
        if (binding.isEmpty() || secret.isEmpty()) {
            return recordedId;
        }
        return isBound()
                ? binding.map(Binding::id)
                : recordedId.filter(id -> !id.equals(binding.get().id()));
    }

    /** Whether {@link #secretId} is certain: it was stored with this very client secret. */
    public boolean isBound() {
        return binding.flatMap(bound -> clientSecret().filter(bound::fits)).isPresent();
    }

    /** The id that is stored under {@code secretId}, whatever it is worth. */
    public Optional<SecretId> recordedId() {
        return recordedId;
    }

    /** What was stored with a client secret, this one or the one before. */
    public Optional<Binding> binding() {
        return binding;
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
        write(next, Field.BINDING, Binding.of(created.id(), secret).text().reveal());
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
        return length + NEW_SECRET_BYTES <= BYTES_MAX;
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
                + secretId().map(SecretId::value).orElse("not recorded")
                + "]";
    }

    /** Under the keys that are there; else in the spelling that the value has the account in. */
    private void write(Map<String, Object> next, Field field, String value) {
        var present = field.keys.stream().filter(json::containsKey).toList();
        present.forEach(key -> next.put(key, value));
        if (present.isEmpty()) {
            boolean snake = json.containsKey(Field.CLIENT_ID.snake());
            if (snake) {
                next.put(field.snake(), value);
            }
            if (!snake || json.containsKey(Field.CLIENT_ID.camel())) {
                next.put(field.camel(), value);
            }
        }
    }

    /** The field's text, under whichever key; the same under all that are there. */
    private Optional<String> read(Field field) {
        var found = distinct(json, field);
        if (found.size() > 1) {
            throw malformed("says two different things about " + field.camel() + " in its two spellings; correct one");
        }
        return found.stream().findFirst();
    }

    /** The different texts under the keys of a field. Empty text counts as absent. */
    private static List<String> distinct(Map<String, Object> json, Field field) {
        var found = new LinkedHashSet<String>();
        for (String key : field.keys) {
            Object value = json.get(key);
            if (value == null || "".equals(value)) {
                continue;
            }
            if (!(value instanceof String text)) {
                throw malformed("has a " + key + " that is not a text");
            }
            found.add(text);
        }
        return List.copyOf(found);
    }

    /** It is printed where it cannot be read, so it must not be anything at all. */
    private static boolean isNoName(String text) {
        return text.length() > ARN_LENGTH_MAX || !text.chars().allMatch(c -> c > ' ' && c <= '~');
    }

    /** Where the account may live; with both, the project counts, and is asked first. */
    private List<Scope> scopes() {
        var project = read(Field.GROUP_ID).<Scope>map(Scope.Project::new);
        var organization = read(Field.ORG_ID)
                // Beside a project it is perhaps not even meant for Atlas.
                .filter(id -> project.isEmpty() || Scope.FORM.matcher(id).matches())
                .<Scope>map(Scope.Organization::new);
        var scopes = Stream.concat(project.stream(), organization.stream()).toList();
        if (scopes.isEmpty()) {
            throw malformed(
                    "has neither groupId (or projectId) nor orgId; store the one that the account" + " belongs to");
        }
        return scopes;
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
            if (hours < LIFETIME_HOURS_MIN || hours > LIFETIME_HOURS_MAX) {
                throw malformed("has a "
                        + key
                        + " of "
                        + hours
                        + "; Atlas takes "
                        + LIFETIME_HOURS_MIN
                        + " to "
                        + LIFETIME_HOURS_MAX);
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
                    return Optional.empty(); // by hand, in a form of its own: a hint that is missing, no
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
