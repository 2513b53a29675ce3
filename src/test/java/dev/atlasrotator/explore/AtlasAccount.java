package dev.atlasrotator.explore;

import dev.atlasrotator.simulator.atlas.AtlasSecret;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An account at Atlas, with every secret that it has had. More than one stored secret may hold it.
 */
final class AtlasAccount {
    final String clientId;
    final String groupId;
    final Map<String, Life> lives = new LinkedHashMap<>();

    /** What Atlas has now. */
    List<AtlasSecret> there = List.of();

    AtlasAccount(String clientId, String groupId) {
        this.clientId = clientId;
        this.groupId = groupId;
    }

    AtlasAccount copy() {
        var copy = new AtlasAccount(clientId, groupId);
        lives.forEach((id, life) -> copy.lives.put(id, life.copy(copy)));
        copy.there = there;
        return copy;
    }

    Optional<Life> withValue(String value) {
        for (Life life : lives.values()) {
            if (life.value.equals(value)) {
                return Optional.of(life);
            }
        }
        return Optional.empty();
    }

    Optional<Life> life(String id) {
        return Optional.ofNullable(lives.get(id));
    }

    boolean hasRoom() {
        return there.size() < 2;
    }

    /** The lives that Atlas still has. */
    List<Life> living() {
        var living = new ArrayList<Life>(2);
        for (AtlasSecret one : there) {
            life(one.id()).ifPresent(living::add);
        }
        return living;
    }
}
