package dev.atlasrotator.retry;

import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The time by which a run must have answered, and the clock that it is compared with. */
public record Deadline(Instant at, InstantSource clock) {
    /** A deadline this long from now. */
    public static Deadline in(Duration time, InstantSource clock) {
        return new Deadline(clock.instant().plus(time), clock);
    }

    /** The time that is left; zero after the deadline. */
    public Duration left() {
        var left = Duration.between(clock.instant(), at);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Whether this much time is left. */
    public boolean allows(Duration time) {
        return left().compareTo(time) >= 0;
    }

    /**
     * Stops a run before it begins what it could not finish.
     *
     * @param state what state things are in then, in a sentence
     * @throws RotatorException.Unavailable if less than this is left
     */
    public void require(Duration time, String what, String state) {
        if (!allows(time)) {
            throw new RotatorException.Unavailable(
                    Code.OUT_OF_TIME, """
                        Stopped before %s: that takes up to %d s and %d s of this run are left. %s Try again, and give \
                        the function a longer time-out if this comes back.\
                        """.formatted(what, time.toSeconds(), left().toSeconds(), state));
        }
    }

    /** The same deadline, earlier by this much, which is reserved for what follows. */
    public Deadline keeping(Duration reserve) {
        return new Deadline(at.minus(reserve), clock);
    }
}
