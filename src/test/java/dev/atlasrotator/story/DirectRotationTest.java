package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Faults;
import dev.atlasrotator.simulator.atlas.AtlasErrors;
import dev.atlasrotator.simulator.atlas.AtlasEvent.What;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.simulator.secretsmanager.RotationOutcome;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerErrors;
import dev.atlasrotator.testbed.Breaking;
import dev.atlasrotator.testbed.Killed;
import dev.atlasrotator.testbed.ReportEntry;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
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

    private final Testbed testbed = new Testbed();
    private final ManagedSecret kept = testbed.account("prod/atlas", MONTH);

    private List<String> actions(Map<String, Object> answer) {
        return new ReportEntry(Testbed.account(answer)).actions();
    }

    private String failure(Map<String, Object> answer) {
        return Testbed.failed(answer).stream().map(ReportEntry::failure).collect(Collectors.joining(" "));
    }

    private String current() {
        return testbed.stored(kept, "AWSCURRENT", "secretId").orElseThrow();
    }

    private void killedBefore(String operation, int nth, String event) {
        testbed.broken(
                Breaking.once(nth, operation, call -> {
                    testbed.faults(later -> {
                        throw new Killed(later.toString());
                    });
                    throw new Killed(call.toString());
                }),
                () -> testbed.handle(event));
    }

    // ---- without rotation configured

    @Test
    void one_run_registers_creates_stores_tests_and_promotes() {
        int mark = testbed.calls.size();
        var answer = testbed.answer(ROTATE);

        assertThat(actions(answer)).containsExactly("created " + current(), "promoted " + current());
        assertThat(Testbed.account(answer).get("secretArn")).isEqualTo(kept.arn());
        assertThat(testbed.operationsSince(mark))
                .containsSubsequence(
                        "PutSecretValue", "createSecret", "PutSecretValue", "mintToken", "UpdateSecretVersionStage");
        assertThat(testbed.currentWorks(kept)).isTrue();
        assertThat(testbed.attempt(kept)).isEmpty();
    }

    @Test
    void what_it_registers_holds_no_credential_and_tells_whoever_reads_it_what_it_is() {
        killedBefore("createSecret", 1, ROTATE);

        assertThat(testbed.value(kept, "AWSPENDING"))
                .containsOnlyKeys("atlasSecretRotator")
                .containsValue("A rotation has begun. This version holds no credential.");
    }

    @Test
    void a_secret_without_the_tag_is_rotated_when_it_is_named() {
        testbed.call("UntagResource", kept, Map.of("TagKeys", List.of(Testbed.TAG)));

        assertThat(failure(testbed.answer(ROTATE))).isEmpty();
        assertThat(current()).isNotEqualTo(kept.first().id());
    }

    @Test
    void the_old_secret_is_kept_for_its_overlap_and_a_second_run_is_refused() {
        testbed.answer(ROTATE);
        var second = current();
        testbed.after(Duration.ofHours(3));

        var answer = testbed.answer(ROTATE);

        assertThat(failure(answer))
                .contains("SECRET_WITHIN_OVERLAP", kept.first().id(), "revokeOld");
        assertThat(current()).isEqualTo(second);
        assertThat(testbed.attempt(kept)).isEmpty();
    }

    @Test
    void a_run_beside_one_that_is_at_work_is_refused_and_changes_nothing() {
        killedBefore("createSecret", 1, ROTATE);
        var attempt = testbed.attempt(kept);
        testbed.after(Duration.ofMinutes(15).minusSeconds(10));

        for (String event : List.of(ROTATE, REVOKE, DRY, DRY_REVOKE)) {
            assertThat(failure(testbed.answer(event)))
                    .contains("ROTATION_IN_PROGRESS", "in progress since 2026-06-01T08:00:0", "15 minutes");
        }
        assertThat(testbed.attempt(kept)).isEqualTo(attempt);
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id());
    }

    @Test
    void a_value_that_was_stored_is_taken_up_after_fifteen_minutes() {
        killedBefore(PROMOTION, 2, ROTATE);
        var stored = testbed.stored(kept, "AWSPENDING", "secretId").orElseThrow();
        testbed.after(Duration.ofMinutes(16));

        var answer = testbed.answer(ROTATE);

        assertThat(actions(answer)).containsExactly("resumed", "promoted " + stored);
        assertThat(current()).isEqualTo(stored);
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void a_registration_is_given_up_with_its_orphan_and_the_run_goes_on_with_one_of_its_own() {
        killedBefore("PutSecretValue", 2, ROTATE);
        var orphan = testbed.atAtlas(kept).getLast().id();
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2);
        testbed.after(Duration.ofMinutes(16));

        var answer = testbed.answer(ROTATE);

        assertThat(actions(answer))
                .containsExactly(
                        "deleted " + orphan + " (orphan)",
                        "abandoned",
                        "created " + current(),
                        "promoted " + current());
        assertThat(testbed.idsAtAtlas(kept))
                .containsExactlyInAnyOrder(kept.first().id(), current());
    }

    @Test
    void an_orphan_that_is_in_flight_holds_the_registration_back() {
        testbed.after(Duration.ofSeconds(1));
        // The create came late: ten minutes after the registration.
        killedBefore("createSecret", 1, ROTATE);
        testbed.after(Duration.ofMinutes(10));
        var late = testbed.atlas.createSecret(kept.clientId(), 2160);
        testbed.after(Duration.ofMinutes(6));

        assertThat(failure(testbed.answer(ROTATE))).contains("CREATE_IN_FLIGHT", late.id(), "Try again after");
        assertThat(testbed.attempt(kept)).isPresent();

        testbed.after(Duration.ofMinutes(10));
        assertThat(failure(testbed.answer(ROTATE))).isEmpty();
        assertThat(testbed.idsAtAtlas(kept)).doesNotContain(late.id());
    }

    @Test
    void a_value_written_by_hand_meanwhile_is_kept() {
        testbed.faults(Breaking.once(2, PROMOTION, call -> {
            testbed.faults(Faults.none());
            testbed.changedByHand(kept, Map.of("note", "mine"));
            return new Fault.None();
        }));

        var answer = testbed.answer(ROTATE);

        assertThat(failure(answer)).contains("CHANGED_MEANWHILE", "moved by somebody else");
        assertThat(testbed.stored(kept, "AWSCURRENT", "note")).hasValue("mine");
        assertThat(testbed.currentWorks(kept)).isTrue();

        // Nothing of that run is left once a sweep has come after the overlap.
        for (int day = 0; day < 2; day++) {
            testbed.after(Duration.ofHours(25));
            testbed.answer("{\"action\":\"sweep\"}");
        }
        assertThat(testbed.currentWorks(kept)).isTrue();
        assertThat(testbed.stored(kept, "AWSCURRENT", "note")).hasValue("mine");
        assertThat(testbed.idsAtAtlas(kept)).hasSize(1);
    }

    @Test
    void a_registration_that_is_refused_begins_nothing() {
        testbed.faults(Breaking.every("PutSecretValue", call -> SecretsManagerErrors.accessDenied()));

        assertThat(failure(testbed.answer(ROTATE)))
                .contains("SECRETS_MANAGER_DENIED", "could not be registered", "Nothing was changed");
        assertThat(testbed.atlas.calls()).doesNotContainKey("createSecret");
    }

    @ParameterizedTest
    @CsvSource({"GetSecretValue, 2", "UpdateSecretVersionStage, 2", "mintToken, 2"})
    void what_fails_after_the_create_says_where_the_new_secret_is(String operation, int nth) {
        var number = new AtomicInteger();
        testbed.faults(call -> call.operation().equals(operation) && number.incrementAndGet() >= nth
                ? refused(call)
                : new Fault.None());

        assertThat(failure(testbed.answer(ROTATE)))
                .contains(operation, "The new secret is stored under version ", "of prod/atlas", "within seven days")
                .doesNotContain("Nothing was changed");
        testbed.faults(Faults.none());
        testbed.after(Duration.ofMinutes(16));
        testbed.answer("{\"action\":\"sweep\"}");
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2);
        assertThat(testbed.stored(kept, "AWSCURRENT", "secretId"))
                .isPresent()
                .isNotEqualTo(Optional.of(kept.first().id()));
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    private static Fault refused(Call call) {
        return call.service() == Call.Service.ATLAS
                ? AtlasErrors.api(Fault.Moment.BEFORE_EFFECT, 403, "FORBIDDEN", "no")
                : SecretsManagerErrors.refusal("AccessDeniedException", "Access to KMS, no");
    }

    @Test
    void a_run_that_could_not_be_ended_is_not_begun() {
        assertThat(testbed.handle(ROTATE, Duration.ofSeconds(80))).contains("OUT_OF_TIME", "Nothing was begun");
        assertThat(testbed.attempt(kept)).isEmpty();
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id());
    }

    @Test
    void a_run_that_stops_after_a_deletion_says_that_nothing_was_created_and_that_the_next_run_goes_on() {
        testbed.handle(ROTATE);
        testbed.after(Duration.ofDays(3));
        testbed.faults(Breaking.once(1, "deleteSecret", call -> AtlasErrors.tooManyRequests(40)));

        var text = testbed.handle(ROTATE, Duration.ofSeconds(95));

        assertThat(testbed.idsAtAtlas(kept)).doesNotContain(kept.first().id());
        assertThat(testbed.attempt(kept)).isPresent();
        assertThat(text).contains("OUT_OF_TIME", "No new secret was created").doesNotContain("Nothing was begun");
    }

    @Test
    void a_new_secret_that_is_not_accepted_at_first_is_tried_again() {
        int[] left = {2};
        testbed.faults(call ->
                call.operation().equals("mintToken") && testbed.idsAtAtlas(kept).size() == 2 && left[0]-- > 0
                        ? new Fault.Answer(Fault.Moment.BEFORE_EFFECT, 401, Map.of(), "{\"error\":\"invalid_client\"}")
                        : new Fault.None());

        assertThat(failure(testbed.answer(ROTATE))).isEmpty();
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void an_account_that_may_not_manage_itself_leaves_no_attempt_behind() {
        var reader = testbed.account("prod/reader", MONTH, AtlasModel.PROJECT_READ_ONLY, true);

        var answer = testbed.answer("{\"action\":\"rotate\",\"secretId\":\"prod/reader\"}");

        assertThat(failure(answer)).contains("CREATE_REFUSED", "Project Owner");
        assertThat(testbed.attempt(reader)).isEmpty();
        assertThat(testbed.idsAtAtlas(reader)).containsExactly(reader.first().id());
    }

    @Test
    void a_lifetime_that_the_organization_does_not_allow_is_named_as_that() {
        var project = new AtlasScope.Project(testbed.atlas.addProject(testbed.atlas.addOrganization(720)));
        var short720 = testbed.account(
                "prod/short",
                project,
                AtlasModel.PROJECT_OWNER,
                MONTH,
                "true",
                (id, first) -> Testbed.value(project, id, first));

        var answer = testbed.answer("{\"action\":\"rotate\",\"secretId\":\"prod/short\"}");

        assertThat(failure(answer)).startsWith("LIFETIME_REFUSED").contains("2160 hours", "secretExpiresAfterHours");
        assertThat(testbed.attempt(short720)).isEmpty();
        assertThat(testbed.idsAtAtlas(short720))
                .containsExactly(short720.first().id());
        assertThat(testbed.failure("createSecret", short720, testbed.begin(short720)))
                .hasMessageStartingWith("LIFETIME_REFUSED: ");
    }

    @Test
    void a_refusal_that_does_not_name_the_lifetime_names_it_as_a_possible_reason() {
        testbed.faults(Breaking.every(
                "createSecret",
                call -> AtlasErrors.api(Fault.Moment.BEFORE_EFFECT, 400, "VALIDATION_ERROR", "Not allowed.")));

        assertThat(failure(testbed.answer(ROTATE)))
                .contains("CREATE_REFUSED", "the organization must allow a lifetime of 2160 hours");
    }

    // ---- with rotation configured

    @Test
    void a_secret_that_Secrets_Manager_rotates_is_rotated_by_asking_it_to() {
        testbed.rotatedBySecretsManager(kept);

        var answer = testbed.answer(ROTATE);

        assertThat(actions(answer)).containsExactly("requested");
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id());
        assertThat(testbed.secretsManager.runRotations())
                .extracting(RotationOutcome::end)
                .containsExactly(RotationOutcome.End.SUCCEEDED);
        assertThat(current()).isNotEqualTo(kept.first().id());
    }

    @Test
    void asking_while_an_attempt_is_in_progress_takes_that_one_up_again() {
        testbed.rotatedBySecretsManager(kept);
        var token = testbed.begin(kept);
        testbed.step("createSecret", kept, token);

        assertThat(actions(testbed.answer(ROTATE))).containsExactly("requested");
        testbed.secretsManager.runRotations();

        assertThat(testbed.version(kept, "AWSCURRENT")).hasValue(token);
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"function", "type", "service", "replica"})
    void what_somebody_else_rotates_is_left_alone(String why) {
        switch (why) {
            case "function" ->
                testbed.secretsManager.configureRotation(
                        kept.arn(), "arn:aws:lambda:eu-central-1:123456789012:function:another");
            case "type" -> testbed.secretsManager.markType(kept.arn(), "MongoDBAtlasServiceAccount");
            case "service" -> testbed.secretsManager.markOwnedBy(kept.arn(), "rds");
            default -> testbed.secretsManager.markPrimaryRegion(kept.arn(), "us-east-1");
        }
        for (String event : List.of(ROTATE, REVOKE, DRY)) {
            assertThat(failure(testbed.answer(event))).contains("OWNED_ELSEWHERE", "is not this function's");
        }
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id());
        assertThat(testbed.attempt(kept)).isEmpty();
    }

    @Test
    void a_rotation_that_was_switched_off_is_done_in_this_run() {
        testbed.secretsManager.configureRotation(kept.arn(), Testbed.FUNCTION);
        testbed.call("CancelRotateSecret", kept, Map.of());

        assertThat(actions(testbed.answer(ROTATE))).containsExactly("created " + current(), "promoted " + current());
    }

    // ---- a leak

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_leak_is_answered_in_this_run_and_the_old_ones_go_at_once(boolean bySecretsManager) {
        if (bySecretsManager) {
            testbed.rotatedBySecretsManager(kept);
        }

        var answer = testbed.answer(REVOKE);

        assertThat(actions(answer))
                .containsExactly(
                        "created " + current(),
                        "promoted " + current(),
                        "deleted " + kept.first().id() + " (revoked)");
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(current());
        assertThat(testbed.currentWorks(kept)).isTrue();
        assertThat(testbed.attempt(kept)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_leak_within_an_overlap_takes_both_old_ones_and_says_each_once(boolean bySecretsManager) {
        if (bySecretsManager) {
            testbed.rotatedBySecretsManager(kept);
            testbed.rotate(kept, testbed.begin(kept));
        } else {
            testbed.answer(ROTATE);
        }
        var second = current();
        testbed.after(Duration.ofHours(1));

        var answer = testbed.answer(REVOKE);

        assertThat(failure(answer)).isEmpty();
        assertThat(actions(answer))
                .containsExactly(
                        "deleted " + kept.first().id() + " (revoked)",
                        "created " + current(),
                        "promoted " + current(),
                        "deleted " + second + " (revoked)");
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(current());
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void a_leak_takes_no_old_one_where_somebody_has_deleted_the_new_one_meanwhile() {
        testbed.adminByKey();
        var reader = testbed.account("prod/reader", MONTH, AtlasModel.PROJECT_READ_ONLY, true);
        testbed.faults(call -> {
            if (call.operation().equals(PROMOTION)) {
                testbed.idsAtAtlas(reader).stream()
                        .filter(id -> !id.equals(reader.first().id()))
                        .forEach(id -> testbed.atlas.deleteSecret(reader.clientId(), id));
            }
            return new Fault.None();
        });

        var answer = testbed.answer("{\"action\":\"rotate\",\"secretId\":\"prod/reader\",\"revokeOld\":true}");

        assertThat(failure(answer)).contains("CHANGED_MEANWHILE", "does not show it any more");
        assertThat(testbed.idsAtAtlas(reader)).containsExactly(reader.first().id());
    }

    // ---- dry

    private Map<String, Object> dry(String event) {
        var ledger = testbed.atlas.ledger().stream()
                .filter(one -> isChange(one.what()))
                .toList();
        var fingerprint = testbed.secretsManager.stages(kept.arn());
        int mark = testbed.calls.size();
        var answer = testbed.answer(event);
        assertThat(testbed.atlas.ledger().stream()
                        .filter(one -> isChange(one.what()))
                        .toList())
                .isEqualTo(ledger);
        assertThat(testbed.secretsManager.stages(kept.arn())).isEqualTo(fingerprint);
        assertThat(testbed.operationsSince(mark))
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
        assertThat(actions(dry(DRY))).containsExactly("created", "promoted");
        assertThat(actions(dry(DRY_REVOKE)))
                .containsExactly(
                        "created", "promoted", "deleted " + kept.first().id() + " (revoked)");
    }

    @Test
    void a_dry_run_for_a_secret_of_Secrets_Managers_says_that_it_would_be_asked() {
        testbed.rotatedBySecretsManager(kept);
        assertThat(actions(dry(DRY))).containsExactly("requested");
        assertThat(actions(dry(DRY_REVOKE)))
                .containsExactly(
                        "created", "promoted", "deleted " + kept.first().id() + " (revoked)");
    }

    @Test
    void a_dry_run_within_an_overlap_says_what_the_refusal_would_be() {
        testbed.answer(ROTATE);
        var second = current();
        testbed.after(Duration.ofHours(1));

        assertThat(failure(dry(DRY)))
                .contains("SECRET_WITHIN_OVERLAP", kept.first().id());
        assertThat(actions(dry(DRY_REVOKE)))
                .containsExactly(
                        "deleted " + kept.first().id() + " (revoked)",
                        "created",
                        "promoted",
                        "deleted " + second + " (revoked)");
    }

    @Test
    void a_dry_run_says_what_would_be_resumed() {
        killedBefore(PROMOTION, 2, ROTATE);
        var stored = testbed.stored(kept, "AWSPENDING", "secretId").orElseThrow();
        testbed.after(Duration.ofMinutes(16));

        assertThat(actions(dry(DRY))).containsExactly("resumed", "promoted " + stored);
    }

    @Test
    void a_dry_run_says_what_would_be_given_up_and_made_instead() {
        killedBefore("PutSecretValue", 2, ROTATE);
        var orphan = testbed.atAtlas(kept).getLast().id();
        testbed.after(Duration.ofMinutes(16));

        assertThat(actions(dry(DRY))).startsWith("deleted " + orphan + " (orphan)", "abandoned");
    }
}
