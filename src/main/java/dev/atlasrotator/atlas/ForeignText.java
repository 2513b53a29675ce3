package dev.atlasrotator.atlas;

import dev.atlasrotator.credential.Sensitive;
import java.util.List;

/** Makes a text from outside safe to print: one short line of printable ASCII, without any secret that it may echo. */
final class ForeignText {
    private static final int LENGTH_MAX = 200;
    private static final String HIDDEN = "[hidden]";
    // The beginning of an Atlas client secret, and of a JSON web token.
    private static final List<String> BEGINNINGS = List.of("mdb_sa_sk_", "eyJ");

    private ForeignText() {}

    /**
     * Cleans a text.
     *
     * @param secrets known secrets; whatever looks like an Atlas secret or a token is removed as well
     */
    static String clean(String text, List<Sensitive> secrets) {
        // Twice: a secret that contains a non-printable character is found before the removal, and one that
        // non-printable characters split is found after it.
        var plain = hide(printable(hide(text, secrets)), secrets);
        for (String beginning : BEGINNINGS) {
            plain = hideWords(plain, beginning);
        }
        return plain.length() > LENGTH_MAX ? plain.substring(0, LENGTH_MAX - 3) + "..." : plain;
    }

    /**
     * An error code, or empty for anything without the form of one: upper-case words (Atlas's API) or lower-case words
     * (OAuth), joined by underscores.
     */
    static String code(String text, List<Sensitive> secrets) {
        boolean upper = text.chars().allMatch(c -> (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_');
        boolean lower = text.chars().allMatch(c -> (c >= 'a' && c <= 'z') || c == '_');
        if (text.length() > 80 || !(upper || lower)) {
            return "";
        }
        return clean(text, secrets).equals(text) ? text : "";
    }

    private static String hide(String text, List<Sensitive> secrets) {
        var shown = text;
        for (Sensitive secret : secrets) {
            if (!secret.reveal().isEmpty()) {
                shown = shown.replace(secret.reveal(), HIDDEN);
            }
        }
        return shown;
    }

    private static String printable(String text) {
        var line = new StringBuilder(text.length());
        text.chars()
                .map(c -> c == '\n' || c == '\r' || c == '\t' ? ' ' : c)
                .forEach(c -> line.append(c >= ' ' && c <= '~' ? (char) c : '?'));
        return line.toString().strip();
    }

    private static String hideWords(String text, String beginning) {
        var shown = new StringBuilder();
        int from = 0;
        for (int at = text.indexOf(beginning); at >= 0; at = text.indexOf(beginning, from)) {
            shown.append(text, from, at).append(HIDDEN);
            from = at;
            while (from < text.length() && partOfSecret(text.charAt(from))) {
                from++;
            }
        }
        return shown.append(text, from, text.length()).toString();
    }

    private static boolean partOfSecret(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '_'
                || c == '-'
                || c == '.';
    }
}
