package dev.atlasrotator.testbed;

import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Fault.Moment;
import dev.atlasrotator.simulator.Faults;
import dev.atlasrotator.simulator.atlas.AtlasErrors;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerErrors;
import java.time.Duration;
import java.util.function.Predicate;

/** Lets one remote call go wrong, or all from one on: counted over both services. */
public final class Breaking implements Faults {
    /** How a call can go wrong; what a service would say to it is made to fit the service. */
    public enum How {
        ERROR_BEFORE,
        ERROR_AFTER,
        CLOSED_BEFORE,
        CLOSED_AFTER,
        TIMED_OUT,
        THROTTLED;

        public Fault at(Call call) {
            boolean isAtlas = call.service() == Call.Service.ATLAS;
            return switch (this) {
                case ERROR_BEFORE -> error(isAtlas, Moment.BEFORE_EFFECT);
                case ERROR_AFTER -> error(isAtlas, Moment.AFTER_EFFECT);
                case CLOSED_BEFORE -> new Fault.Close(Moment.BEFORE_EFFECT);
                case CLOSED_AFTER -> new Fault.Close(Moment.AFTER_EFFECT);
                case TIMED_OUT ->
                    isAtlas ? new Fault.Slow(Duration.ofMinutes(10)) : new Fault.Close(Moment.AFTER_EFFECT);
                case THROTTLED -> isAtlas ? AtlasErrors.tooManyRequests(3) : SecretsManagerErrors.throttling();
            };
        }

        private static Fault error(boolean isAtlas, Moment moment) {
            return isAtlas ? AtlasErrors.internalError(moment) : SecretsManagerErrors.internal(moment);
        }
    }

    private final Predicate<Integer> which;
    private final Predicate<Call> counted;
    private final Faults how;
    private int seen;

    private Breaking(Predicate<Integer> which, Predicate<Call> counted, Faults how) {
        this.which = which;
        this.counted = counted;
        this.how = how;
    }

    /** The n-th call from now on, the first being 1. */
    public static Breaking once(int nth, Faults how) {
        return new Breaking(number -> number == nth, call -> true, how);
    }

    /** The n-th call from now on, and every later one. */
    public static Breaking from(int nth, Faults how) {
        return new Breaking(number -> number >= nth, call -> true, how);
    }

    /** The n-th call of this operation from now on. */
    public static Breaking once(int nth, String operation, Faults how) {
        return new Breaking(number -> number == nth, call -> call.operation().equals(operation), how);
    }

    /** Every call of this operation from now on. */
    public static Breaking every(String operation, Faults how) {
        return new Breaking(number -> true, call -> call.operation().equals(operation), how);
    }

    @Override
    public synchronized Fault on(Call call) {
        if (!counted.test(call)) {
            return new Fault.None();
        }
        seen++;
        return which.test(seen) ? how.on(call) : new Fault.None();
    }

    /** The same, and these beside it: the first that has something to say says it. */
    public Faults and(Faults... others) {
        return call -> {
            var said = on(call);
            for (Faults other : others) {
                var more = other.on(call);
                said = said instanceof Fault.None ? more : said;
            }
            return said;
        };
    }

    public int seen() {
        return seen;
    }
}
