package dev.atlasrotator.explore;

import static dev.atlasrotator.simulator.Fault.Moment.AFTER_EFFECT;
import static dev.atlasrotator.simulator.Fault.Moment.BEFORE_EFFECT;

import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.atlas.AtlasErrors;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerErrors;
import java.time.Duration;

/** What becomes of a call on the way between the product's adapters and the stand-ins. */
final class Wire {
    /** How a service fails. */
    enum Failing {
        /** The connection ends, and nobody knows what has become of the call. */
        SILENT,
        /** An error that says as little. */
        BY_AN_ERROR,
        /** Too many calls: this one certainly had no effect. An answer is lost as in silence. */
        BY_THROTTLING
    }

    private static final Duration SLOW = Duration.ofSeconds(4);
    private static final int RETRY_AFTER = 2;

    private Wire() {}

    /**
     * What the stand-in is told.
     *
     * @param staleness how old a stale read is
     */
    static Fault fault(CallOutcome verdict, Call.Service service, Failing failing, Duration staleness) {
        boolean isAtlas = service == Call.Service.ATLAS;
        return switch (verdict) {
            case PASSES -> new Fault.None();
            case IS_STALE -> isAtlas ? new Fault.None() : new Fault.Stale(staleness);
            case IS_SLOW -> new Fault.Slow(SLOW);
            case FAILS ->
                failing == Failing.BY_THROTTLING ? throttled(isAtlas) : failed(isAtlas, failing, BEFORE_EFFECT);
            case IS_LOST -> failed(isAtlas, failing, AFTER_EFFECT);
            case IS_REFUSED ->
                isAtlas
                        ? AtlasErrors.api(BEFORE_EFFECT, 403, "USER_UNAUTHORIZED", "No.")
                        : SecretsManagerErrors.accessDenied();
            case KILLS -> new Fault.Close(BEFORE_EFFECT);
            case KILLS_AFTERWARDS -> new Fault.Close(AFTER_EFFECT);
        };
    }

    private static Fault throttled(boolean isAtlas) {
        return isAtlas ? AtlasErrors.tooManyRequests(RETRY_AFTER) : SecretsManagerErrors.throttling();
    }

    private static Fault failed(boolean isAtlas, Failing failing, Fault.Moment moment) {
        if (failing != Failing.BY_AN_ERROR) {
            return new Fault.Close(moment);
        }
        return isAtlas
                ? AtlasErrors.api(moment, 500, "UNEXPECTED_ERROR", "Unexpected error.")
                : SecretsManagerErrors.internal(moment);
    }
}
