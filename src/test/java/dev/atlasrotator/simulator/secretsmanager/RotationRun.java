package dev.atlasrotator.simulator.secretsmanager;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Secrets Manager's side of one rotation: the steps in their order, and what their end means. */
final class RotationRun {
    private static final List<String> ALL_STEPS = List.of("createSecret", "setSecret", "testSecret", "finishSecret");
    private static final List<String> TEST_STEPS = List.of("testSecret");

    private final SecretsManagerModel model;
    private final SecretRotation.Due due;
    private final RotationFunction function;
    private final String rotationToken;

    RotationRun(SecretsManagerModel model, SecretRotation.Due due, RotationFunction function) {
        this.model = model;
        this.due = due;
        this.function = function;
        this.rotationToken = model.newRotationToken();
    }

    /**
     * Goes through the steps until one fails. A rotation that is no longer wanted is abandoned
     * between two steps.
     */
    RotationOutcome once() {
        for (var step : due.testOnly() ? TEST_STEPS : ALL_STEPS) {
            try {
                function.invoke(event(step));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return failed(step, e);
            } catch (Exception e) {
                return failed(step, e);
            }
            if (!due.testOnly() && !isUnderWay() && !isCurrent()) {
                return ended(RotationOutcome.End.ABANDONED, step);
            }
        }
        if (due.testOnly()) {
            return ended(RotationOutcome.End.TEST_SUCCEEDED, "");
        }
        return isCurrent()
                ? ended(RotationOutcome.End.SUCCEEDED, "")
                : new RotationOutcome(
                        due.secretArn(),
                        due.token(),
                        RotationOutcome.End.FAILED,
                        "finishSecret",
                        "AWSCURRENT not moved");
    }

    /** A rotation whose label is gone has been given up, and is not tried again. */
    boolean mayRetry() {
        return !due.testOnly() && isUnderWay();
    }

    private Map<String, Object> event(String step) {
        var event = new LinkedHashMap<String, Object>();
        event.put("Step", step);
        event.put("SecretId", due.secretArn());
        event.put("ClientRequestToken", due.token());
        event.put("RotationToken", rotationToken);
        return event;
    }

    private boolean isUnderWay() {
        return has(SecretStages.PENDING);
    }

    private boolean isCurrent() {
        return has(SecretStages.CURRENT);
    }

    private boolean has(String stage) {
        try {
            return model.versionUnder(due.secretArn(), stage)
                    .filter(due.token()::equals)
                    .isPresent();
        } catch (SecretsManagerError gone) {
            return false;
        }
    }

    private RotationOutcome failed(String step, Exception error) {
        return new RotationOutcome(
                due.secretArn(),
                due.token(),
                due.testOnly() ? RotationOutcome.End.TEST_FAILED : RotationOutcome.End.FAILED,
                step,
                error.getClass().getSimpleName());
    }

    private RotationOutcome ended(RotationOutcome.End end, String step) {
        return new RotationOutcome(due.secretArn(), due.token(), end, step, "");
    }
}
