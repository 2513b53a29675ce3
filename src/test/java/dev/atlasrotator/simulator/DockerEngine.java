package dev.atlasrotator.simulator;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Whether a Docker engine answers. Testcontainers' own question may take minutes where an engine is
 * there but no image can be pulled; a ping of the socket takes a moment.
 */
final class DockerEngine {
    private DockerEngine() {}

    /** Whether the engine that {@code DOCKER_HOST} names, or the local one, answers a ping. */
    static boolean answers() {
        var host = Optional.ofNullable(System.getenv("DOCKER_HOST"))
                .filter(set -> !set.isBlank())
                .orElse("unix:///var/run/docker.sock");
        try {
            return pings(URI.create(host));
        } catch (IOException | IllegalArgumentException noEngine) {
            return false;
        }
    }

    private static boolean pings(URI host) throws IOException {
        boolean local = "unix".equals(host.getScheme());
        SocketAddress address = local
                ? UnixDomainSocketAddress.of(Path.of(host.getPath()))
                : new InetSocketAddress(host.getHost(), host.getPort());
        try (var channel = SocketChannel.open(local ? StandardProtocolFamily.UNIX : StandardProtocolFamily.INET)) {
            channel.connect(address);
            channel.write(ByteBuffer.wrap("GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n".getBytes(US_ASCII)));
            var answer = ByteBuffer.allocate(64);
            channel.read(answer);
            return new String(answer.array(), US_ASCII).contains(" 200 ");
        }
    }
}
