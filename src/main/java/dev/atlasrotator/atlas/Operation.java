package dev.atlasrotator.atlas;

/** What is asked of Atlas. */
enum Operation {
    MINT_TOKEN("mintToken", "POST"),
    REVOKE_TOKEN("revokeToken", "POST"),
    READ_ACCOUNT("readAccount", "GET"),
    LIST_ACCOUNTS("listAccounts", "GET"),
    READ_PROJECT("readProject", "GET"),
    READ_SETTINGS("readSettings", "GET"),
    CREATE_SECRET("createSecret", "POST"),
    DELETE_SECRET("deleteSecret", "DELETE");

    private static final int ONE_ACCOUNT = 1 << 20;
    // 500 accounts with long descriptions and roles, all of it escaped.
    private static final int ONE_PAGE = 4 << 20;

    private final String word;
    private final String method;

    Operation(String word, String method) {
        this.word = word;
        this.method = method;
    }

    /** The name that the log and messages use. */
    String word() {
        return word;
    }

    String method() {
        return method;
    }

    /** How much of an answer is read; a longer one counts as unreadable. */
    int answerBytesMax() {
        return this == LIST_ACCOUNTS ? ONE_PAGE : ONE_ACCOUNT;
    }

    /**
     * The kind of answer that is asked for. Only the API has versions; at the token endpoint MongoDB's documentation
     * sends plain JSON ("Generate Service Account Token",
     * https://www.mongodb.com/docs/atlas/api/service-accounts/generate-oauth2-token/).
     */
    String accept() {
        return switch (this) {
            case MINT_TOKEN, REVOKE_TOKEN -> "application/json";
            case READ_ACCOUNT, LIST_ACCOUNTS, READ_PROJECT, READ_SETTINGS, CREATE_SECRET, DELETE_SECRET ->
                AtlasHttp.VERSION;
        };
    }
}
