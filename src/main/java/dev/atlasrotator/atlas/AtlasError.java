package dev.atlasrotator.atlas;

import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.json.Json;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads any error body and requires no field of it: an API error ({@code error} is a number), an OAuth error ({@code
 * error} is a code), HTML of a proxy, or nothing.
 *
 * @param code Atlas's {@code errorCode}, or OAuth's {@code error}; else empty
 * @param detail Atlas's description of it, safe to print; else empty
 */
record AtlasError(String code, String detail) {
    private static final AtlasError NONE = new AtlasError("", "");
    private static final int VIOLATIONS_MAX = 3;

    /** The error in a response; empty for a successful one, since that may hold secrets. */
    static AtlasError in(int status, HttpHeaders headers, Sensitive body, List<Sensitive> secrets) {
        if (status < 400) {
            return NONE;
        }
        Map<String, Object> json = Json.object(body.reveal()).orElse(Map.of());
        var code = text(json, "errorCode")
                .or(() -> headers.firstValue("X-Error-Code"))
                .or(() -> text(json, "error"))
                .orElse("");
        var detail = text(json, "detail")
                .or(() -> text(json, "error_description"))
                .or(() -> text(json, "reason"))
                .orElse("");
        return new AtlasError(ForeignText.code(code, secrets), ForeignText.clean(detail + violations(json), secrets));
    }

    /** {@code badRequestDetail.fields}: the fields of the request that are wrong. */
    private static String violations(Map<String, Object> json) {
        return json.get("badRequestDetail") instanceof Map<?, ?> wrong && wrong.get("fields") instanceof List<?> fields
                ? fields.stream()
                        .limit(VIOLATIONS_MAX)
                        .map(AtlasError::violation)
                        .collect(Collectors.joining())
                : "";
    }

    private static String violation(@Nullable Object entry) {
        return entry instanceof Map<?, ?> field
                ? " (%s: %s)".formatted(field.get("field"), field.get("description"))
                : "";
    }

    private static Optional<String> text(Map<String, Object> json, String key) {
        return json.get(key) instanceof String text && !text.isBlank() ? Optional.of(text) : Optional.empty();
    }
}
