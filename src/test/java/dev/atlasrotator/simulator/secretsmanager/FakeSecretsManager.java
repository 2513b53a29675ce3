package dev.atlasrotator.simulator.secretsmanager;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.atlasrotator.simulator.http.SelfSigned;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A {@link SecretsManagerModel} behind HTTP, for any client of AWS JSON 1.1. Signatures are not
 * looked at. What a test does that the model cannot do ends in an error at {@link #close()}, since
 * a client would see no more than a closed connection.
 */
public final class FakeSecretsManager implements AutoCloseable {
    static {
        // Head and body of an answer are two packets; else the second waits 40 ms for the client.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final SecretsManagerEndpoint endpoint;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile boolean sawPasswordOfProxy;

    private FakeSecretsManager(SecretsManagerModel model, HttpServer server) {
        this.endpoint = new SecretsManagerEndpoint(model);
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
    }

    /** Serves on a free port of the loopback address. */
    public static FakeSecretsManager start(SecretsManagerModel model) {
        return start(model, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    /** Serves on this address; port 0 takes a free one. */
    public static FakeSecretsManager start(SecretsManagerModel model, InetSocketAddress address) {
        try {
            return new FakeSecretsManager(model, HttpServer.create(address, 0));
        } catch (IOException e) {
            throw new UncheckedIOException("the Secrets Manager stand-in cannot listen on " + address, e);
        }
    }

    /** Over TLS on the loopback address, for a client that trusts this certificate. */
    public static FakeSecretsManager startTls(SecretsManagerModel model, SelfSigned certificate) throws IOException {
        var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(certificate.context()));
        return new FakeSecretsManager(model, server);
    }

    /** Where it is, for a client on this machine. */
    public URI uri() {
        var address = server.getAddress();
        var host = address.getAddress().isAnyLocalAddress()
                ? InetAddress.getLoopbackAddress().getHostAddress()
                : address.getAddress().getHostAddress();
        return URI.create((server instanceof HttpsServer ? "https://" : "http://")
                + (host.indexOf(':') < 0 ? host : "[" + host + "]")
                + ":"
                + address.getPort());
    }

    private void serve(HttpExchange exchange) {
        try (exchange) {
            if (exchange.getRequestHeaders().containsKey("Proxy-Authorization")) {
                sawPasswordOfProxy = true;
            }
            var target = exchange.getRequestHeaders().getFirst(SecretsManagerWire.TARGET);
            var body = exchange.getRequestBody().readAllBytes();
            endpoint.answer(target == null ? "" : target, body).ifPresent(answer -> send(exchange, answer));
        } catch (IOException | UncheckedIOException clientHasGone) {
            // Nobody is left to tell.
        }
    }

    private static void send(HttpExchange exchange, SecretsManagerEndpoint.Answer answer) {
        try {
            for (Map.Entry<String, List<String>> header : answer.headers().entrySet()) {
                exchange.getResponseHeaders().put(header.getKey(), header.getValue());
            }
            var body = answer.body().getBytes(UTF_8);
            // -1 means no body; 0 would mean one of unknown length.
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            if (body.length > 0) {
                exchange.getResponseBody().write(body);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Stops serving.
     *
     * @throws AssertionError if a call asked for what the stand-in does not do, or brought what was
     *     meant for a proxy
     */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        endpoint.throwWhatWentWrong();
        if (sawPasswordOfProxy) {
            throw new AssertionError("the password of a proxy has come to Secrets Manager");
        }
    }
}
