package dev.atlasrotator.atlas;

import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.json.Json;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Reads any error body and requires no field of it: an API error ({@code error} is a number), an OAuth error ({@code
 * error} is a code), HTML of a proxy, or nothing.
 *
 * @param code Atlas's {@code errorCode}, or OAuth's {@code error}; else empty
 * @param detail Atlas's description of it, safe to print; else empty
 * @param fields the fields of the request that it names as wrong
 */
record AtlasError(String code, String detail, List<String> fields) {
    private static final AtlasError NONE = new AtlasError("", "", List.of());
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
        var violations = violations(json);
        var described = violations.stream()
                .map(one -> " (%s: %s)".formatted(one.get("field"), one.get("description")))
                .collect(Collectors.joining());
        return new AtlasError(
                ForeignText.code(code, secrets),
                ForeignText.clean(detail + described, secrets),
                violations.stream().map(one -> String.valueOf(one.get("field"))).toList());
    }

    /** {@code badRequestDetail.fields}: the fields of the request that are wrong. */
    private static List<? extends Map<?, ?>> violations(Map<String, Object> json) {
        return json.get("badRequestDetail") instanceof Map<?, ?> wrong && wrong.get("fields") instanceof List<?> fields
                ? fields.stream()
                        .limit(VIOLATIONS_MAX)
                        .filter(Map.class::isInstance)
                        .map(entry -> (Map<?, ?>) entry)
                        .toList()
                : List.of();
    }

    private static Optional<String> text(Map<String, Object> json, String key) {
        return json.get(key) instanceof String text && !text.isBlank() ? Optional.of(text) : Optional.empty();
    }
}
