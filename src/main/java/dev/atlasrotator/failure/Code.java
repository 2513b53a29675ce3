package dev.atlasrotator.failure;

import static dev.atlasrotator.failure.Severity.CRITICAL;
import static dev.atlasrotator.failure.Severity.INFO;
import static dev.atlasrotator.failure.Severity.WARNING;

/**
 * The stable name of a finding: errors begin with it, and the runbook's headings, alarms and events use it. Codes are
 * added, never renamed.
 */
public enum Code {
    ACCESS_DENIED(WARNING),
    ADMIN_CREDENTIAL_UNAVAILABLE(WARNING),
    ATLAS_UNAVAILABLE(WARNING),
    CERTIFICATE_NOT_TRUSTED(WARNING),
    CHANGED_MEANWHILE(INFO),
    CONFIGURATION(WARNING),
    CREATE_IN_FLIGHT(INFO),
    CREATE_REFUSED(WARNING),
    CREDENTIAL_REJECTED(CRITICAL),
    CURRENT_SECRET_GONE(CRITICAL),
    CURRENT_SECRET_UNCONFIRMED(WARNING),
    EXPIRING(WARNING),
    FOREIGN_SECRET(WARNING),
    IP_ACCESS_LIST(WARNING),
    KMS_DENIED(WARNING),
    LAST_WORKING_SECRET(WARNING),
    LIFETIME_REFUSED(WARNING),
    NEW_SECRET_REJECTED(WARNING),
    NOT_CHECKED(INFO),
    NOT_FOUND(WARNING),
    NOT_REVOKED(INFO),
    NOT_TAGGED(INFO),
    OLD_SECRET_IN_USE(WARNING),
    OUT_OF_TIME(WARNING),
    OWNED_ELSEWHERE(INFO),
    QUEUE_UNAVAILABLE(WARNING),
    ROLE_MISSING(WARNING),
    ROTATES_BY_SECRETS_MANAGER(INFO),
    ROTATION_DISABLED(WARNING),
    ROTATION_IN_PROGRESS(INFO),
    ROTATION_STALLED(INFO),
    SECRETS_MANAGER_DENIED(WARNING),
    SECRETS_MANAGER_UNAVAILABLE(WARNING),
    SECRET_WITHIN_OVERLAP(INFO),
    SETTING_CLAMPED(WARNING),
    SHARED_ACCOUNT(WARNING),
    SPELLINGS_DISAGREE(WARNING),
    THROTTLED(WARNING),
    UNEXPECTED_ERROR(WARNING),
    UNFINISHED(WARNING),
    VALUE_MALFORMED(WARNING),
    VALUE_TOO_LONG(WARNING),
    WHITESPACE_IN_SECRET(WARNING);

    private final Severity usual;

    Code(Severity usual) {
        this.usual = usual;
    }

    /** The severity where no fact of the finding says otherwise. */
    public Severity usual() {
        return usual;
    }
}
