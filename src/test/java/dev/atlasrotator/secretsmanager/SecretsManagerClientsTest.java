package dev.atlasrotator.secretsmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.network.ConnectionFailure;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.simulator.http.ForwardProxy;
import dev.atlasrotator.simulator.http.SelfSigned;
import dev.atlasrotator.simulator.secretsmanager.FakeSecretsManager;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerModel;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The production client over real HTTP: where it goes, and that it gives up in time. */
class SecretsManagerClientsTest {
    private static final List<String> KEYS = List.of("aws.accessKeyId", "aws.secretAccessKey");

    private final InstantSource clock = InstantSource.system();
    private final SecretsManagerModel model = new SecretsManagerModel(SecretsManagerSettings.at(clock));
    private final String arn = model.seed("prod/atlas", "{}", Map.of());
    private final List<String> lines = new ArrayList<>();

    @BeforeEach
    void credentials() {
        KEYS.forEach(key -> System.setProperty(key, "example"));
    }

    @AfterEach
    void noCredentials() {
        KEYS.forEach(System::clearProperty);
    }

    /** An endpoint for all services, and more variables. */
    private static Map<String, String> at(String endpoint, String... variables) {
        var environment = new HashMap<String, String>();
        environment.put("AWS_REGION", "eu-central-1");
        environment.put("AWS_ENDPOINT_URL", endpoint);
        for (int i = 0; i < variables.length; i += 2) {
            environment.put(variables[i], variables[i + 1]);
        }
        return environment;
    }

    private Optional<String> describedAs(Map<String, String> environment, Duration within) {
        try {
            return Optional.of(described(environment, within));
        } catch (RotatorException.Unavailable nobody) {
            return Optional.empty();
        }
    }

    private String described(Map<String, String> environment, Duration within) {
        try (var client = SecretsManagerClients.production(environment)) {
            var vault = new SdkSecretVault(
                    client, new Retrier(pause -> {}, new Random(1)), new Log(lines::add, clock), clock, 1);
            return vault.describe("prod/atlas", Deadline.in(within, clock)).arn();
        }
    }

    @Test
    void the_endpoint_of_all_services_is_used_over_plain_http() {
        try (var server = FakeSecretsManager.start(model)) {
            assertThat(describedAs(at(server.uri().toString()), Duration.ofSeconds(20)))
                    .contains(arn);
        }
    }

    @Test
    void the_endpoint_of_secrets_manager_goes_before_the_one_of_all_services() {
        try (var server = FakeSecretsManager.start(model)) {
            assertThat(describedAs(
                            at(
                                    "http://127.0.0.1:1",
                                    "AWS_ENDPOINT_URL_SECRETS_MANAGER",
                                    server.uri().toString()),
                            Duration.ofSeconds(20)))
                    .contains(arn);
        }
    }

    @Test
    void an_empty_endpoint_counts_as_none() {
        try (var server = FakeSecretsManager.start(model);
                var aws = SecretsManagerClients.production(at(""))) {
            assertThat(describedAs(
                            at(server.uri().toString(), "AWS_ENDPOINT_URL_SECRETS_MANAGER", ""),
                            Duration.ofSeconds(20)))
                    .contains(arn);
            assertThat(aws.serviceClientConfiguration().endpointOverride())
                    .hasValueSatisfying(
                            uri -> assertThat(uri).hasToString("https://secretsmanager.eu-central-1.amazonaws.com"));
        }
    }

    @Test
    void no_endpoint_leaves_the_choice_to_the_sdk() {
        try (var client = SecretsManagerClients.production(Map.of("AWS_DEFAULT_REGION", "eu-west-1"))) {
            assertThat(client.serviceClientConfiguration().endpointOverride()).isEmpty();
            assertThat(client.serviceClientConfiguration().region().id()).isEqualTo("eu-west-1");
        }
    }

    @Test
    void what_is_no_url_is_refused_and_named() {
        for (var text : List.of("not a url", "localhost:4566", "ftp://host", "http:///path")) {
            assertThatThrownBy(
                            () -> SecretsManagerClients.production(Map.of("AWS_REGION", "x", "AWS_ENDPOINT_URL", text)))
                    .isInstanceOf(RotatorException.Configuration.class)
                    .hasMessageContaining("AWS_ENDPOINT_URL")
                    .hasNoCause();
        }
        assertThatThrownBy(() -> SecretsManagerClients.production(Map.of()))
                .isInstanceOf(RotatorException.Configuration.class)
                .hasMessageContaining("AWS_REGION");
    }

    @Test
    void a_service_that_accepts_and_says_nothing_is_given_up_at_the_deadline() throws IOException {
        try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            var begun = System.nanoTime();

            assertThat(describedAs(at("http://127.0.0.1:" + silent.getLocalPort()), Duration.ofMillis(700)))
                    .isEmpty();

            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
            assertThat(lines).anyMatch(line -> line.contains("no answer: "));
        }
    }

    @Test
    void nobody_listening_is_unavailable() {
        assertThat(describedAs(at("http://127.0.0.1:1"), Duration.ofSeconds(20)))
                .isEmpty();
        assertThat(lines).hasSize(4).allMatch(line -> line.contains("ConnectException"));
    }

    /** An endpoint whose name only a proxy knows, and more variables. */
    private static Map<String, String> behindProxy(String scheme, String... variables) {
        return at(scheme + "://secretsmanager.test", variables);
    }

    @Test
    void a_plain_request_goes_to_the_proxy_whole_with_the_password() throws IOException {
        try (var server = FakeSecretsManager.start(model);
                var proxy = ForwardProxy.to(Map.of("secretsmanager.test", server.uri()), "user", "swordfish")) {
            var url = "http://user:swordfish@" + proxy.address();
            assertThat(describedAs(behindProxy("http", "HTTP_PROXY", url), Duration.ofSeconds(20)))
                    .contains(arn);
            assertThat(proxy.requests()).hasSize(1);
            assertThat(describedAs(behindProxy("http", "HTTP_PROXY", url, "NO_PROXY", ".test"), Duration.ofSeconds(20)))
                    .isEmpty();
            assertThat(proxy.requests()).hasSize(1);
        }
        assertThat(String.join("\n", lines)).doesNotContain("swordfish");
    }

    @Test
    void a_proxy_that_does_not_let_the_function_through_is_told() throws IOException {
        try (var proxy = ForwardProxy.to(Map.of());
                var wary = ForwardProxy.to(Map.of(), "user", "password")) {
            for (var address : List.of(proxy.address(), wary.address())) {
                refusedBy(behindProxy("https", "HTTPS_PROXY", "http://" + address));
            }
        }
    }

    private void refusedBy(Map<String, String> environment) {
        assertThatThrownBy(() -> described(environment, Duration.ofSeconds(20)))
                .isInstanceOf(RotatorException.Unavailable.class)
                .hasNoCause()
                .hasMessageStartingWith(
                        "SECRETS_MANAGER_UNAVAILABLE: Secrets Manager could not be reached, since the proxy did not"
                                + " connect to it (DescribeSecret on prod/atlas). Check HTTPS_PROXY")
                .hasMessageNotContaining("swordfish");
        assertThat(lines).last().asString().contains("the proxy did not connect to it");
    }

    @Test
    void a_certificate_that_nobody_vouches_for_is_told() throws Exception {
        try (var server = FakeSecretsManager.startTls(model, SelfSigned.make())) {
            var environment = at(server.uri().toString());
            assertThatThrownBy(() -> described(environment, Duration.ofSeconds(20)))
                    .isInstanceOf(RotatorException.Unavailable.class)
                    .hasNoCause()
                    .hasMessage(
                            "CERTIFICATE_NOT_TRUSTED: Secrets Manager showed a certificate that this function does not"
                                    + " trust (DescribeSecret on prod/atlas). "
                                    + ConnectionFailure.CERTIFICATE_NOT_TRUSTED.advice()
                                    + " This call changed nothing.");
        }
        assertThat(model.calls()).isZero();
    }
}
