package dev.atlasrotator.simulator;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.simulator.atlas.FakeAtlas;
import dev.atlasrotator.simulator.atlas.IssuedCredential;
import dev.atlasrotator.simulator.secretsmanager.FakeSecretsManager;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerModel;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Atlas and Secrets Manager as one process on this machine's real clock, for whoever is not a test:
 * {@code sam local}, a function deployed to an emulator, a person with {@code curl}. The scene is
 * the one that the files in {@code events/} speak of, and is the same each time, ARNs included; on
 * a fresh one each of them can be the first.
 *
 * <p>Prints one line of JSON with both ports and the ARNs of the stored secrets, then serves until
 * it is ended. With {@code --credentials FILE} the values that stored secrets elsewhere would need
 * go into that file, as an array, and nowhere else.
 */
public final class StandIns {
    /** The default of {@code SECRET_EXPIRES_AFTER_HOURS}. */
    private static final int LIFETIME_HOURS = 2160;

    /** Older than the 720 hours after which the sweep rotates. */
    private static final Duration DUE = Duration.ofDays(40);

    private static final Duration FRESH = Duration.ofDays(3);

    /** How many accounts have their credential in no stored secret of the scene's. */
    private static final int ELSEWHERE = 4;

    /** The version that {@code events/step-*.json} name. */
    private static final String TOKEN = "5a1e0000-0000-4000-8000-000000000001";

    /** What {@code sam local} tells the function that it is, wherever it runs. */
    private static final String FUNCTION = "arn:aws:lambda:us-east-1:012345678912:function:RotatorFunction";

    private static final String TAG = "atlas-secret-rotator";

    private final AtlasModel atlas = new AtlasModel(InstantSource.system());
    private final SecretsManagerModel secretsManager = new SecretsManagerModel(
            SecretsManagerSettings.at(InstantSource.system()).withSleeper(Thread::sleep));
    private final Map<String, Object> arns = new LinkedHashMap<>();
    private final AtlasScope.Project project;

    private StandIns() {
        project = new AtlasScope.Project(atlas.addProject(atlas.addOrganization()));
    }

    /**
     * Serves until the process is ended.
     *
     * @param args pairs of {@code --bind ADDRESS}, {@code --atlas-port N}, {@code
     *     --secrets-manager-port N} (0 takes a free one), {@code --function ARN} (the rotation
     *     function of the attached ones), {@code --credentials FILE}
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        Map<String, String> given = options(args);
        StandIns scene = new StandIns();
        scene.set(given.getOrDefault("--function", FUNCTION));
        String credentials = given.get("--credentials");
        if (credentials != null) {
            Files.writeString(
                    Path.of(credentials),
                    Stream.generate(() -> scene.account(DUE))
                            .limit(ELSEWHERE)
                            .collect(Collectors.joining(",", "[", "]")));
        }
        try (FakeAtlas atlas = FakeAtlas.start(scene.atlas, address(given, "--atlas-port", "8088"), Thread::sleep);
                FakeSecretsManager secretsManager = FakeSecretsManager.start(
                        scene.secretsManager, address(given, "--secrets-manager-port", "4566"))) {
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("atlasPort", atlas.baseUrl().getPort());
            told.put("secretsManagerPort", secretsManager.uri().getPort());
            told.put("storedSecrets", scene.arns);
            System.out.println(JSON.std.asString(told));
            new CountDownLatch(1).await();
        }
    }

    private static Map<String, String> options(String[] args) {
        Map<String, String> given = new LinkedHashMap<>();
        for (int i = 0; i + 1 < args.length; i += 2) {
            given.put(args[i], args[i + 1]);
        }
        return given;
    }

    private static InetSocketAddress address(Map<String, String> given, String port, String usual) {
        return new InetSocketAddress(
                given.getOrDefault("--bind", "127.0.0.1"), Integer.parseInt(given.getOrDefault(port, usual)));
    }

    /** The order is part of the scene: the ARNs' random ends come from it. */
    private void set(String functionArn) {
        rotating("demo/attached", account(FRESH), functionArn);
        store("demo/standalone", account(FRESH), Map.of(TAG, "managed"));
        store("demo/leaked", account(FRESH), Map.of(TAG, "managed"));
        store("demo/due", account(DUE), Map.of(TAG, "managed"));
        halfway("demo/halfway", functionArn);
    }

    /**
     * What Secrets Manager leaves before it calls createSecret: an empty version under AWSPENDING.
     * Returns the ARN.
     */
    private String rotating(String name, String value, String functionArn) {
        String arn = store(name, value, Map.of());
        secretsManager.configureRotation(arn, functionArn);
        secretsManager.call("RotateSecret", Map.of("SecretId", arn, "ClientRequestToken", TOKEN));
        return arn;
    }

    /**
     * What createSecret leaves, so that the events of the other three steps mean something without
     * it.
     */
    private void halfway(String name, String functionArn) {
        String clientId = atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
        Instant createdAt = atlas.instant().minus(FRESH);
        IssuedCredential old = atlas.secretFromThePast(clientId, createdAt, LIFETIME_HOURS);
        String arn = rotating(name, value(clientId, old), functionArn);
        IssuedCredential created = atlas.createSecret(clientId, LIFETIME_HOURS);
        secretsManager.call(
                "PutSecretValue",
                Map.of(
                        "SecretId",
                        arn,
                        "ClientRequestToken",
                        TOKEN,
                        "SecretString",
                        value(clientId, created),
                        "VersionStages",
                        List.of("AWSPENDING")));
    }

    private String store(String name, String value, Map<String, String> tags) {
        String arn = secretsManager.seed(name, value, tags);
        arns.put(name, arn);
        return arn;
    }

    /** The value to be stored of a new account with one Atlas secret of this age. */
    private String account(Duration age) {
        String clientId = atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
        Instant createdAt = atlas.instant().minus(age);
        return value(clientId, atlas.secretFromThePast(clientId, createdAt, LIFETIME_HOURS));
    }

    private String value(String clientId, IssuedCredential secret) {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("clientId", clientId);
        value.put("clientSecret", secret.value());
        value.put("groupId", project.id());
        value.put("secretId", secret.id());
        try {
            return JSON.std.asString(value);
        } catch (IOException neverWithStrings) {
            throw new IllegalStateException("a map of strings is always JSON");
        }
    }
}
