package dev.atlasrotator.credential;

/** An Atlas service account: its id, and its project or organization. */
public record Account(Scope scope, ClientId clientId) {
    @Override
    public String toString() {
        return clientId + " in " + scope.key() + " " + scope.id();
    }
}
