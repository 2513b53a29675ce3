package dev.atlasrotator.credential;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Records to which client secret an Atlas id belongs, without holding the client secret: the id, and a digest of both.
 * It is stored beside them. If somebody later edits one of the two and leaves the other, the digest no longer fits.
 *
 * @param digest as secret as the value itself: with it, a guess of the value can be checked
 */
public record Binding(SecretId id, Sensitive digest) {
    /** Half of SHA-256: it only has to detect accidents. */
    private static final int DIGEST_BYTES = 16;

    private static final int ID_LENGTH = 24;

    /** The binding of this id to this client secret. */
    public static Binding of(SecretId id, Sensitive clientSecret) {
        try {
            var both = id.value() + ":" + clientSecret.reveal();
            var digest = MessageDigest.getInstance("SHA-256").digest(both.getBytes(StandardCharsets.UTF_8));
            return new Binding(id, new Sensitive(HexFormat.of().formatHex(digest, 0, DIGEST_BYTES)));
        } catch (NoSuchAlgorithmException impossible) { // every Java platform has it (its javadoc)
            throw new IllegalStateException(impossible);
        }
    }

    /** Reads what {@link #text()} wrote; empty for anything else. */
    static Optional<Binding> parse(String text) {
        return text.matches("[0-9a-f]{24}:[0-9a-f]{" + 2 * DIGEST_BYTES + "}")
                ? Optional.of(new Binding(
                        new SecretId(text.substring(0, ID_LENGTH)), new Sensitive(text.substring(ID_LENGTH + 1))))
                : Optional.empty();
    }

    /** Its text in a stored value. */
    Sensitive text() {
        return new Sensitive(id + ":" + digest.reveal());
    }

    /** Whether the id belongs to this client secret. */
    public boolean fits(Sensitive clientSecret) {
        return digest.equals(of(id, clientSecret).digest());
    }
}
