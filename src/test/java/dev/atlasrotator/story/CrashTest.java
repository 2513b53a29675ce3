package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Faults;
import dev.atlasrotator.simulator.atlas.AtlasEvent;
import dev.atlasrotator.simulator.atlas.AtlasEvent.What;
import dev.atlasrotator.testbed.Breaking;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
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
            void begin(Scenario scenario) {
                scenario.token = scenario.testbed.begin(scenario.kept);
            }

            @Override
            void run(Scenario scenario) {
                scenario.testbed.rotate(scenario.kept, scenario.token);
            }

            // Secrets Manager comes again with the same token, until the attempt is given up.
            @Override
            void again(Scenario scenario) {
                if (scenario.isRotated()) {
                    return;
                }
                if (scenario.testbed.attempt(scenario.kept).isEmpty()) {
                    begin(scenario);
                }
                run(scenario);
            }
        },
        ONE_RUN {
            @Override
            void begin(Scenario scenario) {}

            @Override
            void run(Scenario scenario) {
                var answer = scenario.testbed.answer("{\"action\":\"rotate\",\"secretId\":\"prod/atlas\"}");
                assertThat(Testbed.failed(answer)).isNotNull();
            }

            // The schedule comes.
            @Override
            void again(Scenario scenario) {
                scenario.testbed.answer("{\"action\":\"sweep\"}");
            }
        };

        abstract void begin(Scenario scenario);

        abstract void run(Scenario scenario);

        abstract void again(Scenario scenario);
    }

    /** One account that meets with one accident. */
    private static final class Scenario {
        final Testbed testbed = new Testbed();
        final ManagedSecret kept = testbed.account("prod/atlas", MONTH);
        final List<String> violations = new ArrayList<>();
        String token = "";

        boolean isRotated() {
            return testbed.stored(kept, "AWSCURRENT", "secretId")
                    .filter(id -> !id.equals(kept.first().id()))
                    .isPresent();
        }

        /** Looks at what users have, at each call. */
        Faults watched(Faults wrong) {
            return call -> {
                if (!testbed.currentWorks(kept)) {
                    violations.add("AWSCURRENT does not work before " + call);
                }
                if (testbed.atAtlas(kept).size() > 2) {
                    violations.add("more than two secrets before " + call);
                }
                return wrong.on(call);
            };
        }

        List<String> timeline() {
            return testbed.calls.stream().map(Call::toString).toList();
        }
    }

    private static int callsOf(Way way) {
        var scenario = new Scenario();
        way.begin(scenario);
        int mark = scenario.testbed.calls.size();
        way.run(scenario);
        assertThat(scenario.isRotated()).isTrue();
        return scenario.testbed.calls.size() - mark;
    }

    private static void wellAgain(Scenario scenario, Way way) {
        var testbed = scenario.testbed;
        testbed.faults(scenario.watched(Faults.none()));
        assertThat(testbed.currentWorks(scenario.kept))
                .as("just after the accident")
                .isTrue();
        for (int round = 0; round < 4 && !scenario.isRotated(); round++) {
            testbed.after(LATER);
            testbed.broken(scenario.watched(Faults.none()), () -> way.again(scenario));
        }
        // What was begun again is over as well, and the schedule has seen it.
        testbed.after(LATER);
        testbed.broken(scenario.watched(Faults.none()), () -> way.again(scenario));

        assertThat(scenario.violations).as(() -> scenario.timeline().toString()).isEmpty();
        assertThat(scenario.isRotated())
                .as(() -> scenario.timeline().toString())
                .isTrue();
        assertThat(testbed.attempt(scenario.kept)).as("an attempt").isEmpty();
        // The old one lives through its overlap: it is one of the two, and nothing unknown is.
        assertThat(testbed.idsAtAtlas(scenario.kept))
                .as(() -> scenario.timeline().toString())
                .containsExactlyInAnyOrder(
                        scenario.kept.first().id(),
                        testbed.stored(scenario.kept, "AWSCURRENT", "secretId").orElseThrow());
        assertOldOnesLivedThroughTheirOverlap(scenario);

        testbed.after(Duration.ofHours(26));
        var answer = testbed.answer("{\"action\":\"sweep\"}");
        assertThat(Testbed.failed(answer)).isEmpty();
        assertThat(testbed.idsAtAtlas(scenario.kept))
                .as("after the overlap")
                .containsExactly(
                        testbed.stored(scenario.kept, "AWSCURRENT", "secretId").orElseThrow());
        assertThat(testbed.currentWorks(scenario.kept)).isTrue();
    }

    private static void assertOldOnesLivedThroughTheirOverlap(Scenario scenario) {
        Set<String> promoted = new TreeSet<>(List.of(scenario.kept.first().id()));
        scenario.testbed.stored(scenario.kept, "AWSCURRENT", "secretId").ifPresent(promoted::add);
        Instant earliest = Testbed.START.plus(Duration.ofDays(1));
        assertThat(scenario.testbed.happened(scenario.kept, What.SECRET_DELETED))
                .filteredOn(event -> promoted.contains(event.secretId()))
                .extracting(AtlasEvent::at)
                .allSatisfy(at -> assertThat(at).isAfterOrEqualTo(earliest));
    }

    private static Stream<DynamicTest> dying(Way way) {
        return Stream.iterate(1, n -> n + 1)
                .limit(callsOf(way))
                .map(n -> dynamicTest("dies before call " + n, () -> {
                    var scenario = new Scenario();
                    way.begin(scenario);
                    assertThat(scenario.testbed.dying(n, () -> way.run(scenario)))
                            .isTrue();
                    wellAgain(scenario, way);
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
            var scenario = new Scenario();
            way.begin(scenario);
            scenario.testbed.broken(scenario.watched(wrong), () -> way.run(scenario));
            wellAgain(scenario, way);
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
            var scenario = new Scenario();
            way.begin(scenario);
            scenario.testbed.dying(first, () -> way.run(scenario));
            scenario.testbed.after(LATER);
            reached = scenario.testbed.dying(second, () -> way.again(scenario));
            wellAgain(scenario, way);
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
            var scenario = new Scenario();
            way.begin(scenario);
            scenario.testbed.faults(scenario.watched(call -> new Fault.Slow(Duration.ofSeconds(2))));
            way.run(scenario);
            assertThat(scenario.isRotated()).isTrue();
            assertThat(scenario.violations).isEmpty();
        }
    }
}
