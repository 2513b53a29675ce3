package dev.atlasrotator.credential;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.json.JsonProblem;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads an admin credential from the value of its stored secret: a service account, or an API key.
 */
public final class AdminCredential {
    private static final List<String> PUBLIC =
            List.of("publicKey", "public_key", "PublicKey", "publicApiKey", "MONGODB_ATLAS_PUBLIC_API_KEY");
    private static final List<String> PRIVATE =
            List.of("privateKey", "private_key", "PrivateKey", "privateApiKey", "MONGODB_ATLAS_PRIVATE_API_KEY");
    private static final List<String> CLIENT_ID = List.of("clientId", "client_id", "MONGODB_ATLAS_CLIENT_ID");
    private static final List<String> CLIENT_SECRET =
            List.of("clientSecret", "client_secret", "MONGODB_ATLAS_CLIENT_SECRET");

    private static final Set<String> ALL_KEYS = Stream.of(PUBLIC, PRIVATE, CLIENT_ID, CLIENT_SECRET)
            .flatMap(List::stream)
            .collect(Collectors.toUnmodifiableSet());

    private AdminCredential() {}

    /**
     * Reads it.
     *
     * @throws RotatorException.Credential if the text holds neither kind; the message never quotes
     *     it
     */
    public static AtlasCredential parse(Sensitive text) {
        var json = Json.object(text.reveal())
                .orElseThrow(() ->
                        new RotatorException.Credential("the admin credential is not a JSON object with each key once: "
                                + JsonProblem.of(text.reveal(), ALL_KEYS)));
        var clientId = read(json, CLIENT_ID);
        var clientSecret = read(json, CLIENT_SECRET);
        if (clientId.isPresent() && clientSecret.isPresent()) {
            return new AtlasCredential.ServiceAccountKey(
                    new ClientId(clientId.get()), new Sensitive(clientSecret.get()));
        }
        var publicKey = read(json, PUBLIC);
        var privateKey = read(json, PRIVATE);
        if (publicKey.isPresent() && privateKey.isPresent()) {
            return new AtlasCredential.ApiKey(publicKey.get(), new Sensitive(privateKey.get()));
        }
        throw new RotatorException.Credential(
                "the admin credential holds neither clientId and clientSecret nor publicKey and privateKey");
    }

    private static Optional<String> read(Map<String, Object> json, List<String> keys) {
        return keys.stream()
                .flatMap(key ->
                        json.get(key) instanceof String text && !text.isEmpty() ? Stream.of(text) : Stream.empty())
                .findFirst();
    }
}
