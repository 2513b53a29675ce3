package dev.atlasrotator.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads and writes JSON objects as maps that keep the order of their keys. A text that cannot be read gives an empty
 * result, never an exception: the parser's message would quote the text, and the text may be a secret.
 */
public final class Json {
    // Numbers with a fraction become BigDecimal, so that a key that is not ours is written back
    // digit for digit.
    //
    // No name of a field is remembered: the names of a fleet's versions are their ids.
    private static final JSON MAPPER = JSON.builder(JsonFactory.builder()
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .build())
            .build()
            .with(JSON.Feature.WRITE_NULL_PROPERTIES)
            .with(JSON.Feature.USE_BIG_DECIMAL_FOR_FLOATS)
            .with(JSON.Feature.FAIL_ON_DUPLICATE_MAP_KEYS);

    // What ends a line, orders a terminal about or turns the direction of writing; and half a pair, which cannot be
    // encoded: it would be stored as a question mark.
    private static final Pattern UNSAFE = Pattern.compile("[\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]");

    private Json() {}

    /** The object in this text; empty if it holds anything else. */
    public static Optional<Map<String, Object>> object(String text) {
        try (var parser = MAPPER.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            var object = MAPPER.mapFrom(parser);
            // The library takes whatever follows the object for the next document; here there is
            // none, and what is passed over would be lost or meant something.
            return parser.nextToken() == null ? Optional.of(object) : Optional.empty();
        } catch (IOException | IllegalArgumentException | IllegalStateException unreadable) {
            return Optional.empty();
        }
    }

    /**
     * The text of this object, without white space. It reads back as the same object, and is one line for every reader:
     * JSON allows some characters that end a line, control a terminal, or change the direction of writing.
     */
    public static String text(Map<String, ?> object) {
        try {
            // A report is large, and this writer takes half the memory of the mapper's own.
            var text = new StringWriter();
            MAPPER.write(object, text);
            return escaped(text.toString());
        } catch (IOException impossible) { // it writes to memory
            throw new UncheckedIOException(impossible);
        }
    }

    /**
     * Such characters are inside of texts only, where an escape means the same. Nearly no text has one, and the search
     * by a pattern takes longer than writing the whole text.
     */
    private static String escaped(String json) {
        for (int i = 0; i < json.length(); i++) {
            if (json.charAt(i) > '~') {
                return UNSAFE.matcher(json)
                        .replaceAll(found -> "\\\\u"
                                + HexFormat.of().toHexDigits(found.group().charAt(0)));
            }
        }
        return json;
    }
}
