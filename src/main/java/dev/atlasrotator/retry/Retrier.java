package dev.atlasrotator.retry;

import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Executes a {@link RetryPolicy}. */
public record Retrier(Sleeper sleeper, RandomGenerator random) {
    /** The outcome of an attempt: a result to return, or a reason to retry. */
    public sealed interface Attempt<T> {
        record Done<T>(T answer) implements Attempt<T> {}

        /**
         * A retry is worthwhile.
         *
         * @param asked the wait that the service asked for
         * @param last the result if nothing better comes; it may throw
         */
        record Retry<T>(Optional<Duration> asked, Supplier<T> last) implements Attempt<T> {}

        /** A retry is worthwhile; if there is none, this is thrown. */
        static <T> Attempt<T> retry(Optional<Duration> asked, RotatorException last) {
            return new Retry<>(asked, () -> {
                throw last;
            });
        }
    }

    /** Tries until an attempt is done, the policy ends, or the deadline would be missed. */
    public <T> T run(RetryPolicy policy, Deadline deadline, Function<Integer, Attempt<T>> attempt) {
        for (int number = 1; ; number++) {
            switch (attempt.apply(number)) {
                case Attempt.Done<T>(T answer) -> {
                    return answer;
                }
                case Attempt.Retry<T>(Optional<Duration> asked, Supplier<T> last) -> {
                    var wait = policy.delayAfter(number, asked, deadline.left(), random);
                    if (wait.isEmpty()) {
                        return last.get();
                    }
                    pause(wait.get());
                }
            }
        }
    }

    /**
     * Waits.
     *
     * @throws RotatorException.Unavailable if the thread is interrupted
     */
    public void pause(Duration wait) {
        try {
            sleeper.sleep(wait);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new RotatorException.Unavailable(Code.OUT_OF_TIME, "The run was ended while it waited to try again.");
        }
    }
}
