package dev.atlasrotator.simulator.secretsmanager;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.atlasrotator.simulator.Call;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One request, read member by member; every read checks the bounds that the API reference gives.
 */
record SecretsRequest(Map<String, Object> members) {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9/_+=.@!-]+");
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/]*={0,2}");

    /** Says so when a test uses what the stand-in does not do, instead of answering wrongly. */
    void refuse(String... unsupported) {
        for (var member : unsupported) {
            if (members.get(member) != null) {
                throw new UnsupportedOperationException(
                        "the Secrets Manager stand-in does not know " + member + ": leave it out or teach it");
            }
        }
    }

    /** Text of a bounded length, in characters; absent and null are the same. */
    Optional<String> text(String member, int min, int max) {
        return switch (members.get(member)) {
            case null -> Optional.empty();
            case String text -> {
                checkLength(member, text, min, max);
                yield Optional.of(text);
            }
            default -> throw wrongType(member);
        };
    }

    String required(String member, int min, int max) {
        return text(member, min, max).orElseThrow(() -> missing(member));
    }

    Optional<Boolean> flag(String member) {
        return switch (members.get(member)) {
            case null -> Optional.empty();
            case Boolean flag -> Optional.of(flag);
            default -> throw wrongType(member);
        };
    }

    Optional<Long> number(String member) {
        return switch (members.get(member)) {
            case null -> Optional.empty();
            case Number number -> Optional.of(number.longValue());
            default -> throw wrongType(member);
        };
    }

    int number(String member, int min, int max, int otherwise) {
        var given = number(member);
        if (given.isEmpty()) {
            return otherwise;
        }
        var value = given.get();
        if (value < min || value > max) {
            throw SecretsManagerErrors.validation("1 validation error detected: Value '"
                    + value
                    + "' at '"
                    + lowerCamel(member)
                    + "' failed to satisfy constraint: Member must have value "
                    + (value < min ? "greater than or equal to " + min : "less than or equal to " + max));
        }
        return value.intValue();
    }

    /**
     * A list of texts; absent and null are the same as empty only to callers that treat them so.
     */
    Optional<List<String>> texts(String member, int countMin, int countMax, int lengthMax) {
        var items = list(member);
        if (items.isEmpty()) {
            return Optional.empty();
        }
        checkCount(member, items.get().size(), countMin, countMax);
        var texts = new ArrayList<String>(items.get().size());
        for (var item : items.get()) {
            if (!(item instanceof String text)) {
                throw wrongType(member);
            }
            checkLength(member, text, 1, lengthMax);
            texts.add(text);
        }
        return Optional.of(texts);
    }

    /** Tags in their order: 1 to 128 characters a key, up to 256 a value, 50 tags a secret. */
    Optional<Map<String, String>> tags(String member) {
        var items = list(member);
        if (items.isEmpty()) {
            return Optional.empty();
        }
        var tags = new LinkedHashMap<String, String>();
        for (var item : items.get()) {
            var tag = new SecretsRequest(object(member, item));
            var key = tag.required("Key", 1, 128);
            if (key.startsWith("aws:")) {
                throw SecretsManagerErrors.invalidParameter("Tag keys can't begin with aws:.");
            }
            tags.put(key, tag.text("Value", 0, 256).orElse(""));
        }
        return Optional.of(tags);
    }

    List<SecretsRequest> objects(String member) {
        return list(member).orElse(List.of()).stream()
                .map(item -> new SecretsRequest(object(member, item)))
                .toList();
    }

    Optional<SecretsRequest> object(String member) {
        var value = members.get(member);
        return value == null ? Optional.empty() : Optional.of(new SecretsRequest(object(member, value)));
    }

    /** A name as the service takes it; the sentence is recorded. */
    String name() {
        var name = required("Name", 1, 512);
        if (!NAME.matcher(name).matches()) {
            throw SecretsManagerErrors.validation(SecretsManagerErrors.INVALID_NAME);
        }
        return name;
    }

    /** A name, an ARN or an ARN without its six last characters. */
    String secretId() {
        return checkedId(required("SecretId", 1, 2048));
    }

    static String checkedId(String id) {
        if (!id.startsWith("arn:") && !NAME.matcher(id).matches()) {
            throw SecretsManagerErrors.validation(SecretsManagerErrors.INVALID_NAME);
        }
        return id;
    }

    /**
     * Which secret a request is about, unchecked, for the ledger and for {@link Call}; empty if
     * about none.
     */
    String subject() {
        return members.get("SecretId") instanceof String id
                ? id
                : members.get("Name") instanceof String name ? name : "";
    }

    /** Which version a request is about, for the ledger; empty if about none. */
    String versionSubject() {
        for (var member : List.of("ClientRequestToken", "VersionId", "MoveToVersionId", "RemoveFromVersionId")) {
            if (members.get(member) instanceof String id) {
                return id;
            }
        }
        return "";
    }

    /**
     * The id of the version to be made; the SDKs fill it in, the service itself never does
     * (recorded).
     */
    Optional<String> token() {
        return text("ClientRequestToken", 32, 64);
    }

    /** The value, or none; text and bytes together are refused. */
    Optional<StoredValue> value() {
        var text = text("SecretString", 1, StoredValue.BYTES_MAX).map(StoredValue::text);
        var bytes = text("SecretBinary", 1, StoredValue.BYTES_MAX * 4 / 3 + 4).map(base64 -> {
            if (!BASE64.matcher(base64).matches()) {
                throw wrongType("SecretBinary");
            }
            return StoredValue.binary(base64);
        });
        text.ifPresent(given -> checkSize(given.reveal()));
        if (text.isPresent() && bytes.isPresent()) {
            throw SecretsManagerErrors.invalidParameter(
                    "You can't specify both a binary secret value and a string secret" + " value in the same secret.");
        }
        return text.or(() -> bytes);
    }

    private Optional<List<?>> list(String member) {
        return switch (members.get(member)) {
            case null -> Optional.empty();
            case List<?> list -> Optional.of(list);
            default -> throw wrongType(member);
        };
    }

    @SuppressWarnings("unchecked") // a JSON object's keys are always text
    private static Map<String, Object> object(String member, Object value) {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        throw wrongType(member);
    }

    /** The limit is in bytes of UTF-8; counting them is left out where characters alone decide. */
    private static void checkSize(String text) {
        if (text.length() * 3L > StoredValue.BYTES_MAX && text.getBytes(UTF_8).length > StoredValue.BYTES_MAX) {
            checkLength("SecretString", "x".repeat(StoredValue.BYTES_MAX + 1), 1, StoredValue.BYTES_MAX);
        }
    }

    private static void checkLength(String member, String text, int min, int max) {
        if (text.length() < min || text.length() > max) {
            // Without the text itself: it may be a value.
            throw SecretsManagerErrors.validation("1 validation error detected: Value at '"
                    + lowerCamel(member)
                    + "' failed to satisfy constraint: Member must have length "
                    + (text.length() < min ? "greater than or equal to " + min : "less than or equal to " + max));
        }
    }

    private static void checkCount(String member, int count, int min, int max) {
        if (count < min || count > max) {
            throw SecretsManagerErrors.validation("1 validation error detected: Value at '"
                    + lowerCamel(member)
                    + "' failed to satisfy constraint: Member must have length "
                    + (count < min ? "greater than or equal to " + min : "less than or equal to " + max));
        }
    }

    private static SecretsManagerError missing(String member) {
        return SecretsManagerErrors.validation("1 validation error detected: Value null at '"
                + lowerCamel(member)
                + "' failed to satisfy constraint: Member must not be null");
    }

    private static SecretsManagerError wrongType(String member) {
        return new SecretsManagerError(
                400, "SerializationException", "Message", member + " is not of the type that the service expects.");
    }

    private static String lowerCamel(String member) {
        return Character.toLowerCase(member.charAt(0)) + member.substring(1);
    }
}
