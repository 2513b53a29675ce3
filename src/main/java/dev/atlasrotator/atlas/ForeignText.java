package dev.atlasrotator.atlas;

import dev.atlasrotator.credential.Sensitive;
import java.util.List;
import java.util.regex.Pattern;

/** Makes a text from outside safe to print: one short line of printable ASCII, without any secret that it may echo. */
final class ForeignText {
    private static final int LENGTH_MAX = 200;
    private static final String HIDDEN = "[hidden]";
    // As an Atlas client secret begins, and as a JSON web token does.
    private static final Pattern LOOKS_SECRET = Pattern.compile("(?:mdb_sa_sk_|eyJ)[A-Za-z0-9_.-]*+");
    private static final Pattern CODE = Pattern.compile("[A-Z0-9_]{0,80}|[a-z_]{0,80}");

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
        plain = LOOKS_SECRET.matcher(plain).replaceAll(HIDDEN);
        return plain.length() > LENGTH_MAX ? plain.substring(0, LENGTH_MAX - 3) + "..." : plain;
    }

    /**
     * An error code, or empty for anything without the form of one: upper-case words (Atlas's API) or lower-case words
     * (OAuth), joined by underscores.
     */
    static String code(String text, List<Sensitive> secrets) {
        return CODE.matcher(text).matches() && clean(text, secrets).equals(text) ? text : "";
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
        return text.replaceAll("[\n\r\t]", " ").replaceAll("[^ -~]", "?").strip();
    }
}
