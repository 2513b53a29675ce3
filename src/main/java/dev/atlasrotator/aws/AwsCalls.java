package dev.atlasrotator.aws;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.Retrier.Attempt;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Function;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;

/**
 * Single calls to one AWS service: each ends by the deadline, is measured and logged, and fails
 * with an {@link AwsFailure}. No exception of the SDK leaves it. Retries are left to the caller: only the caller
 * knows whether a repeat does harm. Safe to use from several threads at once.
 *
 * @param service as the log names it
 */
public record AwsCalls(String service, Log log, InstantSource clock) {
    // No call of this function reads more than a page: one that takes longer than this is lost.
    private static final Duration CALL_MAX = Duration.ofSeconds(10);

    // With less time than this left a call would hardly be answered: not sending it is certain.
    private static final Duration CALL_MIN = Duration.ofMillis(200);

    /**
     * One call.
     *
     * @param request sends it, given how long it may take; reads the answer too, since one that
     *     cannot be read is none
     * @param logged what the log says of an answer
     * @param failed what becomes of a failure
     */
    public <T> Attempt<T> call(
            String operation,
            Deadline deadline,
            Function<AwsRequestOverrideConfiguration, T> request,
            Function<T, String> logged,
            Function<AwsFailure, Attempt<T>> failed) {
        var left = deadline.left();
        if (left.compareTo(CALL_MIN) < 0) {
            return failed.apply(AwsFailure.noTime());
        }
        var limits = AwsRequestOverrideConfiguration.builder()
                .apiCallTimeout(left.compareTo(CALL_MAX) < 0 ? left : CALL_MAX)
                .build();
        var begun = clock.instant();
        try {
            var answer = request.apply(limits);
            log.callSucceeded(service, operation, logged.apply(answer), since(begun));
            return new Attempt.Done<>(answer);
        } catch (RotatorException declared) {
            throw declared;
        } catch (RuntimeException thrown) {
            // The SDK's, or of code that reads a body that is not the service's.
            var failure = AwsFailure.of(thrown);
            log.call(service, operation, failure.outcome(), since(begun));
            return failed.apply(failure);
        }
    }

    private Duration since(Instant begun) {
        return Duration.between(begun, clock.instant());
    }
}
