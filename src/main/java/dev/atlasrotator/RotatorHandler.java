package dev.atlasrotator;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaRuntime;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.atlasrotator.aws.AwsEnvironment;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.startup.Warmup;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.Security;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.crac.Core;
import org.crac.Resource;

/**
 * Lambda's entry point: bytes in, bytes out. The event is read as a stream, since Lambda's own binding to a bean does
 * not recognize {@code Step} and would print {@code RotationToken}.
 */
public final class RotatorHandler implements RequestStreamHandler, Resource {
    /** Time that is reserved for the answer, so that a run ends before Lambda's time-out. */
    private static final Duration ANSWER = Duration.ofSeconds(2);

    private final Wiring wiring;
    private final Warmup warmup;

    /** Created once, in Lambda's init phase: the slow part of a cold start, which SnapStart takes a snapshot of. */
    public RotatorHandler() {
        var environment = System.getenv();
        boolean hasSnapStart = new AwsEnvironment(environment).hasSnapStart();
        if (hasSnapStart) {
            // An address in the snapshot could be another host's when it is restored. Read at the JDK's first DNS
            // lookup.
            Security.setProperty("networkaddress.cache.ttl", "0");
        }
        this.wiring = Wiring.production(environment, RotatorHandler::log);
        this.warmup =
                new Warmup(environment, variables -> started(Wiring.production(variables, line -> {})), wiring.clock());
        if (hasSnapStart) {
            // Lambda keeps the handler for as long as the process lives; the registry holds its hooks only weakly.
            Core.getGlobalContext().register(this);
        } else {
            tell(warmup.beforeFirstCall(started(wiring)));
        }
    }

    private static Warmup.Started started(Wiring wiring) {
        return new Warmup.Started(wiring.rotator()::handle, wiring.connections(), wiring.close());
    }

    @Override
    public void handleRequest(InputStream input, OutputStream output, Context context) throws IOException {
        var event = new String(input.readAllBytes(), StandardCharsets.UTF_8);
        var left = Duration.ofMillis(context.getRemainingTimeInMillis()).minus(ANSWER);
        var deadline = Deadline.in(left.isNegative() ? Duration.ZERO : left, wiring.clock());
        var answer = wiring.rotator().handle(event, Optional.ofNullable(context.getInvokedFunctionArn()), deadline);
        output.write(answer.getBytes(StandardCharsets.UTF_8));
    }

    /** Loads what the first invocation needs, and clears whatever must not be in a snapshot. */
    @Override
    public void beforeCheckpoint(org.crac.Context<? extends Resource> context) {
        tell(warmup.beforeSnapshot());
        wiring.clearCredentials().run();
    }

    private static void tell(Optional<String> trouble) {
        trouble.ifPresent(exception -> log(Json.text(Map.of(
                "level",
                "WARN",
                "message",
                "what a first call needs could not all be loaded before it; it only takes longer",
                "exception",
                exception))));
    }

    private static void log(String line) {
        LambdaRuntime.getLogger().log(line + "\n");
    }

    @Override
    public void afterRestore(org.crac.Context<? extends Resource> context) {
        // Nothing to do: clients connect when they are used, and the platform seeds SecureRandom again.
    }
}
