package dev.atlasrotator.finding;

import static java.util.stream.Collectors.joining;

import dev.atlasrotator.credential.Account;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.failure.Severity;
import java.util.List;

/** Who gets at an account, and why nobody does. */
public sealed interface AccessFinding extends Finding {
    /**
     * One credential that was tried, and did not help.
     *
     * @param why which one, and what kept it out
     * @param reason the same, for those who decide by it
     */
    record Attempt(String why, Reason reason) {
        /** What kept a credential out. */
        public enum Reason {
            /** Atlas does not accept what is under AWSCURRENT. */
            REJECTED,
            /** The caller's address is not on Atlas's IP access list. */
            IP_ACCESS_LIST,
            /** Anything else: a role, a rule of ours, a credential that cannot be read. */
            DENIED
        }

        /** One that a rule keeps out. */
        public static Attempt denied(String why) {
            return new Attempt(why, Reason.DENIED);
        }
    }

    /** No credential that is at hand can read the account. */
    record AccountUnreadable(Account account, List<Attempt> attempts, Margin margin) implements AccessFinding {
        @Override
        public Code code() {
            if (any(Attempt.Reason.IP_ACCESS_LIST)) {
                return Code.IP_ACCESS_LIST;
            }
            return any(Attempt.Reason.REJECTED) ? Code.CREDENTIAL_REJECTED : Code.ACCESS_DENIED;
        }

        private boolean any(Attempt.Reason reason) {
            return attempts.stream().anyMatch(attempt -> attempt.reason() == reason);
        }

        @Override
        public Severity severity() {
            return code() == Code.CREDENTIAL_REJECTED ? Severity.CRITICAL : margin.criticalWhenShort();
        }

        @Override
        public String message() {
            return "Account %s cannot be read at Atlas (%s). Nothing was changed."
                    .formatted(account, attempts.stream().map(Attempt::why).collect(joining("; ")));
        }

        @Override
        public String remedy() {
            return ("Store a clientSecret that works, or configure an admin credential and set the value"
                            + " of this secret's management tag to %s.")
                    .formatted(account.clientId());
        }

        @Override
        public RotatorException error(String text) {
            return new RotatorException.Credential(code(), text);
        }
    }

    /** The admin credential cannot be read, and keeps no account from acting for itself. */
    record AdminCredentialUnavailable(String why, Margin margin) implements AccessFinding {
        @Override
        public Code code() {
            return Code.ADMIN_CREDENTIAL_UNAVAILABLE;
        }

        @Override
        public Severity severity() {
            return margin.criticalWhenShort();
        }

        @Override
        public String message() {
            return "The admin credential cannot be read, and the account acts for itself: " + why;
        }
    }
}
