package dev.atlasrotator.secretsmanager;

import dev.atlasrotator.aws.AwsEnvironment;
import dev.atlasrotator.simulator.secretsmanager.InProcessSecretsManager;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerModel;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings;
import java.time.InstantSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** The contract against the stand-in, which keeps the real service's rules. */
class StandInSecretVaultTest extends SecretVaultContract {
    private static final String FUNCTION = "arn:aws:lambda:eu-central-1:111111111111:function:rotator:live";

    private final SecretsManagerModel model =
            new SecretsManagerModel(SecretsManagerSettings.at(InstantSource.system()));
    private final SecretsManagerClient client = over(model);

    static SecretsManagerClient over(SecretsManagerModel model) {
        return AwsEnvironment.withoutRetries(SecretsManagerClient.builder())
                .httpClient(new InProcessSecretsManager(model))
                .region(Region.EU_CENTRAL_1)
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIDEXAMPLE", "example")))
                .build();
    }

    @Override
    SecretsManagerClient client() {
        return client;
    }

    @Override
    VersionId register(String arn) {
        var token = newVersion();
        client.rotateSecret(request ->
                request.secretId(arn).clientRequestToken(token.value()).rotationLambdaARN(FUNCTION));
        return token;
    }
}
