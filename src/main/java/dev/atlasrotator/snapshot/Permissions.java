package dev.atlasrotator.snapshot;

import dev.atlasrotator.atlas.ServiceAccounts;
import dev.atlasrotator.atlas.ServiceAccounts.Answer;
import dev.atlasrotator.atlas.ServiceAccounts.Profile;
import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasCredential;
import dev.atlasrotator.credential.Scope;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.snapshot.Snapshot.AtlasView;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What Atlas would allow, as far as reading tells.
 *
 * @param roles the account's own, where it acts for itself; empty where an admin credential does, or Atlas does not tell
 * @param lifetimeHoursMax the organization's longest lifetime of a secret; empty where it sets none
 * @param lifetimeIsKnown whether the organization and its settings could be read
 */
public record Permissions(Optional<Set<String>> roles, OptionalInt lifetimeHoursMax, boolean lifetimeIsKnown) {
    /** Reads them; a project's organization and an organization's settings until one credential may read them. */
    public static final class Reader {
        private final ServiceAccounts accounts;
        private final Map<Scope.Project, Answer<Scope.Organization>> organizations = new ConcurrentHashMap<>();
        private final Map<Scope.Organization, Answer<OptionalInt>> settings = new ConcurrentHashMap<>();

        public Reader(ServiceAccounts accounts) {
            this.accounts = accounts;
        }

        public Permissions read(Snapshot seen, Deadline deadline) {
            if (!(seen.atlas() instanceof AtlasView.Open open)) {
                return new Permissions(Optional.empty(), OptionalInt.empty(), false);
            }
            var access = open.access();
            var roles = access.by() == AtlasAccess.By.ADMIN
                    ? Optional.<Set<String>>empty()
                    : roles(seen.account(), access.credential(), deadline);
            return organization(seen, access.credential(), deadline)
                    .map(one -> settings.compute(
                            one,
                            (id, known) -> known instanceof Answer.Given
                                    ? known
                                    : accounts.lifetimeHoursMax(id, access.credential(), deadline)))
                    .flatMap(Reader::given)
                    .map(most -> new Permissions(roles, most, true))
                    .orElseGet(() -> new Permissions(roles, OptionalInt.empty(), false));
        }

        private static <T> Optional<T> given(Answer<T> answer) {
            return answer instanceof Answer.Given<T>(T value, Instant at) ? Optional.of(value) : Optional.empty();
        }

        private Optional<Set<String>> roles(Account account, AtlasCredential as, Deadline deadline) {
            // Atlas's API description does not promise the field.
            return given(accounts.profile(account, as, deadline))
                    .map(Profile::roles)
                    .filter(roles -> !roles.isEmpty());
        }

        /** The account's own, or the one that the value names beside the project; else it is read from Atlas. */
        private Optional<Scope.Organization> organization(Snapshot seen, AtlasCredential as, Deadline deadline) {
            return switch (seen.account().scope()) {
                case Scope.Organization own -> Optional.of(own);
                case Scope.Project project ->
                    seen.current().otherwise().stream()
                            .map(Account::scope)
                            .filter(Scope.Organization.class::isInstance)
                            .map(Scope.Organization.class::cast)
                            .findFirst()
                            .or(() -> given(organizations.compute(
                                    project,
                                    (id, known) -> known instanceof Answer.Given
                                            ? known
                                            : accounts.organizationOf(id, as, deadline))));
            };
        }
    }
}
