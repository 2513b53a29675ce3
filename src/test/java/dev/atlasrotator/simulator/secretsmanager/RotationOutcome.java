package dev.atlasrotator.simulator.secretsmanager;

/**
 * How one rotation with an attached function has ended.
 *
 * @param secret the ARN
 * @param versionId the version that was to become current
 * @param end how it ended
 * @param step the step that failed; empty if none did
 * @param error the class of what the function threw, without its text; empty if nothing
 */
public record RotationOutcome(String secret, String versionId, End end, String step, String error) {
    /** Named after the events that Secrets Manager sends to CloudTrail. */
    public enum End {
        SUCCEEDED("RotationSucceeded"),
        FAILED("RotationFailed"),
        ABANDONED("RotationAbandoned"),
        TEST_SUCCEEDED("TestRotationSucceeded"),
        TEST_FAILED("TestRotationFailed");

        final String eventName;

        End(String eventName) {
            this.eventName = eventName;
        }
    }

    boolean failed() {
        return end == End.FAILED || end == End.TEST_FAILED;
    }
}
