package dev.atlasrotator.simulator.secretsmanager;

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

/**
 * A {@link SecretsManagerModel} for the real SDK client, without a socket: hand it to the client's
 * builder as its HTTP client. {@link #close()} throws what went wrong in the stand-in; the SDK does
 * not call it for a client it was handed.
 */
public final class InProcessSecretsManager implements SdkHttpClient {
    private final SecretsManagerEndpoint endpoint;

    /** Answers from this model, in the thread of the caller. */
    public InProcessSecretsManager(SecretsManagerModel model) {
        this.endpoint = new SecretsManagerEndpoint(model);
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                return answer(request);
            }

            @Override
            public void abort() {
                // Nothing is under way: call() answers in the caller's thread.
            }
        };
    }

    private HttpExecuteResponse answer(HttpExecuteRequest request) throws IOException {
        var target = request.httpRequest()
                .firstMatchingHeader(SecretsManagerWire.TARGET)
                .orElse("");
        var answer = endpoint.answer(target, body(request))
                .orElseThrow(() -> new IOException("the stand-in closed the connection"));
        return HttpExecuteResponse.builder()
                .response(SdkHttpResponse.builder()
                        .statusCode(answer.status())
                        .headers(answer.headers())
                        .build())
                .responseBody(AbortableInputStream.create(
                        new ByteArrayInputStream(answer.body().getBytes(UTF_8))))
                .build();
    }

    private static byte[] body(HttpExecuteRequest request) {
        return request.contentStreamProvider()
                .map(provider -> {
                    try (var stream = provider.newStream()) {
                        return stream.readAllBytes();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .orElse(new byte[0]);
    }

    @Override
    public void close() {
        endpoint.throwWhatWentWrong();
    }

    @Override
    public String clientName() {
        return "InProcessSecretsManager";
    }
}
