package dev.atlasrotator.atlas;

import dev.atlasrotator.retry.Deadline;

/** Signs the attempts of one call with one credential; created for each call. */
@FunctionalInterface
interface Signer {
    /** Sends the request, signed; handles what Atlas rejects about the signature. */
    CallResult send(AtlasRequest request, Deadline deadline);
}
