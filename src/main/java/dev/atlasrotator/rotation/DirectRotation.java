package dev.atlasrotator.rotation;

import dev.atlasrotator.atlas.ServiceAccounts.Answer;
import dev.atlasrotator.atlas.ServiceAccounts.Created;
import dev.atlasrotator.credential.AtlasCredential.ServiceAccountKey;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.finding.ActionErrors;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.policy.Action;
import dev.atlasrotator.policy.CreatePolicy.Overlap;
import dev.atlasrotator.policy.Decision;
import dev.atlasrotator.policy.Decision.Abandon.Next;
import dev.atlasrotator.policy.Decision.Removal;
import dev.atlasrotator.policy.Decision.Removal.Why;
import dev.atlasrotator.policy.Decision.ToRotate;
import dev.atlasrotator.policy.Findings;
import dev.atlasrotator.policy.RevocationPolicy;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.SecretVault.PutAnswer;
import dev.atlasrotator.secretsmanager.SecretVault.Reading;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.secretsmanager.VersionId;
import dev.atlasrotator.snapshot.AtlasAccess;
import dev.atlasrotator.snapshot.Snapshot.AtlasView;
import dev.atlasrotator.snapshot.Snapshot.Pending;
import dev.atlasrotator.snapshot.SnapshotReader.Purpose;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A whole rotation in one run, for a stored secret that Secrets Manager does not rotate, or when a leak allows no
 * waiting.
 *
 * <p>It begins as {@code RotateSecret} does, by registering the rotation: a version under AWSPENDING that holds no
 * credential. That tells a second run that a first is at work, and lets a later one tell our orphan from somebody's
 * unused secret. A version's value can never be changed, so the credential goes into a second version.
 */
public record DirectRotation(RotationParts parts, Supplier<VersionId> newVersion) {
    /** What a rotation needs for all of it, each call within its time-out: less, and it is not begun. */
    public static final Duration NEEDS = SecretCreation.NEEDS.plusSeconds(30);

    private static final Sensitive REGISTRATION = new Sensitive(
            Json.text(Map.of("atlasSecretRotator", "A rotation has begun. This version holds no credential.")));

    /**
     * Carries a decision out. Each of its calls is a line of the log, also in a sweep.
     *
     * @throws RotatorException if it could not; the message says what state things are in
     */
    public void carryOut(Decision decision, Run run) {
        Log.withEachCall(() -> act(decision, run));
    }

    private void act(Decision decision, Run run) {
        switch (decision) {
            case Decision.Nothing _ -> {}
            case Decision.Delete delete -> parts.creation().remove(delete.removals(), run);
            case Decision.RequestRotation _ -> request(run);
            case Decision.RevokePending revoke -> revokePending(revoke, run);
            case Decision.Abandon abandon
            when abandon.next() == Next.NOTHING -> parts.creation().abandon(abandon, run);
            case Decision.Abandon abandon
            when abandon.next() == Next.REQUEST -> {
                parts.creation().abandon(abandon, run);
                request(run);
            }
            case Decision.Refuse refuse -> throw refuse.exception();
            case ToRotate rotate -> {
                requireTime("Nothing was begun.", run);
                rotate(rotate, run);
            }
        }
    }

    private void request(Run run) {
        parts.vault().requestRotation(run.arn(), run.deadline());
        run.done().accept(new Action.Requested());
    }

    private static void requireTime(String state, Run run) {
        run.deadline().require(NEEDS, "rotating " + run.name(), state);
    }

    private void rotate(ToRotate decision, Run run) {
        parts.log().line(Log.Level.INFO, "rotation decision", Map.of("decision", decision));
        switch (decision) {
            case Decision.Resume resume -> resume(resume, run);
            case Decision.Create create -> create(create, run);
            case Decision.Abandon abandon -> {
                parts.creation().abandon(abandon, run);
                rotateAfter(abandon, run);
            }
            case Decision.Refuse refuse -> throw refuse.exception();
        }
    }

    private void rotateAfter(Decision.Abandon abandoned, Run run) {
        // A read may still show the label for a moment.
        var stored = parts.vault()
                .describe(run.arn(), run.deadline())
                .withoutLabel(abandoned.pending(), StoredSecret.PENDING);
        var copies = run.seen().otherHolders().arns();
        var after = parts.snapshots().read(stored, Purpose.RUN, copies, run.deadline());
        var decision = parts.rules().decide(after, run.overlap());
        if (decision instanceof Decision.Resume
                || decision instanceof Decision.Abandon
                // What was asked for was asked of another secret in use.
                || !after.currentVersion().equals(run.seen().currentVersion())) {
            throw ActionErrors.changedWhileAbandoning(stored.name());
        }
        requireTime("The rotation that was in progress was abandoned, and no other was begun.", run);
        rotate(decision, new Run(after, run.overlap(), run.deadline(), run.done()));
    }

    /**
     * The pending secret works, so a step may be about to promote it. A promotion names the version that loses
     * AWSCURRENT: with the value in use under a new version it fails, and then the secret may be deleted.
     */
    private void revokePending(Decision.RevokePending revoke, Run run) {
        try {
            abandonAndDelete(revoke, run);
        } catch (RotatorException failure) {
            throw failure.and(ActionErrors.leakedNotDeleted(revoke.leaked()));
        }
    }

    private void abandonAndDelete(Decision.RevokePending revoke, Run run) {
        parts.vault().dropPending(run.arn(), revoke.pending(), run.deadline());
        run.done().accept(new Action.Abandoned());
        var version = storeAnew(run.seen().current(), "", run);
        if (!promote(version, run)) {
            throw ActionErrors.currentMoved(run.name());
        }
        parts.creation().remove(List.of(new Removal(revoke.leaked(), Why.REVOKED)), run);
    }

    private void create(Decision.Create decision, Run run) {
        // A registration of one's own takes over from one that RotateSecret left: so its version is new when it is
        // promoted, and of two runs one gets it. The old one accounts for its orphans only until then.
        var first = run.seen().rotationIsInProgress() ? List.<Removal>of() : decision.first();
        if (first.isEmpty()) {
            parts.creation().remove(decision.first(), run);
        }
        var registration = register(run);
        var version = newVersion.get();
        Optional<Created> made;
        try {
            made = parts.creation()
                    .create(new Decision.Create(first, decision.lifetimeHours()), version, Optional.empty(), run);
        } catch (RotatorException.Unavailable unsure) {
            throw unsure; // something may be left at Atlas, and the rotation must account for it
        } catch (RotatorException nothingLeft) {
            throw withoutRegistration(nothingLeft, registration, run);
        }
        var created = made.orElseThrow(() -> ActionErrors.storedByAnother(run.name()));
        var value = run.seen().current().with(created.secret(), created.value());
        verifyAndPromote(version, value, decision.first(), run);
    }

    /** The failure, which says as well where its registration could not be taken back. */
    private RotatorException withoutRegistration(RotatorException failure, VersionId registration, Run run) {
        try {
            parts.vault().dropPending(run.arn(), registration, run.deadline());
            return failure;
        } catch (RotatorException kept) {
            return failure.and(kept.text());
        }
    }

    private VersionId register(Run run) {
        var version = newVersion.get();
        // Never from another rotation: it accounts for what its run may have made at Atlas.
        var holder = run.seen().stored().version(StoredSecret.PENDING);
        return switch (parts.vault().register(run.arn(), version, REGISTRATION, holder, run.deadline())) {
            case PutAnswer.Stored _ -> version;
            case PutAnswer.TakenByAnother _ -> throw ActionErrors.registeredByAnother(run.name());
            case PutAnswer.Rejected(Code code, String why) -> throw ActionErrors.notRegistered(run.name(), code, why);
            case PutAnswer.Unknown(String why) -> throw ActionErrors.registrationUnknown(run.name(), why);
        };
    }

    private void resume(Decision.Resume resume, Run run) {
        parts.creation().remove(resume.first(), run);
        run.done().accept(new Action.Resumed());
        if (run.seen().pending() instanceof Pending.Holds holds) {
            var version = storeAnew(holds.value(), "The next run tries again.", run);
            verifyAndPromote(version, holds.value(), resume.first(), run);
        }
    }

    /**
     * What was stored long ago gets a version of now, whose date then tells of the promotion.
     *
     * @param next what follows if it cannot be stored
     */
    private VersionId storeAnew(StoredValue value, String next, Run run) {
        var version = newVersion.get();
        var answer = parts.vault().putPending(run.arn(), version, value.text(), Optional.empty(), run.deadline());
        return switch (answer) {
            case PutAnswer.Stored _ -> version;
            case PutAnswer.TakenByAnother _ -> throw notStoredAnew("another run was first.", next, run);
            case PutAnswer.Rejected(Code _, String why) -> throw notStoredAnew(why, next, run);
            case PutAnswer.Unknown(String why) -> throw notStoredAnew(why, next, run);
        };
    }

    private static RotatorException notStoredAnew(String why, String next, Run run) {
        return Findings.andExpiring(run.seen(), ActionErrors.notStoredAnew(run.name(), why, next));
    }

    private void verifyAndPromote(VersionId version, StoredValue value, List<Removal> gone, Run run) {
        try {
            // What is verified is what consumers will read, not what this run remembers.
            var key = readBack(version, run);
            if (key.isEmpty() || !parts.verification().authenticates(key.get(), run.deadline())) {
                if (parts.rules().decideAfterRejection(run.seen()) instanceof Decision.Abandon abandon) {
                    parts.creation().abandon(abandon, run);
                }
                throw Findings.andExpiring(run.seen(), ActionErrors.newSecretRejected(run.name(), version.value()));
            }
            if (!promote(version, run)) {
                throw ActionErrors.promotedByAnother(run.name(), version.value());
            }
        } catch (RotatorException.Unavailable | RotatorException.Configuration failure) {
            // It speaks of one call, and the secret was created before that.
            var stored = failure.and(ActionErrors.storedUnder(version.value(), run.name()));
            throw Findings.andSevenDays(run.seen(), stored);
        }
        run.done().accept(new Action.Promoted(value.secretId()));
        if (run.overlap() == Overlap.REVOKED) {
            revoke(value, gone, run);
        }
    }

    private boolean promote(VersionId version, Run run) {
        return parts.vault().promote(run.arn(), version, run.seen().currentVersion(), run.deadline());
    }

    private Optional<ServiceAccountKey> readBack(VersionId version, Run run) {
        var reading = parts.verification()
                .readPending(
                        run.arn(),
                        version,
                        one -> one instanceof Reading.Absent || one instanceof Reading.StageMoved,
                        run.deadline());
        return switch (reading) {
            case Reading.Found(SecretVault.Version found) ->
                StoredValue.parse(found.text()).key();
            case Reading.Binary _, Reading.Absent _ -> Optional.empty();
            case Reading.StageMoved _ -> throw ActionErrors.pendingMoved(run.name());
        };
    }

    /** Deletes the old ones at once: after a leak they are worth nothing to those who should have them. */
    private void revoke(StoredValue promoted, List<Removal> gone, Run run) {
        var isNew = promoted.secretId();
        var old = RevocationPolicy.revocable(run.seen(), gone).stream()
                .filter(removal -> !isNew.equals(Optional.of(removal.id())))
                .toList();
        // The secret that this run authenticated with may be among them, and its tokens would end with it. The new one
        // authenticates instead, which shows once more that it works.
        var access = run.seen().atlas() instanceof AtlasView.Open(AtlasAccess reader, var _)
                        && reader.by() == AtlasAccess.By.ADMIN
                ? Optional.of(reader)
                : promoted.key().map(key -> new AtlasAccess(key, AtlasAccess.By.CURRENT, isNew));
        access.filter(by -> by.by() == AtlasAccess.By.ADMIN)
                .ifPresent(by -> isNew.ifPresent(id -> mustBeThere(by, id, run)));
        access.ifPresent(by -> parts.creation().remove(old, by, run));
    }

    /**
     * An admin credential would delete the last secret that works as well, where somebody has deleted the new one since
     * it was verified.
     *
     * @throws RotatorException.Conflict if it is not there
     */
    private void mustBeThere(AtlasAccess by, SecretId isNew, Run run) {
        boolean there = parts.accounts().read(run.seen().account(), by.credential(), run.deadline())
                        instanceof Answer.Given<List<AtlasSecret>>(var secrets, var _)
                && secrets.stream().anyMatch(secret -> secret.id().equals(isNew));
        if (!there) {
            throw ActionErrors.newSecretGone(run.name(), isNew);
        }
    }
}
