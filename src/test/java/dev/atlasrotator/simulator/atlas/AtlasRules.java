package dev.atlasrotator.simulator.atlas;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * What nobody knows of Atlas, or what differs from day to day: each is a parameter, so that tests
 * can run with either. Immutable; every method answers a changed copy.
 */
public final class AtlasRules implements Cloneable {
    /** How {@code maskedSecretValue} looks. Undocumented, so no code may rely on one of them. */
    public enum Mask {
        /** Stars only: tells nothing. */
        STARS,
        /** The last four characters of the value stand at the end. */
        SHOWS_END
    }

    /**
     * Whether calls come from an address that the access list allows; minting a token is not
     * concerned.
     */
    public enum AccessList {
        ALLOWS,
        REFUSES_ADDRESS,
        /** The organization demands a list and the credential has none. */
        MISSING
    }

    /** Digest algorithms on offer, named as RFC 7616 names them. */
    public enum DigestAlgorithm {
        MD5("MD5", "MD5"),
        SHA_256("SHA-256", "SHA-256");

        final String wireName;
        final String digestName;

        DigestAlgorithm(String wireName, String digestName) {
            this.wireName = wireName;
            this.digestName = digestName;
        }
    }

    /**
     * Whether a role in a single project is enough for an account that is a member of others too;
     * newer text says no.
     */
    public enum WideAccounts {
        PROJECT_OWNER_MAY,
        ONLY_ORGANIZATION_OWNER_MAY
    }

    /** Whether the rate limits of the Admin API are on. */
    public enum RateLimits {
        OFF,
        ON,
        /** On, and a refused call is not told for how long. */
        ON_WITHOUT_RETRY_AFTER
    }

    /** Realm as recorded from the real API. */
    static final String REALM = "MMS Public API";

    /** How long a nonce may be used before it is stale. Undocumented. */
    static final Duration NONCE_LIFETIME = Duration.ofMinutes(5);

    int fullStatus = 400;
    String fullCode = "SERVICE_ACCOUNT_SECRET_LIMIT_REACHED";
    Duration createsCollideWithin = Duration.ZERO;
    Mask mask = Mask.STARS;
    Duration lastUsedLag = Duration.ZERO;
    AccessList accessList = AccessList.ALLOWS;
    List<DigestAlgorithm> digestAlgorithms = List.of(DigestAlgorithm.MD5);
    WideAccounts wideAccounts = WideAccounts.PROJECT_OWNER_MAY;
    RateLimits rateLimits = RateLimits.OFF;
    int tokensPerMinute = 50;
    int liveTokens = 100;

    private AtlasRules() {}

    /** Rate limits of the Admin API off, everything else as likely as can be told. */
    public static AtlasRules standard() {
        return new AtlasRules();
    }

    /**
     * What a create answers while the account has two secrets. Undocumented; default 400 with a
     * plausible code.
     */
    public AtlasRules thirdCreateAnswers(int status, String errorCode) {
        return changed(rules -> {
            rules.fullStatus = status;
            rules.fullCode = errorCode;
        });
    }

    /**
     * A create less than so long after another one of the same account is "at once": 409. Zero
     * (default): never.
     */
    public AtlasRules createsCollideWithin(Duration span) {
        return changed(rules -> rules.createsCollideWithin = span);
    }

    /** How secrets are masked. Default stars. */
    public AtlasRules mask(Mask shown) {
        return changed(rules -> rules.mask = shown);
    }

    /** How late {@code lastUsedAt} shows a token that was minted. Default zero. */
    public AtlasRules lastUsedLag(Duration lag) {
        return changed(rules -> rules.lastUsedLag = lag);
    }

    /** Whether the caller's address may use what it has. Default: it may. */
    public AtlasRules accessList(AccessList state) {
        return changed(rules -> rules.accessList = state);
    }

    /** Offered in this order; default MD5 alone, as recorded. */
    public AtlasRules digest(DigestAlgorithm... offered) {
        return changed(rules -> rules.digestAlgorithms = List.of(offered));
    }

    /** Who may manage an account that is a member of several projects. Default: a Project Owner. */
    public AtlasRules wideAccounts(WideAccounts rule) {
        return changed(rules -> rules.wideAccounts = rule);
    }

    /**
     * Token buckets of the Admin API: 1200 with 500 a minute back a project, 500 with 250 an
     * organization.
     */
    public AtlasRules rateLimits(RateLimits state) {
        return changed(rules -> rules.rateLimits = state);
    }

    /**
     * Limits of the token endpoint, an account: new tokens a minute (default 50) and tokens alive
     * (default 100).
     */
    public AtlasRules tokenLimits(int perMinute, int alive) {
        return changed(rules -> {
            rules.tokensPerMinute = perMinute;
            rules.liveTokens = alive;
        });
    }

    private AtlasRules changed(Consumer<AtlasRules> change) {
        try {
            var changed = (AtlasRules) clone();
            change.accept(changed);
            return changed;
        } catch (CloneNotSupportedException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
