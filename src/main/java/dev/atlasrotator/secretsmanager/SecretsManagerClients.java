package dev.atlasrotator.secretsmanager;

import dev.atlasrotator.aws.AwsEnvironment;
import dev.atlasrotator.failure.RotatorException;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.InstanceProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProcessCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.auth.credentials.SystemPropertyCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClientBuilder;

/**
 * Builds the SDK's client as {@link SdkSecretVault} wants it: it never tries again by itself.
 *
 * <p>The credentials are the SDK's default chain and must stay so: under SnapStart they come from
 * the container endpoint and not from the environment. A shorter chain, an empty profile file and a
 * region given by hand were measured and save nothing that can be told from noise: what costs is
 * loading the SDK's some 1,500 classes, which the {@link #rehearsal} before a snapshot does.
 */
public final class SecretsManagerClients {
    /** Prints the credentials of any profile, in the form that a credential process has. */
    private static final List<String> AWS_EXPORT = List.of("aws", "configure", "export-credentials");

    private SecretsManagerClients() {}

    /**
     * The client for production. Nothing is sent and no credential is read until its first call.
     *
     * @param environment the process's variables, read as {@link AwsEnvironment} says; the narrower
     *     endpoint is {@code AWS_ENDPOINT_URL_SECRETS_MANAGER}
     * @throws RotatorException.Configuration if no region is named, or an endpoint is not a URL
     */
    public static SecretsManagerClient production(Map<String, String> environment) {
        return in(environment).build();
    }

    /**
     * The client for a person's machine: region and credentials as the AWS command line finds them.
     * A profile that the SDK needs a further module for (SSO, a role to assume) is left to the AWS
     * command line itself, where it is installed, so that the function needs no such module.
     *
     * @param environment as for {@link #production}; what names the profile and its files the SDK
     *     reads from the process itself
     * @throws RotatorException.Configuration if there is no region or there are no credentials
     */
    public static SecretsManagerClient command(Map<String, String> environment) {
        var completed = new HashMap<>(environment);
        regionOfProfile().ifPresent(region -> completed.putIfAbsent("AWS_DEFAULT_REGION", region.id()));
        return in(completed).credentialsProvider(signedIn()).build();
    }

    private static AwsCredentialsProvider signedIn() {
        var chain = AwsCredentialsProviderChain.of(
                SystemPropertyCredentialsProvider.create(),
                EnvironmentVariableCredentialsProvider.create(),
                ProfileCredentialsProvider.create(),
                ContainerCredentialsProvider.create(),
                ProcessCredentialsProvider.builder().command(AWS_EXPORT).build(),
                InstanceProfileCredentialsProvider.create());
        try {
            chain.resolveCredentials();
            return chain;
        } catch (RuntimeException nobody) { // its message quotes what each place said
            throw new RotatorException.Configuration("""
                No AWS credentials were found: not in the environment, in the profile (AWS_PROFILE, else default), \
                through "%s" (SSO and roles; needs the AWS command line, version 2), of a container or of an \
                instance. Nothing was called. Sign in (aws sso login) or name a profile, and try again.\
                """.formatted(String.join(" ", AWS_EXPORT)));
        }
    }

    private static Optional<Region> regionOfProfile() {
        try {
            return Optional.ofNullable(new AwsProfileRegionProvider().getRegion());
        } catch (RuntimeException none) { // also where a file is malformed: it would be quoted
            return Optional.empty();
        }
    }

    private static SecretsManagerClientBuilder in(Map<String, String> environment) {
        return new AwsEnvironment(environment)
                .configure(
                        SecretsManagerClient.builder(),
                        new AwsEnvironment.Service(
                                "Secrets Manager", "SECRETS_MANAGER", SecretsManagerClient::serviceMetadata));
    }

    /** A client for use before a snapshot: it signs with a made-up key. */
    public static SecretsManagerClient rehearsal(URI service) {
        return in(Map.of("AWS_REGION", "us-east-1", "AWS_ENDPOINT_URL_SECRETS_MANAGER", service.toString()))
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create("rehearsal", "rehearsal")))
                .build();
    }
}
