package dev.atlasrotator.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.retry.RateLimiter.Rate;
import dev.atlasrotator.simulator.ScaledTime;
import dev.atlasrotator.simulator.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class RateLimiterTest {
    private static final Instant START = Instant.parse("2026-06-01T08:00:00Z");
    private static final Rate TEN_AND_TWO_A_SECOND = new Rate(10, 2);

    private final VirtualTime time = new VirtualTime(START);
    private final RateLimiter rateLimiter = new RateLimiter(time, new Retrier(time, new Random(1)));
    private final Deadline deadline = Deadline.in(Duration.ofHours(1), time);

    @Test
    void a_burst_goes_at_once_and_the_rest_at_the_rate() {
        take(10);
        assertThat(passed()).isZero();
        take(6);
        assertThat(passed()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void what_was_not_used_comes_back_but_no_more_than_a_full_bucket() {
        take(10);
        time.advance(Duration.ofMinutes(10));
        take(10);
        assertThat(passed()).isEqualTo(Duration.ofMinutes(10));
        take(1);
        assertThat(passed()).isEqualTo(Duration.ofMinutes(10).plusMillis(500));
    }

    @Test
    void one_quota_is_not_another() {
        take(10);
        rateLimiter.acquire("another", TEN_AND_TWO_A_SECOND, deadline);
        assertThat(passed()).isZero();
    }

    @Test
    void a_rest_that_the_service_asks_for_is_kept_by_everybody_and_ends_slowly() {
        rateLimiter.backOff("one", TEN_AND_TWO_A_SECOND, Duration.ofSeconds(55));
        take(1);
        assertThat(passed()).isEqualTo(Duration.ofSeconds(55));
        take(2);
        assertThat(passed()).isEqualTo(Duration.ofSeconds(56));
    }

    @Test
    void whoever_waits_already_obeys_a_rest_that_another_one_is_told() {
        var told = new boolean[1];
        var rateLimiters = new ArrayList<RateLimiter>();
        var retrier = new Retrier(
                wait -> {
                    time.sleep(wait);
                    if (!told[0]) {
                        told[0] = true;
                        rateLimiters.getFirst().backOff("one", TEN_AND_TWO_A_SECOND, Duration.ofSeconds(30));
                    }
                },
                new Random(1));
        var shared = new RateLimiter(time, retrier);
        rateLimiters.add(shared);
        for (int i = 0; i < 11; i++) {
            shared.acquire("one", TEN_AND_TWO_A_SECOND, deadline);
        }
        assertThat(passed()).isEqualTo(Duration.ofMillis(30_500));
    }

    @Test
    void what_the_service_says_is_left_counts_if_it_is_less() {
        rateLimiter.leaves("one", TEN_AND_TWO_A_SECOND, 3);
        take(3);
        assertThat(passed()).isZero();
        rateLimiter.leaves("one", TEN_AND_TWO_A_SECOND, 9); // an answer that was late
        take(1);
        assertThat(passed()).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void a_wait_that_the_run_has_no_time_for_is_not_begun() {
        take(10);
        var soon = Deadline.in(Duration.ofMillis(500), time);
        assertThatThrownBy(() -> rateLimiter.acquire("one", TEN_AND_TWO_A_SECOND, soon))
                .asInstanceOf(type(RotatorException.Unavailable.class))
                .satisfies(tooLong -> assertThat(tooLong.retryAfter()).contains(Duration.ofMillis(500)));
        assertThat(passed()).isZero();
        take(1); // and has taken nothing from those who have time
        assertThat(passed()).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void accounts_by_the_thousand_leave_no_buckets_behind() {
        for (int i = 0; i < 10_000; i++) {
            rateLimiter.acquire("account " + i, TEN_AND_TWO_A_SECOND, deadline);
            time.advance(Duration.ofMillis(10));
        }
        assertThat(rateLimiter.size()).isLessThanOrEqualTo(256);
    }

    /** Real threads: two seconds of theirs are forty of the pace's. */
    @Test
    void threads_that_wait_go_in_the_order_in_which_they_came_and_never_too_many() throws InterruptedException {
        var fast = new ScaledTime(START, 20);
        var crowd = new RateLimiter(fast, new Retrier(fast, new Random(1)));
        var late = Deadline.in(Duration.ofHours(1), fast);
        List<Instant> gone = Collections.synchronizedList(new ArrayList<>());
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        var rate = new Rate(20, 5);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 100; i++) {
                int number = i;
                threads.execute(() -> {
                    crowd.acquire("one", rate, late);
                    gone.add(fast.instant());
                    order.add(number);
                });
                Thread.sleep(1);
            }
        }
        assertThat(gone).hasSize(100);
        var last = Duration.between(START, Collections.max(gone));
        assertThat(last).isBetween(Duration.ofMillis(15_900), Duration.ofSeconds(40));
        for (int i = 40; i < 100; i++) { // some play, since threads that wake together may swap
            assertThat(order.get(i)).isBetween(i - 5, i + 5);
        }
    }

    private void take(int calls) {
        for (int i = 0; i < calls; i++) {
            rateLimiter.acquire("one", TEN_AND_TWO_A_SECOND, deadline);
        }
    }

    private Duration passed() {
        return Duration.between(START, time.instant());
    }
}
