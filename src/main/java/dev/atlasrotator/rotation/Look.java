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
import dev.atlasrotator.rotation.Observer.Purpose;
import dev.atlasrotator.rotation.Picture.AtlasView;
import dev.atlasrotator.rotation.Picture.Identity;
import dev.atlasrotator.rotation.Picture.Pending;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.SecretVault.Reading;
import dev.atlasrotator.secretsmanager.SecretVault.Version;
import dev.atlasrotator.secretsmanager.SecretVault.Which;
import dev.atlasrotator.secretsmanager.StoredSecret;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** One look at one stored secret: the state that reading gathers on the way to a picture. */
final class Look {
    private final SecretVault vault;
    private final ServiceAccounts accounts;
    private final AdminCredentials admins;
    private final InstantSource clock;
    private final StoredSecret stored;
    private final Purpose purpose;
    private final Deadline deadline;
    private final Version currentVersion;
    private final StoredValue current;
    private final OlderVersions older;
    private final List<String> closed = new ArrayList<>();
    private Optional<SignIn> currentSignsIn = Optional.empty();
    private Optional<Instant> attemptBegan = Optional.empty();
    private Instant now;
    private Duration atlasAhead = Duration.ZERO;

    Look(
            SecretVault vault,
            ServiceAccounts accounts,
            AdminCredentials admins,
            InstantSource clock,
            StoredSecret stored,
            Purpose purpose,
            Version currentVersion,
            Deadline deadline) {
        this.vault = vault;
        this.accounts = accounts;
        this.admins = admins;
        this.clock = clock;
        this.stored = stored;
        this.purpose = purpose;
        this.deadline = deadline;
        this.currentVersion = currentVersion;
        this.current = understood(stored, currentVersion);
        this.older = new OlderVersions(vault, stored, current, deadline);
        this.now = clock.instant();
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

    Picture picture() {
        var pending = pending();
        var view = open(pending);
        if (view instanceof AtlasView.Open open) {
            older.readUntil(() -> unexplained(open, pending), now);
            if (stored.attempt().isPresent()
                    && attemptBegan.isEmpty()
                    && mustKnowWhenItBegan(open)) {
                attemptBegan = stored.attempt().flatMap(older::created);
            }
        } else if (purpose != Purpose.STEP
                && stored.attempt().isPresent()
                && attemptBegan.isEmpty()) {
            attemptBegan = stored.attempt().flatMap(older::created);
        }
        var identity =
                view instanceof AtlasView.Open open ? identity(open, pending) : new Identity.Gone();
        var finalView = view instanceof AtlasView.Open open ? nameTheKey(open, identity) : view;
        return new Picture(
                now,
                stored.withDatesLater(atlasAhead),
                currentVersion.id(),
                byAtlas(currentVersion.created()),
                current,
                older.previousCreated().map(this::byAtlas),
                pending,
                attemptBegan.map(this::byAtlas),
                older.knownIds(),
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
                yield OlderVersions.credential(found)
                        .<Pending>map(
                                value -> new Pending.Holds(version.get(), value, Optional.empty()))
                        .orElseGet(() -> new Pending.NoCredential(version.get()));
            }
        };
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
                            + " nor is the tag that manages this secret the account's clientId."
                            + current.key().map(AtlasCredential::andWhitespace).orElse(""));
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
        older.readPrevious();
        for (StoredValue previous : older.values()) {
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
            read = credential.equals(admin) ? read : accounts.read(account(), credential, deadline);
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
     * secret that somebody made before an attempt must not seem made after it, nor an overlap over
     * before its time. Where Atlas's is behind, what is not reckoned in only keeps secrets longer.
     */
    private Instant byAtlas(Instant at) {
        return at.plus(atlasAhead);
    }

    private static String why(Answer<?> answer) {
        return switch (answer) {
            case Answer.Given<?> given -> "accepted";
            case Answer.NotSignedIn<?>(String why) -> why;
            case Answer.Denied<?>(int status, String code, String why) ->
                    why.isEmpty()
                            ? "Atlas answered " + status + (code.isEmpty() ? "" : " " + code)
                            : why;
        };
    }

    /** The living secrets that stand in no version that was read. */
    private List<AtlasSecret> unexplained(AtlasView.Open open, Pending pending) {
        var explained = new HashSet<>(older.knownIds());
        current.secretId().ifPresent(explained::add);
        if (pending instanceof Pending.Holds holds) {
            holds.value().secretId().ifPresent(explained::add);
        }
        var left =
                open.secrets().stream()
                        .filter(
                                secret ->
                                        !secret.isExpired(now) && !explained.contains(secret.id()))
                        .toList();
        // The only one there is, with nothing recorded, is taken for the current one: that
        // needs no reading.
        boolean adopted =
                left.size() == 1
                        && open.secrets().size() == 1
                        && currentSignsIn.filter(SignIn.ACCEPTED::equals).isPresent();
        return adopted ? List.of() : left;
    }

    private boolean mustKnowWhenItBegan(AtlasView.Open open) {
        return purpose != Purpose.STEP
                || open.secrets().stream()
                        .anyMatch(
                                secret ->
                                        secret.lastUsedAt().isEmpty()
                                                && !secret.isExpired(now)
                                                && !older.knownIds().contains(secret.id())
                                                && current.secretId()
                                                        .filter(secret.id()::equals)
                                                        .isEmpty());
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
                                                && recorded.filter(secret.id()::equals).isEmpty());
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
     * The key that signs in may have no id recorded; then it is the identified one that must not be
     * deleted.
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
