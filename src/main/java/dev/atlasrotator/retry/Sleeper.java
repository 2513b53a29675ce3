package dev.atlasrotator.retry;

import java.time.Duration;

/** Port for waiting, so that tests wait without time passing. */
@FunctionalInterface
public interface Sleeper {
    /**
     * Waits.
     *
     * @param pause how long; zero or more
     * @throws InterruptedException if the thread is interrupted
     */
    void sleep(Duration pause) throws InterruptedException;
}
