package dev.atlasrotator.atlas;

import dev.atlasrotator.atlas.AccountAnswer.Unusable;
import dev.atlasrotator.atlas.ServiceAccounts.CreateAnswer.Denial;
import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasCredential;
import dev.atlasrotator.credential.Scope;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.network.Proxies;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.RateLimiter;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.retry.Retrier.Attempt;
import dev.atlasrotator.retry.RetryPolicy;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;

/**
 * Atlas over HTTP. Reads and deletes are repeated when they fail; a create is repeated only if it
 * certainly had no effect. No redirect is ever followed. Calls stay below Atlas's quotas, and a
 * Retry-After that one thread is told is obeyed by all.
 */
public final class HttpServiceAccounts implements ServiceAccounts {
    private static final String API = "/api/atlas/v2/";
    private static final String LIFETIME = "secretExpiresAfterHours";
    private static final RetryPolicy RETRIES = new RetryPolicy(4, Duration.ofMillis(500), Duration.ofSeconds(8));

    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(5);

    /** The most that the API description allows. */
    private static final int PER_PAGE = 500;

    private static final int PAGES_MAX = 200;

    /**
     * Where Atlas is, and who calls.
     *
     * @param client one made by {@link #client}, or another that follows no redirects
     * @param base scheme, host and port; a path is put before each path of Atlas's
     * @param userAgent as {@link #userAgent} makes it
     */
    public record Endpoint(HttpClient client, URI base, String userAgent) {
        public Endpoint {
            if (client.followRedirects() != HttpClient.Redirect.NEVER) {
                throw new IllegalArgumentException("a client that follows redirects leaks credentials");
            }
        }
    }

    private final AtlasHttp http;
    private final AccessTokens tokens;
    private final Retrier retrier;
    private final RandomGenerator random;

    /**
     * The adapter.
     *
     * @param random for the client nonces of HTTP Digest
     */
    public HttpServiceAccounts(
            Endpoint endpoint, Retrier retrier, Log log, InstantSource clock, RandomGenerator random) {
        this.http = new AtlasHttp(endpoint, log, clock, new RateLimiter(clock, retrier));
        this.tokens = new AccessTokens(http, retrier, log, clock);
        this.retrier = retrier;
        this.random = random;
    }

    /**
     * The client for production: HTTP/1.1, no redirects, no cookies, 5 s to connect. Building it
     * sets TLS up, which belongs before a snapshot.
     */
    public static HttpClient client(Proxies proxies) {
        return HttpClient.newBuilder()
                .proxy(proxies)
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT_WITHIN)
                .build();
    }

    /** The form that Atlas's own tools use: name, version, system and processor. */
    public static String userAgent(String version, String system, String processor) {
        return "atlas-secret-rotator/" + version + " (" + system + ";" + processor + ")";
    }

    /**
     * Connects by a request without credentials, which Atlas refuses; the client keeps the connection for its next one.
     *
     * @throws RotatorException.Unavailable if there is no answer
     */
    public void connect() {
        http.connect(AtlasRequest.api(
                Operation.LIST_ACCOUNTS, "nobody", API + "groups/000000000000000000000000/serviceAccounts"));
    }

    /** Forgets all access tokens: none may be in a snapshot of the memory. */
    public void clearTokens() {
        tokens.clearCredentials();
    }

    @Override
    public AuthResult verify(AtlasCredential.ServiceAccountKey key, Deadline deadline) {
        return switch (tokens.mint(key, deadline)) {
            case AccessTokens.Granted granted -> {
                tokens.revoke(key, granted.token(), deadline);
                yield AuthResult.ACCEPTED;
            }
            case CallResult.NotAuthenticated rejected -> AuthResult.REJECTED;
            // The question is open: only a credential that is not accepted is a bad one.
            case CallResult.Denied denied ->
                throw new RotatorException.Unavailable(Code.ATLAS_UNAVAILABLE, denied.why());
        };
    }

    @Override
    public Answer<Profile> profile(Account account, AtlasCredential as, Deadline deadline) {
        return ask(
                AtlasRequest.api(Operation.READ_ACCOUNT, account.toString(), path(account)),
                as,
                deadline,
                Optional.empty(),
                reply -> AccountAnswer.profileOf(account.clientId(), object(reply)));
    }

    /** Atlas Administration API, "Return One Project": whoever may read the project may. */
    @Override
    public Answer<Scope.Organization> organizationOf(Scope.Project project, AtlasCredential as, Deadline deadline) {
        return ask(
                AtlasRequest.api(Operation.READ_PROJECT, subject(project), API + project.path()),
                as,
                deadline,
                Optional.empty(),
                reply -> {
                    if (object(reply).get("orgId") instanceof String id
                            && Scope.FORM.matcher(id).matches()) {
                        return new Scope.Organization(id);
                    }
                    throw new Unusable("it names no organization");
                });
    }

    /** Atlas Administration API, "Return Settings for One Organization": every member of it may read them. */
    @Override
    public Answer<OptionalInt> lifetimeHoursMax(
            Scope.Organization organization, AtlasCredential as, Deadline deadline) {
        return ask(
                AtlasRequest.api(
                        Operation.READ_SETTINGS, subject(organization), API + organization.path() + "/settings"),
                as,
                deadline,
                Optional.empty(),
                reply -> object(reply).get("maxServiceAccountSecretValidityInHours") instanceof Number hours
                        ? OptionalInt.of(hours.intValue())
                        : OptionalInt.empty());
    }

    /**
     * One page of a list.
     *
     * @param entries how many accounts Atlas showed
     * @param total how many there are in all, if Atlas tells
     */
    private record Page(List<Profile> accounts, int entries, Optional<Long> total) {
        /** Without a count only a page that is not full tells the end. */
        boolean last(long seen) {
            return entries == 0 || total.map(all -> seen >= all).orElse(entries < PER_PAGE);
        }
    }

    @Override
    public Answer<List<Profile>> profiles(Scope scope, AtlasCredential as, Deadline deadline) {
        var all = new ArrayList<Profile>();
        Optional<Instant> began = Optional.empty();
        long seen = 0;
        for (int number = 1; number <= PAGES_MAX; number++) {
            var answer = page(scope, number, as, deadline);
            if (!(answer instanceof Answer.Given<Page>(Page page, Instant at))) {
                return answer.map(Page::accounts);
            }
            all.addAll(page.accounts());
            seen += page.entries();
            // The earliest: a secret on a later page never seems older than it is.
            began = began.or(() -> Optional.of(at));
            if (page.last(seen)) {
                return new Answer.Given<>(List.copyOf(all), began.get());
            }
        }
        throw new RotatorException.Unavailable(Code.ATLAS_UNAVAILABLE, """
            Atlas's list of the accounts of %s does not end after %d pages. Nothing was changed; check \
            ATLAS_BASE_URL.\
            """.formatted(subject(scope), PAGES_MAX));
    }

    private Answer<Page> page(Scope scope, int number, AtlasCredential as, Deadline deadline) {
        var target = API + scope.path() + "/serviceAccounts?itemsPerPage=" + PER_PAGE + "&pageNum=" + number;
        var request = AtlasRequest.api(Operation.LIST_ACCOUNTS, subject(scope), target);
        return ask(request, as, deadline, Optional.empty(), reply -> {
            var json = object(reply);
            if (!(json.get("results") instanceof List<?> entries)) {
                throw new Unusable("it holds no list of results");
            }
            var total = json.get("totalCount") instanceof Number count
                    ? Optional.of((long) count.doubleValue())
                    : Optional.<Long>empty();
            return new Page(AccountAnswer.profiles(entries), entries.size(), total);
        });
    }

    private static String subject(Scope scope) {
        return scope.key() + " " + scope.id();
    }

    @Override
    public CreateAnswer create(Account account, AtlasCredential as, int lifetimeHours, Deadline deadline) {
        var request = AtlasRequest.api(Operation.CREATE_SECRET, account.toString(), path(account) + "/secrets")
                .withJson("{\"" + LIFETIME + "\":" + lifetimeHours + "}");
        var signer = signer(as);
        return retrier.run(RETRIES, deadline, number -> switch (signer.send(request, deadline)) {
            case CallResult.NotAuthenticated(String why) ->
                done(new CreateAnswer.Denied(401, "", Denial.CREATE, why + " No secret was created."));
            case CallResult.Denied(int status, String code, String why) ->
                done(new CreateAnswer.Denied(status, code, Denial.CREATE, why));
            case CallResult.Lost lost ->
                lost.effect() == CallResult.Effect.UNKNOWN
                        ? done(unknown(AtlasMessages.lostAnswer(request, lost)))
                        : Attempt.retry(Optional.empty(), AtlasMessages.lost(request, lost));
            case CallResult.Answered(AtlasResponse reply) -> created(request, reply, deadline);
        });
    }

    private static Attempt<CreateAnswer> created(AtlasRequest request, AtlasResponse reply, Deadline deadline) {
        return switch (reply.verdict()) {
            case DONE -> done(made(request, reply));
            case THROTTLED -> Attempt.retry(reply.retryAfter(), AtlasMessages.notNow(request, reply, deadline));
            case FAILED, CONCURRENT_WRITE -> done(unknown(AtlasMessages.badAnswer(request, reply, deadline)));
            case REDIRECT -> done(unknown(unclear(request, reply)));
            // Atlas says itself why it refuses. Any other no may come from something in between,
            // which does not know what Atlas has done.
            case REFUSED ->
                done(reply.error().code().isEmpty() ? unknown(unclear(request, reply)) : refused(request, reply));
        };
    }

    /**
     * Which code Atlas gives to a lifetime that the organization does not allow is not documented. It is the one field
     * of the request, and within the bounds of the API: where an answer names it as wrong, the organization's is left.
     */
    private static CreateAnswer refused(AtlasRequest request, AtlasResponse reply) {
        var error = reply.error();
        var what = error.fields().contains(LIFETIME) ? Denial.LIFETIME : Denial.CREATE;
        return new CreateAnswer.Denied(reply.status(), error.code(), what, AtlasMessages.refusal(request, reply));
    }

    private static String unclear(AtlasRequest request, AtlasResponse reply) {
        return AtlasMessages.unreadableAnswer(
                request, "it is HTTP %d without a word of Atlas's".formatted(reply.status()));
    }

    private static CreateAnswer made(AtlasRequest request, AtlasResponse reply) {
        try {
            var json = object(reply);
            if (json.get("secret") instanceof String value && !value.isBlank()) {
                return new CreateAnswer.Made(new Created(AccountAnswer.secret(json), new Sensitive(value)));
            }
            return unknown(AtlasMessages.unreadableAnswer(request, "it does not hold the new secret's value"));
        } catch (Unusable unusable) {
            return unknown(AtlasMessages.unreadableAnswer(request, unusable.why));
        }
    }

    private static CreateAnswer unknown(String why) {
        return new CreateAnswer.Unknown(why);
    }

    @Override
    public Answer<Boolean> delete(Account account, SecretId secret, AtlasCredential as, Deadline deadline) {
        return ask(
                AtlasRequest.api(
                        Operation.DELETE_SECRET, secret + " of " + account, path(account) + "/secrets/" + secret),
                as,
                deadline,
                Optional.of(false),
                reply -> true);
    }

    /** Reads what was asked for out of an answer that says yes. */
    @FunctionalInterface
    private interface Reading<T> {
        T of(AtlasResponse reply) throws Unusable;
    }

    /**
     * Asks for something that may be asked for again.
     *
     * @param absent what a 404 means, where it is not a refusal
     */
    private <T> Answer<T> ask(
            AtlasRequest request, AtlasCredential as, Deadline deadline, Optional<T> absent, Reading<T> reading) {
        var signer = signer(as);
        return retrier.run(RETRIES, deadline, number -> switch (signer.send(request, deadline)) {
            case CallResult.NotAuthenticated(String why) -> done(new Answer.NotAuthenticated<>(why));
            case CallResult.Denied(int status, String code, String why) -> done(new Answer.Denied<>(status, code, why));
            case CallResult.Lost lost -> Attempt.retry(Optional.empty(), AtlasMessages.lost(request, lost));
            case CallResult.Answered(AtlasResponse reply) ->
                // A page of a proxy's says nothing of what Atlas has.
                reply.status() == 404 && reply.json().isPresent() && absent.isPresent()
                        ? done(new Answer.Given<>(absent.get(), reply.at()))
                        : answered(request, reply, deadline, reading);
        });
    }

    private static <T> Attempt<Answer<T>> answered(
            AtlasRequest request, AtlasResponse reply, Deadline deadline, Reading<T> reading) {
        return switch (reply.verdict()) {
            case DONE -> {
                try {
                    yield done(new Answer.Given<>(reading.of(reply), reply.at()));
                } catch (Unusable unusable) {
                    throw AtlasMessages.unreadable(request, unusable.why);
                }
            }
            case THROTTLED, FAILED -> Attempt.retry(reply.retryAfter(), AtlasMessages.notNow(request, reply, deadline));
            case CONCURRENT_WRITE -> new Attempt.Retry<>(reply.retryAfter(), () -> denied(request, reply));
            case REDIRECT, REFUSED -> done(denied(request, reply));
        };
    }

    private static <T> Answer<T> denied(AtlasRequest request, AtlasResponse reply) {
        return new Answer.Denied<>(reply.status(), reply.error().code(), AtlasMessages.refusal(request, reply));
    }

    private static <T> Attempt<T> done(T answer) {
        return new Attempt.Done<>(answer);
    }

    private static Map<String, Object> object(AtlasResponse reply) throws Unusable {
        return reply.json().orElseThrow(() -> new Unusable("it is not a JSON object"));
    }

    private static String path(Account account) {
        return API + account.scope().path() + "/serviceAccounts/" + account.clientId();
    }

    private Signer signer(AtlasCredential as) {
        return switch (as) {
            case AtlasCredential.ServiceAccountKey key -> new BearerSigner(http, tokens, key);
            case AtlasCredential.ApiKey key -> new DigestSigner(http, key, random);
        };
    }
}
