package dev.atlasrotator.startup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.atlasrotator.Wiring;
import dev.atlasrotator.startup.WarmupServices.Extent;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WarmupTest {
    private static final InstantSource CLOCK = InstantSource.system();

    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    @ParameterizedTest
    @EnumSource(Extent.class)
    void the_function_s_own_code_runs_without_a_failure(Extent extent) {
        assertThatCode(() -> WarmupServices.rotate(extent, Map.of(), this::start, CLOCK))
                .doesNotThrowAnyException();

        assertThat(lines).anyMatch(line -> line.contains("rotation decision"));
        assertThat(lines).noneMatch(line -> line.contains("\"ERROR\""));
    }

    @Test
    void before_a_snapshot_it_goes_through_a_sweep_with_an_api_key_and_through_the_queue() throws Exception {
        WarmupServices.rotate(
                Extent.SWEEP_AND_STEPS, Map.of("WORK_QUEUE_URL", "https://sqs.test/queue"), this::start, CLOCK);

        assertThat(lines).anyMatch(line -> line.contains("listAccounts") && line.contains("\"200\""));
        assertThat(lines).anyMatch(line -> line.contains("SendMessageBatch"));
    }

    @Test
    void services_that_cannot_be_reached_stop_nothing_and_are_told() {
        var warmup = new Warmup(nowhere(), this::start, CLOCK);

        assertThat(warmup.beforeSnapshot()).isPresent();
        assertThat(warmup.beforeFirstCall(start(nowhere()))).isPresent();
        assertThat(lines).anyMatch(line -> line.contains("rotation decision"));
    }

    private static Map<String, String> nowhere() {
        return Map.of(
                "AWS_REGION",
                "eu-central-1",
                "AWS_ENDPOINT_URL",
                "https://127.0.0.1:1",
                "ATLAS_BASE_URL",
                "https://127.0.0.1:1");
    }

    private Warmup.Started start(Map<String, String> variables) {
        var wiring = Wiring.production(variables, lines::add);
        return new Warmup.Started(wiring.rotator()::handle, wiring.connections(), wiring.close());
    }

    @Test
    void a_connection_that_does_not_come_about_holds_init_up_no_longer_than_it_may() {
        var never = new CountDownLatch(1);
        var stuck = new Warmup.Started((event, function, deadline) -> "", List.of(() -> await(never)), () -> {});

        assertThat(new Warmup(nowhere(), this::start, CLOCK).beforeFirstCall(stuck, Duration.ofMillis(1)))
                .contains("java.io.UncheckedIOException");
        never.countDown();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }
}
