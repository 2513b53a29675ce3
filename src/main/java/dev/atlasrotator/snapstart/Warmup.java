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
 * Runs, without anything secret, what a first invocation needs: a whole rotation by the function's own code, and TLS.
 * The SDK's SdkWarmUp is not used: it calls AWS STS, and loads nothing that a rotation does not.
 */
public final class Warmup {
    private static final int TIMEOUT_MILLIS = 2000;

    private Warmup() {}

    /**
     * Runs it.
     *
     * @param atlas host of the TLS handshake, if it uses TLS; no request is sent there
     * @param functionAt the function with both services at an address
     * @return what went wrong, which only makes the first invocation slower
     * @throws RotatorException.Configuration if this JVM has no usable TLS
     */
    public static Optional<String> run(
            URI atlas, Proxies proxies, InstantSource clock, Function<URI, WarmupRotation.Handler> functionAt) {
        performTlsHandshake();
        try {
            WarmupRotation.run(clock, functionAt);
            connectOnce(atlas, proxies);
            return Optional.empty();
        } catch (IOException | RotatorException failure) {
            return Optional.of(failure.getClass().getName());
        }
    }

    /** The first handshake message, by the engine that the JDK's HTTP client uses. */
    private static void performTlsHandshake() {
        try {
            var engine = SSLContext.getDefault().createSSLEngine("localhost", 443);
            engine.setUseClientMode(true);
            engine.beginHandshake();
            var packet = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            engine.wrap(ByteBuffer.allocate(0), packet);
        } catch (NoSuchAlgorithmException | SSLException noTls) {
            // A function without TLS could call no service: startup fails instead.
            throw new RotatorException.Configuration(
                    "This JVM has no usable TLS: " + noTls.getClass().getSimpleName());
        }
    }

    /**
     * A complete handshake, with certificates: half of what a first invocation would load. In a context of its own, so
     * that none of its keys is kept for a later connection.
     */
    private static void connectOnce(URI atlas, Proxies proxies) throws IOException {
        var connection = proxies.open(atlas);
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
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
