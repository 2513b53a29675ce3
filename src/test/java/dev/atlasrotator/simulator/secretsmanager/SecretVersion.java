package dev.atlasrotator.simulator.secretsmanager;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * One version of a stored secret; immutable.
 *
 * @param id the {@code ClientRequestToken} it was made with
 * @param value empty while the version is only registered
 * @param stages its staging labels, in alphabetical order, as the service lists them
 * @param registered whether {@code RotateSecret} made it; such a version loses AWSPENDING when it
 *     is promoted, one that somebody put under AWSPENDING by hand keeps it beside AWSCURRENT (both
 *     recorded)
 */
record SecretVersion(
        String id,
        Optional<StoredValue> value,
        List<String> stages,
        Instant created,
        Optional<Instant> lastAccessed,
        boolean registered) {

    static SecretVersion registered(String id, Instant now) {
        return new SecretVersion(id, Optional.empty(), List.of(SecretStages.PENDING), now, Optional.empty(), true);
    }

    static SecretVersion holding(String id, StoredValue value, Instant now) {
        return new SecretVersion(id, Optional.of(value), List.of(), now, Optional.empty(), false);
    }

    SecretVersion withValue(StoredValue newValue) {
        return new SecretVersion(id, Optional.of(newValue), stages, created, lastAccessed, registered);
    }

    SecretVersion accessed(Instant when) {
        return new SecretVersion(id, value, stages, created, Optional.of(when), registered);
    }

    SecretVersion with(String stage) {
        if (stages.contains(stage)) {
            return this;
        }
        var more = new ArrayList<String>(stages.size() + 1);
        more.addAll(stages);
        more.add(stage);
        Collections.sort(more);
        return withStages(List.copyOf(more));
    }

    SecretVersion without(String stage) {
        if (!stages.contains(stage)) {
            return this;
        }
        return withStages(stages.stream().filter(held -> !held.equals(stage)).toList());
    }

    private SecretVersion withStages(List<String> newStages) {
        return new SecretVersion(id, value, newStages, created, lastAccessed, registered);
    }

    boolean has(String stage) {
        return stages.contains(stage);
    }
}
