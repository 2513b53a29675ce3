package dev.atlasrotator.snapstart;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.network.Proxies;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.KeyManagementException;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/**
 * Runs, without anything secret, what a first call needs: a whole rotation by the function's own
 * code, and TLS. The SDK's own SdkWarmUp is left out: it calls AWS STS, and loads nothing that a
 * rotation does not.
 */
public final class Warmup {
    private static final int PATIENCE_MILLIS = 2000;

    private Warmup() {}

    /**
     * Runs it all.
     *
     * @param atlas whom to shake hands with, if by TLS; nothing is asked there
     * @param functionAt the function with both services at an address
     * @return what went wrong on the way, which costs the first call time and nothing else
     * @throws RotatorException.Configuration if this JVM has no usable TLS
     */
    public static Optional<String> run(
            URI atlas, Proxies proxies, InstantSource clock, Function<URI, WarmupRotation.Handler> functionAt) {
        greet();
        try {
            WarmupRotation.run(clock, functionAt);
            shakeHands(atlas, proxies);
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
    private static void shakeHands(URI atlas, Proxies proxies) throws IOException {
        var connection = proxies.open(atlas);
        connection.setConnectTimeout(PATIENCE_MILLIS);
        connection.setReadTimeout(PATIENCE_MILLIS);
        try {
            if (connection instanceof HttpsURLConnection secured) {
                var context = SSLContext.getInstance("TLS");
                context.init(null, null, null);
                secured.setSSLSocketFactory(context.getSocketFactory());
                secured.connect();
            }
        } catch (NoSuchAlgorithmException | KeyManagementException noTls) {
            throw new IOException(noTls);
        } finally {
            connection.disconnect();
        }
    }
}
