package dev.atlasrotator.simulator;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.testcontainers.localstack.LocalStackContainer;
import org.testcontainers.utility.DockerImageName;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;

/** Other people's stand-in for AWS, in a container: what ours are compared with. */
public final class LocalStack implements AutoCloseable {
    private static final String IMAGE = "localstack/localstack:4.14.0";

    private final LocalStackContainer container;

    private LocalStack(LocalStackContainer container) {
        this.container = container;
    }

    /** Starts it with these services; without a Docker engine the test is skipped, and says so. */
    public static LocalStack with(String... services) {
        assumeTrue(
                DockerEngine.answers(), "skipped: no Docker engine answers, so there is no LocalStack to test against");
        var container = new LocalStackContainer(DockerImageName.parse(IMAGE)).withServices(services);
        container.start();
        return new LocalStack(container);
    }

    /** A client of it. */
    public <B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>, C> C client(B builder) {
        return builder.httpClientBuilder(UrlConnectionHttpClient.builder())
                .endpointOverride(container.getEndpoint())
                .region(Region.of(container.getRegion()))
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(container.getAccessKey(), container.getSecretKey())))
                .build();
    }

    @Override
    public void close() {
        container.stop();
    }
}
