package dev.atlasrotator.atlas;

import dev.atlasrotator.credential.ClientId;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.RateLimiter;
import dev.atlasrotator.retry.RateLimiter.Rate;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The quota of Atlas's that a request draws on. We stay a tenth below each of them ("Atlas Administration API Rate
 * Limits", https://www.mongodb.com/docs/atlas/api/api-rate-limit/), so that people and others find room beside us.
 *
 * @param key whose it is
 * @param reserve how many of the service's tokens are left to others
 */
record Quota(String key, Rate rate, int reserve) {
    private static final Pattern SCOPE = Pattern.compile("/(groups|orgs)/[a-f0-9]{24}(?=[/?])");

    /** 1200 tokens, refilled at 500 per minute. */
    private static final Rate PROJECT = new Rate(1080, 450 / 60.0);

    /** 500 tokens, refilled at 250 per minute. */
    private static final Rate ORGANIZATION = new Rate(450, 225 / 60.0);

    /** At most 50 in any minute, wherever the minute begins: 20 at once and 25 more. */
    private static final Rate TOKENS = new Rate(20, 25 / 60.0);

    /** The quota of an API call, by its path: that of the project or the organization in it. */
    static Optional<Quota> of(String target) {
        return SCOPE.matcher(target)
                .results()
                .findFirst()
                .map(found -> found.group(1).equals("groups")
                        ? new Quota(found.group().substring(1), PROJECT, 120)
                        : new Quota(found.group().substring(1), ORGANIZATION, 50));
    }

    /** The quota of a token request: the account's own. */
    static Quota ofTokens(ClientId account) {
        return new Quota("tokens of " + account, TOKENS, 0);
    }

    /** Waits for a token for one call. */
    void await(RateLimiter rateLimiter, Deadline deadline) {
        rateLimiter.acquire(key, rate, deadline);
    }

    /** What a response says about the quota applies to every call that uses it. */
    void learn(RateLimiter rateLimiter, AtlasResponse reply) {
        if (reply.status() == 429) {
            rateLimiter.backOff(key, rate, reply.retryAfter().orElse(Duration.ZERO));
            return;
        }
        reply.headers()
                .firstValue("RateLimit-Remaining")
                .filter(text -> text.matches("[0-9]{1,6}"))
                .ifPresent(left -> rateLimiter.leaves(key, rate, Integer.parseInt(left) - reserve));
    }
}
