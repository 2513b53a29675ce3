package dev.atlasrotator.simulator.sqs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.atlasrotator.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;

/**
 * A standard queue of SQS for the real SDK client, without a socket, and the part of Lambda that
 * takes messages off it: what a function reports as failed comes back, and ends in the dead-letter
 * queue after so many times. It knows the one call that the rotator makes.
 */
public final class InProcessSqs implements SdkHttpClient {
    /**
     * A message on its way.
     *
     * @param received how often it was handed to a function
     */
    public record Message(String id, String body, int received) {}

    /** What is answered instead of the queue's own answer. */
    public record Instead(int status, String body) {}

    private final int mostReceives;
    private final ArrayDeque<Message> waiting = new ArrayDeque<>();

    /** By id: a message that was delivered twice is still one. */
    private final Map<String, String> deadLetters = new LinkedHashMap<>();

    private final List<Integer> batches = new ArrayList<>();
    private Function<Integer, Optional<Instead>> trouble = call -> Optional.empty();
    private Predicate<String> takes = body -> true;
    private int calls;
    private int ids;

    /**
     * An empty queue.
     *
     * @param mostReceives the redrive policy's maxReceiveCount
     */
    public InProcessSqs(int mostReceives) {
        this.mostReceives = mostReceives;
    }

    /** What goes wrong from now on, by the number of the call; the first is 1. */
    public synchronized void trouble(Function<Integer, Optional<Instead>> decide) {
        trouble = decide;
    }

    /** Which messages of a batch are taken; the others fail by the queue's own fault. */
    public synchronized void takes(Predicate<String> decide) {
        takes = decide;
    }

    /** How many messages each batch had. */
    public synchronized List<Integer> batches() {
        return List.copyOf(batches);
    }

    /** What waits, the next first. */
    public synchronized List<String> waiting() {
        return waiting.stream().map(Message::body).toList();
    }

    public synchronized List<String> deadLetters() {
        return List.copyOf(deadLetters.values());
    }

    /** Somebody sends a message by hand. */
    public synchronized void put(String body) {
        waiting.add(new Message("message-" + ++ids, body, 0));
    }

    /** Takes at most so many messages off. */
    public synchronized List<Message> receive(int most) {
        var taken = new ArrayList<Message>();
        while (taken.size() < most && !waiting.isEmpty()) {
            var next = waiting.poll();
            taken.add(new Message(next.id(), next.body(), next.received() + 1));
        }
        return taken;
    }

    /** Lambda's event for these messages. */
    public static String event(List<Message> messages) {
        return Json.text(Map.of(
                "Records",
                messages.stream()
                        .map(message -> Map.of(
                                "messageId", message.id(),
                                "eventSource", "aws:sqs",
                                "body", message.body()))
                        .toList()));
    }

    /** What the function answered: the messages that it names come back, the others are done. */
    public synchronized void settle(List<Message> messages, String answer) {
        var failures = (List<?>) Json.object(answer).orElseThrow().getOrDefault("batchItemFailures", "");
        for (var message : messages) {
            if (failures.contains(Map.of("itemIdentifier", message.id()))) {
                comeBack(message);
            }
        }
    }

    /** Standard queues deliver a message more than once now and then; this one does it now. */
    public synchronized void deliverTwice(Message message) {
        waiting.add(new Message(message.id(), message.body(), 0));
    }

    /** It was not deleted before its visibility time-out. */
    public synchronized void comeBack(Message message) {
        if (message.received() >= mostReceives) {
            deadLetters.put(message.id(), message.body());
        } else {
            waiting.add(message);
        }
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

    private synchronized HttpExecuteResponse answer(HttpExecuteRequest request) throws IOException {
        var target = request.httpRequest().firstMatchingHeader("X-Amz-Target").orElse("");
        if (!target.equals("AmazonSQS.SendMessageBatch")) {
            throw new AssertionError("the SQS stand-in does not know " + target);
        }
        var instead = trouble.apply(++calls);
        var content = request.contentStreamProvider().orElseThrow();
        try (var stream = content.newStream()) {
            var answer = instead.isPresent()
                    ? instead.get()
                    : new Instead(200, sent(new String(stream.readAllBytes(), UTF_8)));
            return HttpExecuteResponse.builder()
                    .response(SdkHttpResponse.builder()
                            .statusCode(answer.status())
                            .putHeader("Content-Type", "application/x-amz-json-1.0")
                            .build())
                    .responseBody(AbortableInputStream.create(
                            new ByteArrayInputStream(answer.body().getBytes(UTF_8))))
                    .build();
        }
    }

    private String sent(String body) {
        var entries = (List<?>) Json.object(body).orElseThrow().get("Entries");
        var successful = new ArrayList<Map<String, Object>>();
        var failed = new ArrayList<Map<String, Object>>();
        if (entries == null || entries.isEmpty() || entries.size() > 10) {
            throw new AssertionError("a batch has 1 to 10 messages");
        }
        batches.add(entries.size());
        for (Object one : entries) {
            var entry = (Map<?, ?>) one;
            var text = String.valueOf(entry.get("MessageBody"));
            var result = new LinkedHashMap<String, Object>();
            result.put("Id", entry.get("Id"));
            if (takes.test(text)) {
                put(text);
                result.put("MessageId", "message-" + ids);
                result.put("MD5OfMessageBody", md5(text));
                successful.add(result);
            } else {
                result.put("SenderFault", false);
                result.put("Code", "InternalError");
                failed.add(result);
            }
        }
        return Json.text(Map.of("Successful", successful, "Failed", failed));
    }

    private static String md5(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    @Override
    public void close() {
        // Nothing is open.
    }

    @Override
    public String clientName() {
        return "InProcessSqs";
    }
}
