package dev.atlasrotator.simulator;

import java.time.Duration;
import java.util.Map;

/** What a stand-in is told to do with one {@link Call}. */
public sealed interface Fault {
    /** When the trouble strikes, seen from the service's state. */
    enum Moment {
        BEFORE_EFFECT,
        AFTER_EFFECT
    }

    /** The call passes. */
    record None() implements Fault {}

    /** This answer instead of the real one; the effect has happened or not. */
    record Answer(Moment moment, int status, Map<String, String> headers, String body) implements Fault {}

    /** The connection is closed without an answer; the effect has happened or not. */
    record Close(Moment moment) implements Fault {}

    /** The call passes, and takes this long on the clock that the stand-in was given. */
    record Slow(Duration by) implements Fault {}

    /**
     * The call passes, but a read shows the state of so long ago (Secrets Manager is eventually
     * consistent).
     */
    record Stale(Duration age) implements Fault {}
}
