package dev.atlasrotator.snapshot;

import dev.atlasrotator.atlas.AccountReader;
import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.credential.AtlasCredential.ServiceAccountKey;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.retry.Deadline;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Asks Atlas whether it accepts the value under AWSCURRENT, in each of its spellings where those disagree. Asks once:
 * what was answered is kept.
 */
final class CurrentVerifier {
    private final AccountReader accounts;
    private final Deadline deadline;
    private final StoredValue read;
    private CurrentValue current;

    CurrentVerifier(AccountReader accounts, StoredValue read, Instant storedAt, Deadline deadline) {
        this.accounts = accounts;
        this.deadline = deadline;
        this.read = read;
        this.current = new CurrentValue(read, Optional.empty(), storedAt);
    }

    CurrentValue current() {
        return current;
    }

    List<StoredValue> spellings() {
        return read.spellings();
    }

    void verify() {
        if (current.auth().isPresent()) {
            return;
        }
        for (StoredValue spelling : spellings()) {
            answered(
                    spelling,
                    spelling.key().map(key -> accounts.verify(key, deadline)).orElse(AuthResult.REJECTED));
            if (current.isAccepted()) {
                return;
            }
        }
    }

    /** What a call with this spelling has shown. */
    void answered(StoredValue spelling, AuthResult result) {
        var value = result == AuthResult.ACCEPTED ? spelling : current.value();
        current = new CurrentValue(value, Optional.of(result), current.storedAt());
    }

    /** Whether this client secret of the account authenticates. */
    boolean authenticates(Sensitive clientSecret) {
        return (current.holds(clientSecret) && current.isAccepted())
                || accounts.verify(new ServiceAccountKey(read.account().clientId(), clientSecret), deadline)
                        == AuthResult.ACCEPTED;
    }
}
