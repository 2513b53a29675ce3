package dev.atlasrotator.explore;

import dev.atlasrotator.explore.Broken.Promise;
import java.util.Arrays;
import java.util.function.Function;

/** Makes a schedule that breaks a promise as dull as it can be and still break that promise. */
final class Shrinking {
    private static final int TRIES_MAX = 3000;

    /** Through the adapters a history takes long; half shrunk is better than waiting. */
    private static final long A_MINUTE = 60_000_000_000L;

    private final Function<Choices, Simulation> play;
    private final Promise promise;
    private int[] best;
    private final long until = System.nanoTime() + A_MINUTE;
    private int tries;

    private Shrinking(Function<Choices, Simulation> play, Promise promise, int[] trail) {
        this.play = play;
        this.promise = promise;
        this.best = trail;
    }

    /**
     * Shrinks.
     *
     * @param trail the decisions of a schedule that breaks this promise
     */
    static int[] shrink(Function<Choices, Simulation> play, Promise promise, int[] trail) {
        var shrinking = new Shrinking(play, promise, trail);
        boolean better = true;
        while (better && shrinking.mayTry()) {
            better = shrinking.round();
        }
        return shrinking.best;
    }

    private boolean mayTry() {
        return tries < TRIES_MAX && System.nanoTime() < until;
    }

    private boolean round() {
        boolean better = false;
        for (int size = Math.max(1, best.length / 2); size >= 1; size /= 2) {
            for (int from = 0; from < best.length && mayTry(); from += size) {
                better |= tryWithout(from, Math.min(best.length, from + size));
            }
        }
        for (int size = Math.max(1, best.length / 4); size >= 1; size /= 2) {
            for (int from = 0; from < best.length && mayTry(); from += size) {
                better |= tryDull(from, Math.min(best.length, from + size));
            }
        }
        return better;
    }

    private boolean tryWithout(int from, int to) {
        var shorter = new int[best.length - (to - from)];
        System.arraycopy(best, 0, shorter, 0, from);
        System.arraycopy(best, to, shorter, from, best.length - to);
        return accept(shorter);
    }

    private boolean tryDull(int from, int to) {
        var duller = best.clone();
        Arrays.fill(duller, from, to, 0);
        return !Arrays.equals(duller, best) && accept(duller);
    }

    private boolean accept(int[] trail) {
        tries++;
        boolean still = play.apply(Choices.recorded(trail))
                .broken()
                .filter(broken -> broken.promise() == promise)
                .isPresent();
        if (still) {
            int end = trail.length;
            while (end > 0 && trail[end - 1] == 0) {
                end--;
            }
            best = Arrays.copyOf(trail, end);
        }
        return still;
    }
}
