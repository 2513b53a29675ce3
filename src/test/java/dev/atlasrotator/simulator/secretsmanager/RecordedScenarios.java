package dev.atlasrotator.simulator.secretsmanager;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;
import software.amazon.awssdk.services.secretsmanager.model.Tag;
import software.amazon.awssdk.services.secretsmanager.model.TagResourceResponse;

/** What was called in each recorded scenario. */
final class RecordedScenarios {
    private static final String NAME = "s-recorded";
    private static final String FUNCTION = "arn:aws:lambda:eu-central-1:111111111111:function:rotate";

    private final Replay replay;
    private final SecretsManagerClient client;

    RecordedScenarios(Replay replay) {
        this.replay = replay;
        this.client = replay.client;
    }

    /**
     * @param scenario the recorded name, with its parameter in square brackets if it has one
     */
    void run(String scenario) {
        var bracket = scenario.indexOf('[');
        var name = bracket < 0 ? scenario : scenario.substring(0, bracket);
        var parameter = bracket < 0 ? "" : scenario.substring(bracket + 1, scenario.length() - 1);
        switch (name) {
            case "test_can_recreate_delete_secret" -> recreateAfterDeletion();
            case "test_exp_raised_on_creation_of_secret_scheduled_for_deletion" -> createWhileMarkedForDeletion();
            case "test_create_and_update_secret" -> createAndUpdate(parameter.replaceFirst("-(True|False)$", ""));
            case "test_call_lists_secrets_multiple_times", "test_call_lists_secrets_multiple_times_snapshots" ->
                listRepeatedly();
            case "test_create_multi_secrets", "test_create_multi_secrets_snapshot" -> createSeveral();
            case "test_put_secret_value_with_version_stages" -> putWithStages();
            case "test_invalid_secret_name" -> invalidName(parameter);
            case "test_update_secret_description" -> updateDescription();
            case "test_update_secret_version_stages_return_type" -> moveCurrentOnce();
            case "test_update_secret_version_stages_current_previous" -> updateMovesCurrent();
            case "test_update_secret_version_stages_current_pending" -> putByHandAfterPromotion();
            case "test_update_secret_version_stages_current_pending_cycle" -> cycle(List.of(), List.of());
            case "test_update_secret_version_stages_current_pending_cycle_custom_stages_1" ->
                cycle(List.of("AWSSOMETHING", "PUT1"), List.of("PUT2"));
            case "test_update_secret_version_stages_current_pending_cycle_custom_stages_2" -> cycleAfterPutCurrent();
            case "test_update_secret_version_stages_current_pending_cycle_custom_stages_3" -> removeCustomStage();
            case "test_non_versioning_version_stages_replacement" ->
                putTwice(List.of("one", "two", "three"), List.of("one", "two", "three", "four"));
            case "test_non_versioning_version_stages_no_replacement" ->
                putTwice(List.of("one", "two", "three"), List.of("one", "two", "four"));
            case "test_secret_not_found" -> secretNotFound();
            case "test_secret_exists_snapshots" -> secretExists();
            case "test_no_client_request_token" -> withoutToken(parameter);
            case "test_create_secret_version_from_empty_secret" -> firstVersionOfEmptySecret();
            case "test_rotate_secret_with_lambda_success" -> rotateOnce(parameter.equals("True"));
            case "test_rotate_secret_multiple_times_with_lambda_success" -> rotateTwice();
            case "test_rotate_secret_invalid_lambda_arn" -> rotateWithUnknownFunction();
            case "test_first_rotate_secret_with_missing_lambda_arn" -> rotateWithoutFunction();
            case "test_resource_policy" -> resourcePolicy();
            case "test_secret_restore" -> restore();
            case "test_secret_tags" -> tags();
            case "test_deprecated_secret_version_stage" -> unlabelledVersions();
            case "test_get_secret_value_errors" -> wrongStage();
            case "test_secret_version_not_found" -> versionNotFound();
            case "test_get_secret_value" -> binaryValue();
            case "test_force_delete_deleted_secret" -> forceDeleteMarked();
            case "test_tag_untag_resource_on_deleted_secret" -> tagMarked();
            case "test_change_secret_value_after_creation" -> changeBinaryValue(parameter);
            default -> throw new AssertionError("nobody has written down how " + scenario + " was recorded");
        }
        replay.recorded.assertAllCompared();
    }

    // --- building blocks ---

    private String create(String key, String value) {
        return replay.expect(key, client.createSecret(b -> b.name(NAME).secretString(value)))
                .versionId();
    }

    private String put(String key, String value, List<String> stages) {
        return replay.expect(key, client.putSecretValue(b -> {
                    b.secretId(NAME).secretString(value);
                    if (!stages.isEmpty()) {
                        b.versionStages(stages);
                    }
                }))
                .versionId();
    }

    private void get(String key) {
        replay.expect(key, client.getSecretValue(b -> b.secretId(NAME)));
    }

    private void getVersion(String key, String versionId) {
        replay.expect(key, client.getSecretValue(b -> b.secretId(NAME).versionId(versionId)));
    }

    private void describe(String key) {
        replay.expect(key, client.describeSecret(b -> b.secretId(NAME)));
    }

    private void listVersions(String key) {
        replay.expect(key, client.listSecretVersionIds(b -> b.secretId(NAME)));
    }

    private void listAllVersions(String key) {
        replay.expect(key, client.listSecretVersionIds(b -> b.secretId(NAME).includeDeprecated(true)));
    }

    private void promote(String key, String from, String to) {
        replay.expect(
                key,
                client.updateSecretVersionStage(b -> b.secretId(NAME)
                        .versionStage("AWSCURRENT")
                        .removeFromVersionId(from)
                        .moveToVersionId(to)));
    }

    private void delete(String key) {
        delete(key, NAME);
    }

    private void delete(String key, String name) {
        replay.expect(key, client.deleteSecret(b -> b.secretId(name).forceDeleteWithoutRecovery(true)));
    }

    // --- the life of a secret ---

    private void recreateAfterDeletion() {
        create("create_secret_res_0", "one");
        delete("delete_res_1");
        create("create_secret_res_1", "one");
    }

    private void createWhileMarkedForDeletion() {
        client.createSecret(b -> b.name(NAME).secretString("one"));
        replay.expect("delete_res", client.deleteSecret(b -> b.secretId(NAME).recoveryWindowInDays(7L)));
        replay.expectError(
                "invalid_req_ex", () -> client.createSecret(b -> b.name(NAME).secretString("one")));
    }

    private void createAndUpdate(String name) {
        var arn = replay.expect(
                        "create_secret_rs_1",
                        client.createSecret(
                                b -> b.name(name).secretString("my_secret").description("Testing secret creation.")))
                .arn();
        var partialArn = arn.substring(0, arn.length() - 7);
        replay.expect("get_secret_value_rs_1", client.getSecretValue(b -> b.secretId(name)));
        replay.expect("describe_secret_rs_1", client.describeSecret(b -> b.secretId(name)));
        replay.expect("get_secret_value_rs_2", client.getSecretValue(b -> b.secretId(arn)));
        if (replay.recorded.has("get_secret_value_rs_3")) {
            replay.expect("get_secret_value_rs_3", client.getSecretValue(b -> b.secretId(partialArn)));
        } else {
            replay.expectError("resource_not_found_dict_1", () -> client.getSecretValue(b -> b.secretId(partialArn)));
        }
        replay.expect(
                "put_secret_value_rs_1",
                client.putSecretValue(b -> b.secretId(name).secretString("new_secret")));
        replay.expect("get_secret_value_rs_4", client.getSecretValue(b -> b.secretId(name)));
        replay.expect(
                "update_secret_res_1",
                client.updateSecret(b -> b.secretId(arn).secretString("test123").description("d1")));
        delete("delete_secret_res_1", name);
    }

    private void secretNotFound() {
        replay.expectError("get_secret_value_not_found_ex", () -> client.getSecretValue(b -> b.secretId("s-none")));
        replay.expectError(
                "list_secret_version_ids_not_found_ex", () -> client.listSecretVersionIds(b -> b.secretId("s-none")));
    }

    private void secretExists() {
        client.createSecret(b -> b.name(NAME).secretString("one").description("again"));
        replay.expectError(
                "ex_log",
                () -> client.createSecret(b -> b.name(NAME).secretString("one").description("again")));
        delete("delete_secret_res");
    }

    private void restore() {
        client.createSecret(b -> b.name(NAME).secretString("my_secret").description("test description"));
        replay.expect("delete_secret_res", client.deleteSecret(b -> b.secretId(NAME)));
        replay.expect("restore_secret_res", client.restoreSecret(b -> b.secretId(NAME)));
    }

    private void forceDeleteMarked() {
        var arn = replay.expect(
                        "create_secret_response",
                        client.createSecret(b -> b.name(NAME).secretString("one")))
                .arn();
        replay.expect("delete_secret_response", client.deleteSecret(b -> b.secretId(arn)));
        replay.expect("describe_secret_response", client.describeSecret(b -> b.secretId(arn)));
        delete("force_delete_secret_response", arn);
    }

    private void invalidName(String name) {
        List<Replay.Attempt> attempts = List.of(
                () -> client.createSecret(b -> b.name(name).secretString("MySecretString")),
                () -> client.deleteSecret(b -> b.secretId(name).forceDeleteWithoutRecovery(true)),
                () -> client.describeSecret(b -> b.secretId(name)),
                () -> client.getSecretValue(b -> b.secretId(name)),
                () -> client.listSecretVersionIds(b -> b.secretId(name).includeDeprecated(true)),
                () -> client.putSecretValue(b -> b.secretId(name).secretString("MySecretString")),
                () -> client.tagResource(b -> b.secretId(name)
                        .tags(Tag.builder().key("FirstTag").value("SomeValue").build())),
                () -> client.untagResource(b -> b.secretId(name).tagKeys("FirstTag")),
                () -> client.updateSecret(b -> b.secretId(name).description("MyNewDescription")),
                () -> client.validateResourcePolicy(b -> b.secretId(name).resourcePolicy("{}")));
        for (var i = 0; i < attempts.size(); i++) {
            replay.expectError("ex_log_" + (i + 1), attempts.get(i));
        }
    }

    private void withoutToken(String operation) {
        var id = operation.equals("CreateSecret") ? "Name" : "SecretId";
        var answer = replay.raw(
                operation, Map.of(id, NAME, "SecretString", "thisisthesecret", "Description", "My secret string"));
        replay.expectMembers(
                "no-client-request-exc",
                Map.of("Error", answer.body(), "Metadata", Map.of("StatusCode", answer.status())));
    }

    // --- lists ---

    private void listRepeatedly() {
        replay.expect(
                "create_secret_rs_1",
                client.createSecret(
                        b -> b.name(NAME).secretString("my_secret").description("testing creation of secrets")));
        for (var i = 0; i < 3; i++) {
            replay.expectMembers("list_secrets_res_" + i, wholeList());
        }
        delete("delete_secret_res_1");
    }

    private void createSeveral() {
        for (var i = 0; i < 3; i++) {
            var name = "several-" + i;
            client.createSecret(b -> b.name(name).secretString(name).description("Testing secrets creation."));
        }
        replay.expectMembers("list_secrets_res", wholeList());
        for (var i = 0; i < 3; i++) {
            delete("delete_secret_res" + i, "several-" + i);
        }
    }

    private Map<String, Object> wholeList() {
        return Map.of(
                "SecretList",
                client.listSecretsPaginator(b -> b.maxResults(1)).stream()
                        .flatMap(page -> page.secretList().stream())
                        .map(Replay::members)
                        .toList());
    }

    private void unlabelledVersions() {
        replay.expect(
                "create_secret",
                client.createSecret(b -> b.name(NAME).secretString("original").description("My secret")));
        listVersions("list_secret_version_ids");
        put("put_secret_value_1", "update1", List.of());
        listVersions("list_secret_version_ids_1");
        put("put_secret_value_2", "update2", List.of());
        listVersions("list_secret_version_ids_2");
        listAllVersions("list_secret_version_ids_3");
        put("put_secret_value_3", "update3", List.of());
        listVersions("list_secret_version_ids_4");
        listAllVersions("list_secret_version_ids_5");
    }

    private void tags() {
        replay.expect("create_secret", client.createSecret(b -> b.name(NAME)));
        describe("describe_secret");
        replay.expect("tag_resource_1", tag("tag1"));
        describe("describe_secret_1");
        replay.expect("tag_resource_2", tag("tag2"));
        describe("describe_secret_2");
        replay.expect(
                "untag_resource_1", client.untagResource(b -> b.secretId(NAME).tagKeys("tag1")));
        describe("describe_secret_3");
        replay.expect(
                "untag_resource_2", client.untagResource(b -> b.secretId(NAME).tagKeys("tag2")));
        describe("describe_secret_4");
        tag("tag3");
        tag("tag4");
        describe("describe_secret_5");
        client.untagResource(b -> b.secretId(NAME).tagKeys("tag3", "tag4"));
        describe("describe_secret_6");
    }

    private TagResourceResponse tag(String key) {
        return client.tagResource(b -> b.secretId(NAME)
                .tags(Tag.builder().key(key).value(key.replace("tag", "value")).build()));
    }

    private void tagMarked() {
        replay.expect(
                "create_secret",
                client.createSecret(b -> b.name(NAME)
                        .secretString("test-secret-value")
                        .tags(Tag.builder()
                                .key("initial-tag")
                                .value("initial-value")
                                .build())));
        replay.expect("delete_secret", client.deleteSecret(b -> b.secretId(NAME)));
        replay.expectError("tag_deleted_secret_error", () -> tag("tag1"));
        replay.expectError(
                "untag_deleted_secret_error",
                () -> client.untagResource(b -> b.secretId(NAME).tagKeys("initial-tag")));
    }

    private void resourcePolicy() {
        client.createSecret(b -> b.name(NAME).secretString("my_secret").description("testing creation of secrets"));
        var policy = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\","
                + "\"Action\":\"secretsmanager:GetSecretValue\",\"Resource\":\"*\"}]}";
        replay.expect(
                "put_resource_policy",
                client.putResourcePolicy(b -> b.secretId(NAME).resourcePolicy(policy)));
        var answer = client.getResourcePolicy(b -> b.secretId(NAME));
        replay.expectMembers(
                "get_resource_policy",
                Map.of(
                        "ARN", answer.arn(),
                        "Name", answer.name(),
                        "ResourcePolicy", Replay.json(answer.resourcePolicy())));
    }

    // --- values ---

    private void wrongStage() {
        var created = client.createSecret(b -> b.name(NAME).secretString("test"));
        replay.expectError(
                "error_get_secret_value_non_existing",
                () -> client.getSecretValue(b -> b.secretId(created.arn()).versionStage("AWSPREVIOUS")));
        replay.expectError(
                "mismatch_version_id_and_stage",
                () -> client.getSecretValue(
                        b -> b.secretId(NAME).versionId(created.versionId()).versionStage("AWSPREVIOUS")));
    }

    private void versionNotFound() {
        client.createSecret(b -> b.name(NAME));
        var versionId = UUID.randomUUID().toString();
        replay.expectErrorSentence(
                "get_secret_value_no_version_ex", "GetSecretValue", () -> client.getSecretValue(b -> b.secretId(NAME)));
        replay.expectErrorSentence(
                "get_secret_value_version_not_found_ex",
                "GetSecretValue",
                () -> client.getSecretValue(b -> b.secretId(NAME).versionId(versionId)));
        replay.expectErrorSentence(
                "get_secret_value_stage_not_found_ex",
                "GetSecretValue",
                () -> client.getSecretValue(b -> b.secretId(NAME).versionStage("AWSPENDING")));
    }

    private void binaryValue() {
        client.createSecret(b -> b.name(NAME).secretBinary(SdkBytes.fromUtf8String("footest")));
        get("secret_value_response");
        var body = replay.raw("GetSecretValue", Map.of("SecretId", NAME)).body();
        assertThat(body.put("CreatedDate", "datetime")).isInstanceOf(Number.class);
        replay.expectMembers("secret_value_http_response", body);
    }

    /**
     * @param values two values with a dash between them, bytes that cannot be printed as a
     *     backslash, x and two digits
     */
    private void changeBinaryValue(String values) {
        var both = values.split("-", 2);
        client.createSecret(b -> b.name(NAME).secretBinary(SdkBytes.fromUtf8String("initial")));
        get("put_secret_value_secret_response");
        client.putSecretValue(b -> b.secretId(NAME).secretBinary(bytes(both[0])));
        get("put_secret_binary_response_updated");
        client.updateSecret(b -> b.secretId(NAME).secretBinary(bytes(both[1])));
        get("update_secret_binary_response_updated");
    }

    private static SdkBytes bytes(String text) {
        var out = new ByteArrayOutputStream();
        for (var i = 0; i < text.length(); i++) {
            if (text.startsWith("\\x", i)) {
                out.write(Integer.parseInt(text.substring(i + 2, i + 4), 16));
                i += 3;
            } else {
                out.write(text.charAt(i));
            }
        }
        return SdkBytes.fromByteArray(out.toByteArray());
    }

    private void firstVersionOfEmptySecret() {
        var arn = replay.expect(
                        "create-empty-secret",
                        client.createSecret(b -> b.name(NAME).description("")))
                .arn();
        replay.expect("describe-secret", client.describeSecret(b -> b.secretId(arn)));
        replay.expect(
                "put-secret-value",
                client.putSecretValue(b -> b.secretId(arn).secretString("example-string-to-protect")));
    }

    private void updateDescription() {
        create("create_secret_rs_0", "MySecretString");
        describe("describe_secret_res_0");
        replay.expect(
                "update_secret_res_0", client.updateSecret(b -> b.secretId(NAME).description("MyDescription")));
        describe("describe_secret_res_1");
        replay.expect(
                "update_secret_res_1",
                client.updateSecret(b -> b.secretId(NAME).secretString("new").description("MyNewDescription")));
        describe("describe_secret_res_2");
        replay.expect(
                "update_secret_res_2", client.updateSecret(b -> b.secretId(NAME).secretString("newnew")));
        describe("describe_secret_res_3");
        replay.expect("update_secret_res_3", client.updateSecret(b -> b.secretId(NAME)));
        describe("describe_secret_res_4");
        delete("delete_secret_res_0");
    }

    // --- labels ---

    private void putWithStages() {
        var sample = List.of("SAMPLESTAGE1", "SAMPLESTAGE0");
        create("create_secret_rs_0", "secret_string_v0");
        get("get_secret_value_res_0");
        put("put_secret_value_res_1", "secret_string_v1", sample);
        get("get_secret_value_res_1");
        put("put_secret_value_res_2", "secret_string_v2", sample);
        get("get_secret_value_res_2");
        put("put_secret_value_res_3", "secret_string_v3", List.of("AWSPENDING"));
        get("get_secret_value_res_3");
        put("put_secret_value_res_4", "secret_string_v4", List.of());
        get("get_secret_value_res_4");
        delete("delete_secret_res_1");
    }

    private void moveCurrentOnce() {
        var first = create("create_secret_rs_0", "Something1");
        var second = put("put_secret_value_res_0", "Something2", List.of("AWSPENDING"));
        promote("update_secret_version_stage_res_0", first, second);
        delete("delete_secret_res_0");
    }

    private void updateMovesCurrent() {
        create("create_secret_rs_0", "secret_string_v0");
        listVersions("list_secret_version_ids_res_0");
        replay.expect(
                "update_secret_res_0", client.updateSecret(b -> b.secretId(NAME).secretString("secret_string_v1")));
        listVersions("list_secret_version_ids_res_1");
        delete("delete_secret_res_0");
    }

    private void putByHandAfterPromotion() {
        var first = create("create_secret_rs_0", "Something1");
        var second = put("put_secret_value_res_0", "Something2", List.of("AWSPENDING"));
        listVersions("list_secret_version_ids_res_0");
        promote("update_secret_version_stage_res_0", first, second);
        listVersions("list_secret_version_ids_res_1");
        put("put_secret_value_res_1", "SS3", List.of());
        listVersions("list_secret_version_ids_res_2");
        delete("delete_secret_res_0");
    }

    private void cycle(List<String> besideFirst, List<String> besideSecond) {
        var secondPromotion = besideFirst.isEmpty() ? "put_secret_value_res_2" : "update_secret_version_stage_res_1";
        var v0 = create("create_secret_rs_0", "S1");
        var v1 = put("put_secret_value_res_0", "S2", pendingWith(besideFirst));
        listVersions("list_secret_version_ids_res_0");
        get("get_secret_value_res_0");
        promote("update_secret_version_stage_res_0", v0, v1);
        listVersions("list_secret_version_ids_res_1");
        get("get_secret_value_res_1");
        var v2 = put("put_secret_value_res_1", "S3", pendingWith(besideSecond));
        listVersions("list_secret_version_ids_res_2");
        get("get_secret_value_res_2");
        promote(secondPromotion, v1, v2);
        listVersions("list_secret_version_ids_res_3");
        get("get_secret_value_res_3");
        delete("delete_secret_res_0");
    }

    private static List<String> pendingWith(List<String> others) {
        return Stream.concat(Stream.of("AWSPENDING"), others.stream()).toList();
    }

    private void cycleAfterPutCurrent() {
        create("create_secret_rs_0", "SS");
        var v0 = put("put_secret_value_res_0", "S1", List.of("AWSCURRENT", "PUT0"));
        listVersions("list_secret_version_ids_res_0");
        var v1 = put("put_secret_value_res_1", "S2", List.of("AWSPENDING", "PUT1"));
        listVersions("list_secret_version_ids_res_1");
        get("get_secret_value_res_0");
        promote("update_secret_version_stage_res_0", v0, v1);
        listVersions("list_secret_version_ids_res_2");
        get("get_secret_value_res_1");
        var v2 = put("put_secret_value_res_2", "S3", List.of("AWSPENDING", "PUT2"));
        listVersions("list_secret_version_ids_res_3");
        get("get_secret_value_res_2");
        promote("update_secret_version_stage_res_1", v1, v2);
        listVersions("list_secret_version_ids_res_4");
        get("get_secret_value_res_3");
        delete("delete_secret_res_0");
    }

    private void removeCustomStage() {
        var v1 = create("create_secret_rs", "SS");
        var v2 = put("put_secret_value_res_0", "S1", List.of("PENDING"));
        listVersions("list_secret_version_ids_rs");
        getVersion("get_secret_value_v1_rs", v1);
        getVersion("get_secret_value_v2_rs", v2);
        promote("update_secret_version_stage_res_1", v1, v2);
        getVersion("get_secret_value_v1_rs_1", v1);
        getVersion("get_secret_value_v2_rs_1", v2);
        replay.expect(
                "update_secret_version_stage_res_2",
                client.updateSecretVersionStage(
                        b -> b.secretId(NAME).versionStage("PENDING").removeFromVersionId(v2)));
        getVersion("get_secret_value_v1_rs_2", v1);
        getVersion("get_secret_value_v2_rs_2", v2);
        delete("delete_secret_res_0");
    }

    private void putTwice(List<String> first, List<String> second) {
        create("create_secret_rs_0", "S0");
        put("put_secret_value_res_0", "S1", first);
        listVersions("list_secret_version_ids_res_0");
        put("put_secret_value_res_1", "S2", second);
        listVersions("list_secret_version_ids_res_1");
        delete("delete_secret_res_0");
    }

    // --- rotation ---

    private void rotateOnce(boolean immediatelySpeltOut) {
        prepareRotation();
        replay.expect("rotate_secret_immediately", client.rotateSecret(b -> {
            b.secretId(NAME).rotationLambdaARN(FUNCTION).rotationRules(rules -> rules.automaticallyAfterDays(1L));
            if (immediatelySpeltOut) {
                b.rotateImmediately(true);
            }
        }));
        replay.model.runRotations();
        describe("describe_secret_rotated");
        listVersions("list_secret_versions_rotated_1");
    }

    private void rotateTwice() {
        prepareRotation();
        replay.expect(
                "rotate_secret_immediately_1",
                client.rotateSecret(b -> b.secretId(NAME)
                        .rotationLambdaARN(FUNCTION)
                        .rotateImmediately(true)
                        .rotationRules(rules -> rules.automaticallyAfterDays(1L))));
        replay.model.runRotations();
        describe("describe_secret_rotated_1");
        listVersions("list_secret_versions_rotated_1_1");
        client.getSecretValue(b -> b.secretId(NAME));
        replay.expect("rotate_secret_immediately_2", client.rotateSecret(b -> b.secretId(NAME)));
        replay.model.runRotations();
        describe("describe_secret_rotated_2");
        listVersions("list_secret_versions_rotated_1_2");
    }

    private void prepareRotation() {
        client.createSecret(b -> b.name(NAME).secretString("my_secret").description("testing rotation of secrets"));
        replay.model.attach(FUNCTION, this::rotationStep);
    }

    /** Does what the recorded function did: reads, puts, promotes. */
    private void rotationStep(Map<String, Object> event) {
        var arn = String.valueOf(event.get("SecretId"));
        var token = String.valueOf(event.get("ClientRequestToken"));
        switch (String.valueOf(event.get("Step"))) {
            case "createSecret" -> {
                client.getSecretValue(b -> b.secretId(arn).versionStage("AWSCURRENT"));
                try {
                    client.getSecretValue(b -> b.secretId(arn).versionId(token).versionStage("AWSPENDING"));
                } catch (ResourceNotFoundException empty) {
                    client.putSecretValue(b -> b.secretId(arn)
                            .clientRequestToken(token)
                            .secretString("rotated " + token)
                            .versionStages("AWSPENDING"));
                }
            }
            case "finishSecret" -> {
                var current = replay.model.versionUnder(arn, "AWSCURRENT").orElseThrow();
                client.updateSecretVersionStage(b -> b.secretId(arn)
                        .versionStage("AWSCURRENT")
                        .moveToVersionId(token)
                        .removeFromVersionId(current));
            }
            default -> {
                // The recorded function does nothing in the other steps.
            }
        }
    }

    private void rotateWithUnknownFunction() {
        replay.model.refuseToInvoke(FUNCTION);
        create("create_secret", "init");
        replay.expectError(
                "rotate_secret_invalid_arn_exc",
                () -> client.rotateSecret(b -> b.secretId(NAME)
                        .rotationLambdaARN(FUNCTION)
                        .rotationRules(rules -> rules.automaticallyAfterDays(1L))));
        describe("describe_secret");
    }

    private void rotateWithoutFunction() {
        create("create_secret", "init");
        replay.expectError(
                "rotate_secret_no_arn_exc",
                () -> client.rotateSecret(
                        b -> b.secretId(NAME).rotationRules(rules -> rules.automaticallyAfterDays(1L))));
        if (replay.recorded.has("describe_secret")) {
            describe("describe_secret");
        }
    }
}
