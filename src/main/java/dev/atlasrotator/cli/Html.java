package dev.atlasrotator.cli;

import java.util.Arrays;
import java.util.Collection;
import java.util.stream.Collectors;

/** A piece of a page. Every value that goes into a template is escaped, unless it is such a piece itself. */
record Html(String markup) {
    static final Html NOTHING = new Html("");

    /** A template, as {@link String#format} knows it, with its values. */
    static Html of(String template, Object... values) {
        return new Html(
                template.formatted(Arrays.stream(values).map(Html::escaped).toArray()));
    }

    static Html all(Collection<Html> pieces) {
        return new Html(pieces.stream().map(Html::markup).collect(Collectors.joining()));
    }

    private static String escaped(Object value) {
        if (value instanceof Html(String markup)) {
            return markup;
        }
        return TerminalText.printable(value.toString())
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
