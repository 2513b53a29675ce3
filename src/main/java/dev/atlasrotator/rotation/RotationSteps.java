package dev.atlasrotator.rotation;

import dev.atlasrotator.credential.AtlasCredential.ServiceAccountKey;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.finding.ActionErrors;
import dev.atlasrotator.finding.RotationFinding.OwnedElsewhere;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.policy.Action;
import dev.atlasrotator.policy.CreatePolicy.Overlap;
import dev.atlasrotator.policy.Decision;
import dev.atlasrotator.policy.Findings;
import dev.atlasrotator.policy.RotationOwner;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.Retrier.Attempt;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.SecretVault.Reading;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.secretsmanager.VersionId;
import dev.atlasrotator.snapshot.Snapshot;
import dev.atlasrotator.snapshot.SnapshotReader.Purpose;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The four steps of Secrets Manager's rotation: read, decide, act. Any step may be repeated at any time, beside itself,
 * and after the end; whatever it needs to know it reads.
 *
 * <p>Calls to Secrets Manager in a whole rotation: describe, read current, read pending and put in
 * createSecret; none in setSecret; read pending in testSecret; describe and move the label in
 * finishSecret. Seven.
 */
public record RotationSteps(RotationParts parts) {
    /**
     * Carries a step out.
     *
     * @param function this function's ARN, where it runs as one
     * @return whether this very call has moved AWSCURRENT
     */
    public boolean run(Step step, Optional<String> function, Deadline deadline) {
        return switch (step.name()) {
            case CREATE -> {
                create(step, function, deadline);
                yield false;
            }
            case SET -> false; // the create has set it: Atlas makes the secret, nobody can choose it
            case TEST -> {
                test(step, function, deadline);
                yield false;
            }
            case FINISH -> finish(step, function, deadline);
        };
    }

    private void create(Step step, Optional<String> function, Deadline deadline) {
        var described = describe(step, function, deadline);
        if (described.isEmpty()) {
            return;
        }
        var seen = parts.snapshots().read(described.get(), Purpose.STEP, deadline);
        var decision = parts.rules().decide(seen, Overlap.KEPT);
        parts.log().line(Log.Level.INFO, "rotation decision", Map.of("decision", decision));
        seen.remarks()
                .forEach(finding -> parts.log().line(Log.Level.WARN, finding.text(), Map.of("code", finding.code())));
        var run = run(seen, deadline);
        switch (decision) {
            case Decision.Resume resume -> parts.creation().remove(resume.first(), run);
            case Decision.Create create -> parts.creation().create(create, step.token(), step.rotationToken(), run);
            case Decision.Abandon abandon -> throw abandon(abandon, run);
            case Decision.Refuse refuse -> throw refuse.exception();
        }
    }

    private Run run(Snapshot seen, Deadline deadline) {
        return new Run(seen, Overlap.KEPT, deadline, this::tell);
    }

    private void test(Step step, Optional<String> function, Deadline deadline) {
        var reading = parts.verification()
                .readPending(step.secretId(), step.token(), one -> one instanceof Reading.Absent, deadline);
        switch (reading) {
            case Reading.Found(SecretVault.Version version) -> testValue(step, function, version, deadline);
            case Reading.Absent _ ->
                throw ActionErrors.nothingToTest(step.token().value());
            case Reading.StageMoved _ -> {
                // Promoted already: the step comes again after the end. Else describing tells what is wrong.
                if (describe(step, function, deadline).isPresent()) {
                    throw ActionErrors.pendingMoved(step.secretId());
                }
            }
            case Reading.Binary _ -> throw ActionErrors.binary(step.token().value());
        }
    }

    private void testValue(Step step, Optional<String> function, SecretVault.Version version, Deadline deadline) {
        var key = keyIn(version);
        if (key.isPresent() && parts.verification().authenticates(key.get(), deadline)) {
            return;
        }
        var stored = describe(step, function, deadline);
        if (stored.isEmpty()) {
            return;
        }
        throw notAccepted(parts.snapshots().read(stored.get(), Purpose.STEP, deadline), key, deadline);
    }

    private static Optional<ServiceAccountKey> keyIn(SecretVault.Version version) {
        try {
            return StoredValue.parse(version.text()).key();
        } catch (RotatorException.Credential notOurs) {
            return Optional.empty(); // it can never work; the rules say what follows
        }
    }

    /** The value was rejected: abandons the rotation if it can never work, else leaves it for another try. */
    private RotatorException notAccepted(Snapshot seen, Optional<ServiceAccountKey> key, Deadline deadline) {
        // RotateImmediately=false tests what AWSCURRENT holds, on a version of Secrets Manager's own.
        boolean isWhatIsCurrent = key.equals(seen.current().key());
        if (!isWhatIsCurrent && parts.rules().decideAfterRejection(seen) instanceof Decision.Abandon abandon) {
            return abandon(abandon, run(seen, deadline));
        }
        var version = seen.stored().attempt().map(VersionId::value).orElse("AWSPENDING");
        return Findings.andExpiring(
                seen, ActionErrors.newSecretRejected(seen.stored().name(), version));
    }

    private boolean finish(Step step, Optional<String> function, Deadline deadline) {
        var described = describe(step, function, deadline);
        if (described.isEmpty()) {
            return false;
        }
        var stored = described.get();
        var current = stored.version(StoredSecret.CURRENT).orElseThrow(() -> ActionErrors.noCurrent(stored.name()));
        if (!parts.vault().promote(stored.arn(), step.token(), current, deadline)) {
            throw ActionErrors.promotedByAnother(stored.name(), step.token().value());
        }
        tell(new Action.Promoted(Optional.empty()));
        return true;
    }

    /**
     * The stored secret, if the step has anything to do; checked in the order of the contract.
     *
     * @return empty if the version is AWSCURRENT already: the step has been done
     */
    private Optional<StoredSecret> describe(Step step, Optional<String> function, Deadline deadline) {
        return parts.retrier().run(Verification.CONSISTENCY, deadline, attempt -> {
            var stored = parts.vault().describe(step.secretId(), deadline);
            if (stored.rotationEnabled().filter(on -> !on).isPresent()) {
                throw ActionErrors.rotationDisabled(stored.name());
            }
            if (RotationOwner.of(stored, function) instanceof RotationOwner.External(String why)) {
                throw new OwnedElsewhere(stored.name(), why).error();
            }
            var stages = stored.stages().getOrDefault(step.token(), Set.of());
            if (stages.contains(StoredSecret.CURRENT)) {
                return new Attempt.Done<>(Optional.<StoredSecret>empty());
            }
            if (stages.contains(StoredSecret.PENDING)) {
                return new Attempt.Done<>(Optional.of(stored));
            }
            return new Attempt.Retry<>(Optional.empty(), () -> {
                throw ActionErrors.notPending(stored.name(), step.token().value());
            });
        });
    }

    private RotatorException abandon(Decision.Abandon abandon, Run run) {
        parts.creation().abandon(abandon, run);
        return Findings.andExpiring(
                run.seen(), ActionErrors.abandoned(run.name(), abandon.pending().value(), abandon.why()));
    }

    private void tell(Action action) {
        parts.log().line(Log.Level.INFO, "rotation action", action.fields());
    }
}
