package dev.atlasrotator.testbed;

import dev.atlasrotator.Settings;
import dev.atlasrotator.Wiring;
import dev.atlasrotator.atlas.HttpServiceAccounts;
import dev.atlasrotator.aws.AwsEnvironment;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.secretsmanager.SdkSecretVault;
import dev.atlasrotator.secretsmanager.VersionId;
import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Faults;
import dev.atlasrotator.simulator.VirtualTime;
import dev.atlasrotator.simulator.atlas.AtlasEvent;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.simulator.atlas.AtlasSecret;
import dev.atlasrotator.simulator.atlas.AtlasService;
import dev.atlasrotator.simulator.atlas.InProcessAtlas;
import dev.atlasrotator.simulator.atlas.IssuedCredential;
import dev.atlasrotator.simulator.secretsmanager.InProcessSecretsManager;
import dev.atlasrotator.simulator.secretsmanager.RotationOutcome;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerModel;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings;
import dev.atlasrotator.sweep.WorkQueue;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * The whole function, with its real adapters, over both stand-ins in this process, and a clock that
 * moves when it is told to. A test tells what happens when, and asks what users have.
 */
public final class Testbed {
    /** This function's ARN, as Lambda tells it to an invocation through the alias. */
    public static final String FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:rotator";

    public static final Instant START = Instant.parse("2026-06-01T08:00:00Z");
    public static final String TAG = "atlas-secret-rotator";

    /** A tag's value that stands for the account's client id. */
    public static final String ITS_CLIENT_ID = "its client id";

    private static final ScheduledExecutorService TIMEOUTS = Executors.newSingleThreadScheduledExecutor(
            work -> Thread.ofPlatform().daemon().unstarted(work));

    /** Every line that the function has written, for the search for leaks. */
    public final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    /** Every remote call, in order, for tests that count or walk them. */
    public final List<Call> calls = Collections.synchronizedList(new ArrayList<>());

    public final VirtualTime time = new VirtualTime(START);
    public final AtlasModel atlas = new AtlasModel(time);
    public final SecretsManagerModel secretsManager;

    private final Map<String, String> environment = new HashMap<>();
    private final AtomicInteger versions = new AtomicInteger();
    private final String organization = atlas.addOrganization();
    private final AtlasScope.Project project = new AtlasScope.Project(atlas.addProject(organization));
    private Faults faults = Faults.none();
    private Optional<WorkQueue> queue = Optional.empty();
    private UnaryOperator<AtlasService> beforeAtlas = UnaryOperator.identity();
    private UnaryOperator<SdkHttpClient> beforeSecretsManager = UnaryOperator.identity();
    private Optional<Wiring> wiring = Optional.empty();
    private Optional<SecretsManagerClient> client = Optional.empty();

    public Testbed() {
        this(settings -> settings);
    }

    /** A story in which Secrets Manager makes another choice where the service leaves one. */
    public Testbed(UnaryOperator<SecretsManagerSettings> choices) {
        secretsManager = new SecretsManagerModel(choices.apply(SecretsManagerSettings.at(time)));
        atlas.faults(this::on);
        secretsManager.inject(this::on);
    }

    private Fault on(Call call) {
        calls.add(call);
        return faults.on(call);
    }

    /** A setting other than its default, for the function as it is started next. */
    public Testbed setting(String name, String value) {
        environment.put(name, value);
        wiring = Optional.empty();
        return this;
    }

    public Testbed queue(WorkQueue to) {
        queue = Optional.of(to);
        wiring = Optional.empty();
        return this;
    }

    /** Somebody is between the function and Atlas, from its next start on. */
    public Testbed beforeAtlas(UnaryOperator<AtlasService> somebody) {
        beforeAtlas = somebody;
        wiring = Optional.empty();
        return this;
    }

    /** The same between the function and Secrets Manager. */
    public Testbed beforeSecretsManager(UnaryOperator<SdkHttpClient> somebody) {
        beforeSecretsManager = somebody;
        client = Optional.empty();
        wiring = Optional.empty();
        return this;
    }

    /** What goes wrong from now on. */
    public void faults(Faults now) {
        faults = now;
    }

    /** The process is gone; the next invocation starts a new one, with nothing remembered. */
    public void restart() {
        wiring = Optional.empty();
    }

    /**
     * Does this work in a process that dies at its n-th remote call, before the call has any
     * effect: which is right after the one before it. A stand-in or an SDK may take the death for a
     * broken connection, so no later call has an effect either. What is done next is done by a new
     * process.
     *
     * @return whether it came so far
     */
    public boolean dying(int nth, Runnable work) {
        var death = Breaking.from(nth, call -> {
            throw new Killed(call.toString());
        });
        broken(death, work);
        return death.seen() >= nth;
    }

    /**
     * Does this work while calls go wrong; then all is well again, and a new process goes on.
     *
     * @return whether it failed
     */
    public boolean broken(Faults wrong, Runnable work) {
        faults(wrong);
        try {
            work.run();
            return false;
        } catch (Killed | RotatorException ended) {
            return true;
        } finally {
            faults(Faults.none());
            restart();
        }
    }

    public AtlasScope.Project project() {
        return project;
    }

    public String organization() {
        return organization;
    }

    /** An account and the stored secret that holds its credential. */
    public record ManagedSecret(String arn, String name, String clientId, IssuedCredential first) {}

    /**
     * An account of the project, that may manage itself, with one secret of this age, stored and
     * managed.
     */
    public ManagedSecret account(String name, Duration age) {
        return account(name, age, AtlasModel.PROJECT_OWNER, true);
    }

    /**
     * The same.
     *
     * @param role what it may do in its project
     * @param recorded whether the stored value says which Atlas secret it holds
     */
    public ManagedSecret account(String name, Duration age, String role, boolean recorded) {
        return account(name, project, role, age, "true", (clientId, first) -> {
            var value = value(project, clientId, first);
            if (!recorded) {
                value.remove("secretId");
            }
            return value;
        });
    }

    /** The same for an account of the organization. */
    public ManagedSecret organizationAccount(String name, Duration age) {
        var scope = new AtlasScope.Organization(organization);
        return account(name, scope, AtlasModel.ORG_OWNER, age, "true", (id, first) -> value(scope, id, first));
    }

    /** The same for an account that may not manage itself; its tag lets an admin credential act for it. */
    public ManagedSecret readOnlyAccount(String name, Duration age) {
        return account(
                name,
                project,
                AtlasModel.PROJECT_READ_ONLY,
                age,
                ITS_CLIENT_ID,
                (id, first) -> value(project, id, first));
    }

    /**
     * An account of this scope.
     *
     * @param tag the value of the management tag, or {@link #ITS_CLIENT_ID}
     * @param value the stored value, from the client id and the account's first secret
     */
    public ManagedSecret account(
            String name,
            AtlasScope scope,
            String role,
            Duration age,
            String tag,
            BiFunction<String, IssuedCredential, Map<String, ?>> value) {
        var clientId = atlas.addServiceAccount(scope, role);
        var first = atlas.secretFromThePast(clientId, time.instant().minus(age), 2160);
        var tags = Map.of(TAG, tag.equals(ITS_CLIENT_ID) ? clientId : tag);
        var arn = secretsManager.seed(name, Json.text(value.apply(clientId, first)), tags);
        return new ManagedSecret(arn, name, clientId, first);
    }

    /** What is stored of an account: its ids and its secret. */
    public static Map<String, Object> value(AtlasScope scope, String clientId, IssuedCredential secret) {
        var value = new LinkedHashMap<String, Object>();
        value.put("clientId", clientId);
        value.put("clientSecret", secret.value());
        value.put(scope instanceof AtlasScope.Project ? "groupId" : "orgId", scope.id());
        value.put("secretId", secret.id());
        return value;
    }

    /** A stored secret with this value for an account that a test has made itself. */
    public ManagedSecret keep(String name, IssuedCredential first, Map<String, ?> value, Map<String, String> tags) {
        var arn = secretsManager.seed(name, Json.text(value), tags);
        return new ManagedSecret(arn, name, String.valueOf(value.get("clientId")), first);
    }

    /** Another managed stored secret with the same value; the tag has this value. */
    public ManagedSecret copyOf(ManagedSecret kept, String name, String tag) {
        return keep(name, kept.first(), value(kept, "AWSCURRENT"), Map.of(TAG, tag));
    }

    /** An API key that may manage the project's accounts, stored under this name. */
    public IssuedCredential adminKey(String name) {
        var key = atlas.addApiKey(project, AtlasModel.PROJECT_OWNER);
        secretsManager.seed(name, Json.text(Map.of("publicKey", key.id(), "privateKey", key.value())), Map.of());
        return key;
    }

    /** The same as the admin credential of the function as it is started next. */
    public IssuedCredential adminByKey() {
        setting("ADMIN_SECRET_ID", "admin/atlas");
        return adminKey("admin/atlas");
    }

    /** A service account that may manage the project's accounts, stored under this name. */
    public IssuedCredential adminAccount(String name) {
        var clientId = atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
        var secret = atlas.secretFromThePast(clientId, time.instant().minus(Duration.ofDays(1)), 2160);
        secretsManager.seed(name, Json.text(Map.of("clientId", clientId, "clientSecret", secret.value())), Map.of());
        return secret;
    }

    /** Everything in the value under a label. */
    public Map<String, Object> value(ManagedSecret kept, String stage) {
        return new LinkedHashMap<>(secretsManager
                .valueUnder(kept.arn(), stage)
                .flatMap(Json::object)
                .orElse(Map.of()));
    }

    /** Somebody stores a value by hand, under these labels, and makes a version of it. */
    public String storedByHand(ManagedSecret kept, Map<String, ?> value, String... labels) {
        return storedText(kept, newVersion().value(), Json.text(value), labels);
    }

    /** Somebody stores this text as a version of this id, under these labels. */
    public String storedText(ManagedSecret kept, String version, String text, String... labels) {
        call("PutSecretValue", kept, Map.of("SecretString", text, "VersionStages", List.of(labels)), version);
        return version;
    }

    /** Somebody calls Secrets Manager about this stored secret. */
    public Map<String, Object> call(String operation, ManagedSecret kept, Map<String, Object> members) {
        var all = new LinkedHashMap<>(members);
        all.put("SecretId", kept.arn());
        return secretsManager.call(operation, all);
    }

    /** The same for an operation that makes a version of this id. */
    public Map<String, Object> call(String operation, ManagedSecret kept, Map<String, Object> members, String version) {
        var all = new LinkedHashMap<>(members);
        all.put("ClientRequestToken", version);
        return call(operation, kept, all);
    }

    /** Somebody changes these keys of the current value by hand. */
    public String changedByHand(ManagedSecret kept, Map<String, ?> changes) {
        var value = value(kept, "AWSCURRENT");
        value.putAll(changes);
        return storedByHand(kept, value, "AWSCURRENT");
    }

    /**
     * Somebody makes a secret in Atlas and, a minute later, puts its value into the stored one, and
     * no more.
     */
    public IssuedCredential pastedNew(ManagedSecret kept) {
        after(Duration.ofMinutes(1));
        var made = atlas.createSecret(kept.clientId(), 2160);
        after(Duration.ofMinutes(1));
        pasted(kept, made);
        return made;
    }

    /** Somebody replaces the clientSecret of the current value, and leaves what is beside it. */
    public String pasted(ManagedSecret kept, IssuedCredential secret) {
        return changedByHand(
                kept,
                Map.of(
                        value(kept, "AWSCURRENT").containsKey("client_secret") ? "client_secret" : "clientSecret",
                        secret.value()));
    }

    /** Somebody moves AWSCURRENT back to the version before. */
    public void rolledBack(ManagedSecret kept) {
        var from = version(kept, "AWSCURRENT").orElseThrow();
        var to = version(kept, "AWSPREVIOUS").orElseThrow();
        call(
                "UpdateSecretVersionStage",
                kept,
                Map.of("VersionStage", "AWSCURRENT", "MoveToVersionId", to, "RemoveFromVersionId", from));
    }

    /** The version under this label. */
    public Optional<String> version(ManagedSecret kept, String stage) {
        return secretsManager.versionUnder(kept.arn(), stage);
    }

    /** Somebody tags a stored secret. */
    public void tagged(ManagedSecret kept, String key, String text) {
        call("TagResource", kept, Map.of("Tags", List.of(Map.of("Key", key, "Value", text))));
    }

    /** An API key of the project may act for this account, since its tag says so. */
    public Testbed administered(ManagedSecret kept) {
        adminByKey();
        tagged(kept, TAG, kept.clientId());
        return this;
    }

    /** The error that this work ends in. */
    public static RotatorException failureOf(Runnable work) {
        try {
            work.run();
        } catch (RotatorException failure) {
            return failure;
        }
        throw new AssertionError("it did not fail");
    }

    /** What happened at Atlas to secrets of this account, oldest first. */
    public List<AtlasEvent> happened(ManagedSecret kept, AtlasEvent.What what) {
        return atlas.ledger().stream()
                .filter(event -> event.clientId().equals(kept.clientId()) && event.what() == what)
                .toList();
    }

    /** The version of an attempt: under AWSPENDING while AWSCURRENT is elsewhere. */
    public Optional<String> attempt(ManagedSecret kept) {
        return version(kept, "AWSPENDING")
                .filter(Predicate.not(version(kept, "AWSCURRENT").orElse("")::equals));
    }

    /** The names of the calls since a number of calls. */
    public List<String> operationsSince(int mark) {
        return calls.subList(mark, calls.size()).stream().map(Call::operation).toList();
    }

    /** The entry of the one account in an answer. */
    public static Map<?, ?> account(Map<String, Object> answer) {
        return answer.get("accounts") instanceof List<?> all && all.size() == 1 ? (Map<?, ?>) all.getFirst() : Map.of();
    }

    /** Whatever failed, as the answer tells it. */
    public static List<ReportEntry> failed(Map<String, Object> answer) {
        return ReportEntry.of(answer).filter(ReportEntry::isFailed).toList();
    }

    /** Has Secrets Manager rotate it by this function. */
    public Testbed rotatedBySecretsManager(ManagedSecret kept) {
        secretsManager.configureRotation(kept.arn(), FUNCTION);
        secretsManager.attach(FUNCTION, event -> {
            handle(Json.text(event));
        });
        return this;
    }

    public Testbed after(Duration time) {
        this.time.advance(time);
        return this;
    }

    /** Invokes the function, which has five minutes. */
    public String handle(String event) {
        return handle(event, Duration.ofMinutes(5));
    }

    public String handle(String event, Duration time) {
        return handle(event, FUNCTION, time);
    }

    /** The same for a function of another name, as Lambda tells it to an invocation through the alias. */
    public String handle(String event, String function, Duration time) {
        return wiring().rotator().handle(event, Optional.of(function + ":live"), Deadline.in(time, this.time));
    }

    /** The same on an operator's machine, where no function's ARN is known. */
    public String handleOnMachine(String event) {
        return wiring().rotator().handle(event, Optional.empty(), Deadline.in(Duration.ofMinutes(15), this.time));
    }

    public Map<String, Object> answer(String event) {
        return Json.object(handle(event)).orElseThrow();
    }

    public String step(String step, ManagedSecret kept, String token) {
        return handle("""
            {"Step":"%s","SecretId":"%s","ClientRequestToken":"%s","RotationToken":"%s"}\
            """.formatted(step, kept.arn(), token, ROTATION_TOKEN));
    }

    /** The error that this step ends in. */
    public RotatorException failure(String step, ManagedSecret kept, String token) {
        return failureOf(() -> step(step, kept, token));
    }

    /** 36 characters, as Secrets Manager's own; it must never show. */
    public static final String ROTATION_TOKEN = "rotation-token-must-never-be-printed-0";

    /**
     * Registers a rotation as Secrets Manager does, without running it: the test calls the steps.
     */
    public String begin(ManagedSecret kept) {
        secretsManager.configureRotation(kept.arn(), FUNCTION);
        var token = newVersion().value();
        call("RotateSecret", kept, Map.of(), token);
        return token;
    }

    /** Asks Secrets Manager to test the rotation, and runs that. */
    public RotationOutcome.End testedBySecretsManager(ManagedSecret kept) {
        rotatedBySecretsManager(kept);
        call(
                "RotateSecret",
                kept,
                Map.of("RotateImmediately", false),
                newVersion().value());
        return secretsManager.runRotations().getFirst().end();
    }

    /** A whole rotation, by Secrets Manager's four steps or in one run. */
    public void rotate(ManagedSecret kept, boolean bySecretsManager) {
        if (bySecretsManager) {
            rotatedBySecretsManager(kept);
            rotate(kept, begin(kept));
        } else if (!Answer.rotate(this, kept).failed().isEmpty()) {
            throw new AssertionError("the rotation failed");
        }
    }

    /** The four steps. */
    public void rotate(ManagedSecret kept, String token) {
        for (String step : List.of("createSecret", "setSecret", "testSecret", "finishSecret")) {
            step(step, kept, token);
        }
    }

    /**
     * The Atlas secret that AWSCURRENT holds, as Atlas knows it; empty where it signs nobody in.
     */
    public Optional<String> currentAtAtlas(ManagedSecret kept) {
        return stored(kept, "AWSCURRENT", "clientSecret")
                .or(() -> stored(kept, "AWSCURRENT", "client_secret"))
                .flatMap(secret -> atlas.secretOf(kept.clientId(), secret));
    }

    /** The same where it must authenticate. */
    public String current(ManagedSecret kept) {
        return currentAtAtlas(kept).orElseThrow();
    }

    /** The value of this field under a label. */
    public Optional<String> stored(ManagedSecret kept, String stage, String field) {
        return secretsManager
                .valueUnder(kept.arn(), stage)
                .flatMap(Json::object)
                .map(json -> json.get(field))
                .map(String::valueOf);
    }

    /** Whether what AWSCURRENT holds signs in: promise 1. */
    public boolean currentWorks(ManagedSecret kept) {
        return currentAtAtlas(kept).isPresent();
    }

    public List<AtlasSecret> atAtlas(ManagedSecret kept) {
        return atlas.secrets(kept.clientId());
    }

    public List<String> idsAtAtlas(ManagedSecret kept) {
        return atAtlas(kept).stream().map(secret -> secret.id()).toList();
    }

    /** When the account's secret of this id expires. */
    public Instant expiryAtAtlas(ManagedSecret kept, String id) {
        return atAtlas(kept).stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow()
                .expiresAt();
    }

    /** How many calls this service has had since a number of calls. */
    public long callsSince(int mark, Call.Service service) {
        return calls.subList(mark, calls.size()).stream()
                .filter(call -> call.service() == service)
                .count();
    }

    public VersionId newVersion() {
        return new VersionId("00000000-0000-4000-8000-%012d".formatted(versions.incrementAndGet()));
    }

    private Wiring wiring() {
        if (wiring.isEmpty()) {
            wiring = Optional.of(start());
        }
        return wiring.get();
    }

    /** It holds nothing between calls, and building one is slow: a restart keeps it. */
    private SecretsManagerClient client() {
        if (client.isEmpty()) {
            client = Optional.of(client(beforeSecretsManager.apply(new InProcessSecretsManager(secretsManager))));
        }
        return client.get();
    }

    /**
     * The SDK's client over a stand-in. Tests make thousands and need not close them: each would start five threads of
     * its own, for timeouts that are not set.
     */
    public static SecretsManagerClient client(SdkHttpClient http) {
        var builder = AwsEnvironment.withoutRetries(SecretsManagerClient.builder());
        var configuration = builder.overrideConfiguration().toBuilder()
                .scheduledExecutorService(TIMEOUTS)
                .build();
        return builder.overrideConfiguration(configuration)
                .region(Region.EU_CENTRAL_1)
                .credentialsProvider(AnonymousCredentialsProvider.create())
                .httpClient(http)
                .build();
    }

    private Wiring start() {
        var chance = new Random(42);
        var log = new Log(lines::add, time);
        var retrier = new Retrier(time, chance);
        var vault = new SdkSecretVault(client(), retrier, log, time, 1);
        var accounts = new HttpServiceAccounts(
                new HttpServiceAccounts.Endpoint(
                        new InProcessAtlas(beforeAtlas.apply(atlas), time),
                        URI.create("https://cloud.mongodb.com"),
                        HttpServiceAccounts.userAgent("test", "Linux", "amd64")),
                retrier,
                log,
                time,
                chance);
        return Wiring.of(
                Settings.from(environment),
                vault,
                accounts,
                queue,
                new Wiring.Platform(time, time, chance, this::newVersion, lines::add));
    }
}
