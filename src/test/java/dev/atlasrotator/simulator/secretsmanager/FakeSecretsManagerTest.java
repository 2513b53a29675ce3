package dev.atlasrotator.simulator.secretsmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.VirtualTime;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.SecretsManagerException;

/** What the real SDK client sees when something goes wrong at the stand-in. */
class FakeSecretsManagerTest {
    private final VirtualTime time = new VirtualTime(Instant.parse("2026-11-01T09:00:00Z"));
    private final SecretsManagerModel model = new SecretsManagerModel(SecretsManagerSettings.at(time));
    private final String arn = model.seed("prod/atlas", "old", Map.of());

    @Test
    void throttling_and_failures_of_the_service_reach_the_client_as_what_they_are() {
        try (var server = FakeSecretsManager.start(model);
                var http = UrlConnectionHttpClient.create();
                var client = client(http, server.uri())) {
            assertThat(codeOf(client, SecretsManagerErrors.throttling())).isEqualTo("400 ThrottlingException");
            assertThat(codeOf(client, SecretsManagerErrors.internal(Fault.Moment.BEFORE_EFFECT)))
                    .isEqualTo("500 InternalServiceError");
            assertThat(codeOf(client, SecretsManagerErrors.unavailable(Fault.Moment.BEFORE_EFFECT)))
                    .isEqualTo("503 ServiceUnavailableException");
            assertThat(codeOf(client, SecretsManagerErrors.accessDenied())).isEqualTo("400 AccessDeniedException");
        }
    }

    @Test
    void a_closed_connection_is_the_clients_error_and_is_one_call_only() {
        try (var server = FakeSecretsManager.start(model);
                var http = UrlConnectionHttpClient.create();
                var client = client(http, server.uri())) {
            client.describeSecret(b -> b.secretId(arn));
            model.inject(call -> new Fault.Close(Fault.Moment.AFTER_EFFECT));

            assertThatThrownBy(() -> client.putSecretValue(b -> b.secretId(arn).secretString("new")))
                    .isInstanceOf(SdkClientException.class);
            assertThat(model.calls("PutSecretValue")).isEqualTo(1);
            assertThat(model.valueUnder(arn, "AWSCURRENT")).contains("new");
        }
    }

    @Test
    void in_process_a_closed_connection_looks_the_same() {
        try (var http = new InProcessSecretsManager(model);
                var client = client(http, URI.create("http://in-process"))) {
            model.inject(call -> new Fault.Close(Fault.Moment.BEFORE_EFFECT));

            assertThatThrownBy(() -> client.putSecretValue(b -> b.secretId(arn).secretString("new")))
                    .isInstanceOf(SdkClientException.class);
            assertThat(model.valueUnder(arn, "AWSCURRENT")).contains("old");
        }
    }

    @Test
    void a_call_that_the_stand_in_does_not_know_fails_the_test_when_it_is_closed() {
        var server = FakeSecretsManager.start(model);
        try (var http = UrlConnectionHttpClient.create();
                var client = client(http, server.uri())) {
            assertThatThrownBy(() -> client.getRandomPassword()).isInstanceOf(SdkClientException.class);
        }

        assertThatThrownBy(server::close)
                .isInstanceOf(AssertionError.class)
                .hasRootCauseMessage(
                        "the Secrets Manager stand-in does not know GetRandomPassword: fix the call" + " or teach it");
    }

    @Test
    void it_can_serve_other_machines() {
        try (var server = FakeSecretsManager.start(model, new InetSocketAddress("0.0.0.0", 0));
                var http = UrlConnectionHttpClient.create();
                var client = client(http, server.uri())) {
            assertThat(client.getSecretValue(b -> b.secretId(arn)).secretString())
                    .isEqualTo("old");
        }
    }

    @Test
    void a_rotation_may_run_beside_the_caller_and_call_back_over_http() throws InterruptedException {
        var steps = new ArrayList<String>();
        var thread = new ArrayList<Thread>();
        var live = model.copy(SecretsManagerSettings.at(time)
                .withRotationExecutor(run -> thread.add(Thread.startVirtualThread(run))));
        try (var server = FakeSecretsManager.start(live);
                var http = UrlConnectionHttpClient.create();
                var client = client(http, server.uri())) {
            live.attach("arn:function", event -> {
                client.describeSecret(b -> b.secretId(arn));
                steps.add(String.valueOf(event.get("Step")));
            });
            client.rotateSecret(b -> b.secretId(arn).rotationLambdaARN("arn:function"));
            thread.getFirst().join();
        }

        assertThat(steps).isEqualTo(List.of("createSecret", "setSecret", "testSecret", "finishSecret"));
        assertThat(live.ledger().getLast())
                .isEqualTo(new SecretsLedgerEntry(
                        time.instant(),
                        "RotationFailed",
                        arn,
                        live.versionUnder(arn, "AWSPENDING").orElseThrow(),
                        "finishSecret AWSCURRENT not moved"));
    }

    private String codeOf(SecretsManagerClient client, Fault fault) {
        model.inject(call -> fault);
        var error =
                catchThrowableOfType(SecretsManagerException.class, () -> client.getSecretValue(b -> b.secretId(arn)));
        return error.statusCode() + " " + error.awsErrorDetails().errorCode();
    }

    /** A client that does not try again, so that each fault is seen. */
    private static SecretsManagerClient client(SdkHttpClient http, URI uri) {
        return SecretsManagerClient.builder()
                .httpClient(http)
                .endpointOverride(uri)
                .region(Region.EU_CENTRAL_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .overrideConfiguration(o -> o.retryStrategy(AwsRetryStrategy.doNotRetry()))
                .build();
    }
}
