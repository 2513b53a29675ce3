package dev.atlasrotator.snapshot;

import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.snapshot.RecordedIds.Held;
import dev.atlasrotator.snapshot.Snapshot.Identity;
import dev.atlasrotator.snapshot.SnapshotReader.Request;
import dev.atlasrotator.snapshot.SnapshotReader.Sources;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** The other stored secrets that hold the same account, and what they hold of it. */
final class CopiesReader {
    private final AdminCredentials admins;
    private final Request request;
    private final CurrentVerifier verifier;
    private final List<CopyReader> all;
    private final List<CopyReader> believed;

    CopiesReader(Sources sources, Request request, CurrentVerifier verifier) {
        this.admins = sources.admins();
        this.request = request;
        this.verifier = verifier;
        var account = verifier.current().value().account();
        this.all = request.copies().stream()
                .map(arn -> new CopyReader(sources.vault(), arn, account, request.deadline()))
                .toList();
        this.believed = new ArrayList<>(all);
    }

    /** Reads what bears a label. */
    void read() {
        all.forEach(CopyReader::read);
    }

    /** Those count no more whose word counts for nothing. */
    void dropUnbelieved(ListedSecrets listed) {
        believed.removeIf(copy -> !isBelieved(copy, listed));
    }

    /** Reads older versions of those that are believed until nothing is left to explain. */
    void readUntil(BooleanSupplier explained, ListedSecrets listed) {
        believed.forEach(copy -> copy.readUntil(explained, listed.living()));
    }

    /**
     * Promise 9: what another stored secret says of this account counts only if one of its values authenticates, or if
     * whoever may tag names the account. Else anyone who may write one managed value could call any secret of the
     * account superseded. One that cannot be read protects what it may hold, and says nothing.
     */
    private boolean isBelieved(CopyReader copy, ListedSecrets listed) {
        if (!copy.isRead() || copy.isNamedByTag(admins) || copy.clientSecrets().anyMatch(verifier::authenticates)) {
            return true;
        }
        copy.readUntil(() -> false, listed.living());
        return copy.clientSecretsIfNamed(ListedSecrets.ids(listed.living())).anyMatch(verifier::authenticates);
    }

    boolean isEmpty() {
        return believed.isEmpty();
    }

    /** All that was read of those that are believed. */
    List<Held> held() {
        return believed.stream().flatMap(copy -> copy.held().stream()).toList();
    }

    /** What they hold of the account, and the other spellings of the value under AWSCURRENT. */
    OtherHolders holders(CurrentSecretResolver seen, Identity identity) {
        var inUse = new TreeMap<SecretId, List<String>>(Comparator.comparing(SecretId::value));
        var listed = seen.listed();
        var possible = listed.createdBefore(seen.current().storedAt(), listed.living());
        for (StoredValue spelling : verifier.spellings()) {
            spelling.clientSecret()
                    .filter(secret -> !seen.current().holds(secret))
                    .map(secret -> ListedSecrets.ids(seen.recorded().candidates(secret, possible)))
                    .ifPresent(ids ->
                            ids.forEach(id -> use(inUse, id, request.stored().name())));
        }
        for (CopyReader copy : believed) {
            held(copy, seen, identity).forEach(id -> use(inUse, id, copy.name()));
            copy.pendingId().ifPresent(id -> use(inUse, id, copy.name()));
        }
        return new OtherHolders(
                request.purpose().seesFleet() || !all.isEmpty(),
                all.stream()
                        .map(copy -> new OtherHolders.Copy(copy.arn(), copy.name()))
                        .toList(),
                inUse,
                seen.recorded().known(held().stream().map(Held::value).toList()),
                believed.stream().flatMap(copy -> copy.promoted().stream()).max(Comparator.naturalOrder()),
                believed.stream().flatMap(copy -> copy.rotationBegan().stream()).min(Comparator.naturalOrder()));
    }

    private static void use(Map<SecretId, List<String>> inUse, SecretId id, String name) {
        inUse.computeIfAbsent(id, one -> new ArrayList<>()).add(name);
    }

    /** Those of the living secrets that AWSCURRENT of another stored secret holds, or may hold. */
    private Set<SecretId> held(CopyReader copy, CurrentSecretResolver seen, Identity identity) {
        var living = seen.listed().living();
        if (!copy.isRead()) {
            return ListedSecrets.ids(living);
        }
        if (copy.currentSecret().isEmpty()) {
            return Set.of();
        }
        var value = copy.currentSecret().get();
        if (seen.current().holds(value) && identity instanceof Identity.Is(SecretId same)) {
            return Set.of(same);
        }
        var candidates = ListedSecrets.ids(seen.recorded().candidates(value, living));
        // What was not recorded is tried: somebody may have stored what is no credential at all.
        boolean mayHold = seen.recorded().of(value).filter(candidates::contains).isPresent()
                || candidates.isEmpty()
                || verifier.authenticates(value);
        return mayHold ? candidates : Set.of();
    }
}
