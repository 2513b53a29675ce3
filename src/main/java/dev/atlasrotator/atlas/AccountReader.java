package dev.atlasrotator.atlas;

import dev.atlasrotator.atlas.ServiceAccounts.Answer;
import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasCredential;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.retry.Deadline;
import java.util.List;

/** What a snapshot reads of Atlas: the part of {@link ServiceAccounts} that a sweep can serve from lists. */
public interface AccountReader {
    /**
     * Mints a token with this value, and revokes it at once: it is minted only to verify the value. A value that
     * authenticates updates its secret's {@code lastUsedAt}.
     */
    AuthResult verify(AtlasCredential.ServiceAccountKey key, Deadline deadline);

    /** The account's secrets. */
    Answer<List<AtlasSecret>> read(Account account, AtlasCredential as, Deadline deadline);
}
