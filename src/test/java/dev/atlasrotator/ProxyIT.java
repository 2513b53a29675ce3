package dev.atlasrotator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.simulator.atlas.FakeAtlas;
import dev.atlasrotator.simulator.http.ForwardProxy;
import dev.atlasrotator.simulator.http.SelfSigned;
import dev.atlasrotator.simulator.lambda.FakeLambdaRuntime;
import dev.atlasrotator.simulator.lambda.FakeLambdaRuntime.Answer;
import dev.atlasrotator.simulator.lambda.LambdaFunction;
import dev.atlasrotator.simulator.lambda.LambdaFunction.Start;
import dev.atlasrotator.simulator.secretsmanager.FakeSecretsManager;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerModel;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The packaged function in a network whose only way out is a proxy that wants a password, before
 * services whose authority no JVM knows. In a process of its own, as the JDK reads once whether a
 * password may be sent.
 */
class ProxyIT {
    private static final String PASSWORD = "sword:f@sh";
    private static final String ENCODED = "sword%3Af%40sh";

    private static Optional<LambdaFunction> unpacked = Optional.empty();
    private static Optional<SelfSigned> certificate = Optional.empty();

    private final AtlasModel atlas = new AtlasModel(InstantSource.system());
    private final SecretsManagerModel secretsManager =
            new SecretsManagerModel(SecretsManagerSettings.at(InstantSource.system()));

    @TempDir
    private Path folder;

    private FakeAtlas hereAtlas;
    private FakeSecretsManager hereSecrets;
    private ForwardProxy proxy;

    @BeforeAll
    static void unpack() throws Exception {
        var zip = Path.of(Objects.requireNonNull(System.getProperty("function.zip")));
        unpacked = Optional.of(LambdaFunction.unpacked(zip, zip.resolveSibling("proxy-it")));
        certificate = Optional.of(SelfSigned.make());
    }

    @BeforeEach
    void start() throws IOException {
        hereAtlas = FakeAtlas.startTls(atlas, certificate.orElseThrow());
        hereSecrets = FakeSecretsManager.startTls(secretsManager, certificate.orElseThrow());
        proxy = ForwardProxy.to(
                Map.of(
                        "atlas.test:443", hereAtlas.baseUrl(),
                        "secretsmanager.test:443", hereSecrets.uri()),
                "user",
                PASSWORD);
        store();
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        hereSecrets.close();
        hereAtlas.close();
    }

    private void store() {
        var project = new AtlasScope.Project(atlas.addProject(atlas.addOrganization()));
        var clientId = atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
        var monthAgo = atlas.instant().minus(Duration.ofDays(30));
        secretsManager.seed(
                "prod/atlas",
                Json.text(Map.of(
                        "clientId",
                        clientId,
                        "clientSecret",
                        atlas.secretFromThePast(clientId, monthAgo, 2160).value(),
                        "groupId",
                        project.id())),
                Map.of("atlas-secret-rotator", "true"));
    }

    private LambdaFunction behindProxy(String password) {
        return unpacked.orElseThrow()
                .with("HTTPS_PROXY", "http://user:" + password + "@" + proxy.address())
                .with("ATLAS_BASE_URL", "https://atlas.test")
                .with("AWS_ENDPOINT_URL_SECRETS_MANAGER", "https://secretsmanager.test");
    }

    /** As docs/runbook.md has it, and the template. */
    private LambdaFunction trusting(LambdaFunction function) throws Exception {
        var home = Path.of(System.getProperty("java.home"));
        var authority = folder.resolve("authority.pem");
        certificate.orElseThrow().writePem(authority);
        var store = folder.resolve("cacerts");
        Files.copy(home.resolve("lib/security/cacerts"), store);
        var keytool = new ProcessBuilder(
                        home.resolve("bin/keytool").toString(),
                        "-importcert",
                        "-noprompt",
                        "-alias",
                        "proxy",
                        "-file",
                        authority.toString(),
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "changeit")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(keytool.waitFor()).isZero();
        return function.with("JAVA_TOOL_OPTIONS", "-Djavax.net.ssl.trustStore=" + store);
    }

    private static String answer(FakeLambdaRuntime lambda, String event) throws Exception {
        var answer = lambda.invoke(event);
        assertThat(answer).isInstanceOf(Answer.Returned.class);
        return ((Answer.Returned) answer).json();
    }

    private static void saysNoPassword(FakeLambdaRuntime lambda, String answer) {
        lambda.stop();
        assertThat(answer + String.join("\n", lambda.lines())).doesNotContain(PASSWORD, ENCODED);
    }

    @ParameterizedTest
    @EnumSource
    void a_whole_rotation_goes_through_the_proxy_and_the_password_to_nobody_else(Start start) throws Exception {
        try (var lambda = new FakeLambdaRuntime(trusting(behindProxy(ENCODED)).starting(start))) {
            var report = answer(lambda, "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\"}");

            assertThat(report).contains("\"type\":\"promoted\"");
            assertThat(proxy.requests())
                    .extracting(Object::toString)
                    .contains("CONNECT atlas.test:443", "CONNECT secretsmanager.test:443")
                    .allMatch(request -> request.startsWith("CONNECT "));
            saysNoPassword(lambda, report);
        }
    }

    @Test
    void a_password_that_is_refused_is_told_and_is_not_tried_over_and_over() throws Exception {
        try (var lambda = new FakeLambdaRuntime(trusting(behindProxy("wrong")))) {
            var report = answer(lambda, "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\"}");

            assertThat(report)
                    .contains("Secrets Manager could not be reached, since the proxy did not connect" + " to it (");
            // Four tries, each without the password first, as the JDK does it; and init has tried each service once.
            assertThat(proxy.requests()).hasSize(8 + 2 + 1);
            saysNoPassword(lambda, report);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-Djavax.net.ssl.trustStore=/opt/cacerts"})
    void an_authority_that_is_not_trusted_is_told_also_where_the_trust_store_is_missing(String options)
            throws Exception {
        var function = behindProxy(ENCODED).with("JAVA_TOOL_OPTIONS", options);
        try (var lambda = new FakeLambdaRuntime(function)) {
            var report = answer(lambda, "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\"}");

            assertThat(report)
                    .contains("Secrets Manager showed a certificate that this function does not" + " trust (");
            assertThat(List.of(atlas.callCount(), secretsManager.calls())).containsOnly(0);
            saysNoPassword(lambda, report);
        }
    }
}
