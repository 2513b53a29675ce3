package dev.atlasrotator.cli;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The members of a JSON object. The answer may come from a function of another version: what it does not have, or has
 * in another form, is absent.
 */
record Fields(Map<?, ?> json) {
    String text(String key) {
        return optionalText(key).orElse("");
    }

    Optional<String> optionalText(String key) {
        return json.get(key) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    Optional<Instant> time(String key) {
        try {
            return optionalText(key).map(Instant::parse);
        } catch (DateTimeParseException notOne) {
            return Optional.empty();
        }
    }

    int number(String key) {
        return json.get(key) instanceof Number number ? number.intValue() : 0;
    }

    Optional<Boolean> flag(String key) {
        return json.get(key) instanceof Boolean flag ? Optional.of(flag) : Optional.empty();
    }

    Optional<Fields> object(String key) {
        return json.get(key) instanceof Map<?, ?> map ? Optional.of(new Fields(map)) : Optional.empty();
    }

    /** The objects in a list, each read. */
    <T> List<T> objects(String key, Function<Fields, T> read) {
        return list(key).stream()
                .filter(Map.class::isInstance)
                .map(one -> read.apply(new Fields((Map<?, ?>) one)))
                .toList();
    }

    /** The texts in a list. */
    List<String> texts(String key) {
        return list(key).stream()
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .toList();
    }

    private List<?> list(String key) {
        return json.get(key) instanceof List<?> list ? list : List.of();
    }
}
