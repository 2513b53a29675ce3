package dev.atlasrotator.policy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Whether an account will rotate.
 *
 * @param readers who can read the stored value, by its keys
 * @param notChecked what cannot be known by reading
 */
public record Readiness(boolean ready, Next next, List<String> readers, List<String> notChecked) {
    /** What the next rotation does, and when; empty where that is not known. */
    public record Next(String what, Optional<Instant> at) {}
}
