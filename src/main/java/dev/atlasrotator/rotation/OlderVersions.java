package dev.atlasrotator.rotation;

import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.SecretVault.Reading;
import dev.atlasrotator.secretsmanager.SecretVault.Version;
import dev.atlasrotator.secretsmanager.SecretVault.VersionEntry;
import dev.atlasrotator.secretsmanager.SecretVault.Which;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.secretsmanager.VersionId;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The versions of one stored secret behind AWSCURRENT, read only as far as a secret at Atlas wants
 * explaining: each read is a call.
 */
final class OlderVersions {
    /** How many versions are read that are older than the secret that is looked for. */
    private static final int OLDER_VERSIONS_READ = 10;

    private final SecretVault vault;
    private final StoredSecret stored;
    private final StoredValue current;
    private final Deadline deadline;
    private final Map<VersionId, StoredValue> read = new LinkedHashMap<>();
    private Optional<Instant> previousCreated = Optional.empty();
    private Optional<List<VersionEntry>> entries = Optional.empty();

    OlderVersions(SecretVault vault, StoredSecret stored, StoredValue current, Deadline deadline) {
        this.vault = vault;
        this.stored = stored;
        this.current = current;
        this.deadline = deadline;
    }

    /** The credential in a version that need not hold one. */
    static Optional<StoredValue> credential(Version version) {
        try {
            return Optional.of(StoredValue.parse(version.text()))
                    .filter(value -> value.clientSecret().isPresent());
        } catch (RotatorException.Credential notOurs) {
            return Optional.empty();
        }
    }

    /**
     * Reads older versions as long as a living secret of the account is not explained by what was
     * read.
     *
     * @param unexplained the secrets for which that is so at the moment
     */
    void readUntil(Supplier<List<AtlasSecret>> unexplained, Instant now) {
        if (unexplained.get().isEmpty()) {
            return;
        }
        readPrevious();
        var left = unexplained.get();
        if (left.isEmpty()) {
            return;
        }
        for (VersionEntry entry : candidates(left, now)) {
            if (unexplained.get().isEmpty()) {
                return;
            }
            if (vault.read(stored.arn(), new Which.Exactly(entry.id()), deadline)
                    instanceof Reading.Found(Version found)) {
                credential(found).ifPresent(value -> read.put(entry.id(), value));
            }
        }
    }

    /**
     * The unlabelled versions that may hold one of these, youngest first. A version is younger than
     * the secret in it, unless {@code RotateSecret} had registered it long before it was filled: of
     * the older ones a few are read.
     */
    private List<VersionEntry> candidates(List<AtlasSecret> secrets, Instant now) {
        var oldest =
                secrets.stream()
                        .map(AtlasSecret::createdAt)
                        .min(Comparator.naturalOrder())
                        .orElse(now)
                        .minus(Policy.CLOCKS_APART);
        var unlabelled =
                entries().stream()
                        .filter(entry -> entry.stages().isEmpty())
                        .sorted(Comparator.comparing(VersionEntry::created).reversed())
                        .toList();
        long younger =
                unlabelled.stream().filter(entry -> !entry.created().isBefore(oldest)).count();
        return unlabelled.stream().limit(younger + OLDER_VERSIONS_READ).toList();
    }

    /** Reads what AWSPREVIOUS is on, once. */
    void readPrevious() {
        var version = stored.version(StoredSecret.PREVIOUS);
        if (version.isEmpty() || read.containsKey(version.get()) || previousCreated.isPresent()) {
            return;
        }
        if (vault.read(stored.arn(), new Which.Exactly(version.get()), deadline)
                instanceof Reading.Found(Version found)) {
            previousCreated = Optional.of(found.created());
            credential(found).ifPresent(value -> read.put(version.get(), value));
        }
    }

    /** When the version under AWSPREVIOUS was created, if it has been read. */
    Optional<Instant> previousCreated() {
        return previousCreated;
    }

    /** The credentials that were read, in the order of reading. */
    List<StoredValue> values() {
        return List.copyOf(read.values());
    }

    /** The Atlas secrets that stand in what was read, or were current before. */
    Set<SecretId> knownIds() {
        var ids = new HashSet<SecretId>();
        current.supersededId().ifPresent(ids::add);
        read.values().stream()
                .filter(value -> value.account().clientId().equals(current.account().clientId()))
                .forEach(
                        value -> {
                            value.secretId().ifPresent(ids::add);
                            value.supersededId().ifPresent(ids::add);
                        });
        return ids;
    }

    /** When a version was created. */
    Optional<Instant> created(VersionId version) {
        return entries().stream()
                .filter(entry -> entry.id().equals(version))
                .map(VersionEntry::created)
                .findFirst();
    }

    private List<VersionEntry> entries() {
        if (entries.isEmpty()) {
            entries = Optional.of(vault.versions(stored.arn(), deadline));
        }
        return entries.get();
    }
}
