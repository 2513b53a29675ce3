package dev.atlasrotator.simulator;

import dev.atlasrotator.retry.Sleeper;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Time that runs so many times faster than the machine's: waits are real, so that threads meet as
 * they would, and an hour passes in minutes. What the machine itself takes is stretched by the same
 * factor, so a result is never better than in real time.
 */
public final class ScaledTime implements InstantSource, Sleeper {
    private final Instant start;
    private final int factor;
    private final long begun = System.nanoTime();

    public ScaledTime(Instant start, int factor) {
        this.start = start;
        this.factor = factor;
    }

    @Override
    public Instant instant() {
        return start.plusNanos((System.nanoTime() - begun) * factor);
    }

    @Override
    public void sleep(Duration pause) throws InterruptedException {
        Thread.sleep(pause.dividedBy(factor));
    }
}
