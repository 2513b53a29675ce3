package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Fault.Moment;
import dev.atlasrotator.simulator.Faults;
import dev.atlasrotator.simulator.atlas.AtlasEvent.What;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.secretsmanager.RotationOutcome;
import dev.atlasrotator.testbed.Breaking;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The four steps as Secrets Manager calls them: again, late, for somebody else's secret. */
class StepsTest {
    private static final Duration MONTH = Duration.ofDays(30);
    private static final List<String> STEPS = List.of("createSecret", "setSecret", "testSecret", "finishSecret");
    private static final String OTHER_FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:another";

    private final Testbed testbed = new Testbed();
    private final ManagedSecret kept = testbed.account("prod/atlas", MONTH);

    private static Fault invalidClient() {
        return new Fault.Answer(Moment.BEFORE_EFFECT, 401, Map.of(), "{\"error\":\"invalid_client\"}");
    }

    // ---- again and again

    @ParameterizedTest
    @ValueSource(strings = {"createSecret", "setSecret", "testSecret", "finishSecret"})
    void a_step_that_comes_again_after_the_end_succeeds_and_does_nothing(String step) {
        var token = testbed.begin(kept);
        testbed.rotate(kept, token);
        var atAtlas = testbed.atAtlas(kept);
        var stages = testbed.secretsManager.stages(kept.arn());
        int mark = testbed.calls.size();

        assertThat(testbed.step(step, kept, token)).isEqualTo("null");

        assertThat(testbed.atAtlas(kept)).isEqualTo(atAtlas);
        assertThat(testbed.secretsManager.stages(kept.arn())).isEqualTo(stages);
        assertThat(testbed.operationsSince(mark)).isSubsetOf("DescribeSecret", "GetSecretValue");
    }

    @Test
    void setSecret_asks_nobody_anything() {
        var token = testbed.begin(kept);
        int mark = testbed.calls.size();

        testbed.step("setSecret", kept, token);

        assertThat(testbed.operationsSince(mark)).isEmpty();
    }

    // ---- Secrets Manager itself drives it

    @Test
    void RotateImmediately_false_tests_what_is_current_and_leaves_everything_as_it_was() {
        var current = testbed.version(kept, "AWSCURRENT");

        assertThat(testbed.testedBySecretsManager(kept)).isEqualTo(RotationOutcome.End.TEST_SUCCEEDED);
        assertThat(testbed.version(kept, "AWSCURRENT")).isEqualTo(current);
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id());
    }

    @Test
    void RotateImmediately_false_abandons_nothing_even_if_what_is_current_does_not_work() {
        testbed.changedByHand(kept, Map.of("clientSecret", "mdb_sa_sk_typing_error"));
        var stages = testbed.secretsManager.stages(kept.arn());

        assertThat(testbed.testedBySecretsManager(kept)).isEqualTo(RotationOutcome.End.TEST_FAILED);
        assertThat(testbed.secretsManager.stages(kept.arn())).isEqualTo(stages);
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id());
        assertThat(String.join("\n", testbed.lines)).doesNotContain("abandoned");
    }

    @Test
    void the_RotationToken_goes_back_with_the_put_and_is_never_printed() {
        var token = testbed.begin(kept);

        testbed.rotate(kept, token);

        assertThat(testbed.secretsManager.rotationTokenOf(token)).hasValue(Testbed.ROTATION_TOKEN);
        assertThat(String.join("\n", testbed.lines)).doesNotContain(Testbed.ROTATION_TOKEN);
    }

    // ---- testSecret

    @Test
    void the_test_leaves_no_token_behind() {
        var token = testbed.begin(kept);
        testbed.step("createSecret", kept, token);
        int minted = testbed.happened(kept, What.TOKEN_MINTED).size();

        testbed.step("testSecret", kept, token);

        assertThat(testbed.happened(kept, What.TOKEN_MINTED)).hasSize(minted + 1);
        assertThat(testbed.happened(kept, What.TOKEN_REVOKED)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void a_new_secret_that_is_not_accepted_at_first_is_tried_again(int rejections) {
        var token = testbed.begin(kept);
        testbed.step("createSecret", kept, token);
        int[] left = {rejections};
        testbed.faults(
                call -> call.operation().equals("mintToken") && left[0]-- > 0 ? invalidClient() : new Fault.None());

        testbed.step("testSecret", kept, token);
        testbed.step("finishSecret", kept, token);

        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void a_value_that_is_not_accepted_yet_fails_and_is_kept_for_another_try() {
        var token = testbed.begin(kept);
        testbed.step("createSecret", kept, token);
        testbed.faults(Breaking.every("mintToken", call -> invalidClient()));

        assertThat(testbed.failure("testSecret", kept, token))
                .isInstanceOf(RotatorException.Credential.class)
                .hasMessageContainingAll("prod/atlas", "AWSCURRENT is as it was", "Try again");
        assertThat(testbed.attempt(kept)).hasValue(token);

        testbed.faults(Faults.none());
        testbed.rotate(kept, token);
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void a_value_that_can_never_work_is_given_up() {
        var token = testbed.begin(kept);
        testbed.step("createSecret", kept, token);
        var pending = testbed.stored(kept, "AWSPENDING", "secretId").orElseThrow();
        testbed.atlas.deleteSecret(kept.clientId(), pending);

        assertThat(testbed.failure("testSecret", kept, token))
                .isInstanceOf(RotatorException.Credential.class)
                .hasMessageContainingAll("was abandoned", pending);
        assertThat(testbed.attempt(kept)).isEmpty();
        testbed.rotate(kept, testbed.begin(kept));
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void a_value_that_its_living_secret_does_not_accept_is_abandoned_once_that_is_sure() {
        var token = testbed.begin(kept);
        testbed.step("createSecret", kept, token);
        testbed.after(Duration.ofMinutes(15));
        // Only the new value is refused; what is current authenticates.
        int[] left = {4};
        testbed.faults(
                call -> call.operation().equals("mintToken") && left[0]-- > 0 ? invalidClient() : new Fault.None());

        assertThat(testbed.failure("testSecret", kept, token))
                .hasMessageContainingAll("was abandoned", "does not accept the value that is stored for it");
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id());
        assertThat(testbed.attempt(kept)).isEmpty();
    }

    @Test
    void an_address_that_is_not_on_the_access_list_says_nothing_against_the_secret() {
        var token = testbed.begin(kept);
        testbed.step("createSecret", kept, token);
        testbed.atlas.rules(
                rules -> rules.accessList(dev.atlasrotator.simulator.atlas.AtlasRules.AccessList.REFUSES_ADDRESS));

        testbed.step("testSecret", kept, token);
        testbed.step("finishSecret", kept, token);

        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void a_test_before_the_create_fails_and_changes_nothing() {
        var token = testbed.begin(kept);

        assertThat(testbed.failure("testSecret", kept, token))
                .isInstanceOf(RotatorException.Conflict.class)
                .hasMessageContaining("createSecret comes first");
        assertThat(testbed.attempt(kept)).hasValue(token);
    }

    // ---- finishSecret

    @Test
    void a_person_who_moves_AWSCURRENT_during_the_finish_keeps_it() {
        var token = testbed.begin(kept);
        testbed.step("createSecret", kept, token);
        testbed.step("testSecret", kept, token);
        testbed.faults(Breaking.once(1, "UpdateSecretVersionStage", call -> {
            testbed.faults(Faults.none());
            testbed.changedByHand(kept, Map.of("note", "mine"));
            return new Fault.None();
        }));

        assertThat(testbed.failure("finishSecret", kept, token))
                .isInstanceOf(RotatorException.Conflict.class)
                .hasMessageContaining("moved by somebody else");
        assertThat(testbed.stored(kept, "AWSCURRENT", "note")).hasValue("mine");
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void a_finish_before_anything_was_stored_moves_nothing() {
        var token = testbed.begin(kept);

        testbed.failure("finishSecret", kept, token);

        assertThat(testbed.stored(kept, "AWSCURRENT", "secretId"))
                .hasValue(kept.first().id());
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    // ---- whose secret it is

    /** Why it is not this function's to rotate, and what is said of it. */
    enum OwnedElsewhere {
        SWITCHED_OFF("switched off"),
        ANOTHER_FUNCTION(OTHER_FUNCTION),
        MANAGED_BY_AWS("AWS itself rotates it"),
        OF_A_SERVICE("rds"),
        REPLICA("replica");

        final String because;

        OwnedElsewhere(String because) {
            this.because = because;
        }

        void set(Testbed testbed, ManagedSecret kept) {
            switch (this) {
                case SWITCHED_OFF -> testbed.call("CancelRotateSecret", kept, Map.of());
                case ANOTHER_FUNCTION -> testbed.secretsManager.configureRotation(kept.arn(), OTHER_FUNCTION);
                case MANAGED_BY_AWS -> testbed.secretsManager.markType(kept.arn(), "MongoDBAtlasServiceAccount");
                case OF_A_SERVICE -> testbed.secretsManager.markOwnedBy(kept.arn(), "rds");
                case REPLICA -> testbed.secretsManager.markPrimaryRegion(kept.arn(), "us-east-1");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_secret_that_is_not_this_functions_to_rotate_is_refused(OwnedElsewhere owned) {
        var token = testbed.begin(kept);
        owned.set(testbed, kept);
        var atAtlas = testbed.atAtlas(kept);
        var stages = testbed.secretsManager.stages(kept.arn());

        for (String step : List.of("createSecret", "finishSecret")) {
            int mark = testbed.calls.size();
            assertThat(testbed.failure(step, kept, token))
                    .isInstanceOf(RotatorException.Refused.class)
                    .hasMessageContainingAll("prod/atlas", owned.because, "Nothing was changed");
            assertThat(testbed.callsSince(mark, Call.Service.ATLAS)).isZero();
        }
        assertThat(testbed.atAtlas(kept)).isEqualTo(atAtlas);
        assertThat(testbed.secretsManager.stages(kept.arn())).isEqualTo(stages);
    }

    @Test
    void a_token_that_Secrets_Manager_never_registered_is_refused() {
        testbed.secretsManager.configureRotation(kept.arn(), Testbed.FUNCTION);
        var unknown = testbed.newVersion().value();

        assertThat(testbed.failure("createSecret", kept, unknown))
                .isInstanceOf(RotatorException.Conflict.class)
                .hasMessageContainingAll(unknown, "does not exist", "RotateSecret");
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id());
    }

    @Test
    void a_token_that_no_longer_bears_AWSPENDING_is_refused() {
        var token = testbed.begin(kept);
        testbed.step("createSecret", kept, token);
        testbed.call(
                "UpdateSecretVersionStage", kept, Map.of("VersionStage", "AWSPENDING", "RemoveFromVersionId", token));

        for (String step : List.of("createSecret", "testSecret", "finishSecret")) {
            assertThat(testbed.failure(step, kept, token))
                    .isInstanceOf(RotatorException.Conflict.class)
                    .hasMessageContaining("AWSPENDING is not on it");
        }
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void a_secret_that_is_not_there_is_named() {
        var gone = new ManagedSecret(kept.arn().replace("prod/atlas", "gone"), "gone", "", kept.first());

        assertThat(Testbed.failureOf(() ->
                        testbed.step("createSecret", gone, testbed.newVersion().value())))
                .isInstanceOf(RotatorException.Configuration.class)
                .hasMessageContaining("gone");
    }

    // ---- eventual consistency

    /** Each kind of read shows, the first time it is asked, what was there two hours ago. */
    private Faults staleOnce(Duration age) {
        Set<String> asked = new HashSet<>();
        return call -> call.service() == Call.Service.SECRETS_MANAGER
                        && Set.of("DescribeSecret", "GetSecretValue").contains(call.operation())
                        && asked.add(call.operation())
                ? new Fault.Stale(age)
                : new Fault.None();
    }

    @ParameterizedTest
    @ValueSource(strings = {"createSecret", "testSecret", "finishSecret"})
    void a_read_that_lags_behind_is_met_with_another_read(String step) {
        testbed.after(Duration.ofHours(1));
        var token = testbed.begin(kept);
        for (String one : STEPS) {
            // The registration, and then the value, are a second old: the lag hides them.
            testbed.after(Duration.ofSeconds(1));
            testbed.faults(one.equals(step) ? staleOnce(Duration.ofSeconds(3)) : Faults.none());
            testbed.step(one, kept, token);
        }

        assertThat(testbed.version(kept, "AWSCURRENT")).hasValue(token);
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2).contains(kept.first().id());
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void reads_that_lag_behind_for_a_second_and_a_half_do_no_harm() {
        testbed.after(Duration.ofHours(1));
        var lag = Duration.ofMillis(1500);
        var token = testbed.begin(kept);
        testbed.faults(call -> call.service() == Call.Service.SECRETS_MANAGER
                        && (call.operation().equals("DescribeSecret")
                                || call.operation().equals("GetSecretValue"))
                ? new Fault.Stale(lag)
                : new Fault.None());

        testbed.rotate(kept, token);

        assertThat(testbed.version(kept, "AWSCURRENT")).hasValue(token);
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2).contains(kept.first().id());
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void a_finish_that_sees_an_older_AWSCURRENT_moves_nothing_wrongly() {
        testbed.rotate(kept, testbed.begin(kept));
        testbed.after(Duration.ofHours(25));
        var token = testbed.begin(kept);
        testbed.step("createSecret", kept, token);
        testbed.step("testSecret", kept, token);
        testbed.faults(Breaking.once(1, "DescribeSecret", call -> new Fault.Stale(Duration.ofDays(1))));

        testbed.step("finishSecret", kept, token);

        assertThat(testbed.version(kept, "AWSCURRENT")).hasValue(token);
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void an_account_that_may_only_read_passes_its_test_step() {
        var reader = testbed.account("prod/reader", MONTH, AtlasModel.PROJECT_READ_ONLY, true);

        assertThat(testbed.testedBySecretsManager(reader)).isEqualTo(RotationOutcome.End.TEST_SUCCEEDED);
    }
}
