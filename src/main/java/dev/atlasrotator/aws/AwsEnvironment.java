package dev.atlasrotator.aws;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.network.Proxies;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.awscore.defaultsmode.DefaultsMode;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.ServiceMetadata;

/**
 * Where AWS is, by the process's variables: {@code AWS_REGION} (or {@code AWS_DEFAULT_REGION}), and
 * {@code AWS_ENDPOINT_URL} with its narrower form for one service, the first of the two that is not
 * empty; and through which proxy, as {@link Proxies} says.
 */
public record AwsEnvironment(Map<String, String> variables) {
    /** How long connecting may take. */
    public static final Duration CONNECT_MAX = Duration.ofSeconds(2);

    /** How long a service may stay silent on an open connection. */
    public static final Duration SILENCE_MAX = Duration.ofSeconds(10);

    private static final String EVERY_SERVICE = "AWS_ENDPOINT_URL";

    /**
     * A service of AWS's.
     *
     * @param name as people call it
     * @param variable the end of its own endpoint variable, such as {@code SECRETS_MANAGER}
     * @param metadata where the service is; asked for only if need be, since the SDK loads a class
     *     for each of AWS's services then
     */
    public record Service(String name, String variable, Supplier<ServiceMetadata> metadata) {}

    /**
     * A client that never tries again by itself, over the one HTTP client of this function.
     *
     * @throws RotatorException.Configuration if no region is named, or an endpoint or a proxy is
     *     not a URL
     */
    public <B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>, C> B configure(B builder, Service service) {
        return configure(builder, service, SILENCE_MAX);
    }

    /**
     * The same for a service that may stay silent for this long.
     *
     * @throws RotatorException.Configuration as above
     */
    public <B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>, C> B configure(
            B builder, Service service, Duration silenceMax) {
        var region = region(service);
        withoutRetries(builder).region(region).httpClient(connecting(Proxies.from(variables), silenceMax));
        endpoint(service, region).ifPresent(builder::endpointOverride);
        return builder;
    }

    private static SdkHttpClient connecting(Proxies proxies, Duration silenceMax) {
        return UrlConnectionHttpClient.create(service -> {
            try {
                var connection = proxies.open(service);
                connection.setConnectTimeout((int) CONNECT_MAX.toMillis());
                connection.setReadTimeout((int) silenceMax.toMillis());
                return connection;
            } catch (IOException noUrl) {
                throw new UncheckedIOException(noUrl);
            }
        });
    }

    /** Retries are done here, so that every call is counted, logged and ends by the deadline. */
    public static <B extends AwsClientBuilder<B, C>, C> B withoutRetries(B builder) {
        return builder.defaultsMode(DefaultsMode.STANDARD)
                .overrideConfiguration(configuration -> configuration.retryStrategy(AwsRetryStrategy.doNotRetry()));
    }

    private Region region(Service service) {
        return Region.of(named("AWS_REGION")
                .or(() -> named("AWS_DEFAULT_REGION"))
                .orElseThrow(() -> new RotatorException.Configuration(
                        "AWS_REGION is not set, so %s can't be found. Nothing was called; set it."
                                .formatted(service.name()))));
    }

    /**
     * The endpoint that the SDK should not look for itself. It reads the same variables, but fails
     * with a NullPointerException on an empty one, and a template that lets a variable through to a
     * local run has to name it with an empty value.
     */
    private Optional<URI> endpoint(Service service, Region region) {
        if (named("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
                .filter(Boolean::parseBoolean)
                .isPresent()) {
            return Optional.empty();
        }
        // The narrower one goes first, as in the SDK.
        var names = List.of(EVERY_SERVICE + "_" + service.variable(), EVERY_SERVICE);
        for (var name : names) {
            var url = named(name);
            if (url.isPresent()) {
                return Optional.of(url(name, url.get()));
            }
        }
        return names.stream().anyMatch(variables::containsKey)
                ? Optional.of(URI.create("https://" + service.metadata().get().endpointFor(region)))
                : Optional.empty();
    }

    private static URI url(String name, String url) {
        try {
            var uri = new URI(url);
            if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException notEvenAUri) {
            // Treated like any other text that is not such a URL.
        }
        throw new RotatorException.Configuration(
                "%s is not a URL with http or https and a host. Nothing was called; correct it or leave it out."
                        .formatted(name));
    }

    /** Whether a snapshot is taken of this process ("Lambda environment variables", AWS_LAMBDA_INITIALIZATION_TYPE). */
    public boolean hasSnapStart() {
        return "snap-start".equals(variables.get("AWS_LAMBDA_INITIALIZATION_TYPE"));
    }

    private Optional<String> named(String name) {
        return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
    }
}
