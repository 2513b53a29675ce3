package dev.atlasrotator.simulator.secretsmanager;

import dev.atlasrotator.simulator.Fault;
import java.util.Map;

/** How the stand-in ends one call. */
public sealed interface SecretsManagerReply {
    /**
     * The call has succeeded.
     *
     * @param body the members of the answer; dates are seconds since 1970 as {@code BigDecimal},
     *     see {@link SecretsManagerWire#instant}
     */
    record Success(Map<String, Object> body) implements SecretsManagerReply {
        /** The members' names only: a value must not get into a test report. */
        @Override
        public String toString() {
            return "Success" + body.keySet();
        }
    }

    /** The service has refused. */
    record Failure(SecretsManagerError error) implements SecretsManagerReply {}

    /** A {@link Fault.Answer}, as it was ordered. */
    record Canned(int status, Map<String, String> headers, String body) implements SecretsManagerReply {}

    /** The connection is closed without an answer. */
    record Closed() implements SecretsManagerReply {}
}
