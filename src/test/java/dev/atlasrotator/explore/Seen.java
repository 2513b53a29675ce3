package dev.atlasrotator.explore;

import java.util.Arrays;

/**
 * The states that a search has been in, by a digest of 64 bits, each with the most faults that were
 * left there: to come back with fewer shows nothing new.
 */
final class Seen {
    private long[] digests = new long[1 << 12];
    private byte[] budgets = new byte[1 << 12];
    private int size;

    /**
     * Whether this state shows something new; it is remembered.
     *
     * @param faults how many faults are left
     * @param pauses how many pauses are left, 0 or 1
     */
    boolean add(String state, int faults, int pauses) {
        // Without a fault left there is no pause either.
        byte budget = (byte) (1 + faults * 2 + (faults > 0 ? pauses : 0));
        int place = place(digest(state));
        byte before = budgets[place];
        if (covers(before, budget)) {
            return false;
        }
        if (before == 0) {
            digests[place] = digest(state);
            size++;
        }
        budgets[place] = budget;
        if (size * 2 > digests.length) {
            grow();
        }
        return true;
    }

    private static boolean covers(byte before, byte budget) {
        if (before == 0) {
            return false;
        }
        int had = before - 1;
        int has = budget - 1;
        return had >> 1 >= has >> 1 && (had & 1) >= (has & 1);
    }

    int size() {
        return size;
    }

    private int place(long digest) {
        int mask = digests.length - 1;
        int place = (int) (digest ^ digest >>> 32) & mask;
        while (budgets[place] != 0 && digests[place] != digest) {
            place = place + 1 & mask;
        }
        return place;
    }

    private void grow() {
        var oldDigests = digests;
        var oldBudgets = budgets;
        digests = new long[oldDigests.length * 2];
        budgets = Arrays.copyOf(new byte[0], oldBudgets.length * 2);
        for (int i = 0; i < oldDigests.length; i++) {
            if (oldBudgets[i] != 0) {
                int place = place(oldDigests[i]);
                digests[place] = oldDigests[i];
                budgets[place] = oldBudgets[i];
            }
        }
    }

    private static long digest(String text) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001B3L;
            hash ^= hash >>> 29;
        }
        return hash;
    }
}
