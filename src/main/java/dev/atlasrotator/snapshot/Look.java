package dev.atlasrotator.snapshot;

import dev.atlasrotator.atlas.ServiceAccounts.Answer;
import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasCredential;
import dev.atlasrotator.credential.AtlasCredential.ServiceAccountKey;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.finding.AccessFinding.AccountUnreadable;
import dev.atlasrotator.finding.AccessFinding.AdminCredentialUnavailable;
import dev.atlasrotator.finding.AccessFinding.Attempt;
import dev.atlasrotator.finding.AccessFinding.Attempt.Reason;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.Margin;
import dev.atlasrotator.finding.ValueFinding.SpellingsDisagree;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.secretsmanager.SecretVault.Reading;
import dev.atlasrotator.secretsmanager.SecretVault.Version;
import dev.atlasrotator.secretsmanager.SecretVault.VersionSelector;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.snapshot.RecordedIds.Held;
import dev.atlasrotator.snapshot.Snapshot.AtlasView;
import dev.atlasrotator.snapshot.Snapshot.Identity;
import dev.atlasrotator.snapshot.Snapshot.Pending;
import dev.atlasrotator.snapshot.SnapshotReader.Purpose;
import dev.atlasrotator.snapshot.SnapshotReader.Sources;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** One look at one stored secret: the state that reading gathers on the way to a snapshot. */
final class Look {
    /** A secret that ended so lately may live after all, since it is a clock that says so. */
    private static final Duration CLOCKS_ASKEW = Duration.ofHours(3);

    /** Atlas's error code where the caller's address is not on the account's IP access list. */
    private static final String NOT_ON_ACCESS_LIST = "IP_ADDRESS_NOT_ON_ACCESS_LIST";

    private final Sources sources;
    private final StoredSecret stored;
    private final Purpose purpose;
    private final Deadline deadline;
    private final Version currentVersion;
    private final Instant began;
    private final VersionHistory older;
    private final List<CopyReader> sharing;
    private final List<CopyReader> copies;
    private final List<Attempt> closed = new ArrayList<>();
    private final List<Finding> remarks = new ArrayList<>();
    private final StoredValue read;
    private StoredValue current;
    private Account account;
    private Optional<AuthResult> currentAuth = Optional.empty();
    private Optional<Instant> rotationBegan = Optional.empty();
    private Instant now;
    private List<AtlasSecret> listed = List.of();

    Look(
            Sources sources,
            StoredSecret stored,
            Purpose purpose,
            Version currentVersion,
            Deadline deadline,
            List<String> copies) {
        this.sources = sources;
        this.stored = stored;
        this.purpose = purpose;
        this.deadline = deadline;
        this.currentVersion = currentVersion;
        this.read = understood(stored, currentVersion);
        this.current = read;
        this.account = current.account();
        this.older = new VersionHistory(sources.vault(), stored, account, deadline);
        older.passOver(currentVersion.id());
        this.began = sources.clock().instant();
        this.now = began;
        this.copies = new ArrayList<>();
        copies.forEach(arn -> this.copies.add(new CopyReader(sources.vault(), arn, account, deadline)));
        this.sharing = List.copyOf(this.copies);
    }

    private static StoredValue understood(StoredSecret stored, Version version) {
        try {
            return StoredValue.parse(version.text());
        } catch (RotatorException.Credential malformed) {
            throw new RotatorException.Credential("In "
                    + stored.name()
                    + ": "
                    + malformed.text()
                    + ". Nothing was changed; correct the value under AWSCURRENT.");
        }
    }

    Snapshot snapshot() {
        var pending = pending();
        copies.forEach(CopyReader::read);
        var view = open(pending);
        if (view instanceof AtlasView.Open open) {
            if (!read.disagreeingKeys().isEmpty()) {
                verifyCurrent();
                remarks.add(new SpellingsDisagree(read.disagreeingKeys()));
            }
            var living = living(open);
            if (!isTheOnlyOne(living) || isTried()) {
                // Before another secret may go, or this one may be revoked, or where nothing tells
                // which one it is, the value must have authenticated.
                verifyCurrent();
            }
            copies.removeIf(copy -> !isBelieved(copy, living));
            older.readUntil(() -> isExplained(open, living, pending), living);
            for (CopyReader copy : copies) {
                copy.readUntil(() -> isExplained(open, living, pending), living);
            }
            if (stored.attempt().isPresent() && rotationBegan.isEmpty() && mustKnowWhenItBegan(open, pending)) {
                rotationBegan = stored.attempt().flatMap(older::created);
            }
        } else if (purpose != Purpose.STEP && stored.attempt().isPresent() && rotationBegan.isEmpty()) {
            rotationBegan = stored.attempt().flatMap(older::created);
        }
        if (isTried()) {
            verifyCurrent();
        }
        var identity = view instanceof AtlasView.Open open ? identity(open, pending) : new Identity.Gone();
        var finalView = view instanceof AtlasView.Open open ? nameTheKey(open, identity) : view;
        var recorded = recorded(pending);
        var mayBeHeld = mayBeHeld(view, recorded);
        return new Snapshot(
                now,
                began,
                stored,
                account,
                currentVersion.id(),
                currentVersion.created(),
                current,
                currentAuth,
                older.previousCreated(),
                pending,
                rotationBegan,
                lastBegun(),
                known(recorded, mayBeHeld),
                mayBeHeld,
                recorded.doubtful(),
                finalView,
                identity,
                recordedEnd(pending),
                otherHolders(view, identity, pending),
                List.copyOf(remarks));
    }

    private Pending pending() {
        var version = stored.attempt();
        if (version.isEmpty()) {
            return new Pending.None();
        }
        var which = new VersionSelector.StagedExactly(version.get(), StoredSecret.PENDING);
        return switch (sources.vault().read(stored.arn(), which, deadline)) {
            case Reading.Absent absent -> new Pending.Registered(version.get());
            case Reading.StageMoved moved ->
                throw new RotatorException.Conflict("The rotation of "
                        + stored.name()
                        + " has moved on while this run"
                        + " looked at it. Nothing was changed; look again.");
            case Reading.Binary binary -> new Pending.NoCredential(version.get());
            case Reading.Found(Version found) -> {
                rotationBegan = Optional.of(found.created());
                yield VersionHistory.credential(found)
                        .<Pending>map(value -> new Pending.Holds(version.get(), value, Optional.empty()))
                        .orElseGet(() -> new Pending.NoCredential(version.get()));
            }
        };
    }

    /** Tries what may act, in the order of its reach, until the account can be read. */
    private AtlasView open(Pending pending) {
        var admin = admin();
        if (admin.isPresent() && adminMayAct()) {
            var view = tryAdmin(admin.get());
            if (view.isPresent()) {
                return view.get();
            }
        } else if (admin.isPresent()) {
            closed.add(new Attempt(
                    "the admin credential may not act: neither does the stored value authenticate,"
                            + " nor is the tag that manages this secret the account's clientId."
                            + current.key().map(AtlasCredential::andWhitespace).orElse(""),
                    Reason.REJECTED));
        }
        if (currentAuth.filter(AuthResult.REJECTED::equals).isEmpty()) {
            var view = tryCurrent();
            if (view.isPresent()) {
                return view.get();
            }
        }
        if (pending instanceof Pending.Holds holds) {
            var view = tryKey(holds.value(), AtlasAccess.By.PENDING);
            if (view.isPresent()) {
                return view.get();
            }
        }
        older.readPrevious();
        for (StoredValue previous : older.values()) {
            var view = tryKey(previous, AtlasAccess.By.PREVIOUS);
            if (view.isPresent()) {
                return view.get();
            }
        }
        return new AtlasView.Closed(new AccountUnreadable(account, List.copyOf(closed), recordedMargin()));
    }

    /** An admin credential that cannot be read keeps no account from acting for itself. */
    private Optional<AtlasCredential> admin() {
        try {
            return sources.admins().forValue(current, deadline);
        } catch (RotatorException unreadable) {
            closed.add(Attempt.denied("the admin credential cannot be read: " + unreadable.text()));
            remarks.add(new AdminCredentialUnavailable(unreadable.text(), recordedMargin()));
            return Optional.empty();
        }
    }

    private Optional<AtlasView> tryAdmin(AtlasCredential admin) {
        var credential = admin;
        var read = read(credential);
        if (read instanceof Answer.NotAuthenticated<List<AtlasSecret>>) {
            // It may have been rotated since it was read: it is a stored secret like any other.
            sources.admins().clearCredentials();
            credential = sources.admins().forValue(current, deadline).orElse(admin);
            read = credential.equals(admin) ? read : read(credential);
        }
        if (read instanceof Answer.Given<List<AtlasSecret>> given) {
            return Optional.of(opened(given, new AtlasAccess(credential, AtlasAccess.By.ADMIN, Optional.empty())));
        }
        closed.add(attempt("the admin credential: ", read, Reason.DENIED));
        return Optional.empty();
    }

    /**
     * The account as it is where it lives. With a project and an organization in the value the
     * project is asked first; where it has no such account, the organization is.
     */
    private Answer<List<AtlasSecret>> read(AtlasCredential as) {
        var answer = sources.accounts().read(account, as, deadline);
        var otherwise = current.otherwise().filter(other -> !other.equals(account));
        if (otherwise.isPresent()
                && answer instanceof Answer.Denied<List<AtlasSecret>>(int status, String code, String why)
                && status == 404) {
            var there = sources.accounts().read(otherwise.get(), as, deadline);
            if (there instanceof Answer.Given<List<AtlasSecret>>) {
                account = otherwise.get();
                return there;
            }
            closed.add(attempt("in " + otherwise.get().scope().key() + ", ", there, Reason.DENIED));
        }
        return answer;
    }

    /** Promise 9: for whoever held the account before us, or was named by whoever may tag. */
    private boolean adminMayAct() {
        if (purpose == Purpose.SURVEY
                || purpose == Purpose.TRIAL
                || sources.admins().isNamedByTag(stored, account)) {
            return true;
        }
        verifyCurrent();
        return accepted();
    }

    /** Whether the value is tried also where one living secret is recorded with it. */
    private boolean isTried() {
        return switch (purpose) {
            case RUN, SWEEP, TRIAL -> true;
            case STEP, SURVEY -> false;
        };
    }

    private boolean accepted() {
        return currentAuth.filter(AuthResult.ACCEPTED::equals).isPresent();
    }

    /**
     * Promise 9: what another stored secret says of this account counts only if one of its values
     * authenticates, or if whoever may tag names the account. Else anyone who may write one managed
     * value could call any secret of the account superseded. One that cannot be read protects what
     * it may hold, and says nothing.
     */
    private boolean isBelieved(CopyReader copy, List<AtlasSecret> living) {
        if (!copy.isRead()
                || copy.isNamedByTag(sources.admins())
                || copy.clientSecrets().anyMatch(this::authenticates)) {
            return true;
        }
        copy.readUntil(() -> false, living);
        return copy.clientSecretsIfNamed(ids(living)).anyMatch(this::authenticates);
    }

    private boolean authenticates(Sensitive clientSecret) {
        return (isCurrent(clientSecret) && accepted())
                || sources.accounts().verify(new ServiceAccountKey(account.clientId(), clientSecret), deadline)
                        == AuthResult.ACCEPTED;
    }

    /** Tries the value, in each of its spellings where those disagree. */
    private void verifyCurrent() {
        if (currentAuth.isPresent()) {
            return;
        }
        for (StoredValue spelling : read.spellings()) {
            currentAuth = Optional.of(spelling.key()
                    .map(key -> sources.accounts().verify(key, deadline))
                    .orElse(AuthResult.REJECTED));
            if (accepted()) {
                current = spelling;
                return;
            }
        }
    }

    private Optional<AtlasView> tryCurrent() {
        if (current.key().isEmpty()) {
            currentAuth = Optional.of(AuthResult.REJECTED);
            closed.add(new Attempt("AWSCURRENT holds no clientSecret", Reason.REJECTED));
            return Optional.empty();
        }
        for (StoredValue spelling : read.spellings()) {
            var view = tryKey(spelling, AtlasAccess.By.CURRENT);
            if (accepted()) {
                current = spelling;
                return view;
            }
        }
        return Optional.empty();
    }

    private Optional<AtlasView> tryKey(StoredValue value, AtlasAccess.By by) {
        if (value.key().isEmpty() || !value.account().clientId().equals(account.clientId())) {
            return Optional.empty();
        }
        AtlasCredential key = value.key().get();
        var read = read(key);
        if (by == AtlasAccess.By.CURRENT) {
            currentAuth = Optional.of(
                    read instanceof Answer.NotAuthenticated<List<AtlasSecret>>
                            ? AuthResult.REJECTED
                            : AuthResult.ACCEPTED);
        }
        if (read instanceof Answer.Given<List<AtlasSecret>> given) {
            return Optional.of(opened(given, new AtlasAccess(key, by, value.secretId())));
        }
        var ifRejected = by == AtlasAccess.By.CURRENT ? Reason.REJECTED : Reason.DENIED;
        closed.add(attempt("the value under AWS" + by + ": ", read, ifRejected));
        return Optional.empty();
    }

    private AtlasView opened(Answer.Given<List<AtlasSecret>> given, AtlasAccess access) {
        // What Atlas's clock said when this look began: the two times of a snapshot are of one moment. Its Date header
        // has whole seconds.
        var elapsed = Duration.between(began, sources.clock().instant());
        now = given.at().minusSeconds(elapsed.toSeconds());
        listed = given.value();
        return new AtlasView.Open(access, given.value());
    }

    /**
     * A credential that did not help.
     *
     * @param ifRejected what it means where Atlas does not accept this one
     */
    private static Attempt attempt(String who, Answer<?> answer, Reason ifRejected) {
        return switch (answer) {
            case Answer.Given<?> given -> new Attempt(who + "accepted", Reason.DENIED);
            case Answer.NotAuthenticated<?>(String why) -> new Attempt(who + why, ifRejected);
            case Answer.Denied<?>(int status, String code, String why) ->
                new Attempt(
                        who + (why.isEmpty() ? ("Atlas answered " + status + " " + code).strip() : why),
                        code.equals(NOT_ON_ACCESS_LIST) ? Reason.IP_ACCESS_LIST : Reason.DENIED);
        };
    }

    private Margin recordedMargin() {
        return current.expiresAt()
                .map(expires -> Margin.left(currentVersion.created(), expires, now))
                .orElse(Margin.AMPLE);
    }

    private List<AtlasSecret> living(AtlasView.Open open) {
        return open.secrets().stream().filter(secret -> !secret.isExpired(now)).toList();
    }

    /**
     * Whether it is clear what each living secret is, and no version that was not read could change
     * that.
     */
    private boolean isExplained(AtlasView.Open open, List<AtlasSecret> living, Pending pending) {
        // The only one there is needs no telling apart, where the value authenticates, or names it
        // and was not tried.
        if (copies.isEmpty()
                && open.secrets().size() == 1
                && living.size() == 1
                && !rejected()
                && (accepted() || isTheOnlyOne(living))) {
            return true;
        }
        var known = confirmed(pending);
        var secret = current.clientSecret().filter(some -> !rejected());
        if (secret.isEmpty()) {
            return known.containsAll(ids(living));
        }
        var madeBefore = madeBefore(storedAt(), mayLive(open.secrets()));
        var itself = ids(recorded(pending).candidates(secret.get(), madeBefore));
        return recorded(pending).isSettled(secret.get(), madeBefore)
                && living.stream().map(AtlasSecret::id).allMatch(id -> known.contains(id) || itself.contains(id));
    }

    /**
     * The ids of which no version that was not read can say anything else. A step has few calls,
     * and takes the ids that people have written as they are, unless another version that it has
     * read says otherwise: use is its guard.
     */
    private Set<SecretId> confirmed(Pending pending) {
        var recorded = recorded(pending);
        return known(recorded, values(pending)).stream()
                .filter(id -> purpose == Purpose.STEP || recorded.isBound(id))
                .collect(Collectors.toSet());
    }

    private boolean rejected() {
        return currentAuth.filter(AuthResult.REJECTED::equals).isPresent();
    }

    /**
     * When the value under AWSCURRENT was stored at the latest. A version that {@code RotateSecret}
     * has registered is filled later, and promoted after that.
     */
    private Instant storedAt() {
        return stored.lastRotated()
                .filter(rotated -> rotated.isAfter(currentVersion.created()))
                .orElse(currentVersion.created());
    }

    /**
     * Those that a value can be which was stored then: a secret that was made after that it cannot
     * be. Two clocks, and Atlas's whole seconds.
     */
    private List<AtlasSecret> madeBefore(Instant storedAt, List<AtlasSecret> secrets) {
        var ahead = Duration.between(began, now);
        var latest =
                storedAt.plus(RotationTimes.CREATED_SINCE_TOLERANCE).plus(ahead.isNegative() ? Duration.ZERO : ahead);
        return secrets.stream().filter(one -> !one.createdAt().isAfter(latest)).toList();
    }

    private boolean wasMadeAfter(SecretId id, Instant storedAt) {
        var one = listed.stream().filter(secret -> secret.id().equals(id)).toList();
        return !one.isEmpty() && madeBefore(storedAt, one).isEmpty();
    }

    /** All that was read and holds a credential of the account. */
    private List<Held> held(Pending pending) {
        // The oldest first, also of those that were made at the same time.
        var held = new ArrayList<>(older.held().reversed());
        held.add(new Held(current, currentVersion.created()));
        if (pending instanceof Pending.Holds holds) {
            held.add(new Held(holds.value(), rotationBegan.orElse(began)));
        }
        copies.forEach(copy -> held.addAll(copy.held()));
        return held;
    }

    private List<StoredValue> values(Pending pending) {
        return held(pending).stream().map(Held::value).toList();
    }

    private RecordedIds recorded(Pending pending) {
        var versions = new ArrayList<>(older.ofOtherAccounts().reversed());
        versions.addAll(held(pending));
        return new RecordedIds(versions, this::wasMadeAfter);
    }

    private boolean mustKnowWhenItBegan(AtlasView.Open open, Pending pending) {
        var known = known(recorded(pending), values(pending));
        return purpose != Purpose.STEP
                || open.secrets().stream()
                        .anyMatch(secret -> secret.lastUsedAt().isEmpty()
                                && !secret.isExpired(now)
                                && !known.contains(secret.id()));
    }

    /** When the secret ends, as far as what is recorded belongs to it; Atlas may have moved it. */
    private Optional<Instant> recordedEnd(Pending pending) {
        var own = current.clientSecret().flatMap(recorded(pending)::of);
        return current.expiresAt().filter(at -> own.equals(current.recordedId()));
    }

    /** Every version that is made moves {@code LastChangedDate}, so mostly no call is needed. */
    private Optional<Instant> lastBegun() {
        boolean changed = stored.lastChanged()
                .map(at -> at.isAfter(began.minus(RotationTimes.BETWEEN_BEGINS)))
                .orElse(true);
        boolean sinceCurrent = stored.lastChanged()
                .map(at -> !at.isBefore(currentVersion.created()))
                .orElse(true);
        return purpose == Purpose.SWEEP && changed && sinceCurrent ? older.lastBegun() : Optional.empty();
    }

    /** Which of the account's secrets AWSCURRENT holds. */
    private Identity identity(AtlasView.Open open, Pending pending) {
        var living = living(open);
        var recorded = current.secretId();
        if (isTheOnlyOne(living) && !rejected()) {
            return new Identity.Is(recorded.orElseThrow());
        }
        var clientSecret = current.clientSecret();
        if (clientSecret.isEmpty() || !accepted()) {
            // Whatever id stands beside a value that is not accepted: it holds none that lives.
            return new Identity.Gone();
        }
        var possible = madeBefore(storedAt(), mayLive(open.secrets()));
        var candidates = recorded(pending).candidates(clientSecret.get(), possible);
        return switch (candidates.size()) {
            // It authenticates, so Atlas's list lags behind.
            case 0 -> new Identity.Unclear(ids(living));
            case 1 -> new Identity.Is(candidates.getFirst().id());
            default ->
                byMask(clientSecret.get(), candidates)
                        .<Identity>map(Identity.Is::new)
                        .orElseGet(() -> new Identity.Unclear(ids(candidates)));
        };
    }

    private boolean isListed(List<AtlasSecret> living) {
        return living.stream()
                .anyMatch(one -> current.secretId().filter(one.id()::equals).isPresent());
    }

    private boolean isTheOnlyOne(List<AtlasSecret> living) {
        return living.size() == 1 && isListed(living);
    }

    /**
     * The value authenticates, so the secret that is recorded with it may live although a clock
     * says that it has just ended.
     */
    private List<AtlasSecret> mayLive(List<AtlasSecret> secrets) {
        return secrets.stream()
                .filter(secret -> {
                    boolean recorded =
                            current.secretId().filter(secret.id()::equals).isPresent();
                    return !secret.isExpired(recorded ? now.minus(CLOCKS_ASKEW) : now);
                })
                .toList();
    }

    /** The one whose mask shows the value's end, where each mask shows one and only one fits. */
    private static Optional<SecretId> byMask(Sensitive value, List<AtlasSecret> candidates) {
        boolean everyMaskShows =
                candidates.stream().noneMatch(one -> shownEnd(one.mask()).isEmpty());
        var fitting = candidates.stream()
                .filter(one -> value.reveal().endsWith(shownEnd(one.mask())))
                .toList();
        return everyMaskShows && fitting.size() == 1
                ? Optional.of(fitting.getFirst().id())
                : Optional.empty();
    }

    /**
     * What a mask shows of a value's end: the letters and digits after its last asterisk, dot or
     * bullet. A mask without a masked part is no mask.
     */
    static String shownEnd(Optional<String> shown) {
        var mask = shown.orElse("");
        int from = mask.length();
        while (from > 0 && Character.isLetterOrDigit(mask.charAt(from - 1))) {
            from--;
        }
        return from == 0 ? "" : mask.substring(from);
    }

    /**
     * The ids that belong to a client secret of these values; one that is contradicted belongs to
     * none.
     */
    private static Set<SecretId> known(RecordedIds recorded, List<StoredValue> values) {
        var known = new HashSet<>(VersionHistory.ids(values));
        known.retainAll(recorded.ids());
        values.forEach(value -> value.supersededId().ifPresent(known::add));
        return known;
    }

    /** An id may stand in a version, beside whatever, and one without id may be its value. */
    private Set<SecretId> known(RecordedIds recorded, Set<SecretId> mayBeHeld) {
        var own = new ArrayList<>(older.values());
        own.add(current);
        var known = known(recorded, own);
        VersionHistory.ids(own).stream().filter(mayBeHeld::contains).forEach(known::add);
        return Set.copyOf(known);
    }

    /**
     * The secrets that an earlier version, or one of another stored secret, may hold whose client
     * secret has no id: somebody has their value.
     */
    private Set<SecretId> mayBeHeld(AtlasView view, RecordedIds recorded) {
        var living = view instanceof AtlasView.Open open ? living(open) : List.<AtlasSecret>of();
        var firstHeld = new LinkedHashMap<Sensitive, Instant>();
        for (Held held : earlier()) {
            held.value()
                    .clientSecret()
                    .filter(secret -> recorded.of(secret).isEmpty() && !isCurrent(secret))
                    .ifPresent(secret -> firstHeld.merge(secret, held.created(), Look::earlier));
        }
        var held = new HashSet<SecretId>();
        firstHeld.forEach((secret, at) -> {
            var candidates = recorded.candidates(secret, madeBefore(at, living));
            if (!mayBeOrphans(candidates) || authenticates(secret)) {
                held.addAll(ids(candidates));
            }
        });
        return held;
    }

    /** Then it is worth trying whether one of these is the value: it may hold none that lives. */
    private boolean mayBeOrphans(List<AtlasSecret> secrets) {
        return stored.attempt().isPresent()
                && secrets.stream().allMatch(one -> one.lastUsedAt().isEmpty());
    }

    private List<Held> earlier() {
        var earlier = new ArrayList<>(older.held());
        copies.forEach(copy -> earlier.addAll(copy.held()));
        return earlier;
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private boolean isCurrent(Sensitive secret) {
        return current.clientSecret().filter(secret::equals).isPresent();
    }

    /** What the other stored secrets with this account hold of it, and the other spellings. */
    private OtherHolders otherHolders(AtlasView view, Identity identity, Pending pending) {
        var living = view instanceof AtlasView.Open open ? living(open) : List.<AtlasSecret>of();
        var recorded = recorded(pending);
        var inUse = new TreeMap<SecretId, List<String>>(Comparator.comparing(SecretId::value));
        for (StoredValue spelling : read.spellings()) {
            spelling.clientSecret()
                    .filter(secret -> !isCurrent(secret))
                    .ifPresent(secret -> ids(recorded.candidates(secret, madeBefore(storedAt(), living)))
                            .forEach(id -> use(inUse, id, stored.name())));
        }
        for (CopyReader copy : copies) {
            held(copy, living, recorded, identity).forEach(id -> use(inUse, id, copy.name()));
            copy.pendingId().ifPresent(id -> use(inUse, id, copy.name()));
        }
        return new OtherHolders(
                seesFleet(),
                sharing.stream()
                        .map(copy -> new OtherHolders.Copy(copy.arn(), copy.name()))
                        .toList(),
                inUse,
                known(
                        recorded,
                        copies.stream()
                                .flatMap(copy -> copy.held().stream())
                                .map(Held::value)
                                .toList()),
                copies.stream().flatMap(copy -> copy.promoted().stream()).max(Comparator.naturalOrder()),
                copies.stream().flatMap(copy -> copy.rotationBegan().stream()).min(Comparator.naturalOrder()));
    }

    private boolean seesFleet() {
        return switch (purpose) {
            case SWEEP, SURVEY, TRIAL -> true;
            case STEP, RUN -> !sharing.isEmpty();
        };
    }

    private static void use(Map<SecretId, List<String>> inUse, SecretId id, String name) {
        inUse.computeIfAbsent(id, one -> new ArrayList<>()).add(name);
    }

    /** Those of the living secrets that AWSCURRENT of another stored secret holds, or may hold. */
    private Set<SecretId> held(CopyReader copy, List<AtlasSecret> living, RecordedIds recorded, Identity identity) {
        if (!copy.isRead()) {
            return ids(living);
        }
        if (copy.currentSecret().isEmpty()) {
            return Set.of();
        }
        var value = copy.currentSecret().get();
        if (current.clientSecret().filter(value::equals).isPresent()
                && identity instanceof Identity.Is(SecretId same)) {
            return Set.of(same);
        }
        var candidates = ids(recorded.candidates(value, living));
        // What was not recorded is tried: somebody may have stored what is no credential at all.
        boolean mayHold = recorded.of(value).filter(candidates::contains).isPresent()
                || candidates.isEmpty()
                || authenticates(value);
        return mayHold ? candidates : Set.of();
    }

    private static Set<SecretId> ids(List<AtlasSecret> secrets) {
        return secrets.stream().map(AtlasSecret::id).collect(Collectors.toSet());
    }

    /**
     * The key that signs in may have no id recorded; then it is the identified one that must not be
     * deleted.
     */
    private AtlasView.Open nameTheKey(AtlasView.Open open, Identity identity) {
        var access = open.access();
        return switch (access.by()) {
            case CURRENT ->
                new AtlasView.Open(
                        new AtlasAccess(
                                access.credential(),
                                access.by(),
                                identity instanceof Identity.Is(SecretId id) ? Optional.of(id) : Optional.empty()),
                        open.secrets());
            case ADMIN, PENDING, PREVIOUS -> open;
        };
    }
}
