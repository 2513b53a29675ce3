package dev.atlasrotator.finding;

import static java.util.stream.Collectors.joining;

import dev.atlasrotator.credential.Account;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.Severity;
import java.util.List;
import java.util.stream.Stream;

/** Which credential can read an account, why none can, and who rotates it. */
public sealed interface AccessFinding extends Finding {
    /**
     * One credential that was tried, and did not help.
     *
     * @param why which one, and why not
     * @param code CREDENTIAL_REJECTED where Atlas does not accept what is under AWSCURRENT, IP_ACCESS_LIST where the
     *     caller's address is not on Atlas's list, else ACCESS_DENIED
     */
    record Attempt(String why, Code code) {}

    /** No credential that is at hand can read the account. */
    record AccountUnreadable(Account account, List<Attempt> attempts, Margin margin) implements AccessFinding {
        @Override
        public Entry entry() {
            var codes = attempts.stream().map(Attempt::code).toList();
            // A token is minted from any address, so a rejected value is dead whatever keeps the others out.
            var code = Stream.of(Code.CREDENTIAL_REJECTED, Code.IP_ACCESS_LIST)
                    .filter(codes::contains)
                    .findFirst()
                    .orElse(Code.ACCESS_DENIED);
            var tried = attempts.stream().map(Attempt::why).collect(joining("; "));
            return Entry.of(code)
                    .severity(code == Code.CREDENTIAL_REJECTED ? Severity.CRITICAL : margin.criticalWhenShort())
                    .message("Account %s cannot be read at Atlas (%s). Nothing was changed.", account, tried)
                    .remedy(remedy(code), account.clientId());
        }

        private static String remedy(Code code) {
            return switch (code) {
                case CREDENTIAL_REJECTED -> """
                    Store a clientSecret that works, or configure an admin credential and set the value of this secret's
                    management tag to %s.
                    """;
                case IP_ACCESS_LIST -> """
                    Add the address from which the function calls to the IP access list of %s in Atlas, or of the
                    credential that the message names.
                    """;
                default -> """
                    Give the account its role in Atlas back and check its groupId or orgId, or configure an admin
                    credential and set the value of this secret's management tag to %s.
                    """;
            };
        }
    }

    /** The admin credential cannot be read, or Atlas refuses it, and it keeps no account from acting for itself. */
    record AdminCredentialUnavailable(String why, Margin margin) implements AccessFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.ADMIN_CREDENTIAL_UNAVAILABLE)
                    .severity(margin.criticalWhenShort())
                    .message("The admin credential cannot be used, and the account acts for itself: %s", why);
        }
    }

    /** The account may not create and delete its own secrets. */
    record RoleMissing(Account account, String role, Margin margin) implements AccessFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.ROLE_MISSING)
                    .severity(margin.criticalWhenShort())
                    .message("Account %s may not manage its own secrets: it does not have the role %s.", account, role)
                    .remedy("""
                        Give it that role in Atlas, or configure an admin credential and set the value of this secret's
                        management tag to %s.
                        """, account.clientId());
        }
    }

    /** Atlas would refuse a secret with this lifetime. */
    record LifetimeRefused(Account account, int hours, int hoursMax) implements AccessFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.LIFETIME_REFUSED)
                    .message("""
                        A new secret of account %s would live for %d hours, and its organization allows %d at most.
                        """, account, hours, hoursMax)
                    .remedy("""
                        Set SECRET_EXPIRES_AFTER_HOURS, or secretExpiresAfterHours in the stored value, to that or less.
                        """);
        }
    }

    /**
     * Atlas did not let us read what a check looks at.
     *
     * @param what in words that follow "not checked:"
     */
    record NotChecked(String what) implements AccessFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.NOT_CHECKED)
                    .message("Not checked: %s, since Atlas does not let this credential read it.", what)
                    .remedy("""
                        Compare it in Atlas yourself, or give the credential the role Organization Member and check
                        again. If the lifetime is too long, the next rotation fails, and says so.
                        """);
        }
    }

    /**
     * No sweep reads the stored secret.
     *
     * @param tag the key that it lacks
     */
    record NotTagged(String name, String tag) implements AccessFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.NOT_TAGGED)
                    .message("Secret %s has no tag %s: no sweep reads it.", name, tag)
                    .remedy("Add the tag.");
        }
    }

    /** Secrets Manager rotates it, by its own schedule. */
    record RotatesBySecretsManager(String name) implements AccessFinding {
        @Override
        public Entry entry() {
            return Entry.of(Code.ROTATES_BY_SECRETS_MANAGER).message("""
                Secrets Manager rotates %s by its own schedule, whatever the secret's age. A sweep asks it to once the
                secret in use is below its margin.
                """, name);
        }
    }
}
