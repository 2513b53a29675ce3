package dev.atlasrotator.policy;

import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.SecretFinding.CurrentNotRevoked;
import dev.atlasrotator.finding.SecretFinding.LastThatMayWork;
import dev.atlasrotator.finding.SecretFinding.LeakedIsForeign;
import dev.atlasrotator.finding.SecretFinding.LeakedIsGone;
import dev.atlasrotator.finding.SecretFinding.LeakedIsPending;
import dev.atlasrotator.finding.SecretFinding.LeakedIsShared;
import dev.atlasrotator.policy.CreatePolicy.Overlap;
import dev.atlasrotator.policy.Decision.Refuse;
import dev.atlasrotator.policy.Decision.Removal;
import dev.atlasrotator.policy.Decision.Removal.Why;
import dev.atlasrotator.snapshot.Snapshot;
import dev.atlasrotator.snapshot.Snapshot.AtlasView;
import dev.atlasrotator.snapshot.Snapshot.Classified;
import dev.atlasrotator.snapshot.Snapshot.Identity;
import dev.atlasrotator.snapshot.Snapshot.Kind;
import dev.atlasrotator.snapshot.Snapshot.Pending;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a revocation does. It may come twice, since command lines and SDKs repeat a call whose answer is late: what
 * consumers were just given is not taken from them again. Pure.
 */
public record RevocationPolicy(CreatePolicy createPolicy) {
    /** A secret in use that is not so old was made by the call before, for all one knows. */
    private static final Duration REPEATED_WITHIN = Duration.ofHours(1);

    /**
     * Decides. The findings of a deletion say what was not revoked, and why.
     *
     * @param leaked the Atlas secret that has leaked, where the operator names it
     */
    public Decision decide(Snapshot seen, Optional<SecretId> leaked) {
        if (seen.atlas() instanceof AtlasView.Closed(Finding why)) return Refuse.because(why);
        return leaked.map(id -> named(seen, id)).orElseGet(() -> unnamed(seen));
    }

    private Decision unnamed(Snapshot seen) {
        return seen.currentSecret()
                .filter(current -> seen.now().isBefore(current.createdAt().plus(REPEATED_WITHIN)))
                .map(current -> delete(
                        seen,
                        seen.all(Kind.SUPERSEDED),
                        Why.REVOKED,
                        List.of(new CurrentNotRevoked(current.id(), current.createdAt()))))
                .orElseGet(() -> rotate(seen));
    }

    /** Once the new secret is promoted, the old ones go. */
    private Decision rotate(Snapshot seen) {
        return createPolicy.decideForRun(seen, Overlap.REVOKED);
    }

    private Decision named(Snapshot seen, SecretId leaked) {
        if (seen.identity() instanceof Identity.Unclear(Set<SecretId> candidates) && candidates.contains(leaked)) {
            return Refuse.because(Findings.unconfirmed(seen, List.copyOf(candidates)));
        }
        return seen.classified().stream()
                .filter(one -> one.secret().id().equals(leaked))
                .findFirst()
                .map(one -> named(seen, one))
                .orElseGet(() -> new Decision.Delete(List.of(), List.of(new LeakedIsGone(leaked, seen.account()))));
    }

    private Decision named(Snapshot seen, Classified leaked) {
        var secret = leaked.secret();
        return switch (leaked.kind()) {
            case CURRENT -> rotate(seen);
            case PENDING -> pending(seen, secret);
            case SUPERSEDED -> delete(seen, List.of(secret), Why.REVOKED, List.of());
            case ORPHAN -> delete(seen, List.of(secret), Why.ORPHAN, List.of());
            case EXPIRED -> delete(seen, List.of(secret), Why.EXPIRED, List.of());
            case IN_FLIGHT -> Refuse.because(Findings.createInFlight(seen, secret));
            case SHARED ->
                Refuse.because(
                        Findings.underAnotherKey(seen, secret.id()).orElseGet(() -> new LeakedIsShared(secret.id())));
            case FOREIGN -> Refuse.because(new LeakedIsForeign(secret.id()));
        };
    }

    private Decision pending(Snapshot seen, AtlasSecret secret) {
        if (!seen.rotationIsStalled()) return Refuse.because(new LeakedIsPending(secret.id(), seen.rotationBegan()));
        if (currentIsOver(seen)) return lastThatMayWork(seen, "the pending secret");
        return seen.pending() instanceof Pending.Holds holds
                ? new Decision.RevokePending(holds.version(), secret.id())
                : rotate(seen);
    }

    private static Decision delete(Snapshot seen, List<AtlasSecret> secrets, Why why, List<Finding> notRevoked) {
        var promotion = Stream.concat(seen.all(Kind.SUPERSEDED).stream(), secrets.stream())
                .findFirst()
                .flatMap(newer -> Findings.promotionInFlight(seen, newer.id()));
        if (promotion.isPresent()) return Refuse.because(promotion.get());
        if (why == Why.REVOKED && currentIsOver(seen)) return lastThatMayWork(seen, "a superseded secret");
        return new Decision.Delete(Removal.of(secrets, why), notRevoked);
    }

    private static Decision lastThatMayWork(Snapshot seen, String which) {
        return Refuse.because(new LastThatMayWork(seen.stored().name(), which));
    }

    /**
     * What a revocation deletes once a new secret is promoted: what was current, and what was superseded before. What
     * has leaked has leaked in every stored secret that holds it. A secret whose id is beside a value that does not
     * authenticate may be somebody else's.
     */
    public static List<Removal> revocable(Snapshot seen, List<Removal> gone) {
        return seen.classified().stream()
                .filter(one ->
                        one.kind() == Kind.SUPERSEDED || (one.kind() == Kind.CURRENT && !seen.currentIsRejected()))
                .map(one -> one.secret().id())
                .filter(id -> gone.stream().noneMatch(removal -> removal.id().equals(id)))
                .map(id -> new Removal(id, Why.REVOKED))
                .toList();
    }

    private static boolean currentIsOver(Snapshot seen) {
        return seen.currentIsRejected() || seen.currentSecret().isEmpty();
    }
}
