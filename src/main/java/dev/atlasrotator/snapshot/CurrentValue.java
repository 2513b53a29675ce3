package dev.atlasrotator.snapshot;

import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.credential.StoredValue;
import java.time.Instant;
import java.util.Optional;

/**
 * The value under AWSCURRENT, as far as it is known.
 *
 * @param value in the spelling that authenticates, where one was found
 * @param auth whether it authenticates, where it was tried
 * @param storedAt when it was stored at the latest: a version that {@code RotateSecret} has registered is filled
 *     later, and promoted after that
 */
record CurrentValue(StoredValue value, Optional<AuthResult> auth, Instant storedAt) {
    boolean isAccepted() {
        return auth.equals(Optional.of(AuthResult.ACCEPTED));
    }

    boolean isRejected() {
        return auth.equals(Optional.of(AuthResult.REJECTED));
    }

    boolean holds(Sensitive clientSecret) {
        return value.clientSecret().equals(Optional.of(clientSecret));
    }

    boolean records(SecretId id) {
        return value.secretId().equals(Optional.of(id));
    }
}
