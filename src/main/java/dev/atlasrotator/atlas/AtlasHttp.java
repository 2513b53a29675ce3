package dev.atlasrotator.atlas;

import static java.net.HttpURLConnection.HTTP_PROXY_AUTH;

import dev.atlasrotator.atlas.CallResult.Effect;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.network.ConnectionFailure;
import dev.atlasrotator.network.Proxies;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.RateLimiter;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Sends one request and waits for the whole answer, within bounds of time, size and quota, and logs
 * that it was sent and how it ended: never a body, never a header.
 */
final class AtlasHttp {
    /** How long a whole answer may take, its body included. */
    static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

    /** How long the answer to {@link #connect} may take: longer than that it saves nothing. */
    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(2);

    /** The one version of the API that has the operations on service accounts. */
    static final String VERSION = "application/vnd.atlas.2024-08-05+json";

    private final HttpClient client;

    /** Those that the client goes through; authenticating there is left to us. */
    private final Proxies proxies;

    private final String base;
    private final String userAgent;
    private final Log log;
    private final InstantSource clock;
    private final RateLimiter rateLimiter;

    AtlasHttp(HttpServiceAccounts.Endpoint endpoint, Log log, InstantSource clock, RateLimiter rateLimiter) {
        this.client = endpoint.client();
        this.proxies = client.proxy()
                .filter(Proxies.class::isInstance)
                .map(Proxies.class::cast)
                .orElse(Proxies.NONE);
        var text = endpoint.base().toString();
        this.base = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        this.userAgent = endpoint.userAgent();
        this.log = log;
        this.clock = clock;
        this.rateLimiter = rateLimiter;
    }

    /**
     * Sends it once, when the quota has room for it; the JDK's client repeats nothing but reads
     * whose connection had expired.
     *
     * @throws RotatorException.Unavailable if the quota has none within the deadline: it was not
     *     sent
     */
    CallResult.Exchange send(AtlasRequest request, Authorization authorization, Deadline deadline) {
        request.quota().ifPresent(quota -> quota.await(rateLimiter, deadline));
        var left = deadline.left();
        if (left.isZero()) {
            return new CallResult.Lost(Effect.NONE, "was not called, since no time was left for it");
        }
        var limit = left.compareTo(ANSWER_WITHIN) < 0 ? left : ANSWER_WITHIN;
        var start = clock.instant();
        var exchange = exchange(request, authorization, limit);
        log(request.operation(), exchange, Duration.between(start, clock.instant()));
        if (exchange instanceof CallResult.Answered(AtlasResponse reply)) {
            request.quota().ifPresent(quota -> quota.learn(rateLimiter, reply));
        }
        return exchange;
    }

    /**
     * Sends it without credentials. This is no call of a run: it waits for no quota and is not logged.
     *
     * @throws RotatorException.Unavailable if there is no answer
     */
    void connect(AtlasRequest request) {
        if (exchange(request, Authorization.none(), CONNECT_WITHIN) instanceof CallResult.Lost lost) {
            throw AtlasMessages.lost(request, lost);
        }
    }

    private void log(Operation operation, CallResult.Exchange exchange, Duration took) {
        switch (exchange) {
            case CallResult.Answered(AtlasResponse reply)
            when reply.verdict() == AtlasResponse.Verdict.DONE ->
                log.callSucceeded("atlas", operation.word(), String.valueOf(reply.status()), took);
            case CallResult.Answered(AtlasResponse reply) ->
                log.call(
                        "atlas",
                        operation.word(),
                        (reply.status() + " " + reply.error().code()).strip(),
                        took);
            case CallResult.Lost lost -> log.call("atlas", operation.word(), lost.how(), took);
        }
    }

    private CallResult.Exchange exchange(AtlasRequest request, Authorization authorization, Duration limit) {
        var future = client.sendAsync(
                wire(request, authorization, limit),
                head -> new BoundedBody(request.operation().answerBytesMax()));
        try {
            // The request's own time-out ends with the headers; this one bounds the body too.
            return answered(future.get(limit.toNanos(), TimeUnit.NANOSECONDS), authorization);
        } catch (TimeoutException late) {
            future.cancel(true);
            return new CallResult.Lost(Effect.UNKNOWN, "did not answer in time");
        } catch (InterruptedException ended) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            return new CallResult.Lost(Effect.UNKNOWN, "was not waited for, since the run was ended");
        } catch (ExecutionException failed) {
            return lost(failed.getCause());
        }
    }

    private CallResult.Exchange answered(HttpResponse<Sensitive> answer, Authorization authorization) {
        if (answer.statusCode() == HTTP_PROXY_AUTH && proxies.hasProxyFor(answer.uri())) {
            return new CallResult.Lost(ConnectionFailure.PROXY_REFUSED); // RFC 9110, section 15.5.8
        }
        var error = AtlasError.in(answer.statusCode(), answer.headers(), answer.body(), authorization.secrets());
        return new CallResult.Answered(
                new AtlasResponse(answer.statusCode(), answer.headers(), answer.body(), clock.instant(), error));
    }

    private static CallResult.Exchange lost(@Nullable Throwable failure) {
        return switch (failure) {
            case Error error -> throw error;
            case HttpConnectTimeoutException late -> new CallResult.Lost(Effect.NONE, "could not be reached in time");
            case HttpTimeoutException late -> new CallResult.Lost(Effect.UNKNOWN, "did not answer in time");
            case ConnectException refused -> new CallResult.Lost(Effect.NONE, "could not be reached");
            case UnresolvedAddressException unknown ->
                new CallResult.Lost(Effect.NONE, "could not be reached, its name is not known");
            case null, default ->
                ConnectionFailure.in(failure)
                        .map(CallResult.Lost::new)
                        // Its text is left out: it may quote what came over the wire.
                        .orElseGet(() -> new CallResult.Lost(
                                Effect.UNKNOWN, "broke the connection off before the answer was whole"));
        };
    }

    private HttpRequest wire(AtlasRequest request, Authorization authorization, Duration limit) {
        var target = URI.create(base + request.target());
        var wire = HttpRequest.newBuilder(target)
                .timeout(limit)
                .header("Accept", request.operation().accept())
                .header("User-Agent", userAgent)
                .method(
                        request.operation().method(),
                        request.body()
                                .map(body -> BodyPublishers.ofString(body.text().reveal()))
                                .orElseGet(BodyPublishers::noBody));
        request.body().ifPresent(body -> wire.header("Content-Type", body.contentType()));
        authorization.header().ifPresent(value -> wire.header("Authorization", value.reveal()));
        proxies.authorization(target).ifPresent(value -> wire.header("Proxy-Authorization", value.reveal()));
        return wire.build();
    }
}
