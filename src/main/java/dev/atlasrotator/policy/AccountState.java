package dev.atlasrotator.policy;

/** What an account is in; the most urgent that applies, in this order. */
public enum AccountState {
    /** Something kept us from reading it, or from doing what was to be done. */
    FAILED("failed"),
    /** What AWSCURRENT holds does not work. */
    LOCKED_OUT("lockedOut"),
    /** A rotation is in progress, and no run can still be at work on it. */
    STALLED("stalled"),
    /** What the secret in use has left is below nine tenths of its margin. */
    EXPIRING("expiring"),
    /** A rotation is in progress. */
    ROTATING("rotating"),
    /** The secret in use is old enough to be rotated. */
    DUE("due"),
    /** Somebody outside made a secret of this account. */
    FOREIGN("foreign"),
    /** A superseded secret is kept for its overlap, or because it is still used. */
    OVERLAP("overlap"),
    /** Somebody else rotates it. */
    EXTERNAL("external"),
    /** Nothing is to be done. */
    FRESH("fresh");

    private final String text;

    AccountState(String text) {
        this.text = text;
    }

    /** As the report shows it. */
    public String text() {
        return text;
    }
}
