package dev.atlasrotator.atlas;

/** What came of sending one signed request, before anybody has asked whether to send it again. */
sealed interface Outcome {
    /** What came over the wire, as far as HTTP goes. */
    sealed interface Exchange extends Outcome {}

    record Answered(Reply reply) implements Exchange {}

    /**
     * No whole answer came.
     *
     * @param seen whether Atlas may have seen the request and acted on it
     * @param how a phrase that follows "Atlas"
     */
    record Lost(boolean seen, String how) implements Exchange {}

    /** The credential itself is not accepted. */
    record NotSignedIn(String why) implements Outcome, AccessTokens.Grant {}

    /** Atlas finally refused to hand out a token, for a reason other than the credential. */
    record Denied(int status, String code, String why) implements Outcome, AccessTokens.Grant {}
}
