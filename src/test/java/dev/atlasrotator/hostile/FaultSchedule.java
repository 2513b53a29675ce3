package dev.atlasrotator.hostile;

import java.util.Random;

/**
 * When an answer is spoilt, and how far: as a whole only (what is between us and the service is
 * broken), or also by facts that are well-formed and false.
 *
 * @param oneIn one call in so many is answered wrongly
 */
record FaultSchedule(Random chance, int oneIn, boolean lies) {
    boolean strikes() {
        return oneIn > 0 && chance.nextInt(oneIn) == 0;
    }
}
