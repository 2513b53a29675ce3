package dev.atlasrotator.simulator.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static final Instant AT = Instant.parse("2026-06-01T08:00:00Z");

    private final Metrics metrics = new Metrics();

    @Test
    void a_line_gives_a_point_for_each_set_of_dimensions_that_it_lists() {
        metrics.read(line("[[\"FunctionName\"],[]]", "\"FunctionName\":\"rotator\",\"Sweeps\":1"), AT.plusSeconds(90));
        assertThat(metrics.keys()).containsExactlyInAnyOrder(key(Map.of("FunctionName", "rotator")), key(Map.of()));
        assertThat(metrics.points(key(Map.of())))
                .containsExactly(
                        new Metrics.Point(Metrics.minute(AT), 1, Metrics.minute(AT) + 1, Metrics.minute(AT) + 1));
    }

    @Test
    void every_other_line_gives_none() {
        metrics.read("{\"level\":\"INFO\"}", AT);
        metrics.read("START RequestId", AT);
        assertThat(metrics.keys()).isEmpty();
    }

    @Test
    void a_line_that_lacks_a_dimension_or_a_value_is_an_error() {
        assertThatThrownBy(() -> metrics.read(line("[[\"FunctionName\"]]", "\"Sweeps\":1"), AT))
                .hasMessageContaining("FunctionName");
        assertThatThrownBy(() -> metrics.read(line("[[]]", "\"Other\":1"), AT)).hasMessageContaining("not a number");
    }

    private static Metrics.Key key(Map<String, String> dimensions) {
        return new Metrics.Key("AtlasSecretRotator", "Sweeps", dimensions);
    }

    private static String line(String dimensions, String values) {
        return "{\"_aws\":{\"Timestamp\":%d,\"CloudWatchMetrics\":[{\"Namespace\":\"AtlasSecretRotator\",\"Dimensions\":%s,\"Metrics\":[{\"Name\":\"Sweeps\",\"Unit\":\"Count\"}]}]},%s}"
                .formatted(AT.toEpochMilli(), dimensions, values);
    }
}
