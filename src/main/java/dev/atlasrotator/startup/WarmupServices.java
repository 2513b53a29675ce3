package dev.atlasrotator.startup;

import static java.time.ZoneOffset.UTC;
import static java.time.format.DateTimeFormatter.RFC_1123_DATE_TIME;

import dev.atlasrotator.retry.Deadline;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Both services, the work queue and the role's credentials as a few fixed responses on the loopback address, for one
 * account that does not exist. Nothing in them is secret, and no connection stays open.
 */
final class WarmupServices {
    /** How much of the function runs against them. */
    enum Extent {
        FIRST_STEP,
        SWEEP_AND_STEPS
    }

    /** A create needs a minute of time left; the whole takes a second or two. */
    private static final Duration LONGEST = Duration.ofMinutes(2);

    /** Read by the SDK's credentials chain where the variables hold no credentials, as it is with SnapStart. */
    private static final String CREDENTIALS_URI = "aws.containerCredentialsFullUri";

    /** Set by the runtime client for each invocation; the SDK forwards it. */
    private static final String TRACE = "com.amazonaws.xray.traceHeader";

    private static final String FUNCTION = "arn:aws:lambda:warmup";

    private static final String CREDENTIALS = """
        {"AccessKeyId":"warmup","SecretAccessKey":"warmup","Token":"warmup","Expiration":"LATER"}\
        """;

    private static final String LISTED = """
        {"SecretList":[{"ARN":"warmup","Name":"warmup","RotationEnabled":true,
         "RotationLambdaARN":"arn:aws:lambda:warmup",
         "LastChangedDate":1777593600.0,"LastRotatedDate":1777593600.0,
         "Tags":[{"Key":"atlas-secret-rotator","Value":"mdb_sa_id_000000000000000000000000"}],
         "SecretVersionsToStages":{
          "00000000-0000-4000-8000-000000000001":["AWSCURRENT"],
          "00000000-0000-4000-8000-000000000002":["AWSPENDING"]}}]}\
        """;

    /** Both are old, so that the rotation has stalled and the sweep has something to do. */
    private static final String VERSIONS = """
        {"Versions":[
         {"VersionId":"00000000-0000-4000-8000-000000000001","VersionStages":["AWSCURRENT"],"CreatedDate":1777593600.0},
         {"VersionId":"00000000-0000-4000-8000-000000000002","VersionStages":["AWSPENDING"],"CreatedDate":1777593600.0}]}\
        """;

    private static final String ADMIN = """
        {"ARN":"warmup-admin","Name":"warmup-admin","CreatedDate":1777593600.0,"VersionStages":["AWSCURRENT"],
         "VersionId":"00000000-0000-4000-8000-000000000001",
         "SecretString":"{\\"publicKey\\":\\"warmup\\",\\"privateKey\\":\\"warmup\\"}"}\
        """;

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
        {"clientId":"mdb_sa_id_000000000000000000000000","roles":["GROUP_OWNER"],"secrets":[
         {"id":"000000000000000000000001","createdAt":"BEFORE","expiresAt":"LATER","lastUsedAt":"BEFORE",
          "maskedSecretValue":"mdb_sa_sk_****"}]}\
        """;

    private static final String ACCOUNTS = "{\"totalCount\":1,\"results\":[" + ACCOUNT + "]}";

    private static final String CREATED = """
        {"id":"000000000000000000000002","createdAt":"NOW","expiresAt":"LATER","secret":"mdb_sa_sk_warmup"}\
        """;

    private static final String TOKEN = """
        {"access_token":"warmup","expires_in":3600,"token_type":"Bearer"}\
        """;

    private static final String NO_VALUE = """
        {"__type":"ResourceNotFoundException","Message":"none"}\
        """;

    private static final String NO_QUEUE = """
        {"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"none"}\
        """;

    private static final String STORED = """
        {"ARN":"warmup","Name":"warmup","VersionId":"00000000-0000-4000-8000-000000000002"}\
        """;

    private static final Pattern CONTENT_LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)");

    private static final Pattern TARGET = Pattern.compile("(?i)\r\nx-amz-target: *(\\S+)");

    /**
     * An answer.
     *
     * @param challenge the challenge of a 401, else empty
     */
    private record Answer(int status, String challenge, String body) {
        Answer(int status, String body) {
            this(status, "", body);
        }
    }

    private static final Answer CHALLENGE =
            new Answer(401, "WWW-Authenticate: Digest realm=\"warmup\", nonce=\"warmup\", qop=\"auth\"\r\n", "{}");

    private final ServerSocket listener;
    private final InstantSource clock;
    private volatile boolean isStored;

    private WarmupServices(ServerSocket listener, InstantSource clock) {
        this.listener = listener;
        this.clock = clock;
    }

    /**
     * Runs the function against them.
     *
     * @param environment the process's variables, of which it only matters whether there is a work queue
     * @param start the function as variables configure it
     * @throws IOException if this machine has no loopback address to listen on
     * @throws RuntimeException if the function fails; this costs only time
     */
    static void rotate(
            Extent extent,
            Map<String, String> environment,
            Function<Map<String, String>, Warmup.Started> start,
            InstantSource clock)
            throws IOException {
        try (var listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            var services = "http://127.0.0.1:" + listener.getLocalPort();
            var here = new WarmupServices(listener, clock);
            Thread.ofPlatform().daemon().start(here::serve);
            System.setProperty(CREDENTIALS_URI, services + "/credentials");
            System.setProperty(TRACE, "Root=1-00000000-000000000000000000000000;Sampled=0");
            if (extent == Extent.SWEEP_AND_STEPS) {
                here.run(start.apply(forSweep(services, environment)), List.of("{\"action\":\"sweep\"}"));
            }
            here.run(start.apply(at(services)), steps(extent));
        } finally {
            System.clearProperty(CREDENTIALS_URI);
            System.clearProperty(TRACE);
        }
    }

    private void run(Warmup.Started function, List<String> events) {
        isStored = false;
        for (String event : events) {
            function.handler().handle(event, Optional.of(FUNCTION), Deadline.in(LONGEST, clock));
        }
        function.close().run();
    }

    private static Map<String, String> at(String services) {
        return Map.of("ATLAS_BASE_URL", services, "AWS_REGION", "us-east-1", "AWS_ENDPOINT_URL", services);
    }

    /** With an API key for the digest, and with the queue where the function has one. */
    private static Map<String, String> forSweep(String services, Map<String, String> environment) {
        var variables = new HashMap<>(at(services));
        variables.put("ADMIN_SECRET_ID", "warmup-admin");
        if (environment.containsKey("WORK_QUEUE_URL")) {
            variables.put("WORK_QUEUE_URL", services + "/queue");
        }
        return variables;
    }

    private static List<String> steps(Extent extent) {
        return Stream.of("createSecret", "setSecret", "testSecret", "finishSecret")
                .limit(extent == Extent.FIRST_STEP ? 1 : 4)
                .map(WarmupServices::step)
                .toList();
    }

    private static String step(String name) {
        return """
            {"Step":"%s","SecretId":"warmup","ClientRequestToken":"00000000-0000-4000-8000-000000000002",
             "RotationToken":"warmup"}\
            """.formatted(name);
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
            %s\r
            %s\
            """.formatted(answer.status(), date, answer.body().length(), answer.challenge(), answer.body());
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
        var target = TARGET.matcher(head);
        if (target.find()) {
            return aws(target.group(1), body);
        }
        if (head.startsWith("GET /credentials")) {
            return new Answer(200, dated(CREDENTIALS));
        }
        if (head.contains("/oauth/")) {
            return new Answer(200, TOKEN); // A revocation is answered with any 200.
        }
        if (head.contains("/serviceAccounts?")) { // only the admin credential lists
            return head.contains("uthorization: Digest") ? new Answer(200, dated(ACCOUNTS)) : CHALLENGE;
        }
        return head.startsWith("POST") ? new Answer(201, dated(CREATED)) : new Answer(200, dated(ACCOUNT));
    }

    private Answer aws(String operation, String body) {
        return switch (operation) {
            case "secretsmanager.ListSecrets" -> new Answer(200, LISTED);
            case "secretsmanager.BatchGetSecretValue" ->
                new Answer(200, "{\"SecretValues\":[" + value("1", "AWSCURRENT") + "]}");
            case "secretsmanager.ListSecretVersionIds" -> new Answer(200, VERSIONS);
            case "secretsmanager.DescribeSecret" -> new Answer(200, DESCRIBED);
            case "secretsmanager.GetSecretValue" -> {
                if (body.contains("warmup-admin")) {
                    yield new Answer(200, ADMIN);
                }
                if (!body.contains("AWSPENDING")) {
                    yield new Answer(200, value("1", "AWSCURRENT"));
                }
                yield isStored ? new Answer(200, value("2", "AWSPENDING")) : new Answer(400, NO_VALUE);
            }
            // The SDK compares a digest of each message, so the queue refuses them: the sweep reports it.
            case "AmazonSQS.SendMessageBatch" -> new Answer(400, NO_QUEUE);
            default -> {
                isStored = true;
                yield new Answer(200, STORED);
            }
        };
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
