package dev.atlasrotator.credential;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** A consumer that reads a stored value, and the keys that it needs: {@code docs/consumers.md} has their sources. */
enum Reader {
    CODE("code that reads clientId and clientSecret", "clientId clientSecret"),
    MANAGED("AWS's managed type MongoDBAtlasServiceAccount", "clientId clientSecret orgId"),
    KUBERNETES("Atlas Kubernetes operator", "clientId clientSecret orgId"),
    TERRAFORM("Terraform's Atlas provider", "client_id client_secret"),
    ENVIRONMENT("Atlas CLI and whatever reads the environment", "MONGODB_ATLAS_CLIENT_ID MONGODB_ATLAS_CLIENT_SECRET");

    private final String text;
    private final String keys;

    Reader(String text, String keys) {
        this.text = text;
        this.keys = keys;
    }

    /** Those that a value with these keys serves. */
    static List<String> of(Set<String> keys) {
        return Arrays.stream(values())
                .filter(reader -> keys.containsAll(List.of(reader.keys.split(" ", -1))))
                .map(reader -> reader.text)
                .toList();
    }
}
