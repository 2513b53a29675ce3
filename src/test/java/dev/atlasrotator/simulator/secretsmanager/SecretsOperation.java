package dev.atlasrotator.simulator.secretsmanager;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The operations that the stand-in knows, each with the share of the request quota that it draws
 * on.
 */
enum SecretsOperation {
    CREATE_SECRET("CreateSecret", Share.OTHER),
    DESCRIBE_SECRET("DescribeSecret", Share.DESCRIBE),
    GET_SECRET_VALUE("GetSecretValue", Share.GET),
    BATCH_GET_SECRET_VALUE("BatchGetSecretValue", Share.BATCH),
    LIST_SECRETS("ListSecrets", Share.LIST),
    LIST_SECRET_VERSION_IDS("ListSecretVersionIds", Share.OTHER),
    PUT_SECRET_VALUE("PutSecretValue", Share.PUT_AND_STAGE),
    UPDATE_SECRET("UpdateSecret", Share.OTHER),
    UPDATE_SECRET_VERSION_STAGE("UpdateSecretVersionStage", Share.PUT_AND_STAGE),
    ROTATE_SECRET("RotateSecret", Share.ROTATE),
    CANCEL_ROTATE_SECRET("CancelRotateSecret", Share.OTHER),
    TAG_RESOURCE("TagResource", Share.TAG),
    UNTAG_RESOURCE("UntagResource", Share.TAG),
    DELETE_SECRET("DeleteSecret", Share.OTHER),
    RESTORE_SECRET("RestoreSecret", Share.OTHER),
    PUT_RESOURCE_POLICY("PutResourcePolicy", Share.OTHER),
    GET_RESOURCE_POLICY("GetResourcePolicy", Share.OTHER),
    VALIDATE_RESOURCE_POLICY("ValidateResourcePolicy", Share.OTHER);

    /**
     * Operations that share a quota; calls a second, an account and a region (AWS Secrets Manager
     * quotas).
     */
    enum Share {
        GET(10_000),
        DESCRIBE(40_000),
        LIST(100),
        BATCH(100),
        PUT_AND_STAGE(50),
        ROTATE(50),
        TAG(50),
        OTHER(50);

        final int perSecond;

        Share(int perSecond) {
            this.perSecond = perSecond;
        }
    }

    private static final Map<String, SecretsOperation> BY_NAME = new HashMap<>();

    static {
        for (var operation : values()) {
            BY_NAME.put(operation.wireName, operation);
        }
    }

    final String wireName;
    final Share share;

    SecretsOperation(String wireName, Share share) {
        this.wireName = wireName;
        this.share = share;
    }

    static Optional<SecretsOperation> named(String wireName) {
        return Optional.ofNullable(BY_NAME.get(wireName));
    }
}
