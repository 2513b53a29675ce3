package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.simulator.atlas.AtlasRules.AccessList;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Testbed;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How long an old secret lives, by who still uses it; and who may overrule that. */
class UsageTest {
    private final Testbed testbed = new Testbed();
    private final Testbed.ManagedSecret kept = testbed.account("prod/atlas", Duration.ofDays(30));

    private void uses(Testbed.ManagedSecret whose) {
        assertThat(testbed.atlas.signIn(whose.clientId(), whose.first().value()))
                .isPresent();
    }

    @Test
    void a_consumer_that_lets_go_within_the_hour_of_its_cache_does_not_keep_the_old_secret() {
        Answer.sweep(testbed);
        testbed.after(Duration.ofMinutes(59));
        uses(kept);
        testbed.after(Duration.ofHours(24));

        assertThat(Answer.sweep(testbed).actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (superseded)");
    }

    @Test
    void a_use_after_that_hour_keeps_it_to_its_end_at_atlas_and_then_it_is_deleted() {
        Answer.sweep(testbed);
        testbed.after(Duration.ofMinutes(61));
        uses(kept);
        for (int day = 1; day <= 6; day++) {
            testbed.after(Duration.ofDays(1));
            var answer = Answer.sweep(testbed);
            assertThat(answer.actions(kept)).isEmpty();
            assertThat(answer.told(kept)).contains("Find the consumer");
            assertThat(Answer.metric(testbed, "WarningFindings")).isEqualTo(1);
        }
        testbed.after(Duration.ofDays(1));

        var answer = Answer.sweep(testbed);

        assertThat(answer.actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (expired)");
        assertThat(Answer.metric(testbed, "WarningFindings")).isZero();
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void a_use_that_atlas_shows_late_keeps_the_secret_as_soon_as_it_shows() {
        testbed.atlas.rules(rules -> rules.lastUsedLag(Duration.ofHours(3)));
        Answer.sweep(testbed);
        testbed.after(Duration.ofHours(20));
        uses(kept);
        testbed.after(Duration.ofHours(5));

        var answer = Answer.sweep(testbed);

        assertThat(answer.actions(kept)).isEmpty();
        assertThat(answer.told(kept)).contains("still used");
    }

    @Test
    void a_use_that_atlas_does_not_show_yet_cannot_keep_it_and_the_overlap_was_kept_all_the_same() {
        testbed.atlas.rules(rules -> rules.lastUsedLag(Duration.ofHours(30)));
        Answer.sweep(testbed);
        testbed.after(Duration.ofHours(23));
        uses(kept);
        assertThat(Answer.sweep(testbed).actions(kept)).isEmpty();
        testbed.after(Duration.ofHours(2));

        assertThat(Answer.sweep(testbed).actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (superseded)");
    }

    @Test
    void an_operator_who_goes_back_to_the_old_version_finds_both_alive_for_a_whole_overlap() {
        Answer.sweep(testbed);
        testbed.after(Duration.ofHours(20));
        goBack();
        var back = testbed.time.instant();
        var newer = testbed.stored(kept, "AWSPREVIOUS", "secretId").orElseThrow();

        testbed.after(Duration.ofHours(23));
        var within = Answer.sweep(testbed);
        assertThat(within.state(kept)).isEqualTo("expiring");
        assertThat(within.actions(kept)).isEmpty();
        assertThat(within.told(kept))
                .contains("kept for its overlap until " + back.plus(Duration.ofHours(24)), "EXPIRING: ");
        assertThat(testbed.idsAtAtlas(kept))
                .containsExactlyInAnyOrder(kept.first().id(), newer);

        testbed.after(Duration.ofHours(2));
        var over = Answer.sweep(testbed);
        assertThat(over.failed()).isEmpty();
        assertThat(over.actions(kept))
                .startsWith("deleted " + newer + " (superseded)")
                .hasSize(3);
        assertThat(testbed.currentWorks(kept)).isTrue();
        assertThat(testbed.idsAtAtlas(kept)).contains(kept.first().id());
    }

    @Test
    void going_back_is_seen_where_secrets_manager_rotates_though_its_date_of_rotation_is_older() {
        var old = testbed.account("prod/other", Duration.ofDays(84));
        testbed.rotatedBySecretsManager(old);
        testbed.after(Duration.ofMinutes(1));
        Answer.sweep(testbed);
        testbed.secretsManager.runRotations();
        testbed.after(Duration.ofHours(30));
        testbed.rolledBack(old);
        testbed.after(Duration.ofHours(1));

        var answer = Answer.sweep(testbed);

        assertThat(answer.actions(old)).as(answer.toString()).isEmpty();
        assertThat(testbed.idsAtAtlas(old)).hasSize(2);
        assertThat(testbed.currentWorks(old)).isTrue();
    }

    @Test
    void after_a_rollback_secrets_manager_can_begin_again_though_a_runs_label_was_left_there() {
        testbed.rotatedBySecretsManager(kept);
        Answer.to(testbed, "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"revokeOld\":true}");
        Answer.to(testbed, "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"revokeOld\":true}");
        testbed.rolledBack(kept);

        var answer = Answer.sweep(testbed);

        assertThat(answer.actions(kept)).startsWith("abandoned");
        assertThat(testbed.version(kept, "AWSPENDING")
                        .filter(pending -> testbed.version(kept, "AWSPREVIOUS")
                                .filter(pending::equals)
                                .isPresent()))
                .isEmpty();
    }

    @Test
    void after_a_rollback_a_runs_label_does_not_stay_where_it_could_be_taken_for_an_attempt() {
        var recent = testbed.account("prod/recent", Duration.ofDays(3));
        Answer.rotate(testbed, recent);
        testbed.rolledBack(recent);

        assertThat(Answer.sweep(testbed).actions(recent)).containsExactly("abandoned");

        assertThat(testbed.version(recent, "AWSPENDING")).isEmpty();
        assertThat(Answer.sweep(testbed).actions(recent)).isEmpty();
        assertThat(testbed.currentWorks(recent)).isTrue();
    }

    private void goBack() {
        testbed.rolledBack(kept);
        assertThat(testbed.stored(kept, "AWSCURRENT", "secretId"))
                .contains(kept.first().id());
    }

    @Test
    void our_own_sign_in_is_no_use_where_atlas_refuses_the_account_as_such() {
        Answer.sweep(testbed);
        testbed.atlas.rules(rules -> rules.accessList(AccessList.REFUSES_ADDRESS));
        testbed.after(Duration.ofHours(2));
        assertThat(Answer.sweep(testbed).codes(kept)).containsExactly("IP_ACCESS_LIST");
        testbed.atlas.rules(rules -> rules.accessList(AccessList.ALLOWS));
        testbed.after(Duration.ofHours(23));

        assertThat(Answer.sweep(testbed).actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (superseded)");
    }

    @Test
    void a_used_one_that_a_revocation_has_deleted_is_not_said_to_be_in_use() {
        Answer.rotate(testbed, kept);
        testbed.after(Duration.ofHours(20));
        testbed.atlas.signIn(kept.clientId(), kept.first().value());
        testbed.after(Duration.ofHours(10));
        assertThat(Answer.status(testbed).codes(kept)).contains("OLD_SECRET_IN_USE");

        var answer = Answer.revoke(testbed, kept);

        assertThat(testbed.idsAtAtlas(kept)).doesNotContain(kept.first().id());
        assertThat(answer.codes(kept)).doesNotContain("OLD_SECRET_IN_USE");
    }
}
