package dev.atlasrotator.simulator.atlas;

import dev.atlasrotator.retry.Sleeper;
import dev.atlasrotator.simulator.http.SelfSigned;
import dev.atlasrotator.simulator.http.SocketServer;
import dev.atlasrotator.simulator.http.WireHttp;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Optional;

/**
 * Atlas over real HTTP. Not on the JDK's own server: that one writes a {@code Date} header of its
 * own over ours, and the rotator takes Atlas's time from that header.
 */
public final class FakeAtlas implements AutoCloseable {
    private final AtlasService service;
    private final Sleeper sleeper;
    private final SocketServer server;
    private final URI baseUrl;

    private FakeAtlas(ServerSocket listener, String scheme, AtlasService service, Sleeper sleeper) {
        this.service = service;
        this.sleeper = sleeper;
        this.server = new SocketServer(listener, this::converse);
        InetAddress address = listener.getInetAddress();
        String host =
                address.isAnyLocalAddress() || address.isLoopbackAddress() ? "localhost" : address.getHostAddress();
        this.baseUrl = URI.create(scheme + "://" + host + ":" + server.port());
    }

    /** On a free port of the loopback address; slow calls really take their time. */
    public static FakeAtlas start(AtlasService service) throws IOException {
        return start(service, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Thread::sleep);
    }

    /**
     * On any address: port 0 takes a free one.
     *
     * @param sleeper waits for as long as a slow call takes
     */
    public static FakeAtlas start(AtlasService service, InetSocketAddress address, Sleeper sleeper) throws IOException {
        ServerSocket listener = new ServerSocket();
        listener.bind(address);
        return new FakeAtlas(listener, "http", service, sleeper);
    }

    /** Over TLS on the loopback address; clients trust it through {@link SelfSigned#context}. */
    public static FakeAtlas startTls(AtlasService service, SelfSigned certificate) throws IOException {
        ServerSocket listener = certificate
                .context()
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        return new FakeAtlas(listener, "https", service, Thread::sleep);
    }

    /** What {@code ATLAS_BASE_URL} would be. */
    public URI baseUrl() {
        return baseUrl;
    }

    private void converse(Socket socket) throws IOException, InterruptedException {
        InputStream in = new BufferedInputStream(socket.getInputStream());
        for (Optional<AtlasRequest> request = WireHttp.read(in); request.isPresent(); request = WireHttp.read(in)) {
            if (request.get().headers().containsKey("proxy-authorization")) {
                throw new IllegalStateException("the password of a proxy has come to Atlas");
            }
            switch (service.exchange(request.get())) {
                case AtlasOutcome.Answered answered -> {
                    if (answered.after().isPositive()) {
                        sleeper.sleep(answered.after());
                    }
                    WireHttp.write(socket.getOutputStream(), answered.answer());
                }
                case AtlasOutcome.Closed() -> {
                    return;
                }
            }
        }
    }

    /**
     * Ends every connection.
     *
     * @throws IllegalStateException if the stand-in itself went wrong while it served
     */
    @Override
    public void close() throws IOException {
        server.close();
    }
}
