package dev.atlasrotator.simulator.cloudwatch;

import dev.atlasrotator.simulator.cloudwatch.Template.Resource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * An alarm as the template defines it.
 *
 * @param name its logical id in the template
 * @param queries the metric that it watches, or the metrics and expressions of which one is watched
 * @param notifies whether it has an action
 */
public record Alarm(
        String name,
        String description,
        List<Query> queries,
        int evaluationPeriods,
        int datapointsToAlarm,
        double threshold,
        Comparison comparison,
        MissingData missingData,
        boolean notifies) {
    /** A metric or an expression. The one whose data is returned is watched. */
    sealed interface Query {
        String id();

        boolean isReturned();
    }

    record MetricQuery(String id, Metrics.Key key, Statistic statistic, Duration period, boolean isReturned)
            implements Query {}

    record MathQuery(String id, MetricMath expression, boolean isReturned) implements Query {}

    /** How the values of a period become one. */
    enum Statistic {
        SUM,
        MINIMUM,
        MAXIMUM,
        AVERAGE,
        SAMPLE_COUNT;

        static Statistic of(Object name) {
            return switch (String.valueOf(name)) {
                case "Sum" -> SUM;
                case "Minimum" -> MINIMUM;
                case "Maximum" -> MAXIMUM;
                case "Average" -> AVERAGE;
                case "SampleCount" -> SAMPLE_COUNT;
                default -> throw new AssertionError("this statistic is not known: " + name);
            };
        }
    }

    /** On which side of the threshold a value breaches it. */
    enum Comparison {
        GREATER,
        GREATER_OR_EQUAL,
        LESS,
        LESS_OR_EQUAL;

        static Comparison of(Object name) {
            return switch (String.valueOf(name)) {
                case "GreaterThanThreshold" -> GREATER;
                case "GreaterThanOrEqualToThreshold" -> GREATER_OR_EQUAL;
                case "LessThanThreshold" -> LESS;
                case "LessThanOrEqualToThreshold" -> LESS_OR_EQUAL;
                default -> throw new AssertionError("this comparison is not known: " + name);
            };
        }

        boolean breaches(double value, double threshold) {
            return switch (this) {
                case GREATER -> value > threshold;
                case GREATER_OR_EQUAL -> value >= threshold;
                case LESS -> value < threshold;
                case LESS_OR_EQUAL -> value <= threshold;
            };
        }
    }

    /** What counts for a data point that is not there. */
    public enum MissingData {
        MISSING,
        IGNORE,
        BREACHING,
        NOT_BREACHING;

        static MissingData of(Object name) {
            return switch (String.valueOf(name)) {
                case "missing" -> MISSING;
                case "ignore" -> IGNORE;
                case "breaching" -> BREACHING;
                case "notBreaching" -> NOT_BREACHING;
                default -> throw new AssertionError("this treatment of missing data is not known: " + name);
            };
        }
    }

    static Alarm of(Resource resource) {
        var properties = resource.properties();
        int periods = Integer.parseInt(text(properties, "EvaluationPeriods"));
        return new Alarm(
                resource.logicalId(),
                text(properties, "AlarmDescription"),
                queries(properties),
                periods,
                Integer.parseInt(String.valueOf(properties.getOrDefault("DatapointsToAlarm", periods))),
                Double.parseDouble(text(properties, "Threshold")),
                Comparison.of(text(properties, "ComparisonOperator")),
                MissingData.of(properties.getOrDefault("TreatMissingData", "missing")),
                properties.containsKey("AlarmActions"));
    }

    private static List<Query> queries(Map<String, Object> properties) {
        if (!properties.containsKey("Metrics")) {
            return List.of(metric("m", properties, properties, "Statistic", true));
        }
        return Template.list(properties.get("Metrics")).stream()
                .map(Template::map)
                .map(Alarm::query)
                .toList();
    }

    private static Query query(Map<String, Object> one) {
        boolean returned = !"false".equals(String.valueOf(one.getOrDefault("ReturnData", "true")));
        if (one.containsKey("Expression")) {
            return new MathQuery(text(one, "Id"), MetricMath.of(text(one, "Expression")), returned);
        }
        var stat = Template.map(one.get("MetricStat"));
        return metric(text(one, "Id"), Template.map(stat.get("Metric")), stat, "Stat", returned);
    }

    private static MetricQuery metric(
            String id, Map<String, Object> metric, Map<String, Object> statistic, String name, boolean returned) {
        var dimensions = new TreeMap<String, String>();
        if (metric.containsKey("Dimensions")) {
            Template.list(metric.get("Dimensions")).stream()
                    .map(Template::map)
                    .forEach(one -> dimensions.put(text(one, "Name"), text(one, "Value")));
        }
        return new MetricQuery(
                id,
                new Metrics.Key(text(metric, "Namespace"), text(metric, "MetricName"), dimensions),
                Statistic.of(text(statistic, name)),
                Duration.ofSeconds(Long.parseLong(text(statistic, "Period"))),
                returned);
    }

    private static String text(Map<String, Object> properties, String key) {
        return Optional.ofNullable(properties.get(key))
                .map(String::valueOf)
                .orElseThrow(() -> new AssertionError("no " + key + " in " + properties));
    }

    /** The metrics that it reads. */
    public List<Metrics.Key> metrics() {
        return metricQueries().map(MetricQuery::key).toList();
    }

    /** Whether it watches an expression. */
    public boolean usesMath() {
        return queries.stream().anyMatch(MathQuery.class::isInstance);
    }

    Stream<MetricQuery> metricQueries() {
        return queries.stream().filter(MetricQuery.class::isInstance).map(MetricQuery.class::cast);
    }

    /** How long one data point's period is; the same for all its metrics. */
    public Duration period() {
        var periods = metricQueries().map(MetricQuery::period).distinct().toList();
        if (periods.size() != 1) {
            throw new AssertionError(name + " has metrics of several periods: " + periods);
        }
        return periods.getFirst();
    }
}
