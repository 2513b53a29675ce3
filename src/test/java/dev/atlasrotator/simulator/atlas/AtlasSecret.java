package dev.atlasrotator.simulator.atlas;

import java.time.Instant;
import java.util.Optional;

/**
 * A client secret as a test sees it, without its value.
 *
 * @param lastUsedAt when it last minted a token, not delayed by the rules' lag
 */
public record AtlasSecret(String id, Instant createdAt, Instant expiresAt, Optional<Instant> lastUsedAt) {}
