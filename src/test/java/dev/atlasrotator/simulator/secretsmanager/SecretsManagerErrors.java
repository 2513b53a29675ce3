package dev.atlasrotator.simulator.secretsmanager;

import dev.atlasrotator.simulator.Fault;
import java.util.Map;

/**
 * Secrets Manager's errors, word for word where they are recorded or quoted in public bug reports,
 * and the same as {@link Fault}s. Sentences marked "own words" stand where only the code is known.
 */
public final class SecretsManagerErrors {
    /** What the service says of a name with characters that it does not take. */
    static final String INVALID_NAME =
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of"
                    + " the following: -/_+=.@!";

    private SecretsManagerErrors() {}

    static SecretsManagerError noSuchSecret() {
        return notFound("Secrets Manager can't find the specified secret.");
    }

    static SecretsManagerError noSuchVersion(String versionId) {
        return notFound("Secrets Manager can't find the specified secret value for VersionId: " + versionId);
    }

    static SecretsManagerError noSuchStage(String stage) {
        return notFound("Secrets Manager can't find the specified secret value for staging label: " + stage);
    }

    static SecretsManagerError notFound(String message) {
        return modelled("ResourceNotFoundException", message);
    }

    static SecretsManagerError stageIsElsewhere() {
        return invalidRequest("You provided a VersionStage that is not associated to the provided VersionId.");
    }

    static SecretsManagerError markedForDeletion() {
        return invalidRequest(
                "You can't perform this operation on the secret because it was marked for" + " deletion.");
    }

    static SecretsManagerError nameMarkedForDeletion() {
        return invalidRequest(
                "You can't create this secret because a secret with this name is already scheduled" + " for deletion.");
    }

    static SecretsManagerError secretExists(String name) {
        return exists("The operation failed because the secret " + name + " already exists.");
    }

    static SecretsManagerError versionExists(String token, String arn) {
        return exists("You can't use ClientRequestToken "
                + token
                + " because that value is already in use for a version of secret "
                + arn
                + ".");
    }

    static SecretsManagerError exists(String message) {
        return modelled("ResourceExistsException", message);
    }

    static SecretsManagerError noRotationFunction() {
        return invalidRequest("No Lambda rotation function ARN is associated with this secret.");
    }

    static SecretsManagerError rotationUnfinished() {
        return invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.");
    }

    static SecretsManagerError functionNotInvocable() {
        return common(
                400,
                "AccessDeniedException",
                "Secrets Manager cannot invoke the specified Lambda function. Ensure that the"
                        + " function policy grants access to the principal"
                        + " secretsmanager.amazonaws.com.");
    }

    static SecretsManagerError stageHasAHolder(String stage, String holder) {
        return invalidParameter("The parameter RemoveFromVersionId can't be empty. Staging label "
                + stage
                + " is currently attached to version "
                + holder
                + ", so you must explicitly reference that version in"
                + " RemoveFromVersionId.");
    }

    static SecretsManagerError stageHasAnotherHolder(String stage) {
        return invalidParameter("When you move staging label "
                + stage
                + ", if you specify RemoveFromVersionId, it must be set to the version that"
                + " currently has the staging label.");
    }

    static SecretsManagerError currentCannotBeRemoved() {
        return invalidParameter("You can only move staging label AWSCURRENT to a different secret version. It can't"
                + " be completely removed.");
    }

    static SecretsManagerError replicaIsReadOnly() {
        return invalidRequest(
                "Operation not permitted on a replica secret. Call must be made in primary secret's" + " region.");
    }

    static SecretsManagerError invalidRequest(String message) {
        return modelled("InvalidRequestException", message);
    }

    static SecretsManagerError invalidParameter(String message) {
        return modelled("InvalidParameterException", message);
    }

    static SecretsManagerError limitExceeded(String message) {
        return modelled("LimitExceededException", message);
    }

    static SecretsManagerError validation(String message) {
        return common(400, "ValidationException", message);
    }

    static SecretsManagerError rateExceeded() {
        return common(400, "ThrottlingException", "Rate exceeded");
    }

    private static SecretsManagerError modelled(String code, String message) {
        return new SecretsManagerError(400, code, "Message", message);
    }

    private static SecretsManagerError common(int status, String code, String message) {
        return new SecretsManagerError(status, code, "message", message);
    }

    /**
     * The call is turned away for its rate: {@code ThrottlingException}, HTTP 400; it has no
     * effect.
     */
    public static Fault throttling() {
        return fault(Fault.Moment.BEFORE_EFFECT, rateExceeded());
    }

    /** The service fails: {@code InternalServiceError}, HTTP 500. */
    public static Fault internal(Fault.Moment moment) {
        return fault(
                moment,
                new SecretsManagerError(
                        500, "InternalServiceError", "Message", "An error occurred on the server side."));
    }

    /** The service is not there for the moment: {@code ServiceUnavailableException}, HTTP 503. */
    public static Fault unavailable(Fault.Moment moment) {
        return fault(moment, common(503, "ServiceUnavailableException", "Service Unavailable"));
    }

    /** Any other error that the service models, HTTP 400. */
    public static Fault refusal(String code, String message) {
        return fault(Fault.Moment.BEFORE_EFFECT, modelled(code, message));
    }

    /** The caller lacks a permission: {@code AccessDeniedException}, HTTP 400; own words. */
    public static Fault accessDenied() {
        return fault(
                Fault.Moment.BEFORE_EFFECT,
                common(400, "AccessDeniedException", "User is not authorized to perform this operation."));
    }

    /** The key cannot be used: {@code DecryptionFailure}, HTTP 400; own words. */
    public static Fault decryptionFailure() {
        return fault(
                Fault.Moment.BEFORE_EFFECT,
                modelled("DecryptionFailure", "Secrets Manager can't decrypt the protected secret text."));
    }

    private static Fault fault(Fault.Moment moment, SecretsManagerError error) {
        return new Fault.Answer(
                moment,
                error.status(),
                Map.of(SecretsManagerWire.ERROR_TYPE, error.code()),
                SecretsManagerWire.body(error));
    }
}
