package dev.atlasrotator.sweep;

import dev.atlasrotator.credential.ClientId;
import dev.atlasrotator.credential.MalformedValue;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.finding.Margin;
import dev.atlasrotator.secretsmanager.SecretVault.Reading;
import dev.atlasrotator.secretsmanager.SecretVault.Version;
import dev.atlasrotator.secretsmanager.StoredSecret;
import java.time.Instant;
import java.util.Optional;

/**
 * A stored secret and its value, as they were listed.
 *
 * @param value missing where the batch left it out
 */
record ListedSecret(StoredSecret stored, Optional<Reading> value) {
    String arn() {
        return stored.arn();
    }

    /**
     * The account in it, also where the rest of the value is malformed: its consumers may read it all the same. Where the
     * value cannot be read, the management tag may name the account.
     */
    Optional<ClientId> account(String managedTag) {
        return parsed().map(one -> one.account().clientId())
                .or(() -> version().flatMap(version -> new MalformedValue(version.text()).clientId()))
                .or(() -> Optional.ofNullable(stored.tags().get(managedTag))
                        .flatMap(tag -> new MalformedValue(new Sensitive(tag)).clientId()));
    }

    private Optional<Version> version() {
        return value.flatMap(
                reading -> reading instanceof Reading.Found(Version version) ? Optional.of(version) : Optional.empty());
    }

    /** What the value records of its expiry has left; ample where it records none. */
    Margin margin(Instant now) {
        return version()
                .flatMap(version -> parsed().flatMap(StoredValue::expiresAt)
                        .map(expires -> Margin.left(version.created(), expires, now)))
                .orElse(Margin.AMPLE);
    }

    /** Empty for what is malformed: its own reading says what is wrong. */
    Optional<StoredValue> parsed() {
        try {
            return version().map(version -> StoredValue.parse(version.text()));
        } catch (RotatorException.Credential malformed) {
            return Optional.empty();
        }
    }
}
