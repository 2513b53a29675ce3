package dev.atlasrotator.simulator.atlas;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Well-formed requests to the stand-in, for its own tests: what a client with no mistakes would
 * send.
 */
record AtlasCalls(AtlasService atlas) {
    static final String VERSION = "application/vnd.atlas.2024-08-05+json";

    /** The answer, whoever wrote it. */
    AtlasAnswer send(AtlasRequest request) {
        return switch (atlas.exchange(request)) {
            case AtlasOutcome.Answered answered -> answered.answer();
            case AtlasOutcome.Closed() -> throw new IllegalStateException("closed: " + request);
        };
    }

    AtlasAnswer mint(String clientId, String value) {
        return send(oauth("token", clientId, value, "grant_type=client_credentials"));
    }

    String token(String clientId, IssuedCredential secret) {
        return (String) json(mint(clientId, secret.value())).getOrDefault("access_token", "");
    }

    AtlasAnswer revoke(String clientId, String value, String token) {
        return send(oauth("revoke", clientId, value, "token=" + token + "&token_type_hint=access_token"));
    }

    static AtlasRequest oauth(String what, String clientId, String value, String form) {
        String pair = clientId + ":" + value;
        String basic = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
        return new AtlasRequest(
                "POST",
                "/api/oauth/" + what,
                Map.of("authorization", "Basic " + basic, "content-type", "application/x-www-form-urlencoded"),
                form.getBytes(StandardCharsets.UTF_8));
    }

    AtlasAnswer list(String token, AtlasScope scope, String query) {
        return send(api("GET", path(scope) + query, token, ""));
    }

    AtlasAnswer read(String token, AtlasScope scope, String clientId) {
        return send(api("GET", path(scope) + "/" + clientId, token, ""));
    }

    AtlasAnswer project(String token, String projectId) {
        return send(api("GET", "/api/atlas/v2/groups/" + projectId, token, ""));
    }

    AtlasAnswer createAccount(String token, AtlasScope scope, String body) {
        return send(api("POST", path(scope), token, body));
    }

    AtlasAnswer deleteAccount(String token, AtlasScope scope, String clientId) {
        return send(api("DELETE", path(scope) + "/" + clientId, token, ""));
    }

    AtlasAnswer create(String token, AtlasScope scope, String clientId, String body) {
        return send(api("POST", path(scope) + "/" + clientId + "/secrets", token, body));
    }

    AtlasAnswer create(String token, AtlasScope scope, String clientId, int hours) {
        return create(token, scope, clientId, "{\"secretExpiresAfterHours\":" + hours + "}");
    }

    AtlasAnswer delete(String token, AtlasScope scope, String clientId, String secretId) {
        return send(api("DELETE", path(scope) + "/" + clientId + "/secrets/" + secretId, token, ""));
    }

    static AtlasRequest api(String method, String target, String token, String body) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("accept", VERSION);
        headers.put("authorization", "Bearer " + token);
        if (!body.isEmpty()) {
            headers.put("content-type", VERSION);
        }
        return new AtlasRequest(method, target, headers, body.getBytes(StandardCharsets.UTF_8));
    }

    static AtlasRequest with(AtlasRequest request, String header, String value) {
        Map<String, String> headers = new LinkedHashMap<>(request.headers());
        headers.put(header, value);
        return new AtlasRequest(request.method(), request.pathAndQuery(), headers, request.body());
    }

    static String path(AtlasScope scope) {
        return switch (scope) {
            case AtlasScope.Project(String id) -> "/api/atlas/v2/groups/" + id + "/serviceAccounts";
            case AtlasScope.Organization(String id) -> "/api/atlas/v2/orgs/" + id + "/serviceAccounts";
        };
    }

    static Map<String, Object> json(AtlasAnswer answer) {
        try {
            return JSON.std.mapFrom(answer.body());
        } catch (IOException notJson) {
            throw new UncheckedIOException(notJson);
        }
    }

    /** {@code errorCode} of an API error. */
    static String code(AtlasAnswer answer) {
        return String.valueOf(json(answer).get("errorCode"));
    }

    /** The secrets in a read account. */
    @SuppressWarnings("unchecked") // as the description of the API has it
    static List<Map<String, Object>> secrets(AtlasAnswer answer) {
        return (List<Map<String, Object>>) json(answer).getOrDefault("secrets", List.of());
    }
}
