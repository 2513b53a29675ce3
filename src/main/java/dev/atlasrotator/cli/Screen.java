package dev.atlasrotator.cli;

import java.util.Map;

/**
 * Where the answer is printed.
 *
 * @param columns its width
 */
record Screen(int columns, Palette palette) {
    enum Palette {
        NO_COLOURS,
        ANSI
    }

    /** A file, or another program. */
    static final Screen NO_TERMINAL = new Screen(100, Palette.NO_COLOURS);

    static Screen terminal(Map<String, String> environment) {
        var columns = environment.getOrDefault("COLUMNS", "");
        // no-color.org: set and not empty, whatever its value
        boolean colours = environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !environment.getOrDefault("TERM", "").equals("dumb");
        return new Screen(
                columns.matches("[1-9][0-9]{1,3}") ? Integer.parseInt(columns) : NO_TERMINAL.columns(),
                colours ? Palette.ANSI : Palette.NO_COLOURS);
    }
}
