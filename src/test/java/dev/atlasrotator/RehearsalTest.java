package dev.atlasrotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.atlasrotator.network.Proxies;

import org.junit.jupiter.api.Test;

import java.net.URI;

class RehearsalTest {
    @Test
    void the_function_s_own_code_goes_through_a_whole_rotation() {
        assertThatCode(Rehearsal::run).doesNotThrowAnyException();
    }

    @Test
    void an_atlas_that_cannot_be_reached_does_not_stop_a_snapshot() {
        assertThat(Priming.run(URI.create("https://127.0.0.1:1"), Proxies.NONE)).isPresent();
    }

    @Test
    void without_anybody_to_shake_hands_with_all_the_rest_is_run() {
        assertThat(Priming.run(URI.create("http://127.0.0.1:1"), Proxies.NONE)).isEmpty();
    }
}
