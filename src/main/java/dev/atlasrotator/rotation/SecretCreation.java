package dev.atlasrotator.rotation;

import dev.atlasrotator.atlas.ServiceAccounts;
import dev.atlasrotator.atlas.ServiceAccounts.Answer;
import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.atlas.ServiceAccounts.CreateAnswer;
import dev.atlasrotator.atlas.ServiceAccounts.Created;
import dev.atlasrotator.credential.AtlasCredential.ServiceAccountKey;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.finding.ActionErrors;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.policy.Action;
import dev.atlasrotator.policy.Decision;
import dev.atlasrotator.policy.Decision.Removal;
import dev.atlasrotator.policy.Decision.Removal.Why;
import dev.atlasrotator.policy.Findings;
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

/**
 * Creates a secret at Atlas and stores it, or leaves things as they were; deletes secrets, and abandons rotations.
 * Between the create and the store only this run has the value, so the store follows at once, and what certainly could
 * not be stored is deleted again.
 */
record SecretCreation(SecretVault vault, ServiceAccounts accounts, Retrier retrier) {
    /** A create, a read after a lost answer, a store with its repeats and an undo, each within its own time-out. */
    static final Duration NEEDS = Duration.ofSeconds(60);

    /** What must be left for the store and the undo when the create is sent. */
    private static final Duration STORE_AND_UNDO = Duration.ofSeconds(35);

    /** After a lost answer Atlas is left alone for a moment before the account is read. */
    private static final Duration SETTLE = Duration.ofSeconds(2);

    private static final int CREATES_MAX = 3;

    private static final String NONE_CREATED = """
        No new secret was created. What this run registered or deleted before stays so, and the next run goes on from \
        there.\
        """;

    /** Ends a rotation that can never work, so that the next one can begin. */
    void abandon(Decision.Abandon abandon, Run run) {
        remove(abandon.first(), run);
        vault.dropPending(run.arn(), abandon.pending(), run.deadline());
        run.done().accept(new Action.Abandoned());
    }

    /** Deletes what may be deleted. */
    void remove(List<Removal> removals, Run run) {
        if (!removals.isEmpty()) {
            remove(removals, open(run).access(), run);
        }
    }

    /** Deletes what may be deleted, by another credential than the one that read the account. */
    void remove(List<Removal> removals, AtlasAccess access, Run run) {
        // Somebody may have stored the value of what looks like an orphan since it was read.
        if (removals.stream().anyMatch(removal -> removal.why() == Why.ORPHAN)) {
            mustBeCurrent(run);
        }
        for (Removal removal : removals) {
            mustBeExplained(removal, run);
            whyLeft(removal.id(), access, run).ifPresent(why -> {
                throw ActionErrors.notDeleted(removal.id(), run.seen().account(), why);
            });
            run.done().accept(new Action.Deleted(removal.id(), removal.why()));
        }
    }

    /**
     * What is superseded by the word of an id that is beside several client secrets: the one that it belongs to must
     * authenticate. Else somebody has left the id beside a value that was never its own, and the secret may be the one
     * in use. It is not tried before, since Atlas takes that for a use.
     *
     * @throws RotatorException.Refused if it does not
     */
    private void mustBeExplained(Removal removal, Run run) {
        var own = Optional.ofNullable(run.seen().doubtful().get(removal.id()));
        boolean isByItsId = removal.why() == Why.SUPERSEDED || removal.why() == Why.REVOKED;
        if (isByItsId && own.isPresent()) {
            var key = new ServiceAccountKey(run.seen().account().clientId(), own.get());
            if (accounts.verify(key, run.deadline()) == AuthResult.REJECTED) {
                throw Findings.unconfirmed(run.seen(), List.of(removal.id())).error();
            }
        }
    }

    /**
     * Checks once more whether AWSCURRENT is where it was seen.
     *
     * @throws RotatorException.Conflict if it has moved
     */
    private void mustBeCurrent(Run run) {
        var version = vault.describe(run.arn(), run.deadline()).version(StoredSecret.CURRENT);
        if (!version.equals(Optional.of(run.seen().currentVersion()))) {
            throw ActionErrors.currentMoved(run.name());
        }
    }

    /**
     * Creates and stores.
     *
     * @param version under which the new value is stored
     * @return the new secret; empty where another run stored one first (then nothing of ours is left)
     */
    Optional<Created> create(Decision.Create decision, VersionId version, Optional<Sensitive> rotationToken, Run run) {
        requireTime(run);
        remove(decision.first(), run);
        var made = make(decision.lifetimeHours(), run);
        run.done()
                .accept(new Action.Created(
                        Optional.of(made.secret().id()), run.seen().current().copies()));
        return store(made, version, rotationToken, run);
    }

    private static void requireTime(Run run) {
        var account = run.seen().account();
        run.deadline().require(NEEDS, "creating a secret for account " + account, NONE_CREATED);
    }

    private Created make(int lifetimeHours, Run run) {
        var account = run.seen().account();
        var credential = open(run).access().credential();
        for (int attempt = 1; ; attempt++) {
            requireTime(run);
            switch (accounts.create(
                    account, credential, lifetimeHours, run.deadline().keeping(STORE_AND_UNDO))) {
                case CreateAnswer.Made(Created created) -> {
                    return created;
                }
                case CreateAnswer.Denied(int status, String code, var what, String why) -> {
                    if (status == 400) { // what Atlas answers to a third secret is not documented
                        throwIfCreated("Atlas answered " + (status + " " + code).strip() + ".", run);
                    }
                    var told = told(status, code, why);
                    throw withRemarks(
                            run,
                            switch (what) {
                                case CREATE -> ActionErrors.createRefused(account, told, lifetimeHours);
                                case LIFETIME -> ActionErrors.lifetimeRefused(account, told, lifetimeHours);
                            });
                }
                case CreateAnswer.Unknown(String why) -> {
                    throwIfCreated(why, run);
                    if (attempt >= CREATES_MAX) {
                        throw ActionErrors.notCreated(account, attempt, why);
                    }
                }
            }
        }
    }

    /** After a lost answer: has a secret come of it? Then it waits until nobody can be about to store it. */
    private void throwIfCreated(String why, Run run) {
        retrier.pause(SETTLE);
        var account = run.seen().account();
        var open = open(run);
        var before = open.secrets().stream().map(AtlasSecret::id).toList();
        var after = secrets(open.access(), run)
                .orElseThrow(() -> Findings.andExpiring(run.seen(), ActionErrors.createUnknown(account, why)));
        after.stream()
                .filter(secret -> !before.contains(secret.id()))
                .findFirst()
                .ifPresent(made -> {
                    var until = made.createdAt().plus(RotationTimes.LONGEST_RUN);
                    throw Findings.andSevenDays(run.seen(), ActionErrors.createdUnseen(account, made, until, why));
                });
    }

    /** The account's secrets now; empty where Atlas does not tell, which its log line says. */
    private Optional<List<AtlasSecret>> secrets(AtlasAccess access, Run run) {
        try {
            return accounts.read(run.seen().account(), access.credential(), run.deadline())
                            instanceof Answer.Given<List<AtlasSecret>>(var secrets, var _)
                    ? Optional.of(secrets)
                    : Optional.empty();
        } catch (RotatorException.Unavailable untold) {
            return Optional.empty();
        }
    }

    /** What is wrong with the credentials at hand may be why. */
    private static RotatorException withRemarks(Run run, RotatorException refused) {
        for (Finding remark : run.seen().remarks()) {
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
                                && seen.current().recordedId().equals(Optional.of(before)))
                ? next.superseding(before)
                : next;
    }

    private Optional<Created> store(Created made, VersionId version, Optional<Sensitive> rotationToken, Run run) {
        var account = run.seen().account();
        var id = made.secret().id();
        var text = next(run.seen(), made).text();
        return switch (vault.putPending(run.arn(), version, text, rotationToken, run.deadline())) {
            case PutAnswer.Stored _ -> Optional.of(made);
            case PutAnswer.TakenByAnother _ -> {
                undo(id, "another run had stored one first.", run);
                yield Optional.empty();
            }
            case PutAnswer.Rejected(Code code, String why) -> {
                undo(id, why, run);
                throw Findings.andSevenDays(run.seen(), ActionErrors.notStored(id, account, run.name(), code, why));
            }
            case PutAnswer.Unknown(String why) -> {
                if (isThere(version, id, run)) {
                    yield Optional.of(made);
                }
                throw Findings.andSevenDays(run.seen(), ActionErrors.storeUnknown(id, account, run.name(), why));
            }
        };
    }

    private boolean isThere(VersionId version, SecretId id, Run run) {
        var which = new VersionSelector.StagedExactly(version, StoredSecret.PENDING);
        return vault.read(run.arn(), which, run.deadline()) instanceof Reading.Found(SecretVault.Version found)
                && StoredValue.parse(found.text()).secretId().equals(Optional.of(id));
    }

    private void undo(SecretId id, String cause, Run run) {
        Optional<String> left;
        try {
            left = whyLeft(id, open(run).access(), run);
        } catch (RotatorException.Unavailable untold) {
            left = Optional.of("Atlas was not available for it.");
        }
        left.ifPresent(why -> {
            throw ActionErrors.notUndone(id, run.seen().account(), cause, why);
        });
    }

    /** Deletes it, or says why it is left. */
    private Optional<String> whyLeft(SecretId id, AtlasAccess access, Run run) {
        return switch (accounts.delete(run.seen().account(), id, access.credential(), run.deadline())) {
            case Answer.Given<Boolean> _ -> Optional.empty();
            case Answer.NotAuthenticated<Boolean>(String why) ->
                Optional.of("the credential no longer authenticates. " + why);
            case Answer.Denied<Boolean>(int status, String code, String why) -> Optional.of(told(status, code, why));
        };
    }

    private static AtlasView.Open open(Run run) {
        return switch (run.seen().atlas()) {
            case AtlasView.Open open -> open;
            case AtlasView.Closed(Finding why) -> throw why.error();
        };
    }
}
