package dev.atlasrotator.credential;

import dev.atlasrotator.failure.RotatorException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One thing that a stored value may say, and the keys under which it may say it. The first is camel case, the second
 * snake case; what follows is read and kept up to date, and never added.
 */
enum ValueField {
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
    ADMIN;

    private List<String> keys() {
        return switch (this) {
            case CLIENT_ID -> List.of("clientId", "client_id", "MONGODB_ATLAS_CLIENT_ID");
            case CLIENT_SECRET -> List.of("clientSecret", "client_secret", "MONGODB_ATLAS_CLIENT_SECRET");
            case GROUP_ID -> List.of("groupId", "group_id", "projectId", "project_id", "MONGODB_ATLAS_PROJECT_ID");
            case ORG_ID -> List.of("orgId", "org_id", "MONGODB_ATLAS_ORG_ID");
            case SECRET_ID -> List.of("secretId", "secret_id");
            case BINDING -> List.of("secretBinding", "secret_binding");
            case CREATED_AT -> List.of("createdAt", "created_at");
            case EXPIRES_AT -> List.of("expiresAt", "expires_at");
            case SUPERSEDED -> List.of("supersededSecretId", "superseded_secret_id");
            case LIFETIME -> List.of("secretExpiresAfterHours", "secret_expires_after_hours");
            case ADMIN -> List.of("adminSecretArn", "admin_secret_arn");
        };
    }

    /** No secret is in them: an error may name one. */
    static Set<String> allKeys() {
        return Arrays.stream(values()).flatMap(field -> field.keys().stream()).collect(Collectors.toSet());
    }

    private String camel() {
        return keys().getFirst();
    }

    private String snake() {
        return keys().get(1);
    }

    /** The keys that this value has. */
    List<String> present(Map<String, Object> json) {
        return keys().stream().filter(json::containsKey).toList();
    }

    /** The text, under whichever key; the same under all that are there. */
    Optional<String> read(Map<String, Object> json) {
        var found = distinct(json);
        if (found.size() > 1) {
            throw malformed("says two different things about %s in its two spellings; correct one".formatted(camel()));
        }
        return found.stream().findFirst();
    }

    /** The different texts under the keys. Empty text counts as absent. */
    List<String> distinct(Map<String, Object> json) {
        var found = new LinkedHashSet<String>();
        for (String key : keys()) {
            Object value = json.get(key);
            if (value == null || "".equals(value)) {
                continue;
            }
            if (!(value instanceof String text)) {
                throw malformed("has a %s that is not a text".formatted(key));
            }
            found.add(text);
        }
        return List.copyOf(found);
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

    void remove(Map<String, Object> json) {
        json.keySet().removeAll(keys());
    }

    static RotatorException malformed(String what) {
        return new RotatorException.Credential("the stored value " + what);
    }
}
