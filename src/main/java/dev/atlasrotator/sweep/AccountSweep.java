package dev.atlasrotator.sweep;

import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.RotationFinding;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.policy.Action;
import dev.atlasrotator.policy.Assessment;
import dev.atlasrotator.policy.CreatePolicy;
import dev.atlasrotator.policy.CreatePolicy.Overlap;
import dev.atlasrotator.policy.Decision;
import dev.atlasrotator.policy.RevocationPolicy;
import dev.atlasrotator.policy.RotationOwner;
import dev.atlasrotator.policy.SweepPolicy;
import dev.atlasrotator.report.AccountReport;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.rotation.DirectRotation;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.snapshot.Snapshot;
import dev.atlasrotator.snapshot.Snapshot.Kind;
import dev.atlasrotator.snapshot.SnapshotReader;
import dev.atlasrotator.snapshot.SnapshotReader.Purpose;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The work on one account: look closely, decide, act, and say what came of it. */
public final class AccountSweep {
    private final SecretVault vault;
    private final SnapshotReader snapshots;
    private final SweepPolicy rules;
    private final CreatePolicy createPolicy;
    private final DirectRotation rotation;
    private final Log log;

    public AccountSweep(
            SecretVault vault,
            SnapshotReader snapshots,
            SweepPolicy rules,
            CreatePolicy createPolicy,
            DirectRotation rotation,
            Log log) {
        this.vault = vault;
        this.snapshots = snapshots;
        this.rules = rules;
        this.createPolicy = createPolicy;
        this.rotation = rotation;
        this.log = log;
    }

    /** What is seen, and what it needs. */
    record Looked(Snapshot seen, RotationOwner owner, Assessment assessment) {
        boolean needsNothing() {
            return assessment.decision() instanceof Decision.Nothing;
        }

        /** Whether what is to be said of it wants a closer look. */
        boolean isDoubtful() {
            return seen.isUnclear() || !seen.all(Kind.FOREIGN).isEmpty();
        }
    }

    /** Assesses what was seen from afar. */
    Looked assess(Snapshot seen, Optional<String> function) {
        var owner = RotationOwner.of(seen.stored(), function);
        return new Looked(seen, owner, rules.assess(seen, owner));
    }

    /**
     * Looks closely: everything is read anew.
     *
     * @param copies the other stored secrets in sight that hold the same account
     */
    Looked look(String secretArn, Purpose purpose, List<String> copies, Optional<String> function, Deadline deadline) {
        var stored = vault.describe(secretArn, deadline);
        return assess(snapshots.read(stored, purpose, copies, deadline), function);
    }

    /** The entry of an account where nothing is done. */
    AccountReport report(Looked looked) {
        return AccountReport.of(looked.seen(), looked.assessment(), List.of(), false);
    }

    /** What would be done. */
    AccountReport plan(Looked looked) {
        var actions = Action.of(looked.assessment().decision(), looked.seen(), Overlap.KEPT);
        return AccountReport.of(looked.seen(), looked.assessment(), actions, true);
    }

    /**
     * Does what is needed.
     *
     * @param report gets the entry, also when what was begun could not be ended
     */
    void act(Looked looked, Deadline deadline, Consumer<AccountReport> report) {
        var done = new CopyOnWriteArrayList<Action>();
        Consumer<Action> tell = tell(done);
        var seen = looked.seen();
        try {
            switch (looked.assessment().decision()) {
                case Decision.Nothing nothing -> {}
                case Decision.Delete delete -> rotation.retire(seen, delete.removals(), deadline, tell);
                case Decision.RequestRotation request -> request(seen.stored(), deadline, tell);
                case Decision.Abandon abandon -> abandon(seen, abandon, deadline, tell);
                case Decision.ToRotate rotate -> rotation.rotate(seen, Overlap.KEPT, deadline, tell);
            }
        } finally {
            report.accept(AccountReport.of(seen, looked.assessment(), done, false));
        }
    }

    private void abandon(Snapshot seen, Decision.Abandon abandon, Deadline deadline, Consumer<Action> tell) {
        switch (abandon.next()) {
            case NOTHING -> rotation.abandon(seen, abandon, deadline, tell);
            case REQUEST -> {
                rotation.abandon(seen, abandon, deadline, tell);
                request(seen.stored(), deadline, tell);
            }
            case ROTATE -> rotation.rotate(seen, Overlap.KEPT, deadline, tell);
        }
    }

    /**
     * An operator's wish.
     *
     * @param leaked the Atlas secret that has leaked, where a revocation names one
     */
    record Wish(Overlap overlap, Optional<SecretId> leaked, boolean dryRun) {}

    /** An operator's wish: now, whether it is due or not. */
    void rotateNow(Looked looked, Wish wish, Deadline deadline, Consumer<AccountReport> report) {
        var done = new CopyOnWriteArrayList<Action>();
        Optional<Finding> notRevoked = Optional.empty();
        var seen = looked.seen();
        try {
            switch (looked.owner()) {
                case RotationOwner.External(String why) ->
                    throw new RotationFinding.OwnedElsewhere(seen.stored().name(), why).error();
                case RotationOwner.BySecretsManager bySecretsManager
                when wish.overlap() == Overlap.KEPT -> {
                    if (wish.dryRun()) {
                        throwIfRefused(seen);
                        done.add(new Action.Requested());
                    } else {
                        request(seen.stored(), deadline, tell(done));
                    }
                }
                case RotationOwner.BySecretsManager bySecretsManager -> notRevoked = direct(seen, wish, deadline, done);
                case RotationOwner.Direct byRun -> notRevoked = direct(seen, wish, deadline, done);
            }
        } finally {
            var entry = AccountReport.of(seen, looked.assessment(), done, wish.dryRun());
            report.accept(notRevoked.map(entry::and).orElse(entry));
        }
    }

    /** Rotates or revokes in this run; answers what was not revoked. */
    private Optional<Finding> direct(Snapshot seen, Wish wish, Deadline deadline, List<Action> done) {
        if (wish.dryRun()) {
            return wish.overlap() == Overlap.KEPT
                    ? plannedRotation(seen, Overlap.KEPT, done)
                    : plannedRevocation(seen, wish.leaked(), done);
        }
        if (wish.overlap() == Overlap.REVOKED) {
            return rotation.revoke(seen, wish.leaked(), deadline, tell(done));
        }
        rotation.rotate(seen, Overlap.KEPT, deadline, tell(done));
        return Optional.empty();
    }

    private Optional<Finding> plannedRotation(Snapshot seen, Overlap overlap, List<Action> done) {
        DirectRotation.refuseBesideAnother(seen);
        var decision = createPolicy.decide(seen, overlap);
        if (decision instanceof Decision.Refuse refuse) {
            throw refuse.exception();
        }
        done.addAll(Action.of(decision, seen, overlap));
        return Optional.empty();
    }

    private Optional<Finding> plannedRevocation(Snapshot seen, Optional<SecretId> leaked, List<Action> done) {
        return switch (RevocationPolicy.decide(seen, leaked)) {
            case RevocationPolicy.Plan.Rotate rotate -> plannedRotation(seen, Overlap.REVOKED, done);
            case RevocationPolicy.Plan.Delete(List<Decision.Removal> removals, Optional<Finding> notRevoked) -> {
                done.addAll(Action.of(new Decision.Delete(removals), seen, Overlap.REVOKED));
                yield notRevoked;
            }
            case RevocationPolicy.Plan.Abandon(Decision.Abandon attempt) -> {
                done.addAll(Action.of(attempt, seen, Overlap.REVOKED));
                yield Optional.empty();
            }
            case RevocationPolicy.Plan.Refuse(Finding why) -> throw why.error();
        };
    }

    private void throwIfRefused(Snapshot seen) {
        if (createPolicy.decide(seen, Overlap.KEPT) instanceof Decision.Refuse refuse) {
            throw refuse.exception();
        }
    }

    private void request(StoredSecret stored, Deadline deadline, Consumer<Action> tell) {
        vault.requestRotation(stored.arn(), deadline);
        tell.accept(new Action.Requested());
    }

    private Consumer<Action> tell(List<Action> done) {
        return action -> {
            log.line(Log.Level.INFO, "rotation action", action.fields());
            done.add(action);
        };
    }
}
