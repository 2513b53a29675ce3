package dev.atlasrotator.credential;

import java.time.Instant;
import java.util.Optional;

/**
 * One of an account's client secrets (at most two), as Atlas describes it; never its value.
 *
 * @param createdAt by Atlas's clock
 * @param expiresAt by Atlas's clock; creating another secret may move it to seven days from then at most
 * @param lastUsedAt when it last minted a token. A hint: it may lag, and a token is valid for an hour after that
 * @param mask what Atlas shows instead of the value, if anything
 */
public record AtlasSecret(
        SecretId id, Instant createdAt, Instant expiresAt, Optional<Instant> lastUsedAt, Optional<String> mask) {
    /** Whether it has expired at this time. */
    public boolean isExpired(Instant now) {
        return !now.isBefore(expiresAt);
    }
}
