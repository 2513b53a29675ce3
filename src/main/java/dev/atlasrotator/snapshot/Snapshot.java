package dev.atlasrotator.snapshot;

import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.Margin;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.secretsmanager.VersionId;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Both services at one time, as far as one account is concerned. Immutable; decisions are made from this alone.
 *
 * @param now the time by Atlas's clock (ours, while Atlas could not be read)
 * @param here the time by our own clock when the reading began, by which Secrets Manager's dates are
 *     judged: Amazon keeps both in step, and Atlas's it does not
 * @param account where it was found
 * @param currentCreated when the version under AWSCURRENT was created
 * @param currentAuth whether the value under AWSCURRENT authenticates, if it was verified
 * @param previousCreated when the version under AWSPREVIOUS was created, if it was read
 * @param rotationBegan when the rotation in progress began, if there is one and its time was needed
 * @param lastBegun when a run last registered a rotation of late, if that was needed
 * @param known the Atlas ids that belong to a client secret in a version other than the pending one
 * @param recordedEnd when the current secret expires, by the stored value
 * @param mayBeHeld the secrets that an earlier version may hold whose client secret has no id
 * @param doubtful the ids that are beside several client secrets, with the one that each belongs to
 * @param otherHolders what other stored secrets hold of the account
 * @param remarks what an operator should know about the value and its credentials
 */
public record Snapshot(
        Instant now,
        Instant here,
        StoredSecret stored,
        Account account,
        VersionId currentVersion,
        Instant currentCreated,
        StoredValue current,
        Optional<AuthResult> currentAuth,
        Optional<Instant> previousCreated,
        Pending pending,
        Optional<Instant> rotationBegan,
        Optional<Instant> lastBegun,
        Set<SecretId> known,
        Set<SecretId> mayBeHeld,
        Map<SecretId, Sensitive> doubtful,
        AtlasView atlas,
        Identity identity,
        Optional<Instant> recordedEnd,
        OtherHolders otherHolders,
        List<Finding> remarks) {

    /** The version under AWSPENDING, if AWSCURRENT is on another one. */
    public sealed interface Pending {
        /** No rotation is in progress. */
        record None() implements Pending {}

        /** {@code RotateSecret} has registered the rotation; there is no value yet. */
        record Registered(VersionId version) implements Pending {}

        /** There is a value without a credential: registered by a run of ours, or stored by somebody else. */
        record NoCredential(VersionId version) implements Pending {}

        /**
         * There is a credential.
         *
         * @param auth whether it authenticates, if it had to be verified because no Atlas id is recorded with it
         */
        record Holds(VersionId version, StoredValue value, Optional<AuthResult> auth) implements Pending {}
    }

    /** The account at Atlas. */
    public sealed interface AtlasView {
        record Open(AtlasAccess access, List<AtlasSecret> secrets) implements AtlasView {
            public Open {
                secrets = List.copyOf(secrets);
            }
        }

        /** No credential that we have gives access. */
        record Closed(Finding why) implements AtlasView {}
    }

    /** Which Atlas secret is the one under AWSCURRENT. */
    public sealed interface Identity {
        record Is(SecretId id) implements Identity {}

        /** None that lives: the value under AWSCURRENT does not authenticate, or holds no credential. */
        record Gone() implements Identity {}

        /** It authenticates, and it could be any of these: none of them may be deleted. */
        record Unclear(Set<SecretId> candidates) implements Identity {}
    }

    /** The kind of an account's secret ({@code docs/specification.md}, "Words"). */
    public enum Kind {
        CURRENT("current"),
        PENDING("pending"),
        EXPIRED("expired"),
        SUPERSEDED("superseded"),
        /** Another stored secret that this run reads has it under AWSCURRENT or AWSPENDING. */
        SHARED("shared"),
        ORPHAN("orphan"),
        IN_FLIGHT("inFlight"),
        FOREIGN("foreign");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** Its name in the report. */
        public String text() {
            return text;
        }
    }

    /** One of the account's secrets, and its kind. */
    public record Classified(AtlasSecret secret, Kind kind) {}

    /** The account's secrets with their kinds; empty if we have no access to the account. */
    public List<Classified> classified() {
        return atlas instanceof AtlasView.Open open
                ? open.secrets().stream()
                        .map(secret -> new Classified(secret, kindOf(secret)))
                        .toList()
                : List.of();
    }

    /** The account's secrets of this kind. */
    public List<AtlasSecret> all(Kind kind) {
        return classified().stream()
                .filter(one -> one.kind() == kind)
                .map(Classified::secret)
                .toList();
    }

    /** The Atlas secret under AWSCURRENT, if it is known and Atlas still has it. */
    public Optional<AtlasSecret> currentSecret() {
        return all(Kind.CURRENT).stream().findFirst();
    }

    /** Whether the credential that acts for the account is this secret's own. */
    public boolean isReadWith(AtlasSecret secret) {
        return atlas instanceof AtlasView.Open open && open.access().ownSecret().equals(Optional.of(secret.id()));
    }

    /** The Atlas id that is recorded in the pending value. */
    public Optional<SecretId> pendingId() {
        return pending instanceof Pending.Holds holds ? holds.value().secretId() : Optional.empty();
    }

    /** When AWSCURRENT moved last, in this stored secret or in another one with the account. */
    public Instant promoted() {
        // A run may fill a version long after RotateSecret has registered it.
        var made = currentSecret().map(AtlasSecret::createdAt).orElse(currentCreated);
        var own = wasRolledBack() ? stored.lastChanged().orElse(here) : later(promoted(stored, currentCreated), made);
        return otherHolders.promoted().map(there -> later(there, own)).orElse(own);
    }

    /**
     * When AWSCURRENT moved last, unless it was rolled back: {@code LastRotatedDate} tells where Secrets Manager
     * rotates (API reference, DescribeSecret,
     * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html), the creation of the
     * version where a run or a person does.
     */
    static Instant promoted(StoredSecret stored, Instant currentCreated) {
        return stored.lastRotated()
                .map(rotated -> later(rotated, currentCreated))
                .orElse(currentCreated);
    }

    /** When the overlap of the superseded secret ends, by Secrets Manager's clock. */
    public Instant overlapEnds(Duration overlap) {
        var end = promoted().plus(overlap);
        return mayBePromotedUntil().map(run -> later(run, end)).orElse(end);
    }

    /** Whether the overlap of the superseded secret has ended, by either clock. */
    public boolean isPastOverlap(Duration overlap) {
        return !earlier(now, here).isBefore(overlapEnds(overlap));
    }

    /**
     * Whether a consumer has used it after every cache must have expired. A run that does not read the account's other
     * stored secrets counts from the earliest time at which AWSCURRENT can have moved: {@code LastChangedDate} may be
     * later, and a use before it may be that of another stored secret's consumer.
     */
    public boolean isStillUsed(AtlasSecret secret) {
        var moved = otherHolders.isInSight() || !wasRolledBack() ? promoted() : earliestPromotion();
        var from = byAtlas(moved).plus(RotationTimes.CONSUMERS_CACHE).minus(RotationTimes.CLOCKS_APART);
        return secret.lastUsedAt().filter(used -> used.isAfter(from)).isPresent();
    }

    /** AWSCURRENT was rolled back, after its version before that had been stored. */
    private Instant earliestPromotion() {
        return previousCreated.map(at -> later(at, currentCreated)).orElse(currentCreated);
    }

    /**
     * Until when a run in progress may promote a superseded secret: one that is newer than the current one, after a
     * rollback, or because a new value under AWSCURRENT ended its rotation. That run may have read the labels before
     * that secret was created.
     */
    public Optional<Instant> mayBePromotedUntil() {
        if (!wasRolledBack() && newerThanCurrent().findAny().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(all(Kind.SUPERSEDED).stream()
                .map(AtlasSecret::createdAt)
                .reduce(promoted(), Snapshot::later)
                .plus(RotationTimes.LONGEST_RUN));
    }

    /**
     * A time of Secrets Manager as Atlas's clock would have shown it, if that clock is ahead by more than the
     * tolerance.
     */
    private Instant byAtlas(Instant at) {
        var ahead = Duration.between(here, now);
        return ahead.compareTo(RotationTimes.CLOCKS_APART) > 0 ? at.plus(ahead) : at;
    }

    static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /**
     * Whether somebody has moved AWSCURRENT back to an older version. Then only {@code LastChangedDate} shows when. A
     * tag changes it too; later is the safe side. The versions show it, and the secrets in them: {@code RotateSecret}
     * may have registered a version long before it was filled.
     */
    private boolean wasRolledBack() {
        return previousIsNewer()
                || newerThanCurrent()
                        .anyMatch(one ->
                                one.createdAt().plus(RotationTimes.CLOCKS_APART).isAfter(byAtlas(currentCreated)));
    }

    /** Whether the version under AWSPREVIOUS was stored after the current one was filled. */
    private boolean previousIsNewer() {
        return previousCreated
                .filter(currentCreated::isBefore)
                .filter(previous -> currentSecret()
                        .map(AtlasSecret::createdAt)
                        .filter(byAtlas(previous).plus(RotationTimes.CLOCKS_APART)::isBefore)
                        .isEmpty())
                .isPresent();
    }

    /** The superseded secrets that are newer than the current one. */
    private Stream<AtlasSecret> newerThanCurrent() {
        var made = currentSecret().map(AtlasSecret::createdAt);
        return all(Kind.SUPERSEDED).stream()
                .filter(one -> made.filter(one.createdAt()::isAfter).isPresent());
    }

    /** Whether a rotation has begun and is not over. */
    public boolean rotationIsInProgress() {
        return !(pending instanceof Pending.None);
    }

    /** Whether the rotation in progress began so long ago that no run can be working on it. */
    public boolean rotationIsStalled() {
        return rotationBegan
                .filter(began -> !here.isBefore(began.plus(RotationTimes.LONGEST_RUN)))
                .isPresent();
    }

    /**
     * Until when a sweep begins no further rotation: an hour since the last one, and after one that came to nothing
     * none in the last hour of a UTC day. So the first sweep of a day, whose report is mailed, tries and says why not.
     */
    public Optional<Instant> waitsUntil() {
        return lastBegun
                .map(begun -> {
                    var anHour = begun.plus(RotationTimes.BETWEEN_BEGINS);
                    return RotationTimes.isLastHourOfDay(here) && begun.isAfter(currentCreated)
                            ? later(anHour, RotationTimes.tomorrow(here))
                            : anHour;
                })
                .filter(here::isBefore);
    }

    /** Whether it is not known which of the account's secrets AWSCURRENT holds. */
    public boolean isUnclear() {
        return identity instanceof Identity.Unclear;
    }

    /** The secret in use; all candidates, if it is not known. */
    public List<AtlasSecret> inUse() {
        return inUse(atlas, identity);
    }

    private static List<AtlasSecret> inUse(AtlasView atlas, Identity identity) {
        var secrets = atlas instanceof AtlasView.Open open ? open.secrets() : List.<AtlasSecret>of();
        return secrets.stream()
                .filter(one -> isCurrent(one, identity) || mayBeCurrent(one, identity))
                .toList();
    }

    /** Whether the secret in use must be replaced now: it is below its margin, or is gone. */
    public boolean isNearItsEnd() {
        return margin() != Margin.AMPLE;
    }

    /** Whether a rotation was due and has not come: below nine tenths of its margin, or gone. */
    public boolean isExpiring() {
        return margin().compareTo(Margin.SHORT) >= 0;
    }

    /** How much of its own margin the secret in use has left. */
    public Margin margin() {
        return margin(atlas, identity, now);
    }

    static Margin margin(AtlasView atlas, Identity identity, Instant now) {
        return inUse(atlas, identity).stream()
                .map(one -> Margin.left(one.createdAt(), one.expiresAt(), now))
                .max(Comparator.naturalOrder())
                .orElse(identity instanceof Identity.Gone ? Margin.LOW : Margin.AMPLE);
    }

    private static boolean isCurrent(AtlasSecret secret, Identity identity) {
        return identity instanceof Identity.Is(SecretId id) && id.equals(secret.id());
    }

    /** The first row that applies. */
    private Kind kindOf(AtlasSecret secret) {
        var id = secret.id();
        if (isCurrent(secret, identity)) return Kind.CURRENT;
        if (mayBeCurrent(secret, identity)) return Kind.FOREIGN; // whatever else fits
        if (pendingId().equals(Optional.of(id))) return Kind.PENDING;
        if (secret.isExpired(now)) return Kind.EXPIRED;
        if (otherHolders.inUse().containsKey(id)) return Kind.SHARED;
        if (known.contains(id) || otherHolders.known().contains(id)) return Kind.SUPERSEDED;
        if (mayBeHeld.contains(id)) return Kind.FOREIGN; // somebody has its value
        boolean settled = Duration.between(secret.createdAt(), now).compareTo(RotationTimes.LONGEST_RUN) >= 0;
        if (wasMadeUnused(secret, rotationBegan)) return settled ? Kind.ORPHAN : Kind.IN_FLIGHT;
        // It belongs to theirs, where it is an orphan.
        return wasMadeUnused(secret, otherHolders.rotationBegan()) ? Kind.IN_FLIGHT : Kind.FOREIGN;
    }

    /** Whether the rotation that began then may have created it: nobody has its value. */
    private boolean wasMadeUnused(AtlasSecret secret, Optional<Instant> began) {
        return secret.lastUsedAt().isEmpty()
                && began.map(this::byAtlas)
                        .filter(at -> !secret.createdAt().isBefore(at.minus(RotationTimes.CREATED_SINCE_TOLERANCE)))
                        .isPresent();
    }

    private static boolean mayBeCurrent(AtlasSecret secret, Identity identity) {
        return identity instanceof Identity.Unclear(Set<SecretId> candidates) && candidates.contains(secret.id());
    }

    /** Whether the value under AWSCURRENT is known not to authenticate. */
    public boolean currentIsRejected() {
        return currentAuth.equals(Optional.of(AuthResult.REJECTED));
    }

    /** Whether the value under AWSCURRENT is known to authenticate. */
    public boolean currentWorks() {
        return currentAuth.equals(Optional.of(AuthResult.ACCEPTED));
    }
}
