package dev.atlasrotator.rotation;

import dev.atlasrotator.atlas.ServiceAccounts;
import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.credential.AtlasCredential.ServiceAccountKey;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.retry.Retrier.Attempt;
import dev.atlasrotator.retry.RetryPolicy;
import java.time.Duration;
import java.util.Optional;

/**
 * Shows that a new value signs in. Nobody says that a new secret works at once, so a rejection is
 * tried again.
 */
final class Verification {
    private static final RetryPolicy QUICK = new RetryPolicy(4, Duration.ofMillis(500), Duration.ofSeconds(4));

    private final ServiceAccounts accounts;
    private final Retrier retrier;

    Verification(ServiceAccounts accounts, Retrier retrier) {
        this.accounts = accounts;
        this.retrier = retrier;
    }

    /** Whether it signs in, after up to four attempts within some six seconds. */
    AuthResult of(ServiceAccountKey key, Deadline deadline) {
        return retrier.run(QUICK, deadline, attempt -> switch (accounts.verify(key, deadline)) {
            case ACCEPTED -> new Attempt.Done<>(AuthResult.ACCEPTED);
            case REJECTED -> new Attempt.Retry<>(Optional.empty(), () -> AuthResult.REJECTED);
        });
    }
}
