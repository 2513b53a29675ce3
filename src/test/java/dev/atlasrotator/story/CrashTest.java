package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.atlasrotator.fake.AtlasEvent;
import dev.atlasrotator.fake.AtlasEvent.What;
import dev.atlasrotator.fake.Call;
import dev.atlasrotator.fake.Fault;
import dev.atlasrotator.fake.Faults;
import dev.atlasrotator.story.Story.ManagedSecret;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every rotation is broken at every one of its remote calls, in every way: the process dies there,
 * or the call fails before or after its effect, once or from then on. Wherever it breaks, what
 * AWSCURRENT holds works at every single call, and what comes next ends in a rotated secret with
 * nothing left behind.
 */
class CrashTest {
    private static final Duration MONTH = Duration.ofDays(30);

    /** So long a run and everything around it can last. */
    private static final Duration LATER = Duration.ofMinutes(16);

    /** How an account is rotated, and what comes again after a failure. */
    private enum Way {
        STEPS {
            @Override
            void begin(Tale tale) {
                tale.token = tale.story.begin(tale.kept);
            }

            @Override
            void run(Tale tale) {
                tale.story.rotate(tale.kept, tale.token);
            }

            // Secrets Manager comes again with the same token, until the attempt is given up.
            @Override
            void again(Tale tale) {
                if (tale.isRotated()) {
                    return;
                }
                if (tale.story.attempt(tale.kept).isEmpty()) {
                    begin(tale);
                }
                run(tale);
            }
        },
        ONE_RUN {
            @Override
            void begin(Tale tale) {}

            @Override
            void run(Tale tale) {
                var answer = tale.story.answer("{\"action\":\"rotate\",\"secretId\":\"prod/atlas\"}");
                assertThat(Story.failed(answer)).isNotNull();
            }

            // The schedule comes.
            @Override
            void again(Tale tale) {
                tale.story.answer("{\"action\":\"sweep\"}");
            }
        };

        abstract void begin(Tale tale);

        abstract void run(Tale tale);

        abstract void again(Tale tale);
    }

    /** One account that meets with one accident. */
    private static final class Tale {
        final Story story = new Story();
        final ManagedSecret kept = story.account("prod/atlas", MONTH);
        final List<String> violations = new ArrayList<>();
        String token = "";

        boolean isRotated() {
            return story.stored(kept, "AWSCURRENT", "secretId")
                    .filter(id -> !id.equals(kept.first().id()))
                    .isPresent();
        }

        /** Looks at what users have, at each call. */
        Faults watched(Faults wrong) {
            return call -> {
                if (!story.currentWorks(kept)) {
                    violations.add("AWSCURRENT does not work before " + call);
                }
                if (story.atAtlas(kept).size() > 2) {
                    violations.add("more than two secrets before " + call);
                }
                return wrong.on(call);
            };
        }

        List<String> timeline() {
            return story.calls.stream().map(Call::toString).toList();
        }
    }

    private static int callsOf(Way way) {
        var tale = new Tale();
        way.begin(tale);
        int mark = tale.story.calls.size();
        way.run(tale);
        assertThat(tale.isRotated()).isTrue();
        return tale.story.calls.size() - mark;
    }

    private static void wellAgain(Tale tale, Way way) {
        var story = tale.story;
        story.faults(tale.watched(Faults.none()));
        assertThat(story.currentWorks(tale.kept)).as("just after the accident").isTrue();
        for (int round = 0; round < 4 && !tale.isRotated(); round++) {
            story.after(LATER);
            story.broken(tale.watched(Faults.none()), () -> way.again(tale));
        }
        // What was begun again is over as well, and the schedule has seen it.
        story.after(LATER);
        story.broken(tale.watched(Faults.none()), () -> way.again(tale));

        assertThat(tale.violations).as(() -> tale.timeline().toString()).isEmpty();
        assertThat(tale.isRotated()).as(() -> tale.timeline().toString()).isTrue();
        assertThat(story.attempt(tale.kept)).as("an attempt").isEmpty();
        // The old one lives through its overlap: it is one of the two, and nothing unknown is.
        assertThat(story.idsAtAtlas(tale.kept))
                .as(() -> tale.timeline().toString())
                .containsExactlyInAnyOrder(
                        tale.kept.first().id(),
                        story.stored(tale.kept, "AWSCURRENT", "secretId").orElseThrow());
        assertOldOnesLivedThroughTheirOverlap(tale);

        story.after(Duration.ofHours(26));
        var answer = story.answer("{\"action\":\"sweep\"}");
        assertThat(Story.failed(answer)).isEmpty();
        assertThat(story.idsAtAtlas(tale.kept))
                .as("after the overlap")
                .containsExactly(
                        story.stored(tale.kept, "AWSCURRENT", "secretId").orElseThrow());
        assertThat(story.currentWorks(tale.kept)).isTrue();
    }

    private static void assertOldOnesLivedThroughTheirOverlap(Tale tale) {
        Set<String> promoted = new TreeSet<>(List.of(tale.kept.first().id()));
        tale.story.stored(tale.kept, "AWSCURRENT", "secretId").ifPresent(promoted::add);
        Instant earliest = Story.START.plus(Duration.ofDays(1));
        assertThat(tale.story.happened(tale.kept, What.SECRET_DELETED))
                .filteredOn(event -> promoted.contains(event.secretId()))
                .extracting(AtlasEvent::at)
                .allSatisfy(at -> assertThat(at).isAfterOrEqualTo(earliest));
    }

    private static Stream<DynamicTest> dying(Way way) {
        return Stream.iterate(1, n -> n + 1)
                .limit(callsOf(way))
                .map(n -> dynamicTest("dies before call " + n, () -> {
                    var tale = new Tale();
                    way.begin(tale);
                    assertThat(tale.story.dying(n, () -> way.run(tale))).isTrue();
                    wellAgain(tale, way);
                }));
    }

    private static Stream<DynamicTest> failing(Way way) {
        int calls = callsOf(way);
        return Stream.of(Breaking.How.values())
                .flatMap(how -> Stream.iterate(1, n -> n + 1)
                        .limit(calls)
                        .flatMap(n -> Stream.of(
                                failing(way, how + " at call " + n, Breaking.once(n, how::at)),
                                failing(way, how + " from call " + n, Breaking.from(n, how::at)))));
    }

    private static DynamicTest failing(Way way, String name, Faults wrong) {
        return dynamicTest(name, () -> {
            var tale = new Tale();
            way.begin(tale);
            tale.story.broken(tale.watched(wrong), () -> way.run(tale));
            wellAgain(tale, way);
        });
    }

    @TestFactory
    Stream<DynamicTest> wherever_the_process_dies_in_the_four_steps_the_same_token_ends_it() {
        return dying(Way.STEPS);
    }

    @TestFactory
    Stream<DynamicTest> wherever_the_process_dies_in_a_run_of_its_own_the_schedule_ends_it() {
        return dying(Way.ONE_RUN);
    }

    @TestFactory
    Stream<DynamicTest> whatever_call_fails_in_the_four_steps_the_same_token_ends_it() {
        return failing(Way.STEPS);
    }

    @TestFactory
    Stream<DynamicTest> whatever_call_fails_in_a_run_of_its_own_the_schedule_ends_it() {
        return failing(Way.ONE_RUN);
    }

    /** Dies, and the one that comes to mend it dies as well, at every pair of points. */
    @TestFactory
    Stream<DynamicTest> wherever_it_dies_twice_a_third_run_ends_it() {
        return Stream.of(Way.values())
                .flatMap(way -> Stream.iterate(1, n -> n + 1)
                        .limit(callsOf(way))
                        .map(n ->
                                dynamicTest(way + " dies before call " + n + " and again", () -> dyingTwice(way, n))));
    }

    private static void dyingTwice(Way way, int first) {
        boolean reached = true;
        for (int second = 1; reached && second < 40; second++) {
            var tale = new Tale();
            way.begin(tale);
            tale.story.dying(first, () -> way.run(tale));
            tale.story.after(LATER);
            reached = tale.story.dying(second, () -> way.again(tale));
            wellAgain(tale, way);
        }
    }

    @Test
    void the_walk_covers_a_whole_rotation() {
        assertThat(callsOf(Way.STEPS)).isEqualTo(12);
        assertThat(callsOf(Way.ONE_RUN)).isEqualTo(12);
    }

    @Test
    void a_call_that_is_only_slow_breaks_nothing() {
        for (Way way : Way.values()) {
            var tale = new Tale();
            way.begin(tale);
            tale.story.faults(tale.watched(call -> new Fault.Slow(Duration.ofSeconds(2))));
            way.run(tale);
            assertThat(tale.isRotated()).isTrue();
            assertThat(tale.violations).isEmpty();
        }
    }
}
