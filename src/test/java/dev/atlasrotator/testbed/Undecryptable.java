package dev.atlasrotator.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;

/** KMS does not decrypt what GetSecretValue asks for with this text in its request. */
public record Undecryptable(SdkHttpClient real, String text) implements SdkHttpClient {
    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        var call = real.prepareRequest(request);
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                return isAsked(request) ? refusal() : call.call();
            }

            @Override
            public void abort() {
                call.abort();
            }
        };
    }

    private boolean isAsked(HttpExecuteRequest request) {
        var target = request.httpRequest().firstMatchingHeader("X-Amz-Target").orElse("");
        return target.endsWith(".GetSecretValue")
                && request.contentStreamProvider()
                        .filter(body -> {
                            try (var stream = body.newStream()) {
                                return new String(stream.readAllBytes(), UTF_8).contains(text);
                            } catch (IOException impossible) {
                                throw new UncheckedIOException(impossible);
                            }
                        })
                        .isPresent();
    }

    private static HttpExecuteResponse refusal() {
        var body = "{\"__type\":\"AccessDeniedException\",\"Message\":\"Access to KMS is not allowed\"}";
        return HttpExecuteResponse.builder()
                .response(SdkHttpResponse.builder()
                        .statusCode(400)
                        .putHeader("Content-Type", "application/x-amz-json-1.1")
                        .build())
                .responseBody(AbortableInputStream.create(new ByteArrayInputStream(body.getBytes(UTF_8))))
                .build();
    }

    @Override
    public void close() {
        real.close();
    }
}
