package dev.atlasrotator.simulator.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atlasrotator.simulator.cloudwatch.Timing.Unseen;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MetricMathTest {
    /** The examples of the user guide's page "Using metric math". */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        metric1 < metric2 | 0 0 1 0 -
        metric1 >= 30 | 1 0 0 0 -
        metric1 > 15 AND metric2 > 15 | 1 0 0 0 -
        IF(when, a, b) | 30 0 20 - -
        IF(when, 5, b) | 5 5 20 - -
        IF(when, a, 5) | 30 0 5 5 -
        metric1 + metric2 | 50 20 20 0 -
        metric1 / metric2 | 1.5 - 0 - -
        metric1 - 2 * (5 - 3) | 26 16 -4 -4 -
        -metric2 | -20 - -20 - -
        FILL(metric2, 7) | 20 7 20 7 7
        RUNNING_SUM(metric1) | 30 50 50 50 -
        FILL(metric2, 0) > 0 && metric1 > 0 OR when | 1 1 0 0 0
        IF(1, metric1) | 30 20 0 0 0
        """)
    void examples(String expression, String expected) {
        assertThat(value(expression, Unseen.STAYS_EMPTY)).isEqualTo(expected);
    }

    @Test
    void a_series_without_any_point_is_filled_or_not() {
        assertThat(value("FILL(none, 0)", Unseen.STAYS_EMPTY)).isEqualTo("- - - - -");
        assertThat(value("FILL(none, 0)", Unseen.IS_FILLED)).isEqualTo("0 0 0 0 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"metric1 +", "(metric1", "FILL(metric1", "MAX(metric1)", "metric1 § 2", "metric1 2"})
    void what_cannot_be_read_is_an_error(String expression) {
        assertThatThrownBy(() -> MetricMath.of(expression)).hasMessageContaining("the expression");
    }

    @Test
    void a_number_is_no_series() {
        assertThatThrownBy(() -> value("1 + 1", Unseen.STAYS_EMPTY)).hasMessageContaining("is no series");
        assertThatThrownBy(() -> value("elsewhere", Unseen.STAYS_EMPTY)).hasMessageContaining("no query");
    }

    private static String value(String expression, Unseen unseen) {
        var series = Map.of(
                "metric1", series("30 20 0 0 -"),
                "metric2", series("20 - 20 - -"),
                "when", series("1 1 0 0 -"),
                "a", series("30 - 0 0 30"),
                "b", series("0 0 20 - 20"),
                "none", series("- - - - -"));
        return Arrays.stream(MetricMath.of(expression).over(new MetricMath.Range(5, unseen, series)))
                .mapToObj(value ->
                        Double.isNaN(value) ? "-" : String.valueOf(value).replaceAll("\\.0$", ""))
                .collect(Collectors.joining(" "));
    }

    private static double[] series(String points) {
        return Arrays.stream(points.split(" ", -1))
                .mapToDouble(point -> point.equals("-") ? Double.NaN : Double.parseDouble(point))
                .toArray();
    }
}
