package dev.atlasrotator.snapshot;

import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.finding.AccessFinding.AdminCredentialUnavailable;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.Margin;
import dev.atlasrotator.finding.ValueFinding.SpellingsDisagree;
import dev.atlasrotator.finding.ValueFinding.WhitespaceInSecret;
import dev.atlasrotator.secretsmanager.SecretVault.Reading;
import dev.atlasrotator.secretsmanager.SecretVault.Version;
import dev.atlasrotator.secretsmanager.SecretVault.VersionSelector;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.snapshot.AccountOpener.Opened;
import dev.atlasrotator.snapshot.RecordedIds.Held;
import dev.atlasrotator.snapshot.Snapshot.AtlasView;
import dev.atlasrotator.snapshot.Snapshot.Identity;
import dev.atlasrotator.snapshot.Snapshot.Pending;
import dev.atlasrotator.snapshot.SnapshotReader.Purpose;
import dev.atlasrotator.snapshot.SnapshotReader.Request;
import dev.atlasrotator.snapshot.SnapshotReader.Sources;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads one stored secret and its account: the state that is gathered on the way to a snapshot. */
final class SnapshotReading {
    private final Sources sources;
    private final Request request;
    private final StoredSecret stored;
    private final CurrentVerifier verifier;
    private final VersionHistory older;
    private final CopiesReader copies;
    private Optional<StoredValue> pendingValue = Optional.empty();
    private Optional<Instant> rotationBegan = Optional.empty();
    private ListedSecrets listed;

    SnapshotReading(Sources sources, Request request) {
        this.sources = sources;
        this.request = request;
        this.stored = request.stored();
        var value = understood();
        this.verifier = new CurrentVerifier(
                sources.accounts(),
                value,
                Snapshot.promoted(stored, request.current().created()),
                request.deadline());
        this.older = new VersionHistory(sources.vault(), stored, value.account(), request.deadline());
        older.passOver(request.current().id());
        this.copies = new CopiesReader(sources, request, verifier);
        this.listed = new ListedSecrets(List.of(), request.began(), request.began());
    }

    private StoredValue understood() {
        try {
            return StoredValue.parse(request.current().text());
        } catch (RotatorException.Credential malformed) {
            throw new RotatorException.Credential(
                    malformed.code(),
                    "In %s: %s. Nothing was changed; correct the value under AWSCURRENT."
                            .formatted(stored.name(), malformed.text()));
        }
    }

    Snapshot snapshot() {
        var pending = readPending();
        copies.read();
        var opened = new AccountOpener(sources, request, verifier, this::recordedMargin).open(pending, older);
        var remarks = new ArrayList<Finding>();
        if (opened.view() instanceof AtlasView.Open open) {
            listed = new ListedSecrets(open.secrets(), request.began(), opened.now());
            readVersions().ifPresent(remarks::add);
        }
        if (rotationBegan.isEmpty() && (request.purpose() != Purpose.STEP || mayHoldOrphan())) {
            rotationBegan = stored.attempt().flatMap(older::created);
        }
        if (request.purpose().triesValue()) {
            verifier.verify();
        }
        var seen = resolver();
        // Where nothing reads the account, the rejection says it.
        if (opened.view() instanceof AtlasView.Open) {
            seen.current().value().whitespace().map(WhitespaceInSecret::new).ifPresent(remarks::add);
        }
        var identity = opened.view() instanceof AtlasView.Open ? seen.identity() : new Identity.Gone();
        adminUnavailable(opened, identity).ifPresent(remarks::addFirst);
        var mayBeHeld = mayBeHeld(seen.recorded());
        return new Snapshot(
                opened.now(),
                request.began(),
                stored,
                opened.account(),
                request.current().id(),
                request.current().created(),
                seen.current().value(),
                seen.current().auth(),
                older.previousCreated(),
                pending,
                rotationBegan,
                lastBegun(),
                known(seen, mayBeHeld),
                mayBeHeld,
                seen.recorded().doubtful(),
                withOwnSecret(opened.view(), identity),
                identity,
                recordedEnd(seen),
                copies.holders(seen, identity),
                List.copyOf(remarks));
    }

    private Optional<Finding> adminUnavailable(Opened opened, Identity identity) {
        var margin = opened.view() instanceof AtlasView.Open
                ? Snapshot.margin(opened.view(), identity, opened.now())
                : recordedMargin();
        return opened.adminUnavailable().map(why -> new AdminCredentialUnavailable(why, margin));
    }

    private Pending readPending() {
        var version = stored.attempt();
        if (version.isEmpty()) {
            return new Pending.None();
        }
        var which = new VersionSelector.StagedExactly(version.get(), StoredSecret.PENDING);
        return switch (sources.vault().read(stored.arn(), which, request.deadline())) {
            case Reading.Absent absent -> new Pending.Registered(version.get());
            case Reading.StageMoved moved ->
                throw new RotatorException.Conflict(
                        "The rotation of %s has moved on while this run read it. Nothing was changed; try again."
                                .formatted(stored.name()));
            case Reading.Binary binary -> new Pending.NoCredential(version.get());
            case Reading.Found(Version found) -> {
                rotationBegan = Optional.of(found.created());
                pendingValue = VersionHistory.credential(found);
                yield pendingValue
                        .<Pending>map(one -> new Pending.Holds(version.get(), one, Optional.empty()))
                        .orElseGet(() -> new Pending.NoCredential(version.get()));
            }
        };
    }

    /** Reads versions, of the others too, until it is clear what each living secret is. */
    private Optional<Finding> readVersions() {
        var disagreeing = verifier.current().value().disagreeingKeys();
        // Before another secret may go, or this one may be revoked, or where nothing tells which one it is, the value
        // must have authenticated.
        if (!disagreeing.isEmpty()
                || !listed.isTheOnlyOne(verifier.current())
                || request.purpose().triesValue()) {
            verifier.verify();
        }
        copies.dropUnbelieved(listed);
        older.readUntil(this::isExplained, listed.living());
        copies.readUntil(this::isExplained, listed);
        return disagreeing.isEmpty() ? Optional.empty() : Optional.of(new SpellingsDisagree(disagreeing));
    }

    /** Whether it is clear what each living secret is, and no version that was not read could change that. */
    private boolean isExplained() {
        var current = verifier.current();
        // The only one there is needs no telling apart, where the value authenticates, or names it and was not tried.
        if (copies.isEmpty()
                && listed.all().size() == 1
                && listed.living().size() == 1
                && !current.isRejected()
                && (current.isAccepted() || listed.isTheOnlyOne(current))) {
            return true;
        }
        var seen = resolver();
        return seen.isExplained(confirmed(seen.recorded()));
    }

    /**
     * The ids of which no version that was not read can say anything else. A step has few calls, and takes the ids that
     * people have written as they are, unless another version that it has read says otherwise: use is its guard.
     */
    private Set<SecretId> confirmed(RecordedIds recorded) {
        return recorded.known(values(held())).stream()
                .filter(id -> request.purpose() == Purpose.STEP || recorded.isBound(id))
                .collect(Collectors.toSet());
    }

    private boolean mayHoldOrphan() {
        var known = resolver().recorded().known(values(held()));
        return listed.living().stream()
                .anyMatch(secret -> secret.lastUsedAt().isEmpty() && !known.contains(secret.id()));
    }

    private CurrentSecretResolver resolver() {
        var versions = new ArrayList<>(older.ofOtherAccounts().reversed());
        versions.addAll(held());
        return new CurrentSecretResolver(
                verifier.current(), listed, new RecordedIds(versions, listed::wasCreatedAfter));
    }

    /** All that was read and holds a credential of the account. */
    private List<Held> held() {
        // The oldest first, also of those that were made at the same time.
        var held = new ArrayList<>(older.held().reversed());
        var arn = request.stored().arn();
        held.add(new Held(arn, verifier.current().value(), request.current().created()));
        pendingValue.ifPresent(value -> held.add(new Held(arn, value, rotationBegan.orElse(request.began()))));
        held.addAll(copies.held());
        return held;
    }

    private static List<StoredValue> values(List<Held> held) {
        return held.stream().map(Held::value).toList();
    }

    private Margin recordedMargin() {
        return recordedEnd(resolver())
                .map(expires -> Margin.left(request.current().created(), expires, request.began()))
                .orElse(Margin.AMPLE);
    }

    /** When the secret expires, as far as what is recorded belongs to it; Atlas may have moved it. */
    private static Optional<Instant> recordedEnd(CurrentSecretResolver seen) {
        var value = seen.current().value();
        var own = value.clientSecret().flatMap(seen.recorded()::of);
        return value.expiresAt().filter(at -> own.equals(value.recordedId()));
    }

    /** Every version that is made moves {@code LastChangedDate}, so mostly no call is needed. */
    private Optional<Instant> lastBegun() {
        var lately = request.began().minus(RotationTimes.begunLately(request.began()));
        boolean mayHaveBegun = stored.lastChanged()
                .map(at -> at.isAfter(lately) && !at.isBefore(request.current().created()))
                .orElse(true);
        return request.purpose() == Purpose.SWEEP && mayHaveBegun ? older.lastBegun(lately) : Optional.empty();
    }

    /** A version may hold an id beside whatever value, and one without an id may be its value. */
    private Set<SecretId> known(CurrentSecretResolver seen, Set<SecretId> mayBeHeld) {
        var own = new ArrayList<>(older.values());
        own.add(seen.current().value());
        var known = seen.recorded().known(own);
        VersionHistory.ids(own).stream().filter(mayBeHeld::contains).forEach(known::add);
        return Set.copyOf(known);
    }

    /**
     * The secrets that an earlier version, or one of another stored secret, may hold whose client secret has no id:
     * somebody has their value.
     */
    private Set<SecretId> mayBeHeld(RecordedIds recorded) {
        var earlier = new ArrayList<>(older.held());
        earlier.addAll(copies.held());
        var firstHeld = new LinkedHashMap<Sensitive, Instant>();
        for (Held held : earlier) {
            held.value()
                    .clientSecret()
                    .filter(secret ->
                            recorded.of(secret).isEmpty() && !verifier.current().holds(secret))
                    .ifPresent(secret -> firstHeld.merge(secret, held.created(), Snapshot::earlier));
        }
        var mayBeHeld = new HashSet<SecretId>();
        firstHeld.forEach((secret, at) -> {
            var candidates = recorded.candidates(secret, listed.createdBefore(at, listed.living()));
            // Where they may be orphans it is worth trying whether one is the value: it may hold none that lives.
            boolean mayBeOrphans = stored.attempt().isPresent()
                    && candidates.stream().allMatch(one -> one.lastUsedAt().isEmpty());
            if (!mayBeOrphans || verifier.authenticates(secret)) {
                mayBeHeld.addAll(ListedSecrets.ids(candidates));
            }
        });
        return mayBeHeld;
    }

    /** The key that authenticates may have no id recorded; then it is the identified one that must not be deleted. */
    private static AtlasView withOwnSecret(AtlasView view, Identity identity) {
        return view instanceof AtlasView.Open(AtlasAccess access, var secrets) && access.by() == AtlasAccess.By.CURRENT
                ? new AtlasView.Open(
                        new AtlasAccess(
                                access.credential(),
                                access.by(),
                                identity instanceof Identity.Is(SecretId id) ? Optional.of(id) : Optional.empty()),
                        secrets)
                : view;
    }
}
