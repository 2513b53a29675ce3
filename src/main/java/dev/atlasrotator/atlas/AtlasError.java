package dev.atlasrotator.atlas;

import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.json.Json;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads any error body and requires no field of it: an API error ({@code error} is a number), an OAuth error ({@code
 * error} is a code), HTML of a proxy, or nothing.
 *
 * @param code Atlas's {@code errorCode}, or OAuth's {@code error}; else empty
 * @param detail Atlas's description of it, safe to print; else empty
 * @param object whether the body is a JSON object, so that it probably is from Atlas
 */
record AtlasError(String code, String detail, boolean object) {
    private static final AtlasError NONE = new AtlasError("", "", false);
    private static final int VIOLATIONS_MAX = 3;

    /** The error in a response; empty for a successful one, since that may hold secrets. */
    static AtlasError in(int status, HttpHeaders headers, Sensitive body, List<Sensitive> secrets) {
        if (status < 400) {
            return NONE;
        }
        var read = Json.object(body.reveal());
        Map<String, Object> json = read.orElse(Map.of());
        var code = text(json, "errorCode")
                .or(() -> headers.firstValue("X-Error-Code"))
                .or(() -> text(json, "error"))
                .orElse("");
        var detail = text(json, "detail")
                .or(() -> text(json, "error_description"))
                .or(() -> text(json, "reason"))
                .orElse("");
        return new AtlasError(
                ForeignText.code(code, secrets),
                ForeignText.clean(detail + violations(json), secrets),
                read.isPresent());
    }

    /** {@code badRequestDetail.fields}: the fields of the request that are wrong. */
    private static String violations(Map<String, Object> json) {
        var all = new StringBuilder();
        if (json.get("badRequestDetail") instanceof Map<?, ?> wrong && wrong.get("fields") instanceof List<?> fields) {
            fields.stream()
                    .limit(VIOLATIONS_MAX)
                    .filter(Map.class::isInstance)
                    .map(Map.class::cast)
                    .forEach(field -> all.append(" (")
                            .append(field.get("field"))
                            .append(": ")
                            .append(field.get("description"))
                            .append(')'));
        }
        return all.toString();
    }

    private static Optional<String> text(Map<String, Object> json, String key) {
        return json.get(key) instanceof String text && !text.isBlank() ? Optional.of(text) : Optional.empty();
    }
}
