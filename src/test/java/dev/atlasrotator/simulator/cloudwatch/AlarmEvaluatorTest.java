package dev.atlasrotator.simulator.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.simulator.cloudwatch.Alarm.Comparison;
import dev.atlasrotator.simulator.cloudwatch.Alarm.MetricQuery;
import dev.atlasrotator.simulator.cloudwatch.Alarm.MissingData;
import dev.atlasrotator.simulator.cloudwatch.Alarm.Statistic;
import dev.atlasrotator.simulator.cloudwatch.AlarmEvaluator.State;
import dev.atlasrotator.simulator.cloudwatch.Timing.Arrival;
import dev.atlasrotator.simulator.cloudwatch.Timing.Unseen;
import dev.atlasrotator.simulator.cloudwatch.Timing.Windows;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AlarmEvaluatorTest {
    private static final Instant START = Instant.parse("2026-06-01T08:00:00Z");
    private static final Metrics.Key KEY = new Metrics.Key("AtlasSecretRotator", "Sweeps", Map.of());

    private final Metrics metrics = new Metrics();

    /** The first table of the page "Configuring how CloudWatch alarms treat missing data"; RETAINED is said for ignore. */
    @ParameterizedTest
    @CsvSource({
        "0 - X - X, OK,                OK,       OK,    OK",
        "0 - - - -, OK,                OK,       OK,    OK",
        "- - - - -, INSUFFICIENT_DATA, RETAINED, ALARM, OK",
        "0 X X - X, ALARM,             ALARM,    ALARM, ALARM",
        "- - - - X, INSUFFICIENT_DATA, RETAINED, ALARM, OK",
        "X - - - -, ALARM,             RETAINED, ALARM, OK",
    })
    void three_of_three(String points, State missing, String ignore, State breaching, State notBreaching) {
        check(3, points, missing, ignore, breaching, notBreaching);
    }

    /** The second table there. */
    @ParameterizedTest
    @CsvSource({
        "0 - X - X, ALARM,             ALARM,    ALARM, ALARM",
        "0 0 X 0 X, ALARM,             ALARM,    ALARM, ALARM",
        "0 - X - -, OK,                OK,       ALARM, OK",
        "- - - - 0, OK,                OK,       ALARM, OK",
        "- - - - X, INSUFFICIENT_DATA, RETAINED, ALARM, OK",
    })
    void two_of_three(String points, State missing, String ignore, State breaching, State notBreaching) {
        check(2, points, missing, ignore, breaching, notBreaching);
    }

    private static void check(
            int needed, String points, State missing, String ignore, State breaching, State notBreaching) {
        var range = Arrays.stream(points.split(" ", -1))
                .mapToDouble(point -> point.equals("-") ? Double.NaN : point.equals("X") ? 1 : 0)
                .toArray();
        assertThat(AlarmEvaluator.state(alarm(60, 3, needed, MissingData.MISSING), range, State.OK))
                .isEqualTo(missing);
        assertThat(AlarmEvaluator.state(alarm(60, 3, needed, MissingData.BREACHING), range, State.OK))
                .isEqualTo(breaching);
        assertThat(AlarmEvaluator.state(alarm(60, 3, needed, MissingData.NOT_BREACHING), range, State.OK))
                .isEqualTo(notBreaching);
        for (var before : State.values()) {
            assertThat(AlarmEvaluator.state(alarm(60, 3, needed, MissingData.IGNORE), range, before))
                    .isEqualTo(ignore.equals("RETAINED") ? before : State.valueOf(ignore));
        }
    }

    @Test
    void a_breach_is_told_once_and_ends_when_its_period_leaves_the_range() {
        metrics.put(KEY, at(62), 1);
        assertThat(history(alarm(300, 1, 1, MissingData.NOT_BREACHING), sliding(0)))
                .containsExactly("0 OK", "63 ALARM", "68 OK");
        assertThat(history(alarm(300, 1, 1, MissingData.NOT_BREACHING), sliding(2)))
                .as("a real point in the range goes before a filled one")
                .containsExactly("0 OK", "63 ALARM", "78 OK");
        assertThat(history(
                        alarm(300, 1, 1, MissingData.NOT_BREACHING),
                        new Timing(Windows.ALIGNED, 0, Arrival.LATE, Unseen.STAYS_EMPTY)))
                .containsExactly("0 OK", "65 ALARM", "70 OK");
    }

    @Test
    void what_is_missing_may_breach() {
        metrics.put(KEY, at(0), 0);
        metrics.put(KEY, at(60), 0);
        assertThat(history(alarm(3600, 1, 1, MissingData.BREACHING), sliding(0)))
                .containsExactly("0 ALARM", "1 OK", "121 ALARM");
        assertThat(history(alarm(3600, 1, 1, MissingData.BREACHING), sliding(2)))
                .containsExactly("0 ALARM", "1 OK", "241 ALARM");
    }

    @Test
    void a_point_is_not_seen_before_it_is_sent() {
        metrics.put(KEY, at(10), 1, at(24), Duration.ZERO);
        assertThat(history(alarm(300, 1, 1, MissingData.NOT_BREACHING), sliding(0)))
                .as("a timestamp of fourteen minutes ago is in no period of five minutes")
                .containsExactly("0 OK");
        assertThat(history(alarm(3600, 1, 1, MissingData.NOT_BREACHING), sliding(0)))
                .containsExactly("0 OK", "24 ALARM", "71 OK");
        assertThat(history(
                        alarm(3600, 1, 1, MissingData.NOT_BREACHING),
                        new Timing(Windows.SLIDING, 0, Arrival.LATE, Unseen.STAYS_EMPTY)))
                .containsExactly("0 OK", "27 ALARM", "71 OK");
    }

    @Test
    void the_statistics_of_a_period() {
        metrics.put(KEY, at(1), 3);
        metrics.put(KEY, at(1), 1);
        metrics.put(KEY, at(2), 8);
        assertThat(Arrays.stream(Statistic.values()).map(this::firstBreachAbove2))
                .containsExactly("SUM 2", "MINIMUM 7", "MAXIMUM 2", "AVERAGE 3", "SAMPLE_COUNT 3");
    }

    private String firstBreachAbove2(Statistic statistic) {
        var query = new MetricQuery("m", KEY, statistic, Duration.ofMinutes(5), true);
        var alarm = alarm(query, 1, 1, 2, MissingData.NOT_BREACHING);
        return statistic
                + " "
                + history(alarm, sliding(0)).stream()
                        .filter(one -> one.endsWith("ALARM"))
                        .findFirst()
                        .map(one -> one.substring(0, one.indexOf(' ')))
                        .orElse("never");
    }

    private List<String> history(Alarm alarm, Timing timing) {
        return new AlarmEvaluator(metrics, timing)
                .history(alarm, START, START.plus(Duration.ofDays(1))).stream()
                        .map(one -> Duration.between(START, one.at()).toMinutes() + " " + one.to())
                        .toList();
    }

    private static Timing sliding(int extra) {
        return new Timing(Windows.SLIDING, extra, Arrival.PROMPT, Unseen.STAYS_EMPTY);
    }

    private static Instant at(int minute) {
        return START.plus(Duration.ofMinutes(minute));
    }

    private static Alarm alarm(int seconds, int periods, int needed, MissingData missing) {
        var query = new MetricQuery("m", KEY, Statistic.MAXIMUM, Duration.ofSeconds(seconds), true);
        return alarm(query, periods, needed, 0, missing);
    }

    private static Alarm alarm(MetricQuery query, int periods, int needed, double threshold, MissingData missing) {
        return new Alarm("alarm", "", List.of(query), periods, needed, threshold, Comparison.GREATER, missing, true);
    }
}
