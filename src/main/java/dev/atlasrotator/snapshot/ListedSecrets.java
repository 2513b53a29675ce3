package dev.atlasrotator.snapshot;

import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The account's secrets as Atlas listed them; none where the account could not be read.
 *
 * @param here our own clock when the reading began
 * @param now Atlas's clock at the same moment
 */
record ListedSecrets(List<AtlasSecret> all, Instant here, Instant now) {
    /** A secret that has expired so lately may live after all, since it is a clock that says so. */
    private static final Duration CLOCKS_ASKEW = Duration.ofHours(3);

    List<AtlasSecret> living() {
        return all.stream().filter(secret -> !secret.isExpired(now)).toList();
    }

    /** Whether one secret lives, and it is the one that this value records. */
    boolean isTheOnlyOne(CurrentValue current) {
        var living = living();
        return living.size() == 1 && current.records(living.getFirst().id());
    }

    /** Those that live, if what is recorded is right: its clock may be a little wrong. */
    List<AtlasSecret> mayLive(Predicate<SecretId> isRecorded) {
        return all.stream()
                .filter(secret -> !secret.isExpired(isRecorded.test(secret.id()) ? now.minus(CLOCKS_ASKEW) : now))
                .toList();
    }

    /**
     * Those that a value can be which was stored then: not one that was created after that. Two clocks, and Atlas's
     * whole seconds.
     */
    List<AtlasSecret> createdBefore(Instant storedAt, List<AtlasSecret> secrets) {
        var ahead = Duration.between(here, now);
        var latest =
                storedAt.plus(RotationTimes.CREATED_SINCE_TOLERANCE).plus(ahead.isNegative() ? Duration.ZERO : ahead);
        return secrets.stream().filter(one -> !one.createdAt().isAfter(latest)).toList();
    }

    boolean wasCreatedAfter(SecretId id, Instant storedAt) {
        var one = all.stream().filter(secret -> secret.id().equals(id)).toList();
        return !one.isEmpty() && createdBefore(storedAt, one).isEmpty();
    }

    static Set<SecretId> ids(List<AtlasSecret> secrets) {
        return secrets.stream().map(AtlasSecret::id).collect(Collectors.toSet());
    }
}
