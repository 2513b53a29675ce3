package dev.atlasrotator.fake;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.atlasrotator.fake.Fault.Moment;
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

    /** Transient in spite of its status. */
    public static Fault writesNotAllowed() {
        return api(Moment.BEFORE_EFFECT, 405, "WRITES_NOT_ALLOWED_DURING_APP_UPGRADES", "Try again after the upgrade.");
    }

    /** Not transient. */
    public static Fault accountSuspended() {
        return api(Moment.BEFORE_EFFECT, 402, "ACCOUNT_SUSPENDED", "The account is suspended.");
    }

    /** Two creates at once, as seen by the one that loses. */
    public static Fault dataConcurrency() {
        return api(Moment.BEFORE_EFFECT, 409, "DATA_CONCURRENCY_ERROR", "The data was changed by another request.");
    }

    /** A page of something in front of Atlas. */
    public static Fault html(Moment moment, int status) {
        return new Fault.Answer(
                moment,
                status,
                Map.of("content-type", "text/html; charset=utf-8"),
                "<html><head><title>Error</title></head><body><h1>Sorry</h1></body></html>");
    }

    /** A 401 as it really comes at times: no {@code errorCode}. */
    public static Fault unauthorizedWithoutCode() {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("error", 401);
        body.put("reason", "Unauthorized");
        body.put("detail", "You are not authorized for this resource.");
        return new Fault.Answer(Moment.BEFORE_EFFECT, 401, AS_JSON, json(body));
    }

    /** The access list's 403: the credential itself is good. */
    public static Fault notOnAccessList() {
        return api(Moment.BEFORE_EFFECT, 403, "IP_ADDRESS_NOT_ON_ACCESS_LIST", "Address not on the access list.");
    }

    /** 429 that says for how long. */
    public static Fault tooManyRequests(int retryAfterSeconds) {
        AtlasAnswer answer = rateLimited().with("retry-after", Integer.toString(retryAfterSeconds));
        return new Fault.Answer(Moment.BEFORE_EFFECT, answer.status(), answer.headers(), answer.text());
    }

    /** 429 that does not say for how long. */
    public static Fault tooManyRequests() {
        AtlasAnswer answer = rateLimited();
        return new Fault.Answer(Moment.BEFORE_EFFECT, answer.status(), answer.headers(), answer.text());
    }

    /** Any status in the API's shape, with the code in the header too, as it sometimes is. */
    public static Fault api(Moment moment, int status, String errorCode, String detail) {
        AtlasAnswer answer = apiError(status, errorCode, detail);
        return new Fault.Answer(
                moment, status, answer.with("x-error-code", errorCode).headers(), answer.text());
    }

    /** Any error of the token endpoint in its own shape. */
    public static Fault oauth(int status, String error, String description) {
        AtlasAnswer answer = oauthError(status, error, description);
        return new Fault.Answer(Moment.BEFORE_EFFECT, status, answer.headers(), answer.text());
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
