package dev.atlasrotator.policy;

import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.RotationFinding.NextRotationWaits;
import dev.atlasrotator.finding.RotationFinding.OwnedElsewhere;
import dev.atlasrotator.finding.RotationFinding.RotationAbandoned;
import dev.atlasrotator.finding.RotationFinding.RotationInProgress;
import dev.atlasrotator.policy.CreatePolicy.Overlap;
import dev.atlasrotator.policy.Decision.Abandon.Next;
import dev.atlasrotator.policy.Decision.Removal;
import dev.atlasrotator.snapshot.RotationTimes;
import dev.atlasrotator.snapshot.Snapshot;
import dev.atlasrotator.snapshot.Snapshot.AtlasView;
import dev.atlasrotator.snapshot.Snapshot.Identity;
import dev.atlasrotator.snapshot.Snapshot.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What one account needs today: the table of {@code docs/specification.md}, "The sweep". Pure; by
 * Atlas's truth, not by what is recorded.
 */
public final class SweepPolicy {
    private final RotationTimes times;
    private final CreatePolicy createPolicy;

    public SweepPolicy(RotationTimes times, CreatePolicy createPolicy) {
        this.times = times;
        this.createPolicy = createPolicy;
    }

    /** Assesses. */
    public Assessment assess(Snapshot seen, RotationOwner owner) {
        return switch (owner) {
            case RotationOwner.External(String why) ->
                new Assessment(
                        state(seen, owner),
                        new Decision.Nothing(),
                        List.of(new OwnedElsewhere(seen.stored().name(), why)));
            case RotationOwner.Direct byRun -> assessOurs(seen, owner);
            case RotationOwner.BySecretsManager bySecretsManager -> assessOurs(seen, owner);
        };
    }

    private Assessment assessOurs(Snapshot seen, RotationOwner owner) {
        var state = state(seen, owner);
        if (seen.atlas() instanceof AtlasView.Closed(Finding why)) {
            return new Assessment(
                    state, new Decision.Nothing(), all(List.of(List.of(why), optional(Findings.shared(seen)))));
        }
        var expiring = optional(Findings.expiring(seen));
        boolean inProgress = seen.rotationIsInProgress();
        if (inProgress && !seen.rotationIsStalled()) {
            return new Assessment(
                    state, new Decision.Nothing(), all(List.of(List.of(inProgress(seen)), expiring, findings(seen))));
        }
        var leftBehind = seen.stored().pendingBesidePrevious();
        // A run that rotates takes the label with it.
        if (leftBehind.isPresent() && (owner instanceof RotationOwner.BySecretsManager || !isDue(seen, owner))) {
            var over = new Decision.Abandon(
                    leftBehind.get(), List.of(), "it had ended, and AWSCURRENT was moved back since", Next.NOTHING);
            return new Assessment(state, abandon(seen, owner, over), findings(seen));
        }
        if (!inProgress && !isDue(seen, owner) && !seen.isUnclear()) {
            return new Assessment(state, retire(seen), findings(seen));
        }
        var plan = createPolicy.decide(seen, Overlap.KEPT);
        var waits = seen.waitsUntil()
                .filter(until -> owner instanceof RotationOwner.Direct)
                .<Finding>map(NextRotationWaits::new);
        if (plan instanceof Decision.Create && waits.isPresent()) {
            return new Assessment(state, retire(seen), all(List.of(optional(waits), expiring, findings(seen))));
        }
        var stalled = optional(Findings.stalled(seen));
        return switch (plan) {
            // What is over may go even so, and may be what makes room.
            case Decision.Refuse(List<Finding> why) ->
                new Assessment(state, retire(seen), all(List.of(why, stalled, expiring, ofTheValue(seen))));
            case Decision.Abandon abandon ->
                new Assessment(
                        state,
                        abandon(seen, owner, abandon),
                        all(List.of(
                                List.of(new RotationAbandoned(abandon.why())),
                                stalled,
                                optional(waits),
                                expiring,
                                findings(seen))));
            case Decision.Create create ->
                new Assessment(state, rotate(owner, create), all(List.of(stalled, findings(seen), expiring)));
            case Decision.Resume resume ->
                new Assessment(state, rotate(owner, resume), all(List.of(stalled, findings(seen), expiring)));
        };
    }

    /** A new rotation follows where one is due, and only there: the old one may be overtaken. */
    private Decision abandon(Snapshot seen, RotationOwner owner, Decision.Abandon abandon) {
        boolean due = isDue(seen, owner);
        if (owner instanceof RotationOwner.Direct) {
            return abandon.then(due && seen.waitsUntil().isEmpty() ? Next.ROTATE : Next.NOTHING);
        }
        return abandon.then(due ? Next.REQUEST : Next.NOTHING);
    }

    private static Decision rotate(RotationOwner owner, Decision plan) {
        return owner instanceof RotationOwner.Direct ? plan : new Decision.RequestRotation();
    }

    private Decision retire(Snapshot seen) {
        var removals = removals(seen);
        return removals.isEmpty() ? new Decision.Nothing() : new Decision.Delete(removals);
    }

    /** Old secrets that are over; never the current or the pending one, whatever their state. */
    private List<Removal> removals(Snapshot seen) {
        var removals = new ArrayList<Removal>();
        seen.all(Kind.EXPIRED).forEach(one -> removals.add(new Removal(one.id(), Removal.Why.EXPIRED)));
        seen.all(Kind.ORPHAN).forEach(one -> removals.add(new Removal(one.id(), Removal.Why.ORPHAN)));
        // While AWSCURRENT does not work, a superseded secret may be the last one that does.
        if (seen.currentWorks() && seen.currentSecret().isPresent() && seen.isPastOverlap(times.overlap())) {
            seen.all(Kind.SUPERSEDED).stream()
                    .filter(one -> !seen.isStillUsed(one))
                    .forEach(one -> removals.add(new Removal(one.id(), Removal.Why.SUPERSEDED)));
        }
        return List.copyOf(removals);
    }

    /** The superseded secrets that are past their overlap and still used. */
    public List<AtlasSecret> stillUsed(Snapshot seen) {
        return seen.isPastOverlap(times.overlap())
                ? seen.all(Kind.SUPERSEDED).stream().filter(seen::isStillUsed).toList()
                : List.of();
    }

    private boolean isDue(Snapshot seen, RotationOwner owner) {
        if (seen.isNearItsEnd() || seen.currentIsRejected()) {
            return true;
        }
        return owner instanceof RotationOwner.Direct && isOld(seen);
    }

    private boolean isOld(Snapshot seen) {
        return seen.currentSecret()
                .filter(current -> !seen.now().isBefore(current.createdAt().plus(times.rotateAfter())))
                .isPresent();
    }

    private AccountState state(Snapshot seen, RotationOwner owner) {
        if (seen.atlas() instanceof AtlasView.Closed(Finding why)) {
            return why.code() == Code.CREDENTIAL_REJECTED ? AccountState.LOCKED_OUT : AccountState.FAILED;
        }
        if (seen.identity() instanceof Identity.Gone || seen.currentIsRejected()) {
            return AccountState.LOCKED_OUT;
        }
        boolean inProgress = seen.rotationIsInProgress();
        if (inProgress && seen.rotationIsStalled()) {
            return AccountState.STALLED;
        }
        if (seen.isExpiring()) {
            return AccountState.EXPIRING;
        }
        if (inProgress) {
            return AccountState.ROTATING;
        }
        boolean isExternal = owner instanceof RotationOwner.External;
        if (!isExternal && isDue(seen, owner)) {
            return AccountState.DUE;
        }
        if (!seen.all(Kind.FOREIGN).isEmpty() || seen.isUnclear()) {
            return AccountState.FOREIGN;
        }
        if (!seen.all(Kind.SUPERSEDED).isEmpty()) {
            return AccountState.OVERLAP;
        }
        return isExternal ? AccountState.EXTERNAL : AccountState.FRESH;
    }

    /** What somebody should know of the account, whatever is done. */
    private List<Finding> findings(Snapshot seen) {
        var used = stillUsed(seen).stream().map(one -> Findings.oldSecretInUse(seen, one));
        var unconfirmed = Findings.unconfirmed(seen);
        var foreign = unconfirmed.isPresent()
                ? unconfirmed.stream()
                : seen.all(Kind.FOREIGN).stream().map(one -> Findings.foreign(seen, one, times.overlap()));
        return all(List.of(Stream.concat(used, foreign).toList(), ofTheValue(seen)));
    }

    private static List<Finding> ofTheValue(Snapshot seen) {
        return all(List.of(optional(Findings.shared(seen)), seen.remarks()));
    }

    private static Finding inProgress(Snapshot seen) {
        return new RotationInProgress(
                seen.rotationBegan(),
                seen.all(Kind.IN_FLIGHT).stream()
                        .map(one -> new RotationInProgress.Made(one.id(), one.createdAt()))
                        .toList());
    }

    private static List<Finding> optional(Optional<Finding> finding) {
        return finding.stream().toList();
    }

    /** Each once, in their order. */
    private static List<Finding> all(List<List<Finding>> some) {
        return some.stream().flatMap(List::stream).distinct().toList();
    }
}
