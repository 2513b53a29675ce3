package dev.atlasrotator.finding;

import static dev.atlasrotator.finding.Severity.CRITICAL;
import static dev.atlasrotator.finding.Severity.INFO;
import static dev.atlasrotator.finding.Severity.WARNING;

/** The stable name of a finding: runbook headings, alarms and events use it. Codes are added, never renamed. */
public enum Code {
    ACCESS_DENIED(WARNING),
    ADMIN_CREDENTIAL_UNAVAILABLE(WARNING),
    CREATE_IN_FLIGHT(INFO),
    CREDENTIAL_REJECTED(CRITICAL),
    CURRENT_SECRET_GONE(CRITICAL),
    CURRENT_SECRET_UNCONFIRMED(WARNING),
    EXPIRING(WARNING),
    FOREIGN_SECRET(WARNING),
    IP_ACCESS_LIST(WARNING),
    LAST_WORKING_SECRET(WARNING),
    NOT_REVOKED(INFO),
    OLD_SECRET_IN_USE(WARNING),
    OWNED_ELSEWHERE(INFO),
    ROTATION_IN_PROGRESS(INFO),
    ROTATION_STALLED(INFO),
    SECRET_WITHIN_OVERLAP(INFO),
    SHARED_ACCOUNT(WARNING),
    SPELLINGS_DISAGREE(WARNING),
    VALUE_TOO_LONG(WARNING);

    private final Severity usual;

    Code(Severity usual) {
        this.usual = usual;
    }

    /** The severity where no fact of the finding says otherwise. */
    Severity usual() {
        return usual;
    }
}
