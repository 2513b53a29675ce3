package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people paste into a stored secret, and what the report tells them of it. */
class PastedValuesTest {
    /** A good value, spoilt, and what is said of it. */
    enum Spoilt {
        BYTE_ORDER_MARK(good -> "\ufeff" + good, "it begins with a byte-order mark"),
        ENCODED_TWICE(good -> "\"" + good.replace("\"", "\\\"") + "\"", "it is JSON text inside of a JSON string"),
        COMMA(good -> good.replace("}", ",}"), "a trailing comma is at line 1"),
        TYPOGRAPHIC(
                good -> good.replaceFirst("\"", "\u201c"),
                "a typographic quotation mark (U+201C) is at line 1, column 2"),
        CUT_OFF(good -> good.substring(0, 70), "it ends too early within a text");

        @SuppressWarnings("ImmutableEnumChecker") // a function without a state
        private final UnaryOperator<String> by;

        private final String said;

        Spoilt(UnaryOperator<String> by, String said) {
            this.by = by;
            this.said = said;
        }
    }

    private final Testbed testbed = new Testbed();

    private ManagedSecret stored(String name, UnaryOperator<String> spoilt) {
        var kept = testbed.account(name, Duration.ofDays(31));
        var text = spoilt.apply(Json.text(testbed.value(kept, "AWSCURRENT")));
        testbed.storedText(kept, testbed.newVersion().value(), text, "AWSCURRENT");
        return kept;
    }

    @ParameterizedTest
    @EnumSource(Spoilt.class)
    void a_value_that_is_no_object_is_reported_with_what_is_wrong_and_where(Spoilt spoilt) {
        var bad = stored("prod/bad", spoilt.by);
        var good = stored("prod/good", same -> same);

        var answer = Answer.sweep(testbed);

        assertThat(answer.failure(bad))
                .startsWith("VALUE_MALFORMED: ")
                .contains("prod/bad", spoilt.said, "Nothing was changed")
                .doesNotContain(bad.first().value(), "mdb_sa_sk_");
        assertThat(answer.actions(good)).hasSize(2);
        assertThat(String.join("\n", testbed.lines)).doesNotContain(bad.first().value());
    }

    /** An account whose credential was never stored but like this. */
    private ManagedSecret storedFirst(String pasted, String tag) {
        var project = testbed.project();
        return testbed.account(
                "prod/atlas",
                project,
                AtlasModel.PROJECT_OWNER,
                Duration.ofDays(31),
                tag,
                (id, first) -> Map.of("clientId", id, "clientSecret", first.value() + pasted, "groupId", project.id()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", " ", "\u00a0", "\u200b", "\ufeff"})
    void a_secret_that_ends_with_white_space_is_told_so_where_atlas_rejects_it(String pasted) {
        var kept = storedFirst(pasted, "true");

        for (Answer answer : List.of(Answer.status(testbed), Answer.sweep(testbed))) {
            assertThat(answer.told(kept))
                    .contains("invalid_client). Its clientSecret ends with white space (U+%04X)"
                            .formatted((int) pasted.charAt(0)))
                    .doesNotContain(kept.first().value());
        }
        assertThat(testbed.failure("createSecret", kept, testbed.begin(kept)))
                .hasMessageContaining("Its clientSecret ends with white space");
        assertThat(String.join("\n", testbed.lines)).doesNotContain(kept.first().value());
    }

    @Test
    void it_is_told_so_also_where_an_admin_may_not_act() {
        testbed.adminByKey();
        var kept = storedFirst("\n", "true");

        assertThat(testbed.failure("createSecret", kept, testbed.begin(kept)))
                .hasMessageContainingAll(
                        "the admin credential may not act", "Its clientSecret ends with white space (U+000A)");
    }

    @Test
    void where_an_admin_acts_white_space_in_the_secret_is_a_finding_until_a_rotation_has_written_it_without() {
        var project = testbed.project();
        var kept = testbed.account(
                "prod/atlas",
                project,
                AtlasModel.PROJECT_OWNER,
                Duration.ofDays(31),
                Testbed.ITS_CLIENT_ID,
                (id, first) -> {
                    var value = Testbed.value(project, id, first);
                    value.put("clientSecret", first.value() + "\n");
                    return value;
                });
        testbed.administered(kept);

        assertThat(Answer.to(testbed, "{\"action\":\"check\"}").codes(kept))
                .containsExactly("CURRENT_SECRET_GONE", "WHITESPACE_IN_SECRET");
        assertThat(Answer.status(testbed).told(kept))
                .contains("WHITESPACE_IN_SECRET: The clientSecret under AWSCURRENT ends with white space (U+000A)")
                .doesNotContain(kept.first().value());

        var swept = Answer.sweep(testbed);

        assertThat(testbed.currentWorks(kept)).isTrue();
        assertThat(swept.codes(kept)).isEmpty();
        assertThat(Answer.status(testbed).told(kept)).doesNotContain("WHITESPACE_IN_SECRET");
    }

    @ParameterizedTest
    @ValueSource(strings = {"clientId", "groupId"})
    void white_space_in_an_id_stops_the_account_and_is_named_as_what_it_is(String key) {
        var kept = testbed.account("prod/atlas", Duration.ofDays(31));
        testbed.changedByHand(
                kept, Map.of(key, testbed.value(kept, "AWSCURRENT").get(key) + "\n"));

        var swept = Answer.sweep(testbed);

        assertThat(swept.failure(kept))
                .startsWith("WHITESPACE_IN_SECRET: In prod/atlas: " + key)
                .contains("it ends with white space (U+000A)", "Nothing was changed");
    }

    @Test
    void an_admin_credential_that_ends_with_white_space_is_told_so() {
        var admin = testbed.atlas.addServiceAccount(testbed.project(), AtlasModel.PROJECT_OWNER);
        var secret = testbed.atlas.createSecret(admin, 2160);
        testbed.secretsManager.seed(
                "admin/atlas", Json.text(Map.of("clientId", admin, "clientSecret", secret.value() + "\n")), Map.of());
        testbed.setting("ADMIN_SECRET_ID", "admin/atlas");
        var kept = storedFirst("typing error", Testbed.ITS_CLIENT_ID);

        assertThat(Answer.status(testbed).told(kept))
                .contains(
                        "the admin credential: Atlas does not accept",
                        "Its clientSecret ends with white space (U+000A)")
                .doesNotContain(secret.value());
    }

    @Test
    void a_time_out_of_bounds_never_stops_a_rotation_and_is_told() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(60));
        testbed.changedByHand(kept, Map.of("secretExpiresAfterHours", 7, "overlapHours", 999));

        var answer = Answer.sweep(testbed);

        assertThat(answer.codes(kept)).containsExactly("SETTING_CLAMPED");
        assertThat(answer.told(kept)).contains("secretExpiresAfterHours is taken as 8", "overlapHours is taken as 4");
        assertThat(testbed.stored(kept, "AWSCURRENT", "expiresAt"))
                .hasValue(testbed.time.instant().plus(Duration.ofHours(8)).toString());
    }
}
