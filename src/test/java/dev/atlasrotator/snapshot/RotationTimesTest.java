package dev.atlasrotator.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.finding.Margin;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an account's own times come to. */
class RotationTimesTest {
    private static final RotationTimes DEFAULTS = new RotationTimes(2160, Duration.ofHours(720), Duration.ofHours(24));

    private static StoredValue value(String own) {
        return StoredValue.parse(new Sensitive("""
            {"clientId":"mdb_sa_id_0123456789abcdef01234567","orgId":"bbbbbbbbbbbbbbbbbbbbbbbb"%s}
            """.formatted(own)));
    }

    @Test
    void a_value_without_times_of_its_own_has_those_of_the_settings() {
        assertThat(DEFAULTS.of(value(""))).isSameAs(DEFAULTS);
    }

    @ParameterizedTest
    @CsvSource({"00:00:00, 1", "22:59:59, 1", "23:00:00, 3", "23:59:59, 3"})
    void a_rotation_that_was_begun_lately_is_looked_for_further_back_in_the_last_hour_of_a_day(String at, int hours) {
        assertThat(RotationTimes.begunLately(Instant.parse("2026-06-01T%sZ".formatted(at))))
                .isEqualTo(Duration.ofHours(hours));
    }

    @Test
    void its_own_times_go_before_the_settings() {
        var value = value(",\"secretExpiresAfterHours\":1000,\"rotate_after_hours\":\"500\",\"overlapHours\":48");

        assertThat(DEFAULTS.of(value)).isEqualTo(new RotationTimes(1000, Duration.ofHours(500), Duration.ofHours(48)));
        assertThat(DEFAULTS.clamped(value)).isEmpty();
    }

    @Test
    void a_short_lifetime_lowers_what_the_settings_say_and_nobody_is_warned() {
        var value = value(",\"secretExpiresAfterHours\":100");

        assertThat(DEFAULTS.of(value)).isEqualTo(new RotationTimes(100, Duration.ofHours(75), Duration.ofHours(24)));
        assertThat(DEFAULTS.clamped(value)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "secretExpiresAfterHours, 1, 8",
        "secretExpiresAfterHours, 99999, 8760",
        "rotateAfterHours, 1, 4",
        "rotateAfterHours, 99999, 1992",
        "overlapHours, 999, 168"
    })
    void what_is_out_of_bounds_is_taken_as_the_bound_and_named(String key, int hours, long used) {
        assertThat(DEFAULTS.clamped(value(",\"%s\":%d".formatted(key, hours)))).isEqualTo(Map.of(key, used));
    }

    @Test
    void whatever_is_in_the_value_the_times_fit_together() {
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            var own = ",\"secretExpiresAfterHours\":%d,\"rotateAfterHours\":%d,\"overlapHours\":%d"
                    .formatted(random.nextInt(10_000), random.nextInt(10_000), random.nextInt(300));
            var times = DEFAULTS.of(value(own));
            var life = Duration.ofHours(times.lifetimeHours());
            var margin = Margin.of(life);
            var kept = margin.compareTo(times.overlap()) > 0 ? margin : times.overlap();
            assertThat(times.rotateAfter()).as(own).isPositive().isLessThanOrEqualTo(life.minus(kept));
            assertThat(times.overlap()).as(own).isLessThanOrEqualTo(times.rotateAfter());
        }
    }
}
