package dev.atlasrotator.snapstart;

import static java.time.ZoneOffset.UTC;
import static java.time.format.DateTimeFormatter.RFC_1123_DATE_TIME;

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
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * One rotation of an account that does not exist, by the function's own code over both HTTP clients, before a snapshot
 * is taken: this loads what a first step needs. Both services are a few fixed responses on the loopback address;
 * nothing in them is secret, and no connection stays open.
 */
final class WarmupRotation {
    /** A create needs a minute of time left; the whole takes a second or two. */
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private static final String FUNCTION = "arn:aws:lambda:warmup";

    private static final String DESCRIBED = """
        {"ARN":"warmup","Name":"warmup","RotationEnabled":true,
         "RotationLambdaARN":"arn:aws:lambda:warmup",
         "LastChangedDate":1777593600.0,"LastRotatedDate":1777593600.0,
         "Tags":[{"Key":"atlas-secret-rotator","Value":"true"}],
         "VersionIdsToStages":{
          "00000000-0000-4000-8000-000000000001":["AWSCURRENT"],
          "00000000-0000-4000-8000-000000000002":["AWSPENDING"]}}\
        """;

    private static final String VALUE = """
        {"ARN":"warmup","Name":"warmup","CreatedDate":1777593600.0,"VersionStages":["STAGE"],
         "VersionId":"00000000-0000-4000-8000-00000000000NUMBER",
         "SecretString":"{\\"clientId\\":\\"mdb_sa_id_000000000000000000000000\\",\
        \\"clientSecret\\":\\"mdb_sa_sk_warmup\\",\\"groupId\\":\\"000000000000000000000000\\",\
        \\"secretId\\":\\"00000000000000000000000NUMBER\\"}"}\
        """;

    private static final String ACCOUNT = """
        {"clientId":"mdb_sa_id_000000000000000000000000","secrets":[
         {"id":"000000000000000000000001","createdAt":"BEFORE","expiresAt":"LATER","lastUsedAt":"BEFORE",
          "maskedSecretValue":"mdb_sa_sk_****"}]}\
        """;

    private static final String CREATED = """
        {"id":"000000000000000000000002","createdAt":"NOW","expiresAt":"LATER","secret":"mdb_sa_sk_warmup"}\
        """;

    private static final String TOKEN = """
        {"access_token":"warmup","expires_in":3600,"token_type":"Bearer"}\
        """;

    private static final String NO_VALUE = """
        {"__type":"ResourceNotFoundException","Message":"none"}\
        """;

    private static final String STORED = """
        {"ARN":"warmup","Name":"warmup","VersionId":"00000000-0000-4000-8000-000000000002"}\
        """;

    private static final Pattern CONTENT_LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)");

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
                var event = """
                    {"Step":"%s","SecretId":"warmup","ClientRequestToken":"00000000-0000-4000-8000-000000000002",
                     "RotationToken":"warmup"}\
                    """.formatted(step);
                function.handle(event, Optional.of(FUNCTION), Deadline.in(LONGEST, clock));
            }
        }
    }

    private void serve() {
        while (!listener.isClosed()) {
            try (var socket = listener.accept()) {
                converse(socket);
            } catch (IOException closed) {
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
        var date = RFC_1123_DATE_TIME.format(clock.instant().atZone(UTC));
        // All of it is ASCII, so its length in characters is that in bytes.
        var response = """
            HTTP/1.1 %d Warmup\r
            Connection: close\r
            Date: %s\r
            Content-Type: application/json\r
            Content-Length: %d\r
            \r
            %s\
            """.formatted(answer.status(), date, answer.body().length(), answer.body());
        var out = socket.getOutputStream();
        out.write(response.getBytes(StandardCharsets.US_ASCII));
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
        var length = CONTENT_LENGTH.matcher(head);
        return length.find() ? Integer.parseInt(length.group(1)) : 0;
    }

    private Answer answer(String head, String body) {
        if (head.contains("secretsmanager.DescribeSecret")) {
            return new Answer(200, DESCRIBED);
        }
        if (head.contains("secretsmanager.GetSecretValue") && !body.contains("AWSPENDING")) {
            return new Answer(200, value("1", "AWSCURRENT"));
        }
        if (head.contains("secretsmanager.GetSecretValue")) {
            return isStored ? new Answer(200, value("2", "AWSPENDING")) : new Answer(400, NO_VALUE);
        }
        if (head.contains("secretsmanager.")) {
            isStored = true;
            return new Answer(200, STORED);
        }
        if (head.contains("/oauth/")) {
            return new Answer(200, TOKEN); // A revocation is answered with any 200.
        }
        return head.startsWith("POST") ? new Answer(201, dated(CREATED)) : new Answer(200, dated(ACCOUNT));
    }

    private static String value(String number, String stage) {
        return VALUE.replace("NUMBER", number).replace("STAGE", stage);
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
}
