package dev.atlasrotator.sqs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.aws.AwsEnvironment;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.simulator.LocalStack;
import dev.atlasrotator.simulator.sqs.InProcessSqs;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * A sweep hands its work to a real queue, and messages come off it as Lambda takes them: what the
 * function names as failed becomes visible again, everything else is deleted.
 */
class LocalStackSqsIT {
    private static final int MOST_RECEIVES = 3;
    private static final String SWEEP = "{\"action\":\"sweep\"}";

    private static Optional<LocalStack> localStack = Optional.empty();

    private final SqsClient sqs = client();
    private final String deadLetters = queue("dead-letters", Map.of());
    private final String url = queue(
            "work",
            Map.of(
                    QueueAttributeName.REDRIVE_POLICY,
                    Json.text(Map.of("deadLetterTargetArn", arn(deadLetters), "maxReceiveCount", MOST_RECEIVES))));

    @BeforeAll
    static void start() {
        localStack = Optional.of(LocalStack.with("sqs"));
    }

    @AfterAll
    static void stop() {
        localStack.ifPresent(LocalStack::close);
    }

    private static SqsClient client() {
        return localStack.orElseThrow().client(AwsEnvironment.withoutRetries(SqsClient.builder()));
    }

    private String queue(String name, Map<QueueAttributeName, String> attributes) {
        var unique = name + "-" + System.identityHashCode(this);
        return sqs.createQueue(request -> request.queueName(unique).attributes(attributes))
                .queueUrl();
    }

    private String arn(String queue) {
        return sqs.getQueueAttributes(request -> request.queueUrl(queue).attributeNames(QueueAttributeName.QUEUE_ARN))
                .attributes()
                .getOrDefault(QueueAttributeName.QUEUE_ARN, "");
    }

    private Testbed testbed() {
        var testbed = new Testbed().setting("ROTATIONS_PER_SWEEP", "10000");
        return testbed.queue(new SqsWorkQueue(
                LocalStackSqsIT::client,
                url,
                new Retrier(testbed.time, new Random(1)),
                new Log(testbed.lines::add, InstantSource.system()),
                InstantSource.system()));
    }

    /** Everything that is visible now; short waits only, the queue is on this machine. */
    private List<Message> receive(String queue) {
        var all = new ArrayList<Message>();
        for (var some = receiveSome(queue); !some.isEmpty(); some = receiveSome(queue)) {
            all.addAll(some);
        }
        return all;
    }

    private List<Message> receiveSome(String queue) {
        return sqs.receiveMessage(request ->
                        request.queueUrl(queue).maxNumberOfMessages(10).waitTimeSeconds(1))
                .messages();
    }

    /** One event of these messages, and then what Lambda does with the answer. */
    private void work(Testbed testbed, List<Message> messages) {
        var answer = testbed.handle(event(messages));
        for (var message : messages) {
            if (answer.contains("\"" + message.messageId() + "\"")) {
                sqs.changeMessageVisibility(request -> request.queueUrl(url)
                        .receiptHandle(message.receiptHandle())
                        .visibilityTimeout(0));
            } else {
                sqs.deleteMessage(request -> request.queueUrl(url).receiptHandle(message.receiptHandle()));
            }
        }
    }

    private static String event(List<Message> messages) {
        return InProcessSqs.event(messages.stream()
                .map(one -> new InProcessSqs.Message(one.messageId(), one.body(), 1))
                .toList());
    }

    @Test
    void what_a_sweep_hands_out_is_worked_off_and_coming_twice_or_out_of_order_does_no_harm() {
        var testbed = testbed();
        var due = new ArrayList<ManagedSecret>();
        for (int i = 0; i < 45; i++) {
            due.add(testbed.account("due-" + i, Duration.ofDays(40)));
        }
        var fresh = testbed.account("fresh", Duration.ofDays(3));

        assertThat(testbed.answer(SWEEP)).containsEntry("enqueued", 45);
        var messages = receive(url);
        assertThat(messages).hasSize(3);
        assertThat(messages)
                .allMatch(one -> one.body().startsWith("{\"action\":\"sweep\",\"secretIds\":["))
                .noneMatch(one -> one.body().contains(fresh.arn()));

        work(testbed, messages.reversed());
        assertThat(due)
                .allMatch(testbed::currentWorks)
                .allMatch(one -> testbed.idsAtAtlas(one).size() == 2);
        assertThat(testbed.idsAtAtlas(fresh)).hasSize(1);
        assertThat(receive(url)).isEmpty();

        var calls = testbed.atlas.calls().getOrDefault("createSecret", 0);
        assertThat(testbed.handle(event(messages))).isEqualTo("{\"batchItemFailures\":[]}");
        assertThat(testbed.atlas.calls().getOrDefault("createSecret", 0)).isEqualTo(calls);
    }

    @Test
    void a_message_that_makes_no_sense_ends_among_the_dead_letters_and_its_neighbour_does_not() {
        var testbed = testbed();
        var due = testbed.account("due", Duration.ofDays(40));
        testbed.handle(SWEEP);
        sqs.sendMessage(request -> request.queueUrl(url).messageBody(SWEEP)); // names nobody

        for (int times = 0; times < MOST_RECEIVES; times++) {
            work(testbed, receiveSome(url));
        }
        assertThat(receive(url)).isEmpty();
        assertThat(receive(deadLetters)).extracting(Message::body).containsExactly(SWEEP);
        assertThat(testbed.currentWorks(due)).isTrue();
        assertThat(testbed.idsAtAtlas(due)).hasSize(2);
    }
}
