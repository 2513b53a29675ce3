package dev.atlasrotator.startup;

import dev.atlasrotator.retry.Deadline;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;

/**
 * Runs, without anything secret, what a first invocation needs: a rotation by the function's own code against services
 * of its own, and beside it a request without credentials to each of the real ones, since only a real connection loads
 * TLS as the clients use it. The SDK's SdkWarmUp is not used: it calls AWS STS, and loads nothing that a rotation does
 * not.
 *
 * @param environment the process's variables
 * @param start the function as variables configure it
 */
public record Warmup(
        Map<String, String> environment, Function<Map<String, String>, Started> start, InstantSource clock) {
    /** The function as an invocation calls it. */
    @FunctionalInterface
    public interface Handler {
        String handle(String event, Optional<String> functionArn, Deadline deadline);
    }

    /**
     * The function with its clients.
     *
     * @param connections one for each service: connects to it; fails if it does not answer
     * @param close closes what the connections have opened
     */
    public record Started(Handler handler, List<Runnable> connections, Runnable close) {}

    /**
     * Both clients give up after two seconds, but a DNS lookup cannot be ended. Init has ten ("Understanding the
     * Lambda execution environment lifecycle").
     */
    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(3);

    /**
     * Where there is no snapshot: in init, when Lambda gives the whole processor. All side by side, and the function's
     * connections stay open for its first invocation.
     *
     * @return what went wrong, which only makes the first invocation slower
     */
    public Optional<String> beforeFirstCall(Started function) {
        return beforeFirstCall(function, CONNECT_WITHIN);
    }

    Optional<String> beforeFirstCall(Started function, Duration connectWithin) {
        var failures = new ConcurrentLinkedQueue<RuntimeException>();
        var connecting = function.connections().stream()
                .map(connection -> Thread.ofPlatform().daemon().start(() -> attempt(connection, failures)))
                .toList();
        attempt(() -> rotate(WarmupServices.Extent.FIRST_STEP), failures);
        try {
            for (Thread thread : connecting) {
                if (!thread.join(connectWithin)) {
                    failures.add(new UncheckedIOException(new InterruptedIOException("no connection in time")));
                }
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
        return first(failures);
    }

    /**
     * Before a snapshot, where time does not matter: one after the other, the connections last, which makes a first
     * step some 20 ms faster. No connection stays open, and no key of a TLS session is kept: each environment that is
     * restored from the snapshot would have the same.
     *
     * @return what went wrong, which only makes the first invocation slower
     */
    public Optional<String> beforeSnapshot() {
        var failures = new ArrayDeque<RuntimeException>();
        var function = start.apply(environment);
        attempt(() -> rotate(WarmupServices.Extent.SWEEP_AND_STEPS), failures);
        function.connections().forEach(connection -> attempt(connection, failures));
        function.close().run();
        forgetSessions();
        return first(failures);
    }

    private static Optional<String> first(Queue<RuntimeException> failures) {
        return failures.stream().findFirst().map(failure -> failure.getClass().getName());
    }

    private static void attempt(Runnable part, Queue<RuntimeException> failures) {
        try {
            part.run();
        } catch (RuntimeException failure) {
            failures.add(failure);
        }
    }

    private void rotate(WarmupServices.Extent extent) {
        try {
            WarmupServices.rotate(extent, environment, start, clock);
        } catch (IOException noLoopback) {
            throw new UncheckedIOException(noLoopback);
        }
    }

    private static void forgetSessions() {
        try {
            var sessions = SSLContext.getDefault().getClientSessionContext();
            for (byte[] id : Collections.list(sessions.getIds())) {
                Optional.ofNullable(sessions.getSession(id)).ifPresent(SSLSession::invalidate);
            }
        } catch (NoSuchAlgorithmException noTls) {
            throw new IllegalStateException(noTls); // then no connection came about either
        }
    }
}
