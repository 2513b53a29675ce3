package dev.atlasrotator.credential;

/** An Atlas service account: which one, and where it lives. */
public record Account(Scope scope, ClientId clientId) {
    @Override
    public String toString() {
        return clientId + " in " + scope.key() + " " + scope.id();
    }
}
