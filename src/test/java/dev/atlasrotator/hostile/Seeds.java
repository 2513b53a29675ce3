package dev.atlasrotator.hostile;

import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Runs a check with one seed after the other, until its time is over. A failure names the seed.
 *
 * <p>{@code -Dhostile.seconds=60} gives each check so long (else one, and two with {@code
 * -Dtests.whole=true}), {@code -Dhostile.seed=7} begins at that seed, {@code -Dhostile.cases=1} ends after so many.
 */
final class Seeds {
    private static final long SECONDS = Boolean.getBoolean("tests.whole") ? 2 : 1;

    @FunctionalInterface
    interface Check {
        void with(Random chance) throws Exception;
    }

    private Seeds() {}

    /**
     * Runs it.
     *
     * @param least so many cases are run in any case
     */
    static void each(String what, int least, Check check) throws Exception {
        long first = Long.getLong("hostile.seed", 1);
        long most = Long.getLong("hostile.cases", Long.MAX_VALUE);
        long time = TimeUnit.SECONDS.toNanos(Long.getLong("hostile.seconds", SECONDS));
        long begun = System.nanoTime();
        long cases = 0;
        while (cases < most && (cases < least || System.nanoTime() - begun < time)) {
            long seed = first + cases;
            try {
                check.with(new Random(seed));
            } catch (Throwable found) {
                throw new AssertionError(what + ", seed " + seed + " (-Dhostile.seed=" + seed + "): " + found, found);
            }
            cases++;
        }
        System.out.printf(
                "hostile: %s, %d cases from seed %d in %d ms%n",
                what, cases, first, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
    }
}
