package dev.atlasrotator.json;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

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
            "\u00ab\u00b4\u00bb\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2032\u2033\u2039"
                    + "\u203a\u301d\u301e\u301f\uff02\uff07";
    private static final String MARKS = "\"'`" + TYPOGRAPHIC;
    private static final Set<String> LITERALS = Set.of("true", "false", "null");
    private static final Pattern NUMBER = Pattern.compile("-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?");
    private static final Pattern FOUR_DIGITS = Pattern.compile("[0-9a-fA-F]{4}");
    private static final Pattern NAME = Pattern.compile("[\\p{Alpha}_$][\\w$.-]*");
    private static final Pattern KEY_EQUALS =
            Pattern.compile("(?m)^[ \\t]*+(?:export[ \\t]++)?+[\\p{Alpha}_][\\w.-]*+[ \\t]*+=");
    private static final Pattern KEY_COLON =
            Pattern.compile("(?m)^[ \\t]*+[\\p{Alpha}_][\\w.-]*+[ \\t]*+:(?:[ \\t\\r]|$)");
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/=\\s]++");
    private static final Pattern OBJECT_BEGINS = Pattern.compile("\\s*+\\{\\s*+\"");

    private static final String TAKE_IT_OUT = "take it out";
    private static final String STORE_THE_OBJECT = "store the object itself";
    private static final String WRITE_AN_OBJECT = "write {\"key\":\"value\"}";

    /** Ends the walk. */
    private static final class Found extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient JsonProblem problem;

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
        } catch (Found found) {
            return found.problem;
        }
        return new JsonProblem("it cannot be read", "write it anew");
    }

    private void document() throws Found {
        // The second is the same mark, read in another encoding.
        if (text.startsWith("\ufeff") || text.startsWith("\u00ef\u00bb\u00bf")) {
            throw new Found("it begins with a byte-order mark (U+FEFF)", "save it as UTF-8 without one");
        }
        if (text.isBlank()) {
            throw new Found("it is empty", "store an object");
        }
        if (!text.strip().startsWith("{")) {
            refuseOtherForms(text.strip());
        }
        space();
        if (!isNext('{')) {
            throw new Found("it does not begin with an opening brace" + here(), STORE_THE_OBJECT);
        }
        object();
        space();
        if (isNext('{')) {
            throw new Found("a second object begins" + here(), "keep one");
        }
        if (!isOver()) {
            throw new Found("something follows the object" + here(), TAKE_IT_OUT);
        }
    }

    private static void refuseOtherForms(String text) throws Found {
        char first = text.charAt(0);
        if (MARKS.indexOf(first) >= 0 && text.substring(1).stripLeading().startsWith("{")) {
            throw new Found(
                    first == '"'
                            ? "it is JSON text inside of a JSON string, encoded twice"
                            : "it is an object within quotation marks",
                    STORE_THE_OBJECT + ", without the marks around it and the backslashes in it");
        }
        if (first == '[') {
            throw new Found("it is an array", "store one object alone");
        }
        if (NUMBER.matcher(text).matches() || LITERALS.contains(text)) {
            throw new Found("it is a single value", "store an object");
        }
        if (isBase64(text)) {
            throw new Found("it is an object encoded in Base64", STORE_THE_OBJECT);
        }
        if (text.regionMatches(true, 0, "%7b", 0, 3)) {
            throw new Found("it is an object encoded for a URL", STORE_THE_OBJECT);
        }
        if (KEY_EQUALS.matcher(text).find()) {
            throw new Found("it has the form key=value", WRITE_AN_OBJECT);
        }
        if (KEY_COLON.matcher(text).find()) {
            throw new Found("it has the form key: value", WRITE_AN_OBJECT);
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

    private void object() throws Found {
        enter();
        var keys = new HashSet<String>();
        space();
        boolean more = !isNext('}');
        while (more) {
            int start = at;
            var key = key();
            if (!keys.add(key)) {
                at = start;
                throw new Found(
                        (names.contains(key) ? "the key " + key : "a key") + " stands twice, again" + here(),
                        "keep one");
            }
            space();
            if (!isNext(':')) {
                throw missing("a colon");
            }
            at++;
            space();
            value();
            more = another('}');
        }
        leave();
    }

    private void array() throws Found {
        enter();
        space();
        boolean more = !isNext(']');
        while (more) {
            value();
            more = another(']');
        }
        leave();
    }

    private void enter() throws Found {
        level++;
        if (level > LEVELS_MAX) {
            throw new Found("it is nested deeper than " + LEVELS_MAX + " levels" + here(), "store a flat object");
        }
        at++;
    }

    private void leave() {
        level--;
        at++;
    }

    /** Whether another entry follows, at which it leaves off; or what closes the entries. */
    private boolean another(char close) throws Found {
        space();
        if (isNext(close)) {
            return false;
        }
        if (!isNext(',')) {
            throw missing("a comma");
        }
        int comma = at;
        at++;
        space();
        if (isNext(close)) {
            at = comma;
            throw new Found("a trailing comma stands" + here(), TAKE_IT_OUT);
        }
        return true;
    }

    private String key() throws Found {
        if (isNext('"')) {
            return string();
        }
        refuseLookalikes();
        var name = NAME.matcher(text).region(at, text.length());
        if (!name.lookingAt()) {
            throw new Found("a key is missing" + here(), "write \"key\":\"value\"");
        }
        throw text.substring(name.end()).stripLeading().startsWith("=")
                ? new Found("it has the form key=value" + here(), WRITE_AN_OBJECT)
                : new Found("a key stands" + here() + " without quotation marks", "put it in double ones");
    }

    private void value() throws Found {
        if (isNext('{')) {
            object();
        } else if (isNext('[')) {
            array();
        } else if (isNext('"')) {
            string();
        } else {
            refuseLookalikes();
            int start = at;
            while (!isOver() && ",:{}[]\" \t\r\n".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            var word = text.substring(start, at);
            if (!NUMBER.matcher(word).matches() && !LITERALS.contains(word)) {
                at = start;
                throw word.isEmpty()
                        ? new Found("a value is missing" + here(), "write one")
                        : new Found("a value stands" + here() + " without quotation marks", "put it in double ones");
            }
        }
    }

    /** A text, with its escapes resolved. */
    private String string() throws Found {
        markInText = -1;
        at++;
        var read = new StringBuilder();
        for (; !isNext('"'); at++) {
            if (isOver()) {
                throw endsTooEarly(" within a text");
            }
            char c = text.charAt(at);
            if (c < ' ') {
                throw unescaped(c);
            }
            if (markInText < 0 && TYPOGRAPHIC.indexOf(c) >= 0) {
                markInText = at;
            }
            read.append(c == '\\' ? escape() : c);
        }
        at++;
        return read.toString();
    }

    private Found unescaped(char control) {
        return control == '\n' || control == '\r'
                ? unlessMarkIsMeant(
                        new Found("a line break stands within a text" + here(), TAKE_IT_OUT + ", or write it as \\n"))
                : new Found("a control character (" + point(control) + ") stands in a text" + here(), TAKE_IT_OUT);
    }

    /** What an escape stands for; leaves off at its last character. */
    private char escape() throws Found {
        int start = at;
        at++;
        if (isOver()) {
            throw endsTooEarly(" within a text");
        }
        int known = "\"\\/bfnrt".indexOf(text.charAt(at));
        if (known >= 0) {
            return "\"\\/\b\f\n\r\t".charAt(known);
        }
        var digits = FOUR_DIGITS.matcher(text).region(at + 1, text.length());
        if (isNext('u') && digits.lookingAt()) {
            at = digits.end() - 1;
            return (char) Integer.parseInt(digits.group(), 16);
        }
        at = start;
        throw new Found(
                "a backslash stands in a text" + here() + " and begins no escape", TAKE_IT_OUT + ", or write it twice");
    }

    /** Refuses what stands for a quotation mark elsewhere. */
    private void refuseLookalikes() throws Found {
        if (isOver()) {
            throw endsTooEarly("");
        }
        char c = text.charAt(at);
        if (TYPOGRAPHIC.indexOf(c) >= 0) {
            throw typographic(at);
        }
        if (c == '\'' || c == '`') {
            throw new Found("a single quotation mark stands" + here(), "use double ones (U+0022)");
        }
        if (c == '\\') {
            throw new Found(
                    "a backslash stands" + here() + " before a quotation mark",
                    STORE_THE_OBJECT + ", which was encoded twice");
        }
        if (text.startsWith("&quot;", at) || text.startsWith("&#34;", at)) {
            throw new Found("it is encoded for HTML" + here(), STORE_THE_OBJECT);
        }
    }

    /** Passes over JSON's white space. Comments and what nobody sees are none. */
    private void space() throws Found {
        while (!isOver() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        if (isOver()) {
            return;
        }
        char c = text.charAt(at);
        if (c == '#' || text.startsWith("//", at) || text.startsWith("/*", at)) {
            throw new Found("a comment stands" + here(), TAKE_IT_OUT + ": JSON has none");
        }
        if (Invisible.is(c)) {
            throw new Found("an invisible character (" + point(c) + ") stands" + here(), TAKE_IT_OUT);
        }
    }

    private Found missing(String what) {
        if (isOver()) {
            return endsTooEarly("");
        }
        return isNext('}') || isNext(']')
                ? new Found(
                        "a closing brace or bracket stands" + here() + " in the other one's place",
                        "close first what was opened last")
                : unlessMarkIsMeant(new Found(what + " is missing, or a quotation mark before it," + here(), "add it"));
    }

    private Found endsTooEarly(String within) {
        return unlessMarkIsMeant(new Found("it ends too early" + within + "," + here(), "store it whole"));
    }

    /**
     * A text that begins with a straight mark may have been meant to end with a typographic one.
     */
    private Found unlessMarkIsMeant(Found otherwise) {
        return markInText < 0 ? otherwise : typographic(markInText);
    }

    private Found typographic(int where) {
        at = where;
        return new Found(
                "a typographic quotation mark (" + point(text.charAt(at)) + ") stands" + here(),
                "use the straight one (U+0022)");
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
