package dev.atlasrotator.policy;

import dev.atlasrotator.failure.Code;
import dev.atlasrotator.finding.AccessFinding.RotatesBySecretsManager;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.RotationFinding.NextRotationWaits;
import dev.atlasrotator.finding.RotationFinding.NoFreeSlot;
import dev.atlasrotator.finding.RotationFinding.OwnedElsewhere;
import dev.atlasrotator.finding.ValueFinding.SettingClamped;
import dev.atlasrotator.policy.CreatePolicy.Overlap;
import dev.atlasrotator.policy.Decision.Abandon;
import dev.atlasrotator.policy.Decision.Abandon.Next;
import dev.atlasrotator.policy.Decision.Create;
import dev.atlasrotator.policy.Decision.Refuse;
import dev.atlasrotator.policy.Decision.Removal;
import dev.atlasrotator.policy.Decision.Removal.Why;
import dev.atlasrotator.policy.Decision.ToRotate;
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
 * What a sweep does with one account, and what its report says of it: the table of {@code docs/specification.md}, "The
 * sweep". Pure; by what Atlas says, not by what is recorded.
 */
public record SweepPolicy(RotationTimes times, CreatePolicy createPolicy) {
    /** What is done: the first row that applies. */
    public Decision decide(Snapshot seen, RotationOwner owner) {
        if (owner instanceof RotationOwner.External(String why)) {
            return nothing(new OwnedElsewhere(seen.stored().name(), why));
        }
        if (seen.atlas() instanceof AtlasView.Closed(Finding why)) return nothing(why);
        var inProgress = Findings.inProgress(seen);
        if (inProgress.isPresent()) return nothing(inProgress.get());

        boolean isDirect = owner instanceof RotationOwner.Direct;
        boolean isDue = isDue(seen, owner);
        var leftBehind = seen.stored().pendingBesidePrevious();
        // A run that rotates takes the label with it.
        if (leftBehind.isPresent() && !(isDirect && isDue)) {
            var why = "it had ended, and AWSCURRENT was moved back since";
            return new Abandon(leftBehind.get(), List.of(), why, isDue ? Next.REQUEST : Next.NOTHING);
        }
        if (!seen.rotationIsInProgress() && !isDue && !seen.isUnclear()) return retire(seen, List.of());

        var waits = seen.waitsUntil().filter(until -> isDirect);
        return switch (createPolicy.decide(seen, Overlap.KEPT)) {
            // What may be deleted is deleted even so, and may be what makes room.
            case Refuse(List<Finding> why) -> retire(seen, why);
            // A new rotation follows where one is due, and only there: AWSCURRENT may have been given a new value.
            case Abandon abandon when !isDue || waits.isPresent() -> abandon.then(Next.NOTHING);
            case Abandon abandon -> abandon.then(isDirect ? Next.ROTATE : Next.REQUEST);
            case Create _ when waits.isPresent() -> retire(seen, List.of(new NextRotationWaits(waits.get())));
            case ToRotate rotate -> isDirect ? rotate : new Decision.RequestRotation();
        };
    }

    private static Decision nothing(Finding why) {
        return new Decision.Nothing(List.of(why));
    }

    private Decision retire(Snapshot seen, List<Finding> why) {
        var removals = removals(seen);
        return removals.isEmpty() ? new Decision.Nothing(why) : new Decision.Delete(removals, why);
    }

    /** Old secrets that may go; never the current or the pending one, whatever their state. */
    private List<Removal> removals(Snapshot seen) {
        var removals = new ArrayList<Removal>();
        removals.addAll(Removal.of(seen.all(Kind.EXPIRED), Why.EXPIRED));
        removals.addAll(Removal.of(seen.all(Kind.ORPHAN), Why.ORPHAN));
        // While AWSCURRENT does not work, a superseded secret may be the last one that does.
        if (seen.currentWorks()
                && seen.currentSecret().isPresent()
                && seen.isPastOverlap(times(seen).overlap())) {
            var unused = seen.all(Kind.SUPERSEDED).stream().filter(one -> !seen.isStillUsed(one));
            removals.addAll(Removal.of(unused.toList(), Why.SUPERSEDED));
        }
        return List.copyOf(removals);
    }

    private boolean isDue(Snapshot seen, RotationOwner owner) {
        return seen.isNearItsEnd()
                || seen.currentIsRejected()
                || (owner instanceof RotationOwner.Direct && isOld(seen));
    }

    private boolean isOld(Snapshot seen) {
        var rotateAfter = times(seen).rotateAfter();
        return seen.currentSecret()
                .filter(current -> !seen.now().isBefore(current.createdAt().plus(rotateAfter)))
                .isPresent();
    }

    /** The most urgent state that applies. */
    public AccountState state(Snapshot seen, RotationOwner owner) {
        boolean isExternal = owner instanceof RotationOwner.External;
        if (seen.atlas() instanceof AtlasView.Closed(Finding why)) {
            return why.code() == Code.CREDENTIAL_REJECTED ? AccountState.LOCKED_OUT : AccountState.FAILED;
        }
        if (seen.identity() instanceof Identity.Gone || seen.currentIsRejected()) return AccountState.LOCKED_OUT;
        if (seen.rotationIsInProgress() && seen.rotationIsStalled()) return AccountState.STALLED;
        if (seen.isExpiring()) return AccountState.EXPIRING;
        if (seen.rotationIsInProgress()) return AccountState.ROTATING;
        if (!isExternal && isDue(seen, owner)) return AccountState.DUE;
        if (!seen.all(Kind.FOREIGN).isEmpty() || seen.isUnclear()) return AccountState.FOREIGN;
        if (!seen.all(Kind.SUPERSEDED).isEmpty()) return AccountState.OVERLAP;
        return isExternal ? AccountState.EXTERNAL : AccountState.FRESH;
    }

    /** What an operator should know: why this was decided, then what is so of the account whatever is done. */
    public List<Finding> findings(Snapshot seen, RotationOwner owner, Decision decision) {
        if (owner instanceof RotationOwner.External) return decision.findings();
        return Stream.concat(decision.findings().stream(), ofTheAccount(seen, owner, decision))
                .distinct()
                .toList();
    }

    private Stream<Finding> ofTheAccount(Snapshot seen, RotationOwner owner, Decision decision) {
        if (seen.atlas() instanceof AtlasView.Closed) return Findings.shared(seen).stream();
        var waits = seen.waitsUntil()
                .filter(until -> decision instanceof Abandon && owner instanceof RotationOwner.Direct)
                .<Finding>map(NextRotationWaits::new);
        // A refusal for want of a free slot says of the other secret what there is to say.
        var others = decision.findings().stream().anyMatch(NoFreeSlot.class::isInstance)
                ? Stream.<Finding>of()
                : ofOtherSecrets(seen);
        return Stream.of(
                        Findings.stalled(seen).stream(),
                        waits.stream(),
                        notByAge(seen, owner).stream(),
                        Findings.expiring(seen).stream(),
                        others,
                        Findings.shared(seen).stream(),
                        clamped(seen).stream(),
                        seen.remarks().stream())
                .flatMap(some -> some);
    }

    /** Why one that is old enough is left alone. */
    private Optional<Finding> notByAge(Snapshot seen, RotationOwner owner) {
        return owner instanceof RotationOwner.BySecretsManager && isOld(seen) && !isDue(seen, owner)
                ? Optional.of(new RotatesBySecretsManager(seen.stored().name()))
                : Optional.empty();
    }

    private Optional<Finding> clamped(Snapshot seen) {
        return Optional.of(times.clamped(seen.current()))
                .filter(used -> !used.isEmpty())
                .map(SettingClamped::new);
    }

    private Stream<Finding> ofOtherSecrets(Snapshot seen) {
        var used = seen.all(Kind.SUPERSEDED).stream()
                .filter(one -> seen.isPastOverlap(times(seen).overlap()) && seen.isStillUsed(one))
                .map(one -> Findings.oldSecretInUse(seen, one));
        var unconfirmed = Findings.unconfirmed(seen);
        var foreign = unconfirmed.isPresent()
                ? unconfirmed.stream()
                : seen.all(Kind.FOREIGN).stream()
                        .map(one -> Findings.foreign(seen, one, times(seen).overlap()));
        return Stream.concat(used, foreign);
    }

    private RotationTimes times(Snapshot seen) {
        return times.of(seen.current());
    }
}
