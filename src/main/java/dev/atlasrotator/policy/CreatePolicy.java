package dev.atlasrotator.policy;

import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.RotationFinding.NoFreeSlot;
import dev.atlasrotator.finding.RotationFinding.NoSecretToRetire;
import dev.atlasrotator.finding.RotationFinding.PromotionInFlight;
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
public final class CreatePolicy {
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

    private final RotationTimes times;

    public CreatePolicy(RotationTimes times) {
        this.times = times;
    }

    /** Decides. */
    public ToRotate decide(Snapshot seen, Overlap overlap) {
        return switch (seen.atlas()) {
            case AtlasView.Closed(Finding why) -> Refuse.because(why);
            case AtlasView.Open open ->
                switch (seen.pending()) {
                    case Pending.None none -> withoutAttempt(seen, open, overlap);
                    case Pending.Registered registered -> withoutAttempt(seen, open, overlap);
                    case Pending.NoCredential(VersionId version) ->
                        abandon(
                                seen,
                                version,
                                List.of(),
                                "it was only registered, and holds no credential; the run"
                                        + " that registered it is over");
                    case Pending.Holds holds -> withPending(seen, holds);
                };
        };
    }

    private ToRotate withPending(Snapshot seen, Pending.Holds holds) {
        var version = holds.version();
        if (!holds.value().account().equals(seen.current().account())) {
            return abandon(seen, version, List.of(), "it is for another account than AWSCURRENT");
        }
        if (isOvertaken(seen)) {
            // Secrets Manager abandons a rotation then, too: the person's value stands. What was
            // pending stays at Atlas as superseded: another run may be about to promote it.
            return abandon(seen, version, List.of(), "AWSCURRENT was given a new value after it began");
        }
        if (holds.value().secretId().isEmpty()) { // stored by somebody else than us: only the value itself can tell
            return holds.auth().filter(AuthResult.ACCEPTED::equals).isPresent()
                    ? resume(seen, version)
                    : abandon(seen, version, List.of(), "Atlas does not accept its value");
        }
        var id = holds.value().secretId().get();
        var secret = seen.all(Kind.PENDING).stream().findFirst();
        if (secret.isEmpty()) {
            // What is pending may be what is current: then nothing is wrong with it.
            return seen.currentSecret()
                            .filter(current -> current.id().equals(id))
                            .isPresent()
                    ? resume(seen, version)
                    : abandon(seen, version, List.of(), "Atlas no longer has its secret " + id);
        }
        if (secret.get().isExpired(seen.now())) {
            return abandon(
                    seen,
                    version,
                    List.of(new Removal(id, Why.EXPIRED)),
                    "its secret " + id + " expired at " + secret.get().expiresAt());
        }
        boolean rejected = holds.auth().filter(AuthResult.REJECTED::equals).isPresent();
        var settled = secret.get().createdAt().plus(RotationTimes.LONGEST_RUN);
        if (rejected && secret.get().lastUsedAt().isEmpty() && !seen.now().isBefore(settled)) {
            return abandon(
                    seen,
                    version,
                    List.of(new Removal(id, Why.ORPHAN)),
                    "Atlas has its secret " + id + ", and does not accept the value that is stored for it");
        }
        return resume(seen, version);
    }

    /**
     * Whether what a person has put under AWSCURRENT works, and is younger than what is pending.
     */
    private static boolean isOvertaken(Snapshot seen) {
        var pendingMade = seen.all(Kind.PENDING).stream()
                .findFirst()
                .map(AtlasSecret::createdAt)
                .or(seen::rotationBegan);
        // Two clocks: what was written within a minute is not seen to be younger.
        return pendingMade
                        .map(made -> made.plus(RotationTimes.CREATED_SINCE_TOLERANCE))
                        .filter(seen.currentCreated()::isAfter)
                        .isPresent()
                && seen.currentWorks()
                && !seen.pendingId().equals(seen.current().secretId());
    }

    /** An attempt accounts for its orphans only while it stands, so they go before it ends. */
    private static ToRotate resume(Snapshot seen, VersionId version) {
        return inFlight(seen).orElseGet(() -> new Decision.Resume(version, orphans(seen)));
    }

    private static ToRotate abandon(Snapshot seen, VersionId version, List<Removal> dead, String why) {
        return unconfirmed(seen)
                .or(() -> inFlight(seen))
                .orElseGet(() -> new Abandon(version, join(dead, orphans(seen)), why, Next.ROTATE));
    }

    private ToRotate withoutAttempt(Snapshot seen, AtlasView.Open open, Overlap overlap) {
        var wait = unconfirmed(seen).or(() -> inFlight(seen));
        if (wait.isPresent()) {
            return wait.get();
        }
        if (!seen.current().hasRoom()) {
            return Refuse.because(new ValueTooLong(seen.stored().name(), StoredValue.BYTES_MAX));
        }
        var first = new ArrayList<Removal>();
        for (Classified one : seen.classified()) {
            // An expired current secret works for nobody, and takes a slot all the same. One that
            // was seen to sign in works, whatever a clock says.
            boolean works = one.kind() == Kind.CURRENT && seen.currentWorks();
            if (one.secret().isExpired(seen.now()) && !works) {
                first.add(new Removal(one.secret().id(), Why.EXPIRED));
            } else if (one.kind() == Kind.ORPHAN) {
                first.add(new Removal(one.secret().id(), Why.ORPHAN));
            }
        }
        int remaining = open.secrets().size() - first.size();
        if (remaining >= SLOTS) {
            var blocking = makeRoom(seen, open, overlap, first);
            if (blocking.isPresent()) {
                return blocking.get();
            }
        }
        return new Decision.Create(List.copyOf(first), lifetime(seen.current()));
    }

    /** Adds what may go so that one slot is free, or says why none may. */
    private Optional<ToRotate> makeRoom(Snapshot seen, AtlasView.Open open, Overlap overlap, List<Removal> first) {
        var foreign = seen.all(Kind.FOREIGN);
        if (!foreign.isEmpty()) {
            return noFreeSlot(seen, Findings.foreign(seen, foreign.getFirst(), times.overlap()));
        }
        var shared = seen.all(Kind.SHARED);
        if (!shared.isEmpty()) {
            return noFreeSlot(
                    seen, new SecretOfAnotherStoredSecret(shared.getFirst().id()));
        }
        var superseded = seen.all(Kind.SUPERSEDED).stream()
                .filter(secret ->
                        open.access().ownSecret().filter(secret.id()::equals).isEmpty())
                // While AWSCURRENT does not work, a superseded secret may be the last one that does.
                .filter(secret -> seen.currentWorks())
                .min(Comparator.comparing(AtlasSecret::createdAt));
        if (superseded.isEmpty()) {
            var ids = open.secrets().stream().map(AtlasSecret::id).toList();
            return refuse(new NoSecretToRetire(seen.account(), ids));
        }
        var old = superseded.get();
        // A revocation waits for nothing but a run that may be about to promote it again.
        var mayBePromoted = seen.mayBePromotedUntil().filter(seen.now()::isBefore);
        if (overlap == Overlap.REVOKED && mayBePromoted.isPresent()) {
            return refuseAndSayWhenItExpires(
                    seen, new PromotionInFlight(seen.account(), old.id(), mayBePromoted.get()));
        }
        boolean past = seen.isPastOverlap(times.overlap());
        if (overlap == Overlap.KEPT && !past) {
            return refuse(new SecretWithinOverlap(
                    seen.account(),
                    seen.stored().name(),
                    old.id(),
                    seen.promoted(),
                    seen.overlapEnds(times.overlap())));
        }
        // Another stored secret may hold it, which a step cannot see: use is its guard.
        if (overlap == Overlap.KEPT && seen.isStillUsed(old) && !seen.isNearItsEnd()) {
            return noFreeSlot(seen, Findings.oldSecretInUse(seen, old));
        }
        first.add(new Removal(old.id(), past ? Why.SUPERSEDED : Why.REVOKED));
        return Optional.empty();
    }

    private static Optional<ToRotate> noFreeSlot(Snapshot seen, Finding blocking) {
        return refuse(new NoFreeSlot(seen.account(), blocking));
    }

    private static Optional<ToRotate> refuse(Finding reason) {
        return Optional.of(Refuse.because(reason));
    }

    private static Optional<ToRotate> refuseAndSayWhenItExpires(Snapshot seen, Finding reason) {
        return Optional.of(new Refuse(Stream.concat(Stream.of(reason), Findings.expirySoon(seen).stream())
                .toList()));
    }

    /** The refusal where an orphan of this attempt may be what AWSCURRENT holds. */
    private static Optional<ToRotate> unconfirmed(Snapshot seen) {
        return Findings.unconfirmed(seen).flatMap(CreatePolicy::refuse);
    }

    /** The refusal for now where another run may be about to store a secret. */
    private static Optional<ToRotate> inFlight(Snapshot seen) {
        return Findings.createInFlight(seen).flatMap(reason -> refuseAndSayWhenItExpires(seen, reason));
    }

    private static List<Removal> orphans(Snapshot seen) {
        return seen.all(Kind.ORPHAN).stream()
                .map(secret -> new Removal(secret.id(), Why.ORPHAN))
                .toList();
    }

    private int lifetime(StoredValue value) {
        return value.lifetimeHours().orElse(times.lifetimeHours());
    }

    private static List<Removal> join(List<Removal> one, List<Removal> other) {
        return Stream.concat(one.stream(), other.stream()).distinct().toList();
    }
}
