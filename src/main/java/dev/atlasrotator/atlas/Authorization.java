package dev.atlasrotator.atlas;

import dev.atlasrotator.credential.AtlasCredential.ServiceAccountKey;
import dev.atlasrotator.credential.Sensitive;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The authorization of one request.
 *
 * @param header the value of the Authorization header
 * @param secrets texts that must be removed from messages: a response may echo them
 */
record Authorization(Optional<Sensitive> header, List<Sensitive> secrets) {
    static Authorization none() {
        return new Authorization(Optional.empty(), List.of());
    }

    /**
     * Basic, with the id and the secret as they are: RFC 6749 section 2.3.1 requires percent-encoding of both, and
     * Atlas rejects an encoded underscore.
     */
    static Authorization basic(ServiceAccountKey key) {
        var pair = key.clientId().value() + ":" + key.secret().reveal();
        var encoded = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
        return new Authorization(
                Optional.of(new Sensitive("Basic " + encoded)), List.of(key.secret(), new Sensitive(encoded)));
    }

    static Authorization bearer(ServiceAccountKey key, Sensitive token) {
        return new Authorization(Optional.of(new Sensitive("Bearer " + token.reveal())), List.of(key.secret(), token));
    }

    static Authorization digest(String answer, Sensitive privateKey) {
        return new Authorization(Optional.of(new Sensitive(answer)), List.of(privateKey));
    }

    /** The same, with one more secret that the request contains. */
    Authorization hiding(Sensitive other) {
        var all = new ArrayList<>(secrets);
        all.add(other);
        return new Authorization(header, List.copyOf(all));
    }
}
