package dev.atlasrotator.atlas;

import dev.atlasrotator.credential.AtlasCredential.ServiceAccountKey;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.retry.Retrier.Attempt;
import dev.atlasrotator.retry.RetryPolicy;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/**
 * Access tokens by OAuth's client credentials grant. One token is kept for each credential, while
 * it lives; it never serves another credential, and a credential used by several threads at once is
 * authenticated once.
 */
final class AccessTokens {
    /** The outcome of a request for a token. */
    sealed interface Grant permits Granted, CallResult.NotAuthenticated, CallResult.Denied {}

    /**
     * A token.
     *
     * @param usableUntil some minutes before it expires, by our own clock
     */
    record Granted(Sensitive token, Instant usableUntil) implements Grant {}

    /** So long before it expires a token is no longer used: a call and its retries take time. */
    static final Duration MARGIN = Duration.ofMinutes(5);

    /**
     * Atlas's tokens live an hour ("Atlas Administration API Authentication",
     * https://www.mongodb.com/docs/atlas/api/api-authentication/); an answer that promises more is not believed.
     */
    private static final long SECONDS_MAX = 3600;

    /** Printable ASCII without spaces, for a header; the JDK quotes any other text in its exception. */
    private static final Pattern TOKEN = Pattern.compile("[!-~]{1,8192}");

    /** Enough for all that is under way at once; a fleet's tokens are not needed again. */
    private static final int KEPT_MAX = 250;

    // A repeated request leaves at most a token behind that nobody has; it expires.
    private static final RetryPolicy RETRIES = new RetryPolicy(4, Duration.ofMillis(500), Duration.ofSeconds(8));

    private final AtlasHttp http;
    private final Retrier retrier;
    private final Log log;
    private final InstantSource clock;

    /** In the order of their use. */
    private final Map<ServiceAccountKey, Place> kept =
            Collections.synchronizedMap(new LinkedHashMap<ServiceAccountKey, Place>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<ServiceAccountKey, Place> eldest) {
                    return size() > KEPT_MAX;
                }
            });

    /** Where one credential's token is kept; the lock lets one thread at a time mint, and guards the token. */
    private static final class Place {
        final ReentrantLock lock = new ReentrantLock();
        Optional<Granted> grant = Optional.empty();
    }

    AccessTokens(AtlasHttp http, Retrier retrier, Log log, InstantSource clock) {
        this.http = http;
        this.retrier = retrier;
        this.log = log;
        this.clock = clock;
    }

    /**
     * The token that is kept, or a new one.
     *
     * @throws RotatorException.Unavailable if Atlas does not say yes or no
     */
    Grant obtain(ServiceAccountKey key, Deadline deadline) {
        var place = place(key);
        lock(place.lock, deadline);
        try {
            var held = place.grant.filter(granted -> clock.instant().isBefore(granted.usableUntil()));
            var grant = held.<Grant>map(granted -> granted).orElseGet(() -> mint(key, deadline));
            if (grant instanceof Granted granted) {
                place.grant = Optional.of(granted);
            }
            return grant;
        } finally {
            place.lock.unlock();
        }
    }

    /** Forgets a token that Atlas no longer accepts, unless a newer one has taken its place. */
    void drop(ServiceAccountKey key, Sensitive token) {
        var place = place(key);
        place.lock.lock();
        try {
            place.grant = place.grant.filter(held -> !held.token().equals(token));
        } finally {
            place.lock.unlock();
        }
    }

    /** Forgets all of them, for instance before a snapshot of the memory is taken. */
    void clearCredentials() {
        kept.clear();
    }

    /** How many credentials have a place. */
    int size() {
        return kept.size();
    }

    private Place place(ServiceAccountKey key) {
        return kept.computeIfAbsent(key, absent -> new Place());
    }

    private static void lock(ReentrantLock lock, Deadline deadline) {
        try {
            if (lock.tryLock() || lock.tryLock(deadline.left().toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
        throw new RotatorException.Unavailable(Code.OUT_OF_TIME, """
            Another thread's request for a token of the same credential did not end in time. Nothing was done; try \
            again later.\
            """);
    }

    /**
     * A token of its own, which is not kept.
     *
     * @throws RotatorException.Unavailable if Atlas does not say yes or no
     */
    Grant mint(ServiceAccountKey key, Deadline deadline) {
        var request = AtlasRequest.form(
                Operation.MINT_TOKEN,
                key.clientId().value(),
                "/api/oauth/token",
                "grant_type=client_credentials",
                Optional.of(Quota.ofTokens(key.clientId())));
        return retrier.run(RETRIES, deadline, number -> {
            // Its life is counted from before the request: never longer than it is.
            var asked = clock.instant();
            return switch (http.send(request, Authorization.basic(key), deadline)) {
                case CallResult.Lost lost -> Attempt.retry(Optional.empty(), AtlasMessages.lost(request, lost));
                case CallResult.Answered(AtlasResponse reply) -> attempt(request, key, reply, asked, deadline);
            };
        });
    }

    private static Attempt<Grant> attempt(
            AtlasRequest request, ServiceAccountKey key, AtlasResponse reply, Instant asked, Deadline deadline) {
        if (credentialRefused(reply)) {
            var code = reply.error().code();
            return new Attempt.Done<>(
                    new CallResult.NotAuthenticated("Atlas does not accept this client secret of %s (HTTP %d %s).%s"
                            .formatted(key.clientId(), reply.status(), code, key.andWhitespace())));
        }
        return switch (reply.verdict()) {
            case DONE -> new Attempt.Done<>(granted(request, reply, asked));
            case THROTTLED, FAILED, CONCURRENT_WRITE ->
                Attempt.retry(reply.retryAfter(), AtlasMessages.notNow(request, reply, deadline));
            case REDIRECT ->
                throw new RotatorException.Unavailable(Code.ATLAS_UNAVAILABLE, AtlasMessages.refusal(request, reply));
            case REFUSED -> {
                // A 401 without Atlas's words, from a proxy perhaps, says nothing about the secret.
                if (reply.status() == 401) {
                    throw AtlasMessages.unclear(request, reply);
                }
                yield new Attempt.Done<>(new CallResult.Denied(
                        reply.status(), reply.error().code(), AtlasMessages.refusal(request, reply)));
            }
        };
    }

    /**
     * OAuth says {@code invalid_client} with 401, or 400 (RFC 6749 section 5.2). An API error with
     * 401 counts as well. Everything else leaves the question open, since a secret that is taken
     * for a bad one is given up.
     */
    private static boolean credentialRefused(AtlasResponse reply) {
        var error = reply.json().map(json -> json.get("error")).orElse("");
        return switch (reply.status()) {
            case 400 -> error.equals("invalid_client");
            case 401 -> error.equals("invalid_client") || error instanceof Number;
            default -> false;
        };
    }

    private static Granted granted(AtlasRequest request, AtlasResponse reply, Instant asked) {
        var json = reply.json().orElse(Map.of());
        if (json.get("access_token") instanceof String token
                && TOKEN.matcher(token).matches()) {
            long seconds = json.get("expires_in") instanceof Number life
                    ? (long) Math.clamp(life.doubleValue(), 0, SECONDS_MAX)
                    : 0; // Not told: used at once, not kept.
            return new Granted(new Sensitive(token), asked.plusSeconds(seconds).minus(MARGIN));
        }
        throw AtlasMessages.unreadable(request, "it holds no access token");
    }

    /** Revokes a token at Atlas. Failing at that is logged and nothing more: it expires within an hour. */
    void revoke(ServiceAccountKey key, Sensitive token, Deadline deadline) {
        var request = AtlasRequest.form(
                Operation.REVOKE_TOKEN,
                key.clientId().value(),
                "/api/oauth/revoke",
                "token=" + URLEncoder.encode(token.reveal(), StandardCharsets.UTF_8) + "&token_type_hint=access_token",
                Optional.empty());
        if (!(http.send(request, Authorization.basic(key).hiding(token), deadline)
                        instanceof CallResult.Answered(AtlasResponse reply))
                || reply.verdict() != AtlasResponse.Verdict.DONE) {
            log.line(
                    Log.Level.WARN,
                    "a token that was minted to verify a secret could not be revoked; it expires within an hour",
                    Map.of("clientId", key.clientId()));
        }
    }
}
