package dev.atlasrotator.json;

import com.fasterxml.jackson.jr.ob.JSON;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;

/**
 * Reads and writes JSON objects as maps that keep the order of their keys. A text that cannot be
 * read is an empty answer, never an exception: the parser's message would quote the text, and the
 * text may be a secret.
 */
public final class Json {
    // Numbers with a fraction become BigDecimal, so that a key that is not ours is written back
    // digit for digit.
    private static final JSON MAPPER =
            JSON.std
                    .with(JSON.Feature.WRITE_NULL_PROPERTIES)
                    .with(JSON.Feature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .with(JSON.Feature.FAIL_ON_DUPLICATE_MAP_KEYS);

    private Json() {}

    /** The object that this text holds; empty where it is anything else. */
    public static Optional<Map<String, Object>> object(String text) {
        // The library takes whatever follows the object for the next document; here there is none.
        if (!text.stripTrailing().endsWith("}")) {
            return Optional.empty();
        }
        try {
            return Optional.of(MAPPER.mapFrom(text));
        } catch (IOException | IllegalArgumentException | IllegalStateException unreadable) {
            return Optional.empty();
        }
    }

    /** The text of this object, without white space. */
    public static String text(Map<String, ?> object) {
        try {
            return MAPPER.asString(object);
        } catch (IOException impossible) { // it writes to memory
            throw new UncheckedIOException(impossible);
        }
    }
}
