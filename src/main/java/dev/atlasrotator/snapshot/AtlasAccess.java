package dev.atlasrotator.snapshot;

import dev.atlasrotator.credential.AtlasCredential;
import dev.atlasrotator.credential.SecretId;
import java.util.Optional;

/**
 * The credential that acts for an account at Atlas.
 *
 * @param by whose it is
 * @param ownSecret the account's own secret that it signs in with, where it is one: deleting that
 *     one would end it
 */
public record AtlasAccess(AtlasCredential credential, By by, Optional<SecretId> ownSecret) {
    /** Whose credential acts. */
    public enum By {
        ADMIN,
        CURRENT,
        PENDING,
        PREVIOUS
    }
}
