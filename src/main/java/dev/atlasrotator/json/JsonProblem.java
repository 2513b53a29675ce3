package dev.atlasrotator.json;

import java.util.Set;

/**
 * Why a text is not one JSON object with each key once, where, and what to do. It never quotes the text, which may be a
 * secret, and holds only printable ASCII.
 *
 * @param what what is wrong, and at which line and column, both counted from 1
 */
public record JsonProblem(String what, String remedy) {
    /**
     * The first problem of a text that {@link Json#object} does not read.
     *
     * @param names keys that may be named if one of them occurs twice; any other key may be a secret in the wrong place
     */
    public static JsonProblem of(String text, Set<String> names) {
        return new JsonScan(text, names).problem();
    }

    @Override
    public String toString() {
        return what + "; " + remedy;
    }
}
