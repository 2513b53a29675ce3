package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.fake.AtlasErrors;
import dev.atlasrotator.fake.AtlasEvent.What;
import dev.atlasrotator.fake.AtlasModel;
import dev.atlasrotator.fake.Call;
import dev.atlasrotator.fake.Fault;
import dev.atlasrotator.fake.Faults;
import dev.atlasrotator.fake.RotationOutcome;
import dev.atlasrotator.story.Breaking.How;
import dev.atlasrotator.story.Story.ManagedSecret;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {"action":"rotate"}: in one run, or through Secrets Manager where that rotates the secret. */
class DirectRotationTest {
    private static final Duration MONTH = Duration.ofDays(30);
    private static final String ROTATE = "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\"}";
    private static final String DRY = "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"dryRun\":true}";
    private static final String REVOKE = "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"revokeOld\":true}";
    private static final String DRY_REVOKE =
            "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"revokeOld\":true,\"dryRun\":true}";

    /** The first time it moves AWSPENDING to the registration, the second time AWSCURRENT. */
    private static final String PROMOTION = "UpdateSecretVersionStage";

    private final Story story = new Story();
    private final ManagedSecret kept = story.account("prod/atlas", MONTH);

    private List<String> actions(Map<String, Object> answer) {
        return Story.account(answer).get("actions") instanceof List<?> all
                ? all.stream().map(String::valueOf).toList()
                : List.of();
    }

    private String failure(Map<String, Object> answer) {
        return Story.failed(answer).toString();
    }

    private String current() {
        return story.stored(kept, "AWSCURRENT", "secretId").orElseThrow();
    }

    private void killedBefore(String operation, int nth, String event) {
        story.broken(
                Breaking.once(nth, operation, call -> {
                    story.faults(later -> {
                        throw new Killed(later.toString());
                    });
                    throw new Killed(call.toString());
                }),
                () -> story.handle(event));
    }

    // ---- without rotation configured

    @Test
    void one_run_registers_creates_stores_tests_and_promotes() {
        int mark = story.calls.size();
        var answer = story.answer(ROTATE);

        assertThat(actions(answer)).containsExactly("created " + current(), "promoted " + current());
        assertThat(Story.account(answer).get("secretArn")).isEqualTo(kept.arn());
        assertThat(story.operationsSince(mark))
                .containsSubsequence(
                        "PutSecretValue", "createSecret", "PutSecretValue", "mintToken", "UpdateSecretVersionStage");
        assertThat(story.currentWorks(kept)).isTrue();
        assertThat(story.attempt(kept)).isEmpty();
    }

    @Test
    void what_it_registers_holds_no_credential_and_tells_whoever_reads_it_what_it_is() {
        killedBefore("createSecret", 1, ROTATE);

        assertThat(story.value(kept, "AWSPENDING"))
                .containsOnlyKeys("atlasSecretRotator")
                .containsValue("A rotation has begun. This version holds no credential.");
    }

    @Test
    void a_secret_without_the_tag_is_rotated_when_it_is_named() {
        story.secretsManager.call("UntagResource", Map.of("SecretId", kept.arn(), "TagKeys", List.of(Story.TAG)));

        assertThat(failure(story.answer(ROTATE))).isEqualTo("[]");
        assertThat(current()).isNotEqualTo(kept.first().id());
    }

    @Test
    void the_old_secret_is_kept_for_its_overlap_and_a_second_run_is_refused() {
        story.answer(ROTATE);
        var second = current();
        story.after(Duration.ofHours(3));

        var answer = story.answer(ROTATE);

        assertThat(failure(answer)).contains("Refused", kept.first().id(), "revokeOld");
        assertThat(current()).isEqualTo(second);
        assertThat(story.attempt(kept)).isEmpty();
    }

    @Test
    void a_run_beside_one_that_is_at_work_is_refused_and_changes_nothing() {
        killedBefore("createSecret", 1, ROTATE);
        var attempt = story.attempt(kept);
        story.after(Duration.ofMinutes(15).minusSeconds(10));

        for (String event : List.of(ROTATE, REVOKE, DRY, DRY_REVOKE)) {
            assertThat(failure(story.answer(event)))
                    .contains("Conflict", "under way since 2026-06-01T08:00:0")
                    .contains("15 minutes");
        }
        assertThat(story.attempt(kept)).isEqualTo(attempt);
        assertThat(story.idsAtAtlas(kept)).containsExactly(kept.first().id());
    }

    @Test
    void a_value_that_was_stored_is_taken_up_after_fifteen_minutes() {
        killedBefore(PROMOTION, 2, ROTATE);
        var stored = story.stored(kept, "AWSPENDING", "secretId").orElseThrow();
        story.after(Duration.ofMinutes(16));

        var answer = story.answer(ROTATE);

        assertThat(actions(answer)).containsExactly("resumed", "promoted " + stored);
        assertThat(current()).isEqualTo(stored);
        assertThat(story.currentWorks(kept)).isTrue();
    }

    @Test
    void a_registration_is_given_up_with_its_orphan_and_the_run_goes_on_with_one_of_its_own() {
        killedBefore("PutSecretValue", 2, ROTATE);
        var orphan = story.atAtlas(kept).getLast().id();
        assertThat(story.idsAtAtlas(kept)).hasSize(2);
        story.after(Duration.ofMinutes(16));

        var answer = story.answer(ROTATE);

        assertThat(actions(answer))
                .containsExactly(
                        "deleted " + orphan + " (orphan)", "gaveUp", "created " + current(), "promoted " + current());
        assertThat(story.idsAtAtlas(kept))
                .containsExactlyInAnyOrder(kept.first().id(), current());
    }

    @Test
    void an_orphan_that_is_still_young_holds_the_registration_back() {
        story.after(Duration.ofSeconds(1));
        // The create came late: ten minutes after the registration.
        killedBefore("createSecret", 1, ROTATE);
        story.after(Duration.ofMinutes(10));
        var late = story.atlas.createSecret(kept.clientId(), 2160);
        story.after(Duration.ofMinutes(6));

        assertThat(failure(story.answer(ROTATE))).contains("Unavailable", late.id(), "Try again after");
        assertThat(story.attempt(kept)).isPresent();

        story.after(Duration.ofMinutes(10));
        assertThat(failure(story.answer(ROTATE))).isEqualTo("[]");
        assertThat(story.idsAtAtlas(kept)).doesNotContain(late.id());
    }

    @Test
    void a_value_written_by_hand_meanwhile_stands() {
        story.faults(Breaking.once(2, PROMOTION, call -> {
            story.faults(Faults.none());
            story.changedByHand(kept, Map.of("note", "mine"));
            return new Fault.None();
        }));

        var answer = story.answer(ROTATE);

        assertThat(failure(answer)).contains("Conflict", "moved by somebody else");
        assertThat(story.stored(kept, "AWSCURRENT", "note")).hasValue("mine");
        assertThat(story.currentWorks(kept)).isTrue();

        // Nothing of that run is left once a sweep has come after the overlap.
        for (int day = 0; day < 2; day++) {
            story.after(Duration.ofHours(25));
            story.answer("{\"action\":\"sweep\"}");
        }
        assertThat(story.currentWorks(kept)).isTrue();
        assertThat(story.stored(kept, "AWSCURRENT", "note")).hasValue("mine");
        assertThat(story.idsAtAtlas(kept)).hasSize(1);
    }

    @Test
    void a_store_that_is_refused_leaves_neither_a_secret_nor_an_attempt() {
        story.faults(Breaking.once(
                2,
                "PutSecretValue",
                call -> new Fault.Answer(
                        Fault.Moment.BEFORE_EFFECT,
                        400,
                        Map.of("Content-Type", "application/x-amz-json-1.1"),
                        "{\"__type\":\"AccessDeniedException\"}")));

        var answer = story.answer(ROTATE);

        assertThat(failure(answer)).contains("Configuration", "deleted at Atlas again");
        assertThat(story.idsAtAtlas(kept)).containsExactly(kept.first().id());
        assertThat(story.attempt(kept)).isEmpty();
    }

    @Test
    void a_registration_that_is_refused_begins_nothing() {
        story.faults(Breaking.every(
                "PutSecretValue",
                call -> new Fault.Answer(
                        Fault.Moment.BEFORE_EFFECT,
                        400,
                        Map.of("Content-Type", "application/x-amz-json-1.1"),
                        "{\"__type\":\"AccessDeniedException\"}")));

        assertThat(failure(story.answer(ROTATE)))
                .contains("Configuration", "could not be registered", "Nothing was changed");
        assertThat(story.atlas.calls()).doesNotContainKey("createSecret");
    }

    @ParameterizedTest
    @CsvSource({"GetSecretValue, 2", "UpdateSecretVersionStage, 2", "mintToken, 2"})
    void what_fails_after_the_create_says_where_the_new_secret_is(String operation, int nth) {
        var number = new AtomicInteger();
        story.faults(call -> call.operation().equals(operation) && number.incrementAndGet() >= nth
                ? refused(call)
                : new Fault.None());

        assertThat(failure(story.answer(ROTATE)))
                .contains(operation, "The new secret is stored under version ", "of prod/atlas")
                .contains("for seven days at most")
                .doesNotContain("Nothing was changed");
        story.faults(Faults.none());
        story.after(Duration.ofMinutes(16));
        story.answer("{\"action\":\"sweep\"}");
        assertThat(story.idsAtAtlas(kept)).hasSize(2);
        assertThat(story.stored(kept, "AWSCURRENT", "secretId"))
                .isPresent()
                .isNotEqualTo(Optional.of(kept.first().id()));
        assertThat(story.currentWorks(kept)).isTrue();
    }

    private static Fault refused(Call call) {
        return call.service() == Call.Service.ATLAS
                ? AtlasErrors.api(Fault.Moment.BEFORE_EFFECT, 403, "FORBIDDEN", "no")
                : new Fault.Answer(
                        Fault.Moment.BEFORE_EFFECT,
                        400,
                        Map.of("Content-Type", "application/x-amz-json-1.1"),
                        "{\"__type\":\"AccessDeniedException\",\"Message\":\"Access to KMS, no\"}");
    }

    @Test
    void a_run_that_could_not_be_ended_is_not_begun() {
        assertThat(story.handle(ROTATE, Duration.ofSeconds(80)))
                .contains("Unavailable")
                .contains("Nothing was begun");
        assertThat(story.attempt(kept)).isEmpty();
        assertThat(story.idsAtAtlas(kept)).containsExactly(kept.first().id());
    }

    @Test
    void a_new_secret_that_is_not_accepted_at_first_is_tried_again() {
        int[] left = {2};
        story.faults(call ->
                call.operation().equals("mintToken") && story.idsAtAtlas(kept).size() == 2 && left[0]-- > 0
                        ? new Fault.Answer(Fault.Moment.BEFORE_EFFECT, 401, Map.of(), "{\"error\":\"invalid_client\"}")
                        : new Fault.None());

        assertThat(failure(story.answer(ROTATE))).isEqualTo("[]");
        assertThat(story.currentWorks(kept)).isTrue();
    }

    @Test
    void an_account_that_may_not_manage_itself_leaves_no_attempt_behind() {
        var reader = story.account("prod/reader", MONTH, AtlasModel.PROJECT_READ_ONLY, true);

        var answer = story.answer("{\"action\":\"rotate\",\"secretId\":\"prod/reader\"}");

        assertThat(failure(answer)).contains("Credential", "Project Owner");
        assertThat(story.attempt(reader)).isEmpty();
        assertThat(story.idsAtAtlas(reader)).containsExactly(reader.first().id());
    }

    // ---- with rotation configured

    @Test
    void a_secret_that_Secrets_Manager_rotates_is_rotated_by_asking_it_to() {
        story.rotatedBySecretsManager(kept);

        var answer = story.answer(ROTATE);

        assertThat(actions(answer)).containsExactly("requested");
        assertThat(story.idsAtAtlas(kept)).containsExactly(kept.first().id());
        assertThat(story.secretsManager.runRotations())
                .extracting(RotationOutcome::end)
                .containsExactly(RotationOutcome.End.SUCCEEDED);
        assertThat(current()).isNotEqualTo(kept.first().id());
    }

    @Test
    void asking_while_an_attempt_stands_takes_that_one_up_again() {
        story.rotatedBySecretsManager(kept);
        var token = story.begin(kept);
        story.step("createSecret", kept, token);

        assertThat(actions(story.answer(ROTATE))).containsExactly("requested");
        story.secretsManager.runRotations();

        assertThat(story.secretsManager.versionUnder(kept.arn(), "AWSCURRENT")).hasValue(token);
        assertThat(story.idsAtAtlas(kept)).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"function", "type", "service", "replica"})
    void what_somebody_else_rotates_is_left_alone(String why) {
        switch (why) {
            case "function" ->
                story.secretsManager.configureRotation(
                        kept.arn(), "arn:aws:lambda:eu-central-1:123456789012:function:another");
            case "type" -> story.secretsManager.markType(kept.arn(), "MongoDBAtlasServiceAccount");
            case "service" -> story.secretsManager.markOwnedBy(kept.arn(), "rds");
            default -> story.secretsManager.markPrimaryRegion(kept.arn(), "us-east-1");
        }
        for (String event : List.of(ROTATE, REVOKE, DRY)) {
            assertThat(failure(story.answer(event))).contains("Refused", "is not for this function");
        }
        assertThat(story.idsAtAtlas(kept)).containsExactly(kept.first().id());
        assertThat(story.attempt(kept)).isEmpty();
    }

    @Test
    void a_rotation_that_was_switched_off_is_done_in_this_run() {
        story.secretsManager.configureRotation(kept.arn(), Story.FUNCTION);
        story.secretsManager.call("CancelRotateSecret", Map.of("SecretId", kept.arn()));

        assertThat(actions(story.answer(ROTATE))).containsExactly("created " + current(), "promoted " + current());
    }

    // ---- a leak

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_leak_is_answered_in_this_run_and_the_old_ones_go_at_once(boolean bySecretsManager) {
        if (bySecretsManager) {
            story.rotatedBySecretsManager(kept);
        }

        var answer = story.answer(REVOKE);

        assertThat(actions(answer))
                .containsExactly(
                        "created " + current(),
                        "promoted " + current(),
                        "deleted " + kept.first().id() + " (revoked)");
        assertThat(story.idsAtAtlas(kept)).containsExactly(current());
        assertThat(story.currentWorks(kept)).isTrue();
        assertThat(story.attempt(kept)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_leak_within_an_overlap_takes_both_old_ones_and_says_each_once(boolean bySecretsManager) {
        if (bySecretsManager) {
            story.rotatedBySecretsManager(kept);
            story.rotate(kept, story.begin(kept));
        } else {
            story.answer(ROTATE);
        }
        var second = current();
        story.after(Duration.ofHours(1));

        var answer = story.answer(REVOKE);

        assertThat(failure(answer)).isEqualTo("[]");
        assertThat(actions(answer))
                .containsExactly(
                        "deleted " + kept.first().id() + " (revoked)",
                        "created " + current(),
                        "promoted " + current(),
                        "deleted " + second + " (revoked)");
        assertThat(story.idsAtAtlas(kept)).containsExactly(current());
        assertThat(story.currentWorks(kept)).isTrue();
    }

    @Test
    void a_leak_leaves_a_foreign_secret_alone() {
        var foreign = story.atlas.secretFromThePast(kept.clientId(), Story.START.minus(Duration.ofDays(2)), 2160);

        assertThat(failure(story.answer(REVOKE))).contains("Refused", foreign.id());
        assertThat(story.idsAtAtlas(kept)).containsExactly(kept.first().id(), foreign.id());
    }

    @Test
    void what_is_revoked_goes_only_after_the_new_one_is_proved_and_promoted() {
        killedBefore(PROMOTION, 2, REVOKE);
        assertThat(story.currentWorks(kept)).isTrue();
        assertThat(story.happened(kept, What.SECRET_DELETED)).isEmpty();

        story.after(Duration.ofMinutes(16));
        var answer = story.answer(REVOKE);

        assertThat(actions(answer))
                .containsExactly(
                        "resumed",
                        "promoted " + current(),
                        "deleted " + kept.first().id() + " (revoked)");
        assertThat(story.idsAtAtlas(kept)).containsExactly(current());
    }

    @Test
    void a_revocation_that_fails_is_ended_by_asking_again() {
        story.broken(Breaking.every("deleteSecret", How.ERROR_BEFORE::at), () -> story.handle(REVOKE));
        assertThat(story.currentWorks(kept)).isTrue();
        assertThat(story.idsAtAtlas(kept)).hasSize(2);

        assertThat(failure(story.answer(REVOKE))).isEqualTo("[]");

        assertThat(story.idsAtAtlas(kept)).containsExactly(current());
        assertThat(story.currentWorks(kept)).isTrue();
    }

    @Test
    void a_leak_with_an_admin_credential_is_answered_as_well() {
        story.setting("ADMIN_SECRET_ID", "admin/atlas");
        story.adminKey("admin/atlas");
        var reader = story.account("prod/reader", MONTH, AtlasModel.PROJECT_READ_ONLY, true);

        var answer = story.answer("{\"action\":\"rotate\",\"secretId\":\"prod/reader\",\"revokeOld\":true}");

        assertThat(failure(answer)).isEqualTo("[]");
        assertThat(story.idsAtAtlas(reader))
                .hasSize(1)
                .doesNotContain(reader.first().id());
        assertThat(story.currentWorks(reader)).isTrue();
    }

    @Test
    void a_leak_takes_no_old_one_where_somebody_has_deleted_the_new_one_meanwhile() {
        story.setting("ADMIN_SECRET_ID", "admin/atlas");
        story.adminKey("admin/atlas");
        var reader = story.account("prod/reader", MONTH, AtlasModel.PROJECT_READ_ONLY, true);
        story.faults(call -> {
            if (call.operation().equals(PROMOTION)) {
                story.idsAtAtlas(reader).stream()
                        .filter(id -> !id.equals(reader.first().id()))
                        .forEach(id -> story.atlas.deleteSecret(reader.clientId(), id));
            }
            return new Fault.None();
        });

        var answer = story.answer("{\"action\":\"rotate\",\"secretId\":\"prod/reader\",\"revokeOld\":true}");

        assertThat(failure(answer)).contains("Conflict", "does not show it any more");
        assertThat(story.idsAtAtlas(reader)).containsExactly(reader.first().id());
    }

    // ---- dry

    private Map<String, Object> dry(String event) {
        var ledger = story.atlas.ledger().stream()
                .filter(one -> isChange(one.what()))
                .toList();
        var fingerprint = story.secretsManager.stages(kept.arn());
        int mark = story.calls.size();
        var answer = story.answer(event);
        assertThat(story.atlas.ledger().stream()
                        .filter(one -> isChange(one.what()))
                        .toList())
                .isEqualTo(ledger);
        assertThat(story.secretsManager.stages(kept.arn())).isEqualTo(fingerprint);
        assertThat(story.operationsSince(mark))
                .isSubsetOf(
                        "DescribeSecret",
                        "GetSecretValue",
                        "ListSecretVersionIds",
                        "mintToken",
                        "revokeToken",
                        "readAccount");
        assertThat(answer.get("dryRun")).isEqualTo(true);
        return answer;
    }

    private static boolean isChange(What what) {
        return switch (what) {
            case SECRET_CREATED, SECRET_CUT, SECRET_DELETED -> true;
            case TOKEN_MINTED, TOKEN_REVOKED -> false;
        };
    }

    @Test
    void a_dry_run_says_what_would_be_done_and_does_nothing() {
        assertThat(actions(dry(DRY))).containsExactly("created a new one", "promoted the new one");
        assertThat(actions(dry(DRY_REVOKE)))
                .containsExactly(
                        "created a new one",
                        "promoted the new one",
                        "deleted " + kept.first().id() + " (revoked)");
    }

    @Test
    void a_dry_run_for_a_secret_of_Secrets_Managers_says_that_it_would_be_asked() {
        story.rotatedBySecretsManager(kept);
        assertThat(actions(dry(DRY))).containsExactly("requested");
        assertThat(actions(dry(DRY_REVOKE)))
                .containsExactly(
                        "created a new one",
                        "promoted the new one",
                        "deleted " + kept.first().id() + " (revoked)");
    }

    @Test
    void a_dry_run_within_an_overlap_says_what_the_refusal_would_be() {
        story.answer(ROTATE);
        var second = current();
        story.after(Duration.ofHours(1));

        assertThat(failure(dry(DRY))).contains("Refused", kept.first().id());
        assertThat(actions(dry(DRY_REVOKE)))
                .containsExactly(
                        "deleted " + kept.first().id() + " (revoked)",
                        "created a new one",
                        "promoted the new one",
                        "deleted " + second + " (revoked)");
    }

    @Test
    void a_dry_run_says_what_would_be_resumed() {
        killedBefore(PROMOTION, 2, ROTATE);
        var stored = story.stored(kept, "AWSPENDING", "secretId").orElseThrow();
        story.after(Duration.ofMinutes(16));

        assertThat(actions(dry(DRY))).containsExactly("resumed", "promoted " + stored);
    }

    @Test
    void a_dry_run_says_what_would_be_given_up_and_made_instead() {
        killedBefore("PutSecretValue", 2, ROTATE);
        var orphan = story.atAtlas(kept).getLast().id();
        story.after(Duration.ofMinutes(16));

        assertThat(actions(dry(DRY))).startsWith("deleted " + orphan + " (orphan)", "gaveUp");
    }
}
