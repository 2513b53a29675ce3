package dev.atlasrotator.sweep;

import dev.atlasrotator.atlas.AccountReader;
import dev.atlasrotator.atlas.ServiceAccounts;
import dev.atlasrotator.atlas.ServiceAccounts.Answer;
import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.atlas.ServiceAccounts.Profile;
import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasCredential;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.ClientId;
import dev.atlasrotator.credential.Scope;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.retry.Deadline;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * Atlas as one sweep sees it: the accounts of a project or an organization are listed once, in one
 * call a page, where one credential reads more accounts than its own. Everything else goes straight
 * through.
 *
 * <p>Stored secrets come in any order, so every project's list must be at hand at any time. How many
 * accounts are kept is bounded, and one list at a time is read: a page of 500 accounts takes a few
 * megabytes while it is parsed.
 */
public final class CachedAccountLists implements AccountReader {
    /** Beyond so many accounts the list that was not used the longest is let go: some 25 MB (FleetMemoryIT). */
    private static final int KEPT_MAX = 50_000;

    private record Key(Scope scope, AtlasCredential as) {}

    private final ServiceAccounts accounts;
    private final ReentrantLock lock = new ReentrantLock();
    private final LinkedHashMap<Key, Answer<Map<ClientId, List<AtlasSecret>>>> lists =
            new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Key, RotatorException.Unavailable> failures = new HashMap<>();
    private int kept;

    /** A view for one sweep. */
    public CachedAccountLists(ServiceAccounts accounts) {
        this.accounts = accounts;
    }

    @Override
    public Answer<List<AtlasSecret>> read(Account account, AtlasCredential as, Deadline deadline) {
        boolean itsOwn = as instanceof AtlasCredential.ServiceAccountKey key
                && key.clientId().equals(account.clientId());
        if (itsOwn) {
            return accounts.read(account, as, deadline);
        }
        return switch (listed(new Key(account.scope(), as), deadline)) {
            case Answer.Given<Map<ClientId, List<AtlasSecret>>>(var all, var at) ->
                Optional.ofNullable(all.get(account.clientId()))
                        .<Answer<List<AtlasSecret>>>map(secrets -> new Answer.Given<>(secrets, at))
                        .orElseGet(() -> accounts.read(account, as, deadline));
            case Answer.NotAuthenticated<Map<ClientId, List<AtlasSecret>>>(String why) ->
                new Answer.NotAuthenticated<>(why);
            // It may be allowed to read this one and not to list all.
            case Answer.Denied<Map<ClientId, List<AtlasSecret>>> denied -> accounts.read(account, as, deadline);
        };
    }

    private Answer<Map<ClientId, List<AtlasSecret>>> listed(Key key, Deadline deadline) {
        lock.lock();
        try {
            var known = Optional.ofNullable(lists.get(key));
            if (known.isPresent()) {
                return known.get();
            }
            var failure = Optional.ofNullable(failures.get(key));
            if (failure.isPresent()) {
                // It was tried again and again already; a whole project must not wait in line to try
                // once more, or the others would wait with it.
                throw failure.get();
            }
            var answer = accounts.profiles(key.scope(), key.as(), deadline).map(CachedAccountLists::secrets);
            lists.put(key, answer);
            kept += size(answer);
            while (kept > KEPT_MAX && lists.size() > 1) {
                kept -= size(lists.pollFirstEntry().getValue());
            }
            return answer;
        } catch (RotatorException.Unavailable failure) {
            failures.put(key, failure);
            throw failure;
        } finally {
            lock.unlock();
        }
    }

    private static Map<ClientId, List<AtlasSecret>> secrets(List<Profile> accounts) {
        return accounts.stream()
                .collect(Collectors.toUnmodifiableMap(Profile::clientId, Profile::secrets, (first, again) -> again));
    }

    private static int size(Answer<Map<ClientId, List<AtlasSecret>>> answer) {
        return answer instanceof Answer.Given<Map<ClientId, List<AtlasSecret>>>(var all, var at) ? all.size() : 0;
    }

    @Override
    public AuthResult verify(AtlasCredential.ServiceAccountKey key, Deadline deadline) {
        return accounts.verify(key, deadline);
    }
}
