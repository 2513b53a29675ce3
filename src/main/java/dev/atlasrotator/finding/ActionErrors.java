package dev.atlasrotator.finding;

import static dev.atlasrotator.finding.Finding.seconds;
import static dev.atlasrotator.finding.Finding.sentence;

import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import java.time.Instant;

/**
 * The errors with which an action ends that could not be carried out: what it has left, and what happens next. The
 * name of a stored secret is {@code name} throughout, and {@code why} is a whole sentence of a service's or of ours.
 */
public final class ActionErrors {
    /** What a create does to the secret in use, where there is one. */
    public static final String SEVEN_DAYS = "The secret in use keeps working, but expires within seven days.";

    private ActionErrors() {}

    // --- reading again before acting ---

    public static RotatorException currentMoved(String name) {
        return new RotatorException.Conflict(sentence("""
            AWSCURRENT of %s has moved since it was read. No secret was deleted; the next run reads it again.
            """, name));
    }

    public static RotatorException changedWhileAbandoning(String name) {
        return new RotatorException.Conflict(sentence("""
            While this run abandoned an older rotation of %s, somebody else began another one or moved AWSCURRENT. That
            is left as it is. If you still want this, call again; the function then decides again.
            """, name));
    }

    // --- registering ---

    public static RotatorException registeredByAnother(String name) {
        return new RotatorException.Conflict(Code.ROTATION_IN_PROGRESS, sentence("""
            Another rotation of %s has begun at the same time. Nothing was changed. It continues; if it stops, a run
            finishes or abandons it after 15 minutes.
            """, name));
    }

    public static RotatorException notRegistered(String name, Code code, String why) {
        return new RotatorException.Configuration(
                code, sentence("A rotation of %s could not be registered: %s Nothing was changed.", name, why));
    }

    public static RotatorException registrationUnknown(String name, String why) {
        return secretsManagerUnavailable("""
            Whether a rotation of %s was registered is not known: %s No secret was created. A registration that was
            stored is abandoned when it is 15 minutes old.
            """, name, why);
    }

    // --- creating ---

    public static RotatorException notCreated(Account account, int attempts, String last) {
        return atlasUnavailable("""
            Atlas did not create a secret for account %s after %d attempts. Its last answer: %s The account has no new
            secret. Try again.
            """, account, attempts, last);
    }

    public static RotatorException createUnknown(Account account, String why) {
        return atlasUnavailable("""
            Atlas's answer to a create for account %s was lost: %s The account cannot be read to see what came of it.
            The rotation is still in progress. Try again in 15 minutes: a secret that nobody stored is deleted then.
            """, account, why);
    }

    public static RotatorException createdUnseen(Account account, AtlasSecret made, Instant until, String why) {
        var text = sentence("""
            Atlas's answer to a create for account %s was lost: %s Secret %s was made at %s. Nobody has its value,
            unless another run made it and is about to store it. Try again after %s: it is deleted then.
            """, account, why, made.id(), made.createdAt(), seconds(until));
        return new RotatorException.Unavailable(Code.CREATE_IN_FLIGHT, text);
    }

    public static RotatorException createRefused(Account account, String why, int lifetimeHours) {
        return new RotatorException.Credential(Code.CREATE_REFUSED, sentence("""
            Atlas refused a new secret for account %s: %s Only a Project Owner or Organization Owner may manage this
            account, and the organization must allow a lifetime of %d hours.
            """, account, why, lifetimeHours));
    }

    public static RotatorException lifetimeRefused(Account account, String why, int lifetimeHours) {
        return new RotatorException.Credential(Code.LIFETIME_REFUSED, sentence("""
            Atlas refused a new secret for account %s: %s Its organization does not allow a lifetime of %d hours. Set
            SECRET_EXPIRES_AFTER_HOURS, or secretExpiresAfterHours in the stored value, to what it allows.
            """, account, why, lifetimeHours));
    }

    // --- storing ---

    public static RotatorException storedByAnother(String name) {
        return new RotatorException.Conflict(sentence("""
            Another run stored a new secret for %s first. The secret of this run was deleted; the other run continues.
            """, name));
    }

    public static RotatorException notStored(SecretId made, Account account, String name, Code code, String why) {
        return new RotatorException.Configuration(code, sentence("""
            Secret %s was created for account %s and could not be stored in %s: %s The new secret was deleted at Atlas
            again, and AWSCURRENT is as it was. Rotate again.
            """, made, account, name, why));
    }

    public static RotatorException storeUnknown(SecretId made, Account account, String name, String why) {
        return secretsManagerUnavailable("""
            Secret %s was created for account %s, and whether it was stored in %s is not known: %s If it was stored, the
            next run continues with it. If not, it is deleted once it is 15 minutes old.
            """, made, account, name, why);
    }

    public static RotatorException notStoredAnew(String name, String why, String next) {
        return secretsManagerUnavailable("""
            A value of %s could not be stored under a version of this run: %s AWSCURRENT is as it was. %s
            """, name, why, next);
    }

    /** What follows the error of one call of a revocation: no other run takes it up. */
    public static String leakedNotDeleted(SecretId leaked) {
        return sentence("The leaked secret %s may still work: ask for the revocation again.", leaked);
    }

    public static RotatorException notUndone(SecretId made, Account account, String cause, String why) {
        return atlasUnavailable("""
            Secret %s was created for account %s, and was not stored: %s The secret could not be deleted again: %s The
            rotation is still in progress. Try again in 15 minutes: it is deleted then.
            """, made, account, cause, why);
    }

    public static RotatorException notDeleted(SecretId secret, Account account, String why) {
        return new RotatorException.Credential(
                Code.ACCESS_DENIED, sentence("Secret %s of account %s could not be deleted: %s", secret, account, why));
    }

    // --- testing and promoting ---

    public static RotatorException newSecretRejected(String name, String version) {
        return new RotatorException.Credential(Code.NEW_SECRET_REJECTED, sentence("""
            Atlas does not accept the new secret of %s under version %s. AWSCURRENT is as it was. Try again. If
            it can never work, a later run abandons the rotation.
            """, name, version));
    }

    /** What follows the error of one call that came after the new secret was stored. */
    public static String storedUnder(String version, String name) {
        return sentence(
                "The new secret is stored under version %s of %s, and the next run ends the rotation.", version, name);
    }

    public static RotatorException promotedByAnother(String name, String version) {
        return new RotatorException.Conflict(sentence("""
            AWSCURRENT of %s was moved by somebody else while this rotation ended. It is as they left it; version %s
            keeps AWSPENDING, and the next run reads it again.
            """, name, version));
    }

    public static RotatorException pendingMoved(String name) {
        return new RotatorException.Conflict(sentence("""
            AWSPENDING of %s was moved while this run tested its version. AWSCURRENT is as it was; the next run reads it
            again.
            """, name));
    }

    public static RotatorException newSecretGone(String name, SecretId made) {
        return new RotatorException.Conflict(sentence("""
            AWSCURRENT of %s holds the new secret %s, and Atlas does not show it any more: somebody may have deleted it.
            The old ones were left as they were. Check it in Atlas, then ask for the revocation again.
            """, name, made));
    }

    // --- Secrets Manager's steps ---

    public static RotatorException nothingToTest(String version) {
        return new RotatorException.Conflict(
                sentence("Version %s holds no value to test. Nothing was changed; createSecret comes first.", version));
    }

    public static RotatorException binary(String version) {
        return new RotatorException.Credential(
                sentence("Version %s holds bytes instead of a credential. Nothing was changed.", version));
    }

    public static RotatorException noCurrent(String name) {
        return new RotatorException.Conflict(
                sentence("%s has no version under AWSCURRENT to take over from. Nothing was changed.", name));
    }

    public static RotatorException rotationDisabled(String name) {
        return new RotatorException.Refused(Code.ROTATION_DISABLED, sentence("""
            Rotation of %s is switched off. Nothing was changed. Switch it on, or use {"action":"rotate"}.
            """, name));
    }

    public static RotatorException notPending(String name, String version) {
        return new RotatorException.Conflict(sentence("""
            Version %s of %s does not exist, or AWSPENDING is not on it. Nothing was changed. Start a rotation by
            RotateSecret, or {"action":"rotate"}.
            """, version, name));
    }

    public static RotatorException abandoned(String name, String version, String why) {
        return new RotatorException.Credential(Code.ROTATION_STALLED, sentence("""
            The rotation of %s under version %s was abandoned: %s. AWSCURRENT is as it was, and AWSPENDING was taken off
            that version, so that the next rotation can begin: rotate again.
            """, name, version, why));
    }

    private static RotatorException atlasUnavailable(String template, Object... values) {
        return new RotatorException.Unavailable(Code.ATLAS_UNAVAILABLE, sentence(template, values));
    }

    private static RotatorException secretsManagerUnavailable(String template, Object... values) {
        return new RotatorException.Unavailable(Code.SECRETS_MANAGER_UNAVAILABLE, sentence(template, values));
    }
}
