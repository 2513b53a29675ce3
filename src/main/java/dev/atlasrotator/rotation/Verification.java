package dev.atlasrotator.rotation;

import dev.atlasrotator.atlas.ServiceAccounts;
import dev.atlasrotator.credential.AtlasCredential.ServiceAccountKey;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.retry.Retrier.Attempt;
import dev.atlasrotator.retry.RetryPolicy;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.SecretVault.Reading;
import dev.atlasrotator.secretsmanager.SecretVault.VersionSelector;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.secretsmanager.VersionId;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/** Reads a new value as consumers will, and shows that it authenticates. */
record Verification(SecretVault vault, ServiceAccounts accounts, Retrier retrier) {
    /** Reads are eventually consistent: what Secrets Manager was just told must become visible. */
    static final RetryPolicy CONSISTENCY = new RetryPolicy(5, Duration.ofMillis(400), Duration.ofSeconds(2));

    /** Nobody says that a new secret works at once, so a rejection is tried again: four attempts in some six seconds. */
    private static final RetryPolicy QUICK = new RetryPolicy(4, Duration.ofMillis(500), Duration.ofSeconds(4));

    /** Reads what is under AWSPENDING on this version, again while it may not be visible yet. */
    Reading readPending(String arn, VersionId version, Predicate<Reading> isNotVisible, Deadline deadline) {
        var which = new VersionSelector.StagedExactly(version, StoredSecret.PENDING);
        return retrier.run(CONSISTENCY, deadline, attempt -> {
            var reading = vault.read(arn, which, deadline);
            return isNotVisible.test(reading)
                    ? new Attempt.Retry<>(Optional.empty(), () -> reading)
                    : new Attempt.Done<>(reading);
        });
    }

    boolean authenticates(ServiceAccountKey key, Deadline deadline) {
        return retrier.run(QUICK, deadline, attempt -> switch (accounts.verify(key, deadline)) {
            case ACCEPTED -> new Attempt.Done<>(true);
            case REJECTED -> new Attempt.Retry<>(Optional.empty(), () -> false);
        });
    }
}
