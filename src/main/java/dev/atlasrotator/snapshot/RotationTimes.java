package dev.atlasrotator.snapshot;

import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.finding.Margin;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * The times of rotations and overlaps, from the settings.
 *
 * @param lifetimeHours the lifetime of a new secret in hours, unless the stored value has its own
 * @param rotateAfter the age at which the current secret is due
 * @param overlap how long after the promotion a superseded secret is kept for consumers that still hold it
 */
public record RotationTimes(int lifetimeHours, Duration rotateAfter, Duration overlap) {
    /** Bounds of Atlas's {@code secretExpiresAfterHours}, in hours (Atlas's API documentation). */
    public static final int LIFETIME_HOURS_MIN = 8;

    public static final int LIFETIME_HOURS_MAX = 8760;
    public static final int ROTATE_AFTER_HOURS_MIN = 4;
    public static final int ROTATE_AFTER_HOURS_MAX = 8760;

    /** Atlas itself ends a superseded secret after seven days. */
    public static final int OVERLAP_HOURS_MAX = 168;

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
     * How far back a sweep looks for the rotation that was begun last: in the last hour of a day further, since it then
     * leaves one that came to nothing to the first sweep of the next day.
     */
    static Duration begunLately(Instant now) {
        return isLastHourOfDay(now) ? BETWEEN_BEGINS.multipliedBy(3) : BETWEEN_BEGINS;
    }

    /** Of a UTC day. */
    static boolean isLastHourOfDay(Instant now) {
        return !now.plus(BETWEEN_BEGINS).isBefore(tomorrow(now));
    }

    static Instant tomorrow(Instant now) {
        return now.truncatedTo(ChronoUnit.DAYS).plus(Duration.ofDays(1));
    }

    /**
     * How long consumers are known to cache a secret ("Get a Secrets Manager secret value using Java with client-side
     * caching", https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_cache-java.html).
     */
    public static final Duration CONSUMERS_CACHE = Duration.ofHours(1);

    /**
     * The times of an account whose stored value has some of its own: within the bounds, and lowered where they do not
     * fit together, so that they never stop a rotation.
     */
    public RotationTimes of(StoredValue value) {
        var own = value.ownTimes();
        if (own.isEmpty()) {
            return this;
        }
        int life = Math.clamp(own.lifetime().orElse(lifetimeHours), LIFETIME_HOURS_MIN, LIFETIME_HOURS_MAX);
        var lifetime = Duration.ofHours(life);
        var wished = Duration.ofHours(Math.clamp(hours(own.overlap(), overlap), 0, OVERLAP_HOURS_MAX));
        var kept = least(wished, lifetime.dividedBy(2));
        var age = Duration.ofHours(
                Math.clamp(hours(own.rotateAfter(), rotateAfter), ROTATE_AFTER_HOURS_MIN, ROTATE_AFTER_HOURS_MAX));
        var margin = Margin.of(lifetime);
        var due = least(age, lifetime.minus(margin.compareTo(kept) > 0 ? margin : kept));
        return new RotationTimes(life, due, least(kept, due));
    }

    /** Which of a value's own times are not used as they are there, with what is used instead, in hours. */
    public Map<String, Long> clamped(StoredValue value) {
        var own = value.ownTimes();
        var used = of(value);
        var clamped = new TreeMap<String, Long>();
        put(clamped, "secretExpiresAfterHours", own.lifetime(), used.lifetimeHours);
        put(clamped, "rotateAfterHours", own.rotateAfter(), used.rotateAfter.toHours());
        put(clamped, "overlapHours", own.overlap(), used.overlap.toHours());
        return clamped;
    }

    private static void put(Map<String, Long> clamped, String key, OptionalInt own, long used) {
        if (own.isPresent() && own.getAsInt() != used) {
            clamped.put(key, used);
        }
    }

    private static int hours(OptionalInt own, Duration otherwise) {
        return own.orElse((int) otherwise.toHours());
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
