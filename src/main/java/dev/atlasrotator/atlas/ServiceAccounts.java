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
import java.util.Map;

/**
 * Port to Atlas. Every method may throw {@code RotatorException.Unavailable} when Atlas does not
 * answer, throttles beyond the deadline, or fails; what Atlas finally refuses is an answer, not an
 * exception.
 */
public interface ServiceAccounts {
    /** Whether a value signs in. */
    enum AuthResult {
        ACCEPTED,
        REJECTED
    }

    /** What came of asking for something. */
    sealed interface Answer<T> {
        /**
         * Atlas gave it.
         *
         * @param at Atlas's clock, from its Date header, to the second
         */
        record Given<T>(T value, Instant at) implements Answer<T> {}

        /** The credential itself was not accepted (invalid_client, or a wrong API key). */
        record NotAuthenticated<T>(String why) implements Answer<T> {}

        /**
         * Signed in, but Atlas says no, and had no effect. {@code code} is Atlas's errorCode, or
         * empty text.
         */
        record Denied<T>(int status, String code, String why) implements Answer<T> {}
    }

    /** A created secret with the one sight of its value. */
    record Created(AtlasSecret secret, Sensitive value) {}

    /** What came of a create. */
    sealed interface CreateAnswer {
        record Made(Created created) implements CreateAnswer {}

        /**
         * Atlas says no, and nothing was created. A credential that is not accepted has status 401
         * and no code.
         */
        record Denied(int status, String code, String why) implements CreateAnswer {}

        /**
         * Nobody knows whether a secret was created: the answer was lost or unreadable, or Atlas
         * was busy with another create (409). Read the account before anything else.
         */
        record Unknown(String why) implements CreateAnswer {}
    }

    /**
     * Signs in anew with this value, and revokes the token at once: it was minted only to prove the
     * value. A value that signs in moves its secret's {@code lastUsedAt}.
     */
    AuthResult verify(AtlasCredential.ServiceAccountKey key, Deadline deadline);

    /** The account's secrets. */
    Answer<List<AtlasSecret>> read(Account account, AtlasCredential as, Deadline deadline);

    /**
     * All the accounts of a project or an organization that this credential sees, with their
     * secrets.
     */
    Answer<Map<ClientId, List<AtlasSecret>>> list(Scope scope, AtlasCredential as, Deadline deadline);

    /**
     * Creates a secret. Never repeated by itself once Atlas may have seen the request: a repeat
     * could make a second one.
     *
     * @param lifetimeHours 8 to 8760; the organization may set a lower maximum (then Denied)
     */
    CreateAnswer create(Account account, AtlasCredential as, int lifetimeHours, Deadline deadline);

    /**
     * Deletes a secret, and with it every token that it minted. One that is gone already counts as
     * deleted: then the answer is {@code false}.
     */
    Answer<Boolean> delete(Account account, SecretId secret, AtlasCredential as, Deadline deadline);
}
