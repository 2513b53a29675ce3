package dev.atlasrotator.sweep;

import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.policy.CreatePolicy.Overlap;
import dev.atlasrotator.report.Asked;
import dev.atlasrotator.report.Asked.Origin;
import dev.atlasrotator.report.FleetReport;
import dev.atlasrotator.report.Reporting;
import dev.atlasrotator.report.Unmanaged;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.snapshot.SnapshotReader.Purpose;
import dev.atlasrotator.sweep.AccountSweep.Wish;
import dev.atlasrotator.sweep.FleetWalk.Mode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The three things that are asked of the fleet, each answered by a report. */
public record FleetSweep(SweepParts parts) {
    /** The state of these stored secrets, or of the whole fleet; nothing is changed. */
    public FleetReport status(Optional<List<String>> secretIds, Optional<String> function, Deadline deadline) {
        var report = report(Asked.Type.STATUS, new Origin.Operator(), false, deadline);
        new FleetWalk(parts, report, Mode.LOOK, function, deadline).walk(secretIds);
        return report;
    }

    /** Which of these stored secrets, or of the whole fleet, will rotate, and why not; nothing is changed. */
    public FleetReport check(Optional<List<String>> secretIds, Optional<String> function, Deadline deadline) {
        var report = report(Asked.Type.CHECK, new Origin.Operator(), false, deadline);
        new FleetWalk(parts, report, Mode.CHECK, function, deadline).walk(secretIds);
        return report;
    }

    /** What no sweep reads; nothing is changed. */
    public Unmanaged discover(Optional<String> function, Deadline deadline) {
        return parts.discovery().discover(function, deadline);
    }

    /**
     * The sweep of these stored secrets, or of the whole fleet.
     *
     * @param dryRun only says what would be done
     */
    public FleetReport sweep(
            Optional<List<String>> secretIds,
            boolean dryRun,
            Origin origin,
            Optional<String> function,
            Deadline deadline) {
        var report = report(Asked.Type.SWEEP, origin, dryRun, deadline);
        var mode = mode(secretIds, dryRun);
        parts.bounds()
                .timeout()
                .filter(timeout -> mode == Mode.ACT && timeout.compareTo(FleetWalk.ACT_NEEDS) <= 0)
                .ifPresent(timeout -> new AccountIsolation(report, parts.log()).failed(canNeverAct(timeout)));
        new FleetWalk(parts, report, mode, function, deadline).walk(secretIds);
        return report;
    }

    private Mode mode(Optional<List<String>> secretIds, boolean dryRun) {
        if (dryRun || parts.bounds().reporting().mode() == Reporting.Mode.OBSERVE) {
            return Mode.PLAN;
        }
        // Named ones are work that was enqueued, or an operator's: they are done here and now.
        return parts.queue().isPresent() && secretIds.isEmpty() ? Mode.ENQUEUE : Mode.ACT;
    }

    private FleetReport report(Asked.Type type, Origin origin, boolean dryRun, Deadline deadline) {
        var asked = new Asked(type, origin, dryRun, deadline.clock().instant());
        return new FleetReport(asked, parts.bounds().reporting());
    }

    private static RotatorException canNeverAct(Duration timeout) {
        return new RotatorException.Configuration("""
            This function's time-out is %d s, and a sweep begins nothing with less than %d s left: it can report but \
            change nothing. Rotations by Secrets Manager still work. Give the function a longer time-out.\
            """.formatted(timeout.toSeconds(), FleetWalk.ACT_NEEDS.toSeconds()));
    }

    /**
     * Rotates one now, whether it is due or not.
     *
     * @param leaked the Atlas secret that has leaked, where a revocation names one
     */
    public FleetReport rotate(
            String secretId,
            Overlap overlap,
            Optional<SecretId> leaked,
            boolean dryRun,
            Optional<String> function,
            Deadline deadline) {
        var report = report(Asked.Type.ROTATE, new Origin.Operator(), dryRun, deadline);
        new AccountIsolation(report, parts.log()).run(secretId, Optional.empty(), entry -> {
            var looked = parts.work().look(secretId, Purpose.RUN, List.of(), function, deadline);
            parts.work().rotateNow(looked, new Wish(overlap, leaked, dryRun), deadline, entry);
        });
        return report;
    }
}
