package dev.atlasrotator.aws;

import dev.atlasrotator.failure.RotatorException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.InstanceProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProcessCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.SystemPropertyCredentialsProvider;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;

/**
 * An operator's machine: region and credentials as the AWS command line finds them. A profile that the SDK needs a
 * further module for (SSO, a role to assume) is left to the AWS command line itself, where it is installed, so that the
 * function needs no such module.
 *
 * @param environment the process's variables. What names the profile's files, the SDK reads from the process itself
 * @param profile the profile that the operator named; it goes before the environment's credentials, as in AWS's own
 *     tools
 */
public record OperatorSession(Map<String, String> environment, Optional<String> profile) {
    /** Prints the credentials of any profile, in the form that a credential process has. */
    private static final List<String> AWS_EXPORT = List.of("aws", "configure", "export-credentials");

    /** Where AWS is: {@code AWS_REGION}, {@code AWS_DEFAULT_REGION}, or else the profile's region. */
    public AwsEnvironment aws() {
        var completed = new HashMap<>(environment);
        regionOfProfile().ifPresent(region -> completed.putIfAbsent("AWS_DEFAULT_REGION", region));
        return new AwsEnvironment(completed);
    }

    /**
     * The operator's credentials.
     *
     * @throws RotatorException.Configuration if there are none
     */
    public AwsCredentialsProvider credentials() {
        var chain = profile.map(OperatorSession::ofProfile).orElseGet(OperatorSession::anywhere);
        try {
            chain.resolveCredentials();
            return chain;
        } catch (RuntimeException nobody) { // its message quotes what each place said
            throw new RotatorException.Configuration(
                    profile.map(OperatorSession::notInProfile).orElseGet(OperatorSession::nowhere));
        }
    }

    private static AwsCredentialsProvider anywhere() {
        return AwsCredentialsProviderChain.of(
                SystemPropertyCredentialsProvider.create(),
                EnvironmentVariableCredentialsProvider.create(),
                ProfileCredentialsProvider.create(),
                ContainerCredentialsProvider.create(),
                ProcessCredentialsProvider.builder().command(AWS_EXPORT).build(),
                InstanceProfileCredentialsProvider.create());
    }

    private static AwsCredentialsProvider ofProfile(String name) {
        var export = Stream.concat(AWS_EXPORT.stream(), Stream.of("--profile", name));
        return AwsCredentialsProviderChain.of(
                ProfileCredentialsProvider.create(name),
                ProcessCredentialsProvider.builder().command(export.toList()).build());
    }

    private static String nowhere() {
        return """
            No AWS credentials were found: not in the environment, in the profile (AWS_PROFILE, else default), \
            through "%s" (SSO and roles; needs the AWS command line, version 2), of a container or of an \
            instance. Nothing was called. Sign in (aws sso login) or name a profile, and try again.\
            """.formatted(String.join(" ", AWS_EXPORT));
    }

    private static String notInProfile(String name) {
        return """
            No AWS credentials were found for the profile %s: not in AWS's files, nor through "%s" (SSO and roles; \
            needs the AWS command line, version 2). Nothing was called. Check the name, sign in \
            (aws sso login --profile %s), and try again.\
            """.formatted(name, String.join(" ", AWS_EXPORT), name);
    }

    private Optional<String> regionOfProfile() {
        try {
            var provider = profile.map(name -> new AwsProfileRegionProvider(ProfileFile::defaultProfileFile, name))
                    .orElseGet(AwsProfileRegionProvider::new);
            return Optional.ofNullable(provider.getRegion()).map(region -> region.id());
        } catch (RuntimeException none) { // also where a file is malformed: it would be quoted
            return Optional.empty();
        }
    }
}
