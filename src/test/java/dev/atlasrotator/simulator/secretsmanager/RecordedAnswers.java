package dev.atlasrotator.simulator.secretsmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The answers recorded in one scenario, to be compared with answers of the stand-in. A placeholder
 * in angle brackets stands for the same text wherever it appears in the scenario, and two of them
 * never for the same; {@code datetime} stands for any date.
 */
final class RecordedAnswers {
    private static final Pattern PLACEHOLDER = Pattern.compile("<[^<>]+>");
    private static final String ANY_DATE = "datetime";

    private final Map<String, Object> recorded;
    private final Set<String> open;
    private final Map<String, String> bound = new HashMap<>();

    RecordedAnswers(Map<String, Object> recorded) {
        this.recorded = recorded;
        this.open = new LinkedHashSet<>(recorded.keySet());
    }

    boolean has(String key) {
        return recorded.containsKey(key);
    }

    Object get(String key) {
        var answer = recorded.get(key);
        return answer == null ? fail("nothing is recorded as " + key) : answer;
    }

    /** Fails unless the answer is what was recorded under this key. */
    void compare(String key, Object actual) {
        open.remove(key);
        compareValues(key, get(key), actual);
    }

    /** Fails if something recorded was never compared. */
    void assertAllCompared() {
        assertThat(open).as("recorded answers that were not replayed").isEmpty();
    }

    private void compareValues(String path, Object expected, Object actual) {
        switch (expected) {
            case Map<?, ?> map -> compareMaps(path, map, actual);
            case List<?> list -> compareLists(path, list, actual);
            case String text -> compareTexts(path, text, String.valueOf(actual));
            default -> assertThat(String.valueOf(actual)).as(path).isEqualTo(String.valueOf(expected));
        }
    }

    private void compareLists(String path, List<?> expected, Object actual) {
        assertThat(actual).as(path).isInstanceOf(List.class);
        var items = (List<?>) actual;
        assertThat(items).as(path).hasSameSizeAs(expected);
        for (var i = 0; i < items.size(); i++) {
            compareValues(path + "[" + i + "]", expected.get(i), items.get(i));
        }
    }

    private void compareMaps(String path, Map<?, ?> expected, Object actual) {
        assertThat(actual).as(path).isInstanceOf(Map.class);
        var left = new LinkedHashMap<Object, Object>((Map<?, ?>) actual);
        var unbound = new LinkedHashMap<String, Object>();
        for (var entry : expected.entrySet()) {
            var key = filled((String) entry.getKey());
            if (PLACEHOLDER.matcher(key).find()) {
                unbound.put(key, entry.getValue());
                continue;
            }
            assertThat(left).as(path).containsKey(key);
            compareValues(path + "." + key, entry.getValue(), Objects.requireNonNull(left.remove(key)));
        }
        for (var entry : unbound.entrySet()) {
            var key = entry.getKey();
            var match = left.keySet().stream()
                    .filter(candidate -> entry.getValue().equals(left.get(candidate)))
                    .findFirst();
            assertThat(match).as(path + "." + key).isPresent();
            compareTexts(path, key, (String) match.orElseThrow());
            left.remove(match.orElseThrow());
        }
        assertThat(left).as(path + ": members that were not recorded").isEmpty();
    }

    private void compareTexts(String path, String expected, String actual) {
        if (expected.equals(ANY_DATE)) {
            assertThat(actual).as(path).isEqualTo(ANY_DATE);
            return;
        }
        var template = filled(expected);
        var names = new ArrayList<String>();
        var pattern = pattern(template, names).matcher(actual);
        if (!pattern.matches()) {
            assertThat(actual).as(path).isEqualTo(template);
        }
        for (var i = 0; i < names.size(); i++) {
            assertThat(bound.values())
                    .as(path + ": two placeholders for one text")
                    .doesNotContain(pattern.group(i + 1));
            bound.put(names.get(i), pattern.group(i + 1));
        }
    }

    /** The text with every placeholder that is already known filled in. */
    private String filled(String template) {
        return PLACEHOLDER
                .matcher(template)
                .replaceAll(hit -> Matcher.quoteReplacement(bound.getOrDefault(hit.group(), hit.group())));
    }

    private static Pattern pattern(String template, List<String> names) {
        var regex = new StringBuilder();
        var placeholders = PLACEHOLDER.matcher(template);
        var end = 0;
        while (placeholders.find()) {
            regex.append(Pattern.quote(template.substring(end, placeholders.start())));
            regex.append('(').append(shape(placeholders.group())).append(')');
            names.add(placeholders.group());
            end = placeholders.end();
        }
        return Pattern.compile(
                regex.append(Pattern.quote(template.substring(end))).toString(), Pattern.DOTALL);
    }

    private static String shape(String placeholder) {
        if (placeholder.startsWith("<ArnPart")) {
            return "-[A-Za-z0-9]{6}";
        }
        if (placeholder.startsWith("<version") || placeholder.startsWith("<uuid")) {
            return "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
        }
        return placeholder.equals("<region>") || placeholder.equals("<partition>") ? "[a-z0-9-]+" : ".+";
    }
}
