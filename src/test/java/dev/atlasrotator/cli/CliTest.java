package dev.atlasrotator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.Wiring;
import dev.atlasrotator.cli.Screen.Palette;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.simulator.atlas.FakeAtlas;
import dev.atlasrotator.simulator.secretsmanager.FakeSecretsManager;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerModel;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The command over both stand-ins by HTTP, with everything but the process itself. */
class CliTest {
    private static final Set<String> KEYS = Set.of("aws.accessKeyId", "aws.secretAccessKey");
    private static final String TAG = "atlas-secret-rotator";
    private static final Screen SCREEN = Screen.NO_TERMINAL;

    private final AtlasModel atlas = new AtlasModel(InstantSource.system());
    private final SecretsManagerModel secretsManager = new SecretsManagerModel(
            SecretsManagerSettings.at(InstantSource.system()).withSleeper(Thread::sleep));
    private final AtlasScope.Project project = new AtlasScope.Project(atlas.addProject(atlas.addOrganization()));
    private final FakeAtlas atlasServer = FakeAtlas.start(atlas);
    private final FakeSecretsManager secretsManagerServer = FakeSecretsManager.start(secretsManager);
    private final Map<String, String> environment = new HashMap<>();
    private final List<String> values = new ArrayList<>(List.of("mdb_sa_sk_"));
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    CliTest() throws IOException {}

    @BeforeEach
    void signIn() {
        KEYS.forEach(key -> System.setProperty(key, "example"));
        environment.put("AWS_REGION", "eu-central-1");
        environment.put("AWS_ENDPOINT_URL", secretsManagerServer.uri().toString());
        environment.put("ATLAS_BASE_URL", atlasServer.baseUrl().toString());
    }

    @AfterEach
    void end() throws IOException {
        KEYS.forEach(System::clearProperty);
        secretsManagerServer.close();
        atlasServer.close();
        assertThat(out() + err()).doesNotContain(values);
    }

    private int run(String... arguments) {
        return new Cli(new Operator(stream(out), stream(err), SCREEN, Optional.empty()), environment)
                .run(List.of(arguments));
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** An account with one secret of this age, which lives for 90 days. Returns its client id. */
    private String account(String name, Duration age) {
        var clientId = atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
        var secret = atlas.secretFromThePast(clientId, atlas.instant().minus(age), 2160);
        values.add(secret.value());
        var value = new LinkedHashMap<String, Object>();
        value.put("clientId", clientId);
        value.put("clientSecret", secret.value());
        value.put("groupId", project.id());
        value.put("secretId", secret.id());
        secretsManager.seed(name, Json.text(value), Map.of(TAG, ""));
        return clientId;
    }

    /** Secrets Manager says no to this operation, as it does to whom a policy does not name. */
    private void deny(String operation) {
        secretsManager.inject(call -> call.operation().equals(operation)
                ? answer(400, "{\"__type\":\"AccessDeniedException\",\"Message\":\"User" + " is not authorized\"}")
                : new Fault.None());
    }

    private static Fault answer(int status, String body) {
        return new Fault.Answer(
                Fault.Moment.BEFORE_EFFECT, status, Map.of("Content-Type", "application/x-amz-json-1.1"), body);
    }

    @Test
    void a_fleet_that_is_well_is_a_table_and_status_0() {
        account("prod/search", Duration.ofDays(3).plusHours(1));
        account("prod/orders", Duration.ofDays(31).plusHours(1));

        assertThat(run("status")).isZero();

        assertThat(out())
                .containsPattern("(?m)^  prod/orders  due    [0-9a-f]{8}  31d  58d   -$")
                .containsPattern("(?m)^  prod/search  fresh  [0-9a-f]{8}  3d   86d   -$")
                .endsWith("Nothing needs attention.\n");
        assertThat(err()).isEmpty();
    }

    @Test
    void accounts_in_trouble_stand_first_with_what_to_do_and_the_status_is_1() {
        account("prod/search", Duration.ofDays(3));
        var expiring = account("prod/expiring", Duration.ofDays(88));
        var foreign = account("prod/foreign", Duration.ofDays(3));
        var broken = account("prod/broken", Duration.ofDays(3));
        values.add(atlas.createSecret(foreign, 2160).value());
        atlas.deleteSecret(broken, atlas.secrets(broken).getFirst().id());
        secretsManager.seed("prod/garbled", "not JSON, and a secret", Map.of(TAG, ""));
        values.add("not JSON, and a secret");

        assertThat(run("status")).isEqualTo(1);

        assertThat(out().lines().filter(line -> line.startsWith("! ")).map(CliTest::nameAndState))
                .startsWith("prod/broken lockedOut", "prod/expiring expiring")
                .contains("prod/garbled failed")
                .hasSize(4);
        assertThat(out().replaceAll("\\s+", " "))
                .contains("It takes the account's second slot")
                .contains("4 need attention: prod/broken (lockedOut), prod/expiring (expiring), ");
        assertThat(atlas.secrets(expiring)).hasSize(1);
        assertThat(err()).isEmpty();
    }

    private static String nameAndState(String row) {
        var cells = row.substring(2).split(" +", -1);
        return cells[0] + " " + cells[1];
    }

    @Test
    void json_is_what_the_function_answers() {
        account("prod/search", Duration.ofDays(3));
        var expected = Wiring.production(environment, line -> {})
                .rotator()
                .handle(
                        "{\"action\":\"status\"}",
                        Optional.empty(),
                        Deadline.in(Duration.ofMinutes(5), InstantSource.system()));

        assertThat(run("status", "--json")).isZero();

        assertThat(withoutTime(out())).isEqualTo(withoutTime(expected));
    }

    private static Map<String, Object> withoutTime(String report) {
        var json = new LinkedHashMap<>(Json.object(report).orElseThrow());
        json.remove("at");
        return json;
    }

    @Test
    void names_narrow_it_down_and_one_that_is_not_there_is_told() {
        account("prod/search", Duration.ofDays(3));
        account("prod/orders", Duration.ofDays(3));

        assertThat(run("status", "prod/search", "prod/serach")).isEqualTo(1);

        assertThat(out())
                .contains("  prod/search  fresh")
                .contains("! prod/serach  failed")
                .contains("check the name")
                .doesNotContain("prod/orders");
    }

    @Test
    void an_empty_fleet_is_well_and_says_what_would_be_in_it() {
        assertThat(run("status")).isZero();

        assertThat(out()).startsWith("No account found").contains("MANAGED_TAG");
    }

    @Test
    void who_may_not_list_gets_the_permission_named_and_status_3() {
        deny("ListSecrets");

        assertThat(run("status")).isEqualTo(3);

        assertThat(out()).isEmpty();
        assertThat(err())
                .startsWith("SECRETS_MANAGER_DENIED: ")
                .contains("secretsmanager:ListSecrets")
                .hasLineCount(1);
    }

    @Test
    void who_may_not_read_in_batches_sees_every_account_failed_and_the_reason_once() {
        account("prod/search", Duration.ofDays(3));
        account("prod/orders", Duration.ofDays(3));
        deny("BatchGetSecretValue");

        assertThat(run("status")).isEqualTo(1);

        assertThat(out())
                .contains("! prod/orders  failed", "! prod/search  failed")
                .containsOnlyOnce("secretsmanager:BatchGetSecretValue");
    }

    @Test
    void a_value_that_may_not_be_read_is_told_from_one_that_is_not_there() {
        account("prod/search", Duration.ofDays(3));
        secretsManager.inject(call -> switch (call.operation()) {
            // As the service does without kms:Decrypt on one secret's own key.
            case "BatchGetSecretValue" ->
                answer(
                        200,
                        "{\"SecretValues\":[],\"Errors\":[{\"SecretId\":\""
                                + "prod/search\",\"ErrorCode\":\"AccessDeniedException\",\"Message\":\"Access"
                                + " to KMS is not allowed\"}]}");
            case "GetSecretValue" ->
                answer(400, "{\"__type\":\"AccessDeniedException\",\"Message\":" + "\"Access to KMS is not allowed\"}");
            default -> new Fault.None();
        });

        assertThat(run("status")).isEqualTo(1);

        assertThat(out()).contains("! prod/search  failed").contains("kms:Decrypt");
    }

    @Test
    void no_region_and_a_setting_out_of_bounds_are_status_3() {
        environment.put("OVERLAP_HOURS", "1000");
        assertThat(run("status")).isEqualTo(3);
        assertThat(err()).contains("OVERLAP_HOURS").hasLineCount(1);

        environment.remove("OVERLAP_HOURS");
        environment.remove("AWS_REGION");
        assertThat(run("status")).isEqualTo(3);
        assertThat(err()).contains("AWS_REGION is not set").hasLineCount(2);
    }

    @Test
    void verbose_shows_each_call_on_the_error_output_and_nothing_secret() {
        account("prod/search", Duration.ofDays(3));

        assertThat(run("status", "--verbose", "--json")).isZero();

        assertThat(err()).contains("BatchGetSecretValue").contains("\"service\"");
        assertThat(Json.object(out())).isPresent();
    }

    @Test
    void what_is_not_understood_is_told_with_the_usage_and_status_2() {
        assertThat(run()).isEqualTo(2);
        assertThat(run("rotat", "prod/search")).isEqualTo(2);
        assertThat(run("rotate", "--yes")).isEqualTo(2);
        assertThat(run("rotate", "prod/search", "--leaked", "665f")).isEqualTo(2);
        assertThat(run("status", "")).isEqualTo(2);
        assertThat(run("status", "--function", "not a name")).isEqualTo(2);
        assertThat(run("status", "--jsno")).isEqualTo(2);

        assertThat(err()).contains("Usage: atlas-secret-rotator status");
        assertThat(out()).isEmpty();
    }

    @Test
    void help_and_version_are_answered_without_aws() {
        environment.clear();

        assertThat(run("--help")).isZero();
        assertThat(run("status", "-h")).isZero();
        assertThat(run("--version")).isZero();

        assertThat(out()).contains("Exit status:").endsWith("atlas-secret-rotator 0.1.0\n");
    }

    @Test
    void colour_is_for_terminals_that_want_it() {
        assertThat(Screen.terminal(Map.of("COLUMNS", "132", "TERM", "xterm"))).isEqualTo(new Screen(132, Palette.ANSI));
        assertThat(Screen.terminal(Map.of("NO_COLOR", "1")).palette()).isEqualTo(Palette.NO_COLOURS);
        assertThat(Screen.terminal(Map.of("NO_COLOR", "")).palette()).isEqualTo(Palette.ANSI);
        assertThat(Screen.terminal(Map.of("TERM", "dumb")).palette()).isEqualTo(Palette.NO_COLOURS);
        assertThat(Screen.terminal(Map.of("COLUMNS", "wide")).columns()).isEqualTo(100);
        assertThat(Screen.NO_TERMINAL).isEqualTo(new Screen(100, Palette.NO_COLOURS));
    }
}
