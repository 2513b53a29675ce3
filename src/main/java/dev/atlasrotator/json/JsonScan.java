package dev.atlasrotator.json;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Walks through a text by JSON's grammar (RFC 8259) until something does not fit, and says what it
 * is. It knows the mistakes that a parser calls an unexpected character: texts that were pasted,
 * encoded twice, or written in another syntax.
 */
final class JsonScan {
    /**
     * Deeper than anybody writes by hand; each level takes stack of a thread that may have little.
     */
    private static final int LEVELS_MAX = 100;

    private static final String TYPOGRAPHIC =
            "\u00ab\u00b4\u00bb\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2032\u2033\u2039\u203a\u301d\u301e\u301f\uff02\uff07";
    private static final String SCALAR = "-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null";
    private static final Pattern SPACE = Pattern.compile("[ \t\r\n]*+");
    private static final Pattern WORD = Pattern.compile("[^,:{}\\[\\]\" \t\r\n]*+");

    /** A text up to its closing quotation mark, or to what may not be in it. */
    private static final Pattern TEXT =
            Pattern.compile("\"(?:[^\"\\\\\\x00-\\x1f]|\\\\(?:[\"\\\\/bfnrt]|u[0-9a-fA-F]{4}))*+");

    private static final Pattern NAME = Pattern.compile("[\\p{Alpha}_$][\\w$.-]*");
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/=\\s]++");
    private static final Pattern OBJECT_BEGINS = Pattern.compile("\\s*+\\{\\s*+\"");

    private static final String TAKE_IT_OUT = "take it out";
    private static final String STORE_THE_OBJECT = "store the object itself";
    private static final String WITHOUT_MARKS =
            STORE_THE_OBJECT + ", without the marks around it and the backslashes in it";
    private static final String WRITE_AN_OBJECT = "write {\"key\":\"value\"}";

    /** What a text may be instead of an object. */
    private record OtherForm(Predicate<String> isFound, String what, String remedy) {
        private static OtherForm of(String found, String what, String remedy) {
            return new OtherForm(Pattern.compile(found).asPredicate(), what, remedy);
        }
    }

    private static final List<OtherForm> OTHER_FORMS = List.of(
            OtherForm.of("^\"\\s*+\\{", "it is JSON text inside of a JSON string, encoded twice", WITHOUT_MARKS),
            OtherForm.of("^['`" + TYPOGRAPHIC + "]\\s*+\\{", "it is an object within quotation marks", WITHOUT_MARKS),
            OtherForm.of("^\\[", "it is an array", "store one object alone"),
            OtherForm.of("^(?:" + SCALAR + ")$", "it is a single value", "store an object"),
            new OtherForm(JsonScan::isBase64, "it is an object encoded in Base64", STORE_THE_OBJECT),
            OtherForm.of("^%7[bB]", "it is an object encoded for a URL", STORE_THE_OBJECT),
            OtherForm.of(
                    "(?m)^[ \\t]*+(?:export[ \\t]++)?+[\\p{Alpha}_][\\w.-]*+[ \\t]*+=",
                    "it has the form key=value",
                    WRITE_AN_OBJECT),
            OtherForm.of(
                    "(?m)^[ \\t]*+[\\p{Alpha}_][\\w.-]*+[ \\t]*+:(?:[ \\t\\r]|$)",
                    "it has the form key: value",
                    WRITE_AN_OBJECT));

    /** Ends the walk. */
    private static final class Found extends Exception {
        private final JsonProblem problem;

        Found(String what, String remedy) {
            super(null, null, false, false);
            this.problem = new JsonProblem(what, remedy);
        }
    }

    private final String text;
    private final Set<String> names;
    private int at;
    private int level;

    /** Where the last text holds a typographic quotation mark, which may be meant to end it. */
    private int markInText = -1;

    JsonScan(String text, Set<String> names) {
        this.text = text;
        this.names = names;
    }

    JsonProblem problem() {
        try {
            document();
            return new JsonProblem("it cannot be read", "write it anew");
        } catch (Found found) {
            return found.problem;
        }
    }

    private void document() throws Found {
        // The second is the same mark, read in another encoding.
        if (text.startsWith("\ufeff") || text.startsWith("\u00ef\u00bb\u00bf")) {
            throw found("it begins with a byte-order mark (U+FEFF)", "save it as UTF-8 without one");
        }
        if (text.isBlank()) {
            throw found("it is empty", "store an object");
        }
        if (!text.strip().startsWith("{")) {
            refuseOtherForms(text.strip());
        }
        space();
        if (!isNext('{')) {
            throw found("it does not begin with an opening brace@", STORE_THE_OBJECT);
        }
        entries('}');
        space();
        if (isNext('{')) {
            throw found("a second object begins@", "keep one");
        }
        if (!isOver()) {
            throw found("something follows the object@", TAKE_IT_OUT);
        }
    }

    private static void refuseOtherForms(String text) throws Found {
        for (OtherForm form : OTHER_FORMS) {
            if (form.isFound().test(text)) {
                throw new Found(form.what(), form.remedy());
            }
        }
    }

    private static boolean isBase64(String text) {
        if (!BASE64.matcher(text).matches()) {
            return false;
        }
        try {
            var decoded = new String(Base64.getMimeDecoder().decode(text), StandardCharsets.UTF_8);
            return OBJECT_BEGINS.matcher(decoded).lookingAt();
        } catch (IllegalArgumentException incomplete) {
            return false;
        }
    }

    /** The entries of an object or an array, and what closes them. */
    private void entries(char close) throws Found {
        level++;
        if (level > LEVELS_MAX) {
            throw found("it is nested deeper than " + LEVELS_MAX + " levels@", "store a flat object");
        }
        at++;
        space();
        var keys = new HashSet<String>();
        while (!isNext(close)) {
            if (close == '}') {
                entryKey(keys);
            }
            value();
            space();
            int comma = at;
            if (isNext(',')) {
                at++;
                space();
                if (isNext(close)) {
                    at = comma;
                    throw found("a trailing comma is@", TAKE_IT_OUT);
                }
            } else if (!isNext(close)) {
                throw missing("a comma");
            }
        }
        level--;
        at++;
    }

    /** The key of an entry and its colon. */
    private void entryKey(Set<String> keys) throws Found {
        int start = at;
        var key = key();
        if (!keys.add(key)) {
            at = start;
            throw found((names.contains(key) ? "the key " + key : "a key") + " is there twice, again@", "keep one");
        }
        space();
        if (!isNext(':')) {
            throw missing("a colon");
        }
        at++;
        space();
    }

    private String key() throws Found {
        if (isNext('"')) {
            // Its escapes are Jackson's to resolve.
            var key = string();
            return Json.object("{" + key + ":0}")
                    .map(object -> object.keySet().iterator().next())
                    .orElse(key);
        }
        refuseLookalikes();
        var name = NAME.matcher(text).region(at, text.length());
        if (!name.lookingAt()) {
            throw found("a key is missing@", "write \"key\":\"value\"");
        }
        throw text.substring(name.end()).stripLeading().startsWith("=")
                ? found("it has the form key=value@", WRITE_AN_OBJECT)
                : found("a key is@ without quotation marks", "put it in double ones");
    }

    private void value() throws Found {
        if (isNext('{')) {
            entries('}');
        } else if (isNext('[')) {
            entries(']');
        } else if (isNext('"')) {
            string();
        } else {
            refuseLookalikes();
            int start = at;
            pass(WORD);
            var word = text.substring(start, at);
            if (!word.matches(SCALAR)) {
                at = start;
                throw word.isEmpty()
                        ? found("a value is missing@", "write one")
                        : found("a value is@ without quotation marks", "put it in double ones");
            }
        }
    }

    /** A text, as it is written. */
    private String string() throws Found {
        int start = at;
        pass(TEXT);
        markInText = IntStream.range(start, at)
                .filter(i -> TYPOGRAPHIC.indexOf(text.charAt(i)) >= 0)
                .findFirst()
                .orElse(-1);
        if (isNext('"')) {
            at++;
            return text.substring(start, at);
        }
        if (isOver() || text.substring(at).equals("\\")) {
            at = text.length();
            throw endsTooEarly(" within a text");
        }
        char c = text.charAt(at);
        if (c == '\\') {
            throw found("a backslash is in a text@ and begins no escape", TAKE_IT_OUT + ", or write it twice");
        }
        throw c == '\n' || c == '\r'
                ? unlessMarkIsMeant(found("a line break is within a text@", TAKE_IT_OUT + ", or write it as \\n"))
                : found("a control character (" + point(c) + ") is in a text@", TAKE_IT_OUT);
    }

    /** Refuses what other texts use as a quotation mark. */
    private void refuseLookalikes() throws Found {
        if (isOver()) {
            throw endsTooEarly("");
        }
        char c = text.charAt(at);
        if (TYPOGRAPHIC.indexOf(c) >= 0) {
            throw typographic(at);
        }
        if (c == '\'' || c == '`') {
            throw found("a single quotation mark is@", "use double ones (U+0022)");
        }
        if (c == '\\') {
            throw found("a backslash is@ before a quotation mark", STORE_THE_OBJECT + ", which was encoded twice");
        }
        if (text.startsWith("&quot;", at) || text.startsWith("&#34;", at)) {
            throw found("it is encoded for HTML@", STORE_THE_OBJECT);
        }
    }

    /** Passes over JSON's white space. Comments and invisible characters are none. */
    private void space() throws Found {
        pass(SPACE);
        if (isOver()) {
            return;
        }
        char c = text.charAt(at);
        if (c == '#' || text.startsWith("//", at) || text.startsWith("/*", at)) {
            throw found("a comment is@", TAKE_IT_OUT + ": JSON has none");
        }
        if (Invisible.is(c)) {
            throw found("an invisible character (" + point(c) + ") is@", TAKE_IT_OUT);
        }
    }

    private Found missing(String what) {
        if (isOver()) {
            return endsTooEarly("");
        }
        return isNext('}') || isNext(']')
                ? found("a closing brace or bracket is@ in the other one's place", "close first what was opened last")
                : unlessMarkIsMeant(found(what + " is missing, or a quotation mark before it,@", "add it"));
    }

    private Found endsTooEarly(String within) {
        return unlessMarkIsMeant(found("it ends too early" + within + ",@", "store it whole"));
    }

    /**
     * A text that begins with a straight mark may have been meant to end with a typographic one.
     */
    private Found unlessMarkIsMeant(Found otherwise) {
        return markInText < 0 ? otherwise : typographic(markInText);
    }

    private Found typographic(int where) {
        at = where;
        return found(
                "a typographic quotation mark (" + point(text.charAt(at)) + ") is@", "use the straight one (U+0022)");
    }

    /** A problem whose place is put where the at sign is. */
    private Found found(String what, String remedy) {
        return new Found(what.replace("@", here()), remedy);
    }

    /** Moves on to the end of what this pattern matches here. */
    private void pass(Pattern pattern) {
        var matcher = pattern.matcher(text).region(at, text.length());
        at = matcher.lookingAt() ? matcher.end() : at;
    }

    private boolean isOver() {
        return at >= text.length();
    }

    private boolean isNext(char c) {
        return !isOver() && text.charAt(at) == c;
    }

    private static String point(char c) {
        return "U+%04X".formatted((int) c);
    }

    /** The place of the next character, as an editor counts it. */
    private String here() {
        int start = text.lastIndexOf('\n', at - 1) + 1;
        long line = text.substring(0, start).chars().filter(c -> c == '\n').count() + 1;
        return " at line " + line + ", column " + (text.codePointCount(start, at) + 1);
    }
}
