package dev.atlasrotator.sweep;

import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.Margin;
import dev.atlasrotator.finding.RotationFinding.OwnedElsewhere;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.policy.AccountState;
import dev.atlasrotator.policy.Action;
import dev.atlasrotator.policy.CreatePolicy;
import dev.atlasrotator.policy.CreatePolicy.Overlap;
import dev.atlasrotator.policy.Decision;
import dev.atlasrotator.policy.RevocationPolicy;
import dev.atlasrotator.policy.RotationOwner;
import dev.atlasrotator.policy.SweepPolicy;
import dev.atlasrotator.report.AccountReport;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.rotation.DirectRotation;
import dev.atlasrotator.rotation.Run;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.snapshot.RotationTimes;
import dev.atlasrotator.snapshot.Snapshot;
import dev.atlasrotator.snapshot.Snapshot.Kind;
import dev.atlasrotator.snapshot.SnapshotReader;
import dev.atlasrotator.snapshot.SnapshotReader.Purpose;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The work on one account: read, decide, act, and report. */
public final class AccountSweep {
    private final SecretVault vault;
    private final SnapshotReader snapshots;
    private final SweepPolicy sweepPolicy;
    private final CreatePolicy createPolicy;
    private final RevocationPolicy revocationPolicy;
    private final DirectRotation rotation;
    private final Log log;

    public AccountSweep(
            SecretVault vault, SnapshotReader snapshots, RotationTimes times, DirectRotation rotation, Log log) {
        this.vault = vault;
        this.snapshots = snapshots;
        this.createPolicy = new CreatePolicy(times);
        this.sweepPolicy = new SweepPolicy(times, createPolicy);
        this.revocationPolicy = new RevocationPolicy(createPolicy);
        this.rotation = rotation;
        this.log = log;
    }

    /**
     * What was read, and what a sweep does with it.
     *
     * @param function this function's ARN, if it runs in Lambda
     */
    record Looked(Snapshot seen, Optional<String> function, RotationOwner owner, Decision decision) {
        boolean needsNothing() {
            return decision instanceof Decision.Nothing;
        }

        /** Whether it is to be rotated for its age alone. */
        boolean isOnlyDue() {
            return decision instanceof Decision.Create
                    && seen.margin() == Margin.AMPLE
                    && !seen.rotationIsInProgress()
                    && !seen.currentIsRejected();
        }

        /** Whether what is to be said of it wants a closer look. */
        boolean isDoubtful() {
            return seen.isUnclear() || !seen.all(Kind.FOREIGN).isEmpty();
        }
    }

    /** Decides on what was seen from afar. */
    Looked decide(Snapshot seen, Optional<String> function) {
        return decide(seen, function, RotationOwner.of(seen.stored(), function));
    }

    private Looked decide(Snapshot seen, Optional<String> function, RotationOwner owner) {
        return new Looked(seen, function, owner, sweepPolicy.decide(seen, owner));
    }

    /** Where nobody can tell whether the attached function is this one, it is read all the same, and not acted on. */
    private Looked toActOn(Looked looked) {
        return looked.owner() instanceof RotationOwner.BySecretsManager
                        && looked.function().isEmpty()
                ? decide(
                        looked.seen(),
                        looked.function(),
                        RotationOwner.attached(looked.seen().stored()))
                : looked;
    }

    /**
     * Looks closely: everything is read anew.
     *
     * @param copies the other stored secrets in sight that hold the same account
     */
    Looked look(String secretArn, Purpose purpose, List<String> copies, Optional<String> function, Deadline deadline) {
        var stored = vault.describe(secretArn, deadline);
        return decide(snapshots.read(stored, purpose, copies, deadline), function);
    }

    /** The entry of an account where nothing is done. */
    AccountReport report(Looked looked) {
        return AccountReport.done(looked.seen(), state(looked), findings(looked, List.of()), List.of());
    }

    /** What would be done. */
    AccountReport plan(Looked looked) {
        var acting = toActOn(looked);
        var actions = Action.of(acting.decision(), acting.seen(), Overlap.KEPT);
        return AccountReport.planned(acting.seen(), state(acting), findings(acting, List.of()), actions);
    }

    private AccountState state(Looked looked) {
        return sweepPolicy.state(looked.seen(), looked.owner());
    }

    private List<Finding> findings(Looked looked, List<Finding> first) {
        var known = sweepPolicy.findings(looked.seen(), looked.owner(), looked.decision());
        return Stream.concat(first.stream(), known.stream()).distinct().toList();
    }

    /**
     * Does what is needed.
     *
     * @param report gets the entry, also when what was begun could not be ended
     */
    void act(Looked looked, Deadline deadline, Consumer<AccountReport> report) {
        var acting = toActOn(looked);
        act(acting, acting.decision(), new Wish(Overlap.KEPT, Optional.empty(), false), deadline, report);
    }

    /**
     * An operator's wish.
     *
     * @param leaked the Atlas secret that has leaked, where a revocation names one
     */
    record Wish(Overlap overlap, Optional<SecretId> leaked, boolean dryRun) {}

    /** An operator's wish: now, whether it is due or not. */
    void rotateNow(Looked looked, Wish wish, Deadline deadline, Consumer<AccountReport> report) {
        var acting = toActOn(looked);
        act(acting, decide(acting, wish), wish, deadline, report);
    }

    private Decision decide(Looked looked, Wish wish) {
        var seen = looked.seen();
        return switch (looked.owner()) {
            case RotationOwner.External(String why) ->
                Decision.Refuse.because(new OwnedElsewhere(seen.stored().name(), why));
            // The step that Secrets Manager then calls says by itself why it refuses.
            case RotationOwner.BySecretsManager _
            when wish.overlap() == Overlap.KEPT ->
                wish.dryRun() && createPolicy.decide(seen, Overlap.KEPT) instanceof Decision.Refuse refuse
                        ? refuse
                        : new Decision.RequestRotation();
            case RotationOwner.BySecretsManager _, RotationOwner.Direct _ ->
                wish.overlap() == Overlap.KEPT
                        ? createPolicy.decideForRun(seen, Overlap.KEPT)
                        : revocationPolicy.decide(seen, wish.leaked());
        };
    }

    private void act(Looked looked, Decision decision, Wish wish, Deadline deadline, Consumer<AccountReport> report) {
        var seen = looked.seen();
        if (wish.dryRun() && !(decision instanceof Decision.Refuse)) {
            var actions = Action.of(decision, seen, wish.overlap());
            report.accept(AccountReport.planned(seen, state(looked), findings(looked, decision.findings()), actions));
            return;
        }
        var done = new CopyOnWriteArrayList<Action>();
        List<Finding> first = List.of();
        try {
            rotation.carryOut(decision, new Run(seen, wish.overlap(), deadline, action -> {
                log.line(Log.Level.INFO, "rotation action", action.fields());
                done.add(action);
            }));
            first = decision.findings();
        } finally {
            report.accept(AccountReport.done(seen, state(looked), findings(looked, first), done));
        }
    }
}
