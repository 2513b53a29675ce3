package dev.atlasrotator.snapshot;

import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.Binding;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.SecretVault.Reading;
import dev.atlasrotator.secretsmanager.SecretVault.Version;
import dev.atlasrotator.secretsmanager.SecretVault.VersionEntry;
import dev.atlasrotator.secretsmanager.SecretVault.VersionSelector;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.secretsmanager.VersionId;
import dev.atlasrotator.snapshot.RecordedIds.Held;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The versions of one stored secret other than AWSCURRENT, read only as far as needed to explain the secrets at Atlas:
 * each read is a call.
 */
final class VersionHistory {
    /** How many versions are read that are older than the secret in question. */
    private static final int OLDER_VERSIONS_READ = 10;

    private final SecretVault vault;
    private final StoredSecret stored;
    private final Account account;
    private final Deadline deadline;
    private final Map<VersionId, Held> read = new LinkedHashMap<>();
    private final Map<VersionId, Held> ofOtherAccounts = new LinkedHashMap<>();

    /** Versions that need not be read (again). */
    private final Set<VersionId> done = new HashSet<>();

    private Optional<Instant> previousCreated = Optional.empty();
    private Optional<List<VersionEntry>> entries = Optional.empty();

    /**
     * Nothing is read yet.
     *
     * @param account whose credentials are wanted
     */
    VersionHistory(SecretVault vault, StoredSecret stored, Account account, Deadline deadline) {
        this.vault = vault;
        this.stored = stored;
        this.account = account;
        this.deadline = deadline;
    }

    /** The credential in a version that may hold none. */
    static Optional<StoredValue> credential(Version version) {
        try {
            return Optional.of(StoredValue.parse(version.text()))
                    .filter(value -> value.clientSecret().isPresent());
        } catch (RotatorException.Credential notOurs) {
            return Optional.empty();
        }
    }

    /** The ids in these values, whether right or wrong. */
    static Set<SecretId> ids(Collection<StoredValue> values) {
        return values.stream()
                .flatMap(value -> Stream.of(value.recordedId(), value.binding().map(Binding::id), value.supersededId()))
                .flatMap(Optional::stream)
                .collect(Collectors.toSet());
    }

    /**
     * Reads older versions, the one under AWSPREVIOUS first, until every secret is explained.
     *
     * @param living the secrets that an older version may explain
     */
    void readUntil(BooleanSupplier explained, List<AtlasSecret> living) {
        // A superseded secret has its overlap, and after a rollback only the date of AWSPREVIOUS tells since when.
        if (living.size() < 2 && explained.getAsBoolean()) {
            return;
        }
        readPrevious();
        if (explained.getAsBoolean()) {
            return;
        }
        for (VersionEntry entry : candidates(living)) {
            if (read(entry.id()) instanceof Reading.Found(Version found)) {
                keep(found);
            }
            if (explained.getAsBoolean()) {
                return;
            }
        }
    }

    /** A version whose key is gone can be read by nobody any more: it explains nothing, and stops nothing. */
    private Reading read(VersionId version) {
        try {
            return vault.read(stored.arn(), new VersionSelector.Exactly(version), deadline);
        } catch (RotatorException.Configuration denied) {
            if (denied.code() == Code.KMS_DENIED) {
                return new Reading.Absent();
            }
            throw denied;
        }
    }

    /** Records that this version has been read elsewhere. */
    void passOver(VersionId version) {
        done.add(version);
    }

    private void keep(Version found) {
        credential(found)
                .ifPresent(value -> (isOfTheAccount(value) ? read : ofOtherAccounts)
                        .put(found.id(), new Held(stored.arn(), value, found.created())));
    }

    private boolean isOfTheAccount(StoredValue value) {
        return value.account().clientId().equals(account.clientId());
    }

    /**
     * The versions that may hold one of these, newest first. A version is newer than the secret in it, unless {@code
     * RotateSecret} had registered it long before it was filled: so a few of the older ones are read. AWSCURRENT may
     * have moved since the stored secret was described, so its version at that time may be among them.
     */
    private List<VersionEntry> candidates(List<AtlasSecret> secrets) {
        var others = entries().stream()
                .filter(entry -> !done.contains(entry.id()))
                .filter(entry -> !entry.stages().contains(StoredSecret.PENDING))
                .sorted(Comparator.comparing(VersionEntry::created).reversed())
                .toList();
        long newer = secrets.stream()
                .map(AtlasSecret::createdAt)
                .min(Comparator.naturalOrder())
                .map(oldest -> oldest.minus(RotationTimes.CLOCKS_APART))
                .map(oldest -> others.stream()
                        .filter(entry -> !entry.created().isBefore(oldest))
                        .count())
                .orElse(0L);
        return others.stream().limit(newer + OLDER_VERSIONS_READ).toList();
    }

    /** Reads the version under AWSPREVIOUS, once. */
    void readPrevious() {
        var version = stored.version(StoredSecret.PREVIOUS);
        if (version.isEmpty() || previousCreated.isPresent()) {
            return;
        }
        passOver(version.get());
        if (read(version.get()) instanceof Reading.Found(Version found)) {
            previousCreated = Optional.of(found.created());
            keep(found);
        }
    }

    /** When the version under AWSPREVIOUS was created, if it has been read. */
    Optional<Instant> previousCreated() {
        return previousCreated;
    }

    /** The credentials of this account that were read, in the order of reading. */
    List<Held> held() {
        return List.copyOf(read.values());
    }

    /**
     * What was read of other accounts. Somebody who copied a value and edited it may have left its id: an id in these
     * values does not belong to this account.
     */
    List<Held> ofOtherAccounts() {
        return List.copyOf(ofOtherAccounts.values());
    }

    /** The same without their dates. */
    List<StoredValue> values() {
        return read.values().stream().map(Held::value).toList();
    }

    /** When a version was created. */
    Optional<Instant> created(VersionId version) {
        return entries().stream()
                .filter(entry -> entry.id().equals(version))
                .map(VersionEntry::created)
                .findFirst();
    }

    /**
     * When a rotation was last begun after this time: a run registers its rotation with a version that holds no
     * credential, and people store none.
     */
    Optional<Instant> lastBegun(Instant after) {
        return entries().stream()
                .filter(entry -> !entry.stages().contains(StoredSecret.CURRENT))
                .filter(entry -> !entry.stages().contains(StoredSecret.PREVIOUS))
                .filter(entry -> entry.created().isAfter(after))
                .sorted(Comparator.comparing(VersionEntry::created).reversed())
                .filter(entry -> !(read(entry.id()) instanceof Reading.Found(Version found)
                        && credential(found).isPresent()))
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
