package dev.atlasrotator.rotation;

import dev.atlasrotator.atlas.ServiceAccounts.SignIn;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.secretsmanager.VersionId;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Both services at one instant, as far as one account is concerned. Immutable; whatever is decided
 * is decided from this alone.
 *
 * @param now the time by Atlas's clock (ours, while Atlas could not be read); where that one is
 *     ahead of ours, Secrets Manager's dates in here are by it as well
 * @param currentCreated when the version under AWSCURRENT was made
 * @param previousCreated when the version under AWSPREVIOUS was made, where it was read
 * @param attemptBegan when the attempt that stands began, where one stands and its time was needed
 * @param known the Atlas ids that stand in versions other than current and pending
 * @param currentSignsIn whether the value under AWSCURRENT signs in, where it was tried
 */
public record Picture(
        Instant now,
        StoredSecret stored,
        VersionId currentVersion,
        Instant currentCreated,
        StoredValue current,
        Optional<Instant> previousCreated,
        Pending pending,
        Optional<Instant> attemptBegan,
        Set<SecretId> known,
        AtlasView atlas,
        Identity identity,
        Optional<SignIn> currentSignsIn) {

    /** What is under AWSPENDING while AWSCURRENT is elsewhere. */
    public sealed interface Pending {
        /** No attempt stands. */
        record None() implements Pending {}

        /** {@code RotateSecret} has registered the attempt; there is no value yet. */
        record Registered(VersionId version) implements Pending {}

        /**
         * There is a value, and it holds no credential: registered by a run of ours, or not ours at
         * all.
         */
        record NoCredential(VersionId version) implements Pending {}

        /**
         * There is a credential.
         *
         * @param signsIn whether it signs in, where it had to be asked because no Atlas id is
         *     recorded with it
         */
        record Holds(VersionId version, StoredValue value, Optional<SignIn> signsIn)
                implements Pending {}
    }

    /** The account at Atlas. */
    public sealed interface AtlasView {
        record Open(Access access, List<AtlasSecret> secrets) implements AtlasView {
            public Open {
                secrets = List.copyOf(secrets);
            }
        }

        /** Nothing that we hold gets in. */
        record Closed(String why) implements AtlasView {}
    }

    /** Which Atlas secret is the one under AWSCURRENT. */
    public sealed interface Identity {
        record Is(SecretId id) implements Identity {}

        /** None that lives: what AWSCURRENT holds does not sign in, or it holds nothing. */
        record Gone() implements Identity {}

        /** It signs in, and it could be more than one of them. */
        record Unclear() implements Identity {}
    }

    /** What one of the account's secrets is to us ({@code behaviour.md}, "Words"). */
    public enum Kind {
        CURRENT,
        PENDING,
        EXPIRED,
        SUPERSEDED,
        ORPHAN,
        YOUNG,
        FOREIGN
    }

    /** One of the account's secrets, and what it is to us. */
    public record Classified(AtlasSecret secret, Kind kind) {}

    /** The account's secrets with what each is to us; none while Atlas is closed to us. */
    public List<Classified> classified() {
        return switch (atlas) {
            case AtlasView.Closed closed -> List.of();
            case AtlasView.Open open ->
                    open.secrets().stream()
                            .map(secret -> new Classified(secret, kindOf(secret)))
                            .toList();
        };
    }

    /** The account's secrets of this kind. */
    public List<AtlasSecret> all(Kind kind) {
        return classified().stream()
                .filter(one -> one.kind() == kind)
                .map(Classified::secret)
                .toList();
    }

    /** The Atlas secret under AWSCURRENT, where it is known and Atlas still has it. */
    public Optional<AtlasSecret> currentSecret() {
        return classified().stream()
                .filter(one -> isCurrent(one.secret()))
                .map(Classified::secret)
                .findFirst();
    }

    /** The Atlas id that is recorded in the pending value. */
    public Optional<SecretId> pendingId() {
        return pending instanceof Pending.Holds holds ? holds.value().secretId() : Optional.empty();
    }

    /**
     * When AWSCURRENT moved last. {@code LastRotatedDate} tells for a secret that Secrets Manager
     * rotates, unless a person has put a value there since (then the version is younger), or has
     * gone back to an older version (then it is older than the one it took over from). {@code
     * LastChangedDate} can only be later, which is the safe side.
     */
    public Instant promoted() {
        var changed = stored.lastChanged().orElse(now);
        if (hasGoneBack() || !stored.rotationEnabled().orElse(false)) {
            return changed;
        }
        // RotateSecret may have registered the version, and rotated last, long before it was
        // filled.
        var made = currentSecret().map(AtlasSecret::createdAt).orElse(currentCreated);
        return stored.lastRotated()
                .map(rotated -> later(rotated, later(currentCreated, made)))
                .orElse(changed);
    }

    /**
     * When the overlap of what was superseded is over.
     *
     * @param overlap as configured
     */
    public Instant overlapEnds(Duration overlap) {
        var end = promoted().plus(overlap);
        return mayBePromotedUntil().map(run -> later(run, end)).orElse(end);
    }

    /**
     * Until when a run that is at work may promote a superseded secret: one that is younger than
     * the current one, after a way back, or because a person has ended its attempt. The labels may
     * have been read before that secret was made.
     */
    public Optional<Instant> mayBePromotedUntil() {
        if (!hasGoneBack()) {
            return Optional.empty();
        }
        return Optional.of(
                all(Kind.SUPERSEDED).stream()
                        .map(AtlasSecret::createdAt)
                        .reduce(promoted(), Picture::later)
                        .plus(Policy.LONGEST_RUN));
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /**
     * Versions tell, and the secrets in them: a version may be older than what it was filled with.
     */
    private boolean hasGoneBack() {
        var made = currentSecret().map(AtlasSecret::createdAt);
        return previousCreated.filter(currentCreated::isBefore).isPresent()
                || all(Kind.SUPERSEDED).stream()
                        .anyMatch(one -> made.filter(one.createdAt()::isAfter).isPresent());
    }

    /** Whether the attempt that stands began so long ago that no run can be at it any more. */
    public boolean attemptIsAbandoned() {
        return attemptBegan
                .filter(began -> !now.isBefore(began.plus(Policy.LONGEST_RUN)))
                .isPresent();
    }

    /** Whether nothing tells which of the account's secrets AWSCURRENT holds. */
    public boolean isUnclear() {
        return identity instanceof Identity.Unclear;
    }

    /** The secret in use; all that may be it, where that is not clear. */
    public List<AtlasSecret> inUse() {
        return isUnclear() ? all(Kind.FOREIGN) : currentSecret().stream().toList();
    }

    /** Whether the secret in use must be replaced now: it is near its end, or is gone. */
    public boolean isNearItsEnd() {
        return identity instanceof Identity.Gone
                || inUse().stream()
                        .anyMatch(
                                one -> Policy.isNearItsEnd(one.createdAt(), one.expiresAt(), now));
    }

    private boolean isCurrent(AtlasSecret secret) {
        return identity instanceof Identity.Is(SecretId id) && id.equals(secret.id());
    }

    private Kind kindOf(AtlasSecret secret) {
        if (isCurrent(secret)) {
            return Kind.CURRENT;
        }
        if (pendingId().filter(secret.id()::equals).isPresent()) {
            return Kind.PENDING;
        }
        if (secret.isExpired(now)) {
            return Kind.EXPIRED;
        }
        if (known.contains(secret.id())) {
            return Kind.SUPERSEDED;
        }
        if (isUnclear()) {
            return Kind.FOREIGN; // it may be the one in use, whatever else it looks like
        }
        boolean ours =
                secret.lastUsedAt().isEmpty()
                        && attemptBegan
                                .filter(
                                        began ->
                                                !secret.createdAt()
                                                        .isBefore(began.minus(Policy.CLOCKS_APART)))
                                .isPresent();
        if (!ours) {
            return Kind.FOREIGN;
        }
        var age = Duration.between(secret.createdAt(), now);
        return age.compareTo(Policy.LONGEST_RUN) >= 0 ? Kind.ORPHAN : Kind.YOUNG;
    }

    /** The same, after the pending value was tried at Atlas and not accepted. */
    public Picture withPendingRejected() {
        return pending instanceof Pending.Holds holds
                ? new Picture(
                        now,
                        stored,
                        currentVersion,
                        currentCreated,
                        current,
                        previousCreated,
                        new Pending.Holds(
                                holds.version(), holds.value(), Optional.of(SignIn.REJECTED)),
                        attemptBegan,
                        known,
                        atlas,
                        identity,
                        currentSignsIn)
                : this;
    }

    /**
     * What a revocation takes away once a new secret is promoted: what was current, and what was
     * superseded before.
     */
    public List<Decision.Removal> revocable(List<Decision.Removal> gone) {
        return classified().stream()
                .filter(one -> one.kind() == Kind.CURRENT || one.kind() == Kind.SUPERSEDED)
                .map(one -> one.secret().id())
                .filter(id -> gone.stream().noneMatch(removal -> removal.id().equals(id)))
                .map(id -> new Decision.Removal(id, Decision.Removal.Why.REVOKED))
                .toList();
    }

    /** Whether the value under AWSCURRENT is known to sign in. */
    public boolean currentWorks() {
        return currentSignsIn.filter(SignIn.ACCEPTED::equals).isPresent();
    }
}
