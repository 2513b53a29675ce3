package dev.atlasrotator.simulator.cloudwatch;

import dev.atlasrotator.simulator.cloudwatch.Alarm.MathQuery;
import dev.atlasrotator.simulator.cloudwatch.Alarm.MetricQuery;
import dev.atlasrotator.simulator.cloudwatch.Metrics.Point;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * CloudWatch's evaluation of alarms, each minute: retrieves the range, fills as few missing points as possible, and
 * counts what breaches (user guide, "Configuring how CloudWatch alarms treat missing data").
 */
public record AlarmEvaluator(Metrics metrics, Timing timing) {
    /** An alarm's state. */
    public enum State {
        OK,
        ALARM,
        INSUFFICIENT_DATA
    }

    /** An alarm changes its state; into ALARM it notifies once. */
    public record Transition(Instant at, State from, State to) {}

    /** How the alarm's state changes if it is created at one time and looked at until another. */
    public List<Transition> history(Alarm alarm, Instant from, Instant until) {
        var points = new HashMap<MetricQuery, List<Point>>();
        long period = alarm.period().toMinutes();
        alarm.metricQueries().forEach(query -> points.put(query, metrics.points(query.key())));
        var state = State.INSUFFICIENT_DATA;
        var transitions = new ArrayList<Transition>();
        for (long now : minutes(alarm, period, points, Metrics.minute(from), Metrics.minute(until))) {
            var next = state(alarm, values(alarm, period, points, now), state);
            if (next != state) {
                transitions.add(new Transition(Instant.ofEpochSecond(now * 60), state, next));
                state = next;
            }
        }
        return transitions;
    }

    /**
     * The minutes in which the state can change: a data point is seen, or moves on into another period. In all others
     * the range is what it was the minute before.
     */
    private long[] minutes(Alarm alarm, long period, Map<MetricQuery, List<Point>> points, long from, long until) {
        int range = alarm.evaluationPeriods() + timing.extraPeriods();
        var moments = points.values().stream().flatMap(List::stream).flatMapToLong(point -> {
            long enters = switch (timing.windows()) {
                case SLIDING -> point.minute() + 1;
                case ALIGNED -> (Math.floorDiv(point.minute(), period) + 1) * period;
            };
            return LongStream.concat(
                    LongStream.of(point.seen(timing)),
                    IntStream.rangeClosed(0, range).mapToLong(periods -> enters + periods * period));
        });
        return LongStream.concat(LongStream.of(from), moments)
                .filter(minute -> minute >= from && minute <= until)
                .sorted()
                .distinct()
                .toArray();
    }

    /** The value of each period of the range, the oldest first. */
    private double[] values(Alarm alarm, long period, Map<MetricQuery, List<Point>> points, long now) {
        int periods = alarm.evaluationPeriods() + timing.extraPeriods();
        long end = switch (timing.windows()) {
            case SLIDING -> now;
            case ALIGNED -> Math.floorDiv(now, period) * period;
        };
        var series = new HashMap<String, double[]>();
        for (var query : alarm.queries()) {
            double[] values = switch (query) {
                case MetricQuery metric ->
                    statistics(metric, points.getOrDefault(metric, List.of()), end, period, periods, now);
                case MathQuery math -> math.expression().over(new MetricMath.Range(periods, timing.unseen(), series));
            };
            if (query.isReturned()) {
                return values;
            }
            series.put(query.id(), values);
        }
        throw new AssertionError(alarm.name() + " returns no data");
    }

    private double[] statistics(MetricQuery query, List<Point> points, long end, long period, int periods, long now) {
        var values = new double[periods];
        Arrays.fill(values, Double.NaN);
        var counts = new int[periods];
        long start = end - periods * period;
        for (int i = firstAtOrAfter(points, start);
                i < points.size() && points.get(i).minute() < end;
                i++) {
            var point = points.get(i);
            if (point.seen(timing) <= now) {
                int slot = (int) ((point.minute() - start) / period);
                values[slot] = counts[slot] == 0 ? first(query, point) : merged(query, values[slot], point);
                counts[slot]++;
            }
        }
        if (query.statistic() == Alarm.Statistic.AVERAGE) {
            for (int slot = 0; slot < periods; slot++) {
                values[slot] /= Math.max(1, counts[slot]);
            }
        }
        return values;
    }

    private static double first(MetricQuery query, Point point) {
        return query.statistic() == Alarm.Statistic.SAMPLE_COUNT ? 1 : point.value();
    }

    private static double merged(MetricQuery query, double value, Point point) {
        return switch (query.statistic()) {
            case SUM, AVERAGE -> value + point.value();
            case MINIMUM -> Math.min(value, point.value());
            case MAXIMUM -> Math.max(value, point.value());
            case SAMPLE_COUNT -> value + 1;
        };
    }

    private static int firstAtOrAfter(List<Point> points, long minute) {
        int low = 0;
        int high = points.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (points.get(middle).minute() < minute) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /**
     * The state that these data points give.
     *
     * @param range one for each period that was retrieved, the oldest first; NaN is a missing one
     */
    static State state(Alarm alarm, double[] range, State before) {
        var there = Arrays.stream(range).filter(value -> !Double.isNaN(value)).toArray();
        int evaluated = Math.min(there.length, alarm.evaluationPeriods());
        int missing = alarm.evaluationPeriods() - evaluated;
        int breaching = (int) Arrays.stream(there, there.length - evaluated, there.length)
                .filter(value -> breaches(alarm, value))
                .count();
        if (breaching >= alarm.datapointsToAlarm()) {
            return State.ALARM;
        }
        return switch (alarm.missingData()) {
            case NOT_BREACHING -> State.OK;
            case BREACHING -> breaching + missing >= alarm.datapointsToAlarm() ? State.ALARM : State.OK;
            case MISSING -> {
                if (breaching < evaluated || missing == 0) {
                    yield State.OK;
                }
                yield isOldBreach(alarm, range) ? State.ALARM : State.INSUFFICIENT_DATA;
            }
            case IGNORE -> breaching < evaluated || missing == 0 ? State.OK : before;
        };
    }

    /**
     * Only breaching points are there, and too few, but the oldest is at least as old as the number that an alarm needs
     * (the same page, "Avoiding premature transitions to alarm state").
     */
    private static boolean isOldBreach(Alarm alarm, double[] range) {
        return IntStream.rangeClosed(0, range.length - alarm.datapointsToAlarm())
                .anyMatch(period -> breaches(alarm, range[period]));
    }

    private static boolean breaches(Alarm alarm, double value) {
        return !Double.isNaN(value) && alarm.comparison().breaches(value, alarm.threshold());
    }
}
