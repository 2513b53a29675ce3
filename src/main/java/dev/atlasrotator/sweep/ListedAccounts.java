package dev.atlasrotator.sweep;

import dev.atlasrotator.atlas.ServiceAccounts;
import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasCredential;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.ClientId;
import dev.atlasrotator.credential.Scope;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.retry.Deadline;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Atlas as one sweep sees it: the accounts of a project or an organization are listed once, in one
 * call a page, where one credential reads more accounts than its own. Everything else goes straight
 * through.
 */
public final class ListedAccounts implements ServiceAccounts {
    private record Key(Scope scope, AtlasCredential as) {}

    private static final class Listing {
        private final ReentrantLock lock = new ReentrantLock();
        private Optional<Answer<Map<ClientId, List<AtlasSecret>>>> answer = Optional.empty();
        private Optional<RotatorException.Unavailable> failure = Optional.empty();
    }

    private final ServiceAccounts accounts;
    private final Map<Key, Listing> listings = new ConcurrentHashMap<>();

    /** A view for one sweep. */
    public ListedAccounts(ServiceAccounts accounts) {
        this.accounts = accounts;
    }

    @Override
    public Answer<List<AtlasSecret>> read(Account account, AtlasCredential as, Deadline deadline) {
        boolean itsOwn =
                as instanceof AtlasCredential.ServiceAccountKey key
                        && key.clientId().equals(account.clientId());
        if (itsOwn) {
            return accounts.read(account, as, deadline);
        }
        return switch (list(account.scope(), as, deadline)) {
            case Answer.Given<Map<ClientId, List<AtlasSecret>>>(var all, var at) -> {
                var secrets = all.get(account.clientId());
                yield secrets == null
                        ? accounts.read(account, as, deadline)
                        : new Answer.Given<>(secrets, at);
            }
            case Answer.NotSignedIn<Map<ClientId, List<AtlasSecret>>>(String why) ->
                    new Answer.NotSignedIn<>(why);
            // It may be allowed to read this one and not to list all.
            case Answer.Denied<Map<ClientId, List<AtlasSecret>>> denied ->
                    accounts.read(account, as, deadline);
        };
    }

    @Override
    public Answer<Map<ClientId, List<AtlasSecret>>> list(
            Scope scope, AtlasCredential as, Deadline deadline) {
        var listing = listings.computeIfAbsent(new Key(scope, as), key -> new Listing());
        listing.lock.lock();
        try {
            if (listing.failure.isPresent()) {
                // It was tried again and again already; a whole project must not wait in line to
                // try once more, or the others would wait with it.
                throw listing.failure.get();
            }
            if (listing.answer.isEmpty()) {
                listing.answer = Optional.of(accounts.list(scope, as, deadline));
            }
            return listing.answer.get();
        } catch (RotatorException.Unavailable failure) {
            listing.failure = Optional.of(failure);
            throw failure;
        } finally {
            listing.lock.unlock();
        }
    }

    @Override
    public SignIn prove(AtlasCredential.ServiceAccountKey key, Deadline deadline) {
        return accounts.prove(key, deadline);
    }

    @Override
    public CreateAnswer create(
            Account account, AtlasCredential as, int lifetimeHours, Deadline deadline) {
        return accounts.create(account, as, lifetimeHours, deadline);
    }

    @Override
    public Answer<Boolean> delete(
            Account account, SecretId secret, AtlasCredential as, Deadline deadline) {
        return accounts.delete(account, secret, as, deadline);
    }
}
