package dev.atlasrotator.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExhaustiveTest {
    private static final int THREADS = 2;

    /** How many faults a schedule may have; two runs and two faults take a minute or three. */
    private static final int FAULTS = Integer.getInteger("explore.faults", 2);

    @Test
    void no_order_of_two_runs_and_no_two_faults_break_a_promise() throws Exception {
        assertThat(failures(Races.all(FAULTS))).isEmpty();
    }

    @Test
    void nothing_that_a_person_does_at_any_moment_of_a_run_breaks_a_promise() throws Exception {
        assertThat(failures(Races.besideAPerson(FAULTS))).isEmpty();
    }

    @Test
    void nothing_that_untidy_people_leave_or_call_twice_breaks_a_promise() throws Exception {
        assertThat(failures(Races.untidy(1))).isEmpty();
    }

    @Test
    void nothing_that_a_person_does_at_any_moment_of_two_runs_breaks_a_promise() throws Exception {
        assertThat(failures(Races.twoBesideAPerson(0))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void no_fault_on_the_wire_breaks_a_promise(Wire.Failing failing) throws Exception {
        assertThat(failures(Races.throughAdapters(1, failing))).isEmpty();
    }

    private static List<String> failures(List<Race> races) throws Exception {
        long schedules = 0;
        long states = 0;
        var failures = new ArrayList<String>();
        try (var threads = Executors.newFixedThreadPool(THREADS)) {
            var searches = new ArrayList<Future<Race.Found>>();
            for (Race race : races) {
                Callable<Race.Found> search = () -> race.search(Long.MAX_VALUE);
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
        return failures;
    }
}
