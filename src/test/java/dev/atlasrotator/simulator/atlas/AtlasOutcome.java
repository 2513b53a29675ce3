package dev.atlasrotator.simulator.atlas;

import dev.atlasrotator.simulator.Fault;
import java.time.Duration;

/**
 * How a call to Atlas ends, seen from the wire; the transport makes time pass and connections
 * break.
 */
public sealed interface AtlasOutcome {
    /** Who wrote an answer: the rules of Atlas, or a {@link Fault}. */
    enum Author {
        ATLAS,
        FAULT
    }

    /** An answer, {@code after} so long; zero as a rule. */
    record Answered(AtlasAnswer answer, Duration after, Author author) implements AtlasOutcome {}

    /** The connection ends without an answer. */
    record Closed() implements AtlasOutcome {}
}
