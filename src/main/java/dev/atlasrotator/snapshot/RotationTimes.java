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
    /**
     * Atlas shortens the lifetime of every other secret of an account to this when one is created ("Rotate Service
     * Account Secrets", https://www.mongodb.com/docs/atlas/tutorial/rotate-service-account-secrets/).
     */
    public static final Duration SHORTENED_LIFETIME = Duration.ofDays(7);

    /**
     * No run of a Lambda function can last longer ("Lambda quotas",
     * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html); what is older belongs to no run that is
     * still at work.
     */
    public static final Duration LONGEST_RUN = Duration.ofMinutes(15);

    /** How much the clocks of the two services may differ. */
    public static final Duration CLOCKS_APART = Duration.ofMinutes(1);

    /**
     * How much earlier than a rotation's begin a secret may seem to be created that the rotation created: two clocks,
     * and Atlas's whole seconds.
     */
    public static final Duration CREATED_SINCE_TOLERANCE = CLOCKS_APART.plusSeconds(1);

    /**
     * A sweep begins at most one rotation of an account in this time: each leaves a version, and Secrets Manager takes
     * about a hundred in a day ("AWS Secrets Manager quotas",
     * https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html).
     */
    public static final Duration BETWEEN_BEGINS = Duration.ofHours(1);

    /**
     * How long consumers are known to cache a secret ("Get a Secrets Manager secret value using Java with client-side
     * caching", https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_cache-java.html).
     */
    public static final Duration CONSUMERS_CACHE = Duration.ofHours(1);
}
