package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Death;
import dev.atlasrotator.testbed.Testbed;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * People create, delete and write by hand; the sweep goes by what is, not at what was recorded.
 */
class HumanTest {
    private final Testbed testbed = new Testbed();

    private Map<String, Object> value(Testbed.ManagedSecret kept, String secret) {
        var value = new HashMap<String, Object>();
        value.put("clientId", kept.clientId());
        value.put("clientSecret", secret);
        value.put("groupId", testbed.project().id());
        return value;
    }

    // ---- somebody creates a secret in the web interface

    @Test
    void a_secret_made_in_the_web_interface_leaves_current_seven_days_and_the_report_shows_them() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        var foreign = testbed.atlas.createSecret(kept.clientId(), 2160);
        var end = testbed.time.instant().plus(Duration.ofDays(7));

        var answer = Answer.sweep(testbed);

        assertThat(answer.state(kept)).isEqualTo("foreign");
        assertThat(answer.of(kept)).containsEntry("expiresAt", end.toString());
        assertThat(answer.others(kept).getFirst()).containsEntry("secretId", foreign.id());
        assertThat(Answer.metric(testbed, "HoursToExpiry")).isEqualTo(168);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void once_it_is_gone_the_sweep_rotates_before_current_ends(boolean bySecretsManager) {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        if (bySecretsManager) {
            testbed.rotatedBySecretsManager(kept);
        }
        var foreign = testbed.atlas.createSecret(kept.clientId(), 2160);
        Answer.sweep(testbed);
        assertThat(testbed.atlas.deleteSecret(kept.clientId(), foreign.id())).isTrue();
        int days = 0;
        while (testbed.stored(kept, "AWSCURRENT", "secretId")
                .filter(kept.first().id()::equals)
                .isPresent()) {
            testbed.after(Duration.ofDays(1));
            assertThat(++days).isLessThan(7);
            Answer.sweep(testbed);
            testbed.secretsManager.runRotations();
            assertThat(testbed.currentWorks(kept)).isTrue();
        }

        // Ten days of life are left of it, and a quarter of them is the margin.
        assertThat(days).isEqualTo(5);
    }

    @Test
    void as_long_as_it_is_there_nothing_is_touched_and_the_sweep_says_why_it_cannot_rotate() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        var foreign = testbed.atlas.createSecret(kept.clientId(), 2160);
        var before = Answer.changes(testbed);
        testbed.after(Duration.ofDays(6));

        var answer = Answer.sweep(testbed);

        assertThat(answer.state(kept)).isEqualTo("expiring");
        assertThat(answer.told(kept))
                .contains(foreign.id(), "outside of any rotation", "delete it in Atlas", "EXPIRING: The secret in use");
        assertThat(Answer.metric(testbed, "HoursToExpiry")).isEqualTo(24);
        assertThat(Answer.changes(testbed)).isEqualTo(before);
    }

    // ---- somebody deletes by hand

    @Test
    void a_superseded_secret_that_was_deleted_by_hand_is_no_trouble() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(30));
        Answer.sweep(testbed);
        testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());

        var answer = Answer.sweep(testbed);

        assertThat(answer.state(kept)).isEqualTo("fresh");
        assertThat(answer.failed()).isEmpty();
    }

    @Test
    void current_deleted_by_hand_and_nothing_else_to_sign_in_with_is_broken_and_said_so() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());
        var before = Answer.changes(testbed);

        var answer = Answer.sweep(testbed);

        assertThat(answer.state(kept)).isEqualTo("lockedOut");
        assertThat(answer.told(kept)).contains("Store a clientSecret that works", kept.clientId());
        assertThat(Answer.changes(testbed)).isEqualTo(before);
    }

    @Test
    void current_deleted_by_hand_is_replaced_with_what_the_previous_value_signs_in() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(30));
        Answer.sweep(testbed);
        testbed.atlas.deleteSecret(
                kept.clientId(), testbed.stored(kept, "AWSCURRENT", "secretId").orElseThrow());
        testbed.after(Duration.ofHours(1)); // a sweep begins one rotation an hour

        var answer = Answer.sweep(testbed);

        assertThat(answer.state(kept)).isEqualTo("lockedOut");
        assertThat(answer.actions(kept)).hasSize(2);
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void current_deleted_by_hand_is_replaced_by_an_administrator_that_the_tag_lets_act() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        testbed.administered(kept);
        testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());

        var answer = Answer.sweep(testbed);

        assertThat(answer.state(kept)).isEqualTo("lockedOut");
        assertThat(answer.actions(kept)).hasSize(2);
        assertThat(testbed.currentWorks(kept)).isTrue();
        assertThat(Answer.sweep(testbed).state(kept)).isEqualTo("fresh");
    }

    // ---- somebody writes a value by hand

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_value_written_by_hand_that_does_not_work_is_replaced_whatever_id_is_beside_it(boolean ofALivingSecret) {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        var value = value(kept, "mdb_sa_sk_wrong");
        if (ofALivingSecret) {
            value.put("secretId", kept.first().id());
        }
        testbed.storedByHand(kept, value, "AWSCURRENT");
        assertThat(testbed.currentWorks(kept)).isFalse();

        var answer = Answer.sweep(testbed);

        assertThat(answer.state(kept)).isEqualTo("lockedOut");
        assertThat(answer.failed()).isEmpty();
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void a_value_written_by_hand_during_a_rotation_is_kept_and_the_rotation_is_undone() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        Death.after(testbed, "PutSecretValue", 2, () -> Answer.rotate(testbed, kept));
        var pending = testbed.stored(kept, "AWSPENDING", "secretId").orElseThrow();
        testbed.after(Duration.ofMinutes(1));
        testbed.storedByHand(kept, value(kept, kept.first().value()), "AWSCURRENT");

        testbed.after(Duration.ofHours(23));
        assertThat(Answer.sweep(testbed).actions(kept)).isEmpty();
        testbed.after(Duration.ofHours(2));
        var answer = Answer.sweep(testbed);

        assertThat(answer.actions(kept)).containsExactly("deleted " + pending + " (superseded)");
        assertThat(testbed.stored(kept, "AWSCURRENT", "clientSecret"))
                .contains(kept.first().value());
    }

    @Test
    void a_value_written_by_hand_ends_the_attempt_and_what_it_left_at_atlas_is_foreign_from_then_on() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        Death.after(testbed, "createSecret", 1, () -> Answer.rotate(testbed, kept));
        var left = testbed.idsAtAtlas(kept).getLast();
        testbed.after(Duration.ofMinutes(1));
        testbed.storedByHand(kept, value(kept, kept.first().value()), "AWSCURRENT");
        testbed.after(Duration.ofMinutes(16));

        var answer = Answer.sweep(testbed);

        assertThat(answer.state(kept)).isEqualTo("foreign");
        assertThat(answer.told(kept)).contains(left).contains("delete it in Atlas");
        assertThat(testbed.idsAtAtlas(kept)).contains(left);
    }

    // ---- somebody deletes the account

    @Test
    void an_account_that_is_gone_is_broken_and_the_others_go_on() {
        var gone = testbed.account("prod/gone", Duration.ofDays(30));
        var other = testbed.account("prod/other", Duration.ofDays(30));
        testbed.storedByHand(
                gone,
                Map.of(
                        "clientId",
                        "mdb_sa_id_ffffffffffffffffffffffff",
                        "clientSecret",
                        "mdb_sa_sk_gone",
                        "groupId",
                        testbed.project().id()),
                "AWSCURRENT");

        var answer = Answer.sweep(testbed);

        assertThat(answer.state(gone)).isEqualTo("lockedOut");
        assertThat(answer.actions(gone)).isEmpty();
        assertThat(answer.actions(other)).hasSize(2);
    }
}
