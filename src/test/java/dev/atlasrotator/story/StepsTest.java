package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.fake.AtlasEvent.What;
import dev.atlasrotator.fake.AtlasModel;
import dev.atlasrotator.fake.Call;
import dev.atlasrotator.fake.Fault;
import dev.atlasrotator.fake.Fault.Moment;
import dev.atlasrotator.fake.Faults;
import dev.atlasrotator.fake.RotationOutcome;
import dev.atlasrotator.story.Story.ManagedSecret;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The four steps as Secrets Manager calls them: again, late, for somebody else's secret. */
class StepsTest {
    private static final Duration MONTH = Duration.ofDays(30);
    private static final List<String> STEPS = List.of("createSecret", "setSecret", "testSecret", "finishSecret");
    private static final String OTHER_FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:another";

    private final Story story = new Story();
    private final ManagedSecret kept = story.account("prod/atlas", MONTH);

    private static Fault invalidClient() {
        return new Fault.Answer(Moment.BEFORE_EFFECT, 401, Map.of(), "{\"error\":\"invalid_client\"}");
    }

    // ---- again and again

    @ParameterizedTest
    @ValueSource(strings = {"createSecret", "setSecret", "testSecret", "finishSecret"})
    void a_step_that_comes_again_after_the_end_succeeds_and_does_nothing(String step) {
        var token = story.begin(kept);
        story.rotate(kept, token);
        var atAtlas = story.atAtlas(kept);
        var stages = story.secretsManager.stages(kept.arn());
        int mark = story.calls.size();

        assertThat(story.step(step, kept, token)).isEqualTo("null");

        assertThat(story.atAtlas(kept)).isEqualTo(atAtlas);
        assertThat(story.secretsManager.stages(kept.arn())).isEqualTo(stages);
        assertThat(story.operationsSince(mark)).isSubsetOf("DescribeSecret", "GetSecretValue");
    }

    @Test
    void every_step_may_come_twice() {
        var token = story.begin(kept);
        for (String step : STEPS) {
            story.step(step, kept, token);
            story.step(step, kept, token);
        }

        assertThat(story.secretsManager.versionUnder(kept.arn(), "AWSCURRENT")).hasValue(token);
        assertThat(story.idsAtAtlas(kept)).hasSize(2).contains(kept.first().id());
        assertThat(story.currentWorks(kept)).isTrue();
    }

    @Test
    void the_whole_rotation_may_come_twice_with_the_same_token() {
        var token = story.begin(kept);
        story.rotate(kept, token);
        story.rotate(kept, token);

        assertThat(story.idsAtAtlas(kept)).hasSize(2).contains(kept.first().id());
        assertThat(story.attempt(kept)).isEmpty();
    }

    @Test
    void setSecret_asks_nobody_anything() {
        var token = story.begin(kept);
        int mark = story.calls.size();

        story.step("setSecret", kept, token);

        assertThat(story.operationsSince(mark)).isEmpty();
    }

    // ---- Secrets Manager itself drives it

    @Test
    void Secrets_Manager_drives_a_rotation_from_RotateSecret_to_the_end() {
        story.rotatedBySecretsManager(kept);
        story.secretsManager.call(
                "RotateSecret",
                Map.of(
                        "SecretId",
                        kept.arn(),
                        "ClientRequestToken",
                        story.newVersion().value()));

        assertThat(story.secretsManager.runRotations())
                .extracting(RotationOutcome::end)
                .containsExactly(RotationOutcome.End.SUCCEEDED);
        assertThat(story.currentWorks(kept)).isTrue();
        assertThat(story.idsAtAtlas(kept)).hasSize(2);
    }

    @Test
    void RotateImmediately_false_tests_what_is_current_and_leaves_everything_as_it_was() {
        story.rotatedBySecretsManager(kept);
        var current = story.secretsManager.versionUnder(kept.arn(), "AWSCURRENT");
        story.secretsManager.call(
                "RotateSecret",
                Map.of(
                        "SecretId",
                        kept.arn(),
                        "ClientRequestToken",
                        story.newVersion().value(),
                        "RotateImmediately",
                        false));

        assertThat(story.secretsManager.runRotations())
                .extracting(RotationOutcome::end)
                .containsExactly(RotationOutcome.End.TEST_SUCCEEDED);
        assertThat(story.secretsManager.versionUnder(kept.arn(), "AWSCURRENT")).isEqualTo(current);
        assertThat(story.idsAtAtlas(kept)).containsExactly(kept.first().id());
    }

    @Test
    void RotateImmediately_false_gives_nothing_up_even_if_what_is_current_does_not_work() {
        story.changedByHand(kept, Map.of("clientSecret", "mdb_sa_sk_typing_error"));
        story.rotatedBySecretsManager(kept);
        var stages = story.secretsManager.stages(kept.arn());
        story.secretsManager.call(
                "RotateSecret",
                Map.of(
                        "SecretId",
                        kept.arn(),
                        "ClientRequestToken",
                        story.newVersion().value(),
                        "RotateImmediately",
                        false));

        assertThat(story.secretsManager.runRotations())
                .extracting(RotationOutcome::end)
                .containsExactly(RotationOutcome.End.TEST_FAILED);
        assertThat(story.secretsManager.stages(kept.arn())).isEqualTo(stages);
        assertThat(story.idsAtAtlas(kept)).containsExactly(kept.first().id());
        assertThat(String.join("\n", story.lines)).doesNotContain("gaveUp");
    }

    @Test
    void the_RotationToken_goes_back_with_the_put_and_is_never_printed() {
        var token = story.begin(kept);

        story.rotate(kept, token);

        assertThat(story.secretsManager.rotationTokenOf(token)).hasValue(Story.ROTATION_TOKEN);
        assertThat(String.join("\n", story.lines)).doesNotContain(Story.ROTATION_TOKEN);
    }

    // ---- testSecret

    @Test
    void the_test_leaves_no_token_behind() {
        var token = story.begin(kept);
        story.step("createSecret", kept, token);
        int minted = story.happened(kept, What.TOKEN_MINTED).size();

        story.step("testSecret", kept, token);

        assertThat(story.happened(kept, What.TOKEN_MINTED)).hasSize(minted + 1);
        assertThat(story.happened(kept, What.TOKEN_REVOKED)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void a_new_secret_that_is_not_accepted_at_first_is_tried_again(int rejections) {
        var token = story.begin(kept);
        story.step("createSecret", kept, token);
        int[] left = {rejections};
        story.faults(
                call -> call.operation().equals("mintToken") && left[0]-- > 0 ? invalidClient() : new Fault.None());

        story.step("testSecret", kept, token);
        story.step("finishSecret", kept, token);

        assertThat(story.currentWorks(kept)).isTrue();
    }

    @Test
    void a_value_that_is_not_accepted_yet_fails_and_is_kept_for_another_try() {
        var token = story.begin(kept);
        story.step("createSecret", kept, token);
        story.faults(Breaking.every("mintToken", call -> invalidClient()));

        assertThat(Story.failureOf(() -> story.step("testSecret", kept, token)))
                .isInstanceOf(RotatorException.Credential.class)
                .hasMessageContaining("prod/atlas")
                .hasMessageContaining("AWSCURRENT is as it was")
                .hasMessageContaining("Try again");
        assertThat(story.attempt(kept)).hasValue(token);

        story.faults(Faults.none());
        story.rotate(kept, token);
        assertThat(story.currentWorks(kept)).isTrue();
    }

    @Test
    void a_value_that_can_never_work_is_given_up() {
        var token = story.begin(kept);
        story.step("createSecret", kept, token);
        var pending = story.stored(kept, "AWSPENDING", "secretId").orElseThrow();
        story.atlas.deleteSecret(kept.clientId(), pending);

        assertThat(Story.failureOf(() -> story.step("testSecret", kept, token)))
                .isInstanceOf(RotatorException.Credential.class)
                .hasMessageContaining("was given up")
                .hasMessageContaining(pending);
        assertThat(story.attempt(kept)).isEmpty();
        story.rotate(kept, story.begin(kept));
        assertThat(story.currentWorks(kept)).isTrue();
    }

    @Test
    void a_value_that_its_living_secret_does_not_accept_is_given_up_once_that_is_sure() {
        var token = story.begin(kept);
        story.step("createSecret", kept, token);
        var pending = story.stored(kept, "AWSPENDING", "secretId").orElseThrow();
        story.after(Duration.ofMinutes(15));
        // Only the new value is refused; what is current signs in.
        story.faults(Breaking.once(1, "mintToken", call -> invalidClient())
                .and(
                        Breaking.once(2, "mintToken", call -> invalidClient()),
                        Breaking.once(3, "mintToken", call -> invalidClient()),
                        Breaking.once(4, "mintToken", call -> invalidClient())));

        assertThat(Story.failureOf(() -> story.step("testSecret", kept, token)))
                .hasMessageContaining("was given up")
                .hasMessageContaining("does not accept the value that is stored for it");
        assertThat(story.idsAtAtlas(kept)).containsExactly(kept.first().id()).doesNotContain(pending);
        assertThat(story.attempt(kept)).isEmpty();
    }

    @Test
    void an_address_that_is_not_on_the_access_list_says_nothing_against_the_secret() {
        var token = story.begin(kept);
        story.step("createSecret", kept, token);
        story.atlas.rules(rules -> rules.accessList(dev.atlasrotator.fake.AtlasRules.AccessList.REFUSES_ADDRESS));

        story.step("testSecret", kept, token);
        story.step("finishSecret", kept, token);

        assertThat(story.currentWorks(kept)).isTrue();
    }

    @Test
    void a_test_before_the_create_fails_and_changes_nothing() {
        var token = story.begin(kept);

        assertThat(Story.failureOf(() -> story.step("testSecret", kept, token)))
                .isInstanceOf(RotatorException.Conflict.class)
                .hasMessageContaining("createSecret comes first");
        assertThat(story.attempt(kept)).hasValue(token);
    }

    // ---- finishSecret

    @Test
    void a_finish_leaves_the_old_secret_at_Atlas() {
        var token = story.begin(kept);
        story.rotate(kept, token);

        assertThat(story.happened(kept, What.SECRET_DELETED)).isEmpty();
        assertThat(story.atlas.auth(kept.clientId(), kept.first().value())).isTrue();
    }

    @Test
    void a_person_who_moves_AWSCURRENT_during_the_finish_keeps_it() {
        var token = story.begin(kept);
        story.step("createSecret", kept, token);
        story.step("testSecret", kept, token);
        story.faults(Breaking.once(1, "UpdateSecretVersionStage", call -> {
            story.faults(Faults.none());
            story.changedByHand(kept, Map.of("note", "mine"));
            return new Fault.None();
        }));

        assertThat(Story.failureOf(() -> story.step("finishSecret", kept, token)))
                .isInstanceOf(RotatorException.Conflict.class)
                .hasMessageContaining("moved by somebody else");
        assertThat(story.stored(kept, "AWSCURRENT", "note")).hasValue("mine");
        assertThat(story.currentWorks(kept)).isTrue();
    }

    @Test
    void a_finish_before_anything_was_stored_moves_nothing() {
        var token = story.begin(kept);

        Story.failureOf(() -> story.step("finishSecret", kept, token));

        assertThat(story.stored(kept, "AWSCURRENT", "secretId"))
                .hasValue(kept.first().id());
        assertThat(story.currentWorks(kept)).isTrue();
    }

    // ---- whose secret it is

    private void assertEveryStepIsRefused(String token, String because) {
        var atAtlas = story.atAtlas(kept);
        var stages = story.secretsManager.stages(kept.arn());
        for (String step : List.of("createSecret", "finishSecret")) {
            int mark = story.calls.size();
            assertThat(Story.failureOf(() -> story.step(step, kept, token)))
                    .isInstanceOf(RotatorException.Refused.class)
                    .hasMessageContaining("prod/atlas")
                    .hasMessageContaining(because)
                    .hasMessageContaining("Nothing was changed");
            assertThat(story.callsSince(mark, Call.Service.ATLAS)).isZero();
        }
        assertThat(story.atAtlas(kept)).isEqualTo(atAtlas);
        assertThat(story.secretsManager.stages(kept.arn())).isEqualTo(stages);
    }

    @Test
    void a_rotation_that_was_switched_off_is_refused() {
        var token = story.begin(kept);
        story.secretsManager.call("CancelRotateSecret", Map.of("SecretId", kept.arn()));

        assertEveryStepIsRefused(token, "switched off");
    }

    @Test
    void another_functions_secret_is_refused() {
        var token = story.begin(kept);
        story.secretsManager.configureRotation(kept.arn(), OTHER_FUNCTION);

        assertEveryStepIsRefused(token, OTHER_FUNCTION);
    }

    @Test
    void this_function_under_an_alias_or_a_version_is_this_function() {
        var token = story.begin(kept);
        story.secretsManager.configureRotation(kept.arn(), Story.FUNCTION + ":17");

        story.rotate(kept, token);

        assertThat(story.currentWorks(kept)).isTrue();
    }

    @Test
    void a_secret_of_AWSs_managed_type_is_refused() {
        var token = story.begin(kept);
        story.secretsManager.markType(kept.arn(), "MongoDBAtlasServiceAccount");

        assertEveryStepIsRefused(token, "AWS itself rotates it");
    }

    @Test
    void a_secret_that_belongs_to_an_AWS_service_is_refused() {
        var token = story.begin(kept);
        story.secretsManager.markOwnedBy(kept.arn(), "rds");

        assertEveryStepIsRefused(token, "rds");
    }

    @Test
    void a_replica_is_refused() {
        var token = story.begin(kept);
        story.secretsManager.markPrimaryRegion(kept.arn(), "us-east-1");

        assertEveryStepIsRefused(token, "replica");
    }

    @Test
    void a_primary_with_replicas_is_rotated() {
        var token = story.begin(kept);
        story.secretsManager.markPrimaryRegion(kept.arn(), "eu-central-1");

        story.rotate(kept, token);

        assertThat(story.currentWorks(kept)).isTrue();
    }

    @Test
    void a_token_that_Secrets_Manager_never_registered_is_refused() {
        story.secretsManager.configureRotation(kept.arn(), Story.FUNCTION);
        var unknown = story.newVersion().value();

        assertThat(Story.failureOf(() -> story.step("createSecret", kept, unknown)))
                .isInstanceOf(RotatorException.Conflict.class)
                .hasMessageContaining(unknown)
                .hasMessageContaining("does not exist")
                .hasMessageContaining("RotateSecret");
        assertThat(story.idsAtAtlas(kept)).containsExactly(kept.first().id());
    }

    @Test
    void a_token_that_no_longer_bears_AWSPENDING_is_refused() {
        var token = story.begin(kept);
        story.step("createSecret", kept, token);
        story.secretsManager.call(
                "UpdateSecretVersionStage",
                Map.of("SecretId", kept.arn(), "VersionStage", "AWSPENDING", "RemoveFromVersionId", token));

        for (String step : List.of("createSecret", "testSecret", "finishSecret")) {
            assertThat(Story.failureOf(() -> story.step(step, kept, token)))
                    .isInstanceOf(RotatorException.Conflict.class)
                    .hasMessageContaining("bears no label");
        }
        assertThat(story.currentWorks(kept)).isTrue();
    }

    @Test
    void a_secret_that_is_not_there_is_named() {
        var gone = new ManagedSecret(kept.arn().replace("prod/atlas", "gone"), "gone", "", kept.first());

        assertThat(Story.failureOf(() ->
                        story.step("createSecret", gone, story.newVersion().value())))
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
        story.after(Duration.ofHours(1));
        var token = story.begin(kept);
        for (String one : STEPS) {
            // The registration, and then the value, are a second old: the lag hides them.
            story.after(Duration.ofSeconds(1));
            story.faults(one.equals(step) ? staleOnce(Duration.ofSeconds(3)) : Faults.none());
            story.step(one, kept, token);
        }

        assertThat(story.secretsManager.versionUnder(kept.arn(), "AWSCURRENT")).hasValue(token);
        assertThat(story.idsAtAtlas(kept)).hasSize(2).contains(kept.first().id());
        assertThat(story.currentWorks(kept)).isTrue();
    }

    @Test
    void reads_that_lag_behind_for_a_second_and_a_half_do_no_harm() {
        story.after(Duration.ofHours(1));
        var lag = Duration.ofMillis(1500);
        var token = story.begin(kept);
        story.faults(call -> call.service() == Call.Service.SECRETS_MANAGER
                        && (call.operation().equals("DescribeSecret")
                                || call.operation().equals("GetSecretValue"))
                ? new Fault.Stale(lag)
                : new Fault.None());

        story.rotate(kept, token);

        assertThat(story.secretsManager.versionUnder(kept.arn(), "AWSCURRENT")).hasValue(token);
        assertThat(story.idsAtAtlas(kept)).hasSize(2).contains(kept.first().id());
        assertThat(story.currentWorks(kept)).isTrue();
    }

    @Test
    void a_finish_that_sees_an_older_AWSCURRENT_moves_nothing_wrongly() {
        story.rotate(kept, story.begin(kept));
        story.after(Duration.ofHours(25));
        var token = story.begin(kept);
        story.step("createSecret", kept, token);
        story.step("testSecret", kept, token);
        story.faults(Breaking.once(1, "DescribeSecret", call -> new Fault.Stale(Duration.ofDays(1))));

        story.step("finishSecret", kept, token);

        assertThat(story.secretsManager.versionUnder(kept.arn(), "AWSCURRENT")).hasValue(token);
        assertThat(story.currentWorks(kept)).isTrue();
    }

    @Test
    void an_account_that_may_only_read_passes_its_test_step() {
        var reader = story.account("prod/reader", MONTH, AtlasModel.PROJECT_READ_ONLY, true);
        story.rotatedBySecretsManager(reader);
        story.secretsManager.call(
                "RotateSecret",
                Map.of(
                        "SecretId",
                        reader.arn(),
                        "ClientRequestToken",
                        story.newVersion().value(),
                        "RotateImmediately",
                        false));

        assertThat(story.secretsManager.runRotations())
                .extracting(RotationOutcome::end)
                .containsExactly(RotationOutcome.End.TEST_SUCCEEDED);
    }
}
