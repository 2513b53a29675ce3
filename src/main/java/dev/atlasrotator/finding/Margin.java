package dev.atlasrotator.finding;

import dev.atlasrotator.failure.Severity;
import java.time.Duration;
import java.time.Instant;

/** How much of its own margin (a quarter of its lifetime, at most seven days) the secret in use has left. */
public enum Margin {
    AMPLE,
    /** Below the margin: it is to be rotated. */
    DUE,
    /** Below nine tenths of it: a rotation was due, and has not come. */
    SHORT,
    /** Below two fifths of it: nothing has helped for days. */
    LOW;

    private static final Duration LONGEST = Duration.ofDays(7);

    /** The margin of a secret with this lifetime. */
    public static Duration of(Duration lifetime) {
        var quarter = lifetime.dividedBy(4);
        return quarter.compareTo(LONGEST) > 0 ? LONGEST : quarter;
    }

    /** What is left of it now. */
    public static Margin left(Instant created, Instant expires, Instant now) {
        var margin = of(Duration.between(created, expires));
        var left = Duration.between(now, expires);
        if (left.compareTo(margin) >= 0) {
            return AMPLE;
        }
        if (left.compareTo(margin.multipliedBy(9).dividedBy(10)) >= 0) {
            return DUE;
        }
        return left.compareTo(margin.multipliedBy(2).dividedBy(5)) < 0 ? LOW : SHORT;
    }

    /** A warning, while there is time. */
    Severity criticalWhenLow() {
        return this == LOW ? Severity.CRITICAL : Severity.WARNING;
    }

    /** A warning, unless a rotation is due already. */
    Severity criticalWhenShort() {
        return this == AMPLE ? Severity.WARNING : Severity.CRITICAL;
    }
}
