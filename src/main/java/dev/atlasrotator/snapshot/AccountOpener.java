package dev.atlasrotator.snapshot;

import dev.atlasrotator.atlas.ServiceAccounts.Answer;
import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasCredential;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.finding.AccessFinding.AccountUnreadable;
import dev.atlasrotator.finding.AccessFinding.Attempt;
import dev.atlasrotator.finding.Margin;
import dev.atlasrotator.snapshot.Snapshot.AtlasView;
import dev.atlasrotator.snapshot.Snapshot.Pending;
import dev.atlasrotator.snapshot.SnapshotReader.Purpose;
import dev.atlasrotator.snapshot.SnapshotReader.Request;
import dev.atlasrotator.snapshot.SnapshotReader.Sources;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Tries what may act for the account, in the order of its reach, until the account can be read. */
final class AccountOpener {
    /**
     * Atlas's error codes where the caller's address is not on the account's IP access list, or there is no list yet and
     * the organization requires one, as one that was made in the Atlas UI does.
     */
    private static final Set<String> NOT_ON_ACCESS_LIST =
            Set.of("IP_ADDRESS_NOT_ON_ACCESS_LIST", "ORG_REQUIRES_ACCESS_LIST");

    /**
     * The account as far as it could be read.
     *
     * @param now Atlas's clock when the reading began; ours where the account could not be read
     * @param adminUnavailable why the admin credential did not act, where one is configured
     */
    record Opened(Account account, AtlasView view, Instant now, Optional<String> adminUnavailable) {}

    private final Sources sources;
    private final Request request;
    private final CurrentVerifier verifier;
    private final List<Attempt> failed = new ArrayList<>();
    private final Supplier<Margin> recordedMargin;
    private Optional<String> adminUnavailable = Optional.empty();
    private Account account;

    /**
     * An account to open.
     *
     * @param recordedMargin what is left of the secret in use by what is recorded of it; asked once nothing can read it
     */
    AccountOpener(Sources sources, Request request, CurrentVerifier verifier, Supplier<Margin> recordedMargin) {
        this.sources = sources;
        this.request = request;
        this.verifier = verifier;
        this.recordedMargin = recordedMargin;
        this.account = value().account();
    }

    Opened open(Pending pending, VersionHistory older) {
        return byAdmin()
                .or(this::byCurrent)
                .or(() -> byAnotherValue(pending, older))
                .orElseGet(() -> opened(
                        new AtlasView.Closed(new AccountUnreadable(account, List.copyOf(failed), recordedMargin.get())),
                        request.began()));
    }

    private Optional<Opened> byAdmin() {
        var admin = admin();
        if (admin.isEmpty()) {
            return Optional.empty();
        }
        if (!adminMayAct()) {
            failed.add(new Attempt(
                    """
                        the admin credential may not act: neither does the stored value authenticate, nor is the tag that \
                        manages this secret the account's clientId.\
                        """ + value().key().map(AtlasCredential::andWhitespace).orElse(""), Code.CREDENTIAL_REJECTED));
            return Optional.empty();
        }
        var credential = admin.get();
        var read = read(credential);
        if (read instanceof Answer.NotAuthenticated<List<AtlasSecret>>) {
            // It may have been rotated since it was read: it is a stored secret like any other.
            sources.admins().clearCredentials();
            credential = sources.admins().forValue(value(), request.deadline()).orElse(admin.get());
            read = credential.equals(admin.get()) ? read : read(credential);
        }
        var tried = attempt("", read, Code.CREDENTIAL_REJECTED);
        // One that does not reach this account (403, 404) may well be meant for others.
        if (tried.code() != Code.ACCESS_DENIED) {
            adminUnavailable = Optional.of(tried.why());
        }
        return openedBy(
                new AtlasAccess(credential, AtlasAccess.By.ADMIN, Optional.empty()),
                read,
                "the admin credential: ",
                Code.ACCESS_DENIED);
    }

    /** An admin credential that cannot be read keeps no account from acting for itself. */
    private Optional<AtlasCredential> admin() {
        try {
            return sources.admins().forValue(value(), request.deadline());
        } catch (RotatorException unreadable) {
            failed.add(new Attempt("the admin credential cannot be read: " + unreadable.text(), Code.ACCESS_DENIED));
            adminUnavailable = Optional.of(unreadable.text());
            return Optional.empty();
        }
    }

    /** Promise 9: for whoever held the account before us, or was named by whoever may tag. */
    private boolean adminMayAct() {
        if (request.purpose() == Purpose.SURVEY
                || request.purpose() == Purpose.TRIAL
                || sources.admins().isNamedByTag(request.stored(), account)) {
            return true;
        }
        verifier.verify();
        return verifier.current().isAccepted();
    }

    private Optional<Opened> byCurrent() {
        if (verifier.current().isRejected()) {
            return Optional.empty();
        }
        if (value().key().isEmpty()) {
            verifier.answered(value(), AuthResult.REJECTED);
            failed.add(new Attempt("AWSCURRENT holds no clientSecret", Code.CREDENTIAL_REJECTED));
            return Optional.empty();
        }
        for (StoredValue spelling : verifier.spellings()) {
            var opened = byKey(spelling, AtlasAccess.By.CURRENT);
            if (verifier.current().isAccepted()) {
                return opened;
            }
        }
        return Optional.empty();
    }

    /**
     * Another value of the same account may do no more than one that authenticates, and its sign-in would count as a
     * consumer's use of a superseded secret.
     */
    private Optional<Opened> byAnotherValue(Pending pending, VersionHistory older) {
        if (verifier.current().isAccepted()) {
            older.readPrevious(); // what it records is compared with what AWSCURRENT records
            return Optional.empty();
        }
        var byPending = pending instanceof Pending.Holds holds
                ? byKey(holds.value(), AtlasAccess.By.PENDING)
                : Optional.<Opened>empty();
        return byPending.or(() -> byPrevious(older));
    }

    private Optional<Opened> byPrevious(VersionHistory older) {
        older.readPrevious();
        return older.values().stream()
                .flatMap(previous -> byKey(previous, AtlasAccess.By.PREVIOUS).stream())
                .findFirst();
    }

    private Optional<Opened> byKey(StoredValue value, AtlasAccess.By by) {
        if (value.key().isEmpty() || !value.account().clientId().equals(account.clientId())) {
            return Optional.empty();
        }
        AtlasCredential key = value.key().get();
        var read = read(key);
        if (by == AtlasAccess.By.CURRENT) {
            verifier.answered(
                    value,
                    read instanceof Answer.NotAuthenticated<List<AtlasSecret>>
                            ? AuthResult.REJECTED
                            : AuthResult.ACCEPTED);
        }
        return openedBy(
                new AtlasAccess(key, by, value.secretId()),
                read,
                "the value under AWS" + by + ": ",
                by == AtlasAccess.By.CURRENT ? Code.CREDENTIAL_REJECTED : Code.ACCESS_DENIED);
    }

    /**
     * The account as it is where it lives: where the first project or organization that the value names has no such
     * account, the others are asked.
     */
    private Answer<List<AtlasSecret>> read(AtlasCredential as) {
        var answer = sources.accounts().read(account, as, request.deadline());
        // 404 where it does not exist, 401 where the caller is no member of it; an access list keeps out of both.
        boolean isElsewhere = answer instanceof Answer.Denied<List<AtlasSecret>>(int status, String code, String why)
                && !NOT_ON_ACCESS_LIST.contains(code);
        for (Account other : isElsewhere ? value().otherwise() : List.<Account>of()) {
            if (other.equals(account)) {
                continue;
            }
            var there = sources.accounts().read(other, as, request.deadline());
            if (there instanceof Answer.Given<List<AtlasSecret>>) {
                account = other;
                return there;
            }
            failed.add(attempt("in " + other.scope().key() + ", ", there, Code.ACCESS_DENIED));
        }
        return answer;
    }

    /**
     * The account, if this credential could read it.
     *
     * @param ifRejected what it means where Atlas does not accept this one
     */
    private Optional<Opened> openedBy(AtlasAccess access, Answer<List<AtlasSecret>> read, String who, Code ifRejected) {
        if (!(read instanceof Answer.Given<List<AtlasSecret>>(List<AtlasSecret> secrets, Instant at))) {
            failed.add(attempt(who, read, ifRejected));
            return Optional.empty();
        }
        // What Atlas's clock said when the reading began: the two times of a snapshot are of one moment. Its Date
        // header has whole seconds.
        var elapsed = Duration.between(request.began(), sources.clock().instant());
        return Optional.of(opened(new AtlasView.Open(access, secrets), at.minusSeconds(elapsed.toSeconds())));
    }

    private Opened opened(AtlasView view, Instant now) {
        return new Opened(account, view, now, adminUnavailable);
    }

    private static Attempt attempt(String who, Answer<?> answer, Code ifRejected) {
        return switch (answer) {
            case Answer.Given<?> given -> new Attempt(who + "accepted", Code.ACCESS_DENIED);
            case Answer.NotAuthenticated<?>(String why) -> new Attempt(who + why, ifRejected);
            case Answer.Denied<?>(int status, String code, String why) ->
                new Attempt(
                        who + (why.isEmpty() ? ("Atlas answered " + status + " " + code).strip() : why),
                        NOT_ON_ACCESS_LIST.contains(code) ? Code.IP_ACCESS_LIST : Code.ACCESS_DENIED);
        };
    }

    private StoredValue value() {
        return verifier.current().value();
    }
}
