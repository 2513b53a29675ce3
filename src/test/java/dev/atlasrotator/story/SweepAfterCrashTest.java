package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.fake.Call;
import dev.atlasrotator.fake.Fault.Moment;
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
            Runnable begun(Story story, Story.ManagedSecret kept) {
                var token = story.begin(kept);
                story.rotatedBySecretsManager(kept);
                return () -> story.rotate(kept, token);
            }
        },
        DIRECT {
            @Override
            Runnable begun(Story story, Story.ManagedSecret kept) {
                return () -> Answer.rotate(story, kept);
            }
        },
        SWEEP {
            @Override
            Runnable begun(Story story, Story.ManagedSecret kept) {
                return () -> Answer.sweep(story);
            }
        },
        REVOCATION {
            @Override
            Runnable begun(Story story, Story.ManagedSecret kept) {
                return () -> Answer.to(story, "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"revokeOld\":true}");
            }
        };

        abstract Runnable begun(Story story, Story.ManagedSecret kept);
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
        var story = new Story();
        var kept = story.account("prod/atlas", Duration.ofDays(30));
        var work = rotation.begun(story, kept);
        int mark = story.calls.size();
        work.run();
        return story.calls.subList(mark, story.calls.size()).stream()
                .map(Call::operation)
                .toList();
    }

    private static void dieAndSweep(Rotation rotation, int nth, Moment moment) {
        var story = new Story();
        var kept = story.account("prod/atlas", Duration.ofDays(30));
        var work = rotation.begun(story, kept);
        assertThat(Death.at(story, nth, moment, work)).isTrue();
        Consumer<String> always = when -> {
            assertThat(story.currentWorks(kept)).as(when).isTrue();
            assertThat(story.idsAtAtlas(kept)).as(when).hasSizeLessThanOrEqualTo(2);
        };
        always.accept("after the death");

        story.after(Duration.ofMinutes(16));
        Answer.sweep(story);
        always.accept("after the first sweep");
        story.secretsManager.runRotations();
        always.accept("after Secrets Manager's rotations");
        var second = Answer.status(story);

        // One sweep has finished or undone it: nothing unknown is left, no attempt stands.
        assertThat(second.failed()).isEmpty();
        assertThat(second.kinds(kept)).doesNotContain("orphan", "inFlight", "foreign", "pending", "expired");
        assertThat(second.state(kept)).isIn("fresh", "overlap", "due", "expiring");
        assertThat(story.secretsManager.versionUnder(kept.arn(), "AWSPENDING"))
                .isIn(Optional.empty(), story.secretsManager.versionUnder(kept.arn(), "AWSCURRENT"));

        story.after(Duration.ofHours(1)); // the next rotation may begin
        Answer.sweep(story);
        story.secretsManager.runRotations();
        always.accept("an hour later");
        assertThat(Answer.status(story).state(kept)).isIn("fresh", "overlap", "due");

        story.after(Duration.ofHours(25));
        var third = Answer.sweep(story);
        story.secretsManager.runRotations();
        always.accept("a day later");
        assertThat(third.failed()).isEmpty();
        story.after(Duration.ofHours(25));
        var last = Answer.sweep(story);
        always.accept("two days later");
        assertThat(last.failed()).isEmpty();
        assertThat(Answer.status(story).state(kept)).isEqualTo("fresh");
        assertThat(story.idsAtAtlas(kept))
                .hasSize(1)
                .doesNotContain(kept.first().id());
        assertThat(Answer.created(story, kept)).isBetween(1L, 2L);
    }
}
