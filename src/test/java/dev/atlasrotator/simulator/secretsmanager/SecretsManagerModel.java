package dev.atlasrotator.simulator.secretsmanager;

import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Faults;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * AWS Secrets Manager as a state machine in memory, without a socket. It keeps the service's rules
 * as its answers were recorded, and where they are not written anywhere its {@link
 * SecretsManagerSettings} choose. One lock guards it; faults, waits and rotation functions run
 * outside that lock, so that they may call the model themselves.
 */
public final class SecretsManagerModel {
    private final SecretsManagerSettings settings;
    private final SecretsCore core;
    private final SecretValues values;
    private final SecretListing listing;
    private final SecretLifecycle lifecycle;
    private final SecretRotation rotation;
    private final SecretsQuota quota;
    private final List<SecretsLedgerEntry> ledger = new ArrayList<>();
    private final Map<SecretsOperation, Integer> counts = new EnumMap<>(SecretsOperation.class);
    private int calls;
    private volatile Faults faults = Faults.none();

    /** An empty account. */
    public SecretsManagerModel(SecretsManagerSettings settings) {
        this.settings = settings;
        this.core = new SecretsCore(settings);
        this.values = new SecretValues(core);
        this.listing = new SecretListing(core);
        this.lifecycle = new SecretLifecycle(core, values);
        this.rotation = new SecretRotation(core);
        this.quota = new SecretsQuota();
    }

    private SecretsManagerModel(SecretsManagerModel from, SecretsManagerSettings settings) {
        this.settings = settings;
        this.core = from.core.copy(settings);
        this.values = new SecretValues(core);
        this.listing = new SecretListing(core);
        this.lifecycle = new SecretLifecycle(core, values);
        this.rotation = from.rotation.copy(core);
        this.quota = from.quota.copy();
        this.ledger.addAll(from.ledger);
        this.counts.putAll(from.counts);
        this.calls = from.calls;
        this.faults = from.faults;
    }

    // --- calls ---

    /**
     * From now on this decides what goes wrong. It is asked once a call, before the effect and
     * outside the lock.
     */
    public void inject(Faults newFaults) {
        faults = newFaults;
    }

    /**
     * Answers one call.
     *
     * @param operation the service's name for it, such as {@code PutSecretValue}
     * @param members the request's members, as JSON maps them
     * @throws UnsupportedOperationException if the test uses what the stand-in does not do
     */
    public SecretsManagerReply handle(String operation, Map<String, Object> members) {
        var known = SecretsOperation.named(operation)
                .orElseThrow(() -> new UnsupportedOperationException(
                        "the Secrets Manager stand-in does not know " + operation + ": fix the call or teach it"));
        var request = new SecretsRequest(members);
        var call = begin(known, request, members);
        pause(settings.latency);
        var reply = switch (faults.on(call)) {
            case Fault.None none -> perform(known, request, call, SecretsState.NOW);
            case Fault.Stale(Duration age) ->
                perform(known, request, call, core.now().minus(age));
            case Fault.Slow(Duration by) -> {
                // The effect first: a caller that gives up waiting must not think that
                // nothing has happened.
                var late = perform(known, request, call, SecretsState.NOW);
                pause(by);
                yield late;
            }
            case Fault.Close(Fault.Moment moment) -> {
                strike(known, request, call, moment, "closed");
                yield new SecretsManagerReply.Closed();
            }
            case Fault.Answer answer -> {
                strike(known, request, call, answer.moment(), "status " + answer.status());
                yield new SecretsManagerReply.Canned(answer.status(), answer.headers(), answer.body());
            }
        };
        settings.rotationExecutor.ifPresent(this::startRotations);
        return reply;
    }

    /**
     * Answers one call to a caller in the same process.
     *
     * @throws SecretsManagerError if the service refuses
     * @throws IllegalStateException if a fault answers or closes; use {@link #handle} where faults
     *     are injected
     */
    public Map<String, Object> call(String operation, Map<String, Object> members) {
        return switch (handle(operation, members)) {
            case SecretsManagerReply.Success(Map<String, Object> body) -> body;
            case SecretsManagerReply.Failure(SecretsManagerError error) -> throw error;
            case SecretsManagerReply.Canned canned ->
                throw new IllegalStateException(operation + " was answered by a fault: status " + canned.status());
            case SecretsManagerReply.Closed closed ->
                throw new IllegalStateException(operation + " was answered by a fault: connection closed");
        };
    }

    private synchronized Call begin(SecretsOperation operation, SecretsRequest request, Map<String, Object> members) {
        counts.merge(operation, 1, Integer::sum);
        calls++;
        var subject = members.get("SecretIdList") instanceof List<?> ids
                ? String.join(",", ids.stream().map(String::valueOf).toList())
                : arnOr(request.subject());
        return new Call(Call.Service.SECRETS_MANAGER, operation.wireName, subject, calls);
    }

    private String arnOr(String id) {
        return core.state
                .find(id, core.now(), SecretsState.NOW)
                .map(secret -> secret.arn)
                .orElse(id);
    }

    private void strike(
            SecretsOperation operation, SecretsRequest request, Call call, Fault.Moment moment, String what) {
        switch (moment) {
            case BEFORE_EFFECT -> note(call, request.versionSubject(), what + " before effect");
            case AFTER_EFFECT -> {
                perform(operation, request, call, SecretsState.NOW);
                note(call, request.versionSubject(), what + " after effect");
            }
        }
    }

    private synchronized SecretsManagerReply perform(
            SecretsOperation operation, SecretsRequest request, Call call, Instant asOf) {
        try {
            if (settings.quota && !quota.allows(operation.share, core.now())) {
                throw SecretsManagerErrors.rateExceeded();
            }
            var body = effect(operation, request, asOf);
            note(call, request.versionSubject(), "ok");
            return new SecretsManagerReply.Success(body);
        } catch (SecretsManagerError error) {
            note(call, request.versionSubject(), error.code());
            return new SecretsManagerReply.Failure(error);
        }
    }

    private Map<String, Object> effect(SecretsOperation operation, SecretsRequest request, Instant asOf) {
        return switch (operation) {
            case CREATE_SECRET -> lifecycle.create(request);
            case DESCRIBE_SECRET -> listing.describe(request, asOf);
            case GET_SECRET_VALUE -> values.get(request, asOf);
            case BATCH_GET_SECRET_VALUE -> values.getBatch(request, asOf);
            case LIST_SECRETS -> listing.list(request, asOf);
            case LIST_SECRET_VERSION_IDS -> listing.versions(request, asOf);
            case PUT_SECRET_VALUE -> values.put(request);
            case UPDATE_SECRET -> values.update(request);
            case UPDATE_SECRET_VERSION_STAGE -> values.moveStage(request);
            case ROTATE_SECRET -> rotation.rotate(request);
            case CANCEL_ROTATE_SECRET -> rotation.cancel(request);
            case TAG_RESOURCE -> lifecycle.tag(request);
            case UNTAG_RESOURCE -> lifecycle.untag(request);
            case DELETE_SECRET -> lifecycle.delete(request);
            case RESTORE_SECRET -> lifecycle.restore(request);
            case PUT_RESOURCE_POLICY -> lifecycle.putPolicy(request);
            case GET_RESOURCE_POLICY -> lifecycle.getPolicy(request);
            case VALIDATE_RESOURCE_POLICY -> lifecycle.validatePolicy(request);
        };
    }

    private void note(Call call, String version, String outcome) {
        if (settings.ledger) {
            note(new SecretsLedgerEntry(core.now(), call.operation(), call.subject(), version, outcome));
        }
    }

    private void note(SecretsLedgerEntry entry) {
        if (settings.ledger) {
            synchronized (this) {
                ledger.add(entry);
            }
        }
    }

    private void pause(Duration by) {
        if (by.isZero()) {
            return;
        }
        try {
            settings.sleeper.sleep(by);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // --- rotations with a function ---

    /**
     * {@code RotateSecret} with this function's ARN leads to this function being invoked; see
     * {@link #runRotations}.
     */
    public synchronized void attach(String functionArn, RotationFunction function) {
        rotation.attach(functionArn, function);
    }

    /**
     * Secrets Manager may not invoke this function, as when it does not exist or its policy forbids
     * it.
     */
    public synchronized void refuseToInvoke(String functionArn) {
        core.notInvocable.add(functionArn);
    }

    /**
     * Runs what {@code RotateSecret} has left to be run, in the caller's thread, until nothing is
     * left.
     */
    public List<RotationOutcome> runRotations() {
        var outcomes = new ArrayList<RotationOutcome>();
        for (var due = nextDue(); due.isPresent(); due = nextDue()) {
            outcomes.add(run(due.get()));
        }
        return outcomes;
    }

    private synchronized Optional<SecretRotation.Due> nextDue() {
        return rotation.nextDue();
    }

    private void startRotations(Executor executor) {
        for (var due = nextDue(); due.isPresent(); due = nextDue()) {
            var started = due.get();
            executor.execute(() -> run(started));
        }
    }

    private RotationOutcome run(SecretRotation.Due due) {
        RotationFunction function;
        synchronized (this) {
            function = rotation.function(due.functionArn()).orElseThrow();
        }
        var runner = new RotationRun(this, due, function);
        var outcome = runner.once();
        for (var tries = 1; outcome.failed() && runner.mayRetry() && tries < settings.rotationTries; tries++) {
            outcome = runner.once();
        }
        endRotationTest(due.secretArn(), due.token());
        note(new SecretsLedgerEntry(
                core.now(),
                outcome.end().eventName,
                outcome.secret(),
                outcome.versionId(),
                outcome.failed() ? outcome.step() + " " + outcome.error() : "ok"));
        return outcome;
    }

    /** A {@code RotationToken} for the events of one rotation. */
    synchronized String newRotationToken() {
        return core.newUuid();
    }

    /**
     * Ends the test that {@code RotateSecret} with {@code RotateImmediately=false} has begun: the
     * temporary version goes. Rotations with an attached function do it by themselves; others need
     * this call.
     */
    public synchronized void endRotationTest(String secretId, String token) {
        rotation.endTest(arnOr(secretId), token);
    }

    // --- setting the scene, without a call ---

    /** A stored secret with this value under AWSCURRENT and these tags. Returns its ARN. */
    public synchronized String seed(String name, String value, Map<String, String> tags) {
        var draft = new StoredSecret(name, core.newArn(name), core.now());
        if (!tags.isEmpty()) {
            draft.tags = Optional.of(new LinkedHashMap<>(tags));
        }
        values.store(draft, core.newUuid(), StoredValue.text(value), List.of(SecretStages.CURRENT));
        return draft.arn;
    }

    /** The secret is rotated by this function from now on; nothing is run. */
    public void configureRotation(String secretId, String functionArn) {
        adjust(secretId, draft -> {
            draft.rotationEnabled = Optional.of(true);
            draft.rotationFunctionArn = Optional.of(functionArn);
        });
    }

    /** The secret belongs to another AWS service, which rotates it. */
    public void markOwnedBy(String secretId, String service) {
        adjust(secretId, draft -> draft.owningService = Optional.of(service));
    }

    /** The secret has a type, as those have that AWS itself rotates at a third party. */
    public void markType(String secretId, String type) {
        adjust(secretId, draft -> draft.type = Optional.of(type));
    }

    /** The secret is replicated from this region, or, if that is the model's own, to others. */
    public void markPrimaryRegion(String secretId, String region) {
        adjust(secretId, draft -> draft.primaryRegion = Optional.of(region));
    }

    private synchronized void adjust(String secretId, Consumer<StoredSecret> how) {
        var draft = core.find(secretId, SecretsState.NOW).draft();
        how.accept(draft);
        core.change(draft);
    }

    // --- looking, without a call ---

    /** The labels of each version that has any, in the order of their making. */
    public synchronized Map<String, List<String>> stages(String secretId) {
        var stages = new LinkedHashMap<String, List<String>>();
        for (var version : core.find(secretId, SecretsState.NOW).versions) {
            if (!version.stages().isEmpty()) {
                stages.put(version.id(), version.stages());
            }
        }
        return stages;
    }

    /** The id of the version under a label. */
    public synchronized Optional<String> versionUnder(String secretId, String stage) {
        return core.find(secretId, SecretsState.NOW).under(stage).map(SecretVersion::id);
    }

    /** What a tag says, if there is one with this key. */
    public synchronized Optional<String> tag(String secretId, String key) {
        return core.find(secretId, SecretsState.NOW).tags.map(tags -> tags.get(key));
    }

    /** When a version was made, if it is still there. */
    public synchronized Optional<Instant> createdAt(String secretId, String versionId) {
        return core.find(secretId, SecretsState.NOW).version(versionId).map(SecretVersion::created);
    }

    /** The value under a label; empty if nothing has the label, or nothing but a registration. */
    public synchronized Optional<String> valueUnder(String secretId, String stage) {
        return core.find(secretId, SecretsState.NOW)
                .under(stage)
                .flatMap(SecretVersion::value)
                .map(StoredValue::reveal);
    }

    /** The value of a version, labelled or not. */
    public synchronized Optional<String> valueOf(String secretId, String versionId) {
        return core.find(secretId, SecretsState.NOW)
                .version(versionId)
                .flatMap(SecretVersion::value)
                .map(StoredValue::reveal);
    }

    /** Every value that can be read, of unlabelled versions too, in the order of their making. */
    public synchronized List<String> values(String secretId) {
        return core.find(secretId, SecretsState.NOW).versions.stream()
                .flatMap(version -> version.value().stream())
                .map(StoredValue::reveal)
                .toList();
    }

    /** The {@code RotationToken} that came with the put of a version. */
    public synchronized Optional<String> rotationTokenOf(String versionId) {
        return Optional.ofNullable(core.rotationTokens.get(versionId));
    }

    /** What has happened so far, oldest first. */
    public synchronized List<SecretsLedgerEntry> ledger() {
        return List.copyOf(ledger);
    }

    /** How many calls there were in all. */
    public synchronized int calls() {
        return calls;
    }

    /** How many calls of one operation there were. */
    public int calls(String operation) {
        var known = SecretsOperation.named(operation)
                .orElseThrow(() -> new IllegalArgumentException("no such operation: " + operation));
        synchronized (this) {
            return counts.getOrDefault(known, 0);
        }
    }

    // --- for explorers ---

    /**
     * The same state, which from now on goes its own way. Shares clock, faults and attached
     * functions.
     */
    public SecretsManagerModel copy() {
        return copy(settings);
    }

    /**
     * The same state with other settings, such as a copied clock. Shares faults and attached
     * functions.
     */
    public synchronized SecretsManagerModel copy(SecretsManagerSettings newSettings) {
        return new SecretsManagerModel(this, newSettings);
    }

    /** {@link #fingerprint(UnaryOperator)} with a short digest for each value. */
    public String fingerprint() {
        return describe(StoredValue::digest);
    }

    /**
     * Describes the state so that equal descriptions behave alike: versions by their order instead
     * of their ids, dates by their age. Left out: who has read when, and earlier states, which
     * matter to stale reads only.
     *
     * @param valueName what to put for a value; must differ where values differ in what matters
     */
    public String fingerprint(UnaryOperator<String> valueName) {
        return describe(value -> valueName.apply(value.reveal()));
    }

    private synchronized String describe(Function<StoredValue, String> valueName) {
        return new SecretsFingerprint(core.now(), valueName).of(core, rotation);
    }
}
