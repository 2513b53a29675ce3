package dev.atlasrotator.explore;

import java.util.Arrays;
import java.util.Random;

/**
 * Where a schedule's decisions come from. The first option is always the dullest one (nothing goes
 * wrong, the same run goes on), so that a schedule gets simpler as its numbers go to zero.
 */
abstract class Choices {
    private int[] trail = new int[256];
    private int made;

    /**
     * Decides.
     *
     * @param options how many there are, at least 1; the answer is from 0 to one less
     * @param chance how likely another option than the first should be, where chance decides
     */
    final int pick(int options, double chance) {
        int picked = options == 1 ? 0 : decide(made, options, chance);
        if (made == trail.length) {
            trail = Arrays.copyOf(trail, made * 2);
        }
        trail[made++] = picked;
        return picked;
    }

    /** Any option, each as likely as the other. */
    final int any(int options) {
        return pick(options, 1 - 1.0 / options);
    }

    /** Whether something happens, which as a rule does not. */
    final boolean happens(double chance) {
        return pick(2, chance) == 1;
    }

    abstract int decide(int number, int options, double chance);

    /** All that was decided so far. */
    final int[] trail() {
        return Arrays.copyOf(trail, made);
    }

    final int made() {
        return made;
    }

    final void again() {
        made = 0;
    }

    /** By chance, from a seed: the same seed gives the same schedule. */
    static Choices seeded(long seed) {
        var chance = new Random(seed);
        return new Choices() {
            @Override
            int decide(int number, int options, double chanceOfOther) {
                return chance.nextDouble() >= chanceOfOther ? 0 : 1 + chance.nextInt(options - 1);
            }
        };
    }

    /**
     * As recorded; beyond its end the dullest. A number too large for its place is taken modulo.
     */
    static Choices recorded(int[] decisions) {
        return new Choices() {
            @Override
            int decide(int number, int options, double chanceOfOther) {
                return number < decisions.length ? decisions[number] % options : 0;
            }
        };
    }

    /** Every schedule, one after the other, the last decision changing first. */
    static final class DepthFirst extends Choices {
        private int[] path = new int[256];
        private int[] widths = new int[256];
        private int depth;

        @Override
        int decide(int number, int options, double chanceOfOther) {
            if (number >= path.length) {
                path = Arrays.copyOf(path, number * 2);
                widths = Arrays.copyOf(widths, number * 2);
            }
            if (number >= depth) {
                // Places where there was no choice count as well: numbers must fit.
                for (int place = depth; place < number; place++) {
                    path[place] = 0;
                    widths[place] = 1;
                }
                path[number] = 0;
                widths[number] = options;
                depth = number + 1;
            }
            return path[number];
        }

        /** Whether what is decided next has been decided in no schedule before. */
        boolean isNew() {
            return made() >= depth;
        }

        /** Goes on to the next schedule; false if there is none. */
        boolean next() {
            while (depth > 0 && path[depth - 1] + 1 >= widths[depth - 1]) {
                depth--;
            }
            if (depth == 0) {
                return false;
            }
            path[depth - 1]++;
            again();
            return true;
        }
    }
}
