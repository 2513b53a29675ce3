package dev.atlasrotator.policy;

import dev.atlasrotator.secretsmanager.StoredSecret;
import java.util.Arrays;
import java.util.Optional;

/** Who rotates a stored secret. Pure. */
public sealed interface RotationOwner {
    /** Secrets Manager does, by calling this very function. */
    record BySecretsManager() implements RotationOwner {}

    /** Nobody does: it has no rotation configured, or it was switched off. A run of ours may. */
    record Direct() implements RotationOwner {}

    /** Somebody else does: left alone. */
    record External(String why) implements RotationOwner {}

    /**
     * Finds out.
     *
     * @param function this function's ARN, with or without a version or alias; empty where the code
     *     does not run as a function (then no attached function can be told to be this one)
     */
    static RotationOwner of(StoredSecret stored, Optional<String> function) {
        if (stored.deleted()) {
            return new External("it is scheduled for deletion");
        }
        if (stored.ownedBy().isPresent()) {
            return new External("it belongs to " + stored.ownedBy().get() + ", and AWS itself rotates it");
        }
        if (stored.isReplica()) {
            return new External("it is a replica; its primary is in "
                    + stored.primaryRegion().orElse("another region"));
        }
        if (stored.rotationLambdaArn().isEmpty()
                || stored.rotationEnabled().filter(on -> !on).isPresent()) {
            return new Direct();
        }
        var attached = stored.rotationLambdaArn().get();
        // On an operator's machine nobody can say which function is meant, and reading does no harm.
        return function.isEmpty() || unqualified(attached).equals(unqualified(function.get()))
                ? new BySecretsManager()
                : new External("another function rotates it: " + attached);
    }

    /** The same where it is not known which function is meant, and something is to be done. */
    static External attached(StoredSecret stored) {
        return new External("a function rotates it: %s; call that one, with --function"
                .formatted(stored.rotationLambdaArn().orElse("an unknown one")));
    }

    /** A function's ARN has seven parts; a version or an alias is the eighth. */
    private static String unqualified(String arn) {
        var parts = arn.split(":", -1);
        return parts.length <= 7 ? arn : String.join(":", Arrays.copyOf(parts, 7));
    }
}
