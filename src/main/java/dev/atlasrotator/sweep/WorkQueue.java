package dev.atlasrotator.sweep;

import dev.atlasrotator.retry.Deadline;

import java.util.List;

/** Port to the queue that takes work which a sweep hands out. */
public interface WorkQueue {
    /** A message names at most so many stored secrets: as many as one batch of values. */
    int SECRETS_A_MESSAGE = 20;

    /**
     * Hands these stored secrets out, in messages of the form {@code
     * {"action":"sweep","secretIds":[…]}}. A message says whom to look at and nothing of what was
     * seen, so one that comes twice, late or out of order does no harm.
     */
    void handOut(List<String> secretArns, Deadline deadline);
}
