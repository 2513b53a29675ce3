package dev.atlasrotator.credential;

import java.time.Instant;
import java.util.Optional;

/**
 * One of an account's at most two client secrets, as Atlas describes it; never its value.
 *
 * @param createdAt by Atlas's clock
 * @param expiresAt by Atlas's clock; creating another secret may move it nearer (seven days at
 *     most)
 * @param lastUsedAt when it last minted a token. A hint: it may lag, and a token lives an hour
 *     after that
 * @param mask what Atlas shows instead of the value, where it shows anything
 */
public record AtlasSecret(
        SecretId id, Instant createdAt, Instant expiresAt, Optional<Instant> lastUsedAt, Optional<String> mask) {
    /** Whether Atlas has ended it at this time. */
    public boolean isExpired(Instant now) {
        return !now.isBefore(expiresAt);
    }
}
