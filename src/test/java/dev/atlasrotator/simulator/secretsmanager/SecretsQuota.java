package dev.atlasrotator.simulator.secretsmanager;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;

/** A token bucket for each share of the request quota; a bucket holds one second's worth. */
final class SecretsQuota {
    private record Bucket(double tokens, Instant at) {}

    private final Map<SecretsOperation.Share, Bucket> buckets = new EnumMap<>(SecretsOperation.Share.class);

    SecretsQuota copy() {
        var copy = new SecretsQuota();
        copy.buckets.putAll(buckets);
        return copy;
    }

    /** Takes one call out of the share, if there is one left. */
    boolean allows(SecretsOperation.Share share, Instant now) {
        var bucket = buckets.getOrDefault(share, new Bucket(share.perSecond, now));
        var elapsed = Duration.between(bucket.at, now).toNanos() / 1e9;
        var tokens = Math.min(share.perSecond, bucket.tokens + Math.max(0, elapsed) * share.perSecond);
        var allowed = tokens >= 1;
        buckets.put(share, new Bucket(allowed ? tokens - 1 : tokens, now));
        return allowed;
    }
}
