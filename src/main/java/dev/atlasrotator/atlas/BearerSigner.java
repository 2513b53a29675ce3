package dev.atlasrotator.atlas;

import dev.atlasrotator.credential.AtlasCredential.ServiceAccountKey;
import dev.atlasrotator.retry.Deadline;

/**
 * Signs with an access token. A 401 has many meanings, the token's end among them: one new token is
 * minted for it in a whole call, and a second 401 stands. A 403 is never cured by a new token.
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
        while (true) {
            switch (tokens.obtain(key, deadline)) {
                case CallResult.NotAuthenticated rejected -> {
                    return rejected;
                }
                case CallResult.Denied denied -> {
                    return denied;
                }
                case AccessTokens.Granted granted -> {
                    var exchange = http.send(request, Authorization.bearer(key, granted.token()), deadline);
                    if (!(exchange instanceof CallResult.Answered(AtlasResponse reply)) || reply.status() != 401) {
                        return exchange;
                    }
                    tokens.drop(key, granted.token());
                    if (renewed) {
                        return exchange;
                    }
                    renewed = true;
                }
            }
        }
    }
}
