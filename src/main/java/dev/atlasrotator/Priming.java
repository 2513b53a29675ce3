package dev.atlasrotator;

import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.secretsmanager.SecretsManagerClients;

import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/**
 * Exercises, without a network and without anything secret, what a first call needs: the SDK's
 * client, JSON both ways, the reading of an event and of a value, and TLS as far as the greeting.
 */
final class Priming {
    private static final String EVENT =
            "{\"Step\":\"createSecret\",\"SecretId\":\"priming\","
                    + "\"ClientRequestToken\":\"00000000-0000-0000-0000-000000000000\"}";
    private static final String VALUE =
            "{\"clientId\":\"mdb_sa_id_000000000000000000000000\","
                    + "\"groupId\":\"000000000000000000000000\"}";

    private Priming() {}

    static void run() {
        SecretsManagerClients.warmUp();
        Trigger.parse(EVENT).kind();
        StoredValue.parse(new Sensitive(VALUE)).text();
        greet();
    }

    /**
     * The client's side of a TLS handshake up to its first message: that loads most of what a
     * handshake needs.
     */
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
}
