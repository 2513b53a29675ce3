package dev.atlasrotator.sweep;

import dev.atlasrotator.log.Log;
import dev.atlasrotator.report.Reporting;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.snapshot.SnapshotReader;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a walk works with.
 *
 * @param surveyor makes the reader of one walk, which lists accounts once where one credential serves many
 * @param check makes the check of one walk, which reads an organization's settings once
 * @param discovery finds what no sweep reads
 * @param queue takes the work, where there is one
 */
public record SweepParts(
        SecretVault vault,
        Supplier<SnapshotReader> surveyor,
        AccountSweep work,
        Supplier<AccountCheck> check,
        Discovery discovery,
        Optional<WorkQueue> queue,
        Bounds bounds,
        Log log) {
    /**
     * How a fleet is walked.
     *
     * @param tag key of the tag that puts a stored secret into the sweep
     * @param namePrefix what the names of its stored secrets begin with; empty for any name
     * @param rotationsPerSweep how many accounts a sweep rotates for their age alone
     * @param concurrency how many accounts are worked on side by side, 1 to 64
     * @param reporting what a report must know of the deployment
     * @param timeout the function's own time-out, where it is known
     */
    public record Bounds(
            String tag,
            String namePrefix,
            int rotationsPerSweep,
            int concurrency,
            Reporting reporting,
            Optional<Duration> timeout) {
        /** Whether this name, or the name in this ARN, begins as it must. */
        boolean admits(String secretId) {
            return secretId.substring(secretId.lastIndexOf(':') + 1).startsWith(namePrefix);
        }
    }
}
