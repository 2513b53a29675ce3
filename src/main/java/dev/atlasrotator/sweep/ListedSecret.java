package dev.atlasrotator.sweep;

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

    /** The account in it; one that cannot be told shares nothing. */
    String account() {
        return parsed().map(one -> one.account().clientId().value()).orElse(arn());
    }

    /** What the value records of its expiry has left; ample where it records none. */
    Margin margin(Instant now) {
        return value.flatMap(reading -> reading instanceof Reading.Found(Version version)
                        ? parsed().flatMap(StoredValue::expiresAt)
                                .map(expires -> Margin.left(version.created(), expires, now))
                        : Optional.empty())
                .orElse(Margin.AMPLE);
    }

    /** Empty for what is malformed: its own reading says what is wrong. */
    Optional<StoredValue> parsed() {
        try {
            return value.flatMap(reading -> reading instanceof Reading.Found(Version version)
                    ? Optional.of(StoredValue.parse(version.text()))
                    : Optional.empty());
        } catch (RotatorException.Credential malformed) {
            return Optional.empty();
        }
    }
}
