package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.fake.AtlasEvent.What;
import dev.atlasrotator.fake.AtlasModel;
import dev.atlasrotator.fake.AtlasRules.AccessList;
import dev.atlasrotator.fake.IssuedCredential;
import dev.atlasrotator.story.Story.ManagedSecret;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
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

    private final Story story = new Story();

    /** How the stored value is written, and who may act for it. */
    enum Value {
        OF_A_PROJECT,
        OF_AN_ORGANIZATION,
        SNAKE_CASE,
        WITH_DATES,
        ADMINISTERED,
        ROTATED_BY_SECRETS_MANAGER;

        ManagedSecret in(Story story) {
            var age = Duration.ofDays(3);
            return switch (this) {
                case OF_A_PROJECT -> story.account("prod/atlas", age);
                case OF_AN_ORGANIZATION -> story.organizationAccount("prod/atlas", age);
                case SNAKE_CASE -> snakeCase(story, age);
                case WITH_DATES -> withDates(story, age);
                case ADMINISTERED -> {
                    var kept = story.account("prod/atlas", age);
                    story.administered(kept);
                    yield kept;
                }
                case ROTATED_BY_SECRETS_MANAGER -> {
                    var kept = story.account("prod/atlas", age);
                    story.rotatedBySecretsManager(kept);
                    yield kept;
                }
            };
        }

        private static ManagedSecret snakeCase(Story story, Duration age) {
            var clientId = story.atlas.addServiceAccount(story.project(), AtlasModel.PROJECT_OWNER);
            var first =
                    story.atlas.secretFromThePast(clientId, story.time.instant().minus(age), 2160);
            var value = new LinkedHashMap<String, Object>();
            value.put("client_id", clientId);
            value.put("client_secret", first.value());
            value.put("project_id", story.project().id());
            value.put("secret_id", first.id());
            var arn = story.keep("prod/atlas", first, value, Map.of(Story.TAG, "true"))
                    .arn();
            return new ManagedSecret(arn, "prod/atlas", clientId, first);
        }

        private static ManagedSecret withDates(Story story, Duration age) {
            var kept = story.account("prod/atlas", age);
            var first = story.atAtlas(kept).getFirst();
            story.changedByHand(
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
                .containsEntry("expiresAt", end(kept, current).toString());
        assertThat(answer.others(kept))
                .extracting(other -> other.get("secretId"))
                .containsExactly(old);
        assertThat(answer.kinds(kept)).containsExactly("superseded");
        assertThat(Answer.asksToDelete(answer.told(kept))).as(answer.told(kept)).isFalse();
    }

    private Instant end(ManagedSecret kept, String id) {
        return story.atAtlas(kept).stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow()
                .expiresAt();
    }

    // ---- which one is current

    @ParameterizedTest
    @EnumSource(Value.class)
    void a_pasted_clientSecret_is_current_and_the_one_whose_id_stands_beside_it_is_superseded(Value written) {
        var kept = written.in(story);
        var pasted = story.pastedNew(kept);
        var before = Answer.changes(story);

        for (var answer : List.of(Answer.sweep(story), Answer.status(story))) {
            is(answer, kept, pasted.id(), kept.first().id());
            assertThat(answer.state(kept)).isEqualTo("overlap");
        }
        assertThat(Answer.changes(story)).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(Value.class)
    void the_one_before_lives_through_its_overlap_and_is_then_retired(Value written) {
        var kept = written.in(story);
        var pasted = story.pastedNew(kept);

        for (int hour = 0; hour < 23; hour++) {
            Answer.sweep(story);
            assertThat(story.idsAtAtlas(kept)).containsExactly(kept.first().id(), pasted.id());
            story.after(Duration.ofHours(1));
        }
        story.after(Duration.ofHours(2));
        var answer = Answer.sweep(story);

        assertThat(answer.actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (superseded)");
        assertThat(story.currentAtAtlas(kept)).contains(pasted.id());
    }

    @Test
    void another_edit_after_the_paste_does_not_make_the_old_id_true() {
        var kept = story.account("prod/atlas", Duration.ofDays(3));
        var pasted = story.pastedNew(kept);
        for (String note : List.of("rotated by hand", "and told the team")) {
            story.after(Duration.ofHours(1));
            story.changedByHand(kept, Map.of("note", note));
        }

        is(Answer.sweep(story), kept, pasted.id(), kept.first().id());
    }

    @Test
    void nor_do_thirty_edits() {
        var kept = story.account("prod/atlas", Duration.ofDays(3));
        var pasted = story.pastedNew(kept);
        for (int edit = 0; edit < 30; edit++) {
            story.after(Duration.ofMinutes(10));
            story.changedByHand(kept, Map.of("note", "edit " + edit));
        }

        is(Answer.sweep(story), kept, pasted.id(), kept.first().id());
    }

    @Test
    void a_paste_with_a_typing_error_that_is_put_right_minutes_later_is_a_paste_like_any_other() {
        var kept = story.account("prod/atlas", Duration.ofDays(3));
        var made = story.atlas.createSecret(kept.clientId(), 2160);
        story.changedByHand(kept, Map.of("clientSecret", made.value() + "x"));
        story.after(Duration.ofMinutes(5));
        story.pasted(kept, made);

        is(Answer.sweep(story), kept, made.id(), kept.first().id());
    }

    @Test
    void a_value_pasted_without_its_ids_is_current() {
        var kept = story.account("prod/atlas", Duration.ofDays(3));
        var made = story.atlas.createSecret(kept.clientId(), 2160);
        var value = story.value(kept, "AWSCURRENT");
        value.put("clientSecret", made.value());
        value.remove("secretId");
        story.storedByHand(kept, value, "AWSCURRENT");

        is(Answer.sweep(story), kept, made.id(), kept.first().id());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void an_older_clientSecret_that_is_pasted_back_is_current_again(boolean bySecretsManager) {
        var kept = story.account("prod/atlas", Duration.ofDays(3));
        if (bySecretsManager) {
            story.rotatedBySecretsManager(kept);
            story.rotate(kept, story.begin(kept));
        } else {
            Answer.rotate(story, kept);
        }
        var second = story.currentAtAtlas(kept).orElseThrow();
        story.after(Duration.ofHours(1));
        story.pasted(kept, kept.first());

        is(Answer.status(story), kept, kept.first().id(), second);
        for (int hour = 0; hour < 23; hour++) {
            Answer.sweep(story);
            assertThat(story.idsAtAtlas(kept)).containsExactly(kept.first().id(), second);
            story.after(Duration.ofHours(1));
        }
    }

    @Test
    void an_id_that_follows_its_clientSecret_minutes_later_changes_nothing_any_more() {
        var kept = story.account("prod/atlas", Duration.ofDays(3));
        var made = story.pastedNew(kept);
        for (int minute = 0; minute < 5; minute++) {
            is(Answer.sweep(story), kept, made.id(), kept.first().id());
            story.after(Duration.ofMinutes(1));
        }
        story.changedByHand(kept, Map.of("secretId", made.id()));

        is(Answer.sweep(story), kept, made.id(), kept.first().id());
        story.after(OVER);
        assertThat(Answer.sweep(story).actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (superseded)");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void an_id_that_is_edited_before_its_clientSecret_follows_is_not_believed(boolean lags) {
        if (lags) {
            story.atlas.rules(rules -> rules.lastUsedLag(Duration.ofHours(30)));
        }
        var kept = story.account("prod/atlas", Duration.ofDays(3));
        var made = story.atlas.createSecret(kept.clientId(), 2160);
        story.changedByHand(kept, Map.of("secretId", made.id()));

        var answer = Answer.sweep(story);
        assertThat(answer.of(kept).get("secretId")).isNotEqualTo(made.id());
        story.after(OVER);
        Answer.sweep(story);
        assertThat(story.currentWorks(kept)).isTrue();

        story.pasted(kept, made);
        is(Answer.sweep(story), kept, made.id(), kept.first().id());
    }

    @Test
    void a_date_beside_the_id_of_another_secret_is_not_shown_where_atlas_cannot_be_asked() {
        var kept = Value.WITH_DATES.in(story);
        var recorded = story.stored(kept, "AWSCURRENT", "expiresAt").orElseThrow();
        story.pastedNew(kept);
        story.atlas.rules(rules -> rules.accessList(AccessList.REFUSES_ADDRESS));

        assertThat(Answer.status(story).of(kept)).doesNotContainEntry("expiresAt", recorded);
    }

    // ---- and then it is rotated

    @Test
    void within_the_overlap_a_rotation_is_refused_for_the_one_that_was_superseded() {
        var kept = story.account("prod/atlas", Duration.ofDays(3));
        var pasted = story.pastedNew(kept);
        story.after(Duration.ofHours(3));
        var before = Answer.changes(story);

        var byHand = Answer.rotate(story, kept);
        assertThat(byHand.failure(kept))
                .contains("Refused", kept.first().id(), "revokeOld")
                .doesNotContain(pasted.id());
        assertThat(Answer.changes(story)).isEqualTo(before);

        var token = story.begin(kept);
        assertThat(Story.failureOf(() -> story.step("createSecret", kept, token)))
                .isInstanceOf(RotatorException.Refused.class)
                .hasMessageContaining(kept.first().id())
                .hasMessageNotContaining(pasted.id());
        assertThat(story.idsAtAtlas(kept)).containsExactly(kept.first().id(), pasted.id());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_month_after_the_person_has_deleted_the_old_one_the_pasted_one_is_superseded_and_retired(
            boolean bySecretsManager) {
        var kept = story.account("prod/atlas", Duration.ofDays(3));
        var pasted = story.pastedNew(kept);
        story.after(Duration.ofMinutes(10));
        story.atlas.deleteSecret(kept.clientId(), kept.first().id());
        story.after(Duration.ofDays(31));

        rotateAndRetire(kept, pasted, bySecretsManager);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_month_after_the_sweep_has_retired_the_old_one_the_pasted_one_is_superseded_and_retired(
            boolean bySecretsManager) {
        var kept = story.account("prod/atlas", Duration.ofDays(3));
        var pasted = story.pastedNew(kept);
        story.after(OVER);
        Answer.sweep(story);
        assertThat(story.idsAtAtlas(kept)).containsExactly(pasted.id());
        story.after(Duration.ofDays(30));

        rotateAndRetire(kept, pasted, bySecretsManager);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void one_that_was_pasted_after_another_pasted_one_is_superseded_and_retired_like_it(boolean bySecretsManager) {
        var kept = story.account("prod/atlas", Duration.ofDays(3));
        var once = story.pastedNew(kept);
        story.atlas.deleteSecret(kept.clientId(), kept.first().id());
        story.after(Duration.ofDays(20));
        var twice = story.pastedNew(kept);
        story.atlas.deleteSecret(kept.clientId(), once.id());
        assertThat(Answer.sweep(story).of(kept)).containsEntry("secretId", twice.id());
        story.after(Duration.ofDays(31));

        rotateAndRetire(kept, twice, bySecretsManager);
    }

    private void rotateAndRetire(ManagedSecret kept, IssuedCredential pasted, boolean bySecretsManager) {
        if (bySecretsManager) {
            story.rotatedBySecretsManager(kept);
            story.rotate(kept, story.begin(kept));
        } else {
            assertThat(Answer.sweep(story).actions(kept)).hasSize(2);
        }
        var next = story.currentAtAtlas(kept).orElseThrow();
        assertThat(next).isNotEqualTo(pasted.id());
        is(Answer.status(story), kept, next, pasted.id());
        story.after(Duration.ofHours(23));
        assertThat(Answer.sweep(story).actions(kept)).isEmpty();
        story.after(Duration.ofHours(2));

        assertThat(Answer.sweep(story).actions(kept)).containsExactly("deleted " + pasted.id() + " (superseded)");
        assertThat(story.currentAtAtlas(kept)).contains(next);
        assertThat(story.happened(kept, What.SECRET_DELETED))
                .extracting(event -> event.secretId())
                .doesNotContain(next);
    }

    @Test
    void a_rotation_that_fails_after_its_create_leaves_the_pasted_one_known() {
        var kept = story.account("prod/atlas", Duration.ofDays(3));
        var pasted = story.pastedNew(kept);
        story.atlas.deleteSecret(kept.clientId(), kept.first().id());
        story.after(Duration.ofDays(31));
        Death.after(story, "createSecret", 1, () -> Answer.sweep(story));
        assertThat(story.idsAtAtlas(kept)).hasSize(2);

        story.after(Duration.ofMinutes(16));
        Answer.sweep(story);
        story.after(Duration.ofHours(1)); // a sweep begins no second rotation within the hour
        Answer.sweep(story);
        var next = story.currentAtAtlas(kept).orElseThrow();

        assertThat(next).isNotEqualTo(pasted.id());
        is(Answer.status(story), kept, next, pasted.id());
    }

    // ---- ids that say different things

    @Test
    void an_id_that_was_written_ahead_of_a_value_that_never_came_leaves_the_old_one_superseded() {
        var kept = story.account("prod/atlas", Duration.ofDays(3));
        var made = story.atlas.createSecret(kept.clientId(), 2160);
        story.changedByHand(kept, Map.of("secretId", made.id()));
        story.atlas.deleteSecret(kept.clientId(), made.id());

        rotateAndRetireAmong(kept, kept.first().id());
    }

    @Test
    void an_id_that_was_written_ahead_and_set_back_with_the_paste_leaves_the_pasted_one_known() {
        var kept = story.account("prod/atlas", Duration.ofDays(3));
        story.after(Duration.ofMinutes(5));
        var made = story.atlas.createSecret(kept.clientId(), 2160);
        story.changedByHand(kept, Map.of("secretId", made.id()));
        story.after(Duration.ofMinutes(5));
        story.changedByHand(kept, Map.of("secretId", kept.first().id(), "clientSecret", made.value()));
        story.atlas.deleteSecret(kept.clientId(), kept.first().id());

        rotateAndRetireAmong(kept, made.id());
    }

    @Test
    void an_id_that_came_with_a_copy_of_another_accounts_value_is_none_of_this_accounts() {
        var kept = story.account("prod/atlas", Duration.ofDays(3));
        var other = story.account("prod/other", Duration.ofDays(3));
        story.storedByHand(kept, story.value(other, "AWSCURRENT"), "AWSCURRENT");
        story.atlas.deleteSecret(kept.clientId(), kept.first().id());
        var made = story.atlas.createSecret(kept.clientId(), 2160);
        story.changedByHand(kept, Map.of("clientId", kept.clientId(), "clientSecret", made.value()));
        story.after(Duration.ofHours(1));
        story.changedByHand(kept, Map.of("secretId", made.id()));

        rotateAndRetireAmong(kept, made.id());
    }

    @Test
    void an_id_that_came_with_a_copy_beside_another_value_does_not_have_its_own_secret_deleted() {
        story.atlas.rules(rules -> rules.lastUsedLag(Duration.ofHours(30)));
        var kept = story.account("prod/atlas", Duration.ofDays(3));
        var pasted = story.pastedNew(kept);
        var copy = story.keep("prod/copy", pasted, story.value(kept, "AWSCURRENT"), Map.of(Story.TAG, "true"));
        story.secretsManager.call("UntagResource", Map.of("SecretId", kept.arn(), "TagKeys", List.of(Story.TAG)));
        story.atlas.deleteSecret(kept.clientId(), pasted.id());
        story.atlas.createSecret(kept.clientId(), 2160);
        story.after(Duration.ofMinutes(5));
        story.pasted(copy, kept.first());
        story.after(OVER);

        var answer = Answer.sweep(story);

        assertThat(story.currentAtAtlas(copy)).contains(kept.first().id());
        assertThat(answer.failure(copy)).contains("not confirmed", "Nothing was changed.");
    }

    private void rotateAndRetireAmong(ManagedSecret kept, String old) {
        story.after(Duration.ofHours(2));
        assertThat(Answer.rotate(story, kept).failed()).isEmpty();
        assertThat(Answer.status(story).kinds(kept)).containsExactly("superseded");
        story.after(OVER);

        assertThat(Answer.sweep(story).actions(kept)).containsExactly("deleted " + old + " (superseded)");
        assertThat(story.currentWorks(kept)).isTrue();
    }

    @Test
    void a_step_reads_on_where_the_id_under_AWSPREVIOUS_is_contradicted() {
        var kept = story.account("prod/atlas", Duration.ofDays(3));
        story.rotatedBySecretsManager(kept);
        story.rotate(kept, story.begin(kept));
        var ours = story.value(kept, "AWSCURRENT");
        story.atlas.deleteSecret(kept.clientId(), kept.first().id());
        story.after(Duration.ofDays(1));
        var pasted = story.pastedNew(kept);
        story.changedByHand(kept, Map.of("secretId", pasted.id()));
        story.after(Duration.ofHours(1));
        story.changedByHand(kept, Map.of("clientSecret", ours.get("clientSecret")));
        story.after(Duration.ofHours(1));
        story.atlas.deleteSecret(kept.clientId(), String.valueOf(ours.get("secretId")));
        story.pasted(kept, pasted);
        story.changedByHand(kept, Map.of("clientSecret", ours.get("clientSecret")));
        story.administered(kept);
        story.rotate(kept, story.begin(kept));
        story.after(OVER);

        story.rotate(kept, story.begin(kept));

        assertThat(story.idsAtAtlas(kept)).hasSize(2).doesNotContain(pasted.id());
        assertThat(story.currentWorks(kept)).isTrue();
    }
}
