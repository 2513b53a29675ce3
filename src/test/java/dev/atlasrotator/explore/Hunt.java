package dev.atlasrotator.explore;

import dev.atlasrotator.story.Killed;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Searches for one history that breaks a promise: a few by chance, then all the pairs with one
 * fault, more by chance, all the pairs with two, and by chance again.
 */
public final class Hunt {
    private static final int FEW_HISTORIES = 300;
    private static final int MORE_HISTORIES = 2_000;
    private static final long SCHEDULES_A_DUEL = 15_000;

    private final double throughAdapters;
    private long schedules;

    private Hunt(double throughAdapters) {
        this.throughAdapters = throughAdapters;
    }

    /**
     * Looks until one is found, or so many have been played. Public for the class loader of a
     * mutant: answers {@code schedules|what was broken}, or the number alone.
     *
     * @param histories how many histories of chance are played at most
     * @param isInAdapter whether what is looked for shows only through the product's adapters: the
     *     pairs do without them
     */
    public static String run(int histories, boolean isInAdapter) throws Exception {
        return inOneThread(() -> new Hunt(isInAdapter ? 1 : 0.1).search(histories, isInAdapter));
    }

    private String search(int histories, boolean isInAdapter) {
        int few = isInAdapter ? histories : Math.min(histories, FEW_HISTORIES);
        int more = Math.min(histories, MORE_HISTORIES);
        var found =
                byChance(1, few)
                        .or(() -> isInAdapter ? Optional.empty() : pairs(1))
                        .or(() -> byChance(few + 1, more))
                        .or(() -> more < histories && !isInAdapter ? pairs(2) : Optional.empty())
                        .or(() -> byChance(Math.max(few, more) + 1, histories));
        return schedules + found.map("|"::concat).orElse("");
    }

    private Optional<String> byChance(int from, int to) {
        for (int seed = from; seed <= to; seed++) {
            schedules++;
            var broken = History.play(Choices.seeded(seed), throughAdapters, false).broken();
            if (broken.isPresent()) {
                return Optional.of("history of seed " + seed + "|" + broken.get());
            }
        }
        return Optional.empty();
    }

    private Optional<String> pairs(int faults) {
        for (Duel duel : Duels.all(faults)) {
            var found = duel.search(SCHEDULES_A_DUEL);
            schedules += found.schedules();
            if (found.failure().isPresent()) {
                return Optional.of(duel.name() + "|" + found.failure().get().broken());
            }
        }
        return Optional.empty();
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
