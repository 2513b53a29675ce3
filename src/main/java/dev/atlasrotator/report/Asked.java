package dev.atlasrotator.report;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;

/**
 * What was asked of the function, by whom, and when.
 *
 * @param dryRun whether only to say what would be done
 * @param at by this function's clock
 */
public record Asked(Type type, Origin origin, boolean dryRun, Instant at) {
    /** The action, as event and report name it. */
    public enum Type {
        SWEEP,
        ROTATE,
        STATUS,
        CHECK;

        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Who asked. */
    public sealed interface Origin {
        /** The schedule, for this time where it is known. */
        record Schedule(Optional<Instant> time) implements Origin {}

        /** The work queue. */
        record Queue() implements Origin {}

        /** A person, or a program of theirs. */
        record Operator() implements Origin {}
    }

    /** Whether this is a scheduled sweep, and one with this interval before it was on an earlier day (UTC). */
    boolean isFirstSweepOfDay(Duration interval) {
        if (!(origin instanceof Origin.Schedule(Optional<Instant> scheduled))) {
            return false;
        }
        var time = scheduled.orElse(at);
        return time.minus(interval).isBefore(time.truncatedTo(ChronoUnit.DAYS));
    }
}
