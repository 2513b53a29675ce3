package dev.atlasrotator.simulator.secretsmanager;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * One stored secret. Never changed once the model has published it: an operation takes a {@link
 * #draft}, changes that and publishes it, so that earlier states stay readable and copying a model
 * copies references only.
 */
final class StoredSecret implements Cloneable {
    final String name;
    final String arn;
    final Instant created;

    Optional<String> description = Optional.empty();
    Optional<String> kmsKeyId = Optional.empty();
    Optional<String> type = Optional.empty();
    Optional<String> owningService = Optional.empty();
    Optional<String> primaryRegion = Optional.empty();
    Optional<String> resourcePolicy = Optional.empty();

    /** Empty until the first tag; after that a list, which may be empty again (recorded). */
    Optional<Map<String, String>> tags = Optional.empty();

    /** In the order of their making. */
    List<SecretVersion> versions = List.of();

    Instant changed;
    Optional<Instant> accessed = Optional.empty();
    Optional<Instant> rotated = Optional.empty();

    /** When a secret that is marked for deletion goes for good. */
    Optional<Instant> deletion = Optional.empty();

    /** Absent until the first rotation is configured; false after {@code CancelRotateSecret}. */
    Optional<Boolean> rotationEnabled = Optional.empty();

    Optional<String> rotationFunctionArn = Optional.empty();
    Optional<Map<String, Object>> rotationRules = Optional.empty();
    Optional<Instant> nextRotation = Optional.empty();

    StoredSecret(String name, String arn, Instant created) {
        this.name = name;
        this.arn = arn;
        this.created = created;
        this.changed = created;
    }

    /** A copy to be changed and then published. */
    StoredSecret draft() {
        try {
            return (StoredSecret) clone();
        } catch (CloneNotSupportedException impossible) {
            throw new AssertionError(impossible);
        }
    }

    Optional<SecretVersion> version(String id) {
        for (var version : versions) {
            if (version.id().equals(id)) {
                return Optional.of(version);
            }
        }
        return Optional.empty();
    }

    Optional<SecretVersion> under(String stage) {
        for (var version : versions) {
            if (version.has(stage)) {
                return Optional.of(version);
            }
        }
        return Optional.empty();
    }

    void add(SecretVersion version) {
        var more = new ArrayList<SecretVersion>(versions.size() + 1);
        more.addAll(versions);
        more.add(version);
        versions = List.copyOf(more);
    }

    void remove(String versionId) {
        versions = versions.stream()
                .filter(version -> !version.id().equals(versionId))
                .toList();
    }

    void change(String versionId, UnaryOperator<SecretVersion> how) {
        versions = versions.stream()
                .map(version -> version.id().equals(versionId) ? how.apply(version) : version)
                .toList();
    }

    @Override
    public String toString() {
        return "StoredSecret[" + arn + "]";
    }
}
