package dev.atlasrotator.simulator.http;

import dev.atlasrotator.retry.Sleeper;
import dev.atlasrotator.simulator.atlas.AtlasRequest;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/**
 * A server that does not keep to HTTP, or barely: it reads each request properly and answers it as
 * it was told, byte by byte. Every connection serves one request.
 */
public final class RawServer implements AutoCloseable {
    /**
     * What goes out after a request has been read. Ends by returning, or when the client hangs up.
     */
    @FunctionalInterface
    public interface Behaviour {
        void answer(OutputStream out) throws IOException, InterruptedException;
    }

    private final Behaviour behaviour;
    private final List<AtlasRequest> requests = new CopyOnWriteArrayList<>();
    private final SocketServer server;

    private RawServer(Behaviour behaviour) throws IOException {
        this.behaviour = behaviour;
        this.server = new SocketServer(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), this::converse);
    }

    /** On a free port of the loopback address. */
    public static RawServer start(Behaviour behaviour) throws IOException {
        return new RawServer(behaviour);
    }

    /** What {@code ATLAS_BASE_URL} would be. */
    public URI baseUrl() {
        return URI.create("http://localhost:" + server.port());
    }

    /**
     * What has come so far. Their headers hold credentials: ask whether one is there, don't print
     * them.
     */
    public List<AtlasRequest> requests() {
        return List.copyOf(requests);
    }

    private void converse(Socket socket) throws IOException, InterruptedException {
        InputStream in = new BufferedInputStream(socket.getInputStream());
        Optional<AtlasRequest> request = WireHttp.read(in);
        if (request.isPresent()) {
            requests.add(request.get());
            behaviour.answer(socket.getOutputStream());
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    /** Exactly these bytes, then the end. */
    public static Behaviour bytes(String latin1) {
        return out -> send(out, latin1);
    }

    /** Says that more comes than does: the body ends early. */
    public static Behaviour truncated(String body) {
        return bytes(head(200, "application/json", body.length() + 1000) + body);
    }

    /** Says that less comes than does. */
    public static Behaviour tooLong(String body, int saidLength) {
        return bytes(head(200, "application/json", saidLength) + body);
    }

    /** A chunk that says another size than it has. */
    public static Behaviour lyingChunks(String body) {
        return bytes("HTTP/1.1 200 OK\r\n"
                + "content-type: application/json\r\n"
                + "transfer-encoding: chunked\r\n\r\n"
                + Integer.toHexString(body.length() + 7)
                + "\r\n"
                + body
                + "\r\n0\r\n\r\n");
    }

    /** One byte at a time, with a pause before each. */
    public static Behaviour drip(String body, Duration pause, Sleeper sleeper) {
        return out -> {
            send(out, head(200, "application/json", body.length()));
            for (byte b : body.getBytes(StandardCharsets.ISO_8859_1)) {
                sleeper.sleep(pause);
                out.write(b);
                out.flush();
            }
        };
    }

    /** Never says a word, and keeps the connection until the client or {@link #close} ends it. */
    public static Behaviour silent() {
        return out -> new CountDownLatch(1).await();
    }

    /** A body without end or length, for as long as the client listens. */
    public static Behaviour endless() {
        return out -> {
            send(out, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"a\":\"");
            byte[] block = new byte[8192];
            Arrays.fill(block, (byte) 'a');
            while (true) {
                out.write(block);
            }
        };
    }

    /** This informational status so many times (RFC 9110, section 15.2), then a good answer. */
    public static Behaviour informational(int status, int times, String body) {
        return bytes(("HTTP/1.1 " + status + " -\r\n\r\n").repeat(times)
                + head(200, "application/json", body.length())
                + body);
    }

    /** A body in UTF-16 that says it is UTF-8. */
    public static Behaviour wrongCharset(String body) {
        return out -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_16LE);
            send(out, head(200, "application/json; charset=utf-8", bytes.length));
            out.write(bytes);
            out.flush();
        };
    }

    /** A good answer under a type of one's choice. */
    public static Behaviour body(int status, String contentType, String body) {
        return out -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            send(out, head(status, contentType, bytes.length));
            out.write(bytes);
            out.flush();
        };
    }

    /** Sends the client elsewhere; credentials must not go with it. */
    public static Behaviour redirect(int status, URI target) {
        return bytes("HTTP/1.1 " + status + " Moved\r\nlocation: " + target + "\r\ncontent-length: 0\r\n\r\n");
    }

    private static String head(int status, String contentType, int length) {
        return "HTTP/1.1 "
                + status
                + " -\r\ncontent-type: "
                + contentType
                + "\r\ncontent-length: "
                + length
                + "\r\nconnection: close\r\n\r\n";
    }

    private static void send(OutputStream out, String latin1) throws IOException {
        out.write(latin1.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }
}
