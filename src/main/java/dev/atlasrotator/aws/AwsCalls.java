package dev.atlasrotator.aws;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.retry.Deadline;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Function;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;

/**
 * Single calls to one AWS service: each ends by the deadline, is measured and logged, and fails
 * with an {@link AwsFailure}. No exception of the SDK gets out. Trying again is left to whoever
 * calls: only he knows whether a repeat does harm. Safe to use from several threads at once.
 */
public final class AwsCalls {
    // No call of ours moves more than a page: one that takes longer than this is lost.
    private static final Duration CALL_MAX = Duration.ofSeconds(10);

    // With less time than this left a call would hardly be answered: not sending it is certain.
    private static final Duration CALL_MIN = Duration.ofMillis(200);

    private final String service;
    private final Log log;
    private final InstantSource clock;

    /**
     * Calls to a service.
     *
     * @param service as the log names it
     */
    public AwsCalls(String service, Log log, InstantSource clock) {
        this.service = service;
        this.log = log;
        this.clock = clock;
    }

    /** What came of one call. */
    public sealed interface Called<T> {
        record Answered<T>(T answer) implements Called<T> {}

        record Failed<T>(AwsFailure failure) implements Called<T> {}
    }

    /**
     * One call.
     *
     * @param request sends it, given how long it may take; reads the answer too, since one that
     *     cannot be read is none
     * @param logged what the log says of an answer
     */
    public <T> Called<T> call(
            String operation,
            Deadline deadline,
            Function<AwsRequestOverrideConfiguration, T> request,
            Function<T, String> logged) {
        var left = deadline.left();
        if (left.compareTo(CALL_MIN) < 0) {
            return new Called.Failed<>(AwsFailure.noTime());
        }
        var limits = AwsRequestOverrideConfiguration.builder()
                .apiCallTimeout(left.compareTo(CALL_MAX) < 0 ? left : CALL_MAX)
                .build();
        var begun = clock.instant();
        Called<T> called;
        String outcome;
        try {
            var answer = request.apply(limits);
            called = new Called.Answered<>(answer);
            outcome = logged.apply(answer);
        } catch (RotatorException declared) {
            throw declared;
        } catch (RuntimeException thrown) {
            // The SDK's, or whatever stumbles over a body that is not the service's.
            var failure = AwsFailure.of(thrown);
            called = new Called.Failed<>(failure);
            outcome = failure.outcome();
        }
        log.call(service, operation, outcome, Duration.between(begun, clock.instant()));
        return called;
    }
}
