package dev.atlasrotator.simulator.lambda;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Lambda's Invoke over HTTP (Lambda API reference, "Invoke"), for whoever calls a function. Left out: every other
 * operation, whether the caller may, and calls that do not wait for the answer.
 */
public final class FakeLambda implements AutoCloseable {
    private static final Pattern PATH = Pattern.compile("/2015-03-31/functions/([^/]+)/invocations");

    /**
     * A call.
     *
     * @param scope what the signature is for: a day, a region, a service
     */
    public record Invocation(String function, String qualifier, String event, String scope) {}

    /** What Lambda answers: with its error's header where the function has failed. */
    public record Answer(int status, Map<String, String> headers, String body) {
        /** What the function returned. */
        public static Answer returned(String payload) {
            return new Answer(200, Map.of("X-Amz-Executed-Version", "7"), payload);
        }

        /** The function has failed with this. */
        public static Answer functionError(String payload) {
            return new Answer(200, Map.of("X-Amz-Function-Error", "Unhandled"), payload);
        }

        /** Lambda itself refuses. */
        public static Answer refused(int status, String code) {
            return new Answer(status, Map.of("x-amzn-ErrorType", code), "{\"Message\":\"quoted by nobody\"}");
        }
    }

    private final HttpServer server;
    private final List<Invocation> invocations = new CopyOnWriteArrayList<>();

    private FakeLambda(HttpServer server) {
        this.server = server;
    }

    /** Serves one function, whatever name it is called by. */
    public static FakeLambda start(Function<Invocation, Answer> function) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        var lambda = new FakeLambda(server);
        server.createContext("/", exchange -> lambda.serve(exchange, function));
        server.start();
        return lambda;
    }

    private void serve(HttpExchange exchange, Function<Invocation, Answer> function) throws IOException {
        try (exchange) {
            var path = PATH.matcher(exchange.getRequestURI().getPath());
            var query = String.valueOf(exchange.getRequestURI().getQuery());
            if (!path.matches()) {
                exchange.sendResponseHeaders(501, -1);
                return;
            }
            var authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
            var invocation = new Invocation(
                    path.group(1),
                    query.replaceFirst("^Qualifier=", ""),
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
                    authorization.replaceFirst("(?s).*Credential=([^,]*),.*", "$1"));
            invocations.add(invocation);
            var answer = function.apply(invocation);
            var body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.getResponseHeaders().add("x-amzn-RequestId", "5a1e0000-0000-4000-8000-00000000cafe");
            answer.headers().forEach(exchange.getResponseHeaders()::add);
            exchange.sendResponseHeaders(answer.status(), body.length);
            exchange.getResponseBody().write(body);
        }
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** The calls so far. */
    public List<Invocation> invocations() {
        return List.copyOf(invocations);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
