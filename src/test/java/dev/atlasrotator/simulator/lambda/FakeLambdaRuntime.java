package dev.atlasrotator.simulator.lambda;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lambda as the function sees it: starts the packaged function in a process of its own, with AWS's
 * own runtime client, hands it one event at a time, and starts a new process where the last one has
 * gone. Needs Linux, since the runtime client has a native library.
 */
public final class FakeLambdaRuntime implements AutoCloseable {
    /** What an invocation came to. */
    public sealed interface Answer {
        /** The function returned this. */
        record Returned(String json) implements Answer {}

        /**
         * The function, or its start, threw.
         *
         * @param type the exception's class, as a caller of Lambda is told it
         * @param body all that the runtime client reported, stack trace included
         */
        record Failed(String type, String message, String body) implements Answer {}

        /** The process ended before it answered. */
        record Died(int exitCode) implements Answer {}

        /** The function took longer than it may; Lambda ends its process then. */
        record TimedOut() implements Answer {}
    }

    private volatile LambdaFunction function;
    private final List<String> lines = new ArrayList<>();
    private volatile Optional<LambdaProcess> process = Optional.empty();

    /** Nothing is started before the first event. */
    public FakeLambdaRuntime(LambdaFunction function) {
        this.function = function;
    }

    /** The function is another one from now on; whatever runs is ended. */
    public void deploy(LambdaFunction other) {
        stop();
        function = other;
    }

    /**
     * Hands an event in and waits for the end. May not be called again meanwhile: an environment
     * works on one event at a time.
     */
    public Answer invoke(String event) throws IOException, InterruptedException {
        var running = running();
        var answer = running.invoke(event);
        if (answer instanceof Answer.TimedOut || !running.isAlive()) {
            stop();
        }
        return answer;
    }

    /** Starts an environment, unless one is running, and waits for the end of its init. */
    public void awaitReady() throws IOException, InterruptedException {
        running().awaitReady();
    }

    private LambdaProcess running() throws IOException {
        var running = process.filter(LambdaProcess::isAlive);
        return running.isPresent() ? running.get() : begin();
    }

    /** Starts an environment as far as its first wish for an event, or its snapshot. */
    public LambdaProcess start() throws IOException, InterruptedException {
        var begun = begin();
        begun.awaitReady();
        return begun;
    }

    private LambdaProcess begin() throws IOException {
        stop();
        var begun = LambdaProcess.start(function);
        process = Optional.of(begun);
        return begun;
    }

    /** The process dies at this very moment, as if its machine had. */
    public void kill() {
        process.ifPresent(LambdaProcess::kill);
    }

    /** Ends the environment; the next event gets a new one, with nothing remembered. */
    public void stop() {
        if (process.isPresent()) {
            var ended = process.get();
            process = Optional.empty();
            ended.close();
            synchronized (lines) {
                lines.addAll(ended.lines());
            }
        }
    }

    /** All that processes have written that have ended: after {@link #stop} that is everything. */
    public List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    @Override
    public void close() {
        stop();
    }
}
