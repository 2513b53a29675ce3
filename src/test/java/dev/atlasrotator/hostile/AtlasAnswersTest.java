package dev.atlasrotator.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.fake.Fault;
import dev.atlasrotator.story.Story;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever answers in Atlas's place chooses every byte, for a while. */
class AtlasAnswersTest {
    @Test
    void whatever_atlas_answers_the_secret_in_use_works_and_all_ends_well() throws Exception {
        Seeds.each("wrong answers of Atlas's, well-formed lies among them", 3, chance -> {
            var trial = new Trial(chance, new Whims(chance, 1 + chance.nextInt(6), true), new Whims(chance, 0, false));
            trial.suffer();
            trial.recover();
            trial.isWell();
        });
    }

    /** This answer to the first create instead of Atlas's own, after its effect. */
    private static void firstCreateAnswers(Story story, int status, String body) {
        var once = new AtomicBoolean(true);
        story.faults(call -> call.operation().equals("createSecret") && once.getAndSet(false)
                ? new Fault.Answer(Fault.Moment.AFTER_EFFECT, status, Map.of(), body)
                : new Fault.None());
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 307, 400, 401, 403, 404, 413})
    void a_refusal_of_a_create_that_atlas_did_not_write_is_not_believed(int status) {
        for (String body : List.of("<html>Blocked</html>", "{}")) {
            var story = new Story();
            var kept = story.account("prod/atlas", Duration.ofDays(31));
            firstCreateAnswers(story, status, body);

            story.handle("{\"action\":\"rotate\",\"secretId\":\"prod/atlas\"}");
            for (int i = 0; i < 3; i++) {
                story.after(Duration.ofHours(26));
                story.handle("{\"action\":\"sweep\"}");
                assertThat(story.currentWorks(kept)).isTrue();
            }

            assertThat(story.idsAtAtlas(kept))
                    .as("what was made is neither lost nor taken for somebody else's")
                    .hasSize(1)
                    .doesNotContain(kept.first().id());
        }
    }

    @Test
    void a_page_that_says_404_does_not_mean_that_a_secret_is_gone() {
        var story = new Story();
        var kept = story.account("prod/atlas", Duration.ofDays(31));
        story.handle("{\"action\":\"sweep\"}");
        story.after(Duration.ofHours(26));
        story.faults(call -> call.operation().equals("deleteSecret")
                ? new Fault.Answer(Fault.Moment.BEFORE_EFFECT, 404, Map.of(), "<html>")
                : new Fault.None());

        assertThat(story.handle("{\"action\":\"sweep\"}")).doesNotContain("\"deleted ");
        assertThat(story.idsAtAtlas(kept)).hasSize(2);
    }

    @Test
    void a_secret_of_somebody_else_survives_whatever_is_between_us_and_atlas() throws Exception {
        Seeds.each("wrong answers around a foreign secret", 3, chance -> {
            var trial = new Trial(chance, new Whims(chance, 1 + chance.nextInt(6), false), new Whims(chance, 0, false));
            var foreign = trial.story.atlas.secretFromThePast(
                    trial.kept.clientId(), trial.story.time.instant().minus(Duration.ofDays(5)), 2160);
            trial.suffer();
            trial.recover();
            assertThat(trial.story.idsAtAtlas(trial.kept)).as(trial::timeline).contains(foreign.id());
        });
    }
}
