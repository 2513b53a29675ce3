package dev.atlasrotator.json;

/** Characters that nobody sees where they stand, and that texts are pasted with. */
public final class Invisible {
    private Invisible() {}

    /**
     * White space of any kind (the no-break space U+00A0 too), controls, and marks for the layout
     * (the zero-width space U+200B, the byte-order mark U+FEFF).
     */
    public static boolean is(int c) {
        return Character.isWhitespace(c)
                || Character.isSpaceChar(c)
                || Character.isISOControl(c)
                || Character.getType(c) == Character.FORMAT;
    }
}
