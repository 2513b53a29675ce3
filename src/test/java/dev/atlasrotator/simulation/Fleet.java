package dev.atlasrotator.simulation;

import dev.atlasrotator.Settings;
import dev.atlasrotator.Wiring;
import dev.atlasrotator.atlas.HttpServiceAccounts;
import dev.atlasrotator.aws.AwsEnvironment;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.secretsmanager.SdkSecretVault;
import dev.atlasrotator.secretsmanager.VersionId;
import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.ScaledTime;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasOutcome;
import dev.atlasrotator.simulator.atlas.AtlasRules;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.simulator.atlas.AtlasService;
import dev.atlasrotator.simulator.atlas.InProcessAtlas;
import dev.atlasrotator.simulator.secretsmanager.InProcessSecretsManager;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerModel;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings;
import dev.atlasrotator.simulator.sqs.InProcessSqs;
import dev.atlasrotator.sqs.SqsWorkQueue;
import dev.atlasrotator.sweep.WorkQueue;
import dev.atlasrotator.testbed.Testbed;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * A fleet of stored secrets over both stand-ins, whose quotas are the services' own and whose calls
 * take as long as they do there. Every call is counted, by operation and by whom it is about.
 */
final class Fleet {
    static final Duration SECRETS_MANAGER_CALL = Duration.ofMillis(5);
    static final Duration ATLAS_CALL = Duration.ofMillis(60);
    private static final String QUEUE = "https://sqs.eu-central-1.amazonaws.com/1/work";
    static final String TAG = "atlas-secret-rotator";

    /** An account and its stored secret. */
    record Member(String arn, String clientId, boolean due) {}

    final ScaledTime time;
    final AtlasModel atlas;
    final SecretsManagerModel secretsManager;
    final InProcessSqs sqs = new InProcessSqs(5);
    final List<Member> members = new ArrayList<>();
    final List<String> projects = new ArrayList<>();
    final String organization;
    private final String admin;

    private final Map<String, String> environment = new HashMap<>(Map.of("ROTATIONS_PER_SWEEP", "10000"));
    private final Map<String, Map<String, AtomicInteger>> calls = new ConcurrentHashMap<>();
    private final Map<String, Instant> promoted = new ConcurrentHashMap<>();
    private final AtomicInteger throttles = new AtomicInteger();
    private final AtomicInteger lines = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    /**
     * What a fleet is like.
     *
     * @param start when its time begins
     * @param size how many stored secrets
     * @param projects over how many projects they are spread, in turn
     * @param factor how many times faster than the machine's its time runs
     * @param dueInThousand of how many of them the current secret is older than the 30 days after
     *     which it is rotated
     * @param byAdmin of how many in ten the stored value names an admin credential
     */
    record Shape(
            Instant start,
            int size,
            int projects,
            int factor,
            int dueInThousand,
            int byAdmin,
            Duration secretsManagerCall,
            Duration atlasCall) {}

    /** A fleet whose calls take as long as they do, and of which three in a hundred are due. */
    Fleet(int size, int projects, int factor) {
        this(new Shape(
                Instant.parse("2026-06-01T08:00:00Z"),
                size,
                projects,
                factor,
                30,
                0,
                SECRETS_MANAGER_CALL,
                ATLAS_CALL));
    }

    Fleet(Shape shape) {
        time = new ScaledTime(shape.start(), shape.factor());
        atlas = new AtlasModel(time)
                .rules(rules -> rules.rateLimits(AtlasRules.RateLimits.ON))
                .faults(call -> {
                    count(call);
                    return new Fault.Slow(shape.atlasCall());
                });
        secretsManager = new SecretsManagerModel(SecretsManagerSettings.at(time)
                .withSleeper(time)
                .withLatency(shape.secretsManagerCall())
                .withQuota()
                .withoutLedger());
        secretsManager.inject(call -> {
            count(call);
            return new Fault.None();
        });
        organization = atlas.addOrganization();
        for (int i = 0; i < shape.projects(); i++) {
            projects.add(atlas.addProject(organization));
        }
        admin = storedAdmin();
        for (int i = 0; i < shape.size(); i++) {
            boolean due = i * shape.dueInThousand() % 1000 < shape.dueInThousand();
            member(
                    i,
                    projects.get(i % shape.projects()),
                    Duration.ofDays(due ? 40 : 1 + i % 28),
                    due,
                    i % 10 < shape.byAdmin());
        }
    }

    /** A service account that owns the organization, in a stored secret that is not swept. */
    private String storedAdmin() {
        var clientId = atlas.addServiceAccount(new AtlasScope.Organization(organization), AtlasModel.ORG_OWNER);
        var secret = atlas.createSecret(clientId, 2160);
        return secretsManager.seed(
                "admin", Json.text(Map.of("clientId", clientId, "clientSecret", secret.value())), Map.of());
    }

    private void member(int number, String project, Duration age, boolean due, boolean byAdmin) {
        var clientId = atlas.addServiceAccount(new AtlasScope.Project(project), AtlasModel.PROJECT_OWNER);
        var first = atlas.secretFromThePast(clientId, time.instant().minus(age), 2160);
        var value = new LinkedHashMap<String, Object>();
        value.put("clientId", clientId);
        value.put("clientSecret", first.value());
        value.put("groupId", project);
        value.put("secretId", first.id());
        if (byAdmin) {
            value.put("adminSecretArn", admin);
        }
        var arn = secretsManager.seed("prod/atlas/%05d".formatted(number), Json.text(value), Map.of(TAG, clientId));
        members.add(new Member(arn, clientId, due));
    }

    /** From now on that is everybody's admin credential. */
    Fleet withAdmin() {
        return setting("ADMIN_SECRET_ID", admin);
    }

    Fleet setting(String name, String value) {
        environment.put(name, value);
        return this;
    }

    private void count(Call call) {
        calls.computeIfAbsent(call.operation(), operation -> new ConcurrentHashMap<>())
                .computeIfAbsent(call.subject(), subject -> new AtomicInteger())
                .incrementAndGet();
        if (call.operation().equals("UpdateSecretVersionStage")) {
            promoted.put(call.subject(), time.instant());
        }
    }

    /** When each stored secret that was rotated got its label AWSCURRENT, the first one first. */
    List<Instant> promotions() {
        return promoted.values().stream().sorted().toList();
    }

    /** How often this was called. */
    int calls(String operation) {
        return calls.getOrDefault(operation, Map.of()).values().stream()
                .mapToInt(AtomicInteger::get)
                .sum();
    }

    /** How often this was called about one stored secret or account. */
    int calls(String operation, String subject) {
        var of = calls.getOrDefault(operation, Map.of()).get(subject);
        return of == null ? 0 : of.get();
    }

    /** All calls, by operation. */
    Map<String, Integer> calls() {
        var all = new TreeMap<String, Integer>();
        calls.keySet().forEach(operation -> all.put(operation, calls(operation)));
        return all;
    }

    /** How often a service has answered that it is too much, as the function's own log tells. */
    int throttles() {
        return throttles.get();
    }

    int lines() {
        return lines.get();
    }

    /** How long the function's log is, with its line breaks. */
    long bytes() {
        return bytes.get();
    }

    /** Whether what AWSCURRENT holds signs in at Atlas. */
    boolean currentWorks(Member member) {
        return secretsManager
                .valueUnder(member.arn(), "AWSCURRENT")
                .flatMap(Json::object)
                .map(value -> String.valueOf(value.get("clientSecret")))
                .filter(secret -> atlas.auth(member.clientId(), secret))
                .isPresent();
    }

    /** How many secrets the account has at Atlas. */
    int secrets(Member member) {
        return atlas.secrets(member.clientId()).size();
    }

    /** A process of the function's. */
    Wiring start(boolean enqueues, int seed) {
        var chance = new Random(seed);
        var log = new Log(this::line, time);
        var retrier = new Retrier(time, chance);
        if (enqueues) {
            setting("WORK_QUEUE_URL", QUEUE);
        }
        var settings = Settings.from(environment);
        var vault = new SdkSecretVault(
                Testbed.client(new InProcessSecretsManager(secretsManager)), retrier, log, time, settings.runs());
        var accounts = new HttpServiceAccounts(
                new HttpServiceAccounts.Endpoint(
                        new InProcessAtlas(countedAtlas(), time),
                        URI.create("https://cloud.mongodb.com"),
                        HttpServiceAccounts.userAgent("test", "Linux", "amd64")),
                retrier,
                log,
                time,
                chance);
        Optional<WorkQueue> queue = enqueues
                ? Optional.of(new SqsWorkQueue(
                        () -> AwsEnvironment.withoutRetries(SqsClient.builder())
                                .region(Region.EU_CENTRAL_1)
                                .credentialsProvider(AnonymousCredentialsProvider.create())
                                .httpClient(sqs)
                                .build(),
                        QUEUE,
                        retrier,
                        log,
                        time))
                : Optional.empty();
        return Wiring.of(
                settings,
                vault,
                accounts,
                queue,
                new Wiring.Platform(
                        time,
                        time,
                        chance,
                        () -> new VersionId(UUID.randomUUID().toString()),
                        this::line));
    }

    /** Atlas, with what it throttles counted. */
    AtlasService countedAtlas() {
        return request -> {
            var outcome = atlas.exchange(request);
            if (outcome instanceof AtlasOutcome.Answered answered
                    && answered.answer().status() == 429) {
                throttles.incrementAndGet();
            }
            return outcome;
        };
    }

    /** Takes a line of the function's log. */
    void line(String line) {
        lines.incrementAndGet();
        bytes.addAndGet(line.getBytes(StandardCharsets.UTF_8).length + 1);
        if (line.contains("ThrottlingException") || line.contains("RequestThrottled")) {
            throttles.incrementAndGet();
        }
    }

    /** Has the function handle this event within so much time, and answers its report. */
    Map<String, Object> handle(Wiring function, String event, Duration within) {
        return Json.object(function.rotator().handle(event, Optional.empty(), Deadline.in(within, time)))
                .orElseThrow();
    }
}
