package dev.atlasrotator.secretsmanager;

import dev.atlasrotator.aws.AwsEnvironment;
import dev.atlasrotator.failure.RotatorException;

import software.amazon.awssdk.core.warmup.SdkWarmUp;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClientBuilder;

import java.util.Map;

/**
 * Builds the SDK's client as {@link SdkSecretVault} wants it: it never tries again by itself.
 *
 * <p>The credentials are the SDK's default chain and must stay so: under SnapStart they come from
 * the container endpoint and not from the environment. A shorter chain, an empty profile file and a
 * region given by hand were measured and save nothing that can be told from noise: what costs is
 * loading the SDK's some 1,500 classes, which {@link #warmUp()} puts before the snapshot.
 */
public final class SecretsManagerClients {
    private SecretsManagerClients() {}

    /**
     * The client for production. Nothing is sent and no credential is read until its first call.
     *
     * @param environment the process's variables, read as {@link AwsEnvironment} says; the narrower
     *     endpoint is {@code AWS_ENDPOINT_URL_SECRETS_MANAGER}
     * @throws RotatorException.Configuration if no region is named, or an endpoint is not a URL
     */
    public static SecretsManagerClient production(Map<String, String> environment) {
        return new AwsEnvironment(environment)
                .configure(
                        SecretsManagerClient.builder(),
                        new AwsEnvironment.Service(
                                "Secrets Manager",
                                "SECRETS_MANAGER",
                                SecretsManagerClient.serviceMetadata()))
                .build();
    }

    /** The same without an HTTP client, for whoever has one of his own. */
    public static SecretsManagerClientBuilder withoutRetries() {
        return AwsEnvironment.withoutRetries(SecretsManagerClient.builder());
    }

    /**
     * Loads and runs what a first call needs: for use before a snapshot is taken. The SDK's own
     * warm-up answers itself in memory with anonymous credentials, so nothing secret and no open
     * connection gets into the snapshot.
     */
    public static void warmUp() {
        SdkWarmUp.warmUp(SecretsManagerClient.class);
    }
}
