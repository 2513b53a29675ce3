package dev.atlasrotator.cli;

import dev.atlasrotator.Wiring;
import dev.atlasrotator.aws.OperatorSession;
import dev.atlasrotator.retry.Deadline;
import java.time.Duration;
import java.util.HashMap;
import java.util.Optional;
import java.util.function.Consumer;

/** The function's code on the operator's machine, with their rights and the settings of their environment. */
final class ThisProcess implements EventTarget {
    /** Lambda's maximum time-out. */
    private static final Duration TIME = Duration.ofMinutes(15);

    private final Wiring wiring;

    /**
     * The graph for an operator.
     *
     * @param logSink gets the lines that the function would log
     * @throws dev.atlasrotator.failure.RotatorException.Configuration if a setting is wrong, or there is no region or
     *     no credentials
     */
    ThisProcess(OperatorSession operator, Consumer<String> logSink) {
        var settings = new HashMap<>(operator.environment());
        // Else a sweep would hand its work to the deployed function, which acts with other rights.
        settings.remove("WORK_QUEUE_URL");
        this.wiring = Wiring.command(new OperatorSession(settings, operator.profile()), logSink);
    }

    @Override
    public String send(String event) {
        return wiring.rotator().handle(event, Optional.empty(), Deadline.in(TIME, wiring.clock()));
    }

    @Override
    public String actsAs() {
        return """
            Acts from this machine, with your own AWS credentials and this environment's settings; to act as the \
            deployed function does, add --function NAME.\
            """;
    }

    @Override
    public String callsFrom() {
        return """
            Atlas was called from this machine's address, with your own AWS credentials. To check from the \
            function's address and with its rights, add --function NAME.\
            """;
    }
}
