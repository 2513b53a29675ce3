package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.atlas.AtlasErrors;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerErrors;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Breaking;
import dev.atlasrotator.testbed.Death;
import dev.atlasrotator.testbed.Testbed;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The table "The sweep", row by row, with the clock moved. */
class SweepTest {
    private static final Duration RUN_OVER = Duration.ofMinutes(15);

    /** Who rotates. */
    enum Rotates {
        SECRETS_MANAGER,
        THE_RUN
    }

    private final Testbed testbed = new Testbed();

    private Testbed.ManagedSecret account(Rotates by, Duration age) {
        var kept = testbed.account("prod/atlas", age);
        if (by == Rotates.SECRETS_MANAGER) {
            testbed.rotatedBySecretsManager(kept);
        }
        return kept;
    }

    private void assertRotated(Testbed.ManagedSecret kept) {
        assertThat(testbed.currentWorks(kept)).isTrue();
        assertThat(testbed.stored(kept, "AWSCURRENT", "secretId")).isNotEmpty();
        assertThat(testbed.stored(kept, "AWSCURRENT", "secretId").orElseThrow())
                .isNotEqualTo(kept.first().id());
    }

    private void assertUntouched(List<String> before) {
        assertThat(Answer.changes(testbed)).isEqualTo(before);
    }

    // ---- due by age

    @Test
    void a_secret_of_thirty_days_is_rotated_in_the_run() {
        var kept = account(Rotates.THE_RUN, Duration.ofDays(30));

        var answer = Answer.sweep(testbed);

        assertThat(answer.state(kept)).isEqualTo("due");
        assertThat(answer.actions(kept))
                .hasSize(2)
                .anyMatch(action -> action.startsWith("created "))
                .anyMatch(action -> action.startsWith("promoted "));
        assertRotated(kept);
        assertThat(Answer.metric(testbed, "Rotations")).isEqualTo(1);
    }

    // ---- what is left is below the margin

    @ParameterizedTest
    @EnumSource(Rotates.class)
    void below_a_margin_of_seven_days_it_is_rotated_whoever_rotates(Rotates by) {
        // Ninety days of life: a quarter would be more than seven days.
        testbed.setting("ROTATE_AFTER_HOURS", "1992");
        var kept = account(by, Duration.ofDays(83));
        assertThat(Answer.dryRun(testbed).state(kept)).isIn("fresh", "due");
        testbed.after(Duration.ofSeconds(1));

        var answer = Answer.sweep(testbed);

        assertThat(answer.state(kept)).isEqualTo("due");
        if (by == Rotates.SECRETS_MANAGER) {
            assertThat(answer.actions(kept)).containsExactly("requested");
            testbed.secretsManager.runRotations();
        }
        assertRotated(kept);
    }

    @Test
    void what_secrets_manager_is_asked_for_is_done_once_though_three_sweeps_ask() {
        var kept = account(Rotates.SECRETS_MANAGER, Duration.ofDays(85));

        Answer.sweep(testbed);
        Answer.sweep(testbed);
        Answer.sweep(testbed);
        testbed.secretsManager.runRotations();
        var after = Answer.sweep(testbed);

        assertRotated(kept);
        assertThat(Answer.created(testbed, kept)).isEqualTo(1);
        assertThat(after.state(kept)).isEqualTo("overlap");
    }

    // ---- an attempt under way

    @Test
    void an_attempt_of_secrets_manager_that_is_under_way_is_left_alone() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(85));
        testbed.begin(kept);
        testbed.rotatedBySecretsManager(kept);
        var before = Answer.changes(testbed);
        testbed.after(RUN_OVER.minusSeconds(1));

        var answer = Answer.sweep(testbed);

        assertThat(answer.state(kept)).isEqualTo("expiring");
        assertThat(answer.told(kept)).contains("in progress").contains("EXPIRING: ");
        assertUntouched(before);
    }

    // ---- an attempt that has stalled

    @Test
    void an_attempt_that_secrets_manager_has_left_empty_is_resumed_by_rotate_secret() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(20));
        var token = testbed.begin(kept);
        testbed.rotatedBySecretsManager(kept);
        testbed.after(RUN_OVER);

        var answer = Answer.sweep(testbed);
        var outcomes = testbed.secretsManager.runRotations();

        assertThat(answer.state(kept)).isEqualTo("stalled");
        assertThat(answer.actions(kept)).containsExactly("requested");
        assertThat(answer.failed()).isEmpty();
        assertThat(outcomes).hasSize(1);
        assertThat(outcomes.getFirst().versionId()).isEqualTo(token);
        assertRotated(kept);
    }

    @Test
    void an_attempt_with_its_secret_stored_is_resumed_by_rotate_secret_with_the_old_token() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(20));
        var token = testbed.begin(kept);
        testbed.rotatedBySecretsManager(kept);
        testbed.step("createSecret", kept, token);
        var pending = testbed.stored(kept, "AWSPENDING", "secretId");
        testbed.after(RUN_OVER);

        var answer = Answer.sweep(testbed);
        testbed.secretsManager.runRotations();

        assertThat(answer.actions(kept)).containsExactly("requested");
        assertThat(testbed.stored(kept, "AWSCURRENT", "secretId")).isEqualTo(pending);
        assertThat(Answer.created(testbed, kept)).isEqualTo(1);
        assertThat(Answer.sweep(testbed).state(kept)).isEqualTo("overlap");
    }

    @Test
    void an_attempt_that_was_only_registered_is_given_up_and_rotation_goes_on_where_it_is_due() {
        var kept = account(Rotates.THE_RUN, Duration.ofDays(30));
        Death.after(testbed, "UpdateSecretVersionStage", 1, () -> Answer.rotate(testbed, kept));
        testbed.after(RUN_OVER);

        var planned = Answer.dryRun(testbed).actions(kept);
        var answer = Answer.sweep(testbed);
        testbed.after(Duration.ofHours(1)); // a sweep begins one rotation an hour
        var next = Answer.sweep(testbed);

        assertThat(planned).containsExactly("abandoned");
        assertThat(answer.actions(kept)).containsExactly("abandoned");
        assertThat(next.actions(kept)).hasSize(2);
        assertRotated(kept);
    }

    @Test
    void an_attempt_that_was_only_registered_is_given_up_and_nothing_else_where_none_is_due() {
        var kept = account(Rotates.THE_RUN, Duration.ofDays(3));
        Death.after(testbed, "UpdateSecretVersionStage", 1, () -> Answer.rotate(testbed, kept));
        testbed.after(RUN_OVER);

        var answer = Answer.sweep(testbed);

        assertThat(answer.state(kept)).isEqualTo("stalled");
        assertThat(answer.actions(kept)).containsExactly("abandoned");
        assertThat(Answer.created(testbed, kept)).isZero();
        assertThat(Answer.sweep(testbed).state(kept)).isEqualTo("fresh");
    }

    @ParameterizedTest
    @EnumSource(Rotates.class)
    void an_attempt_whose_secret_is_gone_at_atlas_is_given_up_and_the_next_one_works(Rotates by) {
        var kept = testbed.account("prod/atlas", Duration.ofDays(30));
        if (by == Rotates.SECRETS_MANAGER) {
            var token = testbed.begin(kept);
            testbed.rotatedBySecretsManager(kept);
            testbed.step("createSecret", kept, token);
        } else {
            Death.after(testbed, "PutSecretValue", 2, () -> Answer.rotate(testbed, kept));
        }
        testbed.atlas.deleteSecret(
                kept.clientId(), testbed.stored(kept, "AWSPENDING", "secretId").orElseThrow());
        testbed.after(RUN_OVER);

        var answer = Answer.sweep(testbed);
        testbed.secretsManager.runRotations();

        assertThat(answer.state(kept)).isEqualTo("stalled");
        assertThat(answer.told(kept)).contains("is abandoned").contains("no longer has its secret");
        if (by == Rotates.SECRETS_MANAGER) {
            assertThat(answer.actions(kept)).containsExactly("abandoned", "requested");
        } else {
            assertThat(answer.actions(kept)).containsExactly("abandoned");
            testbed.after(Duration.ofHours(1));
            assertThat(Answer.sweep(testbed).actions(kept)).hasSize(2);
        }
        assertRotated(kept);
    }

    @Test
    void an_attempt_that_can_never_work_is_called_abandoned_by_the_sweep_that_does_it_and_by_no_status_before() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        Death.before(testbed, "createSecret", 1, () -> Answer.rotate(testbed, kept));
        testbed.after(RUN_OVER);

        var before = Answer.status(testbed).told(kept);
        assertThat(testbed.attempt(kept)).isPresent();
        assertThat(before).contains("can never work", "The next sweep").doesNotContain("is abandoned");

        assertThat(Answer.sweep(testbed).told(kept)).contains("is abandoned").doesNotContain("can never work");
        assertThat(testbed.attempt(kept)).isEmpty();
    }

    @Test
    void an_attempt_whose_label_may_not_be_taken_off_is_not_called_abandoned() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        Death.before(testbed, "createSecret", 1, () -> Answer.rotate(testbed, kept));
        testbed.after(RUN_OVER);
        testbed.faults(Breaking.every(
                "UpdateSecretVersionStage",
                call -> SecretsManagerErrors.refusal("AccessDeniedException", "not authorized to perform")));

        assertThat(Answer.sweep(testbed).told(kept)).contains("can never work").doesNotContain("is abandoned");
    }

    @Test
    void an_orphan_of_secrets_managers_attempt_goes_when_it_is_resumed() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(30));
        var token = testbed.begin(kept);
        testbed.rotatedBySecretsManager(kept);
        Death.after(testbed, "createSecret", 1, () -> testbed.step("createSecret", kept, token));
        var orphan = testbed.idsAtAtlas(kept).getLast();

        var inFlight = Answer.sweep(testbed);
        assertThat(inFlight.kinds(kept)).containsExactly("inFlight");
        assertThat(inFlight.told(kept)).contains(orphan).contains("not stored yet");
        testbed.after(RUN_OVER);
        var answer = Answer.sweep(testbed);
        testbed.secretsManager.runRotations();

        assertThat(answer.kinds(kept)).containsExactly("orphan");
        assertThat(answer.actions(kept)).containsExactly("requested");
        assertRotated(kept);
        assertThat(testbed.idsAtAtlas(kept)).doesNotContain(orphan);
    }

    @Test
    void a_secret_in_flight_of_an_old_attempt_is_waited_for_and_said_so() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(30));
        var token = testbed.begin(kept);
        testbed.rotatedBySecretsManager(kept);
        testbed.after(RUN_OVER.plusMinutes(5));
        Death.after(testbed, "createSecret", 1, () -> testbed.step("createSecret", kept, token));
        var before = Answer.changes(testbed);

        var answer = Answer.sweep(testbed);

        assertThat(answer.state(kept)).isEqualTo("stalled");
        assertThat(answer.kinds(kept)).containsExactly("inFlight");
        assertThat(answer.told(kept)).contains("Try again after").containsOnlyOnce("The secret in use");
        assertUntouched(before);
    }

    // ---- what is over

    @ParameterizedTest
    @EnumSource(Rotates.class)
    void an_expired_secret_is_deleted(Rotates by) {
        var kept = account(by, Duration.ofDays(3));
        var old = testbed.atlas.secretFromThePast(kept.clientId(), Testbed.START.minus(Duration.ofDays(40)), 48);

        var answer = Answer.sweep(testbed);

        assertThat(answer.kinds(kept)).containsExactly("expired");
        assertThat(answer.actions(kept)).containsExactly("deleted " + old.id() + " (expired)");
        assertThat(Answer.metric(testbed, "SecretsDeleted")).isEqualTo(1);
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id());
    }

    @ParameterizedTest
    @EnumSource(Rotates.class)
    void a_superseded_secret_that_is_idle_goes_when_its_overlap_is_over_and_not_before(Rotates by) {
        var kept = account(by, Duration.ofDays(84));
        Answer.sweep(testbed);
        testbed.secretsManager.runRotations();
        assertRotated(kept);

        testbed.after(Duration.ofHours(24).minusSeconds(1));
        var within = Answer.sweep(testbed);
        assertThat(within.state(kept)).isEqualTo("overlap");
        assertThat(within.actions(kept)).isEmpty();
        testbed.after(Duration.ofSeconds(2));
        var over = Answer.sweep(testbed);

        assertThat(over.actions(kept)).containsExactly("deleted " + kept.first().id() + " (superseded)");
        assertThat(testbed.idsAtAtlas(kept)).hasSize(1);
        assertThat(Answer.sweep(testbed).state(kept)).isEqualTo("fresh");
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Rotates.class)
    void a_superseded_secret_that_is_still_used_is_kept_and_named_with_its_last_use(Rotates by) {
        var kept = account(by, Duration.ofDays(84));
        Answer.sweep(testbed);
        testbed.secretsManager.runRotations();
        testbed.after(Duration.ofHours(20));
        testbed.atlas.signIn(kept.clientId(), kept.first().value());
        var used = testbed.time.instant();
        testbed.after(Duration.ofHours(5));
        var before = Answer.changes(testbed);

        var answer = Answer.sweep(testbed);

        assertThat(answer.state(kept)).isEqualTo("overlap");
        assertThat(answer.told(kept)).contains(kept.first().id(), "still used, last at " + used, "it expires at");
        assertThat(answer.others(kept).getFirst())
                .containsEntry("kind", "superseded")
                .containsEntry("lastUsedAt", used.toString());
        assertThat(Answer.metric(testbed, "WarningFindings")).isEqualTo(1);
        assertUntouched(before);
    }

    // ---- what is not for us to touch

    @ParameterizedTest
    @EnumSource(Rotates.class)
    void a_foreign_secret_is_reported_and_not_touched(Rotates by) {
        var kept = account(by, Duration.ofDays(3));
        var foreign = testbed.atlas.createSecret(kept.clientId(), 2160);
        var before = Answer.changes(testbed);

        var answer = Answer.sweep(testbed);

        assertThat(answer.state(kept)).isEqualTo("foreign");
        assertThat(answer.kinds(kept)).containsExactly("foreign");
        assertThat(answer.told(kept)).contains(foreign.id()).contains("delete it in Atlas");
        assertThat(Answer.metric(testbed, "WarningFindings")).isEqualTo(1);
        assertUntouched(before);
    }

    @Test
    void an_account_that_cannot_be_read_has_failed_and_its_finding_says_what_to_do() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        testbed.faults(call -> call.operation().equals("readAccount")
                ? AtlasErrors.api(Fault.Moment.BEFORE_EFFECT, 403, "FORBIDDEN", "no")
                : new Fault.None());
        var before = Answer.changes(testbed);

        var answer = Answer.sweep(testbed);

        assertThat(answer.state(kept)).isEqualTo("failed");
        assertThat(answer.told(kept)).contains("403").contains("Give the account its role in Atlas back");
        assertThat(answer.codes(kept)).containsExactly("ACCESS_DENIED");
        assertUntouched(before);
    }

    @Test
    void a_value_that_is_not_ours_to_understand_is_reported_with_what_to_do() {
        var text = stored("not/json", "hunter2");
        var incomplete = stored("not/complete", "{\"clientSecret\":\"hunter2\"}");
        var bytes = testbed.secretsManager.call(
                "CreateSecret",
                Map.of(
                        "Name",
                        "not/text",
                        "ClientRequestToken",
                        testbed.newVersion().value(),
                        "SecretBinary",
                        "AAECAw==",
                        "Tags",
                        List.of(Map.of("Key", Testbed.TAG, "Value", ""))));
        var binary = new Testbed.ManagedSecret(String.valueOf(bytes.get("ARN")), "not/text", "", text.first());
        var good = testbed.account("prod/atlas", Duration.ofDays(30));
        var before = Answer.changes(testbed);

        var answer = Answer.sweep(testbed);

        assertThat(answer.failure(text)).startsWith("VALUE_MALFORMED: ").contains("JSON");
        assertThat(answer.failure(incomplete)).startsWith("VALUE_MALFORMED: ").contains("clientId");
        assertThat(answer.failure(binary)).startsWith("VALUE_MALFORMED: ").contains("binary");
        assertThat(answer.toString()).doesNotContain("hunter2");
        assertThat(answer.actions(good)).hasSize(2);
        assertThat(Answer.changes(testbed).subList(0, before.size()).size()).isPositive();
        assertThat(Answer.changes(testbed))
                .noneMatch(line -> line.contains("not/json") || line.contains("not/complete"));
    }

    private Testbed.ManagedSecret stored(String name, String value) {
        var arn = testbed.secretsManager.seed(name, value, Map.of(Testbed.TAG, "true"));
        return new Testbed.ManagedSecret(arn, name, "", testbed.atlas.addApiKey(testbed.project()));
    }

    @Test
    void what_somebody_else_rotates_is_left_alone_and_the_report_says_who() {
        var function = testbed.account("by/function", Duration.ofDays(85));
        testbed.secretsManager.configureRotation(
                function.arn(), "arn:aws:lambda:eu-central-1:123456789012:function:another");
        var service = testbed.account("by/service", Duration.ofDays(85));
        testbed.secretsManager.markOwnedBy(service.arn(), "appflow");
        var type = testbed.account("by/aws", Duration.ofDays(85));
        testbed.secretsManager.markType(type.arn(), "MongoDBAtlasServiceAccount");
        var replica = testbed.account("by/primary", Duration.ofDays(85));
        testbed.secretsManager.markPrimaryRegion(replica.arn(), "us-east-1");
        var before = Answer.changes(testbed);

        var answer = Answer.sweep(testbed);

        assertThat(answer.told(function)).contains("another function");
        assertThat(answer.told(service)).contains("appflow");
        assertThat(answer.told(type)).contains("MongoDBAtlasServiceAccount");
        assertThat(answer.told(replica)).contains("replica").contains("us-east-1");
        assertThat(answer.failed()).isEmpty();
        assertUntouched(before);
    }

    @Test
    void what_is_scheduled_for_deletion_is_no_part_of_the_fleet() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(85));
        testbed.call("DeleteSecret", kept, Map.of());
        var before = Answer.changes(testbed);

        var answer = Answer.sweep(testbed);
        var named = Answer.to(testbed, "{\"action\":\"sweep\",\"secretIds\":[\"" + kept.arn() + "\"]}");

        assertThat(answer.number("checked")).isZero();
        assertThat(named.failure(kept)).startsWith("OWNED_ELSEWHERE: ").contains("scheduled for deletion");
        assertUntouched(before);
    }

    @Test
    void what_has_not_the_tag_is_not_swept_even_if_it_is_named() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(30));
        testbed.call("UntagResource", kept, Map.of("TagKeys", List.of(Testbed.TAG)));
        var before = Answer.changes(testbed);

        assertThat(Answer.sweep(testbed).number("checked")).isZero();
        var named = Answer.to(testbed, "{\"action\":\"sweep\",\"secretIds\":[\"" + kept.arn() + "\"]}");

        assertThat(named.failure(kept)).startsWith("NOT_TAGGED: ").contains("not managed");
        assertUntouched(before);
    }

    @Test
    void only_those_that_are_named_are_swept_each_once_though_named_twice() {
        var named = testbed.account("prod/one", Duration.ofDays(30));
        var other = testbed.account("prod/two", Duration.ofDays(30));

        var answer = Answer.to(
                testbed, "{\"action\":\"sweep\",\"secretIds\":[\"prod/one\",\"" + named.arn() + "\",\"prod/one\"]}");

        assertThat(answer.number("checked")).isEqualTo(1);
        assertThat(answer.failed()).isEmpty();
        assertThat(Answer.created(testbed, named)).isEqualTo(1);
        assertThat(Answer.created(testbed, other)).isZero();
    }

    @Test
    void every_line_of_a_sweep_says_so_whichever_thread_has_written_it() {
        testbed.account("prod/atlas", Duration.ofDays(30));

        testbed.handle("{\"action\":\"sweep\"}");

        assertThat(testbed.lines)
                .filteredOn(line -> line.contains("\"message\":\"remote call\""))
                .isNotEmpty()
                .allMatch(line -> line.contains("\"event\":\"sweep\""));
    }
}
