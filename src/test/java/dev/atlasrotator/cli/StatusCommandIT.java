package dev.atlasrotator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.simulator.atlas.FakeAtlas;
import dev.atlasrotator.simulator.atlas.IssuedCredential;
import dev.atlasrotator.simulator.secretsmanager.FakeSecretsManager;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerModel;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The command as a person calls it: the script, a process of its own, AWS credentials of each kind.
 */
class StatusCommandIT {
    private static final Path SCRIPT = Path.of("bin/atlas-secret-rotator").toAbsolutePath();
    private static final String KEYS = "[default]\naws_access_key_id=AKIDEXAMPLE\naws_secret_access_key=example\n";

    private final AtlasModel atlas = new AtlasModel(InstantSource.system());
    private final SecretsManagerModel secretsManager = new SecretsManagerModel(
            SecretsManagerSettings.at(InstantSource.system()).withSleeper(Thread::sleep));
    private final FakeAtlas atlasServer = FakeAtlas.start(atlas);
    private final FakeSecretsManager secretsManagerServer = FakeSecretsManager.start(secretsManager);
    private final Map<String, String> environment = new HashMap<>();

    @TempDir
    Path home;

    StatusCommandIT() throws IOException {}

    /** How the process ended, and what it printed. */
    private record Ended(int status, String out, String err) {}

    @BeforeEach
    void scene() throws IOException {
        var project = new AtlasScope.Project(atlas.addProject(atlas.addOrganization()));
        var clientId = atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
        IssuedCredential secret =
                atlas.secretFromThePast(clientId, atlas.instant().minus(Duration.ofDays(3)), 2160);
        secretsManager.seed(
                "prod/search",
                Json.text(Map.of(
                        "clientId", clientId,
                        "clientSecret", secret.value(),
                        "groupId", project.id(),
                        "secretId", secret.id())),
                Map.of("atlas-secret-rotator", ""));
        Files.createDirectories(home.resolve(".aws"));
        environment.put("HOME", home.toString());
        environment.put("PATH", "/usr/bin:/bin");
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("AWS_CONFIG_FILE", home.resolve(".aws/config").toString());
        environment.put(
                "AWS_SHARED_CREDENTIALS_FILE", home.resolve(".aws/credentials").toString());
        // Else the search for credentials goes on to an address that may be somebody's.
        environment.put("AWS_EC2_METADATA_DISABLED", "true");
        environment.put("AWS_ENDPOINT_URL", secretsManagerServer.uri().toString());
        environment.put("ATLAS_BASE_URL", atlasServer.baseUrl().toString());
    }

    @AfterEach
    void close() throws IOException {
        secretsManagerServer.close();
        atlasServer.close();
    }

    private void signIn() {
        environment.put("AWS_REGION", "eu-central-1");
        environment.put("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
        environment.put("AWS_SECRET_ACCESS_KEY", "example");
    }

    private Ended run(Path script, String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(arguments));
        var out = home.resolve("out");
        var err = home.resolve("err");
        var builder = new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        var process = builder.start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    @Test
    void one_command_shows_the_fleet_also_through_a_link() throws Exception {
        signIn();
        var link = Files.createSymbolicLink(home.resolve("rotator"), SCRIPT);

        var ended = run(link, "status");
        Files.delete(link); // JUnit warns of one that leads out of its directory

        assertThat(ended.err()).isEmpty();
        assertThat(ended.out())
                .containsPattern("(?m)^  prod/search  fresh  [0-9a-f]{8}  3d   8[67]d   -$")
                .endsWith("Nothing needs attention.\n");
        assertThat(ended.status()).isZero();
    }

    @Test
    void json_alone_is_on_the_output() throws Exception {
        signIn();

        var ended = run(SCRIPT, "status", "--json", "--verbose");

        assertThat(Json.object(ended.out())).isPresent();
        assertThat(ended.err()).contains("ListSecrets");
        assertThat(ended.status()).isZero();
    }

    @Test
    void a_profile_of_the_aws_files_gives_keys_and_region() throws Exception {
        Files.writeString(home.resolve(".aws/credentials"), KEYS);
        Files.writeString(home.resolve(".aws/config"), "[default]\nregion=eu-central-1\n");

        var ended = run(SCRIPT, "status");

        assertThat(ended.err()).isEmpty();
        assertThat(ended.status()).isZero();
    }

    @Test
    void a_profile_that_is_named_goes_before_the_environment_and_must_be_there() throws Exception {
        signIn();
        Files.writeString(home.resolve(".aws/credentials"), KEYS.replace("default", "work"));
        Files.writeString(home.resolve(".aws/config"), "[profile work]\nregion=eu-central-1\n");

        var ended = run(SCRIPT, "status", "--profile", "work", "--region", "eu-central-1");
        assertThat(ended.err()).isEmpty();
        assertThat(ended.status()).isZero();

        var unknown = run(SCRIPT, "status", "--profile", "nobody");
        assertThat(unknown.err())
                .startsWith("CONFIGURATION: No AWS credentials were found for the profile nobody")
                .hasLineCount(1);
        assertThat(unknown.status()).isEqualTo(3);
    }

    @Test
    void the_completion_script_completes_in_bash() throws Exception {
        var script = Files.writeString(
                home.resolve("completion"), run(SCRIPT, "completion").out());
        var shell = Files.writeString(home.resolve("shell"), """
            #!/bin/bash
            compopt() { :; } # works only while a shell completes
            source "$1"
            COMP_WORDS=(atlas-secret-rotator rotate --re) COMP_CWORD=2
            _complete_atlas-secret-rotator
            echo "${COMPREPLY[@]}"
            """);
        assertThat(shell.toFile().setExecutable(true)).isTrue();

        var ended = run(shell, script.toString());

        assertThat(ended.err()).isEmpty();
        assertThat(ended.out().split("\\s+", -1))
                .contains("--revoke-old", "--region")
                .doesNotContain("--json");
    }

    @Test
    void a_script_that_would_have_to_ask_is_refused() throws Exception {
        signIn();

        var ended = run(SCRIPT, "rotate", "prod/search");

        assertThat(ended.err()).contains("--yes").hasLineCount(1);
        assertThat(ended.status()).isEqualTo(2);
    }

    @Test
    void a_profile_of_single_sign_on_is_left_to_the_aws_command_line() throws Exception {
        Files.writeString(home.resolve(".aws/config"), """
            [profile work]
            region=eu-central-1
            sso_session=work
            sso_account_id=111111111111
            sso_role_name=Reader
            [sso-session work]
            sso_region=eu-central-1
            sso_start_url=https://example.awsapps.com/start
            """);
        environment.put("AWS_PROFILE", "work");
        var aws = Files.writeString(home.resolve("aws"), """
            #!/bin/sh
            [ "$*" = "configure export-credentials" ] && [ "$AWS_PROFILE" = work ] || exit 1
            echo '{"Version":1,"AccessKeyId":"AKIDEXAMPLE","SecretAccessKey":"example","SessionToken":"example"}'
            """);
        assertThat(aws.toFile().setExecutable(true)).isTrue();
        environment.put("PATH", home + ":/usr/bin:/bin");

        var ended = run(SCRIPT, "status");

        assertThat(ended.err()).isEmpty();
        assertThat(ended.status()).isZero();
    }

    @Test
    void who_is_not_signed_in_is_told_how_to() throws Exception {
        environment.put("AWS_REGION", "eu-central-1");

        var ended = run(SCRIPT, "status");

        assertThat(ended.out()).isEmpty();
        assertThat(ended.err())
                .startsWith("CONFIGURATION: No AWS credentials were found")
                .hasLineCount(1);
        assertThat(ended.status()).isEqualTo(3);
    }

    @Test
    void a_region_that_does_not_answer_is_told_in_one_line() throws Exception {
        signIn();
        environment.put("AWS_ENDPOINT_URL", "http://127.0.0.1:1");

        var ended = run(SCRIPT, "status");

        assertThat(ended.err())
                .startsWith("SECRETS_MANAGER_UNAVAILABLE: Secrets Manager's ListSecrets")
                .hasLineCount(1);
        assertThat(ended.status()).isEqualTo(3);
    }

    @Test
    void a_checkout_that_is_not_built_says_how_to_build_it() throws Exception {
        Files.createDirectories(home.resolve("checkout/bin"));
        var copy = Files.copy(SCRIPT, home.resolve("checkout/bin/atlas-secret-rotator"));
        assertThat(copy.toFile().setExecutable(true)).isTrue();

        var ended = run(copy, "status");

        assertThat(ended.err()).contains("mvn -q package").hasLineCount(1);
        assertThat(ended.status()).isEqualTo(3);
    }
}
