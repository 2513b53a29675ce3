package dev.atlasrotator.atlas;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
            for (Algorithm algorithm : values()) {
                if (algorithm.word.equalsIgnoreCase(name)) {
                    return Optional.of(algorithm);
                }
            }
            return Optional.empty();
        }
    }

    /**
     * The strongest challenge that can be answered, out of all {@code WWW-Authenticate} headers.
     */
    static Optional<DigestChallenge> strongest(List<String> headers) {
        return headers.stream()
                .flatMap(header -> new Scanner(header).digests().stream())
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
     * Reads a header that may hold several challenges (RFC 9110 section 11.6.1). Everything after the first syntax
     * error is ignored.
     */
    private static final class Scanner {
        private final String text;
        private int at;

        Scanner(String text) {
            this.text = text;
        }

        List<Map<String, String>> digests() {
            var found = new ArrayList<Map<String, String>>();
            Map<String, String> current = new LinkedHashMap<>();
            for (skip(" \t,"); at < text.length(); skip(" \t,")) {
                var word = word();
                skip(" \t");
                if (word.isEmpty()) {
                    return found;
                }
                if (!next('=')) {
                    current = new LinkedHashMap<>();
                    if (word.equalsIgnoreCase("Digest")) {
                        found.add(current);
                    }
                    continue;
                }
                skip(" \t");
                var value = next('"') ? quoted() : Optional.of(word());
                if (value.isEmpty()) {
                    // Not half of a challenge: its parameters are incomplete.
                    found.remove(current);
                    return found;
                }
                current.putIfAbsent(word.toLowerCase(Locale.ROOT), value.get());
                skip("="); // The padding of another scheme's data.
            }
            return found;
        }

        private void skip(String any) {
            while (at < text.length() && any.indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private boolean next(char c) {
            boolean here = at < text.length() && text.charAt(at) == c;
            at += here ? 1 : 0;
            return here;
        }

        private String word() {
            int from = at;
            while (at < text.length() && " \t,=\"".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return text.substring(from, at);
        }

        /** The rest of a quoted text without its escapes; empty if its end is missing. */
        private Optional<String> quoted() {
            var plain = new StringBuilder();
            while (at < text.length()) {
                char c = text.charAt(at++);
                if (c == '"') {
                    return Optional.of(plain.toString());
                }
                if (c == '\\') {
                    if (at == text.length()) {
                        return Optional.empty();
                    }
                    c = text.charAt(at++);
                }
                plain.append(c);
            }
            return Optional.empty();
        }
    }
}
