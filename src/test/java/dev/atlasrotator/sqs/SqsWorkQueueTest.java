package dev.atlasrotator.sqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atlasrotator.aws.AwsEnvironment;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.network.ConnectionFailure;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.simulator.VirtualTime;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.FakeAtlas;
import dev.atlasrotator.simulator.http.ForwardProxy;
import dev.atlasrotator.simulator.http.SelfSigned;
import dev.atlasrotator.simulator.sqs.InProcessSqs;
import dev.atlasrotator.simulator.sqs.InProcessSqs.Instead;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

class SqsWorkQueueTest {
    private static final String URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/work";
    private static final String THROTTLED = "{\"__type\":\"com.amazonaws.sqs#RequestThrottled\"}";

    private final VirtualTime time = new VirtualTime(Instant.parse("2026-06-01T08:00:00Z"));
    private final InProcessSqs sqs = new InProcessSqs(3);
    private final List<String> lines = new ArrayList<>();
    private final AtomicInteger clients = new AtomicInteger();
    private final Deadline deadline = Deadline.in(Duration.ofMinutes(1), time);
    private final SqsWorkQueue queue =
            new SqsWorkQueue(this::client, URL, new Retrier(time, new Random(1)), new Log(lines::add, time), time);

    private SqsClient client() {
        clients.incrementAndGet();
        return AwsEnvironment.withoutRetries(SqsClient.builder())
                .region(Region.EU_CENTRAL_1)
                .credentialsProvider(AnonymousCredentialsProvider.create())
                .httpClient(sqs)
                .build();
    }

    private static List<String> arns(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> "arn:secret-" + i).toList();
    }

    /** So many accounts, each in one stored secret. */
    private static List<List<String>> each(int count) {
        return arns(count).stream().map(List::of).toList();
    }

    private List<String> handedOut() {
        var all = new ArrayList<String>();
        for (var body : sqs.waiting()) {
            var json = Json.object(body).orElseThrow();
            assertThat(json).containsOnlyKeys("action", "secretIds").containsEntry("action", "sweep");
            var ids = (List<?>) json.getOrDefault("secretIds", List.of());
            assertThat(ids).hasSizeBetween(1, 20);
            ids.forEach(id -> all.add(String.valueOf(id)));
        }
        return all;
    }

    @Test
    void twenty_stored_secrets_go_into_a_message_and_ten_messages_into_a_call() {
        assertThat(clients).hasValue(0);
        queue.enqueue(each(405), deadline);
        assertThat(handedOut()).containsExactlyElementsOf(arns(405));
        assertThat(sqs.waiting().getLast())
                .isEqualTo("{\"action\":\"sweep\",\"secretIds\":[\"arn:secret-401\","
                        + "\"arn:secret-402\",\"arn:secret-403\",\"arn:secret-404\","
                        + "\"arn:secret-405\"]}");
        assertThat(sqs.batches()).containsExactly(10, 10, 1);
        assertThat(clients).hasValue(1);
        assertThat(lines).hasSize(3).allMatch(line -> line.contains("\"service\":\"sqs\""));
    }

    @Test
    void those_that_hold_one_account_go_in_one_message() {
        var accounts = new ArrayList<>(each(19));
        accounts.add(List.of("arn:one", "arn:other"));
        accounts.add(List.of("arn:last"));
        queue.enqueue(accounts, deadline);
        assertThat(sqs.waiting()).hasSize(2);
        assertThat(sqs.waiting().getLast())
                .isEqualTo("{\"action\":\"sweep\",\"secretIds\":[\"arn:one\",\"arn:other\"," + "\"arn:last\"]}");
    }

    @Test
    void nothing_to_hand_out_is_no_call() {
        queue.enqueue(List.of(), deadline);
        assertThat(sqs.batches()).isEmpty();
        assertThat(clients).hasValue(0);
    }

    @Test
    void what_was_not_taken_is_sent_again_and_nothing_else() {
        var refusals = new AtomicInteger(3);
        sqs.takes(body -> body.contains("secret-1\"") || refusals.getAndDecrement() <= 0);
        queue.enqueue(each(80), deadline);
        assertThat(handedOut()).containsExactlyInAnyOrderElementsOf(arns(80));
        assertThat(sqs.batches()).containsExactly(4, 3);
    }

    @Test
    void what_is_never_taken_is_unavailable_in_the_end() {
        sqs.takes(body -> body.contains("secret-1\""));
        assertThatThrownBy(() -> queue.enqueue(each(60), deadline))
                .isInstanceOf(RotatorException.Unavailable.class)
                .hasMessageContaining("2 messages were not sent");
        assertThat(sqs.batches()).containsExactly(3, 2, 2, 2, 2);
    }

    @Test
    void a_throttled_call_and_one_that_says_nothing_are_repeated() {
        sqs.trouble(call -> switch (call) {
            case 1 -> Optional.of(new Instead(400, THROTTLED));
            case 2 -> Optional.of(new Instead(503, "gateway <secret>"));
            default -> Optional.empty();
        });
        queue.enqueue(each(3), deadline);
        assertThat(handedOut()).containsExactlyElementsOf(arns(3));
        assertThat(lines).hasSize(3).noneMatch(line -> line.contains("<secret>"));
    }

    @Test
    void a_refused_call_is_a_matter_of_configuration_and_not_repeated() {
        sqs.trouble(call -> Optional.of(new Instead(
                400, "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\"," + "\"message\":\"quoted words\"}")));
        assertThatThrownBy(() -> queue.enqueue(each(3), deadline))
                .isInstanceOf(RotatorException.Configuration.class)
                .hasMessageContainingAll("QueueDoesNotExist", "WORK_QUEUE_URL")
                .hasMessageNotContaining("quoted words")
                .hasNoCause();
        assertThat(lines).hasSize(1);
    }

    @Test
    void without_time_nothing_is_sent() {
        var over = Deadline.in(Duration.ofMillis(100), time);
        assertThatThrownBy(() -> queue.enqueue(each(3), over)).isInstanceOf(RotatorException.Unavailable.class);
        assertThat(sqs.batches()).isEmpty();
    }

    @Test
    void a_proxy_or_a_certificate_that_stands_in_the_way_is_told() throws Exception {
        try (var proxy = ForwardProxy.to(Map.of());
                var server = FakeAtlas.startTls(new AtlasModel(time), SelfSigned.make())) {
            failsWith(
                    ConnectionFailure.PROXY_REFUSED,
                    Map.of("AWS_ENDPOINT_URL_SQS", "https://sqs.test", "HTTPS_PROXY", "http://" + proxy.address()));
            assertThat(proxy.requests())
                    .isNotEmpty()
                    .allMatch(asked -> asked.toString().equals("CONNECT sqs.test:443"));
            failsWith(
                    ConnectionFailure.CERTIFICATE_NOT_TRUSTED,
                    Map.of("AWS_ENDPOINT_URL_SQS", server.baseUrl().toString()));
        }
    }

    private void failsWith(ConnectionFailure failure, Map<String, String> environment) {
        var variables = new HashMap<>(environment);
        variables.put("AWS_REGION", "eu-central-1");
        Supplier<SqsClient> client = () -> new AwsEnvironment(variables)
                .configure(SqsClient.builder(), new AwsEnvironment.Service("SQS", "SQS", SqsClient::serviceMetadata))
                .credentialsProvider(AnonymousCredentialsProvider.create())
                .build();
        var reached = new SqsWorkQueue(client, URL, new Retrier(time, new Random(1)), new Log(lines::add, time), time);
        assertThatThrownBy(() -> reached.enqueue(each(1), deadline))
                .isInstanceOf(RotatorException.Unavailable.class)
                .hasNoCause()
                .hasMessageStartingWith(
                        "QUEUE_UNAVAILABLE: Work could not be enqueued: SQS " + failure.what() + ". 1 messages")
                .hasMessageEndingWith(failure.advice());
    }

    @Test
    void no_region_is_said_when_work_is_handed_out() {
        var lost =
                SqsWorkQueue.production(Map.of(), URL, new Retrier(time, new Random(1)), new Log(l -> {}, time), time);
        assertThatThrownBy(() -> lost.enqueue(each(1), deadline))
                .isInstanceOf(RotatorException.Configuration.class)
                .hasMessageContaining("AWS_REGION");
    }
}
