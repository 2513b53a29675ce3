package dev.atlasrotator.secretsmanager;

import dev.atlasrotator.failure.RotatorException;

/**
 * The id of a version of a stored secret, 32 to 64 characters (Secrets Manager's API reference,
 * ClientRequestToken).
 */
public record VersionId(String value) {
    public VersionId {
        if (value.length() < 32 || value.length() > 64) {
            throw new RotatorException.Configuration(
                    "ClientRequestToken has " + value.length() + " characters; Secrets Manager's have 32 to 64");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
