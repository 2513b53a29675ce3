package dev.atlasrotator.secretsmanager;

import dev.atlasrotator.aws.AwsCalls;
import dev.atlasrotator.aws.AwsFailure;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.RateLimiter;
import dev.atlasrotator.retry.RateLimiter.Rate;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.retry.Retrier.Attempt;
import dev.atlasrotator.retry.RetryPolicy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Function;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;

/** Calls to Secrets Manager, below its quotas, until there is an answer or a failure that no repeat would cure. */
final class VaultCalls {
    private static final RetryPolicy RETRIES = new RetryPolicy(4, Duration.ofMillis(200), Duration.ofSeconds(2));

    private final Retrier retrier;
    private final AwsCalls calls;
    private final RateLimiter rateLimiter;

    VaultCalls(Retrier retrier, Log log, InstantSource clock) {
        this.retrier = retrier;
        this.calls = new AwsCalls("secretsmanager", log, clock);
        this.rateLimiter = new RateLimiter(clock, retrier);
    }

    /**
     * The answer.
     *
     * @param subject which stored secret, for the message of a failure
     */
    <T> T answer(
            String operation, String subject, Deadline deadline, Function<AwsRequestOverrideConfiguration, T> request) {
        return answerOr(operation, deadline, request, failure -> {
            throw failure.exception(subject);
        });
    }

    /** The answer, or what the last failure means. */
    <T> T answerOr(
            String operation,
            Deadline deadline,
            Function<AwsRequestOverrideConfiguration, T> request,
            Function<ServiceFailure, T> otherwise) {
        return run(operation, deadline, request, failure -> failure.attempt(() -> otherwise.apply(failure)));
    }

    /** The answer, or what becomes of each failure. */
    <T> T run(
            String operation,
            Deadline deadline,
            Function<AwsRequestOverrideConfiguration, T> request,
            Function<ServiceFailure, Attempt<T>> failed) {
        var quota = Quota.of(operation);
        Function<AwsFailure, Attempt<T>> after = failure -> failed.apply(ServiceFailure.of(operation, failure));
        return retrier.run(RETRIES, deadline, number -> {
            try {
                rateLimiter.acquire(quota.key(), quota.rate(), deadline);
            } catch (RotatorException.Unavailable noRoom) {
                // A failure like any other, so that what an earlier try may have done is not forgotten.
                return after.apply(AwsFailure.noRoom(noRoom.retryAfter()));
            }
            return calls.call(operation, deadline, request, answer -> "ok", failure -> {
                if (failure.kind() == AwsFailure.Kind.THROTTLED) {
                    rateLimiter.backOff(
                            quota.key(), quota.rate(), failure.retryAfter().orElse(Duration.ZERO));
                }
                return after.apply(failure);
            });
        });
    }

    /**
     * Operations that share a quota, and its calls a second ("AWS Secrets Manager quotas",
     * https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html). We take a fifth, at once and
     * in the long run: the template lets four runs of this function work side by side, and none of them knows of the
     * others.
     */
    private record Quota(String key, Rate rate) {
        private static Quota of(String key, int perSecond) {
            return new Quota(key, new Rate(perSecond / 5, perSecond / 5.0));
        }

        static Quota of(String operation) {
            return switch (operation) {
                case "GetSecretValue" -> of("reads", 10_000);
                case "DescribeSecret" -> of("descriptions", 40_000);
                case "ListSecrets" -> of("lists", 100);
                case "BatchGetSecretValue" -> of("batches", 100);
                case "PutSecretValue", "UpdateSecretVersionStage" -> of("writes", 50);
                case "RotateSecret" -> of("rotations", 50);
                default -> of("others", 50);
            };
        }
    }
}
