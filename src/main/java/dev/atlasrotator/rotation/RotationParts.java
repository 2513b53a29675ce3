package dev.atlasrotator.rotation;

import dev.atlasrotator.atlas.ServiceAccounts;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.policy.CreatePolicy;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.snapshot.SnapshotReader;

/** What a rotation works with, whether Secrets Manager's steps or a run of ours carries it out. */
public record RotationParts(
        SecretVault vault,
        ServiceAccounts accounts,
        SnapshotReader snapshots,
        CreatePolicy rules,
        Retrier retrier,
        Log log) {
    SecretCreation creation() {
        return new SecretCreation(vault, accounts, retrier);
    }

    Verification verification() {
        return new Verification(vault, accounts, retrier);
    }
}
