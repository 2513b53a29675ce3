package dev.atlasrotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

import java.net.URI;
import java.util.Optional;

class RehearsalTest {
    @Test
    void the_function_s_own_code_goes_through_a_whole_rotation() {
        assertThatCode(Rehearsal::run).doesNotThrowAnyException();
    }

    @Test
    void an_atlas_that_cannot_be_reached_does_not_stop_a_snapshot() {
        assertThat(Priming.run(Optional.of(URI.create("https://127.0.0.1:1")))).isPresent();
    }

    @Test
    void without_anybody_to_shake_hands_with_all_the_rest_is_run() {
        assertThat(Priming.run(Optional.empty())).isEmpty();
    }
}
