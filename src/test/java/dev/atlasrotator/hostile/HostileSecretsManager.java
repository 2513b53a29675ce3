package dev.atlasrotator.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.atlasrotator.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;

/** Stands before Secrets Manager and spoils some of its answers. */
final class HostileSecretsManager implements SdkHttpClient {
    private static final List<Integer> STATUSES =
            List.of(200, 204, 301, 400, 403, 404, 408, 413, 429, 500, 502, 503, 504);
    private static final List<String> ERRORS = List.of(
            "ThrottlingException",
            "InternalServiceError",
            "a\nb",
            "",
            "ExpiredTokenException",
            "com.amazonaws#ServiceUnavailable",
            "x".repeat(5000));

    private final SdkHttpClient secretsManager;
    private final FaultSchedule whims;
    private final Corruptor mangle;
    boolean open = true;
    int spoilt;

    HostileSecretsManager(SdkHttpClient secretsManager, FaultSchedule whims) {
        this.secretsManager = secretsManager;
        this.whims = whims;
        this.mangle = new Corruptor(whims.chance());
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        var real = secretsManager.prepareRequest(request);
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                return answer(real);
            }

            @Override
            public void abort() {
                real.abort();
            }
        };
    }

    private synchronized HttpExecuteResponse answer(ExecutableHttpRequest real) throws IOException {
        if (!open || !whims.strikes()) {
            return real.call();
        }
        spoilt++;
        var chance = whims.chance();
        if (chance.nextInt(8) == 0) {
            throw new IOException("closed before the request was sent");
        }
        var answer = real.call();
        if (chance.nextInt(8) == 0) {
            throw new IOException("closed before the answer came");
        }
        var text = text(answer);
        var http = answer.httpResponse().toBuilder();
        switch (chance.nextInt(7)) {
            case 0 -> http.statusCode(STATUSES.get(chance.nextInt(STATUSES.size())));
            case 1 -> {
                http.statusCode(503);
                text = "<html><body>Service Unavailable</body></html>";
            }
            case 2 -> text = "";
            case 3 -> text = text.substring(0, chance.nextInt(text.length() + 1));
            case 4 -> {
                http.statusCode(chance.nextBoolean() ? 400 : 500);
                http.putHeader("Retry-After", chance.nextBoolean() ? "99999" : "-1e9");
                text = Json.text(Map.of("__type", ERRORS.get(chance.nextInt(ERRORS.size())), "message", "\n" + text));
            }
            case 5 -> http.putHeader("x-amz-crc32", "1");
            default -> text = whims.lies() ? mangled(text) : "{\"unknown\":[" + "{}";
        }
        return HttpExecuteResponse.builder()
                .response(http.build())
                .responseBody(AbortableInputStream.create(new ByteArrayInputStream(text.getBytes(UTF_8))))
                .build();
    }

    /** What a stored value says is the user's own; it is not changed here. */
    private String mangled(String text) {
        var spoilt = mangle.text(text);
        var before = Json.object(text);
        var after = Json.object(spoilt);
        if (before.isEmpty() || after.isEmpty()) {
            return spoilt;
        }
        var honest = new LinkedHashMap<>(after.get());
        before.get().forEach((key, value) -> {
            if (key.equals("SecretString") && honest.get(key) instanceof String) {
                honest.put(key, value);
            }
        });
        return Json.text(honest);
    }

    private static String text(HttpExecuteResponse answer) throws IOException {
        if (answer.responseBody().isEmpty()) {
            return "";
        }
        try (var stream = answer.responseBody().get()) {
            return new String(stream.readAllBytes(), UTF_8);
        }
    }

    @Override
    public void close() {
        secretsManager.close();
    }
}
