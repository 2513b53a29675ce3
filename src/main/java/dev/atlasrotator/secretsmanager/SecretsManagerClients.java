package dev.atlasrotator.secretsmanager;

import dev.atlasrotator.failure.RotatorException;

import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.InstanceProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProcessCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.SystemPropertyCredentialsProvider;
import software.amazon.awssdk.awscore.defaultsmode.DefaultsMode;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.warmup.SdkWarmUp;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClientBuilder;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Builds the SDK's client as {@link SdkSecretVault} wants it: it never tries again by itself.
 *
 * <p>The credentials are the SDK's default chain and must stay so: under SnapStart they come from
 * the container endpoint and not from the environment. A shorter chain, an empty profile file and a
 * region given by hand were measured and save nothing that can be told from noise: what costs is
 * loading the SDK's some 1,500 classes, which {@link #warmUp()} puts before the snapshot.
 */
public final class SecretsManagerClients {
    /** How long a connection may take to come about. */
    public static final Duration CONNECT_MOST = Duration.ofSeconds(2);

    /** How long the service may stay silent on an open connection. */
    public static final Duration SILENCE_MOST = Duration.ofSeconds(10);

    // The narrower one goes first, as in the SDK.
    private static final List<String> ENDPOINTS =
            List.of("AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL");

    /** Prints the credentials of any profile, in the form that a credential process has. */
    private static final List<String> AWS_EXPORT =
            List.of("aws", "configure", "export-credentials");

    private SecretsManagerClients() {}

    /**
     * The client for production. Nothing is sent and no credential is read until its first call.
     *
     * @param environment the process's variables: {@code AWS_REGION} (or {@code
     *     AWS_DEFAULT_REGION}), {@code AWS_ENDPOINT_URL_SECRETS_MANAGER} and {@code
     *     AWS_ENDPOINT_URL}, the first of the two that is not empty
     * @throws RotatorException.Configuration if no region is named, or an endpoint is not a URL
     */
    public static SecretsManagerClient production(Map<String, String> environment) {
        return in(region(environment).orElseThrow(() -> noRegion("")), environment).build();
    }

    /**
     * The client for a person's machine: region and credentials as the AWS command line finds them.
     * A profile that the SDK needs a further module for (SSO, a role to assume) is left to the AWS
     * command line itself, where it is installed, so that no such module gets into the function.
     *
     * @param environment as for {@link #production}; what names the profile and its files the SDK
     *     reads from the process itself
     * @throws RotatorException.Configuration if there is no region or nobody is signed in
     */
    public static SecretsManagerClient command(Map<String, String> environment) {
        var region =
                region(environment)
                        .or(SecretsManagerClients::regionOfProfile)
                        .orElseThrow(() -> noRegion(", and neither does the AWS profile say it"));
        return in(region, environment).credentialsProvider(signedIn()).build();
    }

    private static AwsCredentialsProvider signedIn() {
        var chain =
                AwsCredentialsProviderChain.of(
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
            throw new RotatorException.Configuration(
                    "No AWS credentials were found: not in the environment, in the profile"
                            + " (AWS_PROFILE, else default), through \""
                            + String.join(" ", AWS_EXPORT)
                            + "\" (SSO and roles; needs the AWS command line, version 2), of a"
                            + " container or of an instance. Nothing was called. Sign in (aws sso"
                            + " login) or name a profile, and try again.");
        }
    }

    private static Optional<Region> region(Map<String, String> environment) {
        return named(environment, "AWS_REGION")
                .or(() -> named(environment, "AWS_DEFAULT_REGION"))
                .map(Region::of);
    }

    private static Optional<Region> regionOfProfile() {
        try {
            return Optional.ofNullable(new AwsProfileRegionProvider().getRegion());
        } catch (RuntimeException none) { // also where a file is malformed: it would be quoted
            return Optional.empty();
        }
    }

    private static RotatorException noRegion(String further) {
        return new RotatorException.Configuration(
                "AWS_REGION is not set"
                        + further
                        + ", so Secrets Manager can't be found. Nothing was called; set it.");
    }

    private static SecretsManagerClientBuilder in(Region region, Map<String, String> environment) {
        var builder =
                withoutRetries()
                        .region(region)
                        .httpClientBuilder(
                                UrlConnectionHttpClient.builder()
                                        .connectionTimeout(CONNECT_MOST)
                                        .socketTimeout(SILENCE_MOST));
        endpoint(environment, region).ifPresent(builder::endpointOverride);
        return builder;
    }

    /**
     * The endpoint that the SDK should not look for itself. It reads the same variables, but fails
     * with a NullPointerException on an empty one, and a template that lets a variable through to a
     * local run has to name it with an empty value.
     */
    private static Optional<URI> endpoint(Map<String, String> environment, Region region) {
        if (named(environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
                .filter(Boolean::parseBoolean)
                .isPresent()) {
            return Optional.empty();
        }
        for (var name : ENDPOINTS) {
            var url = named(environment, name);
            if (url.isPresent()) {
                return Optional.of(url(name, url.get()));
            }
        }
        return ENDPOINTS.stream().anyMatch(environment::containsKey)
                ? Optional.of(
                        URI.create(
                                "https://"
                                        + SecretsManagerClient.serviceMetadata()
                                                .endpointFor(region)))
                : Optional.empty();
    }

    private static URI url(String name, String url) {
        try {
            var uri = new URI(url);
            if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                    && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException notEvenAUri) {
            // It ends like any other text that is no URL of ours.
        }
        throw new RotatorException.Configuration(
                name
                        + " is not a URL with http or https and a host. Nothing was called; correct"
                        + " it or leave it out.");
    }

    private static Optional<String> named(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    /** The same without an HTTP client, for whoever has one of his own. */
    public static SecretsManagerClientBuilder withoutRetries() {
        return SecretsManagerClient.builder()
                .defaultsMode(DefaultsMode.STANDARD)
                .overrideConfiguration(
                        configuration ->
                                configuration.retryStrategy(AwsRetryStrategy.doNotRetry()));
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
