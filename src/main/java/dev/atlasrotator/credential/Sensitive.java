package dev.atlasrotator.credential;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * A text that must never be printed: a client secret, a private key, an access token, a rotation token, or a whole
 * stored value. {@link #reveal()} is the only way to its text, so a search for its callers is the audit.
 */
public final class Sensitive {
    /** How the value of a service account's secret begins (Atlas's documentation of service accounts). */
    static final String ATLAS_SECRET = "mdb_sa_sk_";

    private final String value;

    public Sensitive(String value) {
        this.value = value;
    }

    /** Whether a text has the form of an Atlas client secret: in the place of a name it must not be printed. */
    public static boolean isAtlasSecret(String text) {
        return text.startsWith(ATLAS_SECRET);
    }

    /** The text itself. Only an adapter that sends it to its service, or a parser, has a reason to call this. */
    public String reveal() {
        return value;
    }

    /** Equal texts, compared in a time that does not depend on where they differ. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Sensitive that
                && MessageDigest.isEqual(
                        value.getBytes(StandardCharsets.UTF_8), that.value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return "Sensitive[hidden]";
    }
}
