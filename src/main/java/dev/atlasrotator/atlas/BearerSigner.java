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
