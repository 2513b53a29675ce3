package dev.atlasrotator.simulator.secretsmanager;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.atlasrotator.simulator.VirtualTime;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.util.SdkAutoConstructList;
import software.amazon.awssdk.core.util.SdkAutoConstructMap;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.SecretsManagerResponse;

/**
 * One scenario being replayed: the real SDK client before a stand-in, and the recorded answers
 * beside it.
 */
final class Replay implements AutoCloseable {
    /** A call that is expected to be refused. */
    interface Attempt {
        void run();
    }

    final SecretsManagerModel model;
    final SecretsManagerClient client;
    final RecordedAnswers recorded;
    private final VirtualTime time;
    private final SdkHttpClient http;
    private final URI uri;

    Replay(SecretsManagerModel model, VirtualTime time, SdkHttpClient http, URI uri, RecordedAnswers recorded) {
        this.model = model;
        this.time = time;
        this.http = http;
        this.uri = uri;
        this.recorded = recorded;
        this.client = SecretsManagerClient.builder()
                .httpClient(http)
                .endpointOverride(uri)
                .region(Region.EU_CENTRAL_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .build();
    }

    /** Compares an answer, and lets a second pass. */
    <R extends SecretsManagerResponse> R expect(String key, R response) {
        var actual = members(response);
        addMetadata(key, actual, response.sdkHttpResponse().statusCode());
        recorded.compare(key, actual);
        time.advance(Duration.ofSeconds(1));
        return response;
    }

    /** Compares members that were not read from one answer of the SDK. */
    void expectMembers(String key, Map<String, Object> members) {
        var actual = new LinkedHashMap<>(members);
        addMetadata(key, actual, 200);
        recorded.compare(key, actual);
    }

    void expectError(String key, Attempt attempt) {
        var error = refused(attempt);
        var raw = json(error.awsErrorDetails().rawResponse().asUtf8String());
        var actual = new LinkedHashMap<String, Object>();
        actual.put(
                "Error",
                Map.of(
                        "Code",
                        error.awsErrorDetails().errorCode(),
                        "Message",
                        error.awsErrorDetails().errorMessage()));
        if (raw.containsKey("Message")) {
            actual.put("Message", error.awsErrorDetails().errorMessage());
        }
        addMetadata(key, actual, error.statusCode());
        recorded.compare(key, actual);
    }

    /** Compares an error that was recorded as one sentence. */
    void expectErrorSentence(String key, String operation, Attempt attempt) {
        var details = refused(attempt).awsErrorDetails();
        recorded.compare(
                key,
                "An error occurred (%s) when calling the %s operation: %s"
                        .formatted(details.errorCode(), operation, details.errorMessage()));
    }

    private static AwsServiceException refused(Attempt attempt) {
        return catchThrowableOfType(AwsServiceException.class, attempt::run);
    }

    private void addMetadata(String key, Map<String, Object> actual, int status) {
        if (recorded.get(key) instanceof Map<?, ?> answer && answer.containsKey("ResponseMetadata")) {
            actual.put("ResponseMetadata", Map.of("HTTPHeaders", Map.of(), "HTTPStatusCode", status));
        }
    }

    /** What a client without an SDK gets: status and body. */
    record RawAnswer(int status, Map<String, Object> body) {}

    RawAnswer raw(String operation, Map<String, Object> members) {
        var body = SecretsManagerWire.write(members).getBytes(UTF_8);
        var request = SdkHttpRequest.builder()
                .method(SdkHttpMethod.POST)
                .uri(uri.resolve("/"))
                .putHeader("X-Amz-Target", "secretsmanager." + operation)
                .putHeader("Content-Type", SecretsManagerWire.CONTENT_TYPE)
                .putHeader("Content-Length", String.valueOf(body.length))
                .build();
        try {
            var answer = http.prepareRequest(HttpExecuteRequest.builder()
                            .request(request)
                            .contentStreamProvider(() -> new ByteArrayInputStream(body))
                            .build())
                    .call();
            try (var stream = answer.responseBody().orElseThrow()) {
                return new RawAnswer(
                        answer.httpResponse().statusCode(), json(new String(stream.readAllBytes(), UTF_8)));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static Map<String, Object> json(String text) {
        try {
            return JSON.std.mapFrom(text);
        } catch (IOException e) {
            throw new AssertionError("not JSON", e);
        }
    }

    static Map<String, Object> members(SdkPojo pojo) {
        var members = new LinkedHashMap<String, Object>();
        for (var field : pojo.sdkFields()) {
            var value = field.getValueOrDefault(pojo);
            if (value != null && !(value instanceof SdkAutoConstructList) && !(value instanceof SdkAutoConstructMap)) {
                members.put(field.locationName(), plain(value));
            }
        }
        return members;
    }

    private static Object plain(Object value) {
        return switch (value) {
            case Instant date -> "datetime";
            case SdkBytes bytes -> "b'" + escaped(bytes.asByteArray()) + "'";
            case SdkPojo pojo -> members(pojo);
            case List<?> list -> list.stream().map(Replay::plain).toList();
            case Map<?, ?> map ->
                map.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, entry -> plain(entry.getValue())));
            default -> value;
        };
    }

    /** Bytes as the recording writes them. */
    private static String escaped(byte[] bytes) {
        var text = new StringBuilder();
        for (var c : new String(bytes, ISO_8859_1).toCharArray()) {
            text.append(c >= ' ' && c < 127 ? String.valueOf(c) : "\\x%02x".formatted((int) c));
        }
        return text.toString();
    }

    @Override
    public void close() {
        client.close();
    }
}
