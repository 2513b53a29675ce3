package dev.atlasrotator.policy;

import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.RotationFinding.CreateInFlight;
import dev.atlasrotator.finding.RotationFinding.PromotionInFlight;
import dev.atlasrotator.finding.SecretFinding.CurrentNotRevoked;
import dev.atlasrotator.finding.SecretFinding.LastThatMayWork;
import dev.atlasrotator.finding.SecretFinding.LeakedIsForeign;
import dev.atlasrotator.finding.SecretFinding.LeakedIsGone;
import dev.atlasrotator.finding.SecretFinding.LeakedIsPending;
import dev.atlasrotator.finding.SecretFinding.LeakedIsShared;
import dev.atlasrotator.policy.Decision.Abandon.Next;
import dev.atlasrotator.policy.Decision.Removal;
import dev.atlasrotator.policy.Decision.Removal.Why;
import dev.atlasrotator.snapshot.RotationTimes;
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

/**
 * What a revocation does. It may come twice, since command lines and SDKs repeat a call whose
 * answer is late: what consumers were just given is not taken from them again. Pure.
 */
public final class RevocationPolicy {
    /** A secret in use that is younger than this was made by the call before, for all one knows. */
    private static final Duration REPEATED_WITHIN = Duration.ofHours(1);

    /** What is to be done. */
    public sealed interface Plan {
        /** Rotate; once the new secret is promoted, the old ones go. */
        record Rotate() implements Plan {}

        /**
         * Delete these and make nothing.
         *
         * @param notRevoked what was not revoked, and why
         */
        record Delete(List<Removal> removals, Optional<Finding> notRevoked) implements Plan {}

        /** What is pending has leaked: end that rotation, then delete it. */
        record Abandon(Decision.Abandon attempt) implements Plan {}

        /** Do nothing, and say why. */
        record Refuse(Finding why) implements Plan {}
    }

    private RevocationPolicy() {}

    /**
     * Decides.
     *
     * @param leaked the Atlas secret that has leaked, where the operator names it
     */
    public static Plan decide(Snapshot seen, Optional<SecretId> leaked) {
        if (seen.atlas() instanceof AtlasView.Closed(Finding why)) {
            return new Plan.Refuse(why);
        }
        return leaked.map(id -> named(seen, id)).orElseGet(() -> unnamed(seen));
    }

    private static Plan unnamed(Snapshot seen) {
        var current = seen.currentSecret();
        var repeated =
                current.filter(secret -> seen.now().isBefore(secret.createdAt().plus(REPEATED_WITHIN)));
        return repeated.map(secret -> onlySuperseded(seen, secret)).orElseGet(Plan.Rotate::new);
    }

    private static Plan onlySuperseded(Snapshot seen, AtlasSecret current) {
        var remark = new CurrentNotRevoked(current.id(), current.createdAt());
        return delete(seen, seen.all(Kind.SUPERSEDED), Why.REVOKED, Optional.of(remark));
    }

    private static Plan named(Snapshot seen, SecretId leaked) {
        if (seen.identity() instanceof Identity.Unclear(Set<SecretId> candidates) && candidates.contains(leaked)) {
            return new Plan.Refuse(Findings.unconfirmed(seen, List.copyOf(candidates)));
        }
        return seen.classified().stream()
                .filter(one -> one.secret().id().equals(leaked))
                .findFirst()
                .map(one -> named(seen, one))
                .orElseGet(() -> new Plan.Delete(List.of(), Optional.of(new LeakedIsGone(leaked, seen.account()))));
    }

    private static Plan named(Snapshot seen, Classified leaked) {
        var secret = leaked.secret();
        return switch (leaked.kind()) {
            case CURRENT -> new Plan.Rotate();
            case PENDING -> pending(seen, secret);
            case SUPERSEDED -> delete(seen, List.of(secret), Why.REVOKED, Optional.empty());
            case ORPHAN -> delete(seen, List.of(secret), Why.ORPHAN, Optional.empty());
            case EXPIRED -> delete(seen, List.of(secret), Why.EXPIRED, Optional.empty());
            case IN_FLIGHT ->
                new Plan.Refuse(new CreateInFlight(
                        seen.account(),
                        secret.id(),
                        secret.createdAt(),
                        secret.createdAt().plus(RotationTimes.LONGEST_RUN)));
            case SHARED -> new Plan.Refuse(new LeakedIsShared(secret.id()));
            case FOREIGN -> new Plan.Refuse(new LeakedIsForeign(secret.id()));
        };
    }

    private static Plan pending(Snapshot seen, AtlasSecret secret) {
        if (!seen.rotationIsStalled()) {
            return new Plan.Refuse(new LeakedIsPending(secret.id(), seen.rotationBegan()));
        }
        if (currentIsOver(seen)) {
            return new Plan.Refuse(new LastThatMayWork(seen.stored().name(), "the pending secret"));
        }
        return seen.pending() instanceof Pending.Holds holds
                ? new Plan.Abandon(new Decision.Abandon(
                        holds.version(),
                        List.of(new Removal(secret.id(), Why.REVOKED)),
                        "its secret has leaked",
                        Next.NOTHING))
                : new Plan.Rotate();
    }

    private static Plan delete(Snapshot seen, List<AtlasSecret> secrets, Why why, Optional<Finding> notRevoked) {
        var mayBePromoted = seen.mayBePromotedUntil().filter(seen.now()::isBefore);
        if (mayBePromoted.isPresent()) {
            var younger =
                    seen.all(Kind.SUPERSEDED).stream().map(AtlasSecret::id).findFirst();
            return new Plan.Refuse(new PromotionInFlight(seen.account(), younger.orElseThrow(), mayBePromoted.get()));
        }
        if (why == Why.REVOKED && currentIsOver(seen)) {
            return new Plan.Refuse(new LastThatMayWork(seen.stored().name(), "a superseded secret"));
        }
        return new Plan.Delete(
                secrets.stream().map(one -> new Removal(one.id(), why)).toList(), notRevoked);
    }

    /**
     * What a revocation takes away once a new secret is promoted: what was current, and what was
     * superseded before. What has leaked has leaked in every stored secret that holds it. A secret
     * whose id stands beside a value that does not sign in may be somebody else's.
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
