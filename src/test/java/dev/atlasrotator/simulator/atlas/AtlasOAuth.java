package dev.atlasrotator.simulator.atlas;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The token endpoint: mint and revoke. */
record AtlasOAuth(AtlasState state, AtlasRules rules, Instant now) {
    private static final Map<String, String> HEADERS =
            Map.of("content-type", "application/json", "cache-control", "no-store");

    AtlasAnswer mint(AtlasRequest request, String clientId) {
        return takesJson(request) ? minted(request, clientId) : notAcceptable();
    }

    private AtlasAnswer minted(AtlasRequest request, String clientId) {
        AtlasState.Account account = state.accounts.get(clientId);
        if (account == null) {
            return invalidClient();
        }
        List<Instant> asked = new ArrayList<>(account.mints());
        asked.removeIf(at -> !at.isAfter(now.minusSeconds(60)));
        if (asked.size() >= rules.tokensPerMinute) {
            Duration wait = Duration.between(now, asked.getFirst().plusSeconds(60));
            return AtlasErrors.rateLimited().with("retry-after", Long.toString(Math.max(1, wait.toSeconds())));
        }
        asked.add(now);
        account = account.withMints(asked);
        state.put(account);
        var secret = account.signingIn(password(request), now);
        if (secret.isEmpty()) {
            return invalidClient();
        }
        Map<String, String> form = form(request);
        if (!form.containsKey("grant_type")) {
            return AtlasErrors.oauthError(400, "invalid_request", "Missing parameter: grant_type");
        }
        if (!"client_credentials".equals(form.get("grant_type"))) {
            return AtlasErrors.oauthError(400, "unsupported_grant_type", "Only client_credentials is supported.");
        }
        if (state.livingTokens(account, now).size() >= rules.liveTokens) {
            // Undocumented: how the hundred-and-first is refused. A 429 in the API's shape, as for
            // too many a minute.
            return AtlasErrors.apiError(429, "TOO_MANY_ACTIVE_TOKENS", "Too many active tokens.");
        }
        AtlasState.Token token = state.mint(account, secret.get(), now, rules.lastUsedLag);
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("access_token", token.value());
        body.put("expires_in", AtlasState.TOKEN_LIFETIME.toSeconds());
        body.put("token_type", "Bearer");
        return AtlasAnswer.of(200, HEADERS, AtlasErrors.json(body));
    }

    /**
     * 200 whether the token was known or not (RFC 7009, section 2.2); another account's token is
     * left alone.
     */
    AtlasAnswer revoke(AtlasRequest request, String clientId) {
        return takesJson(request) ? revoked(request, clientId) : notAcceptable();
    }

    private AtlasAnswer revoked(AtlasRequest request, String clientId) {
        AtlasState.Account account = state.accounts.get(clientId);
        var secret = account == null ? Optional.<AtlasState.Secret>empty() : account.signingIn(password(request), now);
        if (account == null || secret.isEmpty()) {
            return invalidClient();
        }
        String value = form(request).getOrDefault("token", "");
        if (value.isEmpty()) {
            return AtlasErrors.oauthError(400, "invalid_request", "Missing parameter: token");
        }
        for (AtlasState.Token token : account.tokens()) {
            if (token.value().equals(value)) {
                state.revoke(
                        account,
                        token,
                        now,
                        new AtlasActor.ServiceAccount(clientId, secret.get().id()));
                break;
            }
        }
        return AtlasAnswer.of(200, Map.of(), "");
    }

    /**
     * MongoDB sends {@code application/json} here ("Generate Service Account Token"), and no client
     * is known to send the API's versioned type. Undocumented: what Atlas says to it.
     */
    private static boolean takesJson(AtlasRequest request) {
        return Set.of("", "*/*", "application/json").contains(request.header("accept"));
    }

    private static AtlasAnswer notAcceptable() {
        return AtlasErrors.oauthError(406, "invalid_request", "This endpoint has no versions.");
    }

    private static AtlasAnswer invalidClient() {
        return AtlasErrors.oauthError(401, "invalid_client", "Client authentication failed.");
    }

    private static String password(AtlasRequest request) {
        String pair = AtlasRoute.basic(request);
        return pair.substring(pair.indexOf(':') + 1);
    }

    private static Map<String, String> form(AtlasRequest request) {
        String type = request.header("content-type").toLowerCase(Locale.ROOT);
        return type.startsWith("application/x-www-form-urlencoded")
                ? AtlasRoute.form(new String(request.body(), StandardCharsets.UTF_8))
                : Map.of();
    }
}
