package dev.atlasrotator.atlas;

import dev.atlasrotator.credential.Sensitive;
import java.util.Optional;

/**
 * One request to Atlas, not signed yet.
 *
 * @param subject what it is about, for messages
 * @param target path plus query, as it goes over the wire and into a Digest
 * @param body hidden, since a revocation carries a token in it
 * @param quota what it draws on, if that is limited
 */
record AtlasRequest(Operation operation, String subject, String target, Optional<Body> body, Optional<Quota> quota) {
    record Body(String contentType, Sensitive text) {}

    /** A call of the API. */
    static AtlasRequest api(Operation operation, String subject, String target) {
        return new AtlasRequest(operation, subject, target, Optional.empty(), Quota.of(target));
    }

    /** The same request with this JSON in it. */
    AtlasRequest withJson(String json) {
        return new AtlasRequest(
                operation, subject, target, Optional.of(new Body(AtlasHttp.VERSION, new Sensitive(json))), quota);
    }

    /** A call of the token endpoint. */
    static AtlasRequest form(Operation operation, String subject, String target, String form, Optional<Quota> quota) {
        var body = new Body("application/x-www-form-urlencoded", new Sensitive(form));
        return new AtlasRequest(operation, subject, target, Optional.of(body), quota);
    }
}
