package dev.atlasrotator.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.MovedClock;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.simulator.atlas.FakeAtlas;
import dev.atlasrotator.simulator.lambda.FakeLambdaRuntime;
import dev.atlasrotator.simulator.lambda.FakeLambdaRuntime.Answer;
import dev.atlasrotator.simulator.lambda.LambdaFunction;
import dev.atlasrotator.simulator.secretsmanager.FakeSecretsManager;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerModel;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings;
import dev.atlasrotator.testbed.ReportEntry;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;

/** Both services, the function in its own process, and a clock that can be moved. */
final class Stage implements AutoCloseable {
    /** How often Secrets Manager tries a rotation here; AWS does not say how often it does. */
    private static final int TRIES = 3;

    /** A service account, and the stored secret that holds its credential. */
    record Kept(String name, String arn, String clientId) {}

    private final Narrator narrator;
    private final MovableTime time = new MovableTime();
    private final AtlasModel atlas = new AtlasModel(time, Stage::atlasId);
    private final SecretsManagerModel secretsManager =
            new SecretsManagerModel(SecretsManagerSettings.at(time).withRotationTries(TRIES));
    private final FakeAtlas atlasServer;
    private final FakeSecretsManager secretsServer;
    private final LambdaFunction function;
    private final Path scratch;
    private final FakeLambdaRuntime lambda;
    private final AtlasScope.Project project = new AtlasScope.Project(atlas.addProject(atlas.addOrganization()));
    private final HttpClient application = HttpClient.newHttpClient();
    private final Set<String> confidential = new LinkedHashSet<>();
    private final Map<Call.Service, Integer> calls = new LinkedHashMap<>();
    private final List<Kept> all = new ArrayList<>();
    private volatile boolean functionIsAtWork;
    private volatile boolean dieAtCreate;

    Stage(Narrator narrator, Path zip, Path taskRoot) throws IOException {
        this.narrator = narrator;
        this.atlasServer = FakeAtlas.start(atlas);
        this.secretsServer = FakeSecretsManager.start(secretsManager);
        this.scratch = taskRoot.resolveSibling("clock");
        this.function = LambdaFunction.unpacked(zip, taskRoot).at(secretsServer, atlasServer);
        this.lambda = new FakeLambdaRuntime(function);
        atlas.faults(this::on);
        secretsManager.inject(this::on);
    }

    /** 24 hex digits, as Atlas's, and different from the first one on. */
    private static String atlasId(long number) {
        var random = new SplittableRandom(number);
        return "%016x%08x".formatted(random.nextLong(), random.nextInt());
    }

    private Fault on(Call call) {
        if (functionIsAtWork) {
            synchronized (calls) {
                calls.merge(call.service(), 1, Integer::sum);
            }
            var atAtlas = call.service() == Call.Service.ATLAS;
            narrator.call("function", atAtlas ? "Atlas" : "Secrets Manager", call.operation(), meaning(call));
            if (dieAtCreate && call.operation().equals("createSecret")) {
                dieAtCreate = false;
                lambda.kill();
                narrator.line("    ** the function's process is killed; Atlas goes on **");
            }
        }
        return new Fault.None();
    }

    private static String meaning(Call call) {
        return switch (call.operation()) {
            case "mintToken" -> "signs in, gets a token";
            case "revokeToken" -> "hands that token back";
            case "readAccount" -> "which secrets are there?";
            case "createSecret" -> "a new one, please";
            case "deleteSecret" -> "away with " + call.subject();
            case "DescribeSecret" -> "which version has which label?";
            case "GetSecretValue" -> "the value of a version";
            case "PutSecretValue" -> "stores a version as AWSPENDING";
            case "UpdateSecretVersionStage" -> "moves a label";
            case "ListSecretVersionIds" -> "when did this attempt begin?";
            case "RotateSecret" -> "begins a rotation there";
            case "ListSecrets" -> "who carries our tag?";
            case "BatchGetSecretValue" -> "values, up to 20 at once";
            default -> "";
        };
    }

    /** A project's account with one secret of this age, whose value is stored and tagged. */
    Kept account(String name, Duration age) {
        var clientId = atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
        var first = atlas.secretFromThePast(clientId, time.instant().minus(age), 2160);
        var value = new LinkedHashMap<String, Object>();
        value.put("clientId", clientId);
        value.put("clientSecret", first.value());
        value.put("groupId", project.id());
        value.put("secretId", first.id());
        var arn = secretsManager.seed(name, Json.text(value), Map.of("atlas-secret-rotator", "true"));
        var kept = new Kept(name, arn, clientId);
        all.add(kept);
        remember();
        return kept;
    }

    /** From now on Secrets Manager rotates it, by calling the function. */
    void rotatedBySecretsManager(Kept kept) {
        secretsManager.configureRotation(kept.arn(), LambdaFunction.UNQUALIFIED_ARN);
        secretsManager.attach(LambdaFunction.UNQUALIFIED_ARN, this::step);
    }

    /** {@code RotateSecret}, and the steps that follow from it. */
    void rotate(Kept kept) {
        narrator.call("operator", "Secrets Manager", "RotateSecret", kept.name());
        secretsManager.call(
                "RotateSecret",
                Map.of(
                        "SecretId",
                        kept.arn(),
                        "ClientRequestToken",
                        UUID.randomUUID().toString()));
        secretsManager.runRotations();
        remember();
    }

    /** As Secrets Manager calls it. A failure makes it try the whole rotation again, later. */
    private void step(Map<String, Object> event) throws IOException, InterruptedException {
        var step = String.valueOf(event.get("Step"));
        confidential.add(String.valueOf(event.get("RotationToken")));
        narrator.call("Secrets Manager", "function", step, "");
        var answer = invoke(Json.text(event));
        remember();
        switch (answer) {
            case Answer.Returned returned -> {
                if (step.equals("createSecret")) {
                    all.stream()
                            .filter(kept -> kept.arn().equals(event.get("SecretId")))
                            .forEach(this::show);
                }
            }
            case Answer.Died died -> {
                narrator.line("    Secrets Manager: no answer. It will try again.");
                all.stream()
                        .filter(kept -> kept.arn().equals(event.get("SecretId")))
                        .forEach(this::show);
                throw new StepFailed("died");
            }
            case Answer.Failed(String type, String message, String body) -> {
                narrator.line("    function says no: " + type.substring(type.lastIndexOf('$') + 1) + ":");
                narrator.explain("  \"" + message + "\"");
                narrator.explain("-- 16 minutes later Secrets Manager tries again --");
                narrator.line("");
                later(Duration.ofMinutes(16));
                throw new StepFailed(type);
            }
            case Answer.TimedOut late -> throw new StepFailed("timed out");
        }
    }

    /** What Secrets Manager sees of a failed step. */
    private static final class StepFailed extends IOException {
        private static final long serialVersionUID = 1L;

        StepFailed(String message) {
            super(message);
        }
    }

    /** The schedule's call. Answers what the report says was done, an account a line. */
    List<String> sweep() throws IOException, InterruptedException {
        narrator.call("schedule", "function", "{\"action\":\"sweep\"}", "");
        var answer = invoke("{\"action\":\"sweep\"}");
        remember();
        if (!(answer instanceof Answer.Returned(String json))) {
            return List.of(answer.toString());
        }
        var done = new ArrayList<String>();
        var report = Json.object(json).orElseThrow();
        for (Object account : (List<?>) report.getOrDefault("accounts", List.of())) {
            var fields = (Map<?, ?>) account;
            done.add(fields.get("name")
                    + " was "
                    + fields.get("state")
                    + "; done: "
                    + new ReportEntry(fields).actions());
        }
        return done;
    }

    private Answer invoke(String event) throws IOException, InterruptedException {
        functionIsAtWork = true;
        try {
            return lambda.invoke(event);
        } finally {
            functionIsAtWork = false;
        }
    }

    /** The function's process dies as soon as it has asked Atlas for a new secret. */
    void dieAtTheNextCreate() {
        dieAtCreate = true;
    }

    /**
     * Time goes on, for both services and for the function; Lambda has ended the idle process long
     * before.
     */
    void later(Duration by) throws IOException {
        time.advance(by);
        lambda.deploy(function.withJvmOption(MovedClock.jvmOption(scratch, time.ahead())));
    }

    void show(Kept kept) {
        var labels = new LinkedHashMap<String, List<String>>();
        var empty = new ArrayList<String>();
        secretsManager.stages(kept.arn()).forEach((version, stages) -> {
            var text = String.join(", ", stages);
            secretsManager
                    .valueOf(kept.arn(), version)
                    .flatMap(Json::object)
                    .map(value -> String.valueOf(value.get("secretId")))
                    .ifPresentOrElse(
                            id -> labels.computeIfAbsent(id, none -> new ArrayList<>())
                                    .add(text),
                            () -> empty.add(text));
        });
        narrator.table(kept.name(), atlas.secrets(kept.clientId()), labels, empty, time.instant());
    }

    /** The credential that an application reads now. */
    String credential(Kept kept) {
        return field(secretsManager.valueUnder(kept.arn(), "AWSCURRENT"), "clientSecret");
    }

    /** Whether an application gets a token at Atlas with it, over HTTP as any client does. */
    boolean auth(Kept kept, String credential) throws IOException, InterruptedException {
        var basic = Base64.getEncoder().encodeToString((kept.clientId() + ":" + credential).getBytes(UTF_8));
        var request = HttpRequest.newBuilder(atlasServer.baseUrl().resolve("/api/oauth/token"))
                .header("Authorization", "Basic " + basic)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials"))
                .build();
        var response = application.send(request, HttpResponse.BodyHandlers.ofString());
        return response.statusCode() == 200;
    }

    int secretsAtAtlas(Kept kept) {
        return atlas.secrets(kept.clientId()).size();
    }

    /** How many calls the function has made to this service since the last question. */
    int callsOf(Call.Service service) {
        synchronized (calls) {
            return Optional.ofNullable(calls.remove(service)).orElse(0);
        }
    }

    /** Notes every value that must never be seen. */
    private void remember() {
        for (Kept kept : all) {
            for (String version : secretsManager.stages(kept.arn()).keySet()) {
                var value = secretsManager.valueOf(kept.arn(), version);
                if (value.isPresent()) {
                    confidential.add(field(value, "clientSecret"));
                }
            }
        }
    }

    private static String field(Optional<String> value, String name) {
        return value.flatMap(Json::object)
                .map(json -> String.valueOf(json.get(name)))
                .orElseThrow();
    }

    /** All values that must never be seen: client secrets, and Secrets Manager's RotationTokens. */
    Set<String> confidential() {
        return confidential;
    }

    /** Ends the function's process, and answers all lines that it has ever written. */
    List<String> functionsLines() {
        lambda.stop();
        return lambda.lines();
    }

    @Override
    public void close() throws IOException {
        lambda.close();
        application.close();
        secretsServer.close();
        atlasServer.close();
    }
}
