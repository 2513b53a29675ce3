package dev.atlasrotator.retry;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Whether to retry, and after how long: pure arithmetic.
 *
 * @param attemptsMax the maximum number of attempts, the first included
 * @param delayFirst the wait after the first attempt, before jitter; it doubles from there
 * @param delayMax the longest wait, unless the service asks for more
 */
public record RetryPolicy(int attemptsMax, Duration delayFirst, Duration delayMax) {
    /**
     * The wait after a failed attempt, or empty to stop.
     *
     * @param attempt which one has failed: 1, 2, …
     * @param asked the wait that the service asked for (Retry-After): the wait is never less
     * @param left the time that is left; a wait that would outlast it is not begun
     */
    public Optional<Duration> delayAfter(int attempt, Optional<Duration> asked, Duration left, RandomGenerator random) {
        if (attempt >= attemptsMax) {
            return Optional.empty();
        }
        var doubled = delayFirst.multipliedBy(1L << Math.min(attempt - 1, 20));
        var backoff = doubled.compareTo(delayMax) > 0 ? delayMax : doubled;
        var jittered = backoff.multipliedBy(random.nextInt(50, 101)).dividedBy(100);
        var wait = asked.filter(floor -> floor.compareTo(jittered) > 0).orElse(jittered);
        return Optional.of(wait).filter(pause -> pause.compareTo(left) < 0);
    }
}
