package dev.atlasrotator.credential;

import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.json.Invisible;
import java.util.Optional;
import java.util.regex.Pattern;

/** White space and invisible characters that were pasted with a text, an id for instance. */
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

    /**
     * Requires a form of an id; white space in it is named too.
     *
     * @param otherwise what is wrong if it has another form
     */
    static void require(Pattern form, String text, String otherwise) {
        if (!form.matcher(text).matches()) {
            throw in(text).map(where ->
                            new RotatorException.Credential(Code.WHITESPACE_IN_SECRET, otherwise + "; it " + where))
                    .orElseGet(() -> new RotatorException.Credential(otherwise));
        }
    }
}
