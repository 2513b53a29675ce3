package dev.atlasrotator.atlas;

import dev.atlasrotator.credential.AtlasCredential.ApiKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The answer to a Digest challenge, as a pure function (RFC 7616 section 3.4). The JDK's client has
 * no Digest, and what the JDK has elsewhere refuses MD5, which is what Atlas asks for (observed,
 * undocumented).
 *
 * @param nonceCount how often this nonce has been used, this time included
 * @param clientNonce a random text; any printable characters without quotes
 */
record DigestAnswer(DigestChallenge challenge, int nonceCount, String clientNonce) {
    /**
     * The value of the Authorization header.
     *
     * @param target path plus query
     */
    String to(String method, String target, ApiKey key) {
        var header = new StringBuilder("Digest username=").append(quoted(key.publicKey()));
        header.append(", realm=").append(quoted(challenge.realm()));
        header.append(", nonce=").append(quoted(challenge.nonce()));
        header.append(", uri=").append(quoted(target));
        header.append(", algorithm=").append(challenge.algorithm().word());
        header.append(", response=\"").append(response(method, target, key)).append('"');
        if (challenge.protection()) {
            header.append(", qop=auth, nc=").append(count());
            header.append(", cnonce=").append(quoted(clientNonce));
        }
        challenge.opaque().ifPresent(text -> header.append(", opaque=").append(quoted(text)));
        return header.toString();
    }

    private String response(String method, String target, ApiKey key) {
        var who = hash(key.publicKey() + ":" + challenge.realm() + ":"
                + key.privateKey().reveal());
        var what = hash(method + ":" + target);
        var once = challenge.protection()
                ? challenge.nonce() + ":" + count() + ":" + clientNonce + ":auth"
                : challenge.nonce();
        return hash(who + ":" + once + ":" + what);
    }

    private String count() {
        return HexFormat.of().toHexDigits(nonceCount);
    }

    private String hash(String text) {
        try {
            var digest = MessageDigest.getInstance(challenge.algorithm().word());
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) { // every Java platform has both
            throw new IllegalStateException(challenge.algorithm().word());
        }
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
