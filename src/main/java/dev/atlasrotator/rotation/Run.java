package dev.atlasrotator.rotation;

import dev.atlasrotator.policy.Action;
import dev.atlasrotator.policy.CreatePolicy.Overlap;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.snapshot.Snapshot;
import java.util.function.Consumer;

/**
 * What a decision is carried out with.
 *
 * @param seen what the decision was made from
 * @param overlap whether superseded secrets are deleted once another is promoted
 * @param done is told each thing that was done, as it was done
 */
public record Run(Snapshot seen, Overlap overlap, Deadline deadline, Consumer<Action> done) {
    /** The stored secret's name. */
    String name() {
        return seen.stored().name();
    }

    String arn() {
        return seen.stored().arn();
    }
}
