package dev.atlasrotator.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.testbed.Testbed;
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
            var trial = new Trial(
                    chance,
                    new FaultSchedule(chance, 1 + chance.nextInt(6), true),
                    new FaultSchedule(chance, 0, false));
            trial.suffer();
            trial.recover();
            trial.isWell();
        });
    }

    /** This answer to the first create instead of Atlas's own, after its effect. */
    private static void firstCreateAnswers(Testbed testbed, int status, String body) {
        var once = new AtomicBoolean(true);
        testbed.faults(call -> call.operation().equals("createSecret") && once.getAndSet(false)
                ? new Fault.Answer(Fault.Moment.AFTER_EFFECT, status, Map.of(), body)
                : new Fault.None());
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 307, 400, 401, 403, 404, 413})
    void a_refusal_of_a_create_that_atlas_did_not_write_is_not_believed(int status) {
        for (String body : List.of("<html>Blocked</html>", "{}")) {
            var testbed = new Testbed();
            var kept = testbed.account("prod/atlas", Duration.ofDays(31));
            firstCreateAnswers(testbed, status, body);

            testbed.handle("{\"action\":\"rotate\",\"secretId\":\"prod/atlas\"}");
            for (int i = 0; i < 3; i++) {
                testbed.after(Duration.ofHours(26));
                testbed.handle("{\"action\":\"sweep\"}");
                assertThat(testbed.currentWorks(kept)).isTrue();
            }

            assertThat(testbed.idsAtAtlas(kept))
                    .as("what was made is neither lost nor taken for somebody else's")
                    .hasSize(1)
                    .doesNotContain(kept.first().id());
        }
    }

    @Test
    void a_page_that_says_404_does_not_mean_that_a_secret_is_gone() {
        var testbed = new Testbed();
        var kept = testbed.account("prod/atlas", Duration.ofDays(31));
        testbed.handle("{\"action\":\"sweep\"}");
        testbed.after(Duration.ofHours(26));
        testbed.faults(call -> call.operation().equals("deleteSecret")
                ? new Fault.Answer(Fault.Moment.BEFORE_EFFECT, 404, Map.of(), "<html>")
                : new Fault.None());

        assertThat(testbed.handle("{\"action\":\"sweep\"}")).doesNotContain("\"deleted ");
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2);
    }

    @Test
    void a_secret_of_somebody_else_survives_whatever_is_between_us_and_atlas() throws Exception {
        Seeds.each("wrong answers around a foreign secret", 3, chance -> {
            var trial = new Trial(
                    chance,
                    new FaultSchedule(chance, 1 + chance.nextInt(6), false),
                    new FaultSchedule(chance, 0, false));
            var foreign = trial.testbed.atlas.secretFromThePast(
                    trial.kept.clientId(), trial.testbed.time.instant().minus(Duration.ofDays(5)), 2160);
            trial.suffer();
            trial.recover();
            assertThat(trial.testbed.idsAtAtlas(trial.kept)).as(trial::timeline).contains(foreign.id());
        });
    }
}
