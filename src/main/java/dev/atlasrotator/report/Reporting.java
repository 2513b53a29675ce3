package dev.atlasrotator.report;

import java.time.Duration;
import java.util.Locale;

/**
 * What a report must know of its deployment.
 *
 * @param mode what a sweep may do
 * @param sweepInterval the time between two scheduled sweeps
 * @param kept how many entries a report keeps at most
 */
public record Reporting(Mode mode, Duration sweepInterval, int kept) {
    /** Entries that a function's answer keeps: Lambda's answer ends at 6 MB, and an entry is about 1 KB. */
    public static final int KEPT_BY_FUNCTION = 1000;

    /** Entries that a command keeps, which has a laptop's memory and no answer to fit into. */
    public static final int KEPT_BY_COMMAND = 1_000_000;

    /** What a sweep may do. */
    public enum Mode {
        ACT,
        /** It only says what it would do, and reports as a sweep: for the first days of a deployment. */
        OBSERVE;

        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
