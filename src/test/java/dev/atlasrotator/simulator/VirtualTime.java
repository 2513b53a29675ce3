package dev.atlasrotator.simulator;

import dev.atlasrotator.retry.Sleeper;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that moves only when it is told to, or when somebody sleeps on it. */
public final class VirtualTime implements InstantSource, Sleeper {
    private Instant now;

    public VirtualTime(Instant start) {
        this.now = start;
    }

    @Override
    public synchronized Instant instant() {
        return now;
    }

    @Override
    public void sleep(Duration pause) {
        advance(pause);
    }

    public synchronized void advance(Duration by) {
        now = now.plus(by);
    }
}
