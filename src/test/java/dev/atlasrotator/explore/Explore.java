package dev.atlasrotator.explore;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * The long search: everything that is searched exhaustively, then histories by chance for as long
 * as it is given.
 *
 * <p>{@code -Dexplore.minutes=N}: how long the part by chance lasts. {@code -Dexplore.seed=N}:
 * where its seeds begin. {@code -Dexplore.replay=N}: plays that one seed, and tells it.
 */
public final class Explore {
    private static final int THREADS = 2;
    private static final int SHOWN_MAX = 5;

    private final AtomicLong schedules = new AtomicLong();
    private final AtomicInteger violations = new AtomicInteger();

    private Explore() {}

    /** Searches, and prints the count as its last line. */
    public static void main(String[] arguments) throws Exception {
        var replay = Long.getLong("explore.replay");
        if (replay != null) {
            Search.inOneThread(() -> replay(replay));
            return;
        }
        var explore = new Explore();
        explore.pairs();
        explore.histories(Duration.ofMinutes(Long.getLong("explore.minutes", 2)), Long.getLong("explore.seed", 1));
        System.out.printf("explored %d schedules: %d violations%n", explore.schedules.get(), explore.violations.get());
        System.exit(explore.violations.get() == 0 ? 0 : 1);
    }

    private static Void replay(long seed) {
        var simulation = History.play(Choices.seeded(seed), true);
        simulation.timeline.forEach(System.out::println);
        System.out.println(simulation.broken().map(Broken::toString).orElse("every promise was kept"));
        return null;
    }

    private static List<Race> races() {
        var races = new ArrayList<>(Races.all(2));
        races.addAll(Races.otherScenes(2));
        races.addAll(Races.thenSweepsAlone(2));
        races.addAll(Races.besideAPerson(2));
        races.addAll(Races.untidy(2));
        races.addAll(Races.twoBesideAPerson(1));
        for (Wire.Failing failing : Wire.Failing.values()) {
            races.addAll(Races.throughAdapters(1, failing));
            races.addAll(Races.inAnOutage(failing));
        }
        return races;
    }

    private void pairs() throws Exception {
        try (var threads = Executors.newFixedThreadPool(THREADS)) {
            var searches = new ArrayList<Future<Race.Found>>();
            for (Race race : races()) {
                Callable<Race.Found> search = () -> race.search(Long.MAX_VALUE);
                searches.add(threads.submit(() -> Search.inOneThread(search)));
            }
            for (var search : searches) {
                var found = search.get();
                System.out.println(found);
                schedules.addAndGet(found.schedules());
                found.failure().ifPresent(failure -> {
                    violations.incrementAndGet();
                    failure.timeline().forEach(System.out::println);
                });
            }
        }
    }

    private void histories(Duration length, long firstSeed) throws Exception {
        long end = System.nanoTime() + length.toNanos();
        var seeds = new AtomicLong(firstSeed);
        try (var threads = Executors.newFixedThreadPool(THREADS)) {
            var searches = new ArrayList<Future<Void>>();
            for (int i = 0; i < THREADS; i++) {
                searches.add(threads.submit(() -> Search.inOneThread(() -> {
                    while (System.nanoTime() < end) {
                        history(seeds.getAndIncrement());
                    }
                    return null;
                })));
            }
            for (var search : searches) {
                search.get();
            }
        }
        System.out.printf("histories of the seeds %d to %d%n", firstSeed, seeds.get() - 1);
    }

    private void history(long seed) {
        var choices = Choices.seeded(seed);
        var simulation = History.play(choices, false);
        schedules.incrementAndGet();
        if (simulation.isBroken()) {
            var broken = simulation.broken().orElseThrow();
            if (violations.incrementAndGet() <= SHOWN_MAX) {
                tell(seed, choices.trail(), broken);
            } else {
                System.out.println("seed " + seed + " breaks " + broken);
            }
        }
    }

    private static void tell(long seed, int[] trail, Broken broken) {
        var shortest = Shrinking.shrink(choices -> History.play(choices, false), broken.promise(), trail);
        var told = History.play(Choices.recorded(shortest), true);
        List<String> lines = new ArrayList<>(told.timeline);
        lines.addFirst("seed " + seed + " breaks " + broken + "; at its shortest:");
        lines.add(
                "decisions " + Arrays.stream(shortest).mapToObj(String::valueOf).collect(Collectors.joining(",")));
        System.out.println(String.join("\n", lines));
    }
}
