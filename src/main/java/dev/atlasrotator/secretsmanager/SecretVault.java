package dev.atlasrotator.secretsmanager;

import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.retry.Deadline;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Port to Secrets Manager. Every method may throw {@code RotatorException.Unavailable} (no answer,
 * throttled, 5xx) and {@code RotatorException.Configuration} (no permission, no such secret); what
 * the contract of rotation foresees is an answer, not an exception.
 */
public interface SecretVault {
    /** A value under one version. */
    record Version(VersionId id, Set<String> stages, Instant created, Sensitive text) {}

    /** What came of reading a version. */
    sealed interface Reading {
        record Found(Version version) implements Reading {}

        /** There is no such version, or it holds no value yet (ResourceNotFoundException). */
        record Absent() implements Reading {}

        /** The label is not, or no longer, on that version (InvalidRequestException). */
        record StageMoved() implements Reading {}

        /** It holds bytes instead of a text. */
        record Binary() implements Reading {}
    }

    /** Which version to read. */
    sealed interface VersionSelector {
        record Staged(String stage) implements VersionSelector {}

        record Exactly(VersionId id) implements VersionSelector {}

        /** Both: fails as {@link Reading.StageMoved} if the label has moved. */
        record StagedExactly(VersionId id, String stage) implements VersionSelector {}
    }

    /** A version in the list of versions. */
    record VersionEntry(VersionId id, Set<String> stages, Instant created) {}

    /** What came of storing a value under AWSPENDING. */
    sealed interface PutAnswer {
        /** It is there (also when this very value was there before). */
        record Stored() implements PutAnswer {}

        /** That version already holds another value (ResourceExistsException). */
        record TakenByAnother() implements PutAnswer {}

        /** It is certainly not there, and will not be. */
        record Rejected(String why) implements PutAnswer {}

        /** Nobody knows: no answer came, or an answer that says nothing of the effect. */
        record Unknown(String why) implements PutAnswer {}
    }

    /** One page of the fleet. */
    record Page(List<StoredSecret> secrets, Optional<String> next) {}

    /** What there is under this name or ARN. */
    StoredSecret describe(String secretId, Deadline deadline);

    Reading read(String arn, VersionSelector which, Deadline deadline);

    /** Every version that can still be read, unlabelled ones included. */
    List<VersionEntry> versions(String arn, Deadline deadline);

    /**
     * Stores a value as a new version under AWSPENDING. Safe to repeat with the same version and
     * value.
     */
    PutAnswer putPending(
            String arn, VersionId version, Sensitive text, Optional<Sensitive> rotationToken, Deadline deadline);

    /**
     * Stores a value as a new version and gives it AWSPENDING, if that label is still where it was:
     * of two that begin at the same time one gets it. Safe to repeat with the same version and
     * value.
     *
     * @param holder the version that bears AWSPENDING as far as is known
     * @return {@link PutAnswer.TakenByAnother} also if another version has got the label meanwhile
     */
    PutAnswer register(String arn, VersionId version, Sensitive text, Optional<VersionId> holder, Deadline deadline);

    /**
     * Moves AWSCURRENT, if it is still on {@code from}.
     *
     * @return false if it is on neither: somebody else has moved it
     */
    boolean promote(String arn, VersionId to, VersionId from, Deadline deadline);

    /** Takes AWSPENDING off a version. One that does not bear it any more is left as it is. */
    void dropPending(String arn, VersionId version, Deadline deadline);

    /** Asks Secrets Manager to rotate now, or to resume the rotation that stands. */
    void requestRotation(String arn, Deadline deadline);

    /**
     * One page, at most 100, of the stored secrets that bear this tag key and are not scheduled for
     * deletion. May lag five minutes behind.
     *
     * @param namePrefix what their names begin with; empty for any name
     */
    Page list(String tagKey, String namePrefix, Optional<String> page, Deadline deadline);

    /**
     * The values under AWSCURRENT of at most 20 stored secrets, by ARN; one that cannot be read is
     * missing.
     */
    Map<String, Reading> readCurrent(List<String> arns, Deadline deadline);
}
