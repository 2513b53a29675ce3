package dev.atlasrotator.simulator.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.atlasrotator.simulator.atlas.AtlasRequest;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A proxy on the loopback address. It knows names that no resolver does, so whoever is reached by
 * one of them came through it: by a tunnel (CONNECT; RFC 9110, section 9.3.6), or with the whole
 * URL as the target of a request (RFC 9112, section 3.2.2), each of those on a connection of its
 * own.
 */
public final class ForwardProxy implements AutoCloseable {
    private final Map<String, URI> servers;
    private final Optional<String> authorization;
    private final List<AtlasRequest> requests = new CopyOnWriteArrayList<>();
    private final SocketServer server;

    private ForwardProxy(Map<String, URI> servers, Optional<String> authorization) throws IOException {
        this.servers = servers;
        this.authorization = authorization;
        this.server = new SocketServer(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), this::converse);
    }

    /**
     * Lets everybody through.
     *
     * @param servers by the host and port that a client asks for; any other is refused with a 403
     */
    public static ForwardProxy to(Map<String, URI> servers) throws IOException {
        return new ForwardProxy(servers, Optional.empty());
    }

    /** Wants a user and a password, by the scheme Basic, and refuses all others with a 407. */
    public static ForwardProxy to(Map<String, URI> servers, String user, String password) throws IOException {
        var pair = (user + ":" + password).getBytes(UTF_8);
        return new ForwardProxy(
                servers, Optional.of("Basic " + Base64.getEncoder().encodeToString(pair)));
    }

    /** Host and port. */
    public String address() {
        return "127.0.0.1:" + server.port();
    }

    /** All that has been asked of it, also what it refused; a tunnel once. */
    public List<AtlasRequest> requests() {
        return List.copyOf(requests);
    }

    private void converse(Socket client) throws IOException, InterruptedException {
        InputStream in = new BufferedInputStream(client.getInputStream());
        Optional<AtlasRequest> asked = WireHttp.read(in);
        if (asked.isEmpty()) {
            return;
        }
        AtlasRequest request = asked.get();
        requests.add(request);
        boolean isTunnel = request.method().equals("CONNECT");
        String wanted = isTunnel
                ? request.pathAndQuery()
                : URI.create(request.pathAndQuery()).getAuthority();
        if (!authorization.orElse("").equals(request.header("proxy-authorization")) && authorization.isPresent()) {
            refuse(client, "407 -\r\nproxy-authenticate: Basic realm=\"egress\"");
        } else if (!servers.containsKey(wanted)) {
            refuse(client, "403 -");
        } else {
            try (Socket there = new Socket(
                    InetAddress.getLoopbackAddress(), servers.get(wanted).getPort())) {
                if (isTunnel) {
                    tunnel(in, client, there);
                } else {
                    pass(request, client, there);
                }
            }
        }
    }

    private static void refuse(Socket client, String status) throws IOException {
        send(client, "HTTP/1.1 " + status + "\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    }

    private static void tunnel(InputStream in, Socket client, Socket there) throws IOException, InterruptedException {
        send(client, "HTTP/1.1 200 Connection established\r\n\r\n");
        Thread up = Thread.ofVirtual().start(() -> {
            try {
                in.transferTo(there.getOutputStream());
                there.shutdownOutput();
            } catch (IOException over) {
                // One of the two has hung up.
            }
        });
        there.getInputStream().transferTo(client.getOutputStream());
        client.close();
        up.join();
    }

    private static void pass(AtlasRequest request, Socket client, Socket there) throws IOException {
        URI target = URI.create(request.pathAndQuery());
        StringBuilder head = new StringBuilder(request.method())
                .append(' ')
                .append(target.getRawPath().isEmpty() ? "/" : target.getRawPath())
                .append(target.getRawQuery() == null ? "" : "?" + target.getRawQuery())
                .append(" HTTP/1.1\r\n");
        request.headers().forEach((name, value) -> {
            if (!name.startsWith("proxy-") && !name.equals("connection")) {
                head.append(name).append(": ").append(value).append("\r\n");
            }
        });
        send(there, head.append("connection: close\r\n\r\n").toString());
        there.getOutputStream().write(request.body());
        there.getOutputStream().flush();
        there.shutdownOutput();
        InputStream answer = new BufferedInputStream(there.getInputStream());
        StringBuilder status = new StringBuilder();
        for (int c = answer.read(); c >= 0 && c != '\n'; c = answer.read()) {
            status.append((char) c);
        }
        send(client, status + "\nconnection: close\r\n");
        answer.transferTo(client.getOutputStream());
    }

    private static void send(Socket to, String text) throws IOException {
        to.getOutputStream().write(text.getBytes(ISO_8859_1));
        to.getOutputStream().flush();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
