package dev.atlasrotator.simulator.atlas;

/**
 * What a person is shown once: the name of a credential and its value. Prints only the name.
 *
 * @param id a secret's id, or an API key's public key
 * @param value the secret's value, or the private key
 */
public record IssuedCredential(String id, String value) {
    @Override
    public String toString() {
        return id;
    }
}
