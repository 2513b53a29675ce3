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
    private final int runs;

    VaultCalls(Retrier retrier, Log log, InstantSource clock, int runs) {
        this.retrier = retrier;
        this.calls = new AwsCalls("secretsmanager", log, clock);
        this.rateLimiter = new RateLimiter(clock, retrier);
        this.runs = runs;
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
        var quota = Quota.of(operation, runs);
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
     * Operations that share a quota, and our part of its calls a second, at once and in the long run ("AWS Secrets
     * Manager quotas", https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html). AWS has
     * announced 40,000 for DescribeSecret by itself (What's New, 2025-03-04); the 10,000 that the guide had for both
     * together are enough. None of the runs that work side by side knows of the others, so each takes an equal part, and
     * one part is left to everybody else. The fleet is listed, and read in batches, by one run at a time: it takes half.
     */
    private record Quota(String key, Rate rate) {
        private static Quota of(String key, int perSecond, int parts) {
            return new Quota(key, new Rate(Math.max(1, perSecond / parts), (double) perSecond / parts));
        }

        static Quota of(String operation, int runs) {
            return switch (operation) {
                case "GetSecretValue", "DescribeSecret" -> of("reads", 10_000, runs + 1);
                case "ListSecrets" -> of("lists", 100, 2);
                case "BatchGetSecretValue" -> of("batches", 100, 2);
                case "PutSecretValue", "UpdateSecretVersionStage" -> of("writes", 50, runs + 1);
                case "RotateSecret" -> of("rotations", 50, runs + 1);
                default -> of("others", 50, runs + 1);
            };
        }
    }
}
