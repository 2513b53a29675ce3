package dev.atlasrotator.secretsmanager;

/** x. */
public final class SecretsManagerClients {
    private SecretsManagerClients() {}
}
