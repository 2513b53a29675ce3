package dev.atlasrotator.finding;

import static dev.atlasrotator.finding.Finding.seconds;

import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import java.time.Instant;
import java.util.Optional;

/**
 * The errors with which an action ends that could not be carried out: what it has left, and what happens next. The
 * name of a stored secret is {@code name} throughout, and {@code why} is a whole sentence of a service's or of ours.
 */
public final class ActionErrors {
    private static final String SEVEN_DAYS = "The secret in use goes on working, for seven days at most.";

    private ActionErrors() {}

    // --- reading again before acting ---

    public static RotatorException currentMoved(String name) {
        return new RotatorException.Conflict(
                "AWSCURRENT of %s has moved since it was looked at. No secret was deleted; the next run looks again."
                        .formatted(name));
    }

    public static RotatorException changedWhileAbandoning(String name) {
        return new RotatorException.Conflict(
                ("While this run abandoned an older rotation of %s, somebody else began another one or moved"
                    + " AWSCURRENT. That is left as it is. Call again if what you asked for still holds: it is decided"
                    + " anew.")
                        .formatted(name));
    }

    public static RotatorException inProgress(String name, Optional<Instant> since) {
        return new RotatorException.Conflict(
                Code.ROTATION_IN_PROGRESS,
                ("A rotation of %s has been in progress since %s. Nothing was changed. If it is not over in 15 minutes,"
                                + " the next run finishes or abandons it.")
                        .formatted(name, since.map(Object::toString).orElse("a moment")));
    }

    // --- registering ---

    public static RotatorException registeredByAnother(String name) {
        return new RotatorException.Conflict(
                Code.ROTATION_IN_PROGRESS,
                ("Another rotation of %s has begun at the same time. Nothing was changed; it goes on, or is finished or"
                                + " abandoned in 15 minutes.")
                        .formatted(name));
    }

    public static RotatorException notRegistered(String name, String why) {
        return new RotatorException.Configuration(
                Code.SECRETS_MANAGER_DENIED,
                "A rotation of %s could not be registered: %s Nothing was changed.".formatted(name, why));
    }

    public static RotatorException registrationUnknown(String name, String why) {
        return new RotatorException.Unavailable(
                Code.SECRETS_MANAGER_UNAVAILABLE,
                ("Whether a rotation of %s was registered is not known: %s No secret was created. A registration that"
                                + " was stored is abandoned when it is 15 minutes old.")
                        .formatted(name, why));
    }

    // --- creating ---

    public static RotatorException notCreated(Account account, int attempts, String last) {
        return new RotatorException.Unavailable(
                Code.ATLAS_UNAVAILABLE,
                ("Atlas did not create a secret for account %s in %d attempts; the last: %s None was made: the account"
                                + " shows no new one. Try again.")
                        .formatted(account, attempts, last));
    }

    public static RotatorException createUnknown(Account account, String why) {
        return new RotatorException.Unavailable(
                Code.ATLAS_UNAVAILABLE,
                ("Atlas's answer to a create for account %s was lost: %s The account cannot be read to see what came"
                    + " of it. The rotation is still in progress. Try again in 15 minutes: a secret that nobody stored"
                    + " is deleted then.")
                        .formatted(account, why));
    }

    public static RotatorException createdUnseen(Account account, AtlasSecret made, Instant until, String why) {
        return new RotatorException.Unavailable(
                Code.CREATE_IN_FLIGHT,
                ("Atlas's answer to a create for account %s was lost: %s Secret %s was made at %s, with a value that"
                                + " nobody has, unless another run made it and is about to store it. %s Try again after"
                                + " %s: it is deleted then.")
                        .formatted(account, why, made.id(), made.createdAt(), SEVEN_DAYS, seconds(until)));
    }

    public static RotatorException createRefused(Account account, String why, int lifetimeHours) {
        return new RotatorException.Credential(
                Code.CREATE_REFUSED,
                ("Atlas refused a new secret for account %s: %s Only a Project Owner or Organization Owner may manage"
                                + " this account, and the organization must allow a lifetime of %d hours.")
                        .formatted(account, why, lifetimeHours));
    }

    // --- storing ---

    public static RotatorException storedByAnother(String name) {
        return new RotatorException.Conflict(
                "Another run stored a new secret for %s first. Ours was deleted again; that run goes on."
                        .formatted(name));
    }

    public static RotatorException notStored(SecretId made, Account account, String name, String why) {
        return new RotatorException.Configuration(
                Code.SECRETS_MANAGER_DENIED,
                ("Secret %s was created for account %s and could not be stored in %s: %s The new secret was deleted at"
                    + " Atlas again, and AWSCURRENT is as it was; but Atlas has shortened the lifetime of the secret"
                    + " in use to seven days at most. Rotate again before they are over.")
                        .formatted(made, account, name, why));
    }

    public static RotatorException storeUnknown(SecretId made, Account account, String name, String why) {
        return new RotatorException.Unavailable(
                Code.SECRETS_MANAGER_UNAVAILABLE,
                ("Secret %s was created for account %s, and whether it was stored in %s is not known: %s %s The next"
                                + " run takes a stored one up, and one that was not stored is deleted when it is 15"
                                + " minutes old.")
                        .formatted(made, account, name, why, SEVEN_DAYS));
    }

    public static RotatorException notStoredAnew(String name, String why) {
        return new RotatorException.Unavailable(
                Code.SECRETS_MANAGER_UNAVAILABLE,
                ("A value of %s could not be stored under a version of this run: %s AWSCURRENT is as it was; the next"
                                + " run tries again.")
                        .formatted(name, why));
    }

    public static RotatorException notUndone(SecretId made, Account account, String cause, String why) {
        return new RotatorException.Unavailable(
                Code.ATLAS_UNAVAILABLE,
                ("Secret %s was created for account %s, and was not stored: %s The secret could not be deleted again:"
                                + " %s The rotation is still in progress. Try again in 15 minutes: it is deleted then.")
                        .formatted(made, account, cause, why));
    }

    public static RotatorException notDeleted(SecretId secret, Account account, String why) {
        return new RotatorException.Credential(
                Code.ACCESS_DENIED, "Secret %s of account %s could not be deleted: %s".formatted(secret, account, why));
    }

    // --- testing and promoting ---

    public static RotatorException newSecretRejected(String name, String version) {
        return new RotatorException.Credential(
                Code.NEW_SECRET_REJECTED,
                ("Atlas does not accept the new secret of %s under version %s. AWSCURRENT is as it was. Try again; once"
                                + " it is sure that it can never work, the rotation is abandoned.")
                        .formatted(name, version));
    }

    /** What follows the error of one call that came after the new secret was stored. */
    public static String storedUnder(String version, String name) {
        return "The new secret is stored under version %s of %s, and the next run ends the rotation. %s"
                .formatted(version, name, SEVEN_DAYS);
    }

    public static RotatorException promotedByAnother(String name, String version) {
        return new RotatorException.Conflict(
                ("AWSCURRENT of %s was moved by somebody else while this rotation ended. It is as they left it; version"
                                + " %s keeps AWSPENDING, and the next run looks again.")
                        .formatted(name, version));
    }

    public static RotatorException pendingMoved(String name) {
        return new RotatorException.Conflict(
                ("AWSPENDING of %s was moved while this run tested its version. AWSCURRENT is as it was; the next run"
                                + " looks again.")
                        .formatted(name));
    }

    public static RotatorException newSecretGone(String name, SecretId made) {
        return new RotatorException.Conflict(
                ("AWSCURRENT of %s holds the new secret %s, and Atlas does not show it any more: somebody may have"
                                + " deleted it. The old ones were left as they were. Look in Atlas, then ask for the"
                                + " revocation again.")
                        .formatted(name, made));
    }

    // --- Secrets Manager's steps ---

    public static RotatorException nothingToTest(String version) {
        return new RotatorException.Conflict(
                "Version %s holds no value to test. Nothing was changed; createSecret comes first.".formatted(version));
    }

    public static RotatorException binary(String version) {
        return new RotatorException.Credential(
                "Version %s holds bytes instead of a credential. Nothing was changed.".formatted(version));
    }

    public static RotatorException noCurrent(String name) {
        return new RotatorException.Conflict(
                "%s has no version under AWSCURRENT to take over from. Nothing was changed.".formatted(name));
    }

    public static RotatorException rotationDisabled(String name) {
        return new RotatorException.Refused(
                Code.ROTATION_DISABLED,
                "Rotation of %s is switched off. Nothing was changed. Switch it on, or use {\"action\":\"rotate\"}."
                        .formatted(name));
    }

    public static RotatorException notPending(String name, String version) {
        return new RotatorException.Conflict(
                ("Version %s of %s does not exist, or AWSPENDING is not on it. Nothing was changed. Start a rotation by"
                                + " RotateSecret, or {\"action\":\"rotate\"}.")
                        .formatted(version, name));
    }

    public static RotatorException abandoned(String name, String version, String why) {
        return new RotatorException.Credential(
                Code.ROTATION_STALLED,
                ("The rotation of %s under version %s was abandoned: %s. AWSCURRENT is as it was, and AWSPENDING was"
                                + " taken off that version, so that the next rotation can begin: rotate again.")
                        .formatted(name, version, why));
    }
}
