package dev.atlasrotator.snapshot;

import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AdminCredential;
import dev.atlasrotator.credential.AtlasCredential;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.SecretVault.Reading;
import dev.atlasrotator.secretsmanager.SecretVault.Version;
import dev.atlasrotator.secretsmanager.SecretVault.VersionSelector;
import dev.atlasrotator.secretsmanager.StoredSecret;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds the admin credential for an account, and decides for which accounts it may act. A credential that was read is
 * kept for five minutes, so that a fleet that shares one reads it once.
 */
public final class AdminCredentials {
    private static final Duration KEPT = Duration.ofMinutes(5);

    private record Kept(AtlasCredential credential, Instant until) {}

    private final SecretVault vault;
    private final Optional<String> everyones;
    private final String managedTag;
    private final InstantSource clock;
    private final Map<String, Kept> kept = new ConcurrentHashMap<>();

    /**
     * Where admin credentials come from.
     *
     * @param everyones name or ARN of the stored secret with the admin credential for values that name none
     * @param managedTag key of the tag whose value may name the account
     */
    public AdminCredentials(SecretVault vault, Optional<String> everyones, String managedTag, InstantSource clock) {
        this.vault = vault;
        this.everyones = everyones;
        this.managedTag = managedTag;
        this.clock = clock;
    }

    /**
     * The admin credential for this value's account, if one is configured.
     *
     * @throws RotatorException.Credential if the stored secret that is named holds none
     */
    public Optional<AtlasCredential> forValue(StoredValue value, Deadline deadline) {
        return value.adminSecretArn().or(() -> everyones).map(secretId -> read(secretId, deadline));
    }

    /** Whether the tag of this stored secret names this account. */
    public boolean isNamedByTag(StoredSecret stored, Account account) {
        return account.clientId().value().equals(stored.tags().get(managedTag));
    }

    /** Clears every credential, before a snapshot of the function is taken. */
    public void clearCredentials() {
        kept.clear();
    }

    /** One read at a time of the same secret: whoever waited uses what the first one has read. */
    private AtlasCredential read(String secretId, Deadline deadline) {
        var now = clock.instant();
        return kept.compute(
                        secretId,
                        (id, old) -> old != null && now.isBefore(old.until())
                                ? old
                                : new Kept(readAnew(id, deadline), now.plus(KEPT)))
                .credential();
    }

    private AtlasCredential readAnew(String secretId, Deadline deadline) {
        var reading = vault.read(secretId, new VersionSelector.Staged(StoredSecret.CURRENT), deadline);
        if (!(reading instanceof Reading.Found(Version version))) {
            throw new RotatorException.Credential("""
                The admin credential %s has no text under AWSCURRENT. Nothing was changed. Store one there, or \
                configure another.\
                """.formatted(secretId));
        }
        try {
            return AdminCredential.parse(version.text());
        } catch (RotatorException.Credential malformed) {
            throw new RotatorException.Credential(
                    "In " + secretId + ": " + malformed.text() + ". Nothing was changed.");
        }
    }
}
