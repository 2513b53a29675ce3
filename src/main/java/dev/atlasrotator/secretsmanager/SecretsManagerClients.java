package dev.atlasrotator.secretsmanager;

import dev.atlasrotator.aws.AwsEnvironment;
import dev.atlasrotator.aws.OperatorSession;
import dev.atlasrotator.failure.RotatorException;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClientBuilder;

/**
 * Builds the SDK's client as {@link SdkSecretVault} wants it: it never tries again by itself.
 *
 * <p>The credentials are the SDK's default chain and must stay so: under SnapStart they come from
 * the container endpoint and not from the environment. A shorter chain, an empty profile file and a
 * region given by hand were measured and save nothing that can be told from noise: what costs is
 * loading the SDK's some 1,500 classes, which a warm-up does.
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
        return in(new AwsEnvironment(environment)).build();
    }

    /**
     * The client for an operator's machine.
     *
     * @throws RotatorException.Configuration if there is no region or there are no credentials
     */
    public static SecretsManagerClient command(OperatorSession operator) {
        return in(operator.aws()).credentialsProvider(operator.credentials()).build();
    }

    private static SecretsManagerClientBuilder in(AwsEnvironment environment) {
        return environment.configure(
                SecretsManagerClient.builder(),
                new AwsEnvironment.Service(
                        "Secrets Manager", "SECRETS_MANAGER", SecretsManagerClient::serviceMetadata));
    }

    /**
     * Connects as the function's client does, by a request that is not signed: it names nothing of the account's, and
     * Secrets Manager refuses it. The JDK keeps the connection for the client's next call, but not for a snapshot.
     *
     * @throws software.amazon.awssdk.core.exception.SdkException if there is no answer
     */
    public static void connect(Map<String, String> environment) {
        var aws = new AwsEnvironment(environment);
        try (var client = in(aws).credentialsProvider(AnonymousCredentialsProvider.create())
                .build()) {
            client.describeSecret(request -> request.secretId("warmup").overrideConfiguration(call -> {
                call.apiCallTimeout(AwsEnvironment.CONNECT_MAX);
                if (aws.hasSnapStart()) {
                    call.putHeader("Connection", "close");
                }
            }));
        } catch (AwsServiceException refused) {
            // As it should: there is a connection.
        }
    }
}
