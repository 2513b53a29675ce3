package dev.atlasrotator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.simulator.atlas.FakeAtlas;
import dev.atlasrotator.simulator.secretsmanager.FakeSecretsManager;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerModel;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The command over both stand-ins by HTTP, with everything but the process itself. */
abstract class CommandScene {
    private static final Set<String> KEYS = Set.of("aws.accessKeyId", "aws.secretAccessKey");
    static final String TAG = "atlas-secret-rotator";
    private static final Screen SCREEN = Screen.NO_TERMINAL;

    final AtlasModel atlas = new AtlasModel(InstantSource.system());
    final SecretsManagerModel secretsManager = new SecretsManagerModel(
            SecretsManagerSettings.at(InstantSource.system()).withSleeper(Thread::sleep));
    private final AtlasScope.Project project = new AtlasScope.Project(atlas.addProject(atlas.addOrganization()));
    private final FakeAtlas atlasServer;
    private final FakeSecretsManager secretsManagerServer;
    final Map<String, String> environment = new HashMap<>();
    final List<String> values = new ArrayList<>(List.of("mdb_sa_sk_"));
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    /** What is typed at the terminal, line by line; absent where there is none. */
    private Optional<Deque<String>> typed = Optional.empty();

    final List<String> questions = new ArrayList<>();

    CommandScene() {
        try {
            atlasServer = FakeAtlas.start(atlas);
            secretsManagerServer = FakeSecretsManager.start(secretsManager);
        } catch (IOException noPort) {
            throw new UncheckedIOException(noPort);
        }
    }

    @BeforeEach
    void signIn() {
        KEYS.forEach(key -> System.setProperty(key, "example"));
        environment.put("AWS_REGION", "eu-central-1");
        environment.put("AWS_ENDPOINT_URL", secretsManagerServer.uri().toString());
        environment.put("ATLAS_BASE_URL", atlasServer.baseUrl().toString());
    }

    @AfterEach
    void end() throws IOException {
        KEYS.forEach(System::clearProperty);
        secretsManagerServer.close();
        atlasServer.close();
        assertThat(out() + err()).doesNotContain(values);
    }

    int run(String... arguments) {
        return new Cli(new Operator(stream(out), stream(err), SCREEN, typed.map(this::prompt)), environment)
                .run(List.of(arguments));
    }

    private Function<String, Optional<String>> prompt(Deque<String> lines) {
        return question -> {
            questions.add(question);
            return Optional.ofNullable(lines.poll());
        };
    }

    /** Somebody sits at a terminal, and types these lines. */
    void atTerminal(String... lines) {
        typed = Optional.of(new ArrayDeque<>(List.of(lines)));
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** An account with one secret of this age, which lives for 90 days. Returns its client id. */
    String account(String name, Duration age) {
        var clientId = atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
        var secret = atlas.secretFromThePast(clientId, atlas.instant().minus(age), 2160);
        values.add(secret.value());
        var value = new LinkedHashMap<String, Object>();
        value.put("clientId", clientId);
        value.put("clientSecret", secret.value());
        value.put("groupId", project.id());
        value.put("secretId", secret.id());
        secretsManager.seed(name, Json.text(value), Map.of(TAG, ""));
        return clientId;
    }

    /** Secrets Manager says no to this operation, as it does to whom a policy does not name. */
    void deny(String operation) {
        secretsManager.inject(call -> call.operation().equals(operation)
                ? answer(400, "{\"__type\":\"AccessDeniedException\",\"Message\":\"User" + " is not authorized\"}")
                : new Fault.None());
    }

    static Fault answer(int status, String body) {
        return new Fault.Answer(
                Fault.Moment.BEFORE_EFFECT, status, Map.of("Content-Type", "application/x-amz-json-1.1"), body);
    }
}
