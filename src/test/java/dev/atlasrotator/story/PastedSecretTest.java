package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.simulator.atlas.AtlasEvent.What;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasRules.AccessList;
import dev.atlasrotator.simulator.atlas.IssuedCredential;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Death;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A person makes a secret in Atlas and replaces clientSecret in the stored value, and no more:
 * MongoDB's guide "Rotate Service Account Secrets" asks for no more. The ids and dates beside it
 * are then another secret's.
 */
class PastedSecretTest {
    private static final Duration OVER = Duration.ofHours(25);

    private final Testbed testbed = new Testbed();

    /** How the stored value is written, and who may act for it. */
    enum Value {
        OF_A_PROJECT,
        OF_AN_ORGANIZATION,
        SNAKE_CASE,
        WITH_DATES,
        ADMINISTERED,
        ROTATED_BY_SECRETS_MANAGER;

        ManagedSecret in(Testbed testbed) {
            var age = Duration.ofDays(3);
            return switch (this) {
                case OF_A_PROJECT -> testbed.account("prod/atlas", age);
                case OF_AN_ORGANIZATION -> testbed.organizationAccount("prod/atlas", age);
                case SNAKE_CASE -> snakeCase(testbed, age);
                case WITH_DATES -> withDates(testbed, age);
                case ADMINISTERED -> {
                    var kept = testbed.account("prod/atlas", age);
                    testbed.administered(kept);
                    yield kept;
                }
                case ROTATED_BY_SECRETS_MANAGER -> {
                    var kept = testbed.account("prod/atlas", age);
                    testbed.rotatedBySecretsManager(kept);
                    yield kept;
                }
            };
        }

        private static ManagedSecret snakeCase(Testbed testbed, Duration age) {
            var project = testbed.project();
            return testbed.account(
                    "prod/atlas",
                    project,
                    AtlasModel.PROJECT_OWNER,
                    age,
                    "true",
                    (id, first) -> Map.of(
                            "client_id", id,
                            "client_secret", first.value(),
                            "project_id", project.id(),
                            "secret_id", first.id()));
        }

        private static ManagedSecret withDates(Testbed testbed, Duration age) {
            var kept = testbed.account("prod/atlas", age);
            var first = testbed.atAtlas(kept).getFirst();
            testbed.changedByHand(
                    kept,
                    Map.of(
                            "createdAt",
                            first.createdAt().toString(),
                            "expiresAt",
                            first.expiresAt().toString()));
            return kept;
        }
    }

    private void is(Answer answer, ManagedSecret kept, String current, String old) {
        assertThat(answer.failed()).isEmpty();
        assertThat(answer.of(kept))
                .containsEntry("secretId", current)
                .containsEntry("expiresAt", testbed.expiryAtAtlas(kept, current).toString());
        assertThat(answer.others(kept))
                .extracting(other -> other.get("secretId"))
                .containsExactly(old);
        assertThat(answer.kinds(kept)).containsExactly("superseded");
        assertThat(answer.told(kept)).doesNotContainPattern(Answer.ASKS_TO_DELETE);
    }

    // ---- which one is current

    @ParameterizedTest
    @EnumSource(Value.class)
    void a_pasted_clientSecret_is_current_and_the_one_whose_id_is_beside_it_is_superseded(Value written) {
        var kept = written.in(testbed);
        var pasted = testbed.pastedNew(kept);
        var before = Answer.changes(testbed);

        for (var answer : List.of(Answer.sweep(testbed), Answer.status(testbed))) {
            is(answer, kept, pasted.id(), kept.first().id());
            assertThat(answer.state(kept)).isEqualTo("overlap");
        }
        assertThat(Answer.changes(testbed)).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(Value.class)
    void the_one_before_lives_through_its_overlap_and_is_then_retired(Value written) {
        var kept = written.in(testbed);
        var pasted = testbed.pastedNew(kept);

        for (int hour = 0; hour < 23; hour++) {
            Answer.sweep(testbed);
            assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id(), pasted.id());
            testbed.after(Duration.ofHours(1));
        }
        testbed.after(Duration.ofHours(2));
        var answer = Answer.sweep(testbed);

        assertThat(answer.actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (superseded)");
        assertThat(testbed.currentAtAtlas(kept)).contains(pasted.id());
    }

    @Test
    void nor_do_thirty_edits() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        var pasted = testbed.pastedNew(kept);
        for (int edit = 0; edit < 30; edit++) {
            testbed.after(Duration.ofMinutes(10));
            testbed.changedByHand(kept, Map.of("note", "edit " + edit));
        }

        is(Answer.sweep(testbed), kept, pasted.id(), kept.first().id());
    }

    @Test
    void a_paste_with_a_typing_error_that_is_put_right_minutes_later_is_a_paste_like_any_other() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        var made = testbed.atlas.createSecret(kept.clientId(), 2160);
        testbed.changedByHand(kept, Map.of("clientSecret", made.value() + "x"));
        testbed.after(Duration.ofMinutes(5));
        testbed.pasted(kept, made);

        is(Answer.sweep(testbed), kept, made.id(), kept.first().id());
    }

    @Test
    void a_value_pasted_without_its_ids_is_current() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        var made = testbed.atlas.createSecret(kept.clientId(), 2160);
        var value = testbed.value(kept, "AWSCURRENT");
        value.put("clientSecret", made.value());
        value.remove("secretId");
        testbed.storedByHand(kept, value, "AWSCURRENT");

        is(Answer.sweep(testbed), kept, made.id(), kept.first().id());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void an_older_clientSecret_that_is_pasted_back_is_current_again(boolean bySecretsManager) {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        testbed.rotate(kept, bySecretsManager);
        var second = testbed.current(kept);
        testbed.after(Duration.ofHours(1));
        testbed.pasted(kept, kept.first());

        is(Answer.status(testbed), kept, kept.first().id(), second);
        for (int hour = 0; hour < 23; hour++) {
            Answer.sweep(testbed);
            assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id(), second);
            testbed.after(Duration.ofHours(1));
        }
    }

    @Test
    void an_id_that_follows_its_clientSecret_minutes_later_changes_nothing_any_more() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        var made = testbed.pastedNew(kept);
        for (int minute = 0; minute < 5; minute++) {
            is(Answer.sweep(testbed), kept, made.id(), kept.first().id());
            testbed.after(Duration.ofMinutes(1));
        }
        testbed.changedByHand(kept, Map.of("secretId", made.id()));

        is(Answer.sweep(testbed), kept, made.id(), kept.first().id());
        testbed.after(OVER);
        assertThat(Answer.sweep(testbed).actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (superseded)");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void an_id_that_is_edited_before_its_clientSecret_follows_is_not_believed(boolean lags) {
        if (lags) {
            testbed.atlas.rules(rules -> rules.lastUsedLag(Duration.ofHours(30)));
        }
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        var made = testbed.atlas.createSecret(kept.clientId(), 2160);
        testbed.changedByHand(kept, Map.of("secretId", made.id()));

        var answer = Answer.sweep(testbed);
        assertThat(answer.of(kept).get("secretId")).isNotEqualTo(made.id());
        testbed.after(OVER);
        Answer.sweep(testbed);
        assertThat(testbed.currentWorks(kept)).isTrue();

        testbed.pasted(kept, made);
        is(Answer.sweep(testbed), kept, made.id(), kept.first().id());
    }

    @Test
    void a_date_beside_the_id_of_another_secret_is_not_shown_where_atlas_cannot_be_asked() {
        var kept = Value.WITH_DATES.in(testbed);
        var recorded = testbed.stored(kept, "AWSCURRENT", "expiresAt").orElseThrow();
        testbed.pastedNew(kept);
        testbed.atlas.rules(rules -> rules.accessList(AccessList.REFUSES_ADDRESS));

        assertThat(Answer.status(testbed).of(kept)).doesNotContainEntry("expiresAt", recorded);
    }

    // ---- and then it is rotated

    @Test
    void within_the_overlap_a_rotation_is_refused_for_the_one_that_was_superseded() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        var pasted = testbed.pastedNew(kept);
        testbed.after(Duration.ofHours(3));
        var before = Answer.changes(testbed);

        var byHand = Answer.rotate(testbed, kept);
        assertThat(byHand.failure(kept))
                .contains("SECRET_WITHIN_OVERLAP", kept.first().id(), "revokeOld")
                .doesNotContain(pasted.id());
        assertThat(Answer.changes(testbed)).isEqualTo(before);

        var token = testbed.begin(kept);
        assertThat(testbed.failure("createSecret", kept, token))
                .isInstanceOf(RotatorException.Refused.class)
                .hasMessageContaining(kept.first().id())
                .hasMessageNotContaining(pasted.id());
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id(), pasted.id());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_month_after_the_person_has_deleted_the_old_one_the_pasted_one_is_superseded_and_retired(
            boolean bySecretsManager) {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        var pasted = testbed.pastedNew(kept);
        testbed.after(Duration.ofMinutes(10));
        testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());
        testbed.after(Duration.ofDays(31));

        rotateAndRetire(kept, pasted, bySecretsManager);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_month_after_the_sweep_has_retired_the_old_one_the_pasted_one_is_superseded_and_retired(
            boolean bySecretsManager) {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        var pasted = testbed.pastedNew(kept);
        testbed.after(OVER);
        Answer.sweep(testbed);
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(pasted.id());
        testbed.after(Duration.ofDays(30));

        rotateAndRetire(kept, pasted, bySecretsManager);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void one_that_was_pasted_after_another_pasted_one_is_superseded_and_retired_like_it(boolean bySecretsManager) {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        var once = testbed.pastedNew(kept);
        testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());
        testbed.after(Duration.ofDays(20));
        var twice = testbed.pastedNew(kept);
        testbed.atlas.deleteSecret(kept.clientId(), once.id());
        assertThat(Answer.sweep(testbed).of(kept)).containsEntry("secretId", twice.id());
        testbed.after(Duration.ofDays(31));

        rotateAndRetire(kept, twice, bySecretsManager);
    }

    private void rotateAndRetire(ManagedSecret kept, IssuedCredential pasted, boolean bySecretsManager) {
        if (bySecretsManager) {
            testbed.rotatedBySecretsManager(kept);
            testbed.rotate(kept, testbed.begin(kept));
        } else {
            assertThat(Answer.sweep(testbed).actions(kept)).hasSize(2);
        }
        var next = testbed.current(kept);
        assertThat(next).isNotEqualTo(pasted.id());
        is(Answer.status(testbed), kept, next, pasted.id());
        testbed.after(Duration.ofHours(23));
        assertThat(Answer.sweep(testbed).actions(kept)).isEmpty();
        testbed.after(Duration.ofHours(2));

        assertThat(Answer.sweep(testbed).actions(kept)).containsExactly("deleted " + pasted.id() + " (superseded)");
        assertThat(testbed.currentAtAtlas(kept)).contains(next);
        assertThat(testbed.happened(kept, What.SECRET_DELETED))
                .extracting(event -> event.secretId())
                .doesNotContain(next);
    }

    @Test
    void a_rotation_that_fails_after_its_create_leaves_the_pasted_one_known() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        var pasted = testbed.pastedNew(kept);
        testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());
        testbed.after(Duration.ofDays(31));
        Death.after(testbed, "createSecret", 1, () -> Answer.sweep(testbed));
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2);

        testbed.after(Duration.ofMinutes(16));
        Answer.sweep(testbed);
        testbed.after(Duration.ofHours(1)); // a sweep begins no second rotation within the hour
        Answer.sweep(testbed);
        var next = testbed.current(kept);

        assertThat(next).isNotEqualTo(pasted.id());
        is(Answer.status(testbed), kept, next, pasted.id());
    }

    // ---- ids that say different things

    @Test
    void an_id_that_was_written_ahead_of_a_value_that_never_came_leaves_the_old_one_superseded() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        var made = testbed.atlas.createSecret(kept.clientId(), 2160);
        testbed.changedByHand(kept, Map.of("secretId", made.id()));
        testbed.atlas.deleteSecret(kept.clientId(), made.id());

        rotateAndRetireAmong(kept, kept.first().id());
    }

    @Test
    void an_id_that_was_written_ahead_and_set_back_with_the_paste_leaves_the_pasted_one_known() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        testbed.after(Duration.ofMinutes(5));
        var made = testbed.atlas.createSecret(kept.clientId(), 2160);
        testbed.changedByHand(kept, Map.of("secretId", made.id()));
        testbed.after(Duration.ofMinutes(5));
        testbed.changedByHand(kept, Map.of("secretId", kept.first().id(), "clientSecret", made.value()));
        testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());

        rotateAndRetireAmong(kept, made.id());
    }

    @Test
    void an_id_that_came_with_a_copy_of_another_accounts_value_is_none_of_this_accounts() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        var other = testbed.account("prod/other", Duration.ofDays(3));
        testbed.storedByHand(kept, testbed.value(other, "AWSCURRENT"), "AWSCURRENT");
        testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());
        var made = testbed.atlas.createSecret(kept.clientId(), 2160);
        testbed.changedByHand(kept, Map.of("clientId", kept.clientId(), "clientSecret", made.value()));
        testbed.after(Duration.ofHours(1));
        testbed.changedByHand(kept, Map.of("secretId", made.id()));

        rotateAndRetireAmong(kept, made.id());
    }

    @Test
    void an_id_that_came_with_a_copy_beside_another_value_does_not_have_its_own_secret_deleted() {
        testbed.atlas.rules(rules -> rules.lastUsedLag(Duration.ofHours(30)));
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        var pasted = testbed.pastedNew(kept);
        var copy = testbed.keep("prod/copy", pasted, testbed.value(kept, "AWSCURRENT"), Map.of(Testbed.TAG, "true"));
        testbed.call("UntagResource", kept, Map.of("TagKeys", List.of(Testbed.TAG)));
        testbed.atlas.deleteSecret(kept.clientId(), pasted.id());
        testbed.atlas.createSecret(kept.clientId(), 2160);
        testbed.after(Duration.ofMinutes(5));
        testbed.pasted(copy, kept.first());
        testbed.after(OVER);

        var answer = Answer.sweep(testbed);

        assertThat(testbed.currentAtAtlas(copy)).contains(kept.first().id());
        assertThat(answer.failure(copy)).contains("not confirmed", "Nothing was changed.");
    }

    private void rotateAndRetireAmong(ManagedSecret kept, String old) {
        testbed.after(Duration.ofHours(2));
        assertThat(Answer.rotate(testbed, kept).failed()).isEmpty();
        assertThat(Answer.status(testbed).kinds(kept)).containsExactly("superseded");
        testbed.after(OVER);

        assertThat(Answer.sweep(testbed).actions(kept)).containsExactly("deleted " + old + " (superseded)");
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void a_step_reads_on_where_the_id_under_AWSPREVIOUS_is_contradicted() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        testbed.rotatedBySecretsManager(kept);
        testbed.rotate(kept, testbed.begin(kept));
        var ours = testbed.value(kept, "AWSCURRENT");
        testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());
        testbed.after(Duration.ofDays(1));
        var pasted = testbed.pastedNew(kept);
        testbed.changedByHand(kept, Map.of("secretId", pasted.id()));
        testbed.after(Duration.ofHours(1));
        testbed.changedByHand(kept, Map.of("clientSecret", ours.get("clientSecret")));
        testbed.after(Duration.ofHours(1));
        testbed.atlas.deleteSecret(kept.clientId(), String.valueOf(ours.get("secretId")));
        testbed.pasted(kept, pasted);
        testbed.changedByHand(kept, Map.of("clientSecret", ours.get("clientSecret")));
        testbed.administered(kept);
        testbed.rotate(kept, testbed.begin(kept));
        testbed.after(OVER);

        testbed.rotate(kept, testbed.begin(kept));

        assertThat(testbed.idsAtAtlas(kept)).hasSize(2).doesNotContain(pasted.id());
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void a_value_pasted_beside_the_id_of_an_expired_one_is_current() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(30));
        testbed.after(Duration.ofDays(61)); // the recorded one has expired at Atlas, and was not deleted there
        var pasted = testbed.atlas.createSecret(kept.clientId(), 2160);
        testbed.pasted(kept, pasted);
        testbed.after(Duration.ofHours(1));

        testbed.rotate(kept, testbed.begin(kept));

        assertThat(testbed.currentWorks(kept)).isTrue();
        assertThat(testbed.idsAtAtlas(kept))
                .hasSize(2)
                .contains(pasted.id())
                .doesNotContain(kept.first().id());
    }
}
