package dev.atlasrotator.json;

/** Invisible characters, which are easily pasted with a text. */
public final class Invisible {
    private Invisible() {}

    /**
     * White space of any kind (the no-break space U+00A0 too), control characters, and layout marks (the zero-width
     * space U+200B, the byte-order mark U+FEFF).
     */
    public static boolean is(int c) {
        return Character.isWhitespace(c)
                || Character.isSpaceChar(c)
                || Character.isISOControl(c)
                || Character.getType(c) == Character.FORMAT;
    }

    /** The text without them. */
    public static String removedFrom(String text) {
        return text.codePoints()
                .filter(c -> !is(c))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
