package dev.atlasrotator.credential;

/** Something that Atlas lets in. */
public sealed interface AtlasCredential {
    /** A service account's id and one of its secrets; signs in by OAuth. */
    record ServiceAccountKey(ClientId clientId, Sensitive secret) implements AtlasCredential {}

    /**
     * A programmatic API key; signs each request by HTTP Digest. The public half is a name, not a
     * secret.
     */
    record ApiKey(String publicKey, Sensitive privateKey) implements AtlasCredential {}
}
