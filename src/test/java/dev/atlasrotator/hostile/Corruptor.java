package dev.atlasrotator.hostile;

import dev.atlasrotator.json.Json;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Spoils good texts, as a program that is broken or a person with bad intentions would. */
record Corruptor(Random chance) {
    private static final List<String> STRANGE = List.of(
            "",
            " ",
            "\0",
            "a\nb\r\n{\"level\":\"ERROR\"}",
            "\u001b[31m",
            "\u2028\u2029\u0085",
            "\u202e\u2066",
            "\ud800",
            "\udc00\ud800",
            "\ufeff",
            "\ud83d\ude00 ñ 秘密",
            "${jndi:ldap://x}",
            "../../../etc/passwd",
            "%s%n%00",
            "null",
            "000000000000000000000000",
            "+1000000000-12-31T23:59:59.999999999Z",
            "-1000000000-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "0000-01-01T00:00:00Z",
            "1970-01-01T00:00:00+18:00");
    private static final List<String> TOKENS = List.of(
            "NaN",
            "Infinity",
            "-",
            "1e999999999",
            "1e99999999999999999999",
            "-0",
            "0x1F",
            "01",
            "1" + "0".repeat(2000),
            "0." + "3".repeat(1500),
            "'a'",
            "/* */",
            "\"\\u12\"",
            "\"\\ud800\"",
            "tru",
            "{}",
            "{\"a\":1,\"a\":2}",
            "}",
            "]",
            ",",
            ":",
            "\"",
            "\\");
    private static final List<Charset> CHARSETS = List.of(
            StandardCharsets.UTF_16LE,
            StandardCharsets.UTF_16BE,
            StandardCharsets.ISO_8859_1,
            StandardCharsets.US_ASCII);

    /** A spoilt variant of a JSON object: of its structure, of its characters, or of its bytes. */
    String text(String json) {
        var spoilt = json;
        if (chance.nextBoolean()) {
            spoilt = Json.object(spoilt).map(this::structure).map(Json::text).orElse(spoilt);
        }
        return asItArrives(another(spoilt));
    }

    /** Every text of these comes as UTF-8, which has no halves of surrogate pairs. */
    private static String asItArrives(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    private String another(String spoilt) {
        return switch (chance.nextInt(12)) {
            case 0 -> characters(spoilt);
            case 1 -> bytes(spoilt);
            case 2 -> spoilt.substring(0, chance.nextInt(spoilt.length() + 1));
            case 3 -> token(spoilt);
            case 4 -> nested(spoilt);
            case 5 -> around(spoilt);
            default -> spoilt;
        };
    }

    /** One to three values of it, or of something in it, become something else. */
    Map<String, Object> structure(Map<String, Object> object) {
        Object result = object;
        for (int i = 0; i <= chance.nextInt(3); i++) {
            result = change(result);
        }
        return result instanceof Map<?, ?> map ? copy(map) : object;
    }

    private static Map<String, Object> copy(Map<?, ?> map) {
        var copy = new LinkedHashMap<String, Object>();
        map.forEach((key, value) -> copy.put(String.valueOf(key), value));
        return copy;
    }

    private @Nullable Object change(@Nullable Object value) {
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            var changed = copy(map);
            var key = List.copyOf(changed.keySet()).get(chance.nextInt(changed.size()));
            switch (chance.nextInt(7)) {
                case 0 -> changed.remove(key);
                // Half a pair in a key is not read at all, which JsonTest says.
                case 1 -> changed.put(asItArrives(one(STRANGE)), strange());
                case 2 -> {
                    var moved = changed.remove(key);
                    changed.put(key.toUpperCase(Locale.ROOT), moved);
                }
                default -> changed.put(key, change(changed.get(key)));
            }
            return changed;
        }
        if (value instanceof List<?> list && !list.isEmpty()) {
            var changed = new ArrayList<@Nullable Object>(list);
            int at = chance.nextInt(changed.size());
            switch (chance.nextInt(6)) {
                case 0 -> changed.remove(at);
                case 1 -> changed.add(changed.get(at));
                case 2 -> changed.add(at, strange());
                default -> changed.set(at, change(changed.get(at)));
            }
            return changed;
        }
        if (value instanceof String text && chance.nextBoolean()) {
            return switch (chance.nextInt(5)) {
                case 0 -> text + one(STRANGE);
                case 1 -> one(STRANGE) + text;
                case 2 -> text.substring(0, chance.nextInt(text.length() + 1));
                case 3 -> text.toUpperCase(Locale.ROOT);
                default -> text.repeat(1 + chance.nextInt(200));
            };
        }
        return strange();
    }

    private @Nullable Object strange() {
        return switch (chance.nextInt(12)) {
            case 0 -> null;
            case 1 -> chance.nextBoolean();
            case 2 -> chance.nextLong();
            case 3 -> -1;
            case 4 -> Double.MAX_VALUE;
            case 5 -> Map.of();
            case 6 -> List.of();
            case 7 -> List.of(Map.of("a", List.of("b")));
            case 8 -> "x".repeat(chance.nextInt(10_000));
            default -> one(STRANGE);
        };
    }

    private <T> T one(List<T> of) {
        return of.get(chance.nextInt(of.size()));
    }

    private String characters(String text) {
        var changed = new StringBuilder(text);
        for (int i = 0; i <= chance.nextInt(4) && !changed.isEmpty(); i++) {
            int at = chance.nextInt(changed.length());
            switch (chance.nextInt(3)) {
                case 0 -> changed.deleteCharAt(at);
                case 1 -> changed.setCharAt(at, (char) chance.nextInt(0x10000));
                default -> changed.insert(at, one(STRANGE));
            }
        }
        return changed.toString();
    }

    private String bytes(String text) {
        var bytes = text.getBytes(chance.nextBoolean() ? StandardCharsets.UTF_8 : one(CHARSETS));
        for (int i = 0; i < chance.nextInt(5) && bytes.length > 0; i++) {
            bytes[chance.nextInt(bytes.length)] = (byte) chance.nextInt();
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private String token(String text) {
        int colon = text.indexOf(':', chance.nextInt(text.length() + 1));
        int at = colon < 0 ? chance.nextInt(text.length() + 1) : colon + 1;
        return text.substring(0, at) + one(TOKENS) + text.substring(at);
    }

    /** Deeper than any stack, or just deep. */
    private String nested(String text) {
        int depth = chance.nextBoolean() ? 500 : 20_000;
        boolean lists = chance.nextBoolean();
        var deep = (lists ? "[" : "{\"a\":").repeat(depth);
        var end = (lists ? "]" : "}").repeat(depth);
        var closed = deep + "1" + (chance.nextInt(4) == 0 ? "" : end);
        return text.startsWith("{") && text.length() > 2 ? "{\"deep\":" + closed + "," + text.substring(1) : closed;
    }

    private String around(String text) {
        return switch (chance.nextInt(6)) {
            case 0 -> "\ufeff" + text;
            case 1 -> text + text;
            case 2 -> "[" + text + "]";
            case 3 -> text + " garbage}";
            case 4 -> "<!doctype html><html><body>" + text + "</body></html>";
            default -> "x".repeat(1 + chance.nextInt(200_000));
        };
    }
}
