package dev.atlasrotator.simulator.secretsmanager;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What one version of a stored secret holds. It cannot print itself: a test report must not show it
 * either.
 */
final class StoredValue {
    /** Secrets Manager takes at most so many bytes a value. */
    static final int BYTES_MAX = 65_536;

    private final String content;
    private final boolean binary;
    private volatile String digest = "";

    private StoredValue(String content, boolean binary) {
        this.content = content;
        this.binary = binary;
    }

    static StoredValue text(String text) {
        return new StoredValue(text, false);
    }

    /**
     * @param base64 the bytes as they stand on the wire
     */
    static StoredValue binary(String base64) {
        return new StoredValue(base64, true);
    }

    /** The value as the wire carries it: text, or bytes in base64. */
    String reveal() {
        return content;
    }

    /** The member of a request or an answer that carries this value. */
    String member() {
        return binary ? "SecretBinary" : "SecretString";
    }

    boolean sameAs(StoredValue other) {
        return binary == other.binary && content.equals(other.content);
    }

    /** Twelve hex digits that tell values apart and give none away. */
    String digest() {
        if (digest.isEmpty()) {
            digest = HexFormat.of().formatHex(sha256(content), 0, 6);
        }
        return digest;
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "StoredValue[hidden]";
    }
}
