package dev.atlasrotator.cli;

/** What does what a command asks for: this process, or the deployed function. Both understand the same events. */
interface EventTarget {
    /**
     * Sends an event, and returns its answer, as JSON.
     *
     * @throws dev.atlasrotator.failure.RotatorException if this process could not do it
     * @throws NotDone if the deployed function could not
     */
    String send(String event);

    /** With whose rights and settings it acts, as a sentence. */
    String actsAs();

    /** From where it calls Atlas, as a sentence: an IP access list may allow one address and not the other. */
    String callsFrom();
}
