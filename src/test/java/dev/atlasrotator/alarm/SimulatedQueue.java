package dev.atlasrotator.alarm;

import dev.atlasrotator.simulator.cloudwatch.Metrics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A queue of SQS on a clock: messages are hidden while somebody works on them, and the queue says each minute how many
 * there are and how old the oldest is (SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS").
 */
final class SimulatedQueue {
    /** How long after it was used last a queue is called active. */
    private static final Duration ACTIVE = Duration.ofHours(6);

    /** How late the metrics of a queue can be that was idle. */
    private static final Duration WAKING = Duration.ofMinutes(15);

    /** A message. */
    static final class Message {
        final String body;
        final Instant sent;
        private Instant visibleFrom;
        private int received;
        private Optional<Instant> gone = Optional.empty();
        /** The metric of the oldest no longer counts a message that was received three times. */
        private Optional<Instant> ignored = Optional.empty();

        private Message(String body, Instant sent) {
            this.body = body;
            this.sent = sent;
            this.visibleFrom = sent;
        }

        int received() {
            return received;
        }
    }

    private final String name;
    private final List<Message> messages = new ArrayList<>();

    SimulatedQueue(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    void send(String body, Instant now) {
        messages.add(new Message(body, now));
    }

    /** Takes so many visible messages, and hides them. */
    List<Message> receive(int most, Duration hidden, Instant now) {
        var taken = messages.stream()
                .filter(one -> one.gone.isEmpty() && !one.visibleFrom.isAfter(now))
                .limit(most)
                .toList();
        for (var one : taken) {
            one.received++;
            one.visibleFrom = now.plus(hidden);
            if (one.received == 3) {
                one.ignored = Optional.of(now);
            }
        }
        return taken;
    }

    void delete(Message message, Instant now) {
        message.gone = Optional.of(now);
    }

    /** Somebody empties it. */
    void purge(Instant now) {
        messages.stream().filter(one -> one.gone.isEmpty()).forEach(one -> delete(one, now));
    }

    List<String> bodies() {
        return messages.stream()
                .filter(one -> one.gone.isEmpty())
                .map(one -> one.body)
                .toList();
    }

    /** Publishes the metrics of its whole life. */
    void publish(Metrics metrics, Instant until) {
        Optional<Instant> awake = Optional.empty();
        Optional<Instant> lastActive = Optional.empty();
        for (int i = 0; i < messages.size(); i++) {
            var from = messages.get(i).sent;
            if (lastActive.filter(from::isBefore).isEmpty()) {
                awake = Optional.of(from);
            }
            // Up to the next message, which may find the queue active still.
            var next = i + 1 < messages.size() ? messages.get(i + 1).sent : until;
            var idle = Optional.<Instant>empty();
            for (var minute = from; minute.isBefore(next) || minute.equals(from); minute = minute.plusSeconds(60)) {
                var now = minute;
                boolean empty = there(now).isEmpty();
                idle = empty ? idle.or(() -> Optional.of(now)) : Optional.empty();
                if (idle.map(since -> since.plus(ACTIVE).isBefore(now)).orElse(false)) {
                    break;
                }
                var late = minute.isBefore(awake.orElseThrow().plus(WAKING)) ? WAKING : Duration.ZERO;
                put(metrics, "ApproximateNumberOfMessagesVisible", minute, visible(minute), late);
                put(metrics, "ApproximateAgeOfOldestMessage", minute, age(minute), late);
                lastActive = Optional.of(minute.plus(ACTIVE));
            }
        }
    }

    private void put(Metrics metrics, String metric, Instant at, double value, Duration late) {
        metrics.put(new Metrics.Key("AWS/SQS", metric, Map.of("QueueName", name)), at, value, at, late);
    }

    private List<Message> there(Instant at) {
        return messages.stream()
                .filter(one ->
                        !one.sent.isAfter(at) && one.gone.map(at::isBefore).orElse(true))
                .toList();
    }

    private int visible(Instant at) {
        return (int)
                there(at).stream().filter(one -> !one.visibleFrom.isAfter(at)).count();
    }

    private int age(Instant at) {
        return (int) there(at).stream()
                .filter(one -> one.ignored.map(at::isBefore).orElse(true))
                .mapToLong(one -> Duration.between(one.sent, at).toSeconds())
                .max()
                .orElse(0);
    }
}
