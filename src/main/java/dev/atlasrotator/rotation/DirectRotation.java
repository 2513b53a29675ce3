package dev.atlasrotator.rotation;

import dev.atlasrotator.atlas.ServiceAccounts;
import dev.atlasrotator.atlas.ServiceAccounts.Answer;
import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.credential.AtlasCredential.ServiceAccountKey;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.finding.ActionErrors;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.policy.Action;
import dev.atlasrotator.policy.CreatePolicy;
import dev.atlasrotator.policy.CreatePolicy.Overlap;
import dev.atlasrotator.policy.Decision;
import dev.atlasrotator.policy.Decision.Abandon.Next;
import dev.atlasrotator.policy.Decision.Removal;
import dev.atlasrotator.policy.Decision.Removal.Why;
import dev.atlasrotator.policy.Decision.ToRotate;
import dev.atlasrotator.policy.Findings;
import dev.atlasrotator.policy.RevocationPolicy;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.retry.Retrier.Attempt;
import dev.atlasrotator.retry.RetryPolicy;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.SecretVault.PutAnswer;
import dev.atlasrotator.secretsmanager.SecretVault.Reading;
import dev.atlasrotator.secretsmanager.SecretVault.VersionSelector;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.secretsmanager.VersionId;
import dev.atlasrotator.snapshot.AtlasAccess;
import dev.atlasrotator.snapshot.Snapshot;
import dev.atlasrotator.snapshot.Snapshot.AtlasView;
import dev.atlasrotator.snapshot.Snapshot.Pending;
import dev.atlasrotator.snapshot.SnapshotReader;
import dev.atlasrotator.snapshot.SnapshotReader.Purpose;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A whole rotation in one run, for a stored secret that Secrets Manager does not rotate, or when a
 * leak allows no waiting.
 *
 * <p>It begins as {@code RotateSecret} does, by registering the attempt: a version under AWSPENDING
 * that holds no credential. That tells a second run that a first is at work, and lets a later one
 * tell our orphan from somebody's unused secret. A version's value can never be changed, so the
 * credential goes into a second version.
 */
public final class DirectRotation {
    /** What a run needs for all of it, each call within its time-out: less, and it is not begun. */
    public static final Duration NEEDS = SecretCreation.NEEDS.plusSeconds(30);

    private static final RetryPolicy CONSISTENCY = new RetryPolicy(5, Duration.ofMillis(400), Duration.ofSeconds(2));

    private static final Sensitive REGISTRATION = new Sensitive(
            Json.text(Map.of("atlasSecretRotator", "A rotation has begun. This version holds no credential.")));

    private final SecretVault vault;
    private final ServiceAccounts accounts;
    private final SnapshotReader snapshots;
    private final CreatePolicy rules;
    private final SecretCreation creation;
    private final Verification verification;
    private final Retrier retrier;
    private final Supplier<VersionId> newVersion;
    private final Log log;

    public DirectRotation(
            SecretVault vault,
            ServiceAccounts accounts,
            SnapshotReader snapshots,
            CreatePolicy rules,
            Retrier retrier,
            Supplier<VersionId> newVersion,
            Log log) {
        this.vault = vault;
        this.accounts = accounts;
        this.snapshots = snapshots;
        this.rules = rules;
        this.creation = new SecretCreation(vault, accounts, retrier);
        this.verification = new Verification(accounts, retrier);
        this.retrier = retrier;
        this.newVersion = newVersion;
        this.log = log;
    }

    /**
     * Carries a decision out.
     *
     * @param overlap whether superseded secrets are deleted once another is promoted
     * @param done is told each thing that was done, as it was done
     * @throws RotatorException if it could not; the message says what state things are in
     */
    public void carryOut(Snapshot seen, Decision decision, Overlap overlap, Deadline deadline, Consumer<Action> done) {
        switch (decision) {
            case Decision.Nothing _ -> {}
            case Decision.Delete delete -> creation.remove(seen, delete.removals(), deadline, done);
            case Decision.RequestRotation _ -> request(seen, deadline, done);
            case Decision.RevokePending revoke -> revokePending(seen, revoke, deadline, done);
            case Decision.Abandon abandon when abandon.next() == Next.NOTHING -> abandon(seen, abandon, deadline, done);
            case Decision.Abandon abandon
            when abandon.next() == Next.REQUEST -> {
                abandon(seen, abandon, deadline, done);
                request(seen, deadline, done);
            }
            case Decision.Refuse refuse -> throw refuse.exception();
            case ToRotate rotate -> rotate(seen, rotate, overlap, deadline, done);
        }
    }

    private void request(Snapshot seen, Deadline deadline, Consumer<Action> done) {
        vault.requestRotation(seen.stored().arn(), deadline);
        done.accept(new Action.Requested());
    }

    private void rotate(Snapshot seen, ToRotate decision, Overlap overlap, Deadline deadline, Consumer<Action> done) {
        deadline.require(NEEDS, "rotating " + seen.stored().name());
        log.line(Log.Level.INFO, "rotation decision", Map.of("decision", decision));
        switch (decision) {
            case Decision.Resume resume -> resume(seen, resume, overlap, deadline, done);
            case Decision.Abandon abandon -> {
                abandon(seen, abandon, deadline, done);
                rotateAfterAbandoning(seen, abandon, overlap, deadline, done);
            }
            case Decision.Create create -> create(seen, create, overlap, deadline, done);
            case Decision.Refuse refuse -> throw refuse.exception();
        }
    }

    private void rotateAfterAbandoning(
            Snapshot seen, Decision.Abandon abandoned, Overlap overlap, Deadline deadline, Consumer<Action> done) {
        // A read may still show the label for a moment.
        var stored =
                vault.describe(seen.stored().arn(), deadline).withoutLabel(abandoned.pending(), StoredSecret.PENDING);
        var after = snapshots.read(stored, Purpose.RUN, seen.otherHolders().arns(), deadline);
        var decision = rules.decide(after, overlap);
        if (decision instanceof Decision.Resume
                || decision instanceof Decision.Abandon
                || !after.currentVersion().equals(seen.currentVersion())) {
            // What was asked for was asked of another secret in use.
            throw ActionErrors.changedWhileAbandoning(stored.name());
        }
        rotate(after, decision, overlap, deadline, done);
    }

    /**
     * The pending secret works, so a step may be about to promote it. A promotion names the version that loses
     * AWSCURRENT: with the value in use under a new version it fails, and then the secret may be deleted.
     */
    private void revokePending(Snapshot seen, Decision.RevokePending revoke, Deadline deadline, Consumer<Action> done) {
        var arn = seen.stored().arn();
        vault.dropPending(arn, revoke.pending(), deadline);
        done.accept(new Action.Abandoned());
        var version = storeAnew(seen, seen.current(), deadline);
        boolean isPromoted = vault.promote(arn, version, seen.currentVersion(), deadline);
        if (!isPromoted) {
            throw ActionErrors.currentMoved(seen.stored().name());
        }
        creation.remove(seen, List.of(new Removal(revoke.leaked(), Why.REVOKED)), deadline, done);
    }

    private void abandon(Snapshot seen, Decision.Abandon attempt, Deadline deadline, Consumer<Action> done) {
        creation.remove(seen, attempt.first(), deadline, done);
        vault.dropPending(seen.stored().arn(), attempt.pending(), deadline);
        done.accept(new Action.Abandoned());
    }

    private void create(
            Snapshot seen, Decision.Create decision, Overlap overlap, Deadline deadline, Consumer<Action> done) {
        var arn = seen.stored().arn();
        // A registration of one's own takes over from one that RotateSecret left: so its version is
        // young when it is promoted, and of two runs one gets it. The old one accounts for its
        // orphans only until then.
        var first = seen.rotationIsInProgress() ? List.<Removal>of() : decision.first();
        if (first.isEmpty()) {
            creation.remove(seen, decision.first(), deadline, done);
        }
        var registration = register(seen, deadline);
        var version = newVersion.get();
        Optional<ServiceAccounts.Created> made;
        try {
            made = creation.create(
                    seen,
                    new Decision.Create(first, decision.lifetimeHours()),
                    version,
                    Optional.empty(),
                    deadline,
                    done);
        } catch (RotatorException.Unavailable unsure) {
            throw unsure; // something may be left at Atlas, and the attempt must account for it
        } catch (RotatorException nothingLeft) {
            vault.dropPending(arn, registration, deadline);
            throw nothingLeft;
        }
        if (made.isEmpty()) {
            throw ActionErrors.storedByAnother(seen.stored().name());
        }
        var value = seen.current().with(made.get().secret(), made.get().value());
        verifyAndPromote(seen, version, value, overlap, decision.first(), deadline, done);
    }

    private VersionId register(Snapshot seen, Deadline deadline) {
        var version = newVersion.get();
        // Never from another attempt: it accounts for what its run may have made at Atlas.
        return switch (vault.register(
                seen.stored().arn(), version, REGISTRATION, seen.stored().version(StoredSecret.PENDING), deadline)) {
            case PutAnswer.Stored stored -> version;
            case PutAnswer.TakenByAnother taken ->
                throw ActionErrors.registeredByAnother(seen.stored().name());
            case PutAnswer.Rejected(String why) ->
                throw ActionErrors.notRegistered(seen.stored().name(), why);
            case PutAnswer.Unknown(String why) ->
                throw ActionErrors.registrationUnknown(seen.stored().name(), why);
        };
    }

    private void resume(
            Snapshot seen, Decision.Resume resume, Overlap overlap, Deadline deadline, Consumer<Action> done) {
        creation.remove(seen, resume.first(), deadline, done);
        done.accept(new Action.Resumed());
        if (seen.pending() instanceof Pending.Holds holds) {
            var version = storeAnew(seen, holds.value(), deadline);
            verifyAndPromote(seen, version, holds.value(), overlap, resume.first(), deadline, done);
        }
    }

    /** What was stored long ago gets a version of now, whose date then tells of the promotion. */
    private VersionId storeAnew(Snapshot seen, StoredValue value, Deadline deadline) {
        var version = newVersion.get();
        var arn = seen.stored().arn();
        return switch (vault.putPending(arn, version, value.text(), Optional.empty(), deadline)) {
            case PutAnswer.Stored stored -> version;
            case PutAnswer.TakenByAnother taken ->
                throw Findings.andExpiring(
                        seen, ActionErrors.notStoredAnew(seen.stored().name(), "another run was first."));
            case PutAnswer.Rejected(String why) ->
                throw Findings.andExpiring(
                        seen, ActionErrors.notStoredAnew(seen.stored().name(), why));
            case PutAnswer.Unknown(String why) ->
                throw Findings.andExpiring(
                        seen, ActionErrors.notStoredAnew(seen.stored().name(), why));
        };
    }

    private void verifyAndPromote(
            Snapshot seen,
            VersionId version,
            StoredValue value,
            Overlap overlap,
            List<Removal> gone,
            Deadline deadline,
            Consumer<Action> done) {
        var arn = seen.stored().arn();
        try {
            // What is proved is what consumers will read, not what this run remembers.
            var key = readBack(seen, version, deadline);
            if (key.isEmpty() || verification.of(key.get(), deadline) == AuthResult.REJECTED) {
                if (rules.decide(seen.withPendingRejected(), overlap) instanceof Decision.Abandon abandon) {
                    abandon(seen, abandon, deadline, done);
                }
                throw Findings.andExpiring(
                        seen, ActionErrors.newSecretRejected(seen.stored().name(), version.value()));
            }
            if (!vault.promote(arn, version, seen.currentVersion(), deadline)) {
                throw ActionErrors.promotedByAnother(seen.stored().name(), version.value());
            }
        } catch (RotatorException.Unavailable | RotatorException.Configuration failure) {
            // It speaks of one call, and the secret was created before that.
            throw failure.and(
                    ActionErrors.storedUnder(version.value(), seen.stored().name()));
        }
        done.accept(new Action.Promoted(value.secretId()));
        if (overlap == Overlap.REVOKED) {
            revoke(seen, value, gone, deadline, done);
        }
    }

    private Optional<ServiceAccountKey> readBack(Snapshot seen, VersionId version, Deadline deadline) {
        var which = new VersionSelector.StagedExactly(version, StoredSecret.PENDING);
        return retrier.run(CONSISTENCY, deadline, attempt -> switch (vault.read(
                seen.stored().arn(), which, deadline)) {
            case Reading.Found(SecretVault.Version found) ->
                new Attempt.Done<>(StoredValue.parse(found.text()).key());
            case Reading.Binary binary -> new Attempt.Done<>(Optional.<ServiceAccountKey>empty());
            case Reading.Absent absent -> new Attempt.Retry<>(Optional.empty(), Optional::empty);
            case Reading.StageMoved moved ->
                new Attempt.Retry<>(Optional.empty(), () -> {
                    throw ActionErrors.pendingMoved(seen.stored().name());
                });
        });
    }

    /**
     * Takes the old ones away at once: after a leak they are worth nothing to those who should have
     * them.
     */
    private void revoke(
            Snapshot seen, StoredValue promoted, List<Removal> gone, Deadline deadline, Consumer<Action> done) {
        var isNew = promoted.secretId();
        var old = RevocationPolicy.revocable(seen, gone).stream()
                .filter(removal -> isNew.filter(removal.id()::equals).isEmpty())
                .toList();
        // The secret that signed this run in may be among them, and its tokens would end with it.
        // The new one signs in instead, which shows once more that it works.
        var access = seen.atlas() instanceof AtlasView.Open(AtlasAccess reader, List<AtlasSecret> secrets)
                        && reader.by() == AtlasAccess.By.ADMIN
                ? Optional.of(reader)
                : promoted.key().map(key -> new AtlasAccess(key, AtlasAccess.By.CURRENT, isNew));
        access.filter(by -> by.by() == AtlasAccess.By.ADMIN)
                .ifPresent(by -> isNew.ifPresent(id -> mustBeThere(seen, by, id, deadline)));
        access.ifPresent(by -> creation.remove(seen, by, old, deadline, done));
    }

    /**
     * An admin credential would take the last secret that works as well, where somebody has deleted
     * the new one since it was proved.
     *
     * @throws RotatorException.Conflict if it is not there
     */
    private void mustBeThere(Snapshot seen, AtlasAccess by, SecretId isNew, Deadline deadline) {
        boolean there = accounts.read(seen.account(), by.credential(), deadline)
                        instanceof Answer.Given<List<AtlasSecret>>(var secrets, var at)
                && secrets.stream().anyMatch(secret -> secret.id().equals(isNew));
        if (!there) {
            throw ActionErrors.newSecretGone(seen.stored().name(), isNew);
        }
    }
}
