package dev.atlasrotator.credential;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.json.Invisible;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One thing that a stored value may say, and the keys under which it may say it. The first is camel case, the second
 * snake case; what follows is read and kept up to date, and never added.
 */
enum ValueField {
    CLIENT_ID("clientId client_id MONGODB_ATLAS_CLIENT_ID"),
    CLIENT_SECRET("clientSecret client_secret MONGODB_ATLAS_CLIENT_SECRET"),
    GROUP_ID("groupId group_id projectId project_id MONGODB_ATLAS_PROJECT_ID"),
    ORG_ID("orgId org_id MONGODB_ATLAS_ORG_ID"),
    SECRET_ID("secretId secret_id"),
    BINDING("secretBinding secret_binding"),
    CREATED_AT("createdAt created_at"),
    EXPIRES_AT("expiresAt expires_at"),
    SUPERSEDED("supersededSecretId superseded_secret_id"),
    LIFETIME("secretExpiresAfterHours secret_expires_after_hours"),
    ROTATE_AFTER("rotateAfterHours rotate_after_hours"),
    OVERLAP("overlapHours overlap_hours"),
    ADMIN("adminSecretArn admin_secret_arn");

    private static final Pattern WHOLE = Pattern.compile("(-?[0-9]{1,18})(?:\\.0+)?");

    private static final Pattern ATLAS_ID = Pattern.compile(Scope.FORM.pattern(), Pattern.CASE_INSENSITIVE);

    @SuppressWarnings("ImmutableEnumChecker") // List.of is
    private final List<String> keys;

    ValueField(String keys) {
        this.keys = List.of(keys.split(" ", -1));
    }

    /** No secret is in them: an error may name one. */
    static Set<String> allKeys() {
        return Arrays.stream(values()).flatMap(field -> field.keys.stream()).collect(Collectors.toSet());
    }

    private String camel() {
        return keys.getFirst();
    }

    private String snake() {
        return keys.get(1);
    }

    /** The keys that this value has. */
    List<String> present(Map<String, Object> json) {
        return keys.stream().filter(json::containsKey).toList();
    }

    /** The text, under whichever key; the same under all that are there. */
    Optional<String> read(Map<String, Object> json) {
        var found = distinct(json);
        if (found.size() > 1) {
            throw malformed("says two different things about %s in its two spellings; correct one".formatted(camel()));
        }
        return found.stream().findFirst();
    }

    /** The different texts under the keys that look like an Atlas id, but for white space and capital letters. */
    List<String> atlasIds(Map<String, Object> json) {
        return keys.stream()
                .map(json::get)
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .filter(text -> ATLAS_ID.matcher(Invisible.removedFrom(text)).matches())
                .distinct()
                .toList();
    }

    /** The different texts under the keys. Empty text counts as absent. */
    List<String> distinct(Map<String, Object> json) {
        return keys.stream().flatMap(key -> text(json, key).stream()).distinct().toList();
    }

    private static Optional<String> text(Map<String, Object> json, String key) {
        return switch (json.get(key)) {
            case null -> Optional.empty();
            case String text -> Optional.of(text).filter(some -> !some.isEmpty());
            default -> throw malformed("has a %s that is not a text".formatted(key));
        };
    }

    /** Under the keys that are there; else in the spelling that the value has the account in. */
    void write(Map<String, Object> json, String value) {
        var present = present(json);
        present.forEach(key -> json.put(key, value));
        if (present.isEmpty()) {
            boolean snake = json.containsKey(CLIENT_ID.snake());
            if (snake) {
                json.put(snake(), value);
            }
            if (!snake || json.containsKey(CLIENT_ID.camel())) {
                json.put(camel(), value);
            }
        }
    }

    /** A number of hours, or a text with one. */
    OptionalInt hours(Map<String, Object> json) {
        return present(json).stream()
                .filter(key -> json.get(key) != null && !"".equals(json.get(key)))
                .mapToInt(key -> hours(key, String.valueOf(json.get(key))))
                .findFirst();
    }

    /** However large or small: what is out of bounds is clamped, and stops no rotation. */
    private static int hours(String key, String value) {
        var whole = WHOLE.matcher(value);
        if (!whole.matches()) {
            throw malformed("has a %s that is not a whole number of hours".formatted(key));
        }
        return Math.clamp(Long.parseLong(whole.group(1)), Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    void remove(Map<String, Object> json) {
        json.keySet().removeAll(keys);
    }

    static RotatorException malformed(String what) {
        return new RotatorException.Credential("the stored value " + what);
    }
}
