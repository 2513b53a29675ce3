package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where an admin credential's list shows that nothing is to be done, only a trial tells that a value is rejected. */
class TriedOnceADayTest {
    private final Testbed testbed = new Testbed();

    /** The intervals that the template allows. Sweeps come some seconds early or late. */
    @ParameterizedTest
    @ValueSource(ints = {15, 30, 60, 120, 180, 360, 720})
    void each_value_is_tried_once_a_day_whatever_the_interval_of_the_sweeps(int minutes) {
        testbed.setting("SWEEP_INTERVAL_MINUTES", String.valueOf(minutes));
        testbed.adminByKey();
        var fleet = IntStream.range(0, 20)
                .mapToObj(n -> testbed.account("prod/" + n, Duration.ofDays(2)))
                .toList();
        var late = new Random(minutes);
        var start = testbed.time.instant();
        // The first one may be late, and the next one early.
        for (int sweep = 0; sweep <= 1440 / minutes; sweep++) {
            var at = start.plus(Duration.ofMinutes((long) sweep * minutes)).plusSeconds(late.nextInt(60));
            testbed.time.advance(Duration.between(testbed.time.instant(), at));
            Answer.sweep(testbed);
        }

        assertThat(fleet.stream()
                        .filter(kept -> !tried().contains(kept.clientId()))
                        .map(ManagedSecret::name))
                .isEmpty();
    }

    private List<String> tried() {
        return testbed.calls.stream()
                .filter(call -> call.operation().equals("mintToken"))
                .map(call -> call.subject())
                .toList();
    }
}
