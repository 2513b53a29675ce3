package dev.atlasrotator.snapstart;

import static java.time.ZoneOffset.UTC;
import static java.time.format.DateTimeFormatter.RFC_1123_DATE_TIME;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.retry.Deadline;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * One rotation of an account that does not exist, by the function's own code over both HTTP clients, before a snapshot
 * is taken: this loads what a first step needs. Both services are a few fixed responses on the loopback address;
 * nothing in them is secret, and no connection stays open.
 */
final class WarmupRotation {
    /** A create needs a minute of time left; the whole takes a second or two. */
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private static final String FUNCTION = "arn:aws:lambda:warmup";
    private static final String PENDING = "00000000-0000-4000-8000-000000000002";

    private static final String DESCRIBED = """
        {"ARN":"warmup","Name":"warmup","RotationEnabled":true,
         "RotationLambdaARN":"arn:aws:lambda:warmup",
         "LastChangedDate":1777593600.0,"LastRotatedDate":1777593600.0,
         "Tags":[{"Key":"atlas-secret-rotator","Value":"true"}],
         "VersionIdsToStages":{
          "00000000-0000-4000-8000-000000000001":["AWSCURRENT"],
          "00000000-0000-4000-8000-000000000002":["AWSPENDING"]}}\
        """;

    private static final String CREDENTIAL = "{\\\"clientId\\\":\\\"mdb_sa_id_000000000000000000000000\\\","
            + "\\\"clientSecret\\\":\\\"mdb_sa_sk_warmup\\\","
            + "\\\"groupId\\\":\\\"000000000000000000000000\\\","
            + "\\\"secretId\\\":\\\"00000000000000000000000NUMBER\\\"}";

    private static final String VALUE = "{\"ARN\":\"warmup\",\"Name\":\"warmup\",\"CreatedDate\":1777593600.0,"
            + "\"VersionId\":\"00000000-0000-4000-8000-00000000000NUMBER\","
            + "\"VersionStages\":[\"STAGE\"],\"SecretString\":\""
            + CREDENTIAL
            + "\"}";

    private static final String SECRET = "{\"id\":\"000000000000000000000001\",\"createdAt\":\"BEFORE\","
            + "\"expiresAt\":\"LATER\","
            + "\"lastUsedAt\":\"BEFORE\","
            + "\"maskedSecretValue\":\"mdb_sa_sk_****\"}";

    private static final String ACCOUNT =
            "{\"clientId\":\"mdb_sa_id_000000000000000000000000\",\"secrets\":[" + SECRET + "]}";

    private static final String CREATED = "{\"id\":\"000000000000000000000002\",\"createdAt\":\"NOW\","
            + "\"expiresAt\":\"LATER\",\"secret\":\"mdb_sa_sk_warmup\"}";

    private static final String TOKEN = "{\"access_token\":\"warmup\",\"expires_in\":3600,\"token_type\":\"Bearer\"}";

    /** The function, as an invocation calls it. */
    @FunctionalInterface
    public interface Handler {
        String handle(String event, Optional<String> functionArn, Deadline deadline);
    }

    private record Answer(int status, String body) {}

    private final ServerSocket listener;
    private final InstantSource clock;
    private volatile boolean isStored;

    private WarmupRotation(ServerSocket listener, InstantSource clock) {
        this.listener = listener;
        this.clock = clock;
    }

    /**
     * Runs it.
     *
     * @param functionAt the function with both services at an address
     * @throws IOException if this machine has no loopback address to listen on
     * @throws dev.atlasrotator.failure.RotatorException if a step fails; this costs only time
     */
    static void run(InstantSource clock, Function<URI, Handler> functionAt) throws IOException {
        try (var listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            var services = URI.create("http://127.0.0.1:" + listener.getLocalPort());
            var function = functionAt.apply(services);
            Thread.ofVirtual().start(new WarmupRotation(listener, clock)::serve);
            for (String step : List.of("createSecret", "setSecret", "testSecret", "finishSecret")) {
                function.handle(
                        Json.text(Map.of(
                                "Step",
                                step,
                                "SecretId",
                                "warmup",
                                "ClientRequestToken",
                                PENDING,
                                "RotationToken",
                                "warmup")),
                        Optional.of(FUNCTION),
                        Deadline.in(LONGEST, clock));
            }
        }
    }

    private void serve() {
        while (!listener.isClosed()) {
            try (var socket = listener.accept()) {
                converse(socket);
            } catch (IOException over) {
                // The client has closed the connection, or the warm-up has ended.
            }
        }
    }

    /** One request per connection, so that no connection is open when the snapshot is taken. */
    private void converse(Socket socket) throws IOException {
        var in = new BufferedInputStream(socket.getInputStream());
        var head = head(in);
        var body = new String(in.readNBytes(length(head)), StandardCharsets.UTF_8);
        var answer = answer(head, body);
        var bytes = answer.body().getBytes(StandardCharsets.UTF_8);
        var out = socket.getOutputStream();
        out.write(("HTTP/1.1 "
                        + answer.status()
                        + " Rehearsal\r\nConnection: close\r\n"
                        + "Date: "
                        + RFC_1123_DATE_TIME.format(clock.instant().atZone(UTC))
                        + "\r\nContent-Type: application/json\r\nContent-Length: "
                        + bytes.length
                        + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        out.write(bytes);
        out.flush();
    }

    private static String head(InputStream in) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n", Math.max(0, head.length() - 4)) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the connection was closed");
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static int length(String head) {
        for (String line : head.split("\r\n", -1)) {
            if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
                return Integer.parseInt(line.substring(15).strip());
            }
        }
        return 0;
    }

    private Answer answer(String head, String body) {
        if (head.contains("secretsmanager.DescribeSecret")) {
            return new Answer(200, DESCRIBED);
        }
        if (head.contains("secretsmanager.GetSecretValue")) {
            return body.contains("AWSPENDING") ? pending() : new Answer(200, value(1, "AWSCURRENT"));
        }
        if (head.contains("secretsmanager.")) {
            isStored = true;
            return new Answer(200, "{\"ARN\":\"warmup\",\"Name\":\"warmup\",\"VersionId\":\"" + PENDING + "\"}");
        }
        if (head.contains("/oauth/token")) {
            return new Answer(200, TOKEN);
        }
        if (head.contains("/oauth/revoke")) {
            return new Answer(200, "{}");
        }
        return head.startsWith("POST") ? new Answer(201, dated(CREATED)) : new Answer(200, dated(ACCOUNT));
    }

    /**
     * By this machine's clock: a Date header of Atlas that is far from it is ignored, so an account with fixed dates
     * would expire one day.
     */
    private String dated(String text) {
        var now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        return text.replace("BEFORE", now.minus(30, ChronoUnit.DAYS).toString())
                .replace("LATER", now.plus(90, ChronoUnit.DAYS).toString())
                .replace("NOW", now.toString());
    }

    private Answer pending() {
        return isStored
                ? new Answer(200, value(2, "AWSPENDING"))
                : new Answer(400, "{\"__type\":\"ResourceNotFoundException\",\"Message\":\"none\"}");
    }

    private static String value(int number, String stage) {
        return VALUE.replace("NUMBER", Integer.toString(number)).replace("STAGE", stage);
    }
}
