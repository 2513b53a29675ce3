package dev.atlasrotator.sweep;

import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.rotation.Decision;
import dev.atlasrotator.rotation.Decision.Removal;
import java.util.List;

/**
 * What an account needs today, and what its owner should know. A value; nothing has happened yet.
 *
 * @param findings what a person should do or know
 */
public record Assessment(State state, Need need, List<Finding> findings) {
    /** What is to be done. */
    public sealed interface Need {
        record Nothing() implements Need {}

        /** Old secrets are over: delete them. */
        record Retire(List<Removal> removals) implements Need {}

        /** Rotate in this run; or finish the attempt that stands, whichever way. */
        record Rotate(Decision plan) implements Need {}

        /** Ask Secrets Manager to rotate, or to resume what it has begun. */
        record Request() implements Need {}

        /**
         * End an attempt that can never work; where Secrets Manager rotates, then ask it for a new
         * one if that is due.
         */
        record GiveUp(Decision.GiveUp plan, boolean thenRequest) implements Need {}
    }
}
