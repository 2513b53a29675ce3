package dev.atlasrotator.simulator.atlas;

/** What a person is shown once: the name of a credential and its value. Prints only the name. */
public final class IssuedCredential {
    private final String id;
    private final String value;

    IssuedCredential(String id, String value) {
        this.id = id;
        this.value = value;
    }

    /** A secret's id, or an API key's public key. */
    public String id() {
        return id;
    }

    /** The secret's value, or the private key. */
    public String value() {
        return value;
    }

    @Override
    public String toString() {
        return id;
    }
}
