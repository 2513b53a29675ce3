package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How long an old secret lives, by who still uses it; and who may overrule that. */
class UsageTest {
    private final Story story = new Story();
    private final Story.ManagedSecret kept = story.account("prod/atlas", Duration.ofDays(30));

    private void uses(Story.ManagedSecret whose) {
        assertThat(story.atlas.signIn(whose.clientId(), whose.first().value())).isPresent();
    }

    @Test
    void a_consumer_that_lets_go_within_the_hour_of_its_cache_does_not_keep_the_old_secret() {
        Answer.sweep(story);
        story.after(Duration.ofMinutes(59));
        uses(kept);
        story.after(Duration.ofHours(24));

        assertThat(Answer.sweep(story).actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (superseded)");
    }

    @Test
    void a_use_after_that_hour_keeps_it_to_its_end_at_atlas_and_then_it_is_deleted() {
        Answer.sweep(story);
        story.after(Duration.ofMinutes(61));
        uses(kept);
        for (int day = 1; day <= 6; day++) {
            story.after(Duration.ofDays(1));
            var answer = Answer.sweep(story);
            assertThat(answer.actions(kept)).isEmpty();
            assertThat(answer.advice(kept)).contains("Find the consumer");
            assertThat(Answer.metric(story, "OldSecretStillUsed")).isEqualTo(1);
        }
        story.after(Duration.ofDays(1));

        var answer = Answer.sweep(story);

        assertThat(answer.actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (expired)");
        assertThat(Answer.metric(story, "OldSecretStillUsed")).isZero();
        assertThat(story.currentWorks(kept)).isTrue();
    }

    @Test
    void a_use_that_atlas_shows_late_keeps_the_secret_as_soon_as_it_shows() {
        story.atlas.rules(rules -> rules.lastUsedLag(Duration.ofHours(3)));
        Answer.sweep(story);
        story.after(Duration.ofHours(20));
        uses(kept);
        story.after(Duration.ofHours(5));

        var answer = Answer.sweep(story);

        assertThat(answer.actions(kept)).isEmpty();
        assertThat(answer.advice(kept)).contains("still used");
    }

    @Test
    void a_use_that_atlas_does_not_show_yet_cannot_keep_it_and_the_overlap_was_kept_all_the_same() {
        story.atlas.rules(rules -> rules.lastUsedLag(Duration.ofHours(30)));
        Answer.sweep(story);
        story.after(Duration.ofHours(23));
        uses(kept);
        assertThat(Answer.sweep(story).actions(kept)).isEmpty();
        story.after(Duration.ofHours(2));

        assertThat(Answer.sweep(story).actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (superseded)");
    }

    @Test
    void after_a_leak_an_operator_gets_rid_of_all_old_ones_at_once_overlap_or_not() {
        Answer.sweep(story);
        var leaked = story.stored(kept, "AWSCURRENT", "secretId").orElseThrow();
        uses(kept);
        story.after(Duration.ofHours(1)); // else it could be the same call once more

        var answer = Answer.to(story, "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"revokeOld\":true}");

        assertThat(answer.failed()).isEmpty();
        assertThat(answer.actions(kept))
                .startsWith("deleted " + kept.first().id() + " (revoked)")
                .endsWith("deleted " + leaked + " (revoked)")
                .hasSize(4);
        assertThat(story.currentWorks(kept)).isTrue();
        assertThat(story.idsAtAtlas(kept))
                .containsExactly(story.stored(kept, "AWSCURRENT", "secretId").orElseThrow());
        assertThat(Answer.sweep(story).state(kept)).isEqualTo("fresh");
    }

    @Test
    void after_a_leak_that_holds_too_where_secrets_manager_rotates_and_it_is_done_in_the_run() {
        story.rotatedBySecretsManager(kept);

        var answer = Answer.to(story, "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"revokeOld\":true}");

        assertThat(answer.failed()).isEmpty();
        assertThat(answer.actions(kept))
                .endsWith("deleted " + kept.first().id() + " (revoked)")
                .doesNotContain("requested");
        assertThat(story.currentWorks(kept)).isTrue();
        assertThat(story.idsAtAtlas(kept)).hasSize(1);
    }

    @Test
    void an_operator_who_goes_back_to_the_old_version_finds_both_alive_for_a_whole_overlap() {
        Answer.sweep(story);
        story.after(Duration.ofHours(20));
        goBack();
        var back = story.time.instant();
        var newer = story.stored(kept, "AWSPREVIOUS", "secretId").orElseThrow();

        story.after(Duration.ofHours(23));
        var within = Answer.sweep(story);
        assertThat(within.state(kept)).isEqualTo("expiring");
        assertThat(within.actions(kept)).isEmpty();
        assertThat(within.advice(kept))
                .contains("kept for its overlap until " + back.plus(Duration.ofHours(24)))
                .contains("urgent");
        assertThat(story.idsAtAtlas(kept))
                .containsExactlyInAnyOrder(kept.first().id(), newer);

        story.after(Duration.ofHours(2));
        var over = Answer.sweep(story);
        assertThat(over.failed()).isEmpty();
        assertThat(over.actions(kept))
                .startsWith("deleted " + newer + " (superseded)")
                .hasSize(3);
        assertThat(story.currentWorks(kept)).isTrue();
        assertThat(story.idsAtAtlas(kept)).contains(kept.first().id());
    }

    @Test
    void going_back_is_seen_where_secrets_manager_rotates_though_its_date_of_rotation_is_older() {
        var old = story.account("prod/other", Duration.ofDays(84));
        story.rotatedBySecretsManager(old);
        story.after(Duration.ofMinutes(1));
        Answer.sweep(story);
        story.secretsManager.runRotations();
        story.after(Duration.ofHours(30));
        moveBack(old);
        story.after(Duration.ofHours(1));

        var answer = Answer.sweep(story);

        assertThat(answer.actions(old)).as(answer.toString()).isEmpty();
        assertThat(story.idsAtAtlas(old)).hasSize(2);
        assertThat(story.currentWorks(old)).isTrue();
    }

    @Test
    void after_a_way_back_secrets_manager_can_begin_again_though_a_runs_label_was_left_there() {
        story.rotatedBySecretsManager(kept);
        Answer.to(story, "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"revokeOld\":true}");
        Answer.to(story, "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"revokeOld\":true}");
        moveBack(kept);

        var answer = Answer.sweep(story);

        assertThat(answer.actions(kept)).startsWith("gaveUp");
        assertThat(story.secretsManager
                        .versionUnder(kept.arn(), "AWSPENDING")
                        .filter(pending -> story.secretsManager
                                .versionUnder(kept.arn(), "AWSPREVIOUS")
                                .filter(pending::equals)
                                .isPresent()))
                .isEmpty();
    }

    @Test
    void after_a_way_back_a_runs_label_does_not_stay_where_it_could_be_taken_for_an_attempt() {
        var young = story.account("prod/young", Duration.ofDays(3));
        Answer.rotate(story, young);
        moveBack(young);

        assertThat(Answer.sweep(story).actions(young)).containsExactly("gaveUp");

        assertThat(story.secretsManager.versionUnder(young.arn(), "AWSPENDING")).isEmpty();
        assertThat(Answer.sweep(story).actions(young)).isEmpty();
        assertThat(story.currentWorks(young)).isTrue();
    }

    private void goBack() {
        moveBack(kept);
        assertThat(story.stored(kept, "AWSCURRENT", "secretId"))
                .contains(kept.first().id());
    }

    private void moveBack(Story.ManagedSecret whose) {
        story.secretsManager.call(
                "UpdateSecretVersionStage",
                Map.of(
                        "SecretId",
                        whose.arn(),
                        "VersionStage",
                        "AWSCURRENT",
                        "MoveToVersionId",
                        story.secretsManager
                                .versionUnder(whose.arn(), "AWSPREVIOUS")
                                .orElseThrow(),
                        "RemoveFromVersionId",
                        story.secretsManager
                                .versionUnder(whose.arn(), "AWSCURRENT")
                                .orElseThrow()));
    }
}
