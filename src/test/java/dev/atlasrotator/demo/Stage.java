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
    /** How often Secrets Manager attempts a rotation here. AWS does not document the number. */
    private static final int ATTEMPTS = 3;

    /** A service account, and the stored secret that holds its credential. */
    record ManagedSecret(String name, String arn, String clientId) {}

    private final Narrator narrator;
    private final MovableTime time = new MovableTime();
    private final AtlasModel atlas = new AtlasModel(time, Stage::atlasId);
    private final SecretsManagerModel secretsManager =
            new SecretsManagerModel(SecretsManagerSettings.at(time).withRotationTries(ATTEMPTS));
    private final FakeAtlas atlasServer;
    private final FakeSecretsManager secretsServer;
    private final LambdaFunction function;
    private final Path scratch;
    private final FakeLambdaRuntime lambda;
    private final AtlasScope.Project project = new AtlasScope.Project(atlas.addProject(atlas.addOrganization()));
    private final HttpClient application = HttpClient.newHttpClient();
    private final Set<String> confidential = new LinkedHashSet<>();
    private final Map<Call.Service, Integer> calls = new LinkedHashMap<>();
    private final List<ManagedSecret> all = new ArrayList<>();
    private volatile boolean functionIsRunning;
    private volatile boolean killAtCreate;

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

    /** 24 hex digits, like Atlas's ids. They differ in the first digits, which are all that is printed. */
    private static String atlasId(long number) {
        var random = new SplittableRandom(number);
        return "%016x%08x".formatted(random.nextLong(), random.nextInt());
    }

    private Fault on(Call call) {
        if (functionIsRunning) {
            synchronized (calls) {
                calls.merge(call.service(), 1, Integer::sum);
            }
            var atAtlas = call.service() == Call.Service.ATLAS;
            narrator.call("function", atAtlas ? "Atlas" : "Secrets Manager", call.operation(), meaning(call));
            if (killAtCreate && call.operation().equals("createSecret")) {
                killAtCreate = false;
                lambda.kill();
                narrator.line("    ** the function's process is killed; Atlas creates the secret **");
            }
        }
        return new Fault.None();
    }

    private static String meaning(Call call) {
        return switch (call.operation()) {
            case "mintToken" -> "requests an access token";
            case "revokeToken" -> "revokes that token";
            case "readAccount" -> "lists the account's secrets";
            case "createSecret" -> "creates a secret";
            case "deleteSecret" -> "deletes secret " + call.subject();
            case "DescribeSecret" -> "reads the staging labels";
            case "GetSecretValue" -> "reads the value of a version";
            case "PutSecretValue" -> "stores a version as AWSPENDING";
            case "UpdateSecretVersionStage" -> "moves a staging label";
            case "ListSecretVersionIds" -> "lists the versions";
            case "RotateSecret" -> "starts a rotation";
            case "ListSecrets" -> "lists the tagged secrets";
            case "BatchGetSecretValue" -> "reads up to 20 values";
            default -> "";
        };
    }

    /** An account of a project with one secret of this age, stored and tagged. */
    ManagedSecret account(String name, Duration age) {
        var clientId = atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
        var first = atlas.secretFromThePast(clientId, time.instant().minus(age), 2160);
        var value = new LinkedHashMap<String, Object>();
        value.put("clientId", clientId);
        value.put("clientSecret", first.value());
        value.put("groupId", project.id());
        value.put("secretId", first.id());
        var arn = secretsManager.seed(name, Json.text(value), Map.of("atlas-secret-rotator", "true"));
        var secret = new ManagedSecret(name, arn, clientId);
        all.add(secret);
        remember();
        return secret;
    }

    /** From now on Secrets Manager rotates it, by calling the function. */
    void rotatedBySecretsManager(ManagedSecret secret) {
        secretsManager.configureRotation(secret.arn(), LambdaFunction.UNQUALIFIED_ARN);
        secretsManager.attach(LambdaFunction.UNQUALIFIED_ARN, this::step);
    }

    /** {@code RotateSecret}, and the steps that follow from it. */
    void rotate(ManagedSecret secret) {
        narrator.call("operator", "Secrets Manager", "RotateSecret", secret.name());
        var token = UUID.randomUUID().toString();
        secretsManager.call("RotateSecret", Map.of("SecretId", secret.arn(), "ClientRequestToken", token));
        secretsManager.runRotations();
        remember();
    }

    /** Invokes a step as Secrets Manager does. After a failure, it retries the whole rotation later. */
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
                            .filter(secret -> secret.arn().equals(event.get("SecretId")))
                            .forEach(this::show);
                }
            }
            case Answer.Died died -> {
                narrator.line("    Secrets Manager: no response. It will retry.");
                all.stream()
                        .filter(secret -> secret.arn().equals(event.get("SecretId")))
                        .forEach(this::show);
                throw new StepFailed("died");
            }
            case Answer.Failed(String type, String message, String body) -> {
                narrator.line("    function fails with " + type.substring(type.lastIndexOf('$') + 1) + ":");
                narrator.explain("  \"" + message + "\"");
                narrator.explain("-- 16 minutes later, Secrets Manager retries --");
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

    /** Invokes the sweep as the schedule does. Returns what the report says, one account per line. */
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
            done.add(fields.get("name") + ": state " + fields.get("state") + ", actions "
                    + new ReportEntry(fields).actions());
        }
        return done;
    }

    private Answer invoke(String event) throws IOException, InterruptedException {
        lambda.awaitReady(); // what init asks of the services is no part of a rotation
        functionIsRunning = true;
        try {
            return lambda.invoke(event);
        } finally {
            functionIsRunning = false;
        }
    }

    /** The function's process is killed as soon as it has asked Atlas for a new secret. */
    void killAtTheNextCreate() {
        killAtCreate = true;
    }

    /** Advances the clocks of both services and of the function. Lambda stops an idle process long before. */
    void later(Duration by) throws IOException {
        time.advance(by);
        lambda.deploy(function.withJvmOption(MovedClock.jvmOption(scratch, time.ahead())));
    }

    void show(ManagedSecret secret) {
        var labels = new LinkedHashMap<String, List<String>>();
        var empty = new ArrayList<String>();
        secretsManager.stages(secret.arn()).forEach((version, stages) -> {
            var text = String.join(", ", stages);
            secretsManager
                    .valueOf(secret.arn(), version)
                    .flatMap(Json::object)
                    .flatMap(value -> Optional.ofNullable((String) value.get("secretId")))
                    .ifPresentOrElse(
                            id -> labels.computeIfAbsent(id, none -> new ArrayList<>())
                                    .add(text),
                            () -> empty.add(text));
        });
        narrator.table(secret.name(), atlas.secrets(secret.clientId()), labels, empty, time.instant());
    }

    /** The credential that an application reads now. */
    String credential(ManagedSecret secret) {
        return field(secretsManager.valueUnder(secret.arn(), "AWSCURRENT"), "clientSecret");
    }

    /** Whether an application gets a token at Atlas with it, over HTTP as any client does. */
    boolean auth(ManagedSecret secret, String credential) throws IOException, InterruptedException {
        var basic = Base64.getEncoder().encodeToString((secret.clientId() + ":" + credential).getBytes(UTF_8));
        var request = HttpRequest.newBuilder(atlasServer.baseUrl().resolve("/api/oauth/token"))
                .header("Authorization", "Basic " + basic)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials"))
                .build();
        var response = application.send(request, HttpResponse.BodyHandlers.ofString());
        return response.statusCode() == 200;
    }

    int secretsAtAtlas(ManagedSecret secret) {
        return atlas.secrets(secret.clientId()).size();
    }

    /** How many calls the function has made to this service since this was last asked. */
    int callsOf(Call.Service service) {
        synchronized (calls) {
            return Optional.ofNullable(calls.remove(service)).orElse(0);
        }
    }

    /** Records every value that must never be printed. */
    private void remember() {
        for (ManagedSecret secret : all) {
            for (String version : secretsManager.stages(secret.arn()).keySet()) {
                var value = secretsManager.valueOf(secret.arn(), version);
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

    /** All values that must never be printed: client secrets, and Secrets Manager's RotationTokens. */
    Set<String> confidential() {
        return confidential;
    }

    /** Stops the function's process, and returns all lines that it has logged. */
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
