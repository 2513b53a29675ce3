package dev.atlasrotator.rotation;

import dev.atlasrotator.atlas.ServiceAccounts.SignIn;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.rotation.Decision.Removal;
import dev.atlasrotator.rotation.Decision.Removal.Why;
import dev.atlasrotator.rotation.Decision.Stop;
import dev.atlasrotator.rotation.Picture.AtlasView;
import dev.atlasrotator.rotation.Picture.Classified;
import dev.atlasrotator.rotation.Picture.Identity;
import dev.atlasrotator.rotation.Picture.Kind;
import dev.atlasrotator.rotation.Picture.Pending;
import dev.atlasrotator.secretsmanager.VersionId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What createSecret does with what it sees: the decision table of {@code docs/specification.md},
 * "createSecret", row by row. Pure; the order of the rules is the policy.
 */
public final class CreateRules {
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

    private final Policy policy;

    public CreateRules(Policy policy) {
        this.policy = policy;
    }

    /** Decides. */
    public Decision decide(Picture seen, Overlap overlap) {
        return switch (seen.atlas()) {
            case AtlasView.Closed closed -> new Stop(Stop.Kind.CREDENTIAL, closed.why());
            case AtlasView.Open open ->
                switch (seen.pending()) {
                    case Pending.None none -> withoutAttempt(seen, open, overlap);
                    case Pending.Registered registered -> withoutAttempt(seen, open, overlap);
                    case Pending.NoCredential(VersionId version) ->
                        giveUp(
                                seen,
                                version,
                                List.of(),
                                "it was only registered, and holds no credential; the run"
                                        + " that registered it is over");
                    case Pending.Holds holds -> withPending(seen, holds);
                };
        };
    }

    private Decision withPending(Picture seen, Pending.Holds holds) {
        var version = holds.version();
        if (!holds.value().account().equals(seen.current().account())) {
            return giveUp(seen, version, List.of(), "it is for another account than AWSCURRENT");
        }
        if (isOvertaken(seen)) {
            // Secrets Manager abandons a rotation then, too: the person's value stands. What was
            // pending stays at Atlas as superseded: another run may be about to promote it.
            return giveUp(seen, version, List.of(), "AWSCURRENT was given a new value after it began");
        }
        if (holds.value().secretId().isEmpty()) { // stored by somebody else than us: only the value itself can tell
            return holds.signsIn().filter(SignIn.ACCEPTED::equals).isPresent()
                    ? resume(seen, version)
                    : giveUp(seen, version, List.of(), "Atlas does not accept its value");
        }
        var id = holds.value().secretId().get();
        var secret = seen.all(Kind.PENDING).stream().findFirst();
        if (secret.isEmpty()) {
            // What is pending may be what is current: then nothing is wrong with it.
            return seen.currentSecret()
                            .filter(current -> current.id().equals(id))
                            .isPresent()
                    ? resume(seen, version)
                    : giveUp(seen, version, List.of(), "Atlas no longer has its secret " + id);
        }
        if (secret.get().isExpired(seen.now())) {
            return giveUp(
                    seen,
                    version,
                    List.of(new Removal(id, Why.EXPIRED)),
                    "its secret " + id + " expired at " + secret.get().expiresAt());
        }
        boolean rejected = holds.signsIn().filter(SignIn.REJECTED::equals).isPresent();
        var settled = secret.get().createdAt().plus(Policy.LONGEST_RUN);
        if (rejected && secret.get().lastUsedAt().isEmpty() && !seen.now().isBefore(settled)) {
            return giveUp(
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
    private static boolean isOvertaken(Picture seen) {
        var pendingMade = seen.all(Kind.PENDING).stream()
                .findFirst()
                .map(AtlasSecret::createdAt)
                .or(seen::attemptBegan);
        // Two clocks: what was written within a minute is not seen to be younger.
        return pendingMade
                        .map(made -> made.plus(Policy.CREATED_SINCE_TOLERANCE))
                        .filter(seen.currentCreated()::isAfter)
                        .isPresent()
                && seen.currentWorks()
                && !seen.pendingId().equals(seen.current().secretId());
    }

    /** An attempt accounts for its orphans only while it stands, so they go before it ends. */
    private static Decision resume(Picture seen, VersionId version) {
        return young(seen).orElseGet(() -> new Decision.Resume(version, orphans(seen)));
    }

    private static Decision giveUp(Picture seen, VersionId version, List<Removal> dead, String why) {
        return unclear(seen)
                .or(() -> young(seen))
                .orElseGet(() -> new Decision.GiveUp(version, join(dead, orphans(seen)), why));
    }

    private Decision withoutAttempt(Picture seen, AtlasView.Open open, Overlap overlap) {
        var wait = unclear(seen).or(() -> young(seen));
        if (wait.isPresent()) {
            return wait.get();
        }
        if (!seen.current().hasRoom()) {
            return new Stop(
                    Stop.Kind.CREDENTIAL,
                    "The value of "
                            + seen.stored().name()
                            + " is so long that a new secret could not be stored in it (Secrets"
                            + " Manager takes "
                            + StoredValue.BYTES_MOST
                            + " bytes). Nothing was changed. Shorten it.");
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
    private Optional<Decision> makeRoom(Picture seen, AtlasView.Open open, Overlap overlap, List<Removal> first) {
        var foreign = seen.all(Kind.FOREIGN);
        if (!foreign.isEmpty()) {
            return Optional.of(noRoom(
                    seen,
                    Advice.foreign(seen, foreign.getFirst(), policy.overlap())
                            + " The next rotation or sweep goes on by itself."));
        }
        if (!seen.all(Kind.SHARED).isEmpty()) {
            return Optional.of(noRoom(
                    seen,
                    "Its other secret "
                            + seen.all(Kind.SHARED).getFirst().id()
                            + " is in use in another stored secret."));
        }
        var superseded = seen.all(Kind.SUPERSEDED).stream()
                .filter(secret ->
                        open.access().signsInWith().filter(secret.id()::equals).isEmpty())
                // While AWSCURRENT does not work, a superseded secret may be the last one
                // that does.
                .filter(secret -> seen.currentWorks())
                .min(Comparator.comparing(AtlasSecret::createdAt));
        if (superseded.isEmpty()) {
            return Optional.of(new Stop(
                    Stop.Kind.REFUSED,
                    "Account "
                            + seen.account()
                            + " has no room for a new secret, and each of those that it"
                            + " has ("
                            + Advice.ids(open.secrets().stream().map(AtlasSecret::id))
                            + ") may be the last one that works. Nothing was changed. Store"
                            + " a clientSecret that works, with its secretId."));
        }
        var until = seen.overlapEnds(policy.overlap());
        // A revocation waits for nothing but a run that may be about to promote it again.
        var mayBePromoted = seen.mayBePromotedUntil().filter(seen.now()::isBefore);
        if (overlap == Overlap.REVOKED && mayBePromoted.isPresent()) {
            return Optional.of(new Stop(
                    Stop.Kind.UNAVAILABLE,
                    "Secret "
                            + superseded.get().id()
                            + " of account "
                            + seen.account()
                            + " is younger than the one in use, and another run may be"
                            + " about to promote it. Nothing was changed. Try again after "
                            + Advice.seconds(mayBePromoted.get())
                            + "."
                            + Advice.andUrgency(seen)));
        }
        boolean past = seen.isPastOverlap(policy.overlap());
        if (overlap == Overlap.KEPT && !past) {
            return Optional.of(new Stop(
                    Stop.Kind.REFUSED,
                    "Both secrets of account "
                            + seen.account()
                            + " are needed: "
                            + superseded.get().id()
                            + " was superseded at "
                            + Advice.seconds(seen.promoted())
                            + " and is kept for its overlap until "
                            + Advice.seconds(until)
                            + ". Nothing was changed. Rotate after that, or, if it has"
                            + " leaked, call the function with"
                            + " {\"action\":\"rotate\",\"secretId\":\""
                            + seen.stored().name()
                            + "\",\"revokeOld\":true}."));
        }
        // Another stored secret may hold it, which a step cannot see: use is its guard.
        if (overlap == Overlap.KEPT && seen.isStillUsed(superseded.get()) && !seen.isNearItsEnd()) {
            return Optional.of(noRoom(seen, Advice.stillUsed(seen, superseded.get())));
        }
        first.add(new Removal(superseded.get().id(), past ? Why.SUPERSEDED : Why.REVOKED));
        return Optional.empty();
    }

    private static Stop noRoom(Picture seen, String why) {
        return new Stop(
                Stop.Kind.REFUSED,
                "Account " + seen.account() + " has no room for a new secret. " + why + " Nothing was changed.");
    }

    /** The refusal where an orphan of this attempt may be what AWSCURRENT holds. */
    private static Optional<Decision> unclear(Picture seen) {
        return seen.identity() instanceof Identity.Unclear(Set<SecretId> candidates)
                ? Optional.of(new Stop(
                        Stop.Kind.REFUSED, Advice.unclear(seen, List.copyOf(candidates)) + " Nothing was changed."))
                : Optional.empty();
    }

    /** The refusal for now that a young secret asks for, where there is one. */
    private static Optional<Decision> young(Picture seen) {
        return seen.all(Kind.YOUNG).stream()
                .max(Comparator.comparing(AtlasSecret::createdAt))
                .map(secret -> new Stop(
                        Stop.Kind.UNAVAILABLE,
                        "Secret "
                                + secret.id()
                                + " of account "
                                + seen.account()
                                + " was made at "
                                + secret.createdAt()
                                + " by this rotation, and another run may be about"
                                + " to store it. Nothing was changed. Try again"
                                + " after "
                                + Advice.seconds(secret.createdAt().plus(Policy.LONGEST_RUN))
                                + ": whatever is not stored by then is cleaned up."
                                + Advice.andUrgency(seen)));
    }

    private static List<Removal> orphans(Picture seen) {
        return seen.all(Kind.ORPHAN).stream()
                .map(secret -> new Removal(secret.id(), Why.ORPHAN))
                .toList();
    }

    private int lifetime(StoredValue value) {
        return value.lifetimeHours().orElse(policy.lifetimeHours());
    }

    private static List<Removal> join(List<Removal> one, List<Removal> other) {
        return Stream.concat(one.stream(), other.stream()).distinct().toList();
    }
}
