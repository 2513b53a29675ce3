package dev.atlasrotator.explore;

import dev.atlasrotator.story.Killed;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Searches for one history that breaks a promise: a few by chance, then all the pairs, then by
 * chance again.
 */
public final class Hunt {
    private static final int FIRST_HISTORIES = 300;
    private static final long SCHEDULES_A_DUEL = 15_000;

    private Hunt() {}

    /**
     * Looks until one is found, or so many have been played. Public for the class loader of a
     * mutant: answers {@code schedules|what was broken}, or the number alone.
     *
     * @param histories how many histories of chance are played after the pairs
     */
    public static String run(int histories) throws Exception {
        return inOneThread(() -> search(histories));
    }

    private static String search(int histories) {
        long schedules = 0;
        int first = Math.min(histories, FIRST_HISTORIES);
        for (long seed = 1; seed <= first; seed++) {
            schedules++;
            var broken = History.play(Choices.seeded(seed), false).broken();
            if (broken.isPresent()) {
                return schedules + "|history of seed " + seed + "|" + broken.get();
            }
        }
        for (Duel duel : Duels.all(1)) {
            var found = duel.search(SCHEDULES_A_DUEL);
            schedules += found.schedules();
            if (found.failure().isPresent()) {
                return schedules + "|" + duel.name() + "|" + found.failure().get().broken();
            }
        }
        for (long seed = first + 1L; seed <= histories; seed++) {
            schedules++;
            var broken = History.play(Choices.seeded(seed), false).broken();
            if (broken.isPresent()) {
                return schedules + "|history of seed " + seed + "|" + broken.get();
            }
        }
        return String.valueOf(schedules);
    }

    /** In a virtual thread, so that handing over to a run does not go through the kernel. */
    static <T> T inOneThread(Callable<T> work) throws Exception {
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, end) -> {
                    // By name: the class may come from another loader.
                    if (!end.getClass().getName().equals(Killed.class.getName())) {
                        end.printStackTrace();
                    }
                });
        var task = new FutureTask<>(work);
        Thread.ofVirtual().start(task);
        try {
            return task.get();
        } catch (ExecutionException failed) {
            throw new IllegalStateException(failed.getCause());
        }
    }
}
