package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A value that carries its secret under several keys, of which a person has changed one. The one
 * that authenticates counts, a warning says so, and a rotation brings them together.
 */
class SpellingsDisagreeTest {
    private static final String NOT_A_SECRET_ANY_MORE = "mdb_sa_sk_0000000000000000000000000000000000000000";
    private static final List<String> SPELLINGS =
            List.of("clientSecret", "client_secret", "MONGODB_ATLAS_CLIENT_SECRET");

    /** Loosely: that it is about spellings. */
    private static final String WARNING = "(?i)spelling|client_?secret";

    private final Testbed testbed = new Testbed();

    /** The key under which the value works, and another one under which it does not. */
    record Case(String works, String stale) {}

    static List<Case> cases() {
        var cases = new ArrayList<Case>();
        for (String works : SPELLINGS) {
            for (String stale : SPELLINGS) {
                if (!works.equals(stale)) {
                    cases.add(new Case(works, stale));
                }
            }
        }
        return cases;
    }

    @AfterEach
    void no_value_was_printed() {
        assertThat(testbed.lines).noneMatch(line -> line.contains("mdb_sa_sk_"));
    }

    private ManagedSecret account(Duration age, Map<String, String> secrets) {
        var project = testbed.project();
        return testbed.account("prod/atlas", project, AtlasModel.PROJECT_OWNER, age, "true", (id, first) -> {
            var value = Testbed.value(project, id, first);
            value.remove("clientSecret");
            secrets.forEach((key, text) -> value.put(key, text.isEmpty() ? first.value() : text));
            return value;
        });
    }

    private ManagedSecret account(Duration age, Case one) {
        return account(age, under(one.stale(), NOT_A_SECRET_ANY_MORE, one.works(), ""));
    }

    /** In this order; an empty text stands for the secret that works. */
    private static Map<String, String> under(String oneKey, String one, String otherKey, String other) {
        var secrets = new LinkedHashMap<String, String>();
        secrets.put(oneKey, one);
        secrets.put(otherKey, other);
        return secrets;
    }

    private void bothHoldTheSameNewOne(ManagedSecret kept, Case one) {
        var value = testbed.value(kept, "AWSCURRENT");
        assertThat(value.get(one.works())).isEqualTo(value.get(one.stale()));
        assertThat(testbed.atlas.secretOf(kept.clientId(), String.valueOf(value.get(one.works()))))
                .contains(String.valueOf(value.get("secretId")))
                .hasValueSatisfying(
                        id -> assertThat(id).isNotEqualTo(kept.first().id()));
    }

    // ---- one of them works

    @ParameterizedTest
    @MethodSource("cases")
    void the_one_that_authenticates_counts_and_a_warning_says_so(Case one) {
        var kept = account(Duration.ofDays(3), one);
        var before = Answer.changes(testbed);

        for (var answer : List.of(Answer.sweep(testbed), Answer.status(testbed))) {
            assertThat(answer.failed()).isEmpty();
            assertThat(answer.state(kept)).isEqualTo("fresh");
            assertThat(answer.of(kept)).containsEntry("secretId", kept.first().id());
            assertThat(answer.told(kept)).containsPattern(WARNING);
        }
        assertThat(Answer.changes(testbed)).isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_sweep_that_rotates_writes_both(Case one) {
        var kept = account(Duration.ofDays(31), one);

        assertThat(Answer.sweep(testbed).failed()).isEmpty();

        bothHoldTheSameNewOne(kept, one);
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2).contains(kept.first().id());
        assertThat(Answer.status(testbed).told(kept)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_steps_write_both(Case one) {
        var kept = account(Duration.ofDays(31), one);

        testbed.rotate(kept, testbed.begin(kept));

        bothHoldTheSameNewOne(kept, one);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_secret_pasted_under_one_key_is_in_use_once_the_other_one_is_deleted(Case one) {
        var kept = account(Duration.ofDays(3), under(one.works(), "", one.stale(), ""));
        var made = testbed.atlas.createSecret(kept.clientId(), 2160);
        testbed.changedByHand(kept, Map.of(one.works(), made.value()));
        testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());

        var answer = Answer.sweep(testbed);

        assertThat(answer.failed()).isEmpty();
        assertThat(answer.of(kept)).containsEntry("secretId", made.id());
        assertThat(answer.kinds(kept)).isEmpty();
        testbed.after(Duration.ofDays(31));
        Answer.sweep(testbed);
        bothHoldTheSameNewOne(kept, one);
        assertThat(Answer.status(testbed).kinds(kept)).containsExactly("superseded");
    }

    // ---- both work

    @ParameterizedTest
    @MethodSource("cases")
    void while_both_authenticate_neither_is_deleted_nor_advised_away(Case one) {
        testbed.atlas.rules(rules -> rules.lastUsedLag(Duration.ofHours(40)));
        var kept = account(Duration.ofDays(3), under(one.works(), "", one.stale(), ""));
        var made = testbed.atlas.createSecret(kept.clientId(), 2160);
        testbed.changedByHand(kept, Map.of(one.works(), made.value()));

        for (int hour = 0; hour < 27; hour++) {
            var answer = Answer.sweep(testbed);
            assertThat(answer.told(kept)).containsPattern(WARNING);
            assertThat(answer.told(kept)).doesNotContainPattern(Answer.ASKS_TO_DELETE);
            assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id(), made.id());
            testbed.after(Duration.ofHours(1));
        }
    }

    // ---- neither works

    @Test
    void where_neither_authenticates_it_is_rejected_as_any_other_value() {
        var kept = account(
                Duration.ofDays(3),
                under("clientSecret", NOT_A_SECRET_ANY_MORE, "client_secret", NOT_A_SECRET_ANY_MORE + "x"));
        var before = Answer.changes(testbed);

        var answer = Answer.sweep(testbed);

        assertThat(answer.state(kept)).isEqualTo("lockedOut");
        assertThat(Answer.changes(testbed)).isEqualTo(before);
    }

    // ---- ids

    @Test
    void ids_that_disagree_decide_nothing() {
        var kept = account(Duration.ofDays(31), under("clientSecret", "", "client_secret", ""));
        testbed.changedByHand(kept, Map.of("secret_id", "66ffffffffffffffffffffff"));

        var answer = Answer.sweep(testbed);

        assertThat(answer.failed()).isEmpty();
        var id = testbed.currentAtAtlas(kept).orElseThrow();
        assertThat(id).isNotEqualTo(kept.first().id());
        assertThat(testbed.value(kept, "AWSCURRENT"))
                .containsEntry("secretId", id)
                .containsEntry("secret_id", id);
    }

    private ManagedSecret twoThatWork() {
        var kept = testbed.account(
                "prod/atlas", testbed.project(), AtlasModel.PROJECT_OWNER, Duration.ofDays(3), "true", (id, one) -> {
                    var value = Testbed.value(testbed.project(), id, one);
                    value.put("client_secret", one.value());
                    return value;
                });
        var made = testbed.atlas.createSecret(kept.clientId(), 2160);
        testbed.after(Duration.ofMinutes(1));
        testbed.changedByHand(kept, Map.of("clientSecret", made.value()));
        testbed.after(Duration.ofHours(2));
        return kept;
    }

    @Test
    void what_is_under_another_key_of_the_same_value_is_not_in_another_stored_secret() {
        var kept = twoThatWork();

        for (var answer : List.of(
                Answer.leaked(testbed, kept, kept.first().id()),
                Answer.revoke(testbed, kept),
                Answer.rotate(testbed, kept))) {
            assertThat(answer.told(kept)).doesNotContain("another stored secret", "Revoke it there");
        }
    }

    @Test
    void once_a_rotation_has_written_both_its_own_report_does_not_say_that_they_disagree() {
        var age = Duration.ofDays(31);
        var kept =
                testbed.account("prod/atlas", testbed.project(), AtlasModel.PROJECT_OWNER, age, "true", (id, one) -> {
                    var value = Testbed.value(testbed.project(), id, one);
                    value.put("client_secret", NOT_A_SECRET_ANY_MORE);
                    return value;
                });
        assertThat(Answer.status(testbed).codes(kept)).contains("SPELLINGS_DISAGREE");

        assertThat(Answer.sweep(testbed).codes(kept)).doesNotContain("SPELLINGS_DISAGREE");
    }
}
