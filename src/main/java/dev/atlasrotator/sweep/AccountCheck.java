package dev.atlasrotator.sweep;

import dev.atlasrotator.policy.CheckPolicy;
import dev.atlasrotator.report.AccountReport;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.snapshot.Permissions;
import dev.atlasrotator.sweep.AccountSweep.Looked;

/** Whether an account will rotate, and what would keep it from that: reads, and changes nothing. */
public record AccountCheck(Permissions.Reader permissions, CheckPolicy policy) {
    /**
     * The entry of an account.
     *
     * @param entry what a sweep says of it
     */
    AccountReport check(Looked looked, AccountReport entry, Deadline deadline) {
        var found = permissions.read(looked.seen(), deadline);
        var result = policy.check(looked.seen(), looked.owner(), found, entry.findings());
        return entry.checked(result.findings(), result.readiness());
    }
}
