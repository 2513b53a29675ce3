package dev.atlasrotator.snapshot;

import java.time.Duration;

/**
 * The times of rotations and overlaps, from the settings.
 *
 * @param lifetimeHours the lifetime of a new secret in hours, unless the stored value has its own
 * @param rotateAfter the age at which the current secret is due
 * @param overlap how long after the promotion a superseded secret is kept for consumers that still hold it
 */
public record RotationTimes(int lifetimeHours, Duration rotateAfter, Duration overlap) {
    /** A create at Atlas limits every other secret of the account to this remaining lifetime. */
    public static final Duration SHORTENED_LIFETIME = Duration.ofDays(7);

    /** No run of a Lambda function can last longer; whatever is older belongs to no run that is still in progress. */
    public static final Duration LONGEST_RUN = Duration.ofMinutes(15);

    /** How much the clocks of the two services may differ. */
    public static final Duration CLOCKS_APART = Duration.ofMinutes(1);

    /**
     * How much earlier than a rotation's begin a secret may seem to be created that the rotation created: two clocks,
     * and Atlas's whole seconds.
     */
    public static final Duration CREATED_SINCE_TOLERANCE = CLOCKS_APART.plusSeconds(1);

    /**
     * A sweep begins at most one rotation of an account in this time: each leaves a version, and Secrets Manager
     * accepts about a hundred a day.
     */
    public static final Duration BETWEEN_BEGINS = Duration.ofHours(1);

    /** How long consumers are known to cache a secret (AWS's caching library for Java). */
    public static final Duration CONSUMERS_CACHE = Duration.ofHours(1);
}
