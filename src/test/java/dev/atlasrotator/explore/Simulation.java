package dev.atlasrotator.explore;

import dev.atlasrotator.Settings;
import dev.atlasrotator.credential.AtlasCredential;
import dev.atlasrotator.explore.Broken.Promise;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.secretsmanager.SecretVault.Reading;
import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.VirtualTime;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.simulator.atlas.IssuedCredential;
import dev.atlasrotator.simulator.secretsmanager.InProcessSecretsManager;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerModel;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings;
import dev.atlasrotator.testbed.Testbed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * One history: both services, the time, the runs of the function that are under way, and whoever
 * watches. The scheduler lets one run at a time make one call; after each the {@link InvariantChecker} checks
 * it.
 */
final class Simulation {
    static final Instant START = Instant.parse("2026-06-01T08:00:00Z");
    static final String TAG = "atlas-secret-rotator";
    static final String ROTATION_TOKEN = "rotation-token-must-never-be-printed-0";

    /** What a run must have left when its create is decided on. */
    static final Duration CREATE_NEEDS = Duration.ofSeconds(60);

    /** What it must have left when the create is on the wire: a store and an undo. */
    static final Duration STORE_NEEDS = Duration.ofSeconds(30);

    private static final int PERSON = 0xfff;

    /** Other people's accounts, which an admin finds in a list, and which look as none of ours. */
    private static final String OTHER_ACCOUNTS = """
        {"clientId":"mdb_sa_id_66b0c0de1111111111111111"},
        {"clientId":"mdb_sa_id_66b0c0de2222222222222222","secrets":null},
        {"clientId":"mdb_sa_id_66b0c0de3333333333333333",
         "secrets":[{"id":"66b0c0de4444444444444444","createdAt":"yesterday","expiresAt":null}]}\
        """;

    /** What some searches have beside the rest. */
    enum Extra {
        /** Admins find other people's accounts in their lists. */
        OTHERS_LISTED,
        /** Once a call of a run has failed, all its later ones fail as well: the service is down. */
        FAULTS_LAST,
        /** Secrets Manager tries nothing again by itself: the next sweep alone finishes or undoes what a run has left. */
        SWEEPS_ALONE
    }

    /** How a universe is made. */
    record Conditions(
            Environment.Ports ports,
            boolean waitingTakesTime,
            boolean rememberWhatIsLearned,
            Map<String, String> environment,
            SecretsManagerSettings.AbandonedLabel abandonedLabel,
            SecretsManagerSettings.RetriedRotation retriedRotation,
            Duration skew,
            Duration lag,
            Set<Extra> extras,
            Wire.Failing failing) {
        static Conditions exhaustive() {
            return new Conditions(
                    Environment.Ports.DIRECT,
                    false,
                    true,
                    Map.of(),
                    SecretsManagerSettings.AbandonedLabel.STAYS,
                    SecretsManagerSettings.RetriedRotation.REFUSED_AND_RETRIED,
                    Duration.ZERO,
                    Duration.ZERO,
                    Set.of(),
                    Wire.Failing.SILENT);
        }

        /** The same through the adapters; what goes on in them is not remembered. */
        static Conditions throughAdapters(Wire.Failing failing) {
            return new Conditions(
                    Environment.Ports.REAL,
                    true,
                    false,
                    Map.of(),
                    SecretsManagerSettings.AbandonedLabel.STAYS,
                    SecretsManagerSettings.RetriedRotation.REFUSED_AND_RETRIED,
                    Duration.ZERO,
                    Duration.ZERO,
                    Set.of(),
                    failing);
        }

        Conditions with(Map<String, String> settings) {
            return new Conditions(
                    ports,
                    waitingTakesTime,
                    rememberWhatIsLearned,
                    settings,
                    abandonedLabel,
                    retriedRotation,
                    skew,
                    lag,
                    extras,
                    failing);
        }

        /** Atlas's clock so far ahead, and {@code lastUsedAt} so late. */
        Conditions with(Duration ahead, Duration late) {
            return new Conditions(
                    ports,
                    waitingTakesTime,
                    rememberWhatIsLearned,
                    environment,
                    abandonedLabel,
                    retriedRotation,
                    ahead,
                    late,
                    extras,
                    failing);
        }

        Conditions with(Extra extra) {
            return new Conditions(
                    ports,
                    waitingTakesTime,
                    rememberWhatIsLearned,
                    environment,
                    abandonedLabel,
                    retriedRotation,
                    skew,
                    lag,
                    Set.of(extra),
                    failing);
        }
    }

    final Conditions conditions;
    final Settings settings;
    final VirtualTime time;
    final AtlasModel atlas;
    final SecretsManagerModel secretsManager;
    final List<AtlasAccount> accounts = new ArrayList<>();
    final List<Stored> stored = new ArrayList<>();
    final List<Run> runs = new ArrayList<>();
    final List<String> timeline = new ArrayList<>();
    final InvariantChecker invariants = new InvariantChecker(this);
    final Operator operator = new Operator(this);
    private final List<Environment> environments = new ArrayList<>();
    private final Map<Integer, Integer> ids = new HashMap<>();
    private final Map<String, String> valueNames = new HashMap<>();
    private final String organization;
    private final boolean tells;
    private final int environmentsBefore;
    private @Nullable IssuedCredential admin;
    private @Nullable Run moving;
    private @Nullable SecretsManagerClient client;
    private boolean readsAreStale;
    private Duration staleness = Duration.ofMillis(1);
    private int tokens;
    private long madeBefore;
    private @Nullable Broken broken;

    /**
     * A universe without accounts.
     *
     * @param tells whether it writes its timeline down
     */
    Simulation(Conditions conditions, boolean tells) {
        this.conditions = conditions;
        this.tells = tells;
        this.settings = Settings.from(conditions.environment());
        this.time = new VirtualTime(START);
        this.environmentsBefore = 0;
        this.atlas = new AtlasModel(time, number -> nextId())
                .skew(conditions.skew())
                .rules(rules -> rules.lastUsedLag(conditions.lag()));
        this.secretsManager = new SecretsManagerModel(vaultSettings());
        this.organization = atlas.addOrganization();
        atlas.faults(this::onWire);
        secretsManager.inject(this::onWire);
        secretsManager.attach(Environment.function(), event -> {});
    }

    /** The same universe, which goes its own way from now on. No run may be under way. */
    Simulation(Simulation from, boolean tells) {
        this.conditions = from.conditions;
        this.tells = tells;
        this.settings = from.settings;
        this.time = new VirtualTime(from.time.instant());
        this.atlas = from.atlas.copy(time, number -> nextId());
        this.secretsManager = from.secretsManager.copy(from.vaultSettings().withClock(time));
        this.organization = from.organization;
        var copies = new HashMap<AtlasAccount, AtlasAccount>();
        from.accounts.forEach(account -> copies.computeIfAbsent(account, AtlasAccount::copy));
        from.accounts.forEach(account -> accounts.add(copies.get(account)));
        from.stored.forEach(one -> stored.add(one.copy(copies.get(one.home))));
        from.operator.copyTo(operator);
        from.invariants.copyTo(invariants);
        this.ids.putAll(from.ids);
        this.environmentsBefore = from.environmentsBefore + from.environments.size();
        this.tokens = from.tokens;
        this.admin = from.admin;
        this.madeBefore = from.madeBefore;
        this.timeline.addAll(from.timeline);
        atlas.faults(this::onWire);
        secretsManager.inject(this::onWire);
    }

    private SecretsManagerSettings vaultSettings() {
        return SecretsManagerSettings.at(time)
                .withoutLedger()
                .with(conditions.abandonedLabel())
                .with(conditions.retriedRotation());
    }

    /** Ids tell who made what, and how many before, and nothing of what others did meanwhile. */
    private String nextId() {
        var maker = moving;
        int who = maker == null || maker.isAPersons() ? PERSON : maker.environment.number;
        int count = ids.merge(who, 1, Integer::sum);
        return "66b0c0de%04x%012x".formatted(who, count);
    }

    // --- people and things

    /** How an account begins. */
    record Beginning(
            String name, Duration age, boolean bySecretsManager, boolean recorded, String tag, boolean isAttackers) {
        static Beginning of(String name, Duration age, boolean bySecretsManager) {
            return new Beginning(name, age, bySecretsManager, true, "true", false);
        }
    }

    Stored account(Beginning beginning) {
        var project = new AtlasScope.Project(atlas.addProject(organization));
        var clientId = atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
        var first = atlas.secretFromThePast(clientId, time.instant().minus(beginning.age()), 2160);
        var value = new LinkedHashMap<String, Object>();
        value.put("clientId", clientId);
        value.put("clientSecret", first.value());
        value.put("groupId", project.id());
        if (beginning.recorded()) {
            value.put("secretId", first.id());
        }
        var tag = beginning.tag().equals("clientId") ? clientId : beginning.tag();
        if (conditions.extras().contains(Extra.OTHERS_LISTED)) {
            atlas.otherAccounts(project, OTHER_ACCOUNTS);
        }
        var account = new AtlasAccount(clientId, project.id());
        accounts.add(account);
        return stored(beginning, account, Json.text(value), tag);
    }

    private Stored stored(Beginning beginning, AtlasAccount account, String text, String tagValue) {
        var arn = secretsManager.seed(beginning.name(), text, Map.of(TAG, tagValue));
        if (beginning.bySecretsManager()) {
            secretsManager.configureRotation(arn, Environment.function());
        }
        var made = new Stored(beginning.name(), arn, account, beginning.bySecretsManager(), beginning.isAttackers());
        stored.add(made);
        invariants.observe();
        return made;
    }

    /** Another managed stored secret with the value that this one holds. */
    Stored copyOf(Stored one, String name, boolean bySecretsManager) {
        return stored(
                Beginning.of(name, Duration.ZERO, bySecretsManager),
                one.home,
                secretsManager.valueUnder(one.arn, "AWSCURRENT").orElseThrow(),
                "true");
    }

    /** The Atlas secret with this value, whosever it is. */
    Optional<Life> lifeOf(String value) {
        for (AtlasAccount account : accounts) {
            var life = account.withValue(value);
            if (life.isPresent()) {
                return life;
            }
        }
        return Optional.empty();
    }

    /** The account whose credential is stored there now, or is said to be. */
    AtlasAccount accountOf(Stored one) {
        return invariants
                .currentLife(one)
                .map(life -> life.account)
                .or(() -> accountNamedIn(one))
                .orElse(one.home);
    }

    Optional<AtlasAccount> accountNamedIn(Stored one) {
        var text = secretsManager.valueUnder(one.arn, "AWSCURRENT").orElse("");
        return accounts.stream()
                .filter(account -> text.contains(account.clientId))
                .findFirst();
    }

    /** Stores an admin credential under the name {@code admin}. */
    void admin() {
        var key = atlas.addApiKey(new AtlasScope.Organization(organization), AtlasModel.ORG_OWNER);
        admin = key;
        secretsManager.seed("admin", Json.text(Map.of("publicKey", key.id(), "privateKey", key.value())), Map.of());
        invariants.mustNotBePrinted(key.value());
    }

    boolean isAdmin(AtlasCredential.ApiKey key) {
        var known = admin;
        return known != null
                && known.id().equals(key.publicKey())
                && known.value().equals(key.privateKey().reveal());
    }

    boolean hasAdmin() {
        return admin != null;
    }

    // --- runs

    Environment environment() {
        var environment =
                new Environment(this, environmentsBefore + environments.size() + 1, conditions.ports(), settings);
        environments.add(environment);
        return environment;
    }

    /** The SDK's client, which remembers nothing from one call to the next. */
    SecretsManagerClient client() {
        var opened = client;
        if (opened == null) {
            opened = Testbed.client(new InProcessSecretsManager(secretsManager));
            client = opened;
        }
        return opened;
    }

    /** An environment that serves nobody now, where one is kept. */
    Optional<Environment> idleEnvironment() {
        return environments.stream()
                .filter(environment -> environment.isIdle() && !environment.isDead())
                .findFirst();
    }

    Run run(String name, Environment environment, boolean revokes, Run.Body body) {
        var run = new Run(name, environment, revokes, body);
        environment.serve(run);
        runs.add(run);
        note(() -> name + " begins");
        return run;
    }

    /** One invocation with this event. */
    Run invocation(String name, Environment environment, boolean revokes, String event) {
        var run = run(name, environment, revokes, self -> invariants.answered(self, environment.handle(event)));
        run.decidesOnce = true;
        return run;
    }

    /** The schedule's. */
    Run sweep(String name) {
        return invocation(name, environment(), false, "{\"action\":\"sweep\"}");
    }

    /** An operator's rotation of this one. */
    Run rotate(String name, Environment environment, Stored of) {
        return about(of, invocation(name, environment, false, rotateEvent(of, Map.of())));
    }

    /**
     * An operator's revocation.
     *
     * @param leaked the Atlas secret that it names; empty where it means all that are old
     */
    Run revoke(String name, Environment environment, Stored of, Optional<Life> leaked) {
        var living = leaked.map(List::of).orElseGet(() -> accountOf(of).living());
        // Whoever finishes this run may take what its operator wanted gone.
        living.forEach(life -> life.isWantedGone = true);
        var event = rotateEvent(
                of,
                leaked.<Map<String, Object>>map(life -> Map.of("leaked", life.id))
                        .orElse(Map.of("revokeOld", true)));
        var run = about(of, invocation(name, environment, true, event));
        run.leaked = leaked;
        return run;
    }

    private static String rotateEvent(Stored of, Map<String, Object> more) {
        var event = new LinkedHashMap<String, Object>(more);
        event.put("action", "rotate");
        event.put("secretId", of.arn);
        return Json.text(event);
    }

    private static Run about(Stored of, Run run) {
        run.of = Optional.of(of);
        return run;
    }

    /** Something that a person does, at any time beside the runs. */
    void person(String what, Runnable act) {
        run("a person " + what, environment(), false, self -> {
            self.before(Remote.BY_HAND, what);
            act.run();
        });
    }

    /** Secrets Manager goes through the four steps, until one fails. */
    Run rotation(String name, Environment environment, Stored of, String token) {
        return about(of, run(name, environment, false, self -> {
            for (String step : List.of("createSecret", "setSecret", "testSecret", "finishSecret")) {
                environment.handle(Json.text(Map.of(
                        "Step",
                        step,
                        "SecretId",
                        of.arn,
                        "ClientRequestToken",
                        token,
                        "RotationToken",
                        ROTATION_TOKEN)));
                if (!hasAdmin()) {
                    self.forget(step);
                }
            }
        }));
    }

    /** Lets this run make its next call, with this outcome, and looks at what has come of it. */
    void go(Run run, CallOutcome verdict) {
        if (tells && run.hasBegun() && !run.isOver()) {
            note(() -> run.name + ": " + run.call() + " " + verdict);
        }
        if (run.hasBegun() && !run.isOver()) {
            invariants.before(run, verdict);
        }
        moving = run;
        madeBefore++;
        try {
            run.go(verdict);
        } finally {
            moving = null;
        }
        invariants.observe(Optional.of(run).filter(made -> !made.isAPersons()));
        if (run.isOver()) {
            note(() -> run.name + " is over" + (run.isDead() ? ": it died" : endOf(run)));
            invariants.ended(run);
        }
    }

    private static String endOf(Run run) {
        return run.end()
                .map(end -> ": " + end.getClass().getSimpleName() + (Run.isDeclared(end) ? " " + end.getMessage() : ""))
                .orElse("");
    }

    void kill(Run run) {
        if (!run.isOver()) {
            note(() -> run.name + " is killed");
            // Where the SDK takes the death for a failure, the next call dies as well.
            moving = run;
            try {
                run.kill();
            } finally {
                moving = null;
            }
        }
        runs.remove(run);
    }

    /** Nothing more will happen here. */
    void end() {
        List.copyOf(runs).forEach(this::kill);
        var opened = client;
        if (opened != null) {
            opened.close();
        }
    }

    void killAll() {
        for (Run run : List.copyOf(runs)) {
            if (run.hasBegun()) {
                kill(run);
            }
        }
    }

    /** Lets a run go on to its end with nothing going wrong. */
    void finish(Run run) {
        while (!run.isOver() && !isBroken()) {
            go(run, CallOutcome.PASSES);
        }
        kill(run);
    }

    String newToken() {
        return "11111111-0000-4000-8000-%012x".formatted(++tokens);
    }

    /** How many calls there were in all. */
    long calls() {
        return madeBefore;
    }

    // --- time

    void sleep(Duration pause) {
        if (conditions.waitingTakesTime()) {
            time.advance(pause);
        }
    }

    void pass(Duration span) {
        note(() -> "      " + spoken(span) + " pass");
        time.advance(span);
    }

    static String spoken(Duration span) {
        return span.toString().substring(2).toLowerCase(java.util.Locale.ROOT);
    }

    // --- the wire

    void readsAreStale(boolean stale) {
        readsAreStale = stale;
    }

    void staleness(Duration age) {
        staleness = age;
    }

    /** With the real adapters the calls come by here, and stop here. */
    private Fault onWire(Call call) {
        if (readsAreStale) {
            return new Fault.Stale(staleness);
        }
        var run = moving;
        if (conditions.ports() == Environment.Ports.DIRECT || run == null || run.isAPersons()) {
            return new Fault.None();
        }
        run.describes(call.subject());
        var verdict = run.before(Remote.of(call), call.operation() + " " + tail(call.subject()));
        if (call.operation().equals("createSecret")
                && verdict != CallOutcome.FAILS
                && verdict != CallOutcome.IS_REFUSED) {
            checkTimeForCreate(run, STORE_NEEDS);
        }
        if (verdict == CallOutcome.KILLS_AFTERWARDS) {
            run.dieSoon();
        }
        return Wire.fault(verdict, call.service(), conditions.failing(), staleness);
    }

    private static String tail(String subject) {
        return subject.length() <= 8 ? subject : subject.substring(subject.length() - 8);
    }

    void checkTimeForCreate(Run run, Duration needs) {
        var left = run.leftAtCall();
        if (left.compareTo(needs) < 0) {
            broken(Promise.CREATE_CAN_BE_ENDED, run.name + " creates a secret with " + left.toSeconds() + " s left");
        }
    }

    // --- looking

    /** A line that the function has printed. */
    void printed(Environment by, String line) {
        if (by.run().isDead()) {
            return;
        }
        invariants.printed(line);
    }

    void broken(Promise promise, String how) {
        if (broken == null) {
            broken = new Broken(promise, how);
            note(() -> "!!!! " + how);
        }
    }

    boolean isBroken() {
        return broken != null;
    }

    Optional<Broken> broken() {
        return Optional.ofNullable(broken);
    }

    void note(java.util.function.Supplier<String> line) {
        if (tells) {
            timeline.add(time.instant() + "  " + line.get());
        }
    }

    /** A value by what it holds, not by its letters. */
    String nameOfValue(String text) {
        return valueNames.computeIfAbsent(
                text,
                some -> Stored.clientSecret(some)
                        .flatMap(this::lifeOf)
                        .map(life -> life.id + recordedId(some, life))
                        .orElse(Integer.toHexString(some.hashCode())));
    }

    /** People write ids that belong to another value, or none. */
    private static String recordedId(String text, Life life) {
        return text.contains("\"" + life.id + "\"") ? "" : " in " + Integer.toHexString(text.hashCode());
    }

    /** An answer, with the values in it by their names. */
    String inWords(Object answer) {
        if (!conditions.rememberWhatIsLearned()) {
            return "";
        }
        return answer instanceof Reading.Found(var version)
                ? answer + nameOfValue(version.text().reveal())
                : answer.toString();
    }

    /** All that the future depends on. */
    String state() {
        var text = new StringBuilder(1024);
        text.append(time.instant().getEpochSecond());
        for (AtlasAccount one : accounts) {
            one.there.forEach(secret -> text.append(secret.id())
                    .append(secret.createdAt().getEpochSecond())
                    .append('-')
                    .append(secret.expiresAt().getEpochSecond())
                    .append(secret.lastUsedAt()));
            for (Life life : one.lives.values()) {
                life.superseded.ifPresent(at -> text.append(life.id).append(at));
            }
        }
        text.append(secretsManager.fingerprint(this::nameOfValue));
        text.append(operator.heard());
        for (Run run : runs) {
            text.append(run.name);
            if (run.hasBegun()) {
                text.append(run.history()).append(run.call());
            }
        }
        return text.toString();
    }
}
