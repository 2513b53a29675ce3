package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.simulator.Fault.Moment;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Death;
import dev.atlasrotator.testbed.Testbed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * A rotation dies at each of its remote calls, before the call has its effect or right after, and
 * nobody but the sweep comes by: Secrets Manager tries nothing again by itself.
 */
class SweepAfterCrashTest {
    /** What dies. */
    private enum Rotation {
        STEPS_OF_SECRETS_MANAGER {
            @Override
            Runnable begun(Testbed testbed, Testbed.ManagedSecret kept) {
                var token = testbed.begin(kept);
                testbed.rotatedBySecretsManager(kept);
                return () -> testbed.rotate(kept, token);
            }
        },
        DIRECT {
            @Override
            Runnable begun(Testbed testbed, Testbed.ManagedSecret kept) {
                return () -> Answer.rotate(testbed, kept);
            }
        },
        SWEEP {
            @Override
            Runnable begun(Testbed testbed, Testbed.ManagedSecret kept) {
                return () -> Answer.sweep(testbed);
            }
        },
        REVOCATION {
            @Override
            Runnable begun(Testbed testbed, Testbed.ManagedSecret kept) {
                return () ->
                        Answer.to(testbed, "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"revokeOld\":true}");
            }
        };

        abstract Runnable begun(Testbed testbed, Testbed.ManagedSecret kept);
    }

    @TestFactory
    Stream<DynamicTest> wherever_it_dies_the_next_sweeps_alone_finish_or_undo_it() {
        return Stream.of(Rotation.values()).flatMap(SweepAfterCrashTest::everyDeathOf);
    }

    private static Stream<DynamicTest> everyDeathOf(Rotation rotation) {
        var tests = new ArrayList<DynamicTest>();
        var calls = callsOf(rotation);
        assertThat(calls).hasSizeGreaterThan(8);
        for (int nth = 1; nth <= calls.size(); nth++) {
            for (Moment moment : Moment.values()) {
                int at = nth;
                tests.add(DynamicTest.dynamicTest(
                        rotation + ", call " + nth + " " + calls.get(nth - 1) + ", " + moment,
                        () -> dieAndSweep(rotation, at, moment)));
            }
        }
        return tests.stream();
    }

    private static List<String> callsOf(Rotation rotation) {
        var testbed = new Testbed();
        var kept = testbed.account("prod/atlas", Duration.ofDays(30));
        var work = rotation.begun(testbed, kept);
        int mark = testbed.calls.size();
        work.run();
        return testbed.calls.subList(mark, testbed.calls.size()).stream()
                .map(Call::operation)
                .toList();
    }

    private static void dieAndSweep(Rotation rotation, int nth, Moment moment) {
        var testbed = new Testbed();
        var kept = testbed.account("prod/atlas", Duration.ofDays(30));
        var work = rotation.begun(testbed, kept);
        assertThat(Death.at(testbed, nth, moment, work)).isTrue();
        Consumer<String> always = when -> {
            assertThat(testbed.currentWorks(kept)).as(when).isTrue();
            assertThat(testbed.idsAtAtlas(kept)).as(when).hasSizeLessThanOrEqualTo(2);
        };
        always.accept("after the death");

        testbed.after(Duration.ofMinutes(16));
        Answer.sweep(testbed);
        always.accept("after the first sweep");
        testbed.secretsManager.runRotations();
        always.accept("after Secrets Manager's rotations");
        var second = Answer.status(testbed);

        // One sweep has finished or undone it: nothing unknown is left, no attempt stands.
        assertThat(second.failed()).isEmpty();
        assertThat(second.kinds(kept)).doesNotContain("orphan", "inFlight", "foreign", "pending", "expired");
        assertThat(second.state(kept)).isIn("fresh", "overlap", "due", "expiring");
        assertThat(testbed.secretsManager.versionUnder(kept.arn(), "AWSPENDING"))
                .isIn(Optional.empty(), testbed.secretsManager.versionUnder(kept.arn(), "AWSCURRENT"));

        testbed.after(Duration.ofHours(1)); // the next rotation may begin
        Answer.sweep(testbed);
        testbed.secretsManager.runRotations();
        always.accept("an hour later");
        assertThat(Answer.status(testbed).state(kept)).isIn("fresh", "overlap", "due");

        testbed.after(Duration.ofHours(25));
        var third = Answer.sweep(testbed);
        testbed.secretsManager.runRotations();
        always.accept("a day later");
        assertThat(third.failed()).isEmpty();
        testbed.after(Duration.ofHours(25));
        var last = Answer.sweep(testbed);
        always.accept("two days later");
        assertThat(last.failed()).isEmpty();
        assertThat(Answer.status(testbed).state(kept)).isEqualTo("fresh");
        assertThat(testbed.idsAtAtlas(kept))
                .hasSize(1)
                .doesNotContain(kept.first().id());
        assertThat(Answer.created(testbed, kept)).isBetween(1L, 2L);
    }
}
