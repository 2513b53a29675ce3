package dev.atlasrotator.simulator.atlas;

import dev.atlasrotator.simulator.atlas.AtlasRules.DigestAlgorithm;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The server's side of HTTP Digest (RFC 7616) with {@code qop=auth}, for API keys. */
record AtlasDigest(AtlasState state, AtlasRules rules, Instant now) {
    /** What came of a request's credentials. */
    sealed interface Verdict {
        record Accepted(AtlasState.Key key) implements Verdict {}

        /** Nothing usable, an unknown key, a wrong response: they look alike. */
        record Wrong() implements Verdict {}

        /** The key is right, but the nonce is too old, unknown, or its count was seen before. */
        record Stale() implements Verdict {}

        /** {@code uri} is not the request's path and query: a 400 by section 3.4.6. */
        record OtherTarget() implements Verdict {}
    }

    private static final Pattern PARAMETER =
            Pattern.compile("([A-Za-z0-9_-]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,\"]+))");
    private static final Pattern COUNT = Pattern.compile("[0-9a-fA-F]{8}");
    private static final Duration FORGET_NONCES_AFTER = Duration.ofHours(1);

    /** A challenge as recorded: empty domain, no opaque, a nonce of base64 with + and /. */
    String challenge(boolean stale) {
        state.nonces
                .values()
                .removeIf(nonce -> nonce.issuedAt().plus(FORGET_NONCES_AFTER).isBefore(now));
        String nonce = state.nextValue("N+/", 41) + "==";
        state.nonces.put(nonce, new AtlasState.Nonce(now, 0));
        StringJoiner challenges = new StringJoiner(", ");
        for (DigestAlgorithm algorithm : rules.digestAlgorithms) {
            challenges.add("Digest realm=\""
                    + AtlasRules.REALM
                    + "\", domain=\"\", nonce=\""
                    + nonce
                    + "\", algorithm="
                    + algorithm.wireName
                    + ", qop=\"auth\", stale="
                    + stale);
        }
        return challenges.toString();
    }

    Verdict verify(AtlasRequest request) {
        Map<String, String> given = parameters(request.header("authorization"));
        AtlasState.Key key = state.keys.get(given.getOrDefault("username", ""));
        DigestAlgorithm algorithm = algorithm(given.getOrDefault("algorithm", "MD5"));
        String count = given.getOrDefault("nc", "");
        if (key == null
                || algorithm == null
                || !given.getOrDefault("realm", "").equals(AtlasRules.REALM)
                || !given.getOrDefault("qop", "").equals("auth")
                || !COUNT.matcher(count).matches()
                || given.getOrDefault("cnonce", "").isEmpty()) {
            return new Verdict.Wrong();
        }
        if (!given.getOrDefault("uri", "").equals(request.pathAndQuery())) {
            return new Verdict.OtherTarget();
        }
        String expected = response(algorithm, request.method(), key.privateKey(), given);
        if (!expected.equals(given.getOrDefault("response", "").toLowerCase(Locale.ROOT))) {
            return new Verdict.Wrong();
        }
        return spend(given.getOrDefault("nonce", ""), Long.parseLong(count, 16))
                ? new Verdict.Accepted(key)
                : new Verdict.Stale();
    }

    /** A count that does not rise is a replay (section 3.4, nc). */
    private boolean spend(String nonceValue, long count) {
        AtlasState.Nonce nonce = state.nonces.get(nonceValue);
        if (nonce == null || !now.isBefore(nonce.issuedAt().plus(AtlasRules.NONCE_LIFETIME)) || count <= nonce.used()) {
            return false;
        }
        state.nonces.put(nonceValue, new AtlasState.Nonce(nonce.issuedAt(), count));
        return true;
    }

    /** Section 3.4.1, for {@code qop=auth}: {@code KD(H(A1), nonce:nc:cnonce:qop:H(A2))}. */
    static String response(DigestAlgorithm algorithm, String method, String password, Map<String, String> given) {
        String a1 = given.getOrDefault("username", "") + ":" + given.getOrDefault("realm", "") + ":" + password;
        String a2 = method + ":" + given.getOrDefault("uri", "");
        return hash(
                algorithm,
                hash(algorithm, a1)
                        + ":"
                        + given.getOrDefault("nonce", "")
                        + ":"
                        + given.getOrDefault("nc", "")
                        + ":"
                        + given.getOrDefault("cnonce", "")
                        + ":"
                        + given.getOrDefault("qop", "")
                        + ":"
                        + hash(algorithm, a2));
    }

    /** The parameters of one Digest header, with quotes and escapes taken off. */
    static Map<String, String> parameters(String header) {
        Map<String, String> parameters = new HashMap<>();
        if (header.regionMatches(true, 0, "Digest ", 0, 7)) {
            Matcher match = PARAMETER.matcher(header.substring(7));
            while (match.find()) {
                String quoted = match.group(2);
                parameters.put(
                        match.group(1).toLowerCase(Locale.ROOT),
                        quoted == null ? match.group(3) : quoted.replaceAll("\\\\(.)", "$1"));
            }
        }
        return parameters;
    }

    private @Nullable DigestAlgorithm algorithm(String name) {
        for (DigestAlgorithm offered : rules.digestAlgorithms) {
            if (offered.wireName.equalsIgnoreCase(name)) {
                return offered;
            }
        }
        return null;
    }

    private static String hash(DigestAlgorithm algorithm, String text) {
        try {
            byte[] digest =
                    MessageDigest.getInstance(algorithm.digestName).digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException everyJdkHasBoth) {
            throw new IllegalStateException(everyJdkHasBoth);
        }
    }
}
