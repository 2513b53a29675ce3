package dev.atlasrotator.policy;

import java.util.Locale;

/** How an account stands; the most urgent that applies, in this order. */
public enum AccountState {
    /** What AWSCURRENT holds does not work, or the account cannot be read. */
    BROKEN,
    /** An attempt stands, and no run can still be at it. */
    STUCK,
    /** What the current secret has left is below the margin. */
    EXPIRING,
    /** An attempt is under way. */
    ROTATING,
    /** The current secret is old enough to be rotated. */
    DUE,
    /** Somebody outside made a secret of this account. */
    FOREIGN,
    /** A superseded secret is kept for its overlap, or because it is still used. */
    OVERLAP,
    /** Nothing is to be done. */
    FRESH;

    /** As the report shows it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
