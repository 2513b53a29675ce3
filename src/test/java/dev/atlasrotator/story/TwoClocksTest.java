package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.fake.AtlasModel;
import dev.atlasrotator.fake.SecretsManagerSettings.AbandonedLabel;
import dev.atlasrotator.story.Story.ManagedSecret;
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
        Story story(AbandonedLabel label) {
            var story = new Story(settings -> {
                var clock = settings.clock();
                return settings.with(label).withClock(() -> clock.instant().plusSeconds(secretsManagerAhead));
            });
            story.atlas.skew(Duration.ofSeconds(atlasAhead));
            story.after(Duration.ofMillis(millis));
            return story;
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

    private static ManagedSecret justStored(Story story) {
        return story.account("prod/atlas", Duration.ofDays(31));
    }

    private static String current(Story story, ManagedSecret kept) {
        return story.currentAtAtlas(kept).orElseThrow();
    }

    // ---- a stored secret that was created a moment ago

    @ParameterizedTest
    @MethodSource("clocks")
    void steps_that_come_twice_give_what_they_gave_on_a_secret_that_was_stored_a_moment_ago(Clocks clocks) {
        var story = clocks.story(AbandonedLabel.GONE);
        var kept = justStored(story);
        var token = story.begin(kept);
        for (String step : STEPS) {
            story.step(step, kept, token);
            story.step(step, kept, token);
        }

        assertThat(story.secretsManager.versionUnder(kept.arn(), "AWSCURRENT")).hasValue(token);
        assertThat(current(story, kept)).isNotEqualTo(kept.first().id());
        assertThat(story.idsAtAtlas(kept)).hasSize(2);
    }

    @ParameterizedTest
    @MethodSource("clocks")
    void the_whole_rotation_that_comes_again_is_resumed(Clocks clocks) {
        var story = clocks.story(AbandonedLabel.GONE);
        var kept = justStored(story);
        var token = story.begin(kept);
        story.step("createSecret", kept, token);
        var made = story.stored(kept, "AWSPENDING", "secretId").orElseThrow();
        story.after(Duration.ofMillis(300));

        story.rotate(kept, token);

        assertThat(current(story, kept)).isEqualTo(made);
        assertThat(story.idsAtAtlas(kept)).containsExactly(kept.first().id(), made);
    }

    @ParameterizedTest
    @MethodSource("clocks")
    void a_rotation_in_one_run_that_died_before_its_promotion_is_resumed(Clocks clocks) {
        for (int seconds : new int[] {0, 30}) {
            var story = clocks.story(AbandonedLabel.GONE);
            var kept = justStored(story);
            story.after(Duration.ofSeconds(seconds));
            Death.after(story, "PutSecretValue", 2, () -> Answer.sweep(story));
            var made = story.stored(kept, "AWSPENDING", "secretId").orElseThrow();
            story.after(Duration.ofMinutes(18));

            var answer = Answer.sweep(story);

            assertThat(answer.failed()).isEmpty();
            assertThat(answer.actions(kept)).contains("resumed").doesNotContain("gaveUp");
            assertThat(current(story, kept)).isEqualTo(made);
        }
    }

    @ParameterizedTest
    @MethodSource("clocks")
    void a_value_that_was_edited_a_moment_before_is_no_newer_than_the_rotation(Clocks clocks) {
        var story = clocks.story(AbandonedLabel.STAYS);
        var kept = story.account("prod/atlas", Duration.ofDays(3));
        story.after(Duration.ofDays(1));
        story.changedByHand(kept, Map.of("note", "mine"));
        story.after(Duration.ofMillis(200));
        var token = story.begin(kept);
        story.step("createSecret", kept, token);

        story.rotate(kept, token);

        assertThat(current(story, kept)).isNotEqualTo(kept.first().id());
        assertThat(story.stored(kept, "AWSCURRENT", "note")).contains("mine");
    }

    // ---- what a person stores during a rotation stands

    @ParameterizedTest
    @MethodSource("clocks")
    void a_value_that_was_stored_after_the_rotation_began_is_not_replaced_by_it(Clocks clocks) {
        for (int seconds : new int[] {125, 600}) {
            var story = clocks.story(AbandonedLabel.STAYS);
            var kept = justStored(story);
            story.after(Duration.ofDays(1));
            var token = story.begin(kept);
            story.step("createSecret", kept, token);
            story.after(Duration.ofSeconds(seconds));
            story.changedByHand(kept, Map.of("note", "mine"));
            var version = story.secretsManager.versionUnder(kept.arn(), "AWSCURRENT");
            try {
                story.rotate(kept, token);
            } catch (RotatorException givenUp) {
                // as it should
            }

            assertThat(story.secretsManager.versionUnder(kept.arn(), "AWSCURRENT"))
                    .as("%s, %d s", clocks, seconds)
                    .isEqualTo(version);
            assertThat(story.currentWorks(kept)).isTrue();
        }
    }

    // ---- what is old enough

    @ParameterizedTest
    @ValueSource(ints = {-60, -30, 0, 30, 60})
    void a_superseded_secret_lives_through_its_overlap_by_either_clock(int ahead) {
        var story = new Clocks(ahead, 0, 500).story(AbandonedLabel.GONE);
        var kept = justStored(story);
        Answer.sweep(story);
        var end = story.time.instant().plus(Duration.ofHours(24));
        story.after(Duration.between(story.time.instant(), end.minusSeconds(5)));
        Answer.sweep(story);
        assertThat(story.idsAtAtlas(kept)).contains(kept.first().id());
        assertThat(Answer.rotate(story, kept).failure(kept)).startsWith("Refused");
        assertThat(story.idsAtAtlas(kept)).contains(kept.first().id());

        story.after(Duration.ofMinutes(3));
        assertThat(Answer.sweep(story).actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (superseded)");
    }

    @ParameterizedTest
    @ValueSource(ints = {-60, -30, 0, 30, 60})
    void a_use_later_than_an_hour_after_the_promotion_keeps_it_by_either_clock(int ahead) {
        var story = new Clocks(ahead, 0, 0).story(AbandonedLabel.GONE);
        var kept = justStored(story);
        Answer.sweep(story);
        story.after(Duration.ofHours(1).plusSeconds(5));
        story.atlas.signIn(kept.clientId(), kept.first().value());
        story.after(Duration.ofHours(25));

        var answer = Answer.sweep(story);

        assertThat(answer.actions(kept)).isEmpty();
        assertThat(answer.advice(kept)).contains("still used");
    }

    @ParameterizedTest
    @ValueSource(ints = {-60, -30, 0, 30, 60})
    void a_run_is_taken_for_over_only_after_fifteen_minutes_by_either_clock(int ahead) {
        var story = new Clocks(ahead, 0, 500).story(AbandonedLabel.GONE);
        var kept = justStored(story);
        story.after(Duration.ofHours(1));
        var began = story.time.instant();
        Death.after(story, "PutSecretValue", 2, () -> Answer.rotate(story, kept));
        var attempt = story.attempt(kept);
        story.after(Duration.between(story.time.instant(), began.plusSeconds(15 * 60 - 5)));

        assertThat(Answer.sweep(story).actions(kept)).isEmpty();
        assertThat(Answer.rotate(story, kept).failure(kept)).startsWith("Conflict");
        assertThat(story.attempt(kept)).isEqualTo(attempt);

        story.after(Duration.ofMinutes(3));
        assertThat(Answer.sweep(story).actions(kept)).contains("resumed");
    }

    @ParameterizedTest
    @ValueSource(ints = {-60, -30, 0, 30, 60})
    void an_orphan_is_known_by_either_clock_and_goes_when_no_run_can_be_at_it(int ahead) {
        var story = new Clocks(ahead, 0, 999).story(AbandonedLabel.GONE);
        var kept = justStored(story);
        Death.after(story, "createSecret", 1, () -> Answer.rotate(story, kept));
        var orphan = story.idsAtAtlas(kept).getLast();
        assertThat(orphan).isNotEqualTo(kept.first().id());
        story.after(Duration.ofMinutes(14));
        Answer.sweep(story);
        assertThat(story.idsAtAtlas(kept)).contains(orphan);

        story.after(Duration.ofMinutes(4));
        Answer.sweep(story);

        assertThat(story.idsAtAtlas(kept)).doesNotContain(orphan);
        assertThat(story.currentWorks(kept)).isTrue();
    }

    @Test
    void an_orphan_is_known_though_atlas_takes_a_minute_to_answer() {
        var story = new Clocks(60, 0, 0).story(AbandonedLabel.GONE);
        var kept = justStored(story);
        Death.after(story, "createSecret", 1, () -> Answer.rotate(story, kept));
        var orphan = story.idsAtAtlas(kept).getLast();
        story.after(Duration.ofMinutes(20));
        story.beforeAtlas(atlas -> request -> {
            story.after(Duration.ofSeconds(70));
            return atlas.exchange(request);
        });

        var answer = Answer.sweep(story);

        assertThat(answer.actions(kept)).contains("deleted " + orphan + " (orphan)");
    }

    @Test
    void the_hour_of_a_revocation_is_by_the_one_clock_that_tells_both_its_times() {
        for (int ahead : new int[] {-60, 60}) {
            var story = new Clocks(0, ahead, 0).story(AbandonedLabel.GONE);
            var kept = justStored(story);
            Answer.revoke(story, kept);
            var second = current(story, kept);
            story.after(Duration.ofMinutes(59));
            Answer.revoke(story, kept);
            assertThat(current(story, kept)).isEqualTo(second);
            story.after(Duration.ofMinutes(2));
            Answer.revoke(story, kept);
            assertThat(current(story, kept)).isNotEqualTo(second);
        }
    }

    // ---- a value without ids, stored a moment ago

    @ParameterizedTest
    @MethodSource("clocks")
    void a_new_stored_secret_without_ids_is_rotated_at_once_and_its_steps_may_come_twice(Clocks clocks) {
        var story = clocks.story(AbandonedLabel.GONE);
        var kept = story.account("prod/atlas", Duration.ofDays(31), AtlasModel.PROJECT_OWNER, false);
        var token = story.begin(kept);
        for (String step : STEPS) {
            story.step(step, kept, token);
            story.step(step, kept, token);
        }

        assertThat(current(story, kept)).isNotEqualTo(kept.first().id());
        assertThat(story.idsAtAtlas(kept)).hasSize(2);
    }
}
