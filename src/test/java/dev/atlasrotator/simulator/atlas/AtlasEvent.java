package dev.atlasrotator.simulator.atlas;

import java.time.Instant;

/**
 * One line of the ledger: what has happened to a secret, never its value.
 *
 * @param at by Atlas's clock
 */
public record AtlasEvent(Instant at, What what, String clientId, String secretId, AtlasActor by) {
    /** What can happen to a secret. */
    public enum What {
        SECRET_CREATED,
        /** Its end came nearer because another secret was created. */
        SECRET_CUT,
        SECRET_DELETED,
        TOKEN_MINTED,
        TOKEN_REVOKED
    }

    @Override
    public String toString() {
        return at + " " + what + " " + secretId + " of " + clientId + " by " + by;
    }
}
