package dev.atlasrotator.atlas;

import dev.atlasrotator.credential.AtlasCredential.ApiKey;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.retry.Deadline;
import java.util.HexFormat;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Signs with an API key by HTTP Digest ("Atlas Administration API Authentication",
 * https://www.mongodb.com/docs/atlas/api/api-authentication/; RFC 7616). A first challenge and the answer to a wrong key look alike:
 * a 401 to a fresh nonce means that the key is wrong, unless it says {@code stale=true}.
 */
record DigestSigner(AtlasHttp http, ApiKey key, RandomGenerator random) implements Signer {
    @Override
    public CallResult send(AtlasRequest request, Deadline deadline) {
        if (!key.publicKey().chars().allMatch(c -> c > ' ' && c <= '~' && c != ':')) {
            return new CallResult.NotAuthenticated(
                    "The public half of the API key holds characters that no key of Atlas's has."
                            + key.andWhitespace());
        }
        var unsigned = http.send(request, Authorization.none(), deadline);
        if (unsigned instanceof CallResult.Lost(var effect, String how, String advice, Code code)) {
            // Nothing is done for a request without a name.
            return new CallResult.Lost(CallResult.Effect.NONE, how, advice, code);
        }
        var challenge = challenge(unsigned);
        if (challenge.isEmpty()) {
            return unsigned;
        }
        var signed = signed(request, challenge.get(), deadline);
        var again = challenge(signed);
        if (again.filter(DigestChallenge::stale).isPresent()) {
            signed = signed(request, again.get(), deadline);
            again = challenge(signed);
        }
        return again.isEmpty()
                ? signed
                : new CallResult.NotAuthenticated(
                        "Atlas does not accept this API key (HTTP 401)." + key.andWhitespace());
    }

    private CallResult.Exchange signed(AtlasRequest request, DigestChallenge challenge, Deadline deadline) {
        var bytes = new byte[16];
        random.nextBytes(bytes);
        var answer = new DigestAnswer(challenge, 1, HexFormat.of().formatHex(bytes));
        var header = answer.to(request.operation().method(), request.target(), key);
        return http.send(request, Authorization.digest(header, key.privateKey()), deadline);
    }

    private static Optional<DigestChallenge> challenge(CallResult.Exchange exchange) {
        return exchange instanceof CallResult.Answered(AtlasResponse reply) && reply.status() == 401
                ? DigestChallenge.strongest(reply.headers().allValues("WWW-Authenticate"))
                : Optional.empty();
    }
}
