package dev.atlasrotator.atlas;

import dev.atlasrotator.credential.Sensitive;
import java.util.Optional;

/**
 * One request to Atlas, not signed yet.
 *
 * @param target path plus query, as it goes over the wire and into a Digest
 * @param body hidden, since a revocation carries a token in it
 * @param answerBytesMax how much of an answer is read; a longer one counts as unreadable
 * @param quota what it draws on, if that is limited
 */
record AtlasRequest(
        Operation operation,
        String method,
        String target,
        Optional<Body> body,
        int answerBytesMax,
        Optional<Quota> quota) {
    private static final int ONE_ACCOUNT = 1 << 20;
    // 500 accounts with long descriptions and roles, all of it escaped.
    private static final int ONE_PAGE = 4 << 20;

    record Body(String contentType, Sensitive text) {}

    /**
     * The kind of answer that is asked for. Only the API has versions; at the token endpoint
     * MongoDB's documentation sends plain JSON ("Generate Service Account Token").
     */
    String accept() {
        return switch (operation) {
            case MINT_TOKEN, REVOKE_TOKEN -> "application/json";
            case READ_ACCOUNT, LIST_ACCOUNTS, CREATE_SECRET, DELETE_SECRET -> AtlasHttp.VERSION;
        };
    }

    static AtlasRequest read(String target) {
        return new AtlasRequest(Operation.READ_ACCOUNT, "GET", target, Optional.empty(), ONE_ACCOUNT, Quota.of(target));
    }

    static AtlasRequest list(String target) {
        return new AtlasRequest(Operation.LIST_ACCOUNTS, "GET", target, Optional.empty(), ONE_PAGE, Quota.of(target));
    }

    static AtlasRequest delete(String target) {
        return new AtlasRequest(
                Operation.DELETE_SECRET, "DELETE", target, Optional.empty(), ONE_ACCOUNT, Quota.of(target));
    }

    static AtlasRequest create(String target, String json) {
        return new AtlasRequest(
                Operation.CREATE_SECRET,
                "POST",
                target,
                Optional.of(new Body(AtlasHttp.VERSION, new Sensitive(json))),
                ONE_ACCOUNT,
                Quota.of(target));
    }

    static AtlasRequest form(Operation operation, String target, String form, Optional<Quota> quota) {
        return new AtlasRequest(
                operation,
                "POST",
                target,
                Optional.of(new Body("application/x-www-form-urlencoded", new Sensitive(form))),
                ONE_ACCOUNT,
                quota);
    }
}
