package dev.atlasrotator.credential;

import dev.atlasrotator.json.Invisible;
import java.util.Optional;

/** White space and invisible characters that were pasted with a text. */
final class Whitespace {
    private Whitespace() {}

    /** Where this text has some, in words that follow its name; never the text. */
    static Optional<String> in(String text) {
        var found = text.codePoints().filter(Invisible::is).toArray();
        if (found.length == 0) {
            return Optional.empty();
        }
        boolean first = Invisible.is(text.codePointAt(0));
        boolean last = Invisible.is(text.codePointBefore(text.length()));
        var where = first ? last ? "begins and ends with" : "begins with" : last ? "ends with" : "holds";
        int one = first ? found[0] : found[found.length - 1];
        return Optional.of(where + " white space (U+%04X)".formatted(one));
    }

    /** The same after a sentence that says what else is wrong with the text. */
    static String andIn(String text) {
        return in(text).map(where -> "; it " + where).orElse("");
    }
}
