package dev.atlasrotator.snapshot;

import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.MalformedValue;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.SecretVault.Reading;
import dev.atlasrotator.secretsmanager.SecretVault.Version;
import dev.atlasrotator.secretsmanager.SecretVault.VersionSelector;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.snapshot.RecordedIds.Held;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Reads another stored secret that holds the same account. One that cannot be read may hold any of
 * the account's secrets.
 */
final class CopyReader {
    private final SecretVault vault;
    private final String arn;
    private final Account account;
    private final Deadline deadline;
    private final List<Held> staged = new ArrayList<>();
    private Optional<StoredSecret> stored = Optional.empty();
    private Optional<VersionHistory> older = Optional.empty();
    private Optional<Sensitive> currentSecret = Optional.empty();
    private Optional<SecretId> pendingId = Optional.empty();
    private Optional<Instant> promoted = Optional.empty();
    private Optional<Instant> rotationBegan = Optional.empty();

    CopyReader(SecretVault vault, String arn, Account account, Deadline deadline) {
        this.vault = vault;
        this.arn = arn;
        this.account = account;
        this.deadline = deadline;
    }

    /** Reads what bears a label. */
    void read() {
        try {
            var described = vault.describe(arn, deadline);
            var versions = new VersionHistory(vault, described, account, deadline);
            if (described.attempt().isPresent()) {
                readPending(described, versions);
            }
            versions.readPrevious();
            if (vault.read(arn, new VersionSelector.Staged(StoredSecret.CURRENT), deadline)
                    instanceof Reading.Found(Version found)) {
                var held = keep(found);
                versions.passOver(found.id());
                currentSecret = held.flatMap(StoredValue::clientSecret)
                        .or(() -> new MalformedValue(found.text()).clientSecret(account.clientId()));
                promoted = Optional.of(promoted(described, found, versions));
                older = Optional.of(versions);
            }
            stored = Optional.of(described);
        } catch (RotatorException unreadable) {
            // Then isRead() says so, and whoever decides keeps what this one may hold. Its own
            // entry in the report says why it cannot be read. What was read of it says nothing.
            older = Optional.empty();
            staged.clear();
            pendingId = Optional.empty();
            rotationBegan = Optional.empty();
        }
    }

    /** After a rollback only {@code LastChangedDate} tells. */
    private static Instant promoted(StoredSecret described, Version current, VersionHistory versions) {
        var promoted = Snapshot.promoted(described, current.created());
        return versions.previousCreated().filter(current.created()::isBefore).isPresent()
                ? described.lastChanged().orElse(promoted)
                : promoted;
    }

    private void readPending(StoredSecret described, VersionHistory versions) {
        var version = described.attempt().orElseThrow();
        rotationBegan = versions.created(version);
        if (vault.read(arn, new VersionSelector.StagedExactly(version, StoredSecret.PENDING), deadline)
                instanceof Reading.Found(Version found)) {
            pendingId = keep(found).flatMap(StoredValue::secretId);
        }
    }

    private Optional<StoredValue> keep(Version found) {
        var value = VersionHistory.credential(found)
                .filter(one -> one.account().clientId().equals(account.clientId()));
        value.ifPresent(one -> staged.add(new Held(arn, one, found.created())));
        return value;
    }

    /** Reads older versions until nothing is left to explain. */
    void readUntil(BooleanSupplier explained, List<AtlasSecret> living) {
        try {
            older.ifPresent(versions -> versions.readUntil(explained, living));
        } catch (RotatorException unreadable) {
            older = Optional.empty();
        }
    }

    /** Whether it could be read: else it may hold any secret of the account. */
    boolean isRead() {
        return older.isPresent();
    }

    String arn() {
        return arn;
    }

    String name() {
        return stored.map(StoredSecret::name).orElse(arn);
    }

    /** What is under its AWSCURRENT. */
    Optional<Sensitive> currentSecret() {
        return currentSecret;
    }

    /** The client secrets that were read, AWSCURRENT's first. */
    Stream<Sensitive> clientSecrets() {
        return Stream.concat(
                        currentSecret.stream(), held().stream().flatMap(held -> held.value().clientSecret().stream()))
                .distinct();
    }

    /** All client secrets that were read, if one of these ids is anywhere beside them. */
    Stream<Sensitive> clientSecretsIfNamed(Set<SecretId> ids) {
        var values = held().stream().map(Held::value).toList();
        return VersionHistory.ids(values).stream().anyMatch(ids::contains) ? clientSecrets() : Stream.empty();
    }

    /** Whether whoever may tag says that it holds this account. */
    boolean isNamedByTag(AdminCredentials admins) {
        return stored.filter(one -> admins.isNamedByTag(one, account)).isPresent();
    }

    /** The Atlas id that its AWSPENDING records. */
    Optional<SecretId> pendingId() {
        return pendingId;
    }

    /** When its AWSCURRENT moved last. */
    Optional<Instant> promoted() {
        return promoted;
    }

    /** When its rotation in progress began, where there is one. */
    Optional<Instant> rotationBegan() {
        return rotationBegan;
    }

    /** All that was read of it. */
    List<Held> held() {
        return Stream.concat(staged.stream(), older.stream().flatMap(versions -> versions.held().stream()))
                .toList();
    }
}
