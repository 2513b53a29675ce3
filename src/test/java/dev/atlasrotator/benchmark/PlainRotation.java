package dev.atlasrotator.benchmark;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/**
 * The four steps as somebody writes them who does not think of start-up: the SDK with its defaults, databind, Lambda's
 * own binding of the event. It makes the calls that {@code rotation.py} makes.
 */
public final class PlainRotation implements RequestHandler<Map<String, String>, @Nullable Void> {
    private static final String ATLAS = System.getenv("ATLAS_BASE_URL");
    private static final String VERSION = "application/vnd.atlas.2024-08-05+json";

    private final SecretsManagerClient secrets = SecretsManagerClient.create();
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();

    @Override
    public @Nullable Void handleRequest(Map<String, String> event, Context context) {
        var arn = event.getOrDefault("SecretId", "");
        var token = event.getOrDefault("ClientRequestToken", "");
        var versions = secrets.describeSecret(request -> request.secretId(arn)).versionIdsToStages();
        if (!versions.containsKey(token)) {
            throw new IllegalStateException("the version has no stage for rotation");
        }
        try {
            switch (event.getOrDefault("Step", "")) {
                case "createSecret" -> create(arn, token);
                case "setSecret" -> pending(arn, token);
                case "testSecret" -> accessToken(pending(arn, token));
                case "finishSecret" -> finish(arn, token);
                default -> throw new IllegalArgumentException("Invalid step parameter");
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException ended) {
            throw new IllegalStateException(ended);
        }
        return null;
    }

    private void create(String arn, String token) throws IOException, InterruptedException {
        var value =
                value(secrets.getSecretValue(request -> request.secretId(arn).versionStage("AWSCURRENT"))
                        .secretString());
        try {
            pending(arn, token);
            return;
        } catch (ResourceNotFoundException nothingYet) {
            // This step is to make it.
        }
        var target = "/api/atlas/v2/groups/%s/serviceAccounts/%s/secrets"
                .formatted(value.get("groupId").asText(), value.get("clientId").asText());
        var created = send(
                HttpRequest.newBuilder(URI.create(ATLAS + target))
                        .header("Authorization", "Bearer " + accessToken(value))
                        .header("Accept", VERSION)
                        .header("Content-Type", VERSION)
                        .POST(BodyPublishers.ofString("{\"secretExpiresAfterHours\":2160}")),
                201);
        value.set("clientSecret", created.get("secret"));
        secrets.putSecretValue(request -> request.secretId(arn)
                .clientRequestToken(token)
                .secretString(value.toString())
                .versionStages("AWSPENDING"));
    }

    private ObjectNode pending(String arn, String token) throws IOException {
        return value(secrets.getSecretValue(request ->
                        request.secretId(arn).versionStage("AWSPENDING").versionId(token))
                .secretString());
    }

    private ObjectNode value(String text) throws IOException {
        return json.readValue(text, ObjectNode.class);
    }

    private String accessToken(ObjectNode value) throws IOException, InterruptedException {
        var pair =
                value.get("clientId").asText() + ":" + value.get("clientSecret").asText();
        return send(
                        HttpRequest.newBuilder(URI.create(ATLAS + "/api/oauth/token"))
                                .header(
                                        "Authorization",
                                        "Basic "
                                                + Base64.getEncoder()
                                                        .encodeToString(pair.getBytes(StandardCharsets.UTF_8)))
                                .header("Accept", "application/json")
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(BodyPublishers.ofString("grant_type=client_credentials")),
                        200)
                .get("access_token")
                .asText();
    }

    private ObjectNode send(HttpRequest.Builder request, int expected) throws IOException, InterruptedException {
        var answer = http.send(request.build(), BodyHandlers.ofString());
        if (answer.statusCode() != expected) {
            throw new IOException("Atlas answered " + answer.statusCode());
        }
        return value(answer.body());
    }

    private void finish(String arn, String token) {
        var current = secrets.describeSecret(request -> request.secretId(arn)).versionIdsToStages().entrySet().stream()
                .filter(version -> version.getValue().contains("AWSCURRENT"))
                .findFirst()
                .orElseThrow()
                .getKey();
        secrets.updateSecretVersionStage(request -> request.secretId(arn)
                .versionStage("AWSCURRENT")
                .moveToVersionId(token)
                .removeFromVersionId(current));
    }
}
