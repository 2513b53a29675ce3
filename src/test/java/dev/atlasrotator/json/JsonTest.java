package dev.atlasrotator.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":1}{\"b\":2}",
                "{\"a\":1} junk}",
                "{\"a\":1}}",
                "{\"a\":1} ]}",
                "null}",
                "null",
                "1}",
                "",
                "[{}]",
                "\ufeff{}",
                "{\"a\":1,\"a\":2}",
                "{\"n\":{\"a\":1,\"a\":2}}",
                "{\"\\ud800\":1}",
                "{\"a\":NaN}",
                "{\"a\":1,}"
            })
    void anything_but_one_object_is_no_object(String text) {
        assertThat(Json.object(text)).isEmpty();
    }

    @Test
    void white_space_around_an_object_says_nothing() {
        assertThat(Json.object(" \r\n\t{\"a\":1}\n ")).contains(Map.of("a", 1));
    }

    @Test
    void an_object_deeper_than_a_thousand_levels_is_not_read_and_no_stack_overflows() {
        for (int depth : new int[] {999, 1_001, 1_000_000}) {
            var text = "{\"a\":" + "[".repeat(depth) + "]".repeat(depth) + "}";
            assertThat(Json.object(text).isPresent()).isEqualTo(depth < 1000);
        }
    }

    @Test
    void half_a_surrogate_pair_is_kept_although_no_charset_has_it() {
        var read = Json.object("{\"a\":\"\\ud800 \\udc00\\ud83d\\ude00\"}").orElseThrow();
        var bytes = Json.text(read).getBytes(StandardCharsets.UTF_8);
        assertThat(Json.object(new String(bytes, StandardCharsets.UTF_8))).contains(read);
    }

    @Test
    void a_text_is_one_line_for_every_reader_and_gives_a_terminal_no_orders() {
        var hostile = Map.of("a", "1\n2\r3\u20284\u20295\u00856\u001b[31m7\u009b31m8\u202e9\u2066\u007f");
        var text = Json.text(hostile);
        assertThat(text).matches("[ -~]+");
        assertThat(Json.object(text)).contains(Map.copyOf(hostile));
    }

    @Test
    void letters_of_all_tongues_stay_as_they_are() {
        assertThat(Json.text(Map.of("a", "ñ秘密\ud83d\ude00"))).isEqualTo("{\"a\":\"ñ秘密\ud83d\ude00\"}");
    }
}
