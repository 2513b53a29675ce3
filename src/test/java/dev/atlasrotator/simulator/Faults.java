package dev.atlasrotator.simulator;

/**
 * Decides, call by call, what goes wrong. A stand-in asks once for each call, before its effect.
 */
@FunctionalInterface
public interface Faults {
    Fault on(Call call);

    static Faults none() {
        return call -> new Fault.None();
    }
}
