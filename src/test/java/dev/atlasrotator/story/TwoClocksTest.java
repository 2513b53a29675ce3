package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings.AbandonedLabel;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Death;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Atlas's times are whole seconds by its clock, Secrets Manager's are by its own, and the two may
 * be a minute apart. That never makes a run delete, give up or replace what it would have left.
 */
class TwoClocksTest {
    private static final List<String> STEPS = List.of("createSecret", "setSecret", "testSecret", "finishSecret");

    /**
     * How far each service's clock is ahead of the function's, and where in its second it begins.
     */
    record Clocks(int atlasAhead, int secretsManagerAhead, int millis) {
        Testbed testbed(AbandonedLabel label) {
            var testbed = new Testbed(settings -> {
                var clock = settings.clock();
                return settings.with(label).withClock(() -> clock.instant().plusSeconds(secretsManagerAhead));
            });
            testbed.atlas.skew(Duration.ofSeconds(atlasAhead));
            testbed.after(Duration.ofMillis(millis));
            return testbed;
        }
    }

    static List<Clocks> clocks() {
        var all = new ArrayList<Clocks>();
        for (int millis : new int[] {0, 500, 999}) {
            for (int atlas : new int[] {-60, -30, -1, 0, 1, 30, 60}) {
                all.add(new Clocks(atlas, 0, millis));
            }
            for (int secretsManager : new int[] {-60, 60}) {
                all.add(new Clocks(0, secretsManager, millis));
            }
        }
        return all;
    }

    private static ManagedSecret justStored(Testbed testbed) {
        return testbed.account("prod/atlas", Duration.ofDays(31));
    }

    // ---- a stored secret that was created a moment ago

    @ParameterizedTest
    @MethodSource("clocks")
    void steps_that_come_twice_give_what_they_gave_on_a_secret_that_was_stored_a_moment_ago(Clocks clocks) {
        var testbed = clocks.testbed(AbandonedLabel.GONE);
        var kept = justStored(testbed);
        var token = testbed.begin(kept);
        for (String step : STEPS) {
            testbed.step(step, kept, token);
            testbed.step(step, kept, token);
        }

        assertThat(testbed.version(kept, "AWSCURRENT")).hasValue(token);
        assertThat(testbed.current(kept)).isNotEqualTo(kept.first().id());
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2).contains(kept.first().id());
    }

    @ParameterizedTest
    @MethodSource("clocks")
    void the_whole_rotation_that_comes_again_is_resumed(Clocks clocks) {
        var testbed = clocks.testbed(AbandonedLabel.GONE);
        var kept = justStored(testbed);
        var token = testbed.begin(kept);
        testbed.step("createSecret", kept, token);
        var made = testbed.stored(kept, "AWSPENDING", "secretId").orElseThrow();
        testbed.after(Duration.ofMillis(300));

        testbed.rotate(kept, token);

        assertThat(testbed.current(kept)).isEqualTo(made);
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id(), made);
    }

    @ParameterizedTest
    @MethodSource("clocks")
    void a_rotation_in_one_run_that_died_before_its_promotion_is_resumed(Clocks clocks) {
        for (int seconds : new int[] {0, 30}) {
            var testbed = clocks.testbed(AbandonedLabel.GONE);
            var kept = justStored(testbed);
            testbed.after(Duration.ofSeconds(seconds));
            Death.after(testbed, "PutSecretValue", 2, () -> Answer.sweep(testbed));
            var made = testbed.stored(kept, "AWSPENDING", "secretId").orElseThrow();
            testbed.after(Duration.ofMinutes(18));

            var answer = Answer.sweep(testbed);

            assertThat(answer.failed()).isEmpty();
            assertThat(answer.actions(kept)).contains("resumed").doesNotContain("abandoned");
            assertThat(testbed.current(kept)).isEqualTo(made);
        }
    }

    @ParameterizedTest
    @MethodSource("clocks")
    void a_value_that_was_edited_a_moment_before_is_no_newer_than_the_rotation(Clocks clocks) {
        var testbed = clocks.testbed(AbandonedLabel.STAYS);
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        testbed.after(Duration.ofDays(1));
        testbed.changedByHand(kept, Map.of("note", "mine"));
        testbed.after(Duration.ofMillis(200));
        var token = testbed.begin(kept);
        testbed.step("createSecret", kept, token);

        testbed.rotate(kept, token);

        assertThat(testbed.current(kept)).isNotEqualTo(kept.first().id());
        assertThat(testbed.stored(kept, "AWSCURRENT", "note")).contains("mine");
    }

    // ---- what a person stores during a rotation is kept

    @ParameterizedTest
    @MethodSource("clocks")
    void a_value_that_was_stored_after_the_rotation_began_is_not_replaced_by_it(Clocks clocks) {
        for (int seconds : new int[] {125, 600}) {
            var testbed = clocks.testbed(AbandonedLabel.STAYS);
            var kept = justStored(testbed);
            testbed.after(Duration.ofDays(1));
            var token = testbed.begin(kept);
            testbed.step("createSecret", kept, token);
            testbed.after(Duration.ofSeconds(seconds));
            testbed.changedByHand(kept, Map.of("note", "mine"));
            var version = testbed.version(kept, "AWSCURRENT");
            try {
                testbed.rotate(kept, token);
            } catch (RotatorException givenUp) {
                // as it should
            }

            assertThat(testbed.version(kept, "AWSCURRENT"))
                    .as("%s, %d s", clocks, seconds)
                    .isEqualTo(version);
            assertThat(testbed.currentWorks(kept)).isTrue();
        }
    }

    // ---- what is old enough

    @ParameterizedTest
    @ValueSource(ints = {-60, -30, 0, 30, 60})
    void a_superseded_secret_lives_through_its_overlap_by_either_clock(int ahead) {
        var testbed = new Clocks(ahead, 0, 500).testbed(AbandonedLabel.GONE);
        var kept = justStored(testbed);
        Answer.sweep(testbed);
        var end = testbed.time.instant().plus(Duration.ofHours(24));
        testbed.after(Duration.between(testbed.time.instant(), end.minusSeconds(5)));
        Answer.sweep(testbed);
        assertThat(testbed.idsAtAtlas(kept)).contains(kept.first().id());
        assertThat(Answer.rotate(testbed, kept).failure(kept)).startsWith("SECRET_WITHIN_OVERLAP: ");
        assertThat(testbed.idsAtAtlas(kept)).contains(kept.first().id());

        testbed.after(Duration.ofMinutes(3));
        assertThat(Answer.sweep(testbed).actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (superseded)");
    }

    @ParameterizedTest
    @ValueSource(ints = {-60, -30, 0, 30, 60})
    void a_use_later_than_an_hour_after_the_promotion_keeps_it_by_either_clock(int ahead) {
        var testbed = new Clocks(ahead, 0, 0).testbed(AbandonedLabel.GONE);
        var kept = justStored(testbed);
        Answer.sweep(testbed);
        testbed.after(Duration.ofHours(1).plusSeconds(5));
        testbed.atlas.signIn(kept.clientId(), kept.first().value());
        testbed.after(Duration.ofHours(25));

        var answer = Answer.sweep(testbed);

        assertThat(answer.actions(kept)).isEmpty();
        assertThat(answer.told(kept)).contains("still used");
    }

    @ParameterizedTest
    @ValueSource(ints = {-60, -30, 0, 30, 60})
    void a_run_is_taken_for_over_only_after_fifteen_minutes_by_either_clock(int ahead) {
        var testbed = new Clocks(ahead, 0, 500).testbed(AbandonedLabel.GONE);
        var kept = justStored(testbed);
        testbed.after(Duration.ofHours(1));
        var began = testbed.time.instant();
        Death.after(testbed, "PutSecretValue", 2, () -> Answer.rotate(testbed, kept));
        var attempt = testbed.attempt(kept);
        testbed.after(Duration.between(testbed.time.instant(), began.plusSeconds(15 * 60 - 5)));

        assertThat(Answer.sweep(testbed).actions(kept)).isEmpty();
        assertThat(Answer.rotate(testbed, kept).failure(kept)).startsWith("ROTATION_IN_PROGRESS: ");
        assertThat(testbed.attempt(kept)).isEqualTo(attempt);

        testbed.after(Duration.ofMinutes(3));
        assertThat(Answer.sweep(testbed).actions(kept)).contains("resumed");
    }

    @ParameterizedTest
    @ValueSource(ints = {-60, -30, 0, 30, 60})
    void an_orphan_is_known_by_either_clock_and_goes_when_no_run_can_be_at_it(int ahead) {
        var testbed = new Clocks(ahead, 0, 999).testbed(AbandonedLabel.GONE);
        var kept = justStored(testbed);
        Death.after(testbed, "createSecret", 1, () -> Answer.rotate(testbed, kept));
        var orphan = testbed.idsAtAtlas(kept).getLast();
        assertThat(orphan).isNotEqualTo(kept.first().id());
        testbed.after(Duration.ofMinutes(14));
        Answer.sweep(testbed);
        assertThat(testbed.idsAtAtlas(kept)).contains(orphan);

        testbed.after(Duration.ofMinutes(4));
        Answer.sweep(testbed);

        assertThat(testbed.idsAtAtlas(kept)).doesNotContain(orphan);
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void an_orphan_is_known_though_atlas_takes_a_minute_to_answer() {
        var testbed = new Clocks(60, 0, 0).testbed(AbandonedLabel.GONE);
        var kept = justStored(testbed);
        Death.after(testbed, "createSecret", 1, () -> Answer.rotate(testbed, kept));
        var orphan = testbed.idsAtAtlas(kept).getLast();
        testbed.after(Duration.ofMinutes(20));
        testbed.beforeAtlas(atlas -> request -> {
            testbed.after(Duration.ofSeconds(70));
            return atlas.exchange(request);
        });

        var answer = Answer.sweep(testbed);

        assertThat(answer.actions(kept)).contains("deleted " + orphan + " (orphan)");
    }

    @Test
    void the_hour_of_a_revocation_is_by_the_one_clock_that_tells_both_its_times() {
        for (int ahead : new int[] {-60, 60}) {
            var testbed = new Clocks(0, ahead, 0).testbed(AbandonedLabel.GONE);
            var kept = justStored(testbed);
            Answer.revoke(testbed, kept);
            var second = testbed.current(kept);
            testbed.after(Duration.ofMinutes(59));
            Answer.revoke(testbed, kept);
            assertThat(testbed.current(kept)).isEqualTo(second);
            testbed.after(Duration.ofMinutes(2));
            Answer.revoke(testbed, kept);
            assertThat(testbed.current(kept)).isNotEqualTo(second);
        }
    }

    // ---- a value without ids, stored a moment ago

    @ParameterizedTest
    @MethodSource("clocks")
    void a_new_stored_secret_without_ids_is_rotated_at_once_and_its_steps_may_come_twice(Clocks clocks) {
        var testbed = clocks.testbed(AbandonedLabel.GONE);
        var kept = testbed.account("prod/atlas", Duration.ofDays(31), AtlasModel.PROJECT_OWNER, false);
        var token = testbed.begin(kept);
        for (String step : STEPS) {
            testbed.step(step, kept, token);
            testbed.step(step, kept, token);
        }

        assertThat(testbed.current(kept)).isNotEqualTo(kept.first().id());
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2);
    }
}
