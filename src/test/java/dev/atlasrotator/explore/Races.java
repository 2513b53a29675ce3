package dev.atlasrotator.explore;

import dev.atlasrotator.explore.Simulation.Beginning;
import dev.atlasrotator.explore.Simulation.Conditions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What is searched exhaustively: runs in pairs, beside a person, and through the adapters. */
final class Races {
    private static final Duration OLD = Duration.ofDays(40);
    private static final Duration PAST_ITS_OVERLAP = Duration.ofHours(30);
    private static final Duration A_MINUTE = Duration.ofMinutes(1);

    /** How the name of a sweep's race ends where Secrets Manager rotates the stored secret. */
    private static final String ROTATED = ", rotated";

    /** What begins in a race, or has been done before it, about one stored secret. */
    @FunctionalInterface
    private interface Act {
        void in(Simulation all, Stored one);
    }

    private static final Act NOTHING = (all, one) -> {};
    private static final Act ROTATION = (all, one) -> rotation(all, "rotation", one, begin(all, one));
    private static final Act TWICE_THE_ROTATION = (all, one) -> twice(all, one, begin(all, one));
    private static final Act RUN = (all, one) -> run(all, "run", one);
    private static final Act TWO_RUNS = (all, one) -> {
        run(all, "run a", one);
        run(all, "run b", one);
    };
    private static final Act SWEEP = (all, one) -> all.sweep("sweep");
    private static final Act TWO_SWEEPS = (all, one) -> {
        all.sweep("sweep a");
        all.sweep("sweep b");
    };

    /** As a message of the work queue names it. */
    private static final Act SWEEP_BY_NAME = (all, one) -> all.invocation(
            "sweep by name", all.environment(), false, "{\"action\":\"sweep\",\"secretIds\":[\"" + one.arn + "\"]}");

    private static final Act REVOCATION = (all, one) -> revocation(all, "revocation", one);
    private static final Act TWO_REVOCATIONS = (all, one) -> {
        revocation(all, "revocation a", one);
        revocation(all, "revocation b", one);
    };
    private static final Act DIED_WITH_AN_ORPHAN =
            (all, one) -> dieAt(all, one, Remote.CREATE, CallOutcome.KILLS_AFTERWARDS);
    private static final Act DIED_REGISTERED = (all, one) -> dieAt(all, one, Remote.CREATE, CallOutcome.KILLS);
    private static final Act DIED_STORED = (all, one) -> dieAt(all, one, Remote.MOVE, CallOutcome.KILLS);
    private static final Act ONE_SUPERSEDED = (all, one) -> rotateBefore(all, one, PAST_ITS_OVERLAP);

    private static final Map<String, Act> ONE_RUN =
            new TreeMap<>(Map.of("rotation", ROTATION, "run", RUN, "sweep", SWEEP, "revocation", REVOCATION));

    /** What a person may do in the midst of two runs. */
    private static final Map<String, Consumer<Person>> BY_A_PERSON = new TreeMap<>(Map.of(
            "ends the attempt", Person::takePendingOff,
            "goes back", Person::goBack,
            "writes a value", person -> person.write(true),
            "deletes what is new", Person::deleteWhatIsNew));

    private Races() {}

    /**
     * All of them.
     *
     * @param faults how many each may meet at most. Where two whole sweeps follow a run that died,
     *     that death is one of them: with two more it is a hundred thousand schedules
     */
    static List<Race> all(int faults) {
        return List.of(
                race("rotation ‖ the same rotation", faults, NOTHING, TWICE_THE_ROTATION),
                race("rotation ‖ sweep", faults, NOTHING, ROTATION, SWEEP),
                race("rotation ‖ revocation", faults, NOTHING, ROTATION, REVOCATION),
                race("run ‖ run", faults, NOTHING, TWO_RUNS),
                race("run ‖ sweep", faults, NOTHING, RUN, SWEEP),
                race("sweep ‖ sweep", faults, NOTHING, TWO_SWEEPS),
                race("run ‖ revocation", faults, NOTHING, RUN, REVOCATION),
                race(
                        "sweep ‖ sweep, one superseded past its overlap",
                        faults,
                        (all, one) -> rotateBefore(all, one, Duration.ofDays(31)),
                        TWO_SWEEPS),
                race("rotation ‖ sweep, one superseded past its overlap", faults, ONE_SUPERSEDED, ROTATION, SWEEP),
                race(
                        "sweep ‖ sweep, an attempt that died with an orphan",
                        faults - 1,
                        (all, one) -> {
                            DIED_WITH_AN_ORPHAN.in(all, one);
                            all.pass(Duration.ofHours(1));
                        },
                        TWO_SWEEPS),
                race(
                        "rotation ‖ the same, an orphan of its own",
                        faults,
                        (all, one) -> {
                            var run = rotation(all, "dead", one, begin(all, one));
                            goUntil(all, run, Remote.CREATE, CallOutcome.KILLS_AFTERWARDS);
                            all.pass(Duration.ofMinutes(16));
                        },
                        (all, one) -> twice(all, one, one.attempt.orElseThrow())),
                race("run ‖ sweep, a stored attempt that died", faults, DIED_STORED, RUN, SWEEP),
                race(
                        "run ‖ sweep, a stored attempt whose secret is gone",
                        faults,
                        (all, one) -> {
                            DIED_STORED.in(all, one);
                            new Person(all, one).deleteWhatIsNew();
                        },
                        RUN,
                        SWEEP),
                byAdmin(
                        "run ‖ sweep by an admin, a stored attempt, all expired",
                        Conditions.exhaustive(),
                        faults - 1,
                        (all, one) -> {
                            DIED_STORED.in(all, one);
                            all.pass(Duration.ofDays(100));
                        },
                        RUN,
                        SWEEP));
    }

    /** Two runs at once in other scenes than {@link #all}: an attempt that died, and Secrets Manager's near their expiry. */
    static List<Race> otherScenes(int faults) {
        var races = new ArrayList<Race>();
        new TreeMap<>(Map.of(
                        "an attempt that died with an orphan", DIED_WITH_AN_ORPHAN,
                        "a stored attempt that died", DIED_STORED))
                .forEach((scene, before) -> races.addAll(List.of(
                        race("run ‖ run, " + scene, faults, before, TWO_RUNS),
                        race("run ‖ sweep by name, " + scene, faults, before, RUN, SWEEP_BY_NAME),
                        race("sweep ‖ sweep by name, " + scene, faults, before, SWEEP, SWEEP_BY_NAME))));
        races.add(aboutToExpire("rotation ‖ run", faults, ROTATION, RUN));
        races.add(aboutToExpire("rotation ‖ sweep", faults, ROTATION, SWEEP));
        races.add(aboutToExpire("run ‖ run", faults, TWO_RUNS));
        races.add(aboutToExpire("run ‖ sweep", faults, RUN, SWEEP));
        races.add(aboutToExpire("sweep ‖ sweep by name", faults, SWEEP, SWEEP_BY_NAME));
        return races;
    }

    private static Race aboutToExpire(String runs, int faults, Act... acts) {
        return race(
                runs + ", by Secrets Manager, about to expire",
                Conditions.exhaustive(),
                faults,
                Beginning.of("prod/atlas", Duration.ofDays(84), true),
                NOTHING,
                acts);
    }

    /** One run, and after it nobody but the sweep: Secrets Manager tries nothing again by itself. */
    static List<Race> thenSweepsAlone(int faults) {
        var conditions = Conditions.exhaustive().with(Simulation.Extra.SWEEPS_ALONE);
        var races = new ArrayList<Race>();
        ONE_RUN.forEach((run, act) -> races.add(race(run + ", then sweeps alone", conditions, faults, NOTHING, act)));
        return races;
    }

    /** One run, and a service that is down from any of its calls to its end; through the adapters. */
    static List<Race> inAnOutage(Wire.Failing failing) {
        var conditions = Conditions.throughAdapters(failing).with(Simulation.Extra.FAULTS_LAST);
        var races = new ArrayList<Race>();
        ONE_RUN.forEach((run, act) ->
                races.add(race(run + ", all calls from one on, " + failing, conditions, 1, NOTHING, act)));
        return races;
    }

    /** One run, and a person who does something at any moment of it. */
    static List<Race> besideAPerson(int faults) {
        var deletesWhatIsInUse =
                by(person -> person.delete(person.one().home.living().getLast()));
        var deletesWhatIsNew = by(Person::deleteWhatIsNew);
        var goesBack = by(Person::goBack);
        return List.of(
                race("rotation ‖ a person writes a value", faults, NOTHING, ROTATION, by(who -> who.write(true))),
                race("run ‖ a person writes a value", faults, NOTHING, RUN, by(who -> who.write(false))),
                race("rotation ‖ a person goes back", faults, ONE_SUPERSEDED, ROTATION, goesBack),
                race("run ‖ a person goes back", faults, ONE_SUPERSEDED, RUN, goesBack),
                race("sweep ‖ a person goes back", faults, ONE_SUPERSEDED, SWEEP, goesBack),
                race("sweep ‖ a person deletes what is in use", faults, ONE_SUPERSEDED, SWEEP, deletesWhatIsInUse),
                race("rotation ‖ a person deletes what is new", faults, NOTHING, ROTATION, deletesWhatIsNew),
                race("run ‖ a person deletes what is new", faults, NOTHING, RUN, deletesWhatIsNew),
                race("run ‖ a person ends the attempt", faults, NOTHING, RUN, by(Person::takePendingOff)),
                race("run ‖ a person makes an Atlas secret", faults, NOTHING, RUN, by(Person::make)));
    }

    /**
     * Two runs, and a person who does something at any moment of them; the account has what it
     * began with, or a superseded secret past its overlap beside it.
     */
    static List<Race> twoBesideAPerson(int faults) {
        var scenes = new TreeMap<String, Act>(
                Map.of("", (all, one) -> all.pass(PAST_ITS_OVERLAP), ", one superseded", ONE_SUPERSEDED));
        var races = new ArrayList<Race>();
        scenes.forEach((scene, before) -> BY_A_PERSON.forEach((what, act) -> {
            var then = " ‖ a person " + what + scene;
            races.add(race("run ‖ run" + then, faults, before, TWO_RUNS, by(act)));
            races.add(race("rotation ‖ sweep" + then, faults, before, ROTATION, SWEEP, by(act)));
            races.add(race("run ‖ revocation" + then, faults, before, RUN, REVOCATION, by(act)));
        }));
        return races;
    }

    /** People who do one thing and leave the others; and calls that come twice. */
    static List<Race> untidy(int faults) {
        var races = new ArrayList<Race>();
        for (Person.Ids ids : Person.Ids.values()) {
            races.addAll(besideAPaste(faults, ids));
        }
        races.addAll(afterAPaste(faults));
        races.addAll(sharing(faults));
        races.addAll(twice(faults));
        return races;
    }

    /** They put a new secret into the stored value, at any moment of a run. */
    private static List<Race> besideAPaste(int faults, Person.Ids ids) {
        var what = " ‖ a person pastes, ids " + ids;
        var paste = by(person -> person.pasteNew(ids));
        return List.of(
                race("rotation" + what, faults, NOTHING, ROTATION, paste),
                race("run" + what, faults, NOTHING, RUN, paste),
                race("sweep" + what, faults, NOTHING, SWEEP, paste),
                race(
                        "sweep" + what + ", made by hand before",
                        faults,
                        (all, one) -> {
                            all.pass(Duration.ofDays(1));
                            new Person(all, one).make();
                            all.pass(Duration.ofMinutes(30));
                        },
                        SWEEP,
                        paste),
                race("revocation" + what, faults, NOTHING, REVOCATION, paste));
    }

    /** What they have done before, when a run comes. */
    private static List<Race> afterAPaste(int faults) {
        var races = new ArrayList<Race>();
        var scenes = new TreeMap<String, Act>(Map.of(
                "only a clientSecret was pasted",
                (all, one) -> paste(all, one, Person.Ids.STALE),
                "a value was pasted without ids",
                (all, one) -> paste(all, one, Person.Ids.NONE),
                "an older clientSecret was pasted back",
                (all, one) -> {
                    rotateBefore(all, one, Duration.ofHours(2));
                    new Person(all, one).pasteOlder(false);
                    all.pass(Duration.ofMinutes(50));
                },
                "a secretId was written ahead of its value",
                (all, one) -> {
                    var person = new Person(all, one);
                    person.make().ifPresent(life -> person.recordId(life.id));
                    all.pass(PAST_ITS_OVERLAP);
                }));
        scenes.forEach((scene, before) -> {
            races.add(race("run, " + scene, faults, before, RUN));
            races.add(race("sweep, " + scene, faults, before, SWEEP));
        });
        scenes.forEach((scene, before) -> {
            races.add(race("rotation, " + scene, faults, before, ROTATION));
            races.add(race("sweep, " + scene + ROTATED, faults, before, SWEEP));
        });
        races.add(byAdmin(
                "rotation by an admin, tried again after a paste",
                Conditions.exhaustive(),
                faults,
                (all, one) -> {
                    begin(all, one); // and no step of it does anything
                    paste(all, one, Person.Ids.STALE);
                },
                (all, one) -> rotation(all, "rotation", one, one.attempt.orElseThrow())));
        races.add(race(
                "sweep, a clientSecret was pasted while an attempt stood",
                Conditions.exhaustive().with(Duration.ZERO, Duration.ofMinutes(2)),
                faults,
                (all, one) -> {
                    DIED_REGISTERED.in(all, one);
                    paste(all, one, Person.Ids.STALE);
                },
                SWEEP));
        return races;
    }

    private static void paste(Simulation all, Stored one, Person.Ids ids) {
        new Person(all, one).pasteNew(ids);
        all.pass(Duration.ofMinutes(50));
    }

    /** Two managed stored secrets hold one account. */
    private static List<Race> sharing(int faults) {
        // Of one run, one thread at a time can be before a call.
        var conditions = Conditions.exhaustive().with(Map.of("SWEEP_CONCURRENCY", "1"));
        Act shared = (all, one) -> {
            all.copyOf(one, "prod/copy", false);
            all.pass(Duration.ofHours(1));
        };
        return List.of(
                race("sweep, two stored secrets of one account", conditions, faults, shared, SWEEP),
                race("run ‖ sweep, two stored secrets of one account", conditions, faults - 1, shared, RUN, SWEEP),
                race(
                        "sweep, the other stored secret of the account was rotated",
                        conditions,
                        faults,
                        (all, one) -> {
                            shared.in(all, one);
                            ONE_SUPERSEDED.in(all, one);
                        },
                        SWEEP));
    }

    /** What comes twice has the effect of one. */
    private static List<Race> twice(int faults) {
        var races = new ArrayList<Race>();
        races.add(race("revocation ‖ revocation", faults, NOTHING, TWO_REVOCATIONS));
        races.add(race(
                "revocation ‖ revocation, one superseded",
                faults,
                (all, one) -> rotateBefore(all, one, Duration.ofHours(2)),
                TWO_REVOCATIONS));
        Act again = (all, one) -> revocation(all, "revocation b", one);
        races.add(race(
                "revocation, called again a minute later",
                faults,
                (all, one) -> {
                    all.finish(revocation(all, "revocation a", one));
                    all.pass(A_MINUTE);
                },
                again));
        races.add(race(
                "revocation, called again after it could not delete",
                faults,
                (all, one) -> {
                    goUntil(all, revocation(all, "revocation a", one), Remote.DELETE, CallOutcome.IS_REFUSED);
                    all.pass(A_MINUTE);
                },
                again));
        races.add(race("revocation ‖ run, a registered attempt that died", faults, DIED_REGISTERED, REVOCATION, RUN));
        races.add(race("revocation of what has leaked ‖ the same", faults, NOTHING, (all, one) -> {
            var leaked = all.invariants.currentLife(one);
            all.revoke("revocation a", all.environment(), one, leaked);
            all.revoke("revocation b", all.environment(), one, leaked);
        }));
        for (Duration ahead : List.of(Duration.ZERO, A_MINUTE, A_MINUTE.negated())) {
            races.add(new Race(
                    "rotation ‖ the same, stored a moment ago, Atlas " + ahead.toSeconds() + " s ahead",
                    Conditions.exhaustive().with(ahead, Duration.ZERO),
                    faults,
                    simulation -> {
                        simulation.pass(Duration.ofMillis(300));
                        simulation.account(Beginning.of("prod/atlas", OLD, true));
                        simulation.pass(Duration.ofMillis(600));
                    },
                    simulation -> TWICE_THE_ROTATION.in(simulation, simulation.stored.getFirst())));
        }
        return races;
    }

    /**
     * The same through the product's adapters, whose calls are the single requests: these are slow,
     * so one run at a time.
     */
    static List<Race> throughAdapters(int faults, Wire.Failing failing) {
        var conditions = Conditions.throughAdapters(failing);
        return List.of(
                race("rotation, " + failing, conditions, faults, NOTHING, ROTATION),
                race("run, " + failing, conditions, faults, NOTHING, RUN),
                race("revocation, " + failing, conditions, faults, NOTHING, REVOCATION),
                race("sweep, one superseded past its overlap, " + failing, conditions, faults, ONE_SUPERSEDED, SWEEP),
                byAdmin(
                        "run by an admin, no Atlas secret left, " + failing,
                        conditions,
                        faults,
                        (all, one) ->
                                new Person(all, one).delete(one.home.living().getFirst()),
                        RUN),
                byAdmin(
                        "sweep by an admin, who finds other people's accounts, " + failing,
                        conditions.with(Simulation.Extra.OTHERS_LISTED),
                        faults,
                        NOTHING,
                        SWEEP),
                race(
                        "run ‖ a person deletes what is pending and was proved before, " + failing,
                        conditions,
                        faults - 1,
                        NOTHING,
                        (all, one) -> {
                            var environment = all.environment();
                            failToPromote(all, all.rotate("first", environment, one));
                            var pending = one.home.living().getLast();
                            all.rotate("run", environment, one);
                            all.person("deletes what is pending", () -> new Person(all, one).delete(pending));
                        }));
    }

    private static void failToPromote(Simulation simulation, Run run) {
        boolean hasMade = false;
        while (!run.isOver()) {
            // Registering moves a label, too.
            hasMade |= run.kind() == Remote.CREATE;
            boolean promotes = hasMade && run.kind() == Remote.MOVE;
            simulation.go(run, promotes ? CallOutcome.FAILS : CallOutcome.PASSES);
        }
        simulation.runs.remove(run);
        simulation.pass(Duration.ofMinutes(16));
    }

    /** Secrets Manager rotates the stored secret where its rotation is what the race begins with. */
    private static boolean isBySecretsManager(String name) {
        return name.startsWith("rotation") || name.endsWith(ROTATED);
    }

    private static Race race(String name, int faults, Act before, Act... acts) {
        return race(name, Conditions.exhaustive(), faults, before, acts);
    }

    private static Race race(String name, Conditions conditions, int faults, Act before, Act... acts) {
        var beginning = Beginning.of("prod/atlas", OLD, isBySecretsManager(name));
        return race(name, conditions, faults, beginning, before, acts);
    }

    private static Race byAdmin(String name, Conditions conditions, int faults, Act before, Act... acts) {
        var beginning = new Beginning("prod/atlas", OLD, isBySecretsManager(name), true, "clientId", false);
        return race(name, conditions.with(Map.of("ADMIN_SECRET_ID", "admin")), faults, beginning, before, acts);
    }

    private static Race race(
            String name, Conditions conditions, int faults, Beginning beginning, Act before, Act... acts) {
        return new Race(
                name,
                conditions,
                faults,
                simulation -> {
                    if (conditions.environment().containsKey("ADMIN_SECRET_ID")) {
                        simulation.admin();
                    }
                    var one = simulation.account(beginning);
                    simulation.pass(Duration.ofHours(1));
                    before.in(simulation, one);
                },
                simulation -> {
                    for (Act act : acts) {
                        act.in(simulation, simulation.stored.getFirst());
                    }
                });
    }

    private static Act by(Consumer<Person> act) {
        return (all, one) -> all.person("acts", () -> act.accept(new Person(all, one)));
    }

    private static String begin(Simulation simulation, Stored one) {
        return new Person(simulation, one).beginRotation();
    }

    private static Run rotation(Simulation simulation, String name, Stored one, String token) {
        return simulation.rotation(name, simulation.environment(), one, token);
    }

    private static void twice(Simulation simulation, Stored one, String token) {
        rotation(simulation, "rotation a", one, token);
        rotation(simulation, "rotation b", one, token);
    }

    private static Run run(Simulation simulation, String name, Stored one) {
        return simulation.rotate(name, simulation.environment(), one);
    }

    private static Run revocation(Simulation simulation, String name, Stored one) {
        return simulation.revoke(name, simulation.environment(), one, Optional.empty());
    }

    private static void rotateBefore(Simulation simulation, Stored one, Duration since) {
        simulation.finish(
                one.bySecretsManager
                        ? rotation(simulation, "before", one, begin(simulation, one))
                        : run(simulation, "before", one));
        simulation.pass(since);
    }

    /** A run dies at its first call of this kind, before or after its effect. */
    private static void dieAt(Simulation simulation, Stored one, Remote kind, CallOutcome how) {
        goUntil(simulation, run(simulation, "dead", one), kind, how);
        simulation.pass(Duration.ofMinutes(16));
    }

    private static void goUntil(Simulation simulation, Run run, Remote kind, CallOutcome how) {
        simulation.go(run, CallOutcome.PASSES);
        while (!run.isOver() && run.kind() != kind) {
            simulation.go(run, CallOutcome.PASSES);
        }
        if (!run.isOver()) {
            simulation.go(run, how);
        }
        simulation.kill(run);
    }
}
