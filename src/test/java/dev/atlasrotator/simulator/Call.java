package dev.atlasrotator.simulator;

/**
 * One remote call as a stand-in sees it, before anything has happened.
 *
 * @param service who is called
 * @param operation the service's own name for it ({@code PutSecretValue}) or, at Atlas, what it
 *     does: {@code mintToken}, {@code revokeToken}, {@code readAccount}, {@code listAccounts},
 *     {@code createSecret}, {@code deleteSecret}
 * @param subject whom it is about, never a secret value: a client id, a Secret id, a stored
 *     secret's ARN
 * @param number how many calls this stand-in has had, this one included; the first is 1
 */
public record Call(Service service, String operation, String subject, int number) {
    public enum Service {
        ATLAS,
        SECRETS_MANAGER
    }

    @Override
    public String toString() {
        return service + " " + operation + " " + subject;
    }
}
