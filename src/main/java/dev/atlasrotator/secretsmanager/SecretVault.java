package dev.atlasrotator.secretsmanager;

import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.retry.Deadline;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Port to Secrets Manager. Every method may throw {@code RotatorException.Unavailable} (no response, throttled, 5xx)
 * and {@code RotatorException.Configuration} (no permission, no such secret). What the rotation contract provides for
 * is a result, not an exception.
 */
public interface SecretVault {
    /** A value under one version. */
    record Version(VersionId id, Set<String> stages, Instant created, Sensitive text) {}

    /** The outcome of reading a version. */
    sealed interface Reading {
        record Found(Version version) implements Reading {}

        /** There is no such version, or it holds no value yet (ResourceNotFoundException). */
        record Absent() implements Reading {}

        /** The label is not, or no longer, on that version (InvalidRequestException). */
        record StageMoved() implements Reading {}

        /** It holds binary data instead of text. */
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

    /** The outcome of storing a value under AWSPENDING. */
    sealed interface PutAnswer {
        /** It is stored (also if this very value was stored before). */
        record Stored() implements PutAnswer {}

        /** That version already holds another value (ResourceExistsException). */
        record TakenByAnother() implements PutAnswer {}

        /** It is certainly not stored, and will not be. */
        record Rejected(Code code, String why) implements PutAnswer {}

        /** It is not known whether it is stored: there was no response, or one that does not tell. */
        record Unknown(String why) implements PutAnswer {}
    }

    /** One page of the fleet. */
    record Page(List<StoredSecret> secrets, Optional<String> next) {}

    /** The description of the stored secret with this name or ARN. */
    StoredSecret describe(String secretId, Deadline deadline);

    Reading read(String arn, VersionSelector which, Deadline deadline);

    /** Every version that can still be read, unlabelled ones included. */
    List<VersionEntry> versions(String arn, Deadline deadline);

    /** Stores a value as a new version under AWSPENDING. May be repeated with the same version and value. */
    PutAnswer putPending(
            String arn, VersionId version, Sensitive text, Optional<Sensitive> rotationToken, Deadline deadline);

    /**
     * Stores a value as a new version and moves AWSPENDING to it, if that label is still where it was: of two runs that
     * begin at the same time, one gets it. May be repeated with the same version and value.
     *
     * @param holder the version that has AWSPENDING as far as is known
     * @return {@link PutAnswer.TakenByAnother} also if another version has got the label in the meantime
     */
    PutAnswer register(String arn, VersionId version, Sensitive text, Optional<VersionId> holder, Deadline deadline);

    /**
     * Moves AWSCURRENT, if it is still on {@code from}.
     *
     * @return false if it is on neither: somebody else has moved it
     */
    boolean promote(String arn, VersionId to, VersionId from, Deadline deadline);

    /** Removes AWSPENDING from a version. Does nothing if the version no longer has it. */
    void dropPending(String arn, VersionId version, Deadline deadline);

    /** Starts a rotation by Secrets Manager, or resumes the one in progress. */
    void requestRotation(String arn, Deadline deadline);

    /**
     * One page, at most 100, of the stored secrets that are not scheduled for deletion. May lag by five minutes.
     *
     * @param tagKey a tag that they have; empty for any
     * @param namePrefix what their names begin with; empty for any name
     */
    Page list(Optional<String> tagKey, String namePrefix, Optional<String> page, Deadline deadline);

    /** The values under AWSCURRENT of at most 20 stored secrets, by ARN; without those that cannot be read. */
    Map<String, Reading> readCurrent(List<String> arns, Deadline deadline);
}
