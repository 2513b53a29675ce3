package dev.atlasrotator.credential;

import static dev.atlasrotator.credential.ValueField.malformed;

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
import java.util.stream.Stream;

/**
 * The JSON object that a stored secret holds. It reads camel case and snake case as the same,
 * writes in the spelling that it found (in both, where it found both), and keeps every key that is
 * not ours as it was, in its order.
 */
public final class StoredValue {
    /** The longest value, in bytes of UTF-8 (Secrets Manager's quotas). */
    public static final int BYTES_MAX = 65_536;

    /**
     * A new secret, its id, its binding and both its dates, with their keys and more than they were
     * seen to take.
     */
    private static final int NEW_SECRET_BYTES = 640;

    private static final int ARN_LENGTH_MAX = 2048;

    private final Map<String, Object> json;
    private final Account account;
    private final List<Account> otherwise;
    private final List<Sensitive> clientSecrets;
    private final Optional<SecretId> recordedId;
    private final Optional<Binding> binding;
    private final Optional<SecretId> supersededId;
    private final OwnTimes ownTimes;
    private final Optional<String> adminSecretArn;

    private StoredValue(Map<String, Object> json) {
        this(
                json,
                ValueField.CLIENT_SECRET.distinct(json).stream()
                        .map(Sensitive::new)
                        .toList());
    }

    private StoredValue(Map<String, Object> json, List<Sensitive> clientSecrets) {
        this.json = json;
        this.clientSecrets = clientSecrets;
        var clientId = new ClientId(ValueField.CLIENT_ID
                .read(json)
                .orElseThrow(() -> malformed("has no clientId; store the service account's id under it")));
        var scopes = scopes();
        this.account = new Account(scopes.getFirst(), clientId);
        this.otherwise = scopes.stream()
                .skip(1)
                .map(scope -> new Account(scope, clientId))
                .toList();
        // What is said twice and differently decides nothing.
        this.recordedId = Optional.of(ValueField.SECRET_ID.distinct(json))
                .filter(ids -> ids.size() == 1)
                .map(ids -> new SecretId(ids.getFirst()));
        this.binding = ValueField.BINDING.distinct(json).stream()
                .findFirst()
                .flatMap(Binding::parse)
                .filter(bound -> clientSecret().isPresent());
        this.supersededId = ValueField.SUPERSEDED.read(json).map(SecretId::new);
        this.ownTimes = new OwnTimes(
                ValueField.LIFETIME.hours(json), ValueField.ROTATE_AFTER.hours(json), ValueField.OVERLAP.hours(json));
        this.adminSecretArn = ValueField.ADMIN.read(json);
        if (adminSecretArn.filter(StoredValue::isNoName).isPresent()) {
            throw malformed("has an adminSecretArn that is neither a name nor an ARN");
        }
    }

    /**
     * Reads a value.
     *
     * @throws RotatorException.Credential if it is not a JSON object, lacks a field, or a field is
     *     malformed; the message names the field or the place, and never what is there
     */
    public static StoredValue parse(Sensitive text) {
        return new StoredValue(Json.object(text.reveal())
                .orElseThrow(() -> malformed("is not a JSON object with each key once: "
                        + JsonProblem.of(text.reveal(), ValueField.allKeys()))));
    }

    /** The account whose credential this is; of a project, where a project is named. */
    public Account account() {
        return account;
    }

    /**
     * The same account in the other projects and organizations that the value names: an application
     * may keep its own project there.
     */
    public List<Account> otherwise() {
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
        return Stream.of(ValueField.CLIENT_SECRET, ValueField.SECRET_ID)
                .filter(field -> field.distinct(json).size() > 1)
                .flatMap(field -> field.present(json).stream())
                .toList();
    }

    /** Where the secret has white space, which none of Atlas's has, in words that follow its name. */
    public Optional<String> whitespace() {
        return clientSecret().flatMap(secret -> Whitespace.in(secret.reveal()));
    }

    /** How to authenticate with it, where it holds a secret. */
    public Optional<AtlasCredential.ServiceAccountKey> key() {
        return clientSecret().map(secret -> new AtlasCredential.ServiceAccountKey(account.clientId(), secret));
    }

    /**
     * The Atlas id of the secret, as far as this value alone can be believed: where the binding
     * fits, it says so; an id beside a client secret that the binding does not fit is that of the
     * one before.
     */
    public Optional<SecretId> secretId() {
        var bound = binding.map(Binding::id);
        return isBound() ? bound : recordedId.filter(id -> !bound.equals(Optional.of(id)));
    }

    /** Whether {@link #secretId} is certain: it was stored with this very client secret. */
    public boolean isBound() {
        return binding.flatMap(bound -> clientSecret().filter(bound::fits)).isPresent();
    }

    /** The id that is stored under {@code secretId}, whatever it is worth. */
    public Optional<SecretId> recordedId() {
        return recordedId;
    }

    /** Whether the other value differs at most in what people record of the secret: its id and its dates. */
    public boolean isSameButForItsRecord(StoredValue other) {
        return withoutItsRecord().equals(other.withoutItsRecord());
    }

    private Map<String, Object> withoutItsRecord() {
        var rest = new LinkedHashMap<>(json);
        ValueField.SECRET_ID.remove(rest);
        ValueField.CREATED_AT.remove(rest);
        ValueField.EXPIRES_AT.remove(rest);
        return rest;
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
     * This account's own times in hours, as they are in the value: {@code RotationTimes} has their bounds.
     *
     * @param lifetime of its next secret
     * @param rotateAfter the age at which its secret is due
     * @param overlap how long a superseded secret is kept
     */
    public record OwnTimes(OptionalInt lifetime, OptionalInt rotateAfter, OptionalInt overlap) {
        static final OwnTimes NONE = new OwnTimes(OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty());

        public boolean isEmpty() {
            return equals(NONE);
        }
    }

    public OwnTimes ownTimes() {
        return ownTimes;
    }

    /**
     * Name or ARN of the stored secret with the admin credential for this account, where the value
     * names one.
     */
    public Optional<String> adminSecretArn() {
        return adminSecretArn;
    }

    /**
     * The recorded expiry of the secret, where it is recorded and readable; Atlas may have moved it
     * since.
     */
    public Optional<Instant> expiresAt() {
        return ValueField.EXPIRES_AT.present(json).stream()
                .map(json::get)
                .filter(String.class::isInstance)
                .findFirst()
                .flatMap(text -> instant(text.toString()));
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeException written) {
            return Optional.empty(); // by hand, in a form of its own: a hint that is missing, no more
        }
    }

    /**
     * The other keys under which it holds its client secret: a consumer may read it there. Only what has the form of an
     * Atlas secret is told from a placeholder.
     */
    public List<String> copies() {
        var spellings = ValueField.CLIENT_SECRET.present(json);
        var values = clientSecrets.stream()
                .map(Sensitive::reveal)
                .filter(Sensitive::isAtlasSecret)
                .toList();
        return json.entrySet().stream()
                .filter(entry -> entry.getValue() instanceof String text && values.contains(text))
                .map(Map.Entry::getKey)
                .filter(key -> !spellings.contains(key))
                .toList();
    }

    /** The same value with a new secret in it, and what Atlas said of that secret. */
    public StoredValue with(AtlasSecret created, Sensitive secret) {
        var next = new LinkedHashMap<>(json);
        ValueField.SUPERSEDED.remove(next);
        copies().forEach(key -> next.put(key, secret.reveal()));
        ValueField.CLIENT_SECRET.write(next, secret.reveal());
        ValueField.SECRET_ID.write(next, created.id().value());
        ValueField.BINDING.write(next, Binding.of(created.id(), secret).text().reveal());
        ValueField.CREATED_AT.write(next, created.createdAt().toString());
        ValueField.EXPIRES_AT.write(next, created.expiresAt().toString());
        return new StoredValue(next);
    }

    /**
     * The same value, which also records the secret before it: a value that somebody else stored
     * without its id can record it nowhere else, since a version never changes.
     */
    public StoredValue superseding(SecretId before) {
        var next = new LinkedHashMap<>(json);
        ValueField.SUPERSEDED.write(next, before.value());
        return new StoredValue(next);
    }

    /**
     * Whether a new secret can be written into this value without making it too long to be stored.
     */
    public boolean hasRoom() {
        int length = Json.text(json).getBytes(StandardCharsets.UTF_8).length;
        return length + NEW_SECRET_BYTES <= BYTES_MAX;
    }

    /** Who can read it, by its keys ({@code docs/consumers.md}). */
    public List<String> readers() {
        return Reader.of(json.keySet());
    }

    /** The text to store. */
    public Sensitive text() {
        return new Sensitive(Json.text(json));
    }

    @Override
    public String toString() {
        return "StoredValue[%s, secretId %s]"
                .formatted(account, secretId().map(SecretId::value).orElse("not recorded"));
    }

    /** It is printed where it cannot be used, so it must be printable, and no secret. */
    private static boolean isNoName(String text) {
        return text.length() > ARN_LENGTH_MAX
                || !text.chars().allMatch(c -> c > ' ' && c <= '~')
                || Sensitive.isAtlasSecret(text);
    }

    /** Where the account may live, the projects first; the first one counts, and is asked first. */
    private List<Scope> scopes() {
        var projects = ValueField.GROUP_ID.atlasIds(json);
        var organizations = ValueField.ORG_ID.atlasIds(json);
        // Beside an id of Atlas's form, what has not that form is perhaps not even meant for Atlas.
        boolean isAny = !projects.isEmpty() || !organizations.isEmpty();
        var scopes = Stream.<Scope>concat(
                        (isAny ? projects.stream() : ValueField.GROUP_ID.read(json).stream()).map(Scope.Project::new),
                        (isAny ? organizations.stream() : ValueField.ORG_ID.read(json).stream())
                                .map(Scope.Organization::new))
                .toList();
        if (scopes.isEmpty()) {
            throw malformed("has neither groupId (or projectId) nor orgId; store the one that the account belongs to");
        }
        return scopes;
    }
}
