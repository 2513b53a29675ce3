package dev.atlasrotator.atlas;

import dev.atlasrotator.failure.Code;
import dev.atlasrotator.network.ConnectionFailure;

/** The outcome of sending one signed request once. */
sealed interface CallResult {
    /** The outcome of one HTTP exchange. */
    sealed interface Exchange extends CallResult {}

    record Answered(AtlasResponse reply) implements Exchange {}

    /** What a call that brought no usable answer may have done. */
    enum Effect {
        NONE,
        /** Atlas may have seen the request and acted on it. */
        UNKNOWN
    }

    /**
     * No whole answer came.
     *
     * @param how a phrase that follows "Atlas"
     * @param advice what to do, in whole sentences
     * @param code of the error that says it
     */
    record Lost(Effect effect, String how, String advice, Code code) implements Exchange {
        Lost(Effect effect, String how) {
            this(effect, how, """
                Try again later; if it stays so, check ATLAS_BASE_URL, the proxy if there is one, and the way from \
                the function to Atlas.\
                """, Code.ATLAS_UNAVAILABLE);
        }

        Lost(ConnectionFailure failure) {
            this(Effect.NONE, failure.what(), failure.advice(), failure.code().orElse(Code.ATLAS_UNAVAILABLE));
        }
    }

    /** The credential itself is not accepted. */
    record NotAuthenticated(String why) implements CallResult, AccessTokens.Grant {}

    /** Atlas finally refused to issue a token, for a reason other than the credential. */
    record Denied(int status, String code, String why) implements CallResult, AccessTokens.Grant {}
}
