package dev.atlasrotator.retry;

import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps calls below a service's quotas: one token bucket per key, full at the start, so that a few calls never wait. A
 * caller that must wait reserves its turn and sleeps until then: first come, first served, and no two threads wake for
 * one token. What one thread learns about a quota applies to all. Safe for any number of threads.
 */
public final class RateLimiter {
    private static final double NANOS_A_SECOND = 1e9;

    /** The number of buckets to keep before the full ones are dropped; a full one is like a new one. */
    private static final int KEPT_MIN = 256;

    /**
     * A quota's rate.
     *
     * @param burst calls at once after a quiet time, 1 or more
     * @param perSecond calls per second in the long run, above 0
     */
    public record Rate(int burst, double perSecond) {
        public Rate {
            if (burst < 1 || !(perSecond > 0)) {
                throw new IllegalArgumentException("a rate of " + burst + " at once and " + perSecond + " a second");
            }
        }

        private long nanosEach() {
            return Math.max(1, (long) (NANOS_A_SECOND / perSecond));
        }

        /** How long it takes an empty bucket to fill up to this much below full. */
        private long nanosBelowFull(int tokens) {
            return nanosEach() * (burst - tokens);
        }
    }

    /** All in nanoseconds since {@link #origin}. */
    private static final class Bucket {
        /** When it is full again: this alone determines how much is in it at any time. */
        long fullAt;

        /** No caller may take before this time. */
        long heldUntil;
    }

    private final InstantSource clock;
    private final Retrier waiting;
    private final Instant origin;
    private final Map<String, Bucket> buckets = new HashMap<>();
    private int pruneAt = KEPT_MIN;

    /**
     * Full buckets.
     *
     * @param waiting waits
     */
    public RateLimiter(InstantSource clock, Retrier waiting) {
        this.clock = clock;
        this.waiting = waiting;
        this.origin = clock.instant();
    }

    /**
     * Takes one token, and waits for it if necessary.
     *
     * @param key whose quota: a key always has the same rate
     * @throws RotatorException.Unavailable if the wait would outlast the deadline; no token is taken then, and the
     *     exception says how long the wait is
     */
    public void acquire(String key, Rate rate, Deadline deadline) {
        for (var wait = turn(key, rate, deadline); !wait.isZero(); ) {
            waiting.pause(wait);
            // The service may have asked for a pause in the meantime: then the turn is lost.
            wait = isHeld(key) ? turn(key, rate, deadline) : Duration.ZERO;
        }
    }

    /** Reserves a turn, and returns how far away it is. */
    private synchronized Duration turn(String key, Rate rate, Deadline deadline) {
        long now = now();
        var bucket = bucket(key, now);
        long fullAfter = Math.max(bucket.fullAt, now) + rate.nanosEach();
        var wait = Duration.ofNanos(Math.max(0, fullAfter - rate.nanosBelowFull(0) - now));
        if (!wait.isZero() && wait.compareTo(deadline.left()) >= 0) {
            throw new RotatorException.Unavailable(
                    Code.THROTTLED,
                    """
                    A call was not sent: the quota of %s leaves room for it in %d s only, and %d s of this run are \
                    left. Try again later.\
                    """.formatted(key, wait.toSeconds() + 1, deadline.left().toSeconds()),
                    Optional.of(wait));
        }
        bucket.fullAt = fullAfter;
        return wait;
    }

    /**
     * The service asked for this wait: nobody takes from this bucket before, and then it holds one token. Zero only
     * says that it is empty.
     */
    public synchronized void backOff(String key, Rate rate, Duration pause) {
        long now = now();
        var bucket = bucket(key, now);
        bucket.heldUntil = Math.max(bucket.heldUntil, now + nanos(pause));
        bucket.fullAt = Math.max(bucket.fullAt, bucket.heldUntil + rate.nanosBelowFull(1));
    }

    /** The service says how many tokens are left: others may use the same quota. */
    public synchronized void leaves(String key, Rate rate, int tokens) {
        long now = now();
        var bucket = bucket(key, now);
        int kept = Math.clamp(tokens, 0, rate.burst());
        bucket.fullAt = Math.max(bucket.fullAt, now + rate.nanosBelowFull(kept));
    }

    /** The number of buckets that are not known to be full. */
    synchronized int size() {
        return buckets.size();
    }

    private synchronized boolean isHeld(String key) {
        long now = now();
        return bucket(key, now).heldUntil > now;
    }

    private Bucket bucket(String key, long now) {
        if (buckets.size() >= pruneAt) {
            buckets.values().removeIf(one -> one.fullAt <= now && one.heldUntil <= now);
            pruneAt = Math.max(KEPT_MIN, 2 * buckets.size());
        }
        return buckets.computeIfAbsent(key, absent -> new Bucket());
    }

    private long now() {
        return nanos(Duration.between(origin, clock.instant()));
    }

    /** A century is as good as for ever; more would overflow. */
    private static long nanos(Duration time) {
        var most = Duration.ofDays(36_500);
        return time.compareTo(most) < 0 ? time.toNanos() : most.toNanos();
    }
}
