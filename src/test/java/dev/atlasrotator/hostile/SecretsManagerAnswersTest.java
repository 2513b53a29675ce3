package dev.atlasrotator.hostile;

import org.junit.jupiter.api.Test;

/** Whoever answers in Secrets Manager's place, a proxy or a broken endpoint. */
class SecretsManagerAnswersTest {
    @Test
    void whatever_is_between_us_and_secrets_manager_all_ends_well() throws Exception {
        Seeds.each("wrong answers of Secrets Manager's", 3, chance -> {
            var trial = new Trial(
                    chance,
                    new FaultSchedule(chance, 0, false),
                    new FaultSchedule(chance, 1 + chance.nextInt(6), chance.nextBoolean()));
            trial.suffer();
            trial.recover();
            trial.isWell();
        });
    }

    @Test
    void both_services_may_answer_wrongly_at_once() throws Exception {
        Seeds.each("wrong answers of both", 3, chance -> {
            var trial = new Trial(
                    chance,
                    new FaultSchedule(chance, 3 + chance.nextInt(6), true),
                    new FaultSchedule(chance, 3 + chance.nextInt(6), true));
            trial.suffer();
            trial.recover();
            trial.isWell();
        });
    }
}
