package dev.atlasrotator.explore;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

class ExhaustiveTest {
    @Test
    void no_order_and_no_two_faults_of_two_runs_break_a_promise() throws Exception {
        long schedules = 0;
        long states = 0;
        var failures = new ArrayList<String>();
        try (var threads = Executors.newFixedThreadPool(2)) {
            var searches = new ArrayList<Future<Duel.Found>>();
            for (Duel duel : Duels.all(2)) {
                searches.add(threads.submit(() -> duel.search(Long.MAX_VALUE)));
            }
            for (var search : searches) {
                var found = search.get();
                System.out.println(found);
                schedules += found.schedules();
                states += found.states();
                found.failure()
                        .ifPresent(
                                failure ->
                                        failures.add(
                                                found.name()
                                                        + ": "
                                                        + failure.broken()
                                                        + "\n"
                                                        + String.join("\n", failure.timeline())));
            }
        }
        System.out.printf("exhaustive: %,d schedules, %,d states%n", schedules, states);
        assertThat(failures).isEmpty();
    }
}
