package dev.atlasrotator.atlas;

/** What is asked of Atlas, under the name that stands in the log. */
enum Operation {
    MINT_TOKEN("mintToken"),
    REVOKE_TOKEN("revokeToken"),
    READ_ACCOUNT("readAccount"),
    LIST_ACCOUNTS("listAccounts"),
    CREATE_SECRET("createSecret"),
    DELETE_SECRET("deleteSecret");

    private final String word;

    Operation(String word) {
        this.word = word;
    }

    String word() {
        return word;
    }
}
