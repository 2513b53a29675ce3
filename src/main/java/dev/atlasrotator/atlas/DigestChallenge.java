package dev.atlasrotator.atlas;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a server asks for before it accepts an API key (RFC 7616 section 3.3).
 *
 * @param protection whether it offers {@code qop=auth}; without it the older response of RFC 2069 is meant
 * @param stale whether only the nonce was too old, so that the key itself is not rejected
 */
record DigestChallenge(
        String realm, String nonce, Optional<String> opaque, Algorithm algorithm, boolean protection, boolean stale) {
    /** In ascending order of strength. */
    enum Algorithm {
        MD5("MD5"),
        SHA_256("SHA-256");

        private final String word;

        Algorithm(String word) {
            this.word = word;
        }

        /** The name, which is the same in HTTP and in the JDK. */
        String word() {
            return word;
        }

        // Session variants (-sess) are left out: with a remembered nonce it is not clear which client nonce they are
        // bound to, and Atlas has not been observed to ask for one.
        private static Optional<Algorithm> named(String name) {
            return Arrays.stream(values())
                    .filter(algorithm -> algorithm.word.equalsIgnoreCase(name))
                    .findFirst();
        }
    }

    /** A scheme's name, or a parameter: the end of a quoted text may be missing; "=" may pad another scheme's data. */
    private static final Pattern PART = Pattern.compile("""
        \\G [\\s,]*+ (?<word>[^\\s,="]++) \\s*+
        (?<value>= \\s*+ (?: "(?<quoted>(?:[^"\\\\]|\\\\.)*+)(?<end>"?+) | (?<plain>[^\\s,="]*+) ) =*+ )?+
        """, Pattern.COMMENTS | Pattern.DOTALL);

    /**
     * The strongest challenge that can be answered, out of all {@code WWW-Authenticate} headers.
     */
    static Optional<DigestChallenge> strongest(List<String> headers) {
        return headers.stream()
                .flatMap(header -> digests(header).stream())
                .flatMap(parameters -> of(parameters).stream())
                .max(Comparator.comparing(DigestChallenge::algorithm));
    }

    private static Optional<DigestChallenge> of(Map<String, String> parameters) {
        var realm = parameters.get("realm");
        var nonce = parameters.get("nonce");
        var opaque = Optional.ofNullable(parameters.get("opaque"));
        var algorithm = Algorithm.named(parameters.getOrDefault("algorithm", "MD5"));
        var qop = Optional.ofNullable(parameters.get("qop"));
        boolean auth = qop.stream().flatMap(DigestChallenge::words).anyMatch("auth"::equals);
        if (realm == null
                || nonce == null
                || algorithm.isEmpty()
                || (qop.isPresent() && !auth) // Only auth-int, which covers the body too.
                || !printable(realm + nonce + opaque.orElse(""))) {
            return Optional.empty();
        }
        boolean stale = "true".equalsIgnoreCase(parameters.get("stale"));
        return Optional.of(new DigestChallenge(realm, nonce, opaque, algorithm.get(), auth, stale));
    }

    private static Stream<String> words(String list) {
        return Arrays.stream(list.toLowerCase(Locale.ROOT).split(",", -1)).map(String::strip);
    }

    /** These texts are sent back in a header, where the JDK allows no other characters. */
    private static boolean printable(String text) {
        return text.chars().allMatch(c -> c >= ' ' && c <= '~');
    }

    /**
     * The parameters of each Digest challenge in a header that may hold several challenges (RFC 9110 section 11.6.1).
     * Everything after the first syntax error is ignored.
     */
    private static List<Map<String, String>> digests(String header) {
        var found = new ArrayList<Map<String, String>>();
        Map<String, String> current = new HashMap<>();
        for (var part : PART.matcher(header).results().toList()) {
            if (part.group("value") == null) {
                current = new HashMap<>();
                if (part.group("word").equalsIgnoreCase("Digest")) {
                    found.add(current);
                }
            } else if ("".equals(part.group("end"))) {
                // Not half of a challenge: its parameters are incomplete.
                found.remove(current);
                return found;
            } else {
                var quoted = part.group("quoted");
                var value = quoted == null ? part.group("plain") : quoted.replaceAll("\\\\(.)", "$1");
                current.putIfAbsent(part.group("word").toLowerCase(Locale.ROOT), value);
            }
        }
        return found;
    }
}
