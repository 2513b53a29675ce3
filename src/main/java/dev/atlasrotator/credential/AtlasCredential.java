package dev.atlasrotator.credential;

import java.util.Optional;

/** A credential that Atlas accepts. */
public sealed interface AtlasCredential {
    /** White space in it, which no credential of Atlas has: a sentence that names the part and the end where it is. */
    Optional<String> whitespace();

    /** That sentence after another one, which says that Atlas does not accept the credential. */
    default String andWhitespace() {
        return whitespace().map(sentence -> " " + sentence).orElse("");
    }

    private static Optional<String> whitespace(String part, String text) {
        return Whitespace.in(text).map(where -> "Its " + part + " " + where + "; store it without.");
    }

    /** A service account's id and one of its secrets; authenticates by OAuth. */
    record ServiceAccountKey(ClientId clientId, Sensitive secret) implements AtlasCredential {
        @Override
        public Optional<String> whitespace() {
            return AtlasCredential.whitespace("clientSecret", secret.reveal());
        }
    }

    /** A programmatic API key; authenticates each request by HTTP Digest. The public key is an id, not a secret. */
    record ApiKey(String publicKey, Sensitive privateKey) implements AtlasCredential {
        @Override
        public Optional<String> whitespace() {
            return AtlasCredential.whitespace("publicKey", publicKey)
                    .or(() -> AtlasCredential.whitespace("privateKey", privateKey.reveal()));
        }
    }
}
