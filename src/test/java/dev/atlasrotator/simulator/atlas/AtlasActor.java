package dev.atlasrotator.simulator.atlas;

/** Who did something at Atlas, for the ledger; holds names only. */
public sealed interface AtlasActor {
    /** A service account, by that one of its secrets which signed in. */
    record ServiceAccount(String clientId, String secretId) implements AtlasActor {}

    /** An API key. */
    record ApiKey(String publicKey) implements AtlasActor {}

    /** A person in Atlas's web interface. */
    record Person() implements AtlasActor {}
}
