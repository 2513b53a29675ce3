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
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.policy.Action;
import dev.atlasrotator.policy.CreatePolicy;
import dev.atlasrotator.policy.CreatePolicy.Overlap;
import dev.atlasrotator.policy.Decision;
import dev.atlasrotator.policy.Decision.Removal;
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
    private final Verification proof;
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
        this.proof = new Verification(accounts, retrier);
        this.retrier = retrier;
        this.newVersion = newVersion;
        this.log = log;
    }

    /**
     * Rotates, or finishes the attempt that stands. After an attempt that had to be given up it
     * goes on with one of its own.
     *
     * @param done is told each thing that was done, as it was done
     * @throws RotatorException if it could not; the message says what state things are in
     */
    public void rotate(Snapshot seen, Overlap overlap, Deadline deadline, Consumer<Action> done) {
        deadline.require(NEEDS, "rotating " + seen.stored().name());
        refuseBesideAnother(seen);
        var decision = decide(seen, overlap);
        switch (decision) {
            case Decision.Resume resume -> resume(seen, resume, overlap, deadline, done);
            case Decision.Abandon abandon -> {
                abandon(seen, abandon, deadline, done);
                // A read may still show the label for a moment.
                var stored = vault.describe(seen.stored().arn(), deadline)
                        .withoutLabel(abandon.pending(), StoredSecret.PENDING);
                var after =
                        snapshots.read(stored, Purpose.RUN, seen.otherHolders().arns(), deadline);
                if (!after.currentVersion().equals(seen.currentVersion())) {
                    throw begunMeanwhile(stored); // what was asked for was asked of another secret in use
                }
                switch (decide(after, overlap)) {
                    case Decision.Create create -> create(after, create, overlap, deadline, done);
                    case Decision.Refuse refuse -> throw refuse.exception();
                    case Decision.Resume resume -> throw begunMeanwhile(stored);
                    case Decision.Abandon again -> throw begunMeanwhile(stored);
                }
            }
            case Decision.Create create -> create(seen, create, overlap, deadline, done);
            case Decision.Refuse refuse -> throw refuse.exception();
        }
    }

    private static RotatorException begunMeanwhile(StoredSecret stored) {
        return new RotatorException.Conflict("While this run abandoned an older rotation of "
                + stored.name()
                + ", somebody else began another one or moved AWSCURRENT. That is left as it is. Call again if what"
                + " you asked for still holds: it is decided anew.");
    }

    /**
     * Revokes: a leak.
     *
     * @param leaked the Atlas secret that has leaked, where the operator names it
     * @return what was not revoked, and why; empty where there is nothing
     * @throws RotatorException if it could not; the message says what state things are in
     */
    public Optional<Finding> revoke(
            Snapshot seen, Optional<SecretId> leaked, Deadline deadline, Consumer<Action> done) {
        return switch (RevocationPolicy.decide(seen, leaked)) {
            case RevocationPolicy.Plan.Rotate rotate -> {
                rotate(seen, Overlap.REVOKED, deadline, done);
                yield Optional.empty();
            }
            case RevocationPolicy.Plan.Delete(List<Removal> removals, Optional<Finding> notRevoked) -> {
                creation.remove(seen, removals, deadline, done);
                yield notRevoked;
            }
            case RevocationPolicy.Plan.Abandon(Decision.Abandon attempt) -> {
                abandonThoughItWorks(seen, attempt, deadline, done);
                yield Optional.empty();
            }
            case RevocationPolicy.Plan.Refuse(Finding why) -> throw why.error();
        };
    }

    /**
     * Its secret works, so a step may be about to promote it. A promotion names the version that
     * loses AWSCURRENT: with the value in use under a new version it fails, and then the secret may
     * go.
     */
    private void abandonThoughItWorks(
            Snapshot seen, Decision.Abandon attempt, Deadline deadline, Consumer<Action> done) {
        var arn = seen.stored().arn();
        vault.dropPending(arn, attempt.pending(), deadline);
        done.accept(new Action.Abandoned());
        var version = storeAnew(seen, seen.current(), deadline);
        if (vault.promote(arn, version, seen.currentVersion(), deadline)) {
            creation.remove(seen, attempt.first(), deadline, done);
        } else {
            throw SecretCreation.moved(seen);
        }
    }

    /** Ends an attempt that can never work. */
    public void abandon(Snapshot seen, Decision.Abandon attempt, Deadline deadline, Consumer<Action> done) {
        creation.remove(seen, attempt.first(), deadline, done);
        vault.dropPending(seen.stored().arn(), attempt.pending(), deadline);
        done.accept(new Action.Abandoned());
    }

    /** Deletes old secrets that may go. */
    public void retire(Snapshot seen, List<Removal> removals, Deadline deadline, Consumer<Action> done) {
        creation.remove(seen, removals, deadline, done);
    }

    private ToRotate decide(Snapshot seen, Overlap overlap) {
        var decision = rules.decide(seen, overlap);
        log.line(Log.Level.INFO, "decided", Map.of("decision", decision));
        return decision;
    }

    /**
     * Refuses while another run may be at work.
     *
     * @throws RotatorException.Conflict if an attempt stands that is not 15 minutes old
     */
    public static void refuseBesideAnother(Snapshot seen) {
        if (!(seen.pending() instanceof Pending.None) && !seen.rotationIsStalled()) {
            throw new RotatorException.Conflict("A rotation of "
                    + seen.stored().name()
                    + " has been under way since "
                    + seen.rotationBegan().map(Object::toString).orElse("a moment")
                    + ". Nothing was changed. If it is not"
                    + " over in 15 minutes, it is finished or given up by the next run.");
        }
    }

    private void create(
            Snapshot seen, Decision.Create decision, Overlap overlap, Deadline deadline, Consumer<Action> done) {
        deadline.require(NEEDS, "rotating " + seen.stored().name());
        var arn = seen.stored().arn();
        // A registration of one's own takes over from one that RotateSecret left: so its version is
        // young when it is promoted, and of two runs one gets it. The old one accounts for its
        // orphans only until then.
        var first = seen.pending() instanceof Pending.None ? decision.first() : List.<Removal>of();
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
            throw new RotatorException.Conflict("Another run stored a new secret for "
                    + seen.stored().name()
                    + " first. Ours was deleted again; that run goes on.");
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
                throw new RotatorException.Conflict("Another rotation of "
                        + seen.stored().name()
                        + " has begun at the same time. Nothing was changed; it goes"
                        + " on, or is finished or given up in 15 minutes.");
            case PutAnswer.Rejected(String why) ->
                throw new RotatorException.Configuration("A rotation of "
                        + seen.stored().name()
                        + " could not be registered: "
                        + why
                        + " Nothing was changed.");
            case PutAnswer.Unknown(String why) ->
                throw new RotatorException.Unavailable("Whether a rotation of "
                        + seen.stored().name()
                        + " was registered is not known: "
                        + why
                        + " No secret was created. A registration that was stored is"
                        + " given up when it is 15 minutes old.");
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
            case PutAnswer.TakenByAnother taken -> throw notStoredAnew(seen, "another run was first.");
            case PutAnswer.Rejected(String why) -> throw notStoredAnew(seen, why);
            case PutAnswer.Unknown(String why) -> throw notStoredAnew(seen, why);
        };
    }

    private static RotatorException notStoredAnew(Snapshot seen, String why) {
        return new RotatorException.Unavailable("A value of "
                + seen.stored().name()
                + " could not be stored under a version of this run: "
                + why
                + " AWSCURRENT is as it was; the next run tries again."
                + Findings.andExpiring(seen));
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
            if (key.isEmpty() || proof.of(key.get(), deadline) == AuthResult.REJECTED) {
                if (rules.decide(seen.withPendingRejected(), overlap) instanceof Decision.Abandon abandon) {
                    abandon(seen, abandon, deadline, done);
                }
                throw new RotatorException.Credential("Atlas does not accept the new secret of "
                        + seen.stored().name()
                        + " under version "
                        + version
                        + ". AWSCURRENT is as it was. The next run tries again, and gives"
                        + " the attempt up once it is sure."
                        + Findings.andExpiring(seen));
            }
            if (!vault.promote(arn, version, seen.currentVersion(), deadline)) {
                throw new RotatorException.Conflict("AWSCURRENT of "
                        + seen.stored().name()
                        + " was moved by somebody else while this rotation ended. It is as"
                        + " they left it; the next run finishes or undoes this one.");
            }
        } catch (RotatorException.Unavailable | RotatorException.Configuration cutShort) {
            // It speaks of one call, and the secret was created before that.
            throw cutShort.and("The new secret is stored under version "
                    + version
                    + " of "
                    + seen.stored().name()
                    + ", and the next run ends the rotation. The secret in use goes on"
                    + " working, for seven days at most.");
        }
        done.accept(new Action.Promoted(value.secretId().map(SecretId::value).orElse(version.value())));
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
            case Reading.Absent absent -> new Attempt.Again<>(Optional.empty(), Optional::empty);
            case Reading.StageMoved moved ->
                new Attempt.Again<>(Optional.empty(), () -> {
                    throw new RotatorException.Conflict("AWSPENDING of "
                            + seen.stored().name()
                            + " was moved to another version"
                            + " while this run tested its own."
                            + " AWSCURRENT is as it was; the"
                            + " next run finishes or undoes"
                            + " what stands.");
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
            throw new RotatorException.Conflict("AWSCURRENT of "
                    + seen.stored().name()
                    + " holds the new secret "
                    + isNew
                    + ", and Atlas does not show it any more: somebody may have deleted it."
                    + " The old ones were left as they were. Look in Atlas, then ask for"
                    + " the revocation again.");
        }
    }
}
