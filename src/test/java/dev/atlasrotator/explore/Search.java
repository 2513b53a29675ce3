package dev.atlasrotator.explore;

import dev.atlasrotator.testbed.Killed;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Searches for one schedule that breaks a promise: the quickest ways first, then ever more
 * schedules, and at last histories by chance.
 */
public final class Search {
    /** What the answer of {@link #run} says before a history's number. */
    static final String HISTORY = "history of seed ";

    private static final int FEW_HISTORIES = 300;
    private static final long SCHEDULES_A_DUEL = 15_000;

    private final double throughAdapters;
    private long schedules;

    private Search(double throughAdapters) {
        this.throughAdapters = throughAdapters;
    }

    /**
     * Looks until one is found, or so many have been played. Public for the class loader of a
     * mutant: answers {@code schedules|what was broken}, or the number alone.
     *
     * @param histories how many histories of chance are played at most
     * @param isInAdapter whether what is looked for shows only through the product's adapters
     */
    public static String run(int histories, boolean isInAdapter) throws Exception {
        return inOneThread(() -> new Search(isInAdapter ? 1 : 0).search(histories, isInAdapter));
    }

    private String search(int histories, boolean isInAdapter) {
        int few = Math.min(histories, FEW_HISTORIES);
        var found = isInAdapter
                ? throughAdapters().or(() -> byChance(1, histories))
                : byChance(1, few)
                        .or(() -> all(Races.besideAPerson(1)))
                        .or(() -> all(Races.untidy(1)))
                        .or(() -> all(Races.all(1)))
                        .or(() -> all(Races.besideAPerson(2)))
                        .or(() -> all(Races.twoBesideAPerson(0)))
                        .or(() -> all(Races.all(2)))
                        .or(() -> byChance(few + 1, histories));
        return schedules + found.map("|"::concat).orElse("");
    }

    /** Whether that history breaks no promise: then what was found by it is the planted fault. */
    static boolean keeps(long seed, boolean isInAdapter) throws Exception {
        return inOneThread(() ->
                !History.play(Choices.seeded(seed), isInAdapter ? 1 : 0, false).isBroken());
    }

    private Optional<String> byChance(int from, int to) {
        for (int seed = from; seed <= to; seed++) {
            schedules++;
            var broken =
                    History.play(Choices.seeded(seed), throughAdapters, false).broken();
            if (broken.isPresent()) {
                return Optional.of(HISTORY + seed + "|" + broken.get());
            }
        }
        return Optional.empty();
    }

    private Optional<String> throughAdapters() {
        Optional<String> found = Optional.empty();
        for (Wire.Failing failing : Wire.Failing.values()) {
            found = found.or(() -> all(Races.throughAdapters(1, failing)));
        }
        return found;
    }

    private Optional<String> all(List<Race> races) {
        for (Race race : races) {
            var found = race.search(SCHEDULES_A_DUEL);
            schedules += found.schedules();
            if (found.failure().isPresent()) {
                return Optional.of(race.name() + "|" + found.failure().get().broken());
            }
        }
        return Optional.empty();
    }

    /** In a virtual thread, so that handing over to a run does not go through the kernel. */
    static <T> T inOneThread(Callable<T> work) throws Exception {
        Thread.setDefaultUncaughtExceptionHandler((thread, end) -> {
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
