package dev.atlasrotator.explore;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Lets two or more runs go on in an order, and with outcomes, that choices decide; stops as soon as
 * a promise is broken or a state has been seen before.
 */
final class Scheduler {
    private static final Duration LONGEST_RUN = Duration.ofMinutes(16);

    private final Simulation simulation;
    private final Choices choices;
    private final Map<Run, CallOutcome> lastingFaults = new HashMap<>();
    private int faults;
    private int pauses;

    Scheduler(Simulation simulation, Choices choices, int faults, int pauses) {
        this.simulation = simulation;
        this.choices = choices;
        this.faults = faults;
        this.pauses = pauses;
    }

    /**
     * Runs all that has been started to its end. Where what a run learns is not remembered, no
     * state counts as seen.
     *
     * @param seen states that need not be looked at again; what is new is added
     * @param ends the same for states in which all runs are over
     * @return false if the rest of this schedule is known already
     */
    boolean play(Seen seen, Seen ends) {
        var last = simulation.runs.getFirst();
        boolean remembers = simulation.conditions.rememberWhatIsLearned();
        while (!simulation.isBroken()) {
            if (remembers
                    && choices instanceof Choices.DepthFirst depthFirst
                    && depthFirst.isNew()
                    && !seen.add(simulation.state(), faults, pauses)) {
                return false;
            }
            var able = able(last);
            if (able.isEmpty()) {
                return !remembers || ends.add(simulation.state(), 0, 0);
            }
            boolean mayPause = faults > 0 && pauses > 0 && hasBegun();
            int who = choices.any(able.size() + (mayPause ? 1 : 0));
            if (who == able.size()) {
                faults--;
                pauses--;
                simulation.killAll();
                simulation.pass(LONGEST_RUN);
                simulation.invariants.observe();
                if (!simulation.runs.isEmpty()) {
                    last = simulation.runs.getFirst();
                }
                continue;
            }
            boolean goesOn = able.get(who) == last;
            last = able.get(who);
            simulation.go(last, verdict(last, goesOn));
            if (last.isOver()) {
                simulation.runs.remove(last);
                if (simulation.runs.isEmpty()) {
                    continue;
                }
                last = simulation.runs.getFirst();
            }
        }
        return true;
    }

    /**
     * What becomes of the run's next call. An outcome that touches neither service may as well come
     * before whatever others did since this run moved last: the state that follows is the same, and
     * is looked at there. (A stale read shows how things were when this phase began.)
     */
    private CallOutcome verdict(Run run, boolean goesOn) {
        var verdicts = run.kind().verdicts();
        var lasting = lastingFaults.get(run);
        if (lasting != null) {
            return verdicts.contains(lasting) ? lasting : CallOutcome.FAILS;
        }
        if (!run.hasBegun() || faults == 0) {
            return CallOutcome.PASSES;
        }
        if (!goesOn) {
            verdicts = verdicts.stream().filter(one -> !one.touchesNothing()).toList();
        }
        var verdict = verdicts.get(choices.any(verdicts.size()));
        if (verdict != CallOutcome.PASSES) {
            faults--;
            if (simulation.conditions.extras().contains(Simulation.Extra.FAULTS_LAST)) {
                lastingFaults.put(run, verdict);
            }
        }
        return verdict;
    }

    private boolean hasBegun() {
        return simulation.runs.stream().anyMatch(Run::hasBegun);
    }

    /** The one that moved last comes first: that is the dullest. */
    private List<Run> able(Run last) {
        var able = new ArrayList<Run>(2);
        if (simulation.runs.contains(last)) {
            able.add(last);
        }
        for (Run run : simulation.runs) {
            if (run != last) {
                able.add(run);
            }
        }
        return able;
    }
}
