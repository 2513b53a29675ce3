package dev.atlasrotator.credential;

import java.time.Instant;
import java.util.Optional;

/**
 * One of an account's at most two client secrets (observed, undocumented), as Atlas describes it; never its value.
 *
 * @param createdAt by Atlas's clock
 * @param expiresAt by Atlas's clock; creating another secret may move it nearer, to seven days from then ("Rotate
 *     Service Account Secrets", https://www.mongodb.com/docs/atlas/tutorial/rotate-service-account-secrets/)
 * @param lastUsedAt when it last minted a token. A hint: it may lag (observed, undocumented), and a token lives an hour
 *     after that ("Atlas Administration API Authentication",
 *     https://www.mongodb.com/docs/atlas/api/api-authentication/)
 * @param mask what Atlas shows instead of the value, where it shows anything
 */
public record AtlasSecret(
        SecretId id, Instant createdAt, Instant expiresAt, Optional<Instant> lastUsedAt, Optional<String> mask) {
    /** Whether it has expired at this time. */
    public boolean isExpired(Instant now) {
        return !now.isBefore(expiresAt);
    }
}
