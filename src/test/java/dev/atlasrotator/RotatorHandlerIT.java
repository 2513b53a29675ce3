package dev.atlasrotator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.simulator.atlas.FakeAtlas;
import dev.atlasrotator.simulator.atlas.IssuedCredential;
import dev.atlasrotator.simulator.lambda.FakeLambdaRuntime;
import dev.atlasrotator.simulator.lambda.FakeLambdaRuntime.Answer;
import dev.atlasrotator.simulator.lambda.LambdaFunction;
import dev.atlasrotator.simulator.lambda.LambdaFunction.Start;
import dev.atlasrotator.simulator.secretsmanager.FakeSecretsManager;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerModel;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The packaged function under AWS's own runtime client: what a caller of Lambda gets to see. */
class RotatorHandlerIT {
    private static final String TOKEN = "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d";
    private static final String ROTATION_TOKEN = "7f0c1a52-0000-4000-8000-d1ce5a1ad000";
    private static final String KIND = "dev.atlasrotator.failure.RotatorException$";

    private static Optional<LambdaFunction> unpacked = Optional.empty();

    private final AtlasModel atlas = new AtlasModel(InstantSource.system());
    private final SecretsManagerModel secretsManager =
            new SecretsManagerModel(SecretsManagerSettings.at(InstantSource.system()));
    private final AtlasScope.Project project = new AtlasScope.Project(atlas.addProject(atlas.addOrganization()));
    private final Set<String> confidential = new HashSet<>(Set.of(ROTATION_TOKEN));
    private final List<AutoCloseable> open = new ArrayList<>();
    private Optional<LambdaFunction> function = Optional.empty();
    private Optional<FakeLambdaRuntime> lambda = Optional.empty();

    @BeforeAll
    static void unpack() throws IOException {
        var zip = Path.of(Objects.requireNonNull(System.getProperty("function.zip")));
        unpacked = Optional.of(LambdaFunction.unpacked(zip, zip.resolveSibling("handler-it")));
    }

    @BeforeEach
    void start() throws IOException {
        var hereSecrets = FakeSecretsManager.start(secretsManager);
        open.add(hereSecrets);
        var hereAtlas = FakeAtlas.start(atlas);
        open.add(hereAtlas);
        function = unpacked.map(it -> it.at(hereSecrets, hereAtlas));
    }

    @AfterEach
    void stop() throws Exception {
        lambda.ifPresent(FakeLambdaRuntime::close);
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    @Test
    void every_kind_of_event_is_answered_and_every_line_of_the_log_is_one_object() throws Exception {
        var arn = account("prod/atlas");
        run(function.orElseThrow());

        assertThat(returned("{\"action\":\"status\"}")).contains("\"state\":\"due\"");
        assertThat(returned("{\"action\":\"sweep\",\"dryRun\":true}")).contains("\"dryRun\":true");
        assertThat(returned("{\"action\":\"rotate\",\"secretId\":\"prod/atlas\"}"))
                .contains("\"type\":\"promoted\"");
        assertThat(returned("{\"source\":\"aws.events\",\"detail-type\":\"Scheduled Event\"}"))
                .contains("\"action\":\"sweep\"");
        assertThat(returned(Json.text(Map.of(
                        "Records",
                        List.of(Map.of(
                                "eventSource",
                                "aws:sqs",
                                "messageId",
                                "1",
                                "body",
                                "{\"action\":\"sweep\",\"secretIds\":[\"" + arn + "\"]}"))))))
                .isEqualTo("{\"batchItemFailures\":[]}");

        remember(arn);
        assertThat(linesOfTheFunction())
                .isNotEmpty()
                .allSatisfy(line -> assertThat(Json.object(line)).as(line).isPresent());
    }

    @Test
    void the_four_steps_run_in_processes_of_their_own_and_tell_nothing_confidential() throws Exception {
        var arn = account("prod/atlas");
        begin(arn);
        run(function.orElseThrow());

        for (String step : List.of("createSecret", "setSecret", "testSecret", "finishSecret")) {
            assertThat(returned(step(step, arn))).isEqualTo("null");
            lambda.orElseThrow().stop();
        }

        assertThat(secretsManager.versionUnder(arn, "AWSCURRENT")).contains(TOKEN);
        remember(arn);
        linesOfTheFunction();
    }

    @Test
    void the_error_s_type_is_its_kind() throws Exception {
        var arn = account("prod/atlas");
        var clientId = atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
        var current = secretFromLongAgo(clientId);
        var foreign = secretFromLongAgo(clientId);
        var full = store("full/atlas", clientId, current);
        begin(full);
        run(function.orElseThrow());

        var refused = failed(step("createSecret", full));
        assertThat(refused.type()).isEqualTo(KIND + "Refused");
        assertThat(refused.message()).startsWith("FOREIGN_SECRET: ").contains(foreign.id());

        var unknown = failed("{\"action\":\"dance\"}");
        assertThat(unknown.type()).isEqualTo(KIND + "Configuration");
        assertThat(unknown.message()).contains("Nothing was done").contains("\"action\":\"sweep\"");

        var early = failed(step("createSecret", arn));
        assertThat(early.type()).startsWith(KIND);

        secretsManager.call(
                "PutSecretValue",
                Map.of("SecretId", arn, "ClientRequestToken", TOKEN, "SecretString", "my secret: swordfish"));
        confidential.add("swordfish");
        assertThat(returned("{\"action\":\"rotate\",\"secretId\":\"nobody/knows\"}"))
                .contains("\"code\":\"NOT_FOUND\"");
        assertThat(returned("{\"action\":\"rotate\",\"secretId\":\"prod/atlas\"}"))
                .contains("\"code\":\"VALUE_MALFORMED\"");
        linesOfTheFunction();
    }

    @Test
    void a_setting_out_of_its_bounds_refuses_the_start_and_names_the_bound() throws Exception {
        run(function.orElseThrow().with("OVERLAP_HOURS", "999"));

        var refused = failed("{\"action\":\"status\"}");

        assertThat(refused.body()).contains("OVERLAP_HOURS must be a whole number from 0 to 168");
        assertThat(refused.type()).isEqualTo(KIND + "Configuration");
        assertThat(atlas.callCount() + secretsManager.calls()).isZero();
    }

    @Test
    void it_goes_on_from_a_snapshot_that_was_taken_before_any_credential_was_read_or_sent() throws Exception {
        var arn = account("prod/atlas");
        begin(arn);
        run(function.orElseThrow().starting(Start.SNAP_START));
        lambda.orElseThrow().start();
        assertThat(atlas.calls()).containsOnlyKeys("listAccounts"); // without credentials
        assertThat(secretsManager.calls("GetSecretValue")).isZero();

        assertThat(returned(step("createSecret", arn))).isEqualTo("null");

        assertThat(secretsManager.valueUnder(arn, "AWSPENDING")).isPresent();
        remember(arn);
        assertThat(linesOfTheFunction())
                .allSatisfy(line -> assertThat(Json.object(line)).as(line).isPresent());
    }

    // --- the scene ---

    private String account(String name) {
        var clientId = atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
        return store(name, clientId, secretFromLongAgo(clientId));
    }

    private IssuedCredential secretFromLongAgo(String clientId) {
        return atlas.secretFromThePast(clientId, atlas.instant().minus(Duration.ofDays(40)), 2160);
    }

    private String store(String name, String clientId, IssuedCredential current) {
        var value = new LinkedHashMap<String, Object>();
        value.put("clientId", clientId);
        value.put("clientSecret", current.value());
        value.put("groupId", project.id());
        value.put("secretId", current.id());
        var arn = secretsManager.seed(name, Json.text(value), Map.of("atlas-secret-rotator", "true"));
        remember(arn);
        return arn;
    }

    private void begin(String arn) {
        secretsManager.configureRotation(arn, LambdaFunction.UNQUALIFIED_ARN);
        secretsManager.call("RotateSecret", Map.of("SecretId", arn, "ClientRequestToken", TOKEN));
    }

    private static String step(String step, String arn) {
        return Json.text(
                Map.of("Step", step, "SecretId", arn, "ClientRequestToken", TOKEN, "RotationToken", ROTATION_TOKEN));
    }

    private void run(LambdaFunction how) {
        lambda = Optional.of(new FakeLambdaRuntime(how));
    }

    private String returned(String event) throws Exception {
        var answer = lambda.orElseThrow().invoke(event);
        assertThat(answer).isInstanceOf(Answer.Returned.class);
        var json = ((Answer.Returned) answer).json();
        assertThat(confidential).noneMatch(json::contains);
        return json;
    }

    private Answer.Failed failed(String event) throws Exception {
        var answer = lambda.orElseThrow().invoke(event);
        assertThat(answer).isInstanceOf(Answer.Failed.class);
        var failed = (Answer.Failed) answer;
        assertThat(confidential).noneMatch(failed.body()::contains);
        return failed;
    }

    /** Everything that the function has written, searched for what must not be there. */
    private List<String> linesOfTheFunction() {
        lambda.orElseThrow().stop();
        var lines = lambda.orElseThrow().lines();
        var all = String.join("\n", lines);
        assertThat(confidential).noneMatch(all::contains);
        // The JVM's own, once for each process.
        return lines.stream()
                .filter(line -> !line.startsWith("Picked up JAVA_TOOL_OPTIONS: "))
                .toList();
    }

    private void remember(String arn) {
        for (String version : secretsManager.stages(arn).keySet()) {
            secretsManager
                    .valueOf(arn, version)
                    .flatMap(Json::object)
                    .map(value -> String.valueOf(value.get("clientSecret")))
                    .ifPresent(confidential::add);
        }
    }
}
