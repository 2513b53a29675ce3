package dev.atlasrotator.testbed;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.simulator.lambda.LambdaFunction;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerModel;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Accounts of one project, each with a stored secret whose rotation Secrets Manager has just begun. In real time. */
public final class BegunRotations {
    /** The steps in the order in which Secrets Manager sends them. */
    public static final List<String> STEPS = List.of("createSecret", "setSecret", "testSecret", "finishSecret");

    /**
     * A rotation.
     *
     * @param clientSecret the value in use
     */
    public record Begun(String arn, String token, String clientSecret) {
        /** What Secrets Manager sends with a step. */
        public String event(String step) {
            return Json.text(Map.of("Step", step, "SecretId", arn, "ClientRequestToken", token));
        }
    }

    private final AtlasModel atlas = new AtlasModel(InstantSource.system());
    private final SecretsManagerModel secretsManager =
            new SecretsManagerModel(SecretsManagerSettings.at(InstantSource.system()));
    private final AtlasScope.Project project = new AtlasScope.Project(atlas.addProject(atlas.addOrganization()));

    public AtlasModel atlas() {
        return atlas;
    }

    public SecretsManagerModel secretsManager() {
        return secretsManager;
    }

    /** One more account. */
    public Begun begin() {
        var clientId = atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
        var inUse = atlas.secretFromThePast(clientId, atlas.instant().minus(Duration.ofDays(30)), 2160);
        var value = new LinkedHashMap<String, Object>();
        value.put("clientId", clientId);
        value.put("clientSecret", inUse.value());
        value.put("groupId", project.id());
        value.put("secretId", inUse.id());
        var arn = secretsManager.seed("prod/" + clientId, Json.text(value), Map.of());
        secretsManager.configureRotation(arn, LambdaFunction.UNQUALIFIED_ARN);
        var token = UUID.randomUUID().toString();
        secretsManager.call("RotateSecret", Map.of("SecretId", arn, "ClientRequestToken", token));
        return new Begun(arn, token, inUse.value());
    }
}
