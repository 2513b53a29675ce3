package dev.atlasrotator.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every race of {@link Races}. With {@code -Dtests.whole=true}, as {@code .ci/run} has it, every schedule of every race.
 * Else a part: every race, but with one fault less and its first {@link #PART_MAX} schedules; of the wire's ways to fail,
 * silence, one rotation in each other way, and one rotation in an outage.
 *
 * <p>The part was chosen by the planted faults ({@link PlantedFaults}): it finds by itself each one that a race has
 * found in the table of docs/exploration.md. Two need more schedules ({@link #MORE}, {@link #TWO_FAULTS_MAX}).
 */
class ExhaustiveTest {
    private static final int THREADS = 2;
    private static final boolean WHOLE = Boolean.getBoolean("tests.whole");

    /** How many faults a schedule may have. */
    private static final int FAULTS = WHOLE ? 2 : 1;

    /** Each fault but two is found by the first hundred schedules of its race. */
    private static final int PART_MAX = 100;

    /** That somebody else's attempt is finished before 15 minutes is found after 2,801 schedules of its race. */
    private static final Map<String, Integer> MORE = Map.of("revocation ‖ revocation", 3_000);

    /** That a run takes AWSPENDING from another attempt is found after 4,843 schedules of run ‖ run. */
    private static final int TWO_FAULTS_MAX = 6_000;

    @Test
    void no_order_of_two_runs_and_no_faults_break_a_promise() throws Exception {
        assertThat(failures(Races.all(FAULTS), PART_MAX)).isEmpty();
        if (!WHOLE) {
            var twoFaults = Races.all(2).stream()
                    .filter(race -> race.name().equals("run ‖ run"))
                    .toList();
            assertThat(failures(twoFaults, TWO_FAULTS_MAX)).isEmpty();
        }
    }

    @Test
    void no_order_of_two_runs_in_other_scenes_breaks_a_promise() throws Exception {
        assertThat(failures(Races.otherScenes(FAULTS), PART_MAX)).isEmpty();
    }

    @Test
    void whatever_a_run_leaves_the_next_sweep_alone_finishes_or_undoes() throws Exception {
        assertThat(failures(Races.thenSweepsAlone(FAULTS), PART_MAX)).isEmpty();
    }

    @Test
    void nothing_that_a_person_does_at_any_moment_of_a_run_breaks_a_promise() throws Exception {
        assertThat(failures(Races.besideAPerson(FAULTS), PART_MAX)).isEmpty();
    }

    @Test
    void nothing_that_untidy_people_leave_or_call_twice_breaks_a_promise() throws Exception {
        assertThat(failures(Races.untidy(1), PART_MAX)).isEmpty();
    }

    @Test
    void nothing_that_a_person_does_at_any_moment_of_two_runs_breaks_a_promise() throws Exception {
        assertThat(failures(Races.twoBesideAPerson(0), PART_MAX)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void no_fault_on_the_wire_breaks_a_promise(Wire.Failing failing) throws Exception {
        var races = Races.throughAdapters(1, failing);
        boolean isWhole = WHOLE || failing == Wire.Failing.SILENT;
        assertThat(failures(isWhole ? races : races.subList(0, 1), PART_MAX)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void no_outage_breaks_a_promise(Wire.Failing failing) throws Exception {
        var races = Races.inAnOutage(failing);
        assertThat(failures(WHOLE ? races : races.subList(0, 1), PART_MAX)).isEmpty();
    }

    private static List<String> failures(List<Race> races, int partMax) throws Exception {
        long schedules = 0;
        long states = 0;
        var failures = new ArrayList<String>();
        try (var threads = Executors.newFixedThreadPool(THREADS)) {
            var searches = new ArrayList<Future<Race.Found>>();
            for (Race race : races) {
                Callable<Race.Found> search =
                        () -> race.search(WHOLE ? Long.MAX_VALUE : MORE.getOrDefault(race.name(), partMax));
                searches.add(threads.submit(() -> Search.inOneThread(search)));
            }
            for (var search : searches) {
                var found = search.get();
                System.out.println(found);
                schedules += found.schedules();
                states += found.states();
                found.failure()
                        .ifPresent(failure -> failures.add(found + "\n" + String.join("\n", failure.timeline())));
            }
        }
        System.out.printf("exhaustive: %,d schedules, %,d states%n", schedules, states);
        assertThat(schedules).as("a search that has searched").isGreaterThan(10L * races.size());
        return failures;
    }
}
