package dev.atlasrotator.simulator.secretsmanager;

/**
 * An answer of Secrets Manager that is an error; always HTTP 400 but for the service's own
 * failures.
 */
public final class SecretsManagerError extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String code;
    private final String messageMember;

    SecretsManagerError(int status, String code, String messageMember, String message) {
        // No stack: it is an answer, and the explorers make very many of them.
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.messageMember = messageMember;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** The service's name for it, such as {@code ResourceNotFoundException}. */
    public String code() {
        return code;
    }

    /** The sentence that goes with it. */
    public String text() {
        return String.valueOf(getMessage());
    }

    /**
     * The member of the body that carries the sentence: {@code Message} for the errors that the
     * service models, {@code message} for those of AWS's common front end (recorded).
     */
    String messageMember() {
        return messageMember;
    }
}
