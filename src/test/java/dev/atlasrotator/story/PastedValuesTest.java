package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.story.Story.Kept;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.Map;
import java.util.function.UnaryOperator;

/** What people paste into a stored secret, and what the report tells them of it. */
class PastedValuesTest {
    /** A good value, spoilt, and what is said of it. */
    enum Spoilt {
        BYTE_ORDER_MARK(good -> "\ufeff" + good, "it begins with a byte-order mark"),
        ENCODED_TWICE(
                good -> "\"" + good.replace("\"", "\\\"") + "\"",
                "it is JSON text inside of a JSON string"),
        COMMA(good -> good.replace("}", ",}"), "a trailing comma stands at line 1"),
        TYPOGRAPHIC(
                good -> good.replaceFirst("\"", "\u201c"),
                "a typographic quotation mark (U+201C) stands at line 1, column 2"),
        CUT_OFF(good -> good.substring(0, 70), "it ends too early within a text");

        @SuppressWarnings("ImmutableEnumChecker") // a function without a state
        private final UnaryOperator<String> by;

        private final String said;

        Spoilt(UnaryOperator<String> by, String said) {
            this.by = by;
            this.said = said;
        }
    }

    private final Story story = new Story();

    private Kept stored(String name, UnaryOperator<String> spoilt) {
        var kept = story.account(name, Duration.ofDays(31));
        story.secretsManager.call(
                "PutSecretValue",
                Map.of(
                        "SecretId",
                        kept.arn(),
                        "ClientRequestToken",
                        story.newVersion().value(),
                        "SecretString",
                        spoilt.apply(Json.text(story.value(kept, "AWSCURRENT")))));
        return kept;
    }

    @ParameterizedTest
    @EnumSource(Spoilt.class)
    void a_value_that_is_no_object_is_reported_with_what_is_wrong_and_where(Spoilt spoilt) {
        var bad = stored("prod/bad", spoilt.by);
        var good = stored("prod/good", same -> same);

        var answer = Answer.sweep(story);

        assertThat(answer.failure(bad))
                .startsWith("Credential: ")
                .contains("prod/bad", spoilt.said, "Nothing was changed")
                .doesNotContain(bad.first().value(), "mdb_sa_sk_");
        assertThat(answer.actions(good)).hasSize(2);
        assertThat(String.join("\n", story.lines)).doesNotContain(bad.first().value());
    }
}
