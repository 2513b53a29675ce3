package dev.atlasrotator.simulator.cloudwatch;

import dev.atlasrotator.simulator.cloudwatch.Alarm.Comparison;
import dev.atlasrotator.simulator.cloudwatch.Alarm.MetricQuery;
import dev.atlasrotator.simulator.cloudwatch.Alarm.MissingData;
import dev.atlasrotator.simulator.cloudwatch.Alarm.Query;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** An alarm with one property other than it is: what somebody may get wrong in a template. */
public final class AlarmChanges {
    private AlarmChanges() {}

    /** The changed alarms, by what is changed. */
    public static Map<String, Alarm> of(Alarm alarm) {
        var changes = new LinkedHashMap<String, Alarm>();
        changes.put(
                "what is missing breaches",
                judging(alarm, alarm.threshold(), alarm.comparison(), MissingData.BREACHING));
        changes.put(
                "a higher threshold",
                judging(alarm, alarm.threshold() * 4 + 1, alarm.comparison(), alarm.missingData()));
        for (var comparison : Comparison.values()) {
            changes.put("compares " + comparison, judging(alarm, alarm.threshold(), comparison, alarm.missingData()));
        }
        changes.put("one period", counting(alarm, 1, 1));
        changes.put("one data point of all", counting(alarm, alarm.evaluationPeriods(), 1));
        changes.put("all data points", counting(alarm, alarm.evaluationPeriods(), alarm.evaluationPeriods()));
        for (int minutes : List.of(5, 240)) {
            changes.put(
                    "periods of %d minutes".formatted(minutes),
                    watching(alarm, one -> metric(one, one.key(), Duration.ofMinutes(minutes))));
        }
        changes.put(
                "no dimensions",
                watching(
                        alarm,
                        one -> metric(
                                one,
                                new Metrics.Key(one.key().namespace(), one.key().name(), Map.of()),
                                one.period())));
        changes.values().removeIf(alarm::equals);
        return changes;
    }

    private static MetricQuery metric(MetricQuery one, Metrics.Key key, Duration period) {
        return new MetricQuery(one.id(), key, one.statistic(), period, one.isReturned());
    }

    private static Alarm judging(Alarm alarm, double threshold, Comparison comparison, MissingData missing) {
        return new Alarm(
                alarm.name(),
                alarm.description(),
                alarm.queries(),
                alarm.evaluationPeriods(),
                alarm.datapointsToAlarm(),
                threshold,
                comparison,
                missing,
                alarm.notifies());
    }

    private static Alarm counting(Alarm alarm, int periods, int needed) {
        return new Alarm(
                alarm.name(),
                alarm.description(),
                alarm.queries(),
                periods,
                needed,
                alarm.threshold(),
                alarm.comparison(),
                alarm.missingData(),
                alarm.notifies());
    }

    private static Alarm watching(Alarm alarm, UnaryOperator<MetricQuery> change) {
        var queries = alarm.queries().stream()
                .<Query>map(one -> one instanceof MetricQuery metric ? change.apply(metric) : one)
                .toList();
        return new Alarm(
                alarm.name(),
                alarm.description(),
                queries,
                alarm.evaluationPeriods(),
                alarm.datapointsToAlarm(),
                alarm.threshold(),
                alarm.comparison(),
                alarm.missingData(),
                alarm.notifies());
    }
}
