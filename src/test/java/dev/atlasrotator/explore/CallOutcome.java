package dev.atlasrotator.explore;

/** What becomes of one remote call. */
enum CallOutcome {
    /** It passes. */
    PASSES("passes"),
    /** It fails, and had no effect. */
    FAILS("fails without effect"),
    /** It had its effect, and the answer is lost. */
    IS_LOST("has its effect, and its answer is lost"),
    /** The service says no, for good. */
    IS_REFUSED("is refused"),
    /** A read shows how things were a moment ago. */
    IS_STALE("shows an older state"),
    /** The process dies before it is sent. */
    KILLS("is never sent: the run dies"),
    /** The process dies before the answer is read. */
    KILLS_AFTERWARDS("has its effect, and the run dies"),
    /** It takes seconds. */
    IS_SLOW("passes slowly");

    private final String text;

    /** Whether the call leaves both services as they were, and its answer tells nothing of them. */
    boolean touchesNothing() {
        return switch (this) {
            case FAILS, IS_REFUSED, IS_STALE, KILLS -> true;
            case PASSES, IS_LOST, KILLS_AFTERWARDS, IS_SLOW -> false;
        };
    }

    CallOutcome(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
