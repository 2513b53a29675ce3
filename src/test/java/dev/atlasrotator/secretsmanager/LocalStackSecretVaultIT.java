package dev.atlasrotator.secretsmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.testcontainers.localstack.LocalStackContainer;
import org.testcontainers.utility.DockerImageName;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.SecretsManagerException;

import java.util.Optional;

/** The contract against LocalStack, whose Secrets Manager is moto with changes. */
class LocalStackSecretVaultIT extends SecretVaultContract {
    private static Optional<LocalStackContainer> container = Optional.empty();
    private static Optional<SecretsManagerClient> client = Optional.empty();

    @BeforeAll
    @SuppressWarnings("resource") // closed after all tests
    static void start() {
        assumeTrue(
                DockerEngine.answers(),
                "skipped: no Docker engine answers, so there is no LocalStack to test against");
        var started =
                new LocalStackContainer(DockerImageName.parse("localstack/localstack:4.14.0"))
                        .withServices("secretsmanager", "lambda");
        started.start();
        container = Optional.of(started);
        client =
                Optional.of(
                        SecretsManagerClients.withoutRetries()
                                .httpClientBuilder(UrlConnectionHttpClient.builder())
                                .endpointOverride(started.getEndpoint())
                                .region(Region.of(started.getRegion()))
                                .credentialsProvider(
                                        StaticCredentialsProvider.create(
                                                AwsBasicCredentials.create(
                                                        started.getAccessKey(),
                                                        started.getSecretKey())))
                                .build());
    }

    @AfterAll
    static void stop() {
        client.ifPresent(SecretsManagerClient::close);
        container.ifPresent(LocalStackContainer::stop);
    }

    @Override
    SecretsManagerClient client() {
        return client.orElseThrow();
    }

    /** It registers the version before it finds out that there is no such function. */
    @Override
    VersionId register(String arn) {
        var token = newVersion();
        try {
            client().rotateSecret(
                            request ->
                                    request.secretId(arn)
                                            .clientRequestToken(token.value())
                                            .rotationLambdaARN(
                                                    "arn:aws:lambda:us-east-1:000000000000:function:none"));
        } catch (SecretsManagerException noSuchFunction) {
            assertThat(noSuchFunction.statusCode()).isBetween(400, 499);
        }
        return token;
    }
}
