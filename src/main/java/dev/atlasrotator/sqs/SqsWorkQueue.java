package dev.atlasrotator.sqs;

import dev.atlasrotator.aws.AwsCalls;
import dev.atlasrotator.aws.AwsEnvironment;
import dev.atlasrotator.aws.AwsFailure;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.network.ConnectionFailure;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.retry.Retrier.Attempt;
import dev.atlasrotator.retry.RetryPolicy;
import dev.atlasrotator.sweep.WorkQueue;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;

/**
 * The work queue on SQS. Messages go ten at a time; those that SQS did not take are sent again, and
 * those alone. After a lost answer all ten are: a message that comes twice does no harm.
 *
 * <p>The client is made when the first work is enqueued, so that a function that only processes messages, or has no
 * queue, never loads it.
 */
public final class SqsWorkQueue implements WorkQueue {
    /** A batch takes so many messages (SendMessageBatch's bound). */
    private static final int MESSAGES_A_BATCH = 10;

    private static final RetryPolicy RETRIES = new RetryPolicy(5, Duration.ofMillis(200), Duration.ofSeconds(4));

    private final Supplier<SqsClient> clients;
    private final String url;
    private final Retrier retrier;
    private final AwsCalls calls;
    private @Nullable SqsClient client;

    /**
     * A queue.
     *
     * @param clients makes a client that never tries again by itself; asked once, when it is needed
     * @param url of a standard queue: the order of messages means nothing, so a FIFO queue would
     *     only be slower, and is not spoken to
     */
    public SqsWorkQueue(Supplier<SqsClient> clients, String url, Retrier retrier, Log log, InstantSource clock) {
        this.clients = clients;
        this.url = url;
        this.retrier = retrier;
        this.calls = new AwsCalls("sqs", log, clock);
    }

    /**
     * The queue in production.
     *
     * @param environment the process's variables, read as {@link AwsEnvironment} says; the narrower
     *     endpoint is {@code AWS_ENDPOINT_URL_SQS}
     */
    public static WorkQueue production(
            Map<String, String> environment, String url, Retrier retrier, Log log, InstantSource clock) {
        return new SqsWorkQueue(
                () -> new AwsEnvironment(environment)
                        .configure(
                                SqsClient.builder(),
                                new AwsEnvironment.Service("SQS", "SQS", SqsClient::serviceMetadata))
                        .build(),
                url,
                retrier,
                log,
                clock);
    }

    @Override
    public void enqueue(List<List<String>> accounts, Deadline deadline) {
        var messages = new ArrayList<String>();
        var next = new ArrayList<String>();
        for (List<String> account : accounts) {
            if (!next.isEmpty() && next.size() + account.size() > SECRETS_A_MESSAGE) {
                messages.add(message(next));
                next.clear();
            }
            next.addAll(account);
        }
        if (!next.isEmpty()) {
            messages.add(message(next));
        }
        for (int from = 0; from < messages.size(); from += MESSAGES_A_BATCH) {
            int to = Math.min(from + MESSAGES_A_BATCH, messages.size());
            send(messages.subList(from, to), deadline);
        }
    }

    private static String message(List<String> secretArns) {
        var json = new LinkedHashMap<String, Object>();
        json.put("action", "sweep");
        json.put("secretIds", secretArns);
        return Json.text(json);
    }

    private void send(List<String> messages, Deadline deadline) {
        var left = new LinkedHashMap<String, String>();
        messages.forEach(message -> left.put("message-" + left.size(), message));
        retrier.run(RETRIES, deadline, number -> {
            var attempt = calls.call(
                    "SendMessageBatch",
                    deadline,
                    limits -> {
                        var answer = client().sendMessageBatch(request(left, limits));
                        answer.successful().forEach(arrived -> left.remove(arrived.id()));
                        return answer;
                    },
                    answer -> left.isEmpty() ? "ok" : left.size() + " not taken",
                    failure -> Attempt.retry(Optional.empty(), notSent(left, failure)));
            return attempt instanceof Attempt.Done<SendMessageBatchResponse>(var answer) && !left.isEmpty()
                    ? Attempt.retry(Optional.empty(), notTaken(left, answer.failed()))
                    : attempt;
        });
    }

    private static RotatorException notSent(Map<String, String> left, AwsFailure failure) {
        return switch (failure.kind()) {
            case NO_TIME -> unavailable(left, "no time of this run was left");
            case THROTTLED -> unavailable(left, "SQS answered " + failure.outcome());
            case OUTCOME_UNKNOWN ->
                unavailable(left, "SQS " + (failure.status() == 0 ? "gave " : "answered ") + failure.outcome());
            case NOT_CONNECTED ->
                unavailable(left, "SQS " + failure.outcome())
                        .and(failure.connecting().map(ConnectionFailure::advice).orElse("Try again later."));
            case REFUSED ->
                throw new RotatorException.Configuration(
                        Code.QUEUE_UNAVAILABLE, """
                            SQS does not take work: it answered %s. %d messages were not sent. Check WORK_QUEUE_URL, and \
                            allow this function's role sqs:SendMessage on that queue.\
                            """.formatted(failure.outcome(), left.size()));
        };
    }

    private SendMessageBatchRequest request(Map<String, String> messages, AwsRequestOverrideConfiguration limits) {
        return SendMessageBatchRequest.builder()
                .queueUrl(url)
                .entries(messages.entrySet().stream()
                        .map(message -> SendMessageBatchRequestEntry.builder()
                                .id(message.getKey())
                                .messageBody(message.getValue())
                                .build())
                        .toList())
                .overrideConfiguration(limits)
                .build();
    }

    /** A message that is refused by itself is refused for ever; another one may get through. */
    private static RotatorException notTaken(Map<String, String> left, List<BatchResultErrorEntry> failed) {
        for (var entry : failed) {
            var code = AwsFailure.code(entry.code()).orElse("an error");
            if (Boolean.TRUE.equals(entry.senderFault()) && !code.contains("Throttl")) {
                throw new RotatorException.Configuration(Code.QUEUE_UNAVAILABLE, """
                    SQS refused a message with %s. %d messages were not sent. Check that WORK_QUEUE_URL names a \
                    standard queue.\
                    """.formatted(code, left.size()));
            }
        }
        return unavailable(left, "SQS did not take all of them");
    }

    private static RotatorException unavailable(Map<String, String> left, String why) {
        return new RotatorException.Unavailable(Code.QUEUE_UNAVAILABLE, """
            Work could not be enqueued: %s. %d messages were not sent, or nobody knows; the next sweep enqueues it \
            again.\
            """.formatted(why, left.size()));
    }

    private synchronized SqsClient client() {
        var made = client;
        if (made == null) {
            made = clients.get();
            client = made;
        }
        return made;
    }
}
