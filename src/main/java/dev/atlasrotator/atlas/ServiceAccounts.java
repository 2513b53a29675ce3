package dev.atlasrotator.atlas;

import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasCredential;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.ClientId;
import dev.atlasrotator.credential.Scope;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.retry.Deadline;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/**
 * Port to Atlas. Every method may throw {@code RotatorException.Unavailable} if Atlas does not respond, throttles
 * beyond the deadline, or fails. A final refusal of Atlas is a result, not an exception.
 */
public interface ServiceAccounts extends AccountReader {
    /** Whether a value authenticates. */
    enum AuthResult {
        ACCEPTED,
        REJECTED
    }

    /** The outcome of a request. */
    sealed interface Answer<T> {
        /**
         * Atlas granted it.
         *
         * @param at Atlas's clock, from its Date header, to the second
         */
        record Given<T>(T value, Instant at) implements Answer<T> {}

        /** The credential itself was not accepted (invalid_client, or a wrong API key). */
        record NotAuthenticated<T>(String why) implements Answer<T> {}

        /**
         * Authenticated, but Atlas denies the request, which had no effect. {@code code} is Atlas's errorCode, or
         * empty.
         */
        record Denied<T>(int status, String code, String why) implements Answer<T> {}

        /** The same with another value, where it was granted. */
        default <U> Answer<U> map(Function<T, U> with) {
            return switch (this) {
                case Given<T>(T value, Instant at) -> new Given<>(with.apply(value), at);
                case NotAuthenticated<T>(String why) -> new NotAuthenticated<>(why);
                case Denied<T>(int status, String code, String why) -> new Denied<>(status, code, why);
            };
        }
    }

    /** A created secret with its value, which Atlas shows only once. */
    record Created(AtlasSecret secret, Sensitive value) {}

    /** The outcome of a create. */
    sealed interface CreateAnswer {
        /** What Atlas denies: this lifetime, as longer than the organization allows, or any. */
        enum Denial {
            CREATE,
            LIFETIME
        }

        record Made(Created created) implements CreateAnswer {}

        /** Atlas denies it, and nothing was created. A credential that is not accepted has status 401 and no code. */
        record Denied(int status, String code, Denial what, String why) implements CreateAnswer {}

        /**
         * It is not known whether a secret was created: the response was lost or unreadable, or another create was in
         * progress (409). Read the account before anything else.
         */
        record Unknown(String why) implements CreateAnswer {}
    }

    /**
     * What Atlas tells of an account.
     *
     * @param roles in the project or organization that was asked
     */
    record Profile(ClientId clientId, Optional<String> name, Set<String> roles, List<AtlasSecret> secrets) {}

    /** The account, with its name and its roles. */
    Answer<Profile> profile(Account account, AtlasCredential as, Deadline deadline);

    /** All accounts of a project or an organization that this credential may read. */
    Answer<List<Profile>> profiles(Scope scope, AtlasCredential as, Deadline deadline);

    /** The organization that a project belongs to. */
    Answer<Scope.Organization> organizationOf(Scope.Project project, AtlasCredential as, Deadline deadline);

    /** The longest lifetime of a secret that the organization allows, in hours; empty where it sets none. */
    Answer<OptionalInt> lifetimeHoursMax(Scope.Organization organization, AtlasCredential as, Deadline deadline);

    @Override
    default Answer<List<AtlasSecret>> read(Account account, AtlasCredential as, Deadline deadline) {
        return profile(account, as, deadline).map(Profile::secrets);
    }

    /**
     * Creates a secret. Never retried by itself once Atlas may have received the request: a retry could create a second
     * one.
     *
     * @param lifetimeHours 8 to 8760; the organization may set a lower maximum
     */
    CreateAnswer create(Account account, AtlasCredential as, int lifetimeHours, Deadline deadline);

    /**
     * Deletes a secret, and with it every token that was minted with it. One that is deleted already counts as deleted:
     * then the result is {@code false}.
     */
    Answer<Boolean> delete(Account account, SecretId secret, AtlasCredential as, Deadline deadline);
}
