package dev.atlasrotator.rotation;

import dev.atlasrotator.atlas.ServiceAccounts;
import dev.atlasrotator.atlas.ServiceAccounts.Answer;
import dev.atlasrotator.atlas.ServiceAccounts.SignIn;
import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasCredential;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.retry.Retrier.Attempt;
import dev.atlasrotator.retry.RetryPolicy;
import dev.atlasrotator.rotation.Picture.AtlasView;
import dev.atlasrotator.rotation.Picture.Identity;
import dev.atlasrotator.rotation.Picture.Pending;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.SecretVault.Reading;
import dev.atlasrotator.secretsmanager.SecretVault.Version;
import dev.atlasrotator.secretsmanager.SecretVault.VersionEntry;
import dev.atlasrotator.secretsmanager.SecretVault.Which;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.secretsmanager.VersionId;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads both services into a {@link Picture}. Secrets Manager comes first: what another run creates
 * meanwhile then shows as a young secret, never as a secret of nobody's. It reads no more than the
 * decision can turn on, since a whole rotation has seven calls to Secrets Manager.
 */
public final class Observer {
    /**
     * Secrets Manager is eventually consistent: what must be there is looked for again, for about
     * three seconds.
     */
    private static final RetryPolicy CONSISTENCY =
            new RetryPolicy(5, Duration.ofMillis(400), Duration.ofSeconds(2));

    /** How many versions are read that are older than the secret that is looked for. */
    private static final int OLDER_VERSIONS_READ = 10;

    /** Whom the picture is for. */
    public enum Purpose {
        /** A step that Secrets Manager called: it knows itself whether the attempt is under way. */
        STEP,
        /** A run of our own: whether an attempt is under way is told by when it began. */
        RUN,
        /**
         * The same, only to see whether there is anything to do: an admin credential may look
         * without having to act.
         */
        SURVEY
    }

    private final SecretVault vault;
    private final ServiceAccounts accounts;
    private final AdminCredentials admins;
    private final Retrier retrier;
    private final InstantSource clock;

    public Observer(
            SecretVault vault,
            ServiceAccounts accounts,
            AdminCredentials admins,
            Retrier retrier,
            InstantSource clock) {
        this.vault = vault;
        this.accounts = accounts;
        this.admins = admins;
        this.retrier = retrier;
        this.clock = clock;
    }

    /**
     * Looks.
     *
     * @param stored as described a moment ago
     * @throws RotatorException.Credential if what AWSCURRENT holds is not ours to understand
     */
    public Picture observe(StoredSecret stored, Purpose purpose, Deadline deadline) {
        return new Look(stored, purpose, readCurrent(stored, deadline), deadline).picture();
    }

    /**
     * Looks from afar, at a stored secret as it was listed and the value that came in a batch:
     * cheap, and a few minutes behind perhaps. Enough to see that nothing is to be done; whoever
     * acts looks again.
     */
    public Picture survey(StoredSecret listed, Reading current, Deadline deadline) {
        return new Look(listed, Purpose.SURVEY, insist(listed, current), deadline).picture();
    }

    /** Reads the value under AWSCURRENT, and insists: it must be there. */
    private Version readCurrent(StoredSecret stored, Deadline deadline) {
        var reading =
                retrier.<Reading>run(
                        CONSISTENCY,
                        deadline,
                        attempt -> {
                            var read =
                                    vault.read(
                                            stored.arn(),
                                            new Which.Staged(StoredSecret.CURRENT),
                                            deadline);
                            // A version that bears the label may just not be readable yet; without
                            // one there is nothing to wait for.
                            boolean expected = stored.version(StoredSecret.CURRENT).isPresent();
                            return read instanceof Reading.Absent && expected
                                    ? new Attempt.Again<>(Optional.empty(), () -> read)
                                    : new Attempt.Done<>(read);
                        });
        return insist(stored, reading);
    }

    private static Version insist(StoredSecret stored, Reading reading) {
        return switch (reading) {
            case Reading.Found(Version version) -> version;
            case Reading.Binary binary ->
                    throw new RotatorException.Credential(
                            "The value of "
                                    + stored.name()
                                    + " is binary. Nothing was changed. Store a JSON object with"
                                    + " clientId and groupId or orgId as text.");
            case Reading.Absent absent -> throw nothingStored(stored);
            case Reading.MovedOn moved -> throw nothingStored(stored);
        };
    }

    private static StoredValue understood(StoredSecret stored, Version version) {
        try {
            return StoredValue.parse(version.text());
        } catch (RotatorException.Credential malformed) {
            throw new RotatorException.Credential(
                    "In "
                            + stored.name()
                            + ": "
                            + malformed.getMessage()
                            + ". Nothing was changed; correct the value under AWSCURRENT.");
        }
    }

    private static RotatorException nothingStored(StoredSecret stored) {
        return new RotatorException.Credential(
                "Secret "
                        + stored.name()
                        + " has no value under AWSCURRENT. Nothing was changed. Store a JSON object"
                        + " with clientId and groupId or orgId; clientSecret may be left out where"
                        + " an admin credential may act.");
    }

    /** One look at one stored secret: the state that reading gathers on the way to a picture. */
    private final class Look {
        private final StoredSecret stored;
        private final Purpose purpose;
        private final Deadline deadline;
        private final Version currentVersion;
        private final StoredValue current;
        private final Map<VersionId, StoredValue> older = new LinkedHashMap<>();
        private final List<String> closed = new ArrayList<>();
        private Optional<SignIn> currentSignsIn = Optional.empty();
        private Optional<Instant> previousCreated = Optional.empty();
        private Optional<Instant> attemptBegan = Optional.empty();
        private Optional<List<VersionEntry>> entries = Optional.empty();
        private Instant now = clock.instant();
        private Duration atlasAhead = Duration.ZERO;

        Look(StoredSecret stored, Purpose purpose, Version currentVersion, Deadline deadline) {
            this.stored = stored;
            this.purpose = purpose;
            this.deadline = deadline;
            this.currentVersion = currentVersion;
            this.current = understood(stored, currentVersion);
        }

        Picture picture() {
            var pending = pending();
            var view = open(pending);
            if (view instanceof AtlasView.Open open) {
                gatherOlder(open, pending);
                if (stored.attempt().isPresent()
                        && attemptBegan.isEmpty()
                        && mustKnowWhenItBegan(open)) {
                    attemptBegan = began();
                }
            } else if (purpose != Purpose.STEP
                    && stored.attempt().isPresent()
                    && attemptBegan.isEmpty()) {
                attemptBegan = began();
            }
            var identity =
                    view instanceof AtlasView.Open open
                            ? identity(open, pending)
                            : new Identity.Gone();
            var finalView = view instanceof AtlasView.Open open ? nameTheKey(open, identity) : view;
            return new Picture(
                    now,
                    stored.withDatesLater(atlasAhead),
                    currentVersion.id(),
                    byAtlas(currentVersion.created()),
                    current,
                    previousCreated.map(this::byAtlas),
                    pending,
                    attemptBegan.map(this::byAtlas),
                    knownIds(),
                    finalView,
                    identity,
                    currentSignsIn);
        }

        private Pending pending() {
            var version = stored.attempt();
            if (version.isEmpty()) {
                return new Pending.None();
            }
            var which = new Which.StagedExactly(version.get(), StoredSecret.PENDING);
            return switch (vault.read(stored.arn(), which, deadline)) {
                case Reading.Absent absent -> new Pending.Registered(version.get());
                case Reading.MovedOn moved ->
                        throw new RotatorException.Conflict(
                                "The rotation of "
                                        + stored.name()
                                        + " has moved on while this run"
                                        + " looked at it. Nothing was changed; look again.");
                case Reading.Binary binary -> new Pending.NoCredential(version.get());
                case Reading.Found(Version found) -> {
                    attemptBegan = Optional.of(found.created());
                    yield credential(found)
                            .<Pending>map(
                                    value ->
                                            new Pending.Holds(
                                                    version.get(), value, Optional.empty()))
                            .orElseGet(() -> new Pending.NoCredential(version.get()));
                }
            };
        }

        /** The credential in a version that need not hold one. */
        private Optional<StoredValue> credential(Version version) {
            try {
                return Optional.of(StoredValue.parse(version.text()))
                        .filter(value -> value.clientSecret().isPresent());
            } catch (RotatorException.Credential notOurs) {
                return Optional.empty();
            }
        }

        /** Tries what may act, in the order of its reach, until the account can be read. */
        private AtlasView open(Pending pending) {
            var admin = admins.forValue(current, deadline);
            if (admin.isPresent() && adminMayAct()) {
                var view = tryAdmin(admin.get());
                if (view.isPresent()) {
                    return view.get();
                }
            } else if (admin.isPresent()) {
                closed.add(
                        "the admin credential may not act: neither does the stored value sign in,"
                            + " nor is the tag that manages this secret the account's clientId");
            }
            if (currentSignsIn.filter(SignIn.REJECTED::equals).isEmpty()) {
                var view = tryKey(current, Access.By.CURRENT);
                if (view.isPresent()) {
                    return view.get();
                }
            }
            if (pending instanceof Pending.Holds holds) {
                var view = tryKey(holds.value(), Access.By.PENDING);
                if (view.isPresent()) {
                    return view.get();
                }
            }
            readPrevious();
            for (StoredValue previous : List.copyOf(older.values())) {
                var view = tryKey(previous, Access.By.PREVIOUS);
                if (view.isPresent()) {
                    return view.get();
                }
            }
            return new AtlasView.Closed(
                    "Account "
                            + account()
                            + " cannot be read at Atlas ("
                            + String.join("; ", closed)
                            + "). Nothing was changed. To get back in, store a working"
                            + " clientSecret, or configure an admin credential and set the value of"
                            + " this secret's management tag to "
                            + account().clientId()
                            + ".");
        }

        private Optional<AtlasView> tryAdmin(AtlasCredential admin) {
            var credential = admin;
            var read = accounts.read(account(), credential, deadline);
            if (read instanceof Answer.NotSignedIn<List<AtlasSecret>>) {
                // It may have been rotated since it was read: it is a stored secret like any other.
                admins.forget();
                credential = admins.forValue(current, deadline).orElse(admin);
                read =
                        credential.equals(admin)
                                ? read
                                : accounts.read(account(), credential, deadline);
            }
            if (read instanceof Answer.Given<List<AtlasSecret>> given) {
                return Optional.of(
                        opened(given, new Access(credential, Access.By.ADMIN, Optional.empty())));
            }
            closed.add("the admin credential: " + why(read));
            return Optional.empty();
        }

        /** Promise 9: for whoever held the account before us, or was named by whoever may tag. */
        private boolean adminMayAct() {
            if (purpose == Purpose.SURVEY || admins.isNamedByTag(stored, account())) {
                return true;
            }
            proveCurrent();
            return currentSignsIn.filter(SignIn.ACCEPTED::equals).isPresent();
        }

        private void proveCurrent() {
            if (currentSignsIn.isEmpty()) {
                currentSignsIn =
                        Optional.of(
                                current.key()
                                        .map(key -> accounts.prove(key, deadline))
                                        .orElse(SignIn.REJECTED));
            }
        }

        private Optional<AtlasView> tryKey(StoredValue value, Access.By by) {
            if (value.key().isEmpty() || !value.account().equals(account())) {
                if (by == Access.By.CURRENT) {
                    currentSignsIn = Optional.of(SignIn.REJECTED);
                    closed.add("AWSCURRENT holds no clientSecret");
                }
                return Optional.empty();
            }
            AtlasCredential key = value.key().get();
            var read = accounts.read(account(), key, deadline);
            if (by == Access.By.CURRENT) {
                currentSignsIn =
                        Optional.of(
                                read instanceof Answer.NotSignedIn<List<AtlasSecret>>
                                        ? SignIn.REJECTED
                                        : SignIn.ACCEPTED);
            }
            if (read instanceof Answer.Given<List<AtlasSecret>> given) {
                return Optional.of(opened(given, new Access(key, by, value.secretId())));
            }
            closed.add("the value under AWS" + by + ": " + why(read));
            return Optional.empty();
        }

        private AtlasView opened(Answer.Given<List<AtlasSecret>> given, Access access) {
            now = given.at();
            var apart = Duration.between(clock.instant(), now);
            atlasAhead = apart.compareTo(Policy.CLOCKS_APART) > 0 ? apart : Duration.ZERO;
            return new AtlasView.Open(access, given.value());
        }

        /**
         * A time of Secrets Manager's as Atlas's clock would have shown it, if that one is ahead: a
         * secret that somebody made before an attempt must not seem made after it, nor an overlap
         * over before its time. Where Atlas's is behind, what is not reckoned in only keeps secrets
         * longer.
         */
        private Instant byAtlas(Instant at) {
            return at.plus(atlasAhead);
        }

        private static String why(Answer<?> answer) {
            return switch (answer) {
                case Answer.Given<?> given -> "accepted";
                case Answer.NotSignedIn<?>(String why) -> why;
                case Answer.Denied<?>(int status, String code, String why) ->
                        "Atlas answered "
                                + status
                                + (code.isEmpty() ? "" : " " + code)
                                + (why.isEmpty() ? "" : ", " + why);
            };
        }

        /**
         * Reads older versions as long as a living secret of the account is not explained by what
         * was read.
         */
        private void gatherOlder(AtlasView.Open open, Pending pending) {
            if (unexplained(open, pending).isEmpty()) {
                return;
            }
            readPrevious();
            var left = unexplained(open, pending);
            if (left.isEmpty()) {
                return;
            }
            for (VersionEntry entry : candidates(left)) {
                if (unexplained(open, pending).isEmpty()) {
                    return;
                }
                if (vault.read(stored.arn(), new Which.Exactly(entry.id()), deadline)
                        instanceof Reading.Found(Version found)) {
                    credential(found).ifPresent(value -> older.put(entry.id(), value));
                }
            }
        }

        /**
         * The unlabelled versions that may hold one of these, youngest first. A version is younger
         * than the secret in it, unless {@code RotateSecret} had registered it long before it was
         * filled: of the older ones a few are read.
         */
        private List<VersionEntry> candidates(List<AtlasSecret> secrets) {
            var oldest =
                    secrets.stream()
                            .map(AtlasSecret::createdAt)
                            .min(Comparator.naturalOrder())
                            .orElse(now)
                            .minus(Policy.CLOCKS_APART);
            var unlabelled =
                    entries().stream()
                            .filter(entry -> entry.stages().isEmpty())
                            .sorted(Comparator.comparing(VersionEntry::created).reversed())
                            .toList();
            long younger =
                    unlabelled.stream().filter(entry -> !entry.created().isBefore(oldest)).count();
            return unlabelled.stream().limit(younger + OLDER_VERSIONS_READ).toList();
        }

        /** The living secrets that stand in no version that was read. */
        private List<AtlasSecret> unexplained(AtlasView.Open open, Pending pending) {
            var explained = new HashSet<>(knownIds());
            current.secretId().ifPresent(explained::add);
            if (pending instanceof Pending.Holds holds) {
                holds.value().secretId().ifPresent(explained::add);
            }
            var left =
                    open.secrets().stream()
                            .filter(
                                    secret ->
                                            !secret.isExpired(now)
                                                    && !explained.contains(secret.id()))
                            .toList();
            // The only one there is, with nothing recorded, is taken for the current one: that
            // needs no reading.
            boolean adopted =
                    left.size() == 1
                            && open.secrets().size() == 1
                            && currentSignsIn.filter(SignIn.ACCEPTED::equals).isPresent();
            return adopted ? List.of() : left;
        }

        private void readPrevious() {
            var version = stored.version(StoredSecret.PREVIOUS);
            if (version.isEmpty()
                    || older.containsKey(version.get())
                    || previousCreated.isPresent()) {
                return;
            }
            if (vault.read(stored.arn(), new Which.Exactly(version.get()), deadline)
                    instanceof Reading.Found(Version found)) {
                previousCreated = Optional.of(found.created());
                credential(found).ifPresent(value -> older.put(version.get(), value));
            }
        }

        private Set<SecretId> knownIds() {
            var ids = new HashSet<SecretId>();
            current.supersededId().ifPresent(ids::add);
            older.values().stream()
                    .filter(value -> value.account().clientId().equals(account().clientId()))
                    .forEach(
                            value -> {
                                value.secretId().ifPresent(ids::add);
                                value.supersededId().ifPresent(ids::add);
                            });
            return ids;
        }

        private boolean mustKnowWhenItBegan(AtlasView.Open open) {
            return purpose != Purpose.STEP
                    || open.secrets().stream()
                            .anyMatch(
                                    secret ->
                                            secret.lastUsedAt().isEmpty()
                                                    && !secret.isExpired(now)
                                                    && !knownIds().contains(secret.id())
                                                    && current.secretId()
                                                            .filter(secret.id()::equals)
                                                            .isEmpty());
        }

        private Optional<Instant> began() {
            return stored.attempt()
                    .flatMap(
                            version ->
                                    entries().stream()
                                            .filter(entry -> entry.id().equals(version))
                                            .map(VersionEntry::created)
                                            .findFirst());
        }

        private List<VersionEntry> entries() {
            if (entries.isEmpty()) {
                entries = Optional.of(vault.versions(stored.arn(), deadline));
            }
            return entries.get();
        }

        /** Which of the account's secrets AWSCURRENT holds. */
        private Identity identity(AtlasView.Open open, Pending pending) {
            var recorded = current.secretId();
            boolean listed = recorded.isPresent() && lives(open, recorded.get());
            boolean othersLive =
                    open.secrets().stream()
                            .anyMatch(
                                    secret ->
                                            !secret.isExpired(now)
                                                    && recorded.filter(secret.id()::equals)
                                                            .isEmpty());
            if (listed && !othersLive) {
                return new Identity.Is(recorded.get());
            }
            // Before another secret may go, or where nothing tells which one it is, the value must
            // have signed in.
            proveCurrent();
            if (listed) {
                return new Identity.Is(recorded.get());
            }
            if (currentSignsIn.filter(SignIn.ACCEPTED::equals).isEmpty()) {
                return new Identity.Gone();
            }
            // Not the superseded ones: what is current again may be among them.
            var elsewhere = new HashSet<SecretId>();
            older.values().forEach(value -> value.secretId().ifPresent(elsewhere::add));
            if (pending instanceof Pending.Holds holds) {
                holds.value().secretId().ifPresent(elsewhere::add);
            }
            return new Identification(accounts, current, now, deadline)
                    .of(open, older.values(), elsewhere);
        }

        private boolean lives(AtlasView.Open open, SecretId id) {
            return open.secrets().stream()
                    .anyMatch(secret -> secret.id().equals(id) && !secret.isExpired(now));
        }

        /**
         * The key that signs in may have no id recorded; then it is the identified one that must
         * not be deleted.
         */
        private AtlasView.Open nameTheKey(AtlasView.Open open, Identity identity) {
            var access = open.access();
            return switch (access.by()) {
                case CURRENT ->
                        new AtlasView.Open(
                                new Access(
                                        access.credential(),
                                        access.by(),
                                        identity instanceof Identity.Is(SecretId id)
                                                ? Optional.of(id)
                                                : Optional.empty()),
                                open.secrets());
                case ADMIN, PENDING, PREVIOUS -> open;
            };
        }

        private Account account() {
            return current.account();
        }
    }
}
