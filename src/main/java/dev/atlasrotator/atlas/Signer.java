package dev.atlasrotator.atlas;

import dev.atlasrotator.retry.Deadline;

/** Signs the tries of one call with one credential; made anew for each call. */
@FunctionalInterface
interface Signer {
    /** Sends it, signed; what Atlas does not take of the signature is settled here. */
    CallResult send(AtlasRequest request, Deadline deadline);
}
