package dev.atlasrotator.explore;

import dev.atlasrotator.explore.Broken.Promise;
import dev.atlasrotator.explore.Simulation.Beginning;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings.AbandonedLabel;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings.RetriedRotation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Some weeks in the life of a few accounts, by chance: runs of every kind that come at any time and
 * beside each other, services that fail, people who do what people do, consumers that hold on to
 * what they have read, and time that passes.
 */
final class History {
    private static final int EVENTS = 120;
    private static final int RUNS_AT_ONCE = 3;
    private static final List<Duration> LONG = List.of(
            Duration.ofMinutes(70),
            Duration.ofHours(5),
            Duration.ofHours(25),
            Duration.ofDays(3),
            Duration.ofDays(8),
            Duration.ofDays(31));
    private static final List<Duration> SHORT = List.of(
            Duration.ofMinutes(1),
            Duration.ofMinutes(5),
            Duration.ofMinutes(13),
            Duration.ofSeconds(850),
            Duration.ofMinutes(16));
    private static final List<String> OVERLAPS = List.of("24", "4", "0", "168");
    private static final List<Duration> SKEWS =
            List.of(Duration.ZERO, Duration.ofSeconds(60), Duration.ofSeconds(-60), Duration.ofMillis(900));
    private static final List<Duration> LAGS = List.of(Duration.ZERO, Duration.ofMinutes(2), Duration.ofHours(1));
    private static final List<Double> TROUBLE = List.of(0.04, 0.0, 0.15, 0.3);

    /** Whoever reads AWSCURRENT, holds on to it, and signs in with it. */
    private static final class Consumer {
        final Stored of;
        final Duration holdsFor;
        Optional<String> value = Optional.empty();
        Instant until = Instant.EPOCH;

        Consumer(Stored of, Duration holdsFor) {
            this.of = of;
            this.holdsFor = holdsFor;
        }
    }

    private final Choices choices;
    private final Simulation simulation;
    private final List<Consumer> consumers = new ArrayList<>();

    /** A tool that puts its own value back, by the stored secret that it takes for its own. */
    private final Map<Stored, String> restored = new LinkedHashMap<>();

    /** What people have begun, and do the rest of a little later. */
    private final Deque<Runnable> unfinished = new ArrayDeque<>();

    private final List<Stored> ours;
    private final double trouble;
    private final boolean tagsDaily;
    private Instant taggedAt = Instant.EPOCH;
    private @Nullable Run last;
    private @Nullable Runnable lastRevocation;
    private int count;

    private History(Choices choices, double throughAdapters, boolean tells) {
        this.choices = choices;
        this.trouble = of(TROUBLE, 0.5);
        var environment = new HashMap<String, String>();
        environment.put("OVERLAP_HOURS", of(OVERLAPS, 0.4));
        environment.put("SWEEP_CONCURRENCY", "1");
        boolean hasAdmin = choices.happens(0.4);
        if (hasAdmin) {
            environment.put("ADMIN_SECRET_ID", "admin");
        }
        this.simulation = new Simulation(
                new Simulation.Conditions(
                        choices.happens(throughAdapters) ? Environment.Ports.REAL : Environment.Ports.DIRECT,
                        true,
                        false,
                        environment,
                        of(List.of(AbandonedLabel.values()), 0.5),
                        of(List.of(RetriedRotation.values()), 0.5),
                        of(SKEWS, 0.3),
                        of(LAGS, 0.3),
                        choices.happens(0.2) ? Set.of(Simulation.Extra.OTHERS_LISTED) : Set.of(),
                        of(List.of(Wire.Failing.values()), 0.7)),
                tells);
        if (hasAdmin) {
            simulation.admin();
        }
        int accounts = 1 + choices.pick(2, 0.3);
        for (int i = 0; i < accounts; i++) {
            begin("prod/atlas-" + i, false);
        }
        if (choices.happens(0.25)) {
            begin("strangers", true);
        }
        if (choices.happens(0.15)) {
            simulation.copyOf(simulation.stored.getFirst(), "prod/copy", choices.happens(0.5));
        }
        this.ours = simulation.stored.stream().filter(one -> !one.isAttackers).toList();
        for (Stored one : ours) {
            if (!choices.happens(0.25)) {
                consumers.add(new Consumer(one, Duration.ofMinutes(5)));
                consumers.add(new Consumer(one, Duration.ofHours(1)));
            }
            if (choices.happens(0.1)) {
                simulation.secretsManager.valueUnder(one.arn, "AWSCURRENT").ifPresent(text -> restored.put(one, text));
            }
        }
        this.tagsDaily = choices.happens(0.2);
        simulation.operator.restartsBy(one -> consumers.stream()
                .filter(consumer -> consumer.of == one)
                .forEach(consumer -> consumer.until = Instant.EPOCH));
        // Some stored secrets are rotated in the second in which they were made.
        if (!choices.happens(0.1)) {
            simulation.pass(Duration.ofHours(1));
        }
    }

    private void begin(String name, boolean isAttackers) {
        simulation.account(new Beginning(
                name,
                of(List.of(Duration.ofDays(40), Duration.ofDays(2), Duration.ofDays(86)), 0.4),
                choices.happens(0.5),
                !choices.happens(0.2),
                of(List.of("true", "clientId"), isAttackers ? 0 : 0.3),
                isAttackers));
    }

    /** Plays one; one in four goes through the product's adapters, which are slow. */
    static Simulation play(Choices choices, boolean tells) {
        return play(choices, 0.25, tells);
    }

    /**
     * Plays one.
     *
     * @param throughAdapters the chance that it goes through the product's adapters
     */
    static Simulation play(Choices choices, double throughAdapters, boolean tells) {
        var history = new History(choices, throughAdapters, tells);
        try {
            history.play();
        } finally {
            history.simulation.end();
        }
        return history.simulation;
    }

    private void play() {
        int events = 5 + choices.any(EVENTS);
        for (int i = 0; i < events && !simulation.isBroken(); i++) {
            event();
            simulation.invariants.observe();
            consume();
        }
        if (!simulation.isBroken()) {
            new QuiescenceCheck(simulation).follow();
        }
    }

    private void event() {
        // No two versions are made at the same instant by different hands, nor at whole seconds.
        simulation.time.advance(Duration.ofMillis(1_100));
        switch (choices.pick(12, 0.4)) {
            case 1 -> pass(of(SHORT, 0.7));
            case 2 -> sweep();
            case 3 -> rotate();
            case 4 -> retry();
            case 5 -> operate(choices.happens(0.25));
            case 6 -> person();
            case 7 -> pass(of(LONG, 0.7));
            case 8 -> sweep();
            case 9, 10 -> untidyPerson();
            case 11 -> simulation.operator.follow(choices.happens(0.4));
            default -> goOn();
        }
    }

    private void goOn() {
        var able = new ArrayList<Run>();
        if (last != null && simulation.runs.contains(last)) {
            able.add(last);
        }
        simulation.runs.stream().filter(run -> run != last).forEach(able::add);
        if (able.isEmpty()) {
            pass(of(LONG, 0.7));
            return;
        }
        var run = able.get(choices.pick(able.size(), 0.3));
        last = run;
        // A few calls at once: else most histories end before their runs do.
        int calls = 1 + choices.pick(12, 0.8);
        for (int i = 0; i < calls && !run.isOver() && !simulation.isBroken(); i++) {
            simulation.go(run, verdict(run));
            if (isTimedOut(run)) {
                simulation.kill(run);
            }
        }
        if (run.isOver()) {
            simulation.runs.remove(run);
        }
    }

    private CallOutcome verdict(Run run) {
        if (!run.hasBegun()) {
            return CallOutcome.PASSES;
        }
        var verdicts = run.kind().verdicts();
        int picked = choices.pick(verdicts.size() + 1, trouble);
        simulation.staleness(Duration.ofMillis(1 + 700L * choices.pick(4, 0.5)));
        return picked == verdicts.size() ? CallOutcome.IS_SLOW : verdicts.get(picked);
    }

    private boolean isTimedOut(Run run) {
        return !run.isOver()
                && run.deadline().filter(limit -> limit.left().isZero()).isPresent();
    }

    private void pass(Duration span) {
        simulation.pass(span);
        byTheClock(span);
        for (Run run : List.copyOf(simulation.runs)) {
            if (run.hasBegun() && isTimedOut(run)) {
                simulation.kill(run);
            }
        }
    }

    /** What comes round again by itself. */
    private void byTheClock(Duration passed) {
        if (passed.compareTo(Duration.ofHours(1)) >= 0) {
            restored.forEach((one, text) -> new Person(simulation, one).restore(text));
        }
        var now = simulation.time.instant();
        if (tagsDaily && !now.isBefore(taggedAt.plus(Duration.ofDays(1)))) {
            taggedAt = now;
            ours.forEach(one -> new Person(simulation, one).tagForSomethingElse());
        }
    }

    // --- runs

    private Optional<Environment> environment() {
        return simulation.runs.size() >= RUNS_AT_ONCE
                ? Optional.empty()
                : Optional.of(
                        choices.happens(0.5)
                                ? simulation.environment()
                                : simulation.idleEnvironment().orElseGet(simulation::environment));
    }

    /**
     * Each in an environment of its own: where an earlier one stopped two threads go on at once.
     */
    private void sweep() {
        if (simulation.runs.size() < RUNS_AT_ONCE) {
            simulation.sweep("sweep " + ++count);
        }
    }

    private void rotate() {
        var one = of(simulation.stored, 0.5);
        if (!one.bySecretsManager) {
            return;
        }
        new Person(simulation, one).beginRotation();
        retry(one);
    }

    private void retry() {
        retry(of(simulation.stored, 0.5));
    }

    private void retry(Stored one) {
        if (one.bySecretsManager && one.attempt.isPresent()) {
            environment()
                    .ifPresent(environment ->
                            simulation.rotation("rotation " + ++count, environment, one, one.attempt.get()));
        }
    }

    private void operate(boolean revokes) {
        if (revokes && lastRevocation != null && choices.happens(0.4)) {
            lastRevocation.run(); // as command lines repeat a call
            return;
        }
        var one = of(simulation.stored, 0.5);
        if (!revokes) {
            environment().ifPresent(in -> simulation.rotate("run " + ++count, in, one));
            return;
        }
        var living = simulation.accountOf(one).living();
        var leaked = living.isEmpty() || !choices.happens(0.3) ? Optional.<Life>empty() : Optional.of(of(living, 0.5));
        lastRevocation =
                () -> environment().ifPresent(in -> simulation.revoke("revocation " + ++count, in, one, leaked));
        lastRevocation.run();
    }

    // --- people

    private void person() {
        var one = of(simulation.stored, 0.5);
        var person = new Person(simulation, one);
        if (one.isAttackers) {
            attackerWrites(person);
            return;
        }
        switch (choices.any(8)) {
            case 0 -> person.make().ifPresent(life -> person.said("makes " + life.id));
            case 1 -> person.write(choices.happens(0.3));
            case 2 ->
                simulation.accountOf(one).living().stream()
                        .filter(life -> simulation
                                .invariants
                                .currentLife(one)
                                .filter(life::equals)
                                .isEmpty())
                        .findFirst()
                        .ifPresent(person::delete);
            case 3 -> person.goBack();
            case 4 -> person.takePendingOff();
            case 5 -> person.tag(of(List.of("true", one.home.clientId), 0.5));
            case 6 -> person.useWhatTheyHaveMade();
            default -> {
                if (choices.happens(0.15)) {
                    simulation.accountOf(one).living().stream().findFirst().ifPresent(person::delete);
                }
            }
        }
    }

    /** They do one thing and leave the others, or come back to it a little later. */
    private void untidyPerson() {
        if (!unfinished.isEmpty()) {
            unfinished.poll().run();
            return;
        }
        var one = of(ours, 0.5);
        var person = new Person(simulation, one);
        switch (choices.any(8)) {
            case 0 -> person.pasteNew(Person.Ids.STALE);
            case 1 -> person.pasteNew(Person.Ids.NONE);
            case 2 -> person.pasteOlder(choices.happens(0.5));
            case 3 -> {
                person.pasteNew(Person.Ids.STALE);
                unfinished.add(person::storeAgainWithTheRightId);
            }
            case 4 ->
                person.make().filter(life -> person.isSettled()).ifPresent(life -> {
                    person.recordId(life.id);
                    unfinished.add(() -> person.paste(life, Person.Ids.STALE));
                });
            case 5 -> {
                person.make().ifPresent(life -> person.said("makes " + life.id));
                unfinished.add(() -> person.pasteNew(Person.Ids.STALE));
            }
            case 6 -> {
                if (ours.size() > 1 && choices.happens(0.5)) {
                    person.copyFrom(ours.get(ours.indexOf(one) == 0 ? 1 : 0));
                }
            }
            default -> person.deleteWhatIsOld();
        }
    }

    /** They may write this stored secret, and would like another account. */
    private void attackerWrites(Person attacker) {
        var victim = ours.getFirst();
        attacker.said("writes another account's clientId into " + attacker.one().name);
        var own = attacker.one().home.living().stream()
                .findFirst()
                .map(life -> life.value)
                .orElse("not-a-secret-at-all");
        var value = new LinkedHashMap<String, Object>();
        value.put("clientId", victim.home.clientId);
        value.put("clientSecret", of(List.of(own, "not-a-secret-at-all"), 0.5));
        value.put("groupId", victim.home.groupId);
        if (choices.happens(0.5)) {
            value.put("adminSecretArn", "admin");
        }
        if (choices.happens(0.3)) {
            victim.home.living().stream().findFirst().ifPresent(life -> value.put("secretId", life.id));
        }
        attacker.put(value);
    }

    // --- consumers

    private void consume() {
        for (Consumer consumer : consumers) {
            var now = simulation.time.instant();
            if (!now.isBefore(consumer.until)) {
                consumer.value = simulation.invariants.currentSecret(consumer.of);
                consumer.until = now.plus(consumer.holdsFor);
            }
            consumer.value
                    .flatMap(simulation::lifeOf)
                    .filter(life -> !getsIn(life))
                    .filter(life -> life.ended && !life.endedByPerson && !life.revoked)
                    .filter(life -> !life.supersededUnseen)
                    .filter(life -> simulation.atlas.instant().isBefore(life.last.expiresAt()))
                    .filter(life -> simulation.settings.times().overlap().compareTo(consumer.holdsFor) > 0)
                    .ifPresent(life -> simulation.broken(
                            Promise.OVERLAP,
                            "a consumer of " + consumer.of.name + " still holds " + life.id
                                    + ", and does not authenticate"));
        }
        simulation.invariants.observe();
    }

    /** And gives the token back: a hundred at once are all that Atlas allows. */
    private boolean getsIn(Life life) {
        var token = simulation.atlas.signIn(life.account.clientId, life.value);
        token.ifPresent(simulation.atlas::signOut);
        return token.isPresent();
    }

    private <T> T of(List<T> options, double chance) {
        return options.get(choices.pick(options.size(), chance));
    }
}
