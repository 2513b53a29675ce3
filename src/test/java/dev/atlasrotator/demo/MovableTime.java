package dev.atlasrotator.demo;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The machine's time, plus what it was advanced by. */
final class MovableTime implements InstantSource {
    private volatile Duration ahead = Duration.ZERO;

    @Override
    public Instant instant() {
        return InstantSource.system().instant().plus(ahead);
    }

    void advance(Duration by) {
        ahead = ahead.plus(by);
    }

    Duration ahead() {
        return ahead;
    }
}
