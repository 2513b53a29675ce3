package dev.atlasrotator.testbed;

/** The process dies here. An Error, so that no code of the product can catch it. */
public final class Killed extends Error {
    private static final long serialVersionUID = 1L;

    public Killed(String where) {
        super(where, null, false, false);
    }
}
