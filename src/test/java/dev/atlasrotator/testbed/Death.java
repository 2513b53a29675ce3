package dev.atlasrotator.testbed;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Fault.Moment;
import dev.atlasrotator.simulator.Faults;

/**
 * A process that dies at one of its remote calls: before that call has its effect, or after it and
 * without its answer. Nothing that it still tries has an effect; what comes later is done by a new process.
 */
public final class Death {
    private Death() {}

    /** Dies after the n-th call of this operation has had its effect. */
    public static void after(Testbed testbed, String operation, int nthOfIts, Runnable work) {
        at(testbed, operation, nthOfIts, Moment.AFTER_EFFECT, work);
    }

    /** Dies before the n-th call of this operation has an effect. */
    public static void before(Testbed testbed, String operation, int nthOfIts, Runnable work) {
        at(testbed, operation, nthOfIts, Moment.BEFORE_EFFECT, work);
    }

    private static void at(Testbed testbed, String operation, int nthOfIts, Moment moment, Runnable work) {
        var count = new int[2];
        testbed.faults(call -> {
            if (count[1] > 0) {
                return new Fault.Close(Moment.BEFORE_EFFECT);
            }
            if (call.operation().equals(operation) && ++count[0] == nthOfIts) {
                count[1] = 1;
                return new Fault.Close(moment);
            }
            return new Fault.None();
        });
        try {
            work.run();
        } catch (RotatorException ofADeadProcess) {
            // nobody hears it
        } finally {
            testbed.faults(Faults.none());
            testbed.restart();
        }
    }
}
