package dev.atlasrotator.explore;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Two runs at the same time, or one alone, and every order and every outcome of their calls with at
 * most so many faults.
 *
 * @param scene sets accounts up
 * @param runs starts the runs
 */
record Race(
        String name,
        Simulation.Conditions conditions,
        int faults,
        Consumer<Simulation> scene,
        Consumer<Simulation> runs) {
    /** What a search through all of it has come to. */
    record Found(
            String name,
            int faults,
            long schedules,
            int states,
            long calls,
            double seconds,
            Optional<Failure> failure) {
        @Override
        public String toString() {
            return "%-58s %d faults %,9d schedules %,9d states %,11d calls %6.1f s%s"
                    .formatted(
                            name,
                            faults,
                            schedules,
                            states,
                            calls,
                            seconds,
                            failure.map(broken -> "  " + broken.broken()).orElse(""));
        }
    }

    /** A schedule that breaks a promise. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Failure(Broken broken, int[] trail, List<String> timeline) {}

    /** Every schedule, until one breaks a promise, or so many have been played. */
    Found search(long most) {
        long began = System.nanoTime();
        var choices = new Choices.DepthFirst();
        var start = start();
        var seen = new Seen();
        var ends = new Seen();
        long schedules = 0;
        long calls = 0;
        do {
            var simulation = play(start, choices, seen, ends, false);
            schedules++;
            calls += simulation.calls();
            if (simulation.isBroken()) {
                var trail = choices.trail();
                var told = play(start, Choices.recorded(trail), new Seen(), new Seen(), true);
                return found(
                        schedules,
                        seen.size(),
                        calls,
                        began,
                        Optional.of(new Failure(
                                told.broken().orElse(simulation.broken().orElseThrow()), trail, told.timeline)));
            }
        } while (choices.next() && schedules < most);
        return found(schedules, seen.size(), calls, began, Optional.empty());
    }

    private Found found(long schedules, int states, long calls, long began, Optional<Failure> failure) {
        return new Found(name, faults, schedules, states, calls, (System.nanoTime() - began) / 1e9, failure);
    }

    private Simulation start() {
        var simulation = new Simulation(conditions, true);
        scene.accept(simulation);
        simulation.runs.clear();
        return simulation;
    }

    /** One schedule, and what follows it. */
    private Simulation play(Simulation start, Choices choices, Seen seen, Seen ends, boolean tells) {
        var simulation = new Simulation(start, tells);
        runs.accept(simulation);
        try {
            if (new Scheduler(simulation, choices, faults, 1).play(seen, ends) && !simulation.isBroken()) {
                new QuiescenceCheck(simulation).follow();
            }
        } finally {
            simulation.end();
        }
        return simulation;
    }
}
