package dev.atlasrotator.simulator.secretsmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a rotation function relies on, told as calls and what is seen after them. */
class SecretsManagerModelTest {
    private static final String FUNCTION = "arn:aws:lambda:eu-central-1:111111111111:function:rotator";
    private static final String PROMOTE = "UpdateSecretVersionStage";
    private static final String TOKEN = "00000000-0000-4000-8000-00000000000a";
    private static final String OTHER_TOKEN = "00000000-0000-4000-8000-00000000000b";

    private final VirtualTime time = new VirtualTime(Instant.parse("2026-11-01T09:00:00Z"));
    private SecretsManagerModel model = new SecretsManagerModel(SecretsManagerSettings.at(time));
    private final String arn = model.seed("prod/atlas", "old", Map.of());
    private final String firstVersion = model.versionUnder(arn, "AWSCURRENT").orElseThrow();

    // --- a rotation that Secrets Manager begins ---

    @Test
    void rotate_secret_registers_an_empty_pending_version_under_the_token() {
        rotate(TOKEN);

        assertThat(model.stages(arn))
                .isEqualTo(Map.of(firstVersion, List.of("AWSCURRENT"), TOKEN, List.of("AWSPENDING")));
        assertThat(refusal("GetSecretValue", "VersionId", TOKEN, "VersionStage", "AWSPENDING"))
                .isEqualTo("ResourceNotFoundException");
    }

    @Test
    void promotion_moves_current_and_previous_and_takes_pending_off_a_registered_version() {
        rotate(TOKEN);
        putPending(TOKEN, "new");
        time.advance(Duration.ofSeconds(5));
        promote(firstVersion, TOKEN);

        assertThat(model.stages(arn))
                .isEqualTo(Map.of(firstVersion, List.of("AWSPREVIOUS"), TOKEN, List.of("AWSCURRENT")));
        assertThat(date("LastRotatedDate")).isEqualTo(time.instant());
        assertThat(model.valueUnder(arn, "AWSCURRENT")).contains("new");
    }

    @Test
    void promotion_leaves_pending_on_a_version_that_was_put_by_hand() {
        putPending(TOKEN, "new");
        promote(firstVersion, TOKEN);

        assertThat(model.stages(arn)).containsEntry(TOKEN, List.of("AWSCURRENT", "AWSPENDING"));
        assertThat(described()).doesNotContainKey("LastRotatedDate");
    }

    @Test
    void a_second_promotion_fails_because_current_is_no_longer_where_it_was() {
        rotate(TOKEN);
        putPending(TOKEN, "new");
        promote(firstVersion, TOKEN);

        assertThat(refusedPromotion()).isEqualTo("InvalidParameterException");
    }

    @Test
    void current_cannot_be_moved_without_naming_its_holder_nor_be_removed() {
        putPending(TOKEN, "new");

        assertThat(refusal(PROMOTE, "VersionStage", "AWSCURRENT", "MoveToVersionId", TOKEN))
                .isEqualTo("InvalidParameterException");
        assertThat(refusal(PROMOTE, "VersionStage", "AWSCURRENT", "RemoveFromVersionId", firstVersion))
                .isEqualTo("InvalidParameterException");
    }

    @Test
    void an_empty_version_cannot_become_current() {
        rotate(TOKEN);

        assertThat(refusedPromotion()).isEqualTo("ResourceNotFoundException");
    }

    @Test
    void an_unfinished_rotation_is_run_again_with_its_own_token_and_the_new_request_is_refused() {
        var tokens = new ArrayList<String>();
        model.attach(FUNCTION, event -> {
            tokens.add(String.valueOf(event.get("ClientRequestToken")));
            throw new IllegalStateException("Atlas does not answer");
        });
        rotate(TOKEN);
        model.runRotations();
        var refused = refusal("RotateSecret", "ClientRequestToken", OTHER_TOKEN, "RotationLambdaARN", FUNCTION);
        model.runRotations();

        assertThat(refused).isEqualTo("InvalidRequestException");
        assertThat(tokens).containsExactly(TOKEN, TOKEN);
        assertThat(model.stages(arn)).doesNotContainKey(OTHER_TOKEN);
    }

    @Test
    void an_unfinished_rotation_may_also_answer_with_the_old_version() {
        model = model.copy(SecretsManagerSettings.at(time)
                .with(SecretsManagerSettings.RetriedRotation.ANSWERED_WITH_THE_OLD_VERSION));
        rotate(TOKEN);

        assertThat(rotate(OTHER_TOKEN)).containsEntry("VersionId", TOKEN);
    }

    @Test
    void a_rotation_takes_a_label_that_was_left_beside_current() {
        putPending(TOKEN, "new");
        promote(firstVersion, TOKEN);
        rotate(OTHER_TOKEN);

        assertThat(model.stages(arn))
                .containsEntry(TOKEN, List.of("AWSCURRENT"))
                .containsEntry(OTHER_TOKEN, List.of("AWSPENDING"));
    }

    @Test
    void a_fault_is_asked_once_a_call_and_told_the_arn() {
        var asked = new ArrayList<Call>();
        model.inject(call -> {
            asked.add(call);
            return new Fault.None();
        });
        call("DescribeSecret", "SecretId", "prod/atlas");
        call("ListSecrets");

        assertThat(asked)
                .containsExactly(
                        new Call(Call.Service.SECRETS_MANAGER, "DescribeSecret", arn, 1),
                        new Call(Call.Service.SECRETS_MANAGER, "ListSecrets", "", 2));
    }

    @Test
    void a_rotation_that_was_given_up_lets_the_next_one_begin() {
        rotate(TOKEN);
        call(PROMOTE, "VersionStage", "AWSPENDING", "RemoveFromVersionId", TOKEN);

        assertThat(rotate(OTHER_TOKEN)).containsEntry("VersionId", OTHER_TOKEN);
        assertThat(model.stages(arn)).containsEntry(OTHER_TOKEN, List.of("AWSPENDING"));
    }

    @Test
    void giving_up_twice_fails_because_nobody_has_the_label_any_more() {
        rotate(TOKEN);
        call(PROMOTE, "VersionStage", "AWSPENDING", "RemoveFromVersionId", TOKEN);

        assertThat(refusal(PROMOTE, "VersionStage", "AWSPENDING", "RemoveFromVersionId", TOKEN))
                .isEqualTo("InvalidParameterException");
    }

    @Test
    void without_immediate_rotation_only_test_secret_runs_on_a_temporary_copy_of_the_current_value() {
        var seen = new ArrayList<String>();
        model.attach(FUNCTION, event -> {
            seen.add(event.get("Step")
                    + " "
                    + model.valueUnder(arn, "AWSPENDING").orElse("nothing"));
        });
        rotateLater(TOKEN);
        var outcomes = model.runRotations();

        assertThat(seen).containsExactly("testSecret old");
        assertThat(outcomes).extracting(RotationOutcome::end).containsExactly(RotationOutcome.End.TEST_SUCCEEDED);
        assertThat(model.stages(arn)).isEqualTo(Map.of(firstVersion, List.of("AWSCURRENT")));
        assertThat(described()).containsEntry("RotationEnabled", true).doesNotContainKey("LastRotatedDate");
    }

    @Test
    void the_temporary_version_of_a_test_without_a_function_goes_when_the_test_is_over() {
        rotateLater(TOKEN);
        assertThat(model.stages(arn)).containsEntry(TOKEN, List.of("AWSPENDING"));

        model.endRotationTest(arn, TOKEN);

        assertThat(model.stages(arn)).doesNotContainKey(TOKEN);
    }

    @Test
    void a_whole_rotation_gives_the_function_all_steps_and_a_rotation_token() {
        var steps = new ArrayList<String>();
        var rotationTokens = new ArrayList<String>();
        model.attach(FUNCTION, event -> {
            steps.add(String.valueOf(event.get("Step")));
            rotationTokens.add(String.valueOf(event.get("RotationToken")));
            wellBehavedStep(event);
        });
        rotate(TOKEN);
        var outcomes = model.runRotations();

        assertThat(steps).containsExactly("createSecret", "setSecret", "testSecret", "finishSecret");
        assertThat(outcomes).extracting(RotationOutcome::end).containsExactly(RotationOutcome.End.SUCCEEDED);
        assertThat(model.rotationTokenOf(TOKEN)).contains(rotationTokens.getFirst());
        assertThat(rotationTokens.getFirst()).hasSize(36);
    }

    @Test
    void a_failed_rotation_is_tried_again_from_its_first_step() {
        model = model.copy(SecretsManagerSettings.at(time).withRotationTries(2));
        var steps = new ArrayList<String>();
        model.attach(FUNCTION, event -> {
            steps.add(String.valueOf(event.get("Step")));
            if (steps.size() == 3) {
                throw new IllegalStateException("once");
            }
            wellBehavedStep(event);
        });
        rotate(TOKEN);
        var outcomes = model.runRotations();

        assertThat(steps)
                .containsExactly(
                        "createSecret",
                        "setSecret",
                        "testSecret",
                        "createSecret",
                        "setSecret",
                        "testSecret",
                        "finishSecret");
        assertThat(outcomes).extracting(RotationOutcome::end).containsExactly(RotationOutcome.End.SUCCEEDED);
    }

    @Test
    void a_rotation_that_the_function_gives_up_is_not_tried_again() {
        model = model.copy(SecretsManagerSettings.at(time).withRotationTries(5));
        model.attach(FUNCTION, event -> {
            call(PROMOTE, "VersionStage", "AWSPENDING", "RemoveFromVersionId", TOKEN);
            throw new IllegalStateException("given up");
        });
        rotate(TOKEN);

        assertThat(model.runRotations())
                .containsExactly(new RotationOutcome(
                        arn, TOKEN, RotationOutcome.End.FAILED, "createSecret", "IllegalStateException"));
    }

    @Test
    void a_value_written_by_hand_makes_secrets_manager_abandon_the_rotation() {
        model.attach(
                FUNCTION,
                event -> call("PutSecretValue", "ClientRequestToken", OTHER_TOKEN, "SecretString", "by hand"));
        rotate(TOKEN);
        var outcomes = model.runRotations();

        assertThat(outcomes).extracting(RotationOutcome::end).containsExactly(RotationOutcome.End.ABANDONED);
        assertThat(model.versionUnder(arn, "AWSPENDING")).isEmpty();
        assertThat(model.valueUnder(arn, "AWSCURRENT")).contains("by hand");
    }

    @Test
    void the_label_of_an_abandoned_rotation_may_also_stay() {
        model = model.copy(SecretsManagerSettings.at(time).with(SecretsManagerSettings.AbandonedLabel.STAYS));
        rotate(TOKEN);
        call("PutSecretValue", "ClientRequestToken", OTHER_TOKEN, "SecretString", "by hand");

        assertThat(model.versionUnder(arn, "AWSPENDING")).contains(TOKEN);
    }

    @Test
    void cancelling_switches_rotation_off_and_leaves_the_label() {
        rotate(TOKEN);

        assertThat(call("CancelRotateSecret")).containsEntry("VersionId", TOKEN);
        assertThat(described()).containsEntry("RotationEnabled", false).containsEntry("RotationLambdaARN", FUNCTION);
        assertThat(model.versionUnder(arn, "AWSPENDING")).contains(TOKEN);
    }

    // --- values ---

    @Test
    void the_same_put_again_changes_nothing_and_another_value_is_refused() {
        putPending(TOKEN, "new");
        var before = model.fingerprint();
        putPending(TOKEN, "new");

        assertThat(model.fingerprint()).isEqualTo(before);
        assertThat(refusal("PutSecretValue", pending(TOKEN, "another"))).isEqualTo("ResourceExistsException");
    }

    @Test
    void the_first_version_of_an_empty_secret_becomes_current_whatever_was_asked_for() {
        call("CreateSecret", "Name", "empty", "ClientRequestToken", TOKEN);
        call(
                "PutSecretValue",
                "SecretId",
                "empty",
                "ClientRequestToken",
                OTHER_TOKEN,
                "SecretString",
                "first",
                "VersionStages",
                List.of("AWSPENDING"));

        assertThat(model.stages("empty")).containsEntry(OTHER_TOKEN, List.of("AWSCURRENT", "AWSPENDING"));
    }

    @Test
    void the_same_creation_again_succeeds_and_another_is_refused() {
        var first = call("CreateSecret", "Name", "a", "ClientRequestToken", TOKEN, "SecretString", "v");

        assertThat(call("CreateSecret", "Name", "a", "ClientRequestToken", TOKEN, "SecretString", "v"))
                .isEqualTo(first);
        assertThat(refusal("CreateSecret", "Name", "a", "ClientRequestToken", OTHER_TOKEN, "SecretString", "v"))
                .isEqualTo("ResourceExistsException");
    }

    @Test
    void a_batch_answers_what_it_can_and_names_what_it_cannot() {
        model.seed("b", "vb", Map.of());
        call("DeleteSecret", "SecretId", model.seed("c", "vc", Map.of()));
        var answer = call("BatchGetSecretValue", "SecretIdList", List.of(arn, "b", "none", "c"));

        assertThat((List<?>) answer.get("SecretValues")).hasSize(2);
        assertThat((List<?>) answer.get("Errors"))
                .extracting(error -> String.valueOf(((Map<?, ?>) error).get("ErrorCode")))
                .containsExactly("ResourceNotFoundException", "InvalidRequestException");
        assertThat(refusal(
                        "BatchGetSecretValue",
                        "SecretIdList",
                        IntStream.range(0, 21).mapToObj(i -> "s" + i).toList()))
                .isEqualTo("ValidationException");
    }

    @Test
    void old_versions_without_a_label_go_after_a_day_when_there_are_a_hundred() {
        for (var i = 0; i < 99; i++) {
            putCurrent(i);
        }
        assertThat(refusal("PutSecretValue", "ClientRequestToken", TOKEN, "SecretString", "too many"))
                .isEqualTo("LimitExceededException");

        time.advance(Duration.ofHours(25));
        putCurrent(99);

        assertThat(model.valueOf(arn, firstVersion)).isEmpty();
    }

    private void putCurrent(int i) {
        call(
                "PutSecretValue",
                "ClientRequestToken",
                "11111111-0000-4000-8000-%012d".formatted(i),
                "SecretString",
                "v" + i);
    }

    // --- lists ---

    @Test
    void lists_are_filtered_by_beginnings_and_paged() {
        for (var i = 0; i < 5; i++) {
            model.seed("dev/" + i, "v", Map.of("atlas-secret-rotator", "yes"));
        }
        var first = call("ListSecrets", "MaxResults", 3, "Filters", filter("tag-key", "atlas-secret"));
        var second = call(
                "ListSecrets",
                "MaxResults",
                3,
                "Filters",
                filter("tag-key", "atlas-secret"),
                "NextToken",
                String.valueOf(first.get("NextToken")));

        assertThat(names(first)).containsExactly("dev/0", "dev/1", "dev/2");
        assertThat(names(second)).containsExactly("dev/3", "dev/4");
        assertThat(second).doesNotContainKey("NextToken");
        assertThat(names(call("ListSecrets", "Filters", filter("name", "prod/"))))
                .containsExactly("prod/atlas");
        assertThat(names(call("ListSecrets", "Filters", filter("name", "DEV/"))))
                .isEmpty();
    }

    @Test
    void a_secret_marked_for_deletion_is_listed_only_on_demand_and_is_gone_after_its_window() {
        call("DeleteSecret", "RecoveryWindowInDays", 7);

        assertThat(names(call("ListSecrets"))).isEmpty();
        assertThat(names(call("ListSecrets", "IncludePlannedDeletion", true))).containsExactly("prod/atlas");
        assertThat(refusal("GetSecretValue")).isEqualTo("InvalidRequestException");
        time.advance(Duration.ofDays(8));
        assertThat(refusal("DescribeSecret")).isEqualTo("ResourceNotFoundException");
    }

    @Test
    void a_read_is_noted_by_its_day() {
        call("GetSecretValue");

        assertThat(date("LastAccessedDate")).isEqualTo(Instant.parse("2026-11-01T00:00:00Z"));
    }

    @Test
    void a_replica_takes_no_writes() {
        model.markPrimaryRegion(arn, "us-east-1");

        assertThat(refusal("PutSecretValue", "ClientRequestToken", TOKEN, "SecretString", "new"))
                .isEqualTo("InvalidRequestException");
    }

    // --- what goes wrong ---

    @Test
    void a_stale_read_shows_the_state_of_so_long_ago_and_a_write_does_not() {
        time.advance(Duration.ofMinutes(10));
        rotate(TOKEN);
        putPending(TOKEN, "new");
        promote(firstVersion, TOKEN);
        time.advance(Duration.ofSeconds(1));
        model.inject(call -> new Fault.Stale(Duration.ofSeconds(2)));

        assertThat(call("GetSecretValue")).containsEntry("SecretString", "old");
        assertThat(call("DescribeSecret"))
                .containsEntry("VersionIdsToStages", Map.of(firstVersion, List.of("AWSCURRENT")));
        assertThat(refusedPromotion()).isEqualTo("InvalidParameterException");
    }

    @Test
    void a_fault_strikes_before_or_after_the_effect() {
        var put = ofTheSecret("PutSecretValue", request(pending(TOKEN, "new")));

        model.inject(call -> new Fault.Close(Fault.Moment.BEFORE_EFFECT));
        assertThat(model.handle("PutSecretValue", put)).isInstanceOf(SecretsManagerReply.Closed.class);
        assertThat(model.valueUnder(arn, "AWSPENDING")).isEmpty();

        model.inject(call -> SecretsManagerErrors.internal(Fault.Moment.AFTER_EFFECT));
        assertThat(model.handle("PutSecretValue", put)).isInstanceOf(SecretsManagerReply.Canned.class);
        assertThat(model.valueUnder(arn, "AWSPENDING")).contains("new");
    }

    @Test
    void the_quota_turns_the_fifty_first_put_of_a_second_away() {
        model = model.copy(SecretsManagerSettings.at(time).withQuota());
        for (var i = 0; i < 50; i++) {
            putPending(TOKEN, "new");
        }

        assertThat(refusal("PutSecretValue", "ClientRequestToken", TOKEN, "SecretString", "new"))
                .isEqualTo("ThrottlingException");
        time.advance(Duration.ofMillis(20));
        putPending(TOKEN, "new");
    }

    @Test
    void latency_and_slowness_move_the_clock() {
        model = model.copy(SecretsManagerSettings.at(time).withLatency(Duration.ofMillis(40)));
        var start = time.instant();
        call("DescribeSecret");
        model.inject(call -> new Fault.Slow(Duration.ofSeconds(3)));
        call("DescribeSecret");

        assertThat(Duration.between(start, time.instant())).isEqualTo(Duration.ofMillis(3_080));
    }

    // --- for tests and explorers ---

    @Test
    void the_ledger_and_the_counters_tell_what_happened_and_no_value() {
        putPending(TOKEN, "very-secret");
        refusal("GetSecretValue", "SecretId", "none");

        assertThat(model.ledger())
                .containsExactly(
                        new SecretsLedgerEntry(time.instant(), "PutSecretValue", arn, TOKEN, "ok"),
                        new SecretsLedgerEntry(
                                time.instant(), "GetSecretValue", "none", "", "ResourceNotFoundException"));
        assertThat(model.calls()).isEqualTo(2);
        assertThat(model.calls("PutSecretValue")).isEqualTo(1);
        assertThat(model.handle("GetSecretValue", Map.of("SecretId", arn)).toString())
                .doesNotContain("old");
    }

    @Test
    void a_copy_goes_its_own_way() {
        var copy = model.copy();
        rotate(TOKEN);

        assertThat(copy.stages(arn)).isEqualTo(Map.of(firstVersion, List.of("AWSCURRENT")));
        assertThat(copy.fingerprint()).isNotEqualTo(model.fingerprint());
    }

    @Test
    void the_fingerprint_does_not_depend_on_ids_and_depends_on_values_and_ages() {
        var left = model.copy();
        var right = model.copy();
        left.call("RotateSecret", request("SecretId", arn, "ClientRequestToken", TOKEN, "RotationLambdaARN", FUNCTION));
        right.call(
                "RotateSecret",
                request("SecretId", arn, "ClientRequestToken", OTHER_TOKEN, "RotationLambdaARN", FUNCTION));
        assertThat(left.fingerprint()).isEqualTo(right.fingerprint());

        left.call("PutSecretValue", request("SecretId", arn, "ClientRequestToken", TOKEN, "SecretString", "a"));
        right.call("PutSecretValue", request("SecretId", arn, "ClientRequestToken", OTHER_TOKEN, "SecretString", "b"));
        assertThat(left.fingerprint()).isNotEqualTo(right.fingerprint()).doesNotContain(TOKEN);
        assertThat(left.fingerprint(value -> "x")).isEqualTo(right.fingerprint(value -> "x"));

        var before = left.fingerprint();
        time.advance(Duration.ofMillis(1));
        assertThat(left.fingerprint()).isNotEqualTo(before);
    }

    @Test
    void the_same_seed_makes_the_same_ids() {
        var again = new SecretsManagerModel(SecretsManagerSettings.at(time));

        assertThat(again.seed("prod/atlas", "old", Map.of())).isEqualTo(arn);
        assertThat(new SecretsManagerModel(SecretsManagerSettings.at(time).withIdSeed(7))
                        .seed("prod/atlas", "old", Map.of()))
                .isNotEqualTo(arn);
    }

    // --- building blocks ---

    private Map<String, Object> rotate(String token) {
        return call("RotateSecret", "ClientRequestToken", token, "RotationLambdaARN", FUNCTION);
    }

    private void rotateLater(String token) {
        call("RotateSecret", "ClientRequestToken", token, "RotationLambdaARN", FUNCTION, "RotateImmediately", false);
    }

    private void putPending(String token, String value) {
        call("PutSecretValue", pending(token, value));
    }

    private static Object[] pending(String token, String value) {
        var pending = List.of("AWSPENDING");
        return new Object[] {"ClientRequestToken", token, "SecretString", value, "VersionStages", pending};
    }

    private void promote(String from, String to) {
        call(PROMOTE, "VersionStage", "AWSCURRENT", "MoveToVersionId", to, "RemoveFromVersionId", from);
    }

    private String refusedPromotion() {
        return refusal(
                PROMOTE, "VersionStage", "AWSCURRENT", "MoveToVersionId", TOKEN, "RemoveFromVersionId", firstVersion);
    }

    private void wellBehavedStep(Map<String, Object> event) {
        var token = String.valueOf(event.get("ClientRequestToken"));
        switch (String.valueOf(event.get("Step"))) {
            case "createSecret" ->
                call(
                        "PutSecretValue",
                        Stream.concat(
                                        Stream.of(pending(token, "new")),
                                        Stream.of("RotationToken", String.valueOf(event.get("RotationToken"))))
                                .toArray());
            case "finishSecret" -> promote(firstVersion, token);
            default -> {
                // Nothing to set, nothing to test.
            }
        }
    }

    private Map<String, Object> described() {
        return call("DescribeSecret");
    }

    private Instant date(String member) {
        return SecretsManagerWire.instant(
                Optional.ofNullable(described().get(member)).orElseThrow());
    }

    private static List<Object> filter(String key, String value) {
        return List.of(Map.of("Key", key, "Values", List.of(value)));
    }

    private static List<String> names(Map<String, Object> answer) {
        return ((List<?>) Optional.ofNullable(answer.get("SecretList")).orElseThrow())
                .stream()
                        .map(secret -> String.valueOf(((Map<?, ?>) secret).get("Name")))
                        .toList();
    }

    private Map<String, Object> call(String operation, Object... members) {
        return model.call(operation, ofTheSecret(operation, request(members)));
    }

    /** About the one stored secret, unless it is about another or about none. */
    private Map<String, Object> ofTheSecret(String operation, Map<String, Object> request) {
        if (!Set.of("CreateSecret", "ListSecrets", "BatchGetSecretValue").contains(operation)) {
            request.putIfAbsent("SecretId", arn);
        }
        return request;
    }

    private String refusal(String operation, Object... members) {
        return catchThrowableOfType(SecretsManagerError.class, () -> call(operation, members))
                .code();
    }

    private static Map<String, Object> request(Object... members) {
        var request = new LinkedHashMap<String, Object>();
        for (var i = 0; i < members.length; i += 2) {
            request.put(String.valueOf(members[i]), members[i + 1]);
        }
        return request;
    }
}
