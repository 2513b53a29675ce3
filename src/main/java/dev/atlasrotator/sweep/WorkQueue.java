package dev.atlasrotator.sweep;

import dev.atlasrotator.retry.Deadline;
import java.util.List;

/** Port to the queue that takes work which a sweep hands out. */
public interface WorkQueue {
    /**
     * A message names about so many stored secrets, as many as one batch of values: more only where
     * more hold one account.
     */
    int SECRETS_A_MESSAGE = 20;

    /**
     * Hands these stored secrets out, in messages of the form {@code
     * {"action":"sweep","secretIds":[…]}}. Those that hold the same account go in one message, so
     * that whoever works on one sees the others. A message says whom to look at and nothing of what
     * was seen, so one that comes twice, late or out of order does no harm.
     *
     * @param accounts for each account the ARNs of the stored secrets that hold it
     */
    void enqueue(List<List<String>> accounts, Deadline deadline);
}
