package dev.atlasrotator.atlas;

import dev.atlasrotator.credential.AtlasCredential.ServiceAccountKey;
import dev.atlasrotator.retry.Deadline;

/**
 * Signs with an access token. A 401 has many meanings, an expired token among them: one new token is minted for a call,
 * and a second 401 is final. A new token never helps against a 403.
 */
final class BearerSigner implements Signer {
    private final AtlasHttp http;
    private final AccessTokens tokens;
    private final ServiceAccountKey key;
    private boolean renewed;

    BearerSigner(AtlasHttp http, AccessTokens tokens, ServiceAccountKey key) {
        this.http = http;
        this.tokens = tokens;
        this.key = key;
    }

    @Override
    public CallResult send(AtlasRequest request, Deadline deadline) {
        return switch (tokens.obtain(key, deadline)) {
            case CallResult.NotAuthenticated rejected -> rejected;
            case CallResult.Denied denied -> denied;
            case AccessTokens.Granted granted -> {
                var exchange = http.send(request, Authorization.bearer(key, granted.token()), deadline);
                if (!(exchange instanceof CallResult.Answered(AtlasResponse reply)) || reply.status() != 401) {
                    yield exchange;
                }
                tokens.drop(key, granted.token());
                if (renewed) {
                    yield exchange;
                }
                renewed = true;
                yield send(request, deadline);
            }
        };
    }
}
