package dev.atlasrotator.simulator.atlas;

/**
 * Whatever answers requests as Atlas: {@link AtlasModel}, or something in front of
 * it.
 */
@FunctionalInterface
public interface AtlasService {
    /**
     * Takes one call, with its effect.
     *
     * @throws IllegalArgumentException for a call that the stand-in was not taught: the test or the
     *     client is wrong
     */
    AtlasOutcome exchange(AtlasRequest request);
}
