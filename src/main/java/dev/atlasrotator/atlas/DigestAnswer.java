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
        var protection =
                challenge.protection() ? ", qop=auth, nc=%s, cnonce=%s".formatted(count(), quoted(clientNonce)) : "";
        var opaque = challenge.opaque().map(text -> ", opaque=" + quoted(text)).orElse("");
        return "Digest username=%s, realm=%s, nonce=%s, uri=%s, algorithm=%s, response=\"%s\"%s%s"
                .formatted(
                        quoted(key.publicKey()),
                        quoted(challenge.realm()),
                        quoted(challenge.nonce()),
                        quoted(target),
                        challenge.algorithm().word(),
                        response(method, target, key),
                        protection,
                        opaque);
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
