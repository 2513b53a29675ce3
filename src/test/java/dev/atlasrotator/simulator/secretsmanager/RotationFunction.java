package dev.atlasrotator.simulator.secretsmanager;

import java.util.Map;

/**
 * A rotation function as Secrets Manager sees it: something that it invokes and that returns or
 * fails.
 */
@FunctionalInterface
public interface RotationFunction {
    /**
     * Runs one step.
     *
     * @param event {@code Step}, {@code SecretId} (the ARN), {@code ClientRequestToken} and {@code
     *     RotationToken}
     * @throws Exception if the step has failed
     */
    void invoke(Map<String, Object> event) throws Exception;
}
