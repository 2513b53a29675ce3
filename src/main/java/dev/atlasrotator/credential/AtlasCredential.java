package dev.atlasrotator.credential;

import java.util.Optional;

/** Something that Atlas lets in. */
public sealed interface AtlasCredential {
    /**
     * White space in it, which no credential of Atlas's has: a sentence that says in which part and
     * at which end.
     */
    Optional<String> whitespace();

    /** That sentence behind another one, which says that Atlas does not accept the credential. */
    default String andWhitespace() {
        return whitespace().map(sentence -> " " + sentence).orElse("");
    }

    private static Optional<String> whitespace(String part, String text) {
        return Whitespace.in(text).map(where -> "Its " + part + " " + where + "; store it without.");
    }

    /** A service account's id and one of its secrets; signs in by OAuth. */
    record ServiceAccountKey(ClientId clientId, Sensitive secret) implements AtlasCredential {
        @Override
        public Optional<String> whitespace() {
            return AtlasCredential.whitespace("clientSecret", secret.reveal());
        }
    }

    /**
     * A programmatic API key; signs each request by HTTP Digest. The public half is a name, not a
     * secret.
     */
    record ApiKey(String publicKey, Sensitive privateKey) implements AtlasCredential {
        @Override
        public Optional<String> whitespace() {
            return AtlasCredential.whitespace("publicKey", publicKey)
                    .or(() -> AtlasCredential.whitespace("privateKey", privateKey.reveal()));
        }
    }
}
