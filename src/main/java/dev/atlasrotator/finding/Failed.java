package dev.atlasrotator.finding;

import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.failure.Severity;

/**
 * A piece of work ended with an error.
 *
 * @param message what happened, what state things are in, and what to do
 */
public record Failed(Code code, Severity severity, String message) implements Finding {
    /**
     * The finding that says what an error says.
     *
     * @param margin what the secret in use has left, as far as it is known
     */
    public static Failed of(RotatorException error, Margin margin) {
        var severity = switch (error.code()) {
            case ACCESS_DENIED, IP_ACCESS_LIST, ADMIN_CREDENTIAL_UNAVAILABLE, SECRETS_MANAGER_DENIED, KMS_DENIED ->
                margin.criticalWhenShort();
            case FOREIGN_SECRET -> margin.criticalWhenLow();
            default -> error.code().usual();
        };
        return new Failed(error.code(), severity, error.text());
    }

    @Override
    public Entry entry() {
        return Entry.of(code).severity(severity).message("%s", message);
    }
}
