package dev.atlasrotator;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.secretsmanager.SecretsManagerClients;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.KeyManagementException;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/**
 * Runs, without anything secret, what a first call needs: the SDK's client, a whole rotation by the
 * function's own code, and TLS.
 */
final class Priming {
    private static final int PATIENCE_MILLIS = 2000;

    private Priming() {}

    /**
     * Runs it all.
     *
     * @param atlas whom to shake hands with; nothing is asked there
     * @return what went wrong on the way, which costs the first call time and nothing else
     * @throws RotatorException.Configuration if this JVM has no usable TLS
     */
    static Optional<String> run(Optional<URI> atlas) {
        SecretsManagerClients.warmUp();
        greet();
        try {
            Rehearsal.run();
            if (atlas.isPresent() && "https".equals(atlas.get().getScheme())) {
                shakeHands(atlas.get());
            }
            return Optional.empty();
        } catch (IOException | RotatorException trouble) {
            return Optional.of(trouble.getClass().getName());
        }
    }

    /** The first message of the engine that the JDK's HTTP client uses. */
    private static void greet() {
        try {
            var engine = SSLContext.getDefault().createSSLEngine("localhost", 443);
            engine.setUseClientMode(true);
            engine.beginHandshake();
            var packet = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            engine.wrap(ByteBuffer.allocate(0), packet);
        } catch (NoSuchAlgorithmException | SSLException noTls) {
            // A function without TLS could not reach anybody: better that it does not start.
            throw new RotatorException.Configuration(
                    "This JVM has no usable TLS: " + noTls.getClass().getSimpleName());
        }
    }

    /**
     * A whole handshake, certificates and all: half of what a first call would load. In a context
     * of its own, so that no key of it is kept for a later connection.
     */
    private static void shakeHands(URI atlas) throws IOException {
        int port = atlas.getPort() < 0 ? 443 : atlas.getPort();
        try (var plain = new Socket()) {
            var context = SSLContext.getInstance("TLS");
            context.init(null, null, null);
            plain.connect(new InetSocketAddress(atlas.getHost(), port), PATIENCE_MILLIS);
            plain.setSoTimeout(PATIENCE_MILLIS);
            try (var secured =
                    (SSLSocket)
                            context.getSocketFactory()
                                    .createSocket(plain, atlas.getHost(), port, true)) {
                secured.startHandshake();
            }
        } catch (NoSuchAlgorithmException | KeyManagementException noTls) {
            throw new IOException(noTls);
        }
    }
}
