package dev.atlasrotator.simulator.atlas;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Fault.Moment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Error answers as Atlas gives them: those of its rules, and those with which a test breaks a call.
 * The two shapes are told apart by {@code error}: an int in an API error, a text in an OAuth error
 * (RFC 6749, section 5.2).
 */
public final class AtlasErrors {
    static final JSON JSON_WITH_NULLS = JSON.std.with(JSON.Feature.WRITE_NULL_PROPERTIES);

    private static final Map<String, String> AS_JSON = Map.of("content-type", "application/json");

    private AtlasErrors() {}

    /** 500 in the API's shape. */
    public static Fault internalError(Moment moment) {
        return api(moment, 500, "UNEXPECTED_ERROR", "Unexpected error.");
    }

    /** 503 without a body that says more. */
    public static Fault unavailable(Moment moment) {
        return new Fault.Answer(moment, 503, Map.of("content-type", "text/plain"), "Service Unavailable");
    }

    /** A page of something in front of Atlas. */
    public static Fault html(Moment moment, int status) {
        return new Fault.Answer(
                moment,
                status,
                Map.of("content-type", "text/html; charset=utf-8"),
                "<html><head><title>Error</title></head><body><h1>Sorry</h1></body></html>");
    }

    /** 429 that says for how long. */
    public static Fault tooManyRequests(int retryAfterSeconds) {
        AtlasAnswer answer = rateLimited().with("retry-after", Integer.toString(retryAfterSeconds));
        return new Fault.Answer(Moment.BEFORE_EFFECT, answer.status(), answer.headers(), answer.text());
    }

    /** Any status in the API's shape, with the code in the header too, as it sometimes is. */
    public static Fault api(Moment moment, int status, String errorCode, String detail) {
        AtlasAnswer answer = apiError(status, errorCode, detail);
        return new Fault.Answer(
                moment, status, answer.with("x-error-code", errorCode).headers(), answer.text());
    }

    static AtlasAnswer rateLimited() {
        return apiError(429, "RATE_LIMITED_TOKEN_BUCKET", "Too many requests.");
    }

    static AtlasAnswer apiError(int status, String errorCode, String detail) {
        return AtlasAnswer.of(status, AS_JSON, json(apiBody(status, errorCode, detail)));
    }

    /** 400 that names the field. */
    static AtlasAnswer badField(String errorCode, String field, String description) {
        Map<String, Object> body = apiBody(400, errorCode, "Invalid attribute " + field + " specified.");
        body.put("parameters", List.of(field));
        body.put("badRequestDetail", Map.of("fields", List.of(Map.of("field", field, "description", description))));
        return AtlasAnswer.of(400, AS_JSON, json(body));
    }

    static AtlasAnswer oauthError(int status, String error, String description) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("error", error);
        body.put("error_description", description);
        return AtlasAnswer.of(status, AS_JSON, json(body));
    }

    private static Map<String, Object> apiBody(int status, String errorCode, String detail) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("error", status);
        body.put("errorCode", errorCode);
        body.put("detail", detail);
        body.put("reason", reason(status));
        body.put("parameters", null);
        body.put("badRequestDetail", null);
        return body;
    }

    static String json(Map<String, ?> body) {
        try {
            return JSON_WITH_NULLS.asString(body);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static String reason(int status) {
        return switch (status) {
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 402 -> "Payment Required";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 406 -> "Not Acceptable";
            case 409 -> "Conflict";
            case 415 -> "Unsupported Media Type";
            case 429 -> "Too Many Requests";
            case 500 -> "Internal Server Error";
            default -> "Error";
        };
    }
}
