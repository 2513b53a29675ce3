package dev.atlasrotator.rotation;

import dev.atlasrotator.atlas.ServiceAccounts;
import dev.atlasrotator.atlas.ServiceAccounts.Answer;
import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.atlas.ServiceAccounts.CreateAnswer;
import dev.atlasrotator.atlas.ServiceAccounts.Created;
import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasCredential.ServiceAccountKey;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.finding.ActionErrors;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.policy.Action;
import dev.atlasrotator.policy.Decision;
import dev.atlasrotator.policy.Decision.Removal;
import dev.atlasrotator.policy.Findings;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.SecretVault.PutAnswer;
import dev.atlasrotator.secretsmanager.SecretVault.Reading;
import dev.atlasrotator.secretsmanager.SecretVault.VersionSelector;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.secretsmanager.VersionId;
import dev.atlasrotator.snapshot.AtlasAccess;
import dev.atlasrotator.snapshot.RotationTimes;
import dev.atlasrotator.snapshot.Snapshot;
import dev.atlasrotator.snapshot.Snapshot.AtlasView;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Creates a secret at Atlas and stores it, or leaves things as they were. Between the create and
 * the store only this run has the value, so the store follows at once, and what certainly could not
 * be stored is deleted again.
 */
final class SecretCreation {
    /**
     * A create, a look after a lost answer, a store with its repeats and an undo, each within its
     * own time-out.
     */
    static final Duration NEEDS = Duration.ofSeconds(60);

    /** What must be left for the store and the undo when the create is sent. */
    private static final Duration STORE_AND_UNDO = Duration.ofSeconds(35);

    /** After a lost answer Atlas is left alone for a moment before the account is read. */
    private static final Duration SETTLE = Duration.ofSeconds(2);

    private static final int CREATES_MAX = 3;

    private final SecretVault vault;
    private final ServiceAccounts accounts;
    private final Retrier retrier;

    SecretCreation(SecretVault vault, ServiceAccounts accounts, Retrier retrier) {
        this.vault = vault;
        this.accounts = accounts;
        this.retrier = retrier;
    }

    /** Deletes what may go. */
    void remove(Snapshot seen, List<Removal> removals, Deadline deadline, Consumer<Action> done) {
        if (!removals.isEmpty()) {
            remove(seen, open(seen).access(), removals, deadline, done);
        }
    }

    /** Deletes what may go, by another credential than the one that read the account. */
    void remove(Snapshot seen, AtlasAccess access, List<Removal> removals, Deadline deadline, Consumer<Action> done) {
        // Somebody may have stored the value of what looks like an orphan since it was looked at.
        if (removals.stream().anyMatch(removal -> removal.why() == Removal.Why.ORPHAN)) {
            mustBeCurrent(seen, deadline);
        }
        for (Removal removal : removals) {
            mustBeExplained(seen, removal, deadline);
            deleteOrFail(seen.account(), removal.id(), access, deadline);
            done.accept(new Action.Deleted(removal.id(), removal.why()));
        }
    }

    /**
     * What is superseded by the word of an id that stands beside several client secrets: the one
     * that it belongs to must authenticate. Else somebody has left the id beside a value that was
     * never its own, and the secret may be the one in use. It is not tried before, since Atlas
     * takes that for a use.
     *
     * @throws RotatorException.Refused if it does not
     */
    private void mustBeExplained(Snapshot seen, Removal removal, Deadline deadline) {
        var own = Optional.ofNullable(seen.doubtful().get(removal.id()));
        boolean isByItsId = switch (removal.why()) {
            case SUPERSEDED, REVOKED -> true;
            case EXPIRED, ORPHAN -> false;
        };
        if (isByItsId
                && own.isPresent()
                && accounts.verify(new ServiceAccountKey(seen.account().clientId(), own.get()), deadline)
                        == AuthResult.REJECTED) {
            throw Findings.unconfirmed(seen, List.of(removal.id())).error();
        }
    }

    /**
     * Looks once more whether AWSCURRENT is where it was seen.
     *
     * @throws RotatorException.Conflict if it has moved
     */
    private void mustBeCurrent(Snapshot seen, Deadline deadline) {
        var version = vault.describe(seen.stored().arn(), deadline).version(StoredSecret.CURRENT);
        if (version.filter(seen.currentVersion()::equals).isEmpty()) {
            throw ActionErrors.currentMoved(seen.stored().name());
        }
    }

    /**
     * Creates and stores.
     *
     * @param version under which the new value is stored
     * @return the new secret; empty where another run stored one first (then nothing of ours is
     *     left)
     */
    Optional<Created> create(
            Snapshot seen,
            Decision.Create decision,
            VersionId version,
            Optional<Sensitive> rotationToken,
            Deadline deadline,
            Consumer<Action> done) {
        deadline.require(NEEDS, "creating a secret for account " + seen.account());
        remove(seen, decision.first(), deadline, done);
        var made = make(seen, decision, deadline);
        done.accept(new Action.Created(Optional.of(made.secret().id())));
        return store(seen, made, version, rotationToken, deadline);
    }

    private Created make(Snapshot seen, Decision.Create decision, Deadline deadline) {
        var account = seen.account();
        var open = open(seen);
        var access = open.access();
        Set<SecretId> before = open.secrets().stream().map(AtlasSecret::id).collect(Collectors.toSet());
        for (int attempt = 1; ; attempt++) {
            deadline.require(NEEDS, "creating a secret for account " + account);
            var answer = accounts.create(
                    account, access.credential(), decision.lifetimeHours(), deadline.keeping(STORE_AND_UNDO));
            switch (answer) {
                case CreateAnswer.Made(Created created) -> {
                    return created;
                }
                case CreateAnswer.Denied(int status, String code, String why) -> {
                    if (status == 400) { // what Atlas answers to a third secret is not documented:
                        // another run's may be there
                        lookForIt(
                                account,
                                access,
                                before,
                                "Atlas answered 400" + (code.isEmpty() ? "." : " " + code + "."),
                                seen,
                                deadline);
                    }
                    throw denied(seen, status, code, why, decision);
                }
                case CreateAnswer.Unknown(String why) -> {
                    lookForIt(account, access, before, why, seen, deadline);
                    if (attempt >= CREATES_MAX) {
                        throw ActionErrors.notCreated(account, attempt, why);
                    }
                }
            }
        }
    }

    /**
     * After a lost answer: has a secret come of it? Then it waits until nobody can be about to
     * store it.
     */
    private void lookForIt(
            Account account, AtlasAccess access, Set<SecretId> before, String why, Snapshot seen, Deadline deadline) {
        retrier.pause(SETTLE);
        var after = secrets(account, access, deadline);
        if (after.isEmpty()) {
            throw Findings.andExpiring(seen, ActionErrors.createUnknown(account, why));
        }
        var came = after.get().stream()
                .filter(secret -> !before.contains(secret.id()))
                .findFirst();
        if (came.isPresent()) {
            throw ActionErrors.createdUnseen(
                    account, came.get(), came.get().createdAt().plus(RotationTimes.LONGEST_RUN), why);
        }
    }

    /** The account's secrets now; empty where Atlas does not tell, which its log line says. */
    private Optional<List<AtlasSecret>> secrets(Account account, AtlasAccess access, Deadline deadline) {
        try {
            return accounts.read(account, access.credential(), deadline)
                            instanceof Answer.Given<List<AtlasSecret>>(var secrets, var at)
                    ? Optional.of(secrets)
                    : Optional.empty();
        } catch (RotatorException.Unavailable untold) {
            return Optional.empty();
        }
    }

    /** What is wrong with the credentials at hand may be why. */
    private static RotatorException denied(
            Snapshot seen, int status, String code, String why, Decision.Create decision) {
        var refused = ActionErrors.createRefused(seen.account(), told(status, code, why), decision.lifetimeHours());
        for (Finding remark : seen.remarks()) {
            refused = refused.and(remark.text());
        }
        return refused;
    }

    /** A refusal of Atlas's in its own words, where it has some. */
    private static String told(int status, String code, String why) {
        return why.isEmpty() ? "Atlas answered " + (status + " " + code).strip() + "." : why;
    }

    /** Without it nobody could tell later that the one before was ours to delete. */
    private static StoredValue next(Snapshot seen, Created made) {
        var next = seen.current().with(made.secret(), made.value());
        return seen.identity() instanceof Snapshot.Identity.Is(SecretId before)
                        && !(seen.known().contains(before)
                                && seen.current()
                                        .recordedId()
                                        .filter(before::equals)
                                        .isPresent())
                ? next.superseding(before)
                : next;
    }

    private Optional<Created> store(
            Snapshot seen, Created made, VersionId version, Optional<Sensitive> rotationToken, Deadline deadline) {
        var stored = seen.stored();
        var text = next(seen, made).text();
        var id = made.secret().id();
        return switch (vault.putPending(stored.arn(), version, text, rotationToken, deadline)) {
            case PutAnswer.Stored s -> Optional.of(made);
            case PutAnswer.TakenByAnother t -> {
                undo(seen, id, deadline, "another run had stored one first.");
                yield Optional.empty();
            }
            case PutAnswer.Rejected(String why) -> {
                undo(seen, id, deadline, why);
                throw ActionErrors.notStored(id, seen.account(), stored.name(), why);
            }
            case PutAnswer.Unknown(String why) -> {
                if (isThere(stored, version, id, deadline)) {
                    yield Optional.of(made);
                }
                throw ActionErrors.storeUnknown(id, seen.account(), stored.name(), why);
            }
        };
    }

    private boolean isThere(StoredSecret stored, VersionId version, SecretId id, Deadline deadline) {
        var which = new VersionSelector.StagedExactly(version, StoredSecret.PENDING);
        return vault.read(stored.arn(), which, deadline) instanceof Reading.Found(SecretVault.Version found)
                && StoredValue.parse(found.text()).secretId().filter(id::equals).isPresent();
    }

    private void undo(Snapshot seen, SecretId id, Deadline deadline, String cause) {
        var account = seen.account();
        Optional<String> left;
        try {
            left = whyLeft(account, id, open(seen).access(), deadline);
        } catch (RotatorException.Unavailable untold) {
            left = Optional.of("Atlas was not available for it.");
        }
        if (left.isPresent()) {
            throw ActionErrors.notUndone(id, account, cause, left.get());
        }
    }

    private void deleteOrFail(Account account, SecretId id, AtlasAccess access, Deadline deadline) {
        var left = whyLeft(account, id, access, deadline);
        if (left.isPresent()) {
            throw ActionErrors.notDeleted(id, account, left.get());
        }
    }

    /** Deletes it, or says why it is left. */
    private Optional<String> whyLeft(Account account, SecretId id, AtlasAccess access, Deadline deadline) {
        return switch (accounts.delete(account, id, access.credential(), deadline)) {
            case Answer.Given<Boolean> given -> Optional.empty();
            case Answer.NotAuthenticated<Boolean>(String why) ->
                Optional.of("the credential no longer authenticates. " + why);
            case Answer.Denied<Boolean>(int status, String code, String why) -> Optional.of(told(status, code, why));
        };
    }

    private static AtlasView.Open open(Snapshot seen) {
        return switch (seen.atlas()) {
            case AtlasView.Open open -> open;
            case AtlasView.Closed(Finding why) -> throw why.error();
        };
    }
}
