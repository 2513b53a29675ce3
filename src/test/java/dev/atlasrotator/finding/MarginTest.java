package dev.atlasrotator.finding;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MarginTest {
    private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");

    @ParameterizedTest
    @CsvSource({"PT8H, PT2H", "PT672H, PT168H", "PT671H, PT167H45M", "PT673H, PT168H", "PT8760H, PT168H"})
    void the_margin_is_a_quarter_of_the_life_and_seven_days_at_most(Duration life, Duration margin) {
        assertThat(Margin.of(life)).isEqualTo(margin);
    }

    @Test
    void a_secret_is_near_its_end_once_less_than_the_margin_is_left() {
        var expires = CREATED.plus(Duration.ofDays(90));
        var margin = expires.minus(Duration.ofDays(7));
        assertThat(Margin.left(CREATED, expires, margin)).isEqualTo(Margin.AMPLE);
        assertThat(Margin.left(CREATED, expires, margin.plusSeconds(1))).isNotEqualTo(Margin.AMPLE);
        assertThat(Margin.left(CREATED, expires, expires.plusSeconds(1))).isNotEqualTo(Margin.AMPLE);
        assertThat(Margin.left(CREATED, expires, CREATED)).isEqualTo(Margin.AMPLE);
    }

    @Test
    void a_cut_shortens_the_margin_with_the_life() {
        // Made yesterday and cut to seven days: eight days of life, two of margin.
        var expires = CREATED.plus(Duration.ofDays(8));
        assertThat(Margin.left(CREATED, expires, CREATED.plus(Duration.ofDays(6))))
                .isEqualTo(Margin.AMPLE);
        assertThat(Margin.left(
                        CREATED, expires, CREATED.plus(Duration.ofDays(6)).plusSeconds(1)))
                .isNotEqualTo(Margin.AMPLE);
    }
}
