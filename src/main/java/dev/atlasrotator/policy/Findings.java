package dev.atlasrotator.policy;

import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.finding.ActionErrors;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.Margin;
import dev.atlasrotator.finding.RotationFinding.CreateInFlight;
import dev.atlasrotator.finding.RotationFinding.PromotionInFlight;
import dev.atlasrotator.finding.RotationFinding.RotationInProgress;
import dev.atlasrotator.finding.RotationFinding.RotationStalled;
import dev.atlasrotator.finding.SecretFinding.CurrentSecretGone;
import dev.atlasrotator.finding.SecretFinding.Expiring;
import dev.atlasrotator.finding.SecretFinding.ForeignSecret;
import dev.atlasrotator.finding.SecretFinding.HeldByAnEarlierVersion;
import dev.atlasrotator.finding.SecretFinding.OldSecretInUse;
import dev.atlasrotator.finding.SecretFinding.SharedAccount;
import dev.atlasrotator.finding.ValueFinding.CandidateExpiring;
import dev.atlasrotator.finding.ValueFinding.CurrentSecretUnconfirmed;
import dev.atlasrotator.finding.ValueFinding.SecretUnderAnotherKey;
import dev.atlasrotator.snapshot.OtherHolders;
import dev.atlasrotator.snapshot.RotationTimes;
import dev.atlasrotator.snapshot.Snapshot;
import dev.atlasrotator.snapshot.Snapshot.Identity;
import dev.atlasrotator.snapshot.Snapshot.Kind;
import dev.atlasrotator.snapshot.Snapshot.Pending;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Findings that more than one rule makes of what it sees. Pure. */
public final class Findings {
    private Findings() {}

    /** A secret that no rotation of ours accounts for. */
    public static Finding foreign(Snapshot seen, AtlasSecret secret, Duration overlap) {
        boolean mayBeHeld = seen.mayBeHeld().contains(secret.id()) && !seen.isPastOverlap(overlap);
        return mayBeHeld
                ? new HeldByAnEarlierVersion(secret.id(), seen.stored().name(), seen.overlapEnds(overlap))
                : new ForeignSecret(secret.id(), secret.createdAt(), secret.lastUsedAt(), seen.margin());
    }

    /** Which secret AWSCURRENT holds is not confirmed; empty where it is. */
    public static Optional<Finding> unconfirmed(Snapshot seen) {
        return seen.identity() instanceof Identity.Unclear(var candidates)
                ? Optional.of(unconfirmed(seen, List.copyOf(candidates)))
                : Optional.empty();
    }

    public static Finding unconfirmed(Snapshot seen, List<SecretId> candidates) {
        return new CurrentSecretUnconfirmed(seen.account(), seen.stored().name(), candidates);
    }

    /** Superseded, past its overlap, and used. */
    public static Finding oldSecretInUse(Snapshot seen, AtlasSecret secret) {
        return new OldSecretInUse(secret.id(), seen.promoted(), secret.lastUsedAt(), secret.expiresAt());
    }

    /** The newest secret that another run may be about to store; empty where there is none. */
    static Optional<Finding> createInFlight(Snapshot seen) {
        return seen.all(Kind.IN_FLIGHT).stream()
                .max(Comparator.comparing(AtlasSecret::createdAt))
                .map(one -> createInFlight(seen, one));
    }

    static Finding createInFlight(Snapshot seen, AtlasSecret one) {
        var until = one.createdAt().plus(RotationTimes.LONGEST_RUN);
        return new CreateInFlight(seen.account(), one.id(), one.createdAt(), until);
    }

    /** Another run may be about to promote this secret; empty where none can. */
    static Optional<Finding> promotionInFlight(Snapshot seen, SecretId secret) {
        return seen.mayBePromotedUntil()
                .filter(seen.now()::isBefore)
                .map(until -> new PromotionInFlight(seen.account(), secret, until));
    }

    /** A rotation at which a run may be at work; empty where there is none. */
    static Optional<Finding> inProgress(Snapshot seen) {
        var made = seen.all(Kind.IN_FLIGHT).stream()
                .map(one -> new RotationInProgress.Made(one.id(), one.createdAt()))
                .toList();
        return seen.rotationIsInProgress() && !seen.rotationIsStalled()
                ? Optional.of(new RotationInProgress(seen.stored().name(), seen.rotationBegan(), made))
                : Optional.empty();
    }

    /** Several stored secrets hold the account; empty where only one in sight does. */
    public static Optional<Finding> shared(Snapshot seen) {
        var copies = seen.otherHolders().copies();
        if (copies.isEmpty()) {
            return Optional.empty();
        }
        var theirs = seen.all(Kind.SHARED).stream()
                .map(one -> new SharedAccount.InUse(
                        one.id(), seen.otherHolders().inUse().getOrDefault(one.id(), List.of()), one.expiresAt()))
                .toList();
        var margin = seen.all(Kind.SHARED).stream()
                .map(one -> Margin.left(one.createdAt(), one.expiresAt(), seen.now()))
                .max(Comparator.naturalOrder())
                .orElse(Margin.AMPLE);
        return Optional.of(new SharedAccount(
                seen.stored().name(),
                copies.stream().map(OtherHolders.Copy::name).toList(),
                theirs,
                seen.currentSecret().filter(one -> !theirs.isEmpty()).map(AtlasSecret::expiresAt),
                margin));
    }

    /** Why a secret stays that only another key of this very value holds; empty where another stored secret does. */
    static Optional<Finding> underAnotherKey(Snapshot seen, SecretId secret) {
        var holders = seen.otherHolders().inUse().getOrDefault(secret, List.of());
        return holders.equals(List.of(seen.stored().name()))
                ? Optional.of(new SecretUnderAnotherKey(secret))
                : Optional.empty();
    }

    /** A rotation that no run can be at work on any more; empty where there is none. */
    public static Optional<Finding> stalled(Snapshot seen) {
        boolean shortens = seen.pending() instanceof Pending.Holds
                || !seen.all(Kind.ORPHAN).isEmpty()
                || !seen.all(Kind.IN_FLIGHT).isEmpty();
        return seen.rotationBegan()
                .filter(began -> seen.rotationIsInProgress() && seen.rotationIsStalled())
                .map(began -> new RotationStalled(began, seen.here(), shortens));
    }

    /** The secret in use is about to expire, and a rotation has not come; empty where that is not so. */
    public static Optional<Finding> expiring(Snapshot seen) {
        return seen.isExpiring() ? Optional.of(expiry(seen)) : Optional.empty();
    }

    /** When the secret in use expires, once that is within its margin; empty before that. */
    public static Optional<Finding> expirySoon(Snapshot seen) {
        return seen.isNearItsEnd() ? Optional.of(expiry(seen)) : Optional.empty();
    }

    private static Finding expiry(Snapshot seen) {
        return seen.inUse().stream()
                .min(Comparator.comparing(AtlasSecret::expiresAt))
                .<Finding>map(first -> seen.isUnclear()
                        ? new CandidateExpiring(first.id(), first.expiresAt(), seen.margin())
                        : new Expiring(first.id(), first.expiresAt(), seen.margin()))
                .orElseGet(CurrentSecretGone::new);
    }

    /** An error that says as well how long the secret in use still works, where it is about to expire (promise 10). */
    public static RotatorException andExpiring(Snapshot seen, RotatorException error) {
        return expirySoon(seen).map(finding -> error.and(finding.text())).orElse(error);
    }

    /** An error that says as well what its create has done to the secret in use; where there is none, the error. */
    public static RotatorException andSevenDays(Snapshot seen, RotatorException error) {
        return seen.inUse().isEmpty() ? error : error.and(ActionErrors.SEVEN_DAYS);
    }
}
