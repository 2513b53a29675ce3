package dev.atlasrotator.simulator.cloudwatch;

import dev.atlasrotator.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Data points of metrics, by namespace, name and dimensions. As in CloudWatch a metric exists only with exactly the
 * dimensions that it was published with. Points of one minute are kept apart, so that every statistic can be had.
 */
public final class Metrics {
    /** What a metric is known by. */
    public record Key(String namespace, String name, Map<String, String> dimensions) {
        public Key {
            dimensions = Map.copyOf(dimensions);
        }

        @Override
        public String toString() {
            return namespace + " " + name + " " + new TreeMap<>(dimensions);
        }
    }

    /**
     * A data point. Times are minutes since 1970.
     *
     * @param minute its timestamp
     * @param sent when it was sent, which may be long after its timestamp
     * @param sentAtLatest the same where the service that sends it takes its time
     */
    record Point(long minute, double value, long sent, long sentAtLatest) {
        long seen(Timing timing) {
            return switch (timing.arrival()) {
                case PROMPT -> sent;
                case LATE -> sentAtLatest + timing.arrival().after().toMinutes();
            };
        }
    }

    private final Map<Key, List<Point>> points = new LinkedHashMap<>();

    /** The metrics that exist. */
    public Set<Key> keys() {
        return Set.copyOf(points.keySet());
    }

    /** Publishes a data point at the time that it is about. */
    public void put(Key key, Instant at, double value) {
        put(key, at, value, at, Duration.ZERO);
    }

    /**
     * Publishes a data point.
     *
     * @param at its timestamp
     * @param sent when it is sent
     * @param delay how much later it may be sent, if the service takes its time
     */
    public void put(Key key, Instant at, double value, Instant sent, Duration delay) {
        points.computeIfAbsent(key, unseen -> new ArrayList<>())
                .add(new Point(minute(at), value, minute(sent), minute(sent.plus(delay))));
    }

    /**
     * Reads a line of a log: one in embedded metric format gives its data points, every other one none.
     *
     * @param written when the line reached the log
     */
    public void read(String line, Instant written) {
        if (!line.startsWith("{\"_aws\"")) {
            return;
        }
        var json = Json.object(line).orElseThrow(() -> new AssertionError("half a line of metrics: " + line));
        var metadata = Template.map(json.get("_aws"));
        var at = Instant.ofEpochMilli(number(metadata.get("Timestamp")).longValue());
        for (Object one : Template.list(metadata.get("CloudWatchMetrics"))) {
            var directive = Template.map(one);
            for (Object set : Template.list(directive.get("Dimensions"))) {
                var dimensions = new TreeMap<String, String>();
                for (Object name : Template.list(set)) {
                    // The specification: a dimension that is no member of the line makes the line invalid.
                    var value = Optional.ofNullable(json.get(String.valueOf(name)))
                            .orElseThrow(() -> new AssertionError("no value of the dimension " + name + ": " + line));
                    dimensions.put(String.valueOf(name), String.valueOf(value));
                }
                for (Object metric : Template.list(directive.get("Metrics"))) {
                    var name = String.valueOf(Template.map(metric).get("Name"));
                    put(
                            new Key(String.valueOf(directive.get("Namespace")), name, dimensions),
                            at,
                            number(json.get(name)).doubleValue(),
                            written,
                            Duration.ZERO);
                }
            }
        }
    }

    private static Number number(@Nullable Object value) {
        if (value instanceof Number number) {
            return number;
        }
        throw new AssertionError("not a number: " + value);
    }

    /** Hands over each data point of a metric. */
    public void each(Key key, BiConsumer<Instant, Double> point) {
        points(key).forEach(one -> point.accept(Instant.ofEpochSecond(one.minute() * 60), one.value()));
    }

    /** The data points of a metric, by timestamp; none if it does not exist. */
    List<Point> points(Key key) {
        return points.getOrDefault(key, List.of()).stream()
                .sorted(Comparator.comparingLong(Point::minute))
                .toList();
    }

    /** The minute in which this is. */
    static long minute(Instant at) {
        return Math.floorDiv(at.getEpochSecond(), 60);
    }
}
