package dev.atlasrotator.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * A hundred thousand stored secrets over 500 projects, three in a hundred due, swept through the queue by sixteen runs,
 * below every quota. No build runs it, since it takes some minutes: {@code mvn -B test
 * -Dtest=HundredThousandAccounts -Djacoco.skip}. The figures of docs/scale.md are what it prints.
 */
class HundredThousandAccounts {
    private static final int SIZE = 100_000;
    private static final int DUE = 3_000;
    private static final int RUNS = 16;

    /** What Lambda gives a run at most, but for the answer. */
    private static final Duration RUN = Duration.ofMinutes(15).minusSeconds(2);

    @Test
    void are_swept_through_the_queue_by_sixteen_runs_within_the_hour() throws Exception {
        var fleet = new Fleet(SIZE, SIZE / 200, 4).setting("WORK_QUEUE_CONCURRENCY", String.valueOf(RUNS));
        var begun = fleet.time.instant();
        var report = fleet.handle(fleet.start(true, 1), "{\"action\":\"sweep\"}", RUN);
        var dispatched = Duration.between(begun, fleet.time.instant());
        QueueRuns.process(fleet, RUNS, RUN);
        var promotions = fleet.promotions();
        System.out.printf(
                "Fleet of %,d through the queue by %d runs: enqueued after %d s; a due account waited %d s in the"
                        + " middle and %d s at the longest; %d throttled, %,d lines, calls %s%n",
                SIZE,
                RUNS,
                dispatched.toSeconds(),
                Duration.between(begun, promotions.get(promotions.size() / 2)).toSeconds(),
                Duration.between(begun, promotions.getLast()).toSeconds(),
                fleet.throttles(),
                fleet.lines(),
                fleet.calls());

        assertThat(report).containsEntry("unfinished", 0);
        assertThat(fleet.throttles()).isZero();
        assertThat(promotions).hasSize(DUE);
        assertThat(promotions.getLast()).isBefore(begun.plus(Duration.ofHours(1)));
        assertThat(fleet.members).allSatisfy(member -> {
            assertThat(fleet.currentWorks(member)).isTrue();
            assertThat(fleet.secrets(member)).isEqualTo(member.due() ? 2 : 1);
        });
    }
}
