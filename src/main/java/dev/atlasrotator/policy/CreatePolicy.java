package dev.atlasrotator.policy;

import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.RotationFinding.NoFreeSlot;
import dev.atlasrotator.finding.RotationFinding.NoSecretToRetire;
import dev.atlasrotator.finding.RotationFinding.SecretWithinOverlap;
import dev.atlasrotator.finding.SecretFinding.SecretOfAnotherStoredSecret;
import dev.atlasrotator.finding.ValueFinding.ValueTooLong;
import dev.atlasrotator.policy.Decision.Abandon;
import dev.atlasrotator.policy.Decision.Abandon.Next;
import dev.atlasrotator.policy.Decision.Refuse;
import dev.atlasrotator.policy.Decision.Removal;
import dev.atlasrotator.policy.Decision.Removal.Why;
import dev.atlasrotator.policy.Decision.ToRotate;
import dev.atlasrotator.secretsmanager.VersionId;
import dev.atlasrotator.snapshot.RotationTimes;
import dev.atlasrotator.snapshot.Snapshot;
import dev.atlasrotator.snapshot.Snapshot.AtlasView;
import dev.atlasrotator.snapshot.Snapshot.Classified;
import dev.atlasrotator.snapshot.Snapshot.Kind;
import dev.atlasrotator.snapshot.Snapshot.Pending;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What createSecret does with what it sees: the decision table of {@code docs/specification.md},
 * "createSecret", row by row. Pure; the order of the rules is the policy.
 */
public record CreatePolicy(RotationTimes times) {
    /**
     * An account has at most two secrets; expired ones count until somebody deletes them (Atlas's
     * documentation).
     */
    private static final int SLOTS = 2;

    /** What happens to a superseded secret that is still within its overlap. */
    public enum Overlap {
        KEPT,
        /** An operator has asked for revocation: a leak. */
        REVOKED
    }

    /** The same for a run of our own: it does not act while another one may be at work. */
    public ToRotate decideForRun(Snapshot seen, Overlap overlap) {
        return Findings.inProgress(seen).<ToRotate>map(Refuse::because).orElseGet(() -> decide(seen, overlap));
    }

    /** Decides for a step, or for a run after it has seen that no other is at work. */
    public ToRotate decide(Snapshot seen, Overlap overlap) {
        if (seen.atlas() instanceof AtlasView.Closed(Finding why)) return Refuse.because(why);
        return switch (seen.pending()) {
            case Pending.None _, Pending.Registered _ -> begin(seen, overlap);
            case Pending.NoCredential(VersionId version) ->
                abandon(
                        seen,
                        version,
                        "it was only registered, and holds no credential; the run that registered it is over");
            case Pending.Holds holds -> resumeOrAbandon(seen, holds);
        };
    }

    /** The same after Atlas has not accepted the pending value: whether it can never work. */
    public ToRotate decideAfterRejection(Snapshot seen) {
        return seen.atlas() instanceof AtlasView.Open
                        && seen.pending() instanceof Pending.Holds(var version, var value, var _)
                ? resumeOrAbandon(seen, new Pending.Holds(version, value, Optional.of(AuthResult.REJECTED)))
                : decide(seen, Overlap.KEPT);
    }

    private static ToRotate resumeOrAbandon(Snapshot seen, Pending.Holds holds) {
        var version = holds.version();
        if (!holds.value().account().equals(seen.current().account())) {
            return abandon(seen, version, "it is for another account than AWSCURRENT");
        }
        // Secrets Manager abandons a rotation then, too: the operator's value is kept. What was pending stays at Atlas
        // as superseded: another run may be about to promote it.
        if (isOvertaken(seen)) return abandon(seen, version, "AWSCURRENT was given a new value after it began");

        if (holds.value().secretId().isEmpty()) { // stored by somebody else than us: only the value itself can tell
            return holds.auth().equals(Optional.of(AuthResult.ACCEPTED))
                    ? resume(seen, version)
                    : abandon(seen, version, "Atlas does not accept its value");
        }
        var id = holds.value().secretId().get();
        // What is pending may be what is current: then nothing is wrong with it.
        if (seen.currentSecret().map(AtlasSecret::id).equals(Optional.of(id))) return resume(seen, version);

        var pending = seen.all(Kind.PENDING);
        if (pending.isEmpty()) return abandon(seen, version, "Atlas no longer has its secret " + id);

        var secret = pending.getFirst();
        if (secret.isExpired(seen.now())) {
            var why = "its secret %s expired at %s".formatted(id, secret.expiresAt());
            return abandon(seen, version, why, new Removal(id, Why.EXPIRED));
        }
        boolean isSettled = !seen.now().isBefore(secret.createdAt().plus(RotationTimes.LONGEST_RUN));
        boolean isRejected = holds.auth().equals(Optional.of(AuthResult.REJECTED));
        if (isRejected && isSettled && secret.lastUsedAt().isEmpty()) {
            var why = "Atlas has its secret %s, and does not accept the value that is stored for it".formatted(id);
            return abandon(seen, version, why, new Removal(id, Why.ORPHAN));
        }
        return resume(seen, version);
    }

    /** Whether what an operator has put under AWSCURRENT works, and is newer than what is pending. */
    private static boolean isOvertaken(Snapshot seen) {
        var pendingMade = seen.all(Kind.PENDING).stream()
                .findFirst()
                .map(AtlasSecret::createdAt)
                .or(seen::rotationBegan);
        // Two clocks: what was written within a minute is not seen to be newer.
        return pendingMade
                        .map(made -> made.plus(RotationTimes.CREATED_SINCE_TOLERANCE))
                        .filter(seen.currentCreated()::isAfter)
                        .isPresent()
                && seen.currentWorks()
                && !seen.pendingId().equals(seen.current().secretId());
    }

    /** A rotation accounts for its orphans only while it is in progress, so they go before it ends. */
    private static ToRotate resume(Snapshot seen, VersionId version) {
        return inFlight(seen).orElseGet(() -> new Decision.Resume(version, orphans(seen)));
    }

    private static ToRotate abandon(Snapshot seen, VersionId version, String why, Removal... dead) {
        return unconfirmed(seen)
                .or(() -> inFlight(seen))
                .orElseGet(() -> new Abandon(version, join(List.of(dead), orphans(seen)), why, Next.ROTATE));
    }

    private ToRotate begin(Snapshot seen, Overlap overlap) {
        var wait = unconfirmed(seen).or(() -> inFlight(seen));
        if (wait.isPresent()) return wait.get();
        if (!seen.current().hasRoom()) {
            return Refuse.because(new ValueTooLong(seen.stored().name(), StoredValue.BYTES_MAX));
        }
        var gone = expiredAndOrphaned(seen);
        if (seen.classified().size() - gone.size() < SLOTS) return create(seen, gone);

        var foreign = seen.all(Kind.FOREIGN);
        if (!foreign.isEmpty())
            return noFreeSlot(
                    seen, Findings.foreign(seen, foreign.getFirst(), times(seen).overlap()));
        var shared = seen.all(Kind.SHARED);
        if (!shared.isEmpty()) {
            var inUse = shared.getFirst().id();
            return noFreeSlot(
                    seen,
                    Findings.underAnotherKey(seen, inUse).orElseGet(() -> new SecretOfAnotherStoredSecret(inUse)));
        }
        return retirable(seen)
                .map(old -> retire(seen, old, overlap, gone))
                .orElseGet(() -> Refuse.because(new NoSecretToRetire(
                        seen.account(),
                        seen.classified().stream().map(one -> one.secret().id()).toList())));
    }

    private ToRotate retire(Snapshot seen, AtlasSecret old, Overlap overlap, List<Removal> gone) {
        boolean past = seen.isPastOverlap(times(seen).overlap());
        // A revocation waits for nothing but a run that may be about to promote it again.
        var promotion = Findings.promotionInFlight(seen, old.id());
        if (overlap == Overlap.REVOKED && promotion.isPresent()) {
            return refuseAndSayWhenItExpires(seen, promotion.get());
        }
        if (overlap == Overlap.KEPT && !past) {
            return Refuse.because(new SecretWithinOverlap(
                    seen.account(),
                    seen.stored().name(),
                    old.id(),
                    seen.promoted(),
                    seen.overlapEnds(times(seen).overlap())));
        }
        // Another stored secret may hold it, which a step cannot see: use is its guard.
        if (overlap == Overlap.KEPT && seen.isStillUsed(old) && !seen.isNearItsEnd()) {
            return noFreeSlot(seen, Findings.oldSecretInUse(seen, old));
        }
        return create(seen, join(gone, List.of(new Removal(old.id(), past ? Why.SUPERSEDED : Why.REVOKED))));
    }

    private static List<Removal> expiredAndOrphaned(Snapshot seen) {
        var gone = new ArrayList<Removal>();
        for (Classified one : seen.classified()) {
            // An expired current secret works for nobody, and takes a slot all the same. One that was seen to
            // authenticate works, whatever a clock says.
            boolean works = one.kind() == Kind.CURRENT && seen.currentWorks();
            if (one.secret().isExpired(seen.now()) && !works) {
                gone.add(new Removal(one.secret().id(), Why.EXPIRED));
            } else if (one.kind() == Kind.ORPHAN) {
                gone.add(new Removal(one.secret().id(), Why.ORPHAN));
            }
        }
        return gone;
    }

    /** While AWSCURRENT does not work, a superseded secret may be the last one that does. */
    private static Optional<AtlasSecret> retirable(Snapshot seen) {
        return seen.all(Kind.SUPERSEDED).stream()
                .filter(secret -> seen.currentWorks() && !seen.isReadWith(secret))
                .min(Comparator.comparing(AtlasSecret::createdAt));
    }

    private ToRotate create(Snapshot seen, List<Removal> first) {
        return new Decision.Create(List.copyOf(first), times(seen).lifetimeHours());
    }

    private static ToRotate noFreeSlot(Snapshot seen, Finding blocking) {
        return Refuse.because(new NoFreeSlot(seen.account(), blocking));
    }

    private static ToRotate refuseAndSayWhenItExpires(Snapshot seen, Finding reason) {
        return new Refuse(Stream.concat(Stream.of(reason), Findings.expirySoon(seen).stream())
                .toList());
    }

    /** The refusal where an orphan of this rotation may be what AWSCURRENT holds. */
    private static Optional<ToRotate> unconfirmed(Snapshot seen) {
        return Findings.unconfirmed(seen).map(Refuse::because);
    }

    /** The refusal for now where another run may be about to store a secret. */
    private static Optional<ToRotate> inFlight(Snapshot seen) {
        return Findings.createInFlight(seen).map(reason -> refuseAndSayWhenItExpires(seen, reason));
    }

    private static List<Removal> orphans(Snapshot seen) {
        return Removal.of(seen.all(Kind.ORPHAN), Why.ORPHAN);
    }

    private static List<Removal> join(List<Removal> one, List<Removal> other) {
        return Stream.concat(one.stream(), other.stream()).distinct().toList();
    }

    private RotationTimes times(Snapshot seen) {
        return times.of(seen.current());
    }
}
