package dev.atlasrotator.snapshot;

import dev.atlasrotator.credential.AtlasCredential;
import dev.atlasrotator.credential.SecretId;
import java.util.Optional;

/**
 * The credential that acts for an account at Atlas.
 *
 * @param by whose it is
 * @param ownSecret the account's own secret that it authenticates with, if it is one: deleting that secret would
 *     invalidate it
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
