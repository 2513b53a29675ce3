package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A whole rotation makes at most 7 calls to Secrets Manager and at most 5 to Atlas; an admin
 * credential costs one read of its own stored secret while it is not kept, and two calls to see
 * that the value signs in.
 */
class CallBudgetTest {
    private static final Duration MONTH = Duration.ofDays(30);
    private final Testbed testbed = new Testbed();

    private record Cost(long secretsManager, long atlas) {}

    private Cost ofSteps(ManagedSecret kept) {
        var token = testbed.begin(kept);
        int mark = testbed.calls.size();
        testbed.rotate(kept, token);
        return since(mark, kept);
    }

    private Cost ofRun(ManagedSecret kept) {
        int mark = testbed.calls.size();
        assertThat(Testbed.failed(testbed.answer("{\"action\":\"rotate\",\"secretId\":\"" + kept.name() + "\"}")))
                .isEmpty();
        return since(mark, kept);
    }

    private Cost since(int mark, ManagedSecret kept) {
        assertThat(testbed.currentWorks(kept)).isTrue();
        return new Cost(
                testbed.callsSince(mark, Call.Service.SECRETS_MANAGER), testbed.callsSince(mark, Call.Service.ATLAS));
    }

    @Test
    void a_project_account_by_itself_costs_seven_and_five() {
        var kept = testbed.account("prod/atlas", MONTH);
        assertThat(ofSteps(kept)).isEqualTo(new Cost(7, 5));
    }

    @Test
    void an_organization_account_by_itself_costs_seven_and_five() {
        var kept = testbed.organizationAccount("prod/atlas", MONTH);
        assertThat(ofSteps(kept)).isEqualTo(new Cost(7, 5));
    }

    @Test
    void an_account_whose_id_is_not_recorded_costs_no_more() {
        var kept = testbed.account("prod/atlas", MONTH, AtlasModel.PROJECT_OWNER, false);
        assertThat(ofSteps(kept)).isEqualTo(new Cost(7, 5));
    }

    @Test
    void each_step_makes_the_calls_that_it_says_and_in_this_order() {
        var kept = testbed.account("prod/atlas", MONTH);
        var token = testbed.begin(kept);
        int mark = testbed.calls.size();

        testbed.rotate(kept, token);

        assertThat(testbed.operationsSince(mark))
                .containsExactly(
                        "DescribeSecret",
                        "GetSecretValue",
                        "GetSecretValue",
                        "mintToken",
                        "readAccount",
                        "createSecret",
                        "PutSecretValue",
                        "GetSecretValue",
                        "mintToken",
                        "revokeToken",
                        "DescribeSecret",
                        "UpdateSecretVersionStage");
    }

    @Test
    void each_step_in_a_process_of_its_own_costs_no_more() {
        var kept = testbed.account("prod/atlas", MONTH);
        var token = testbed.begin(kept);
        int mark = testbed.calls.size();
        for (String step : List.of("createSecret", "setSecret", "testSecret", "finishSecret")) {
            testbed.restart();
            testbed.step(step, kept, token);
        }
        assertThat(since(mark, kept)).isEqualTo(new Cost(7, 5));
    }

    @Test
    void an_admin_by_tag_costs_one_read_of_its_own_secret_and_nothing_more_at_Atlas() {
        testbed.setting("ADMIN_SECRET_ID", "admin/atlas");
        testbed.adminAccount("admin/atlas");
        var one = testbed.readOnlyAccount("one", MONTH);
        var other = testbed.readOnlyAccount("other", MONTH);

        assertThat(ofSteps(one)).isEqualTo(new Cost(8, 5));
        // The credential and its token are kept: the next one is cheaper.
        assertThat(ofSteps(other)).isEqualTo(new Cost(7, 4));
    }

    @Test
    void an_admin_by_sign_in_costs_two_calls_more_at_Atlas() {
        testbed.setting("ADMIN_SECRET_ID", "admin/atlas");
        testbed.adminAccount("admin/atlas");
        var one = testbed.account("one", MONTH, AtlasModel.PROJECT_READ_ONLY, true);
        var other = testbed.account("other", MONTH, AtlasModel.PROJECT_READ_ONLY, true);

        assertThat(ofSteps(one)).isEqualTo(new Cost(8, 7));
        assertThat(ofSteps(other)).isEqualTo(new Cost(7, 6));
    }

    @Test
    void an_API_key_mints_no_token_and_answers_one_challenge() {
        testbed.adminByKey();

        assertThat(ofSteps(testbed.readOnlyAccount("one", MONTH))).satisfies(cost -> {
            assertThat(cost.secretsManager()).isEqualTo(8);
            assertThat(cost.atlas()).isLessThanOrEqualTo(7);
        });
    }

    @Test
    void an_old_secret_that_nobody_has_taken_away_costs_one_read_of_previous_and_a_delete() {
        var kept = testbed.account("prod/atlas", MONTH);
        testbed.rotate(kept, testbed.begin(kept));
        testbed.after(Duration.ofDays(2));

        assertThat(ofSteps(kept)).isEqualTo(new Cost(8, 6));
    }

    @Test
    void after_the_sweep_has_taken_it_away_it_costs_seven_and_five_again() {
        var kept = testbed.account("prod/atlas", MONTH);
        testbed.rotate(kept, testbed.begin(kept));
        testbed.after(Duration.ofDays(2));
        testbed.answer("{\"action\":\"sweep\"}");
        testbed.restart();

        assertThat(ofSteps(kept)).isEqualTo(new Cost(7, 5));
    }

    @Test
    void a_run_of_its_own_costs_two_calls_to_register_and_saves_what_the_steps_ask_twice() {
        assertThat(ofRun(testbed.account("prod/atlas", MONTH))).isEqualTo(new Cost(7, 5));
    }
}
