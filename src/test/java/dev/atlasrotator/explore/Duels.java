package dev.atlasrotator.explore;

import dev.atlasrotator.explore.Universe.Beginning;
import dev.atlasrotator.json.Json;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** What is searched exhaustively: runs in pairs, beside a person, and through the adapters. */
final class Duels {
    private static final Duration OLD = Duration.ofDays(40);
    private static final String SWEEP = "{\"action\":\"sweep\"}";

    /** What a person may do in the midst of two runs. */
    private static final Map<String, Consumer<Person>> ACTS =
            new TreeMap<>(
                    Map.of(
                            "ends the attempt", Person::takePendingOff,
                            "goes back", Person::goBack,
                            "writes a value", person -> person.write(true),
                            "deletes what is new", Person::deleteWhatIsNew));

    private Duels() {}

    /**
     * All of them.
     *
     * @param faults how many each may meet at most. Where two whole sweeps follow a run that died,
     *     that death is one of them: with two more it is a hundred thousand schedules
     */
    static List<Duel> all(int faults) {
        return List.of(
                duel(
                        "rotation ‖ the same rotation",
                        faults,
                        true,
                        Duels::nothing,
                        (all, one) -> {
                            var token = begin(all, one);
                            rotation(all, "rotation a", one, token);
                            rotation(all, "rotation b", one, token);
                        }),
                duel(
                        "rotation ‖ sweep",
                        faults,
                        true,
                        Duels::nothing,
                        (all, one) -> {
                            rotation(all, "rotation", one, begin(all, one));
                            sweep(all, "sweep");
                        }),
                duel(
                        "rotation ‖ revocation",
                        faults,
                        true,
                        Duels::nothing,
                        (all, one) -> {
                            rotation(all, "rotation", one, begin(all, one));
                            rotate(all, "revocation", one, true);
                        }),
                duel(
                        "run ‖ run",
                        faults,
                        false,
                        Duels::nothing,
                        (all, one) -> {
                            rotate(all, "run a", one, false);
                            rotate(all, "run b", one, false);
                        }),
                duel(
                        "run ‖ sweep",
                        faults,
                        false,
                        Duels::nothing,
                        (all, one) -> {
                            rotate(all, "run", one, false);
                            sweep(all, "sweep");
                        }),
                duel(
                        "sweep ‖ sweep",
                        faults,
                        false,
                        Duels::nothing,
                        (all, one) -> {
                            sweep(all, "sweep a");
                            sweep(all, "sweep b");
                        }),
                duel(
                        "run ‖ revocation",
                        faults,
                        false,
                        Duels::nothing,
                        (all, one) -> {
                            rotate(all, "run", one, false);
                            rotate(all, "revocation", one, true);
                        }),
                duel(
                        "sweep ‖ sweep, one superseded past its overlap",
                        faults,
                        false,
                        (all, one) -> rotateBefore(all, one, Duration.ofHours(31 * 24)),
                        (all, one) -> {
                            sweep(all, "sweep a");
                            sweep(all, "sweep b");
                        }),
                duel(
                        "rotation ‖ sweep, one superseded past its overlap",
                        faults,
                        true,
                        (all, one) -> rotateBefore(all, one, Duration.ofHours(30)),
                        (all, one) -> {
                            rotation(all, "rotation", one, begin(all, one));
                            sweep(all, "sweep");
                        }),
                duel(
                        "sweep ‖ sweep, an attempt that died with an orphan",
                        faults - 1,
                        false,
                        (all, one) -> dieAt(all, one, Remote.CREATE),
                        (all, one) -> {
                            sweep(all, "sweep a");
                            sweep(all, "sweep b");
                        }),
                duel(
                        "rotation ‖ the same, an orphan of its own",
                        faults,
                        true,
                        (all, one) -> {
                            var run = rotation(all, "dead", one, begin(all, one));
                            goUntil(all, run, Remote.CREATE);
                            all.pass(Duration.ofMinutes(16));
                        },
                        (all, one) -> {
                            var token = one.attempt.orElseThrow();
                            rotation(all, "rotation a", one, token);
                            rotation(all, "rotation b", one, token);
                        }),
                duel(
                        "run ‖ sweep, a stored attempt that died",
                        faults,
                        false,
                        (all, one) -> dieAt(all, one, Remote.MOVE),
                        (all, one) -> {
                            rotate(all, "run", one, false);
                            sweep(all, "sweep");
                        }),
                duel(
                        "run ‖ sweep, a stored attempt whose secret is gone",
                        faults - 1,
                        false,
                        (all, one) -> {
                            dieAt(all, one, Remote.MOVE);
                            new Person(all, one).deleteWhatIsNew();
                        },
                        (all, one) -> {
                            rotate(all, "run", one, false);
                            sweep(all, "sweep");
                        }),
                duel(
                        "run ‖ sweep by an admin, a stored attempt, all expired",
                        Universe.Laws.exhaustive().with(Map.of("ADMIN_SECRET_ID", "admin")),
                        faults - 1,
                        new Beginning("prod/atlas", OLD, false, true, "clientId", false),
                        (all, one) -> {
                            dieAt(all, one, Remote.MOVE);
                            all.pass(Duration.ofDays(100));
                        },
                        (all, one) -> {
                            rotate(all, "run", one, false);
                            sweep(all, "sweep");
                        }));
    }

    /** One run, and a person who does something at any moment of it. */
    static List<Duel> besideAPerson(int faults) {
        return List.of(
                beside(
                        "rotation ‖ a person writes a value",
                        faults,
                        true,
                        Duels::nothing,
                        (all, one) -> rotation(all, "rotation", one, begin(all, one)),
                        person -> person.write(true)),
                beside(
                        "run ‖ a person writes a value",
                        faults,
                        false,
                        Duels::nothing,
                        (all, one) -> rotate(all, "run", one, false),
                        person -> person.write(false)),
                beside(
                        "rotation ‖ a person goes back",
                        faults,
                        true,
                        (all, one) -> rotateBefore(all, one, Duration.ofHours(30)),
                        (all, one) -> rotation(all, "rotation", one, begin(all, one)),
                        Person::goBack),
                beside(
                        "run ‖ a person goes back",
                        faults,
                        false,
                        (all, one) -> rotateBefore(all, one, Duration.ofHours(30)),
                        (all, one) -> rotate(all, "run", one, false),
                        Person::goBack),
                beside(
                        "sweep ‖ a person goes back",
                        faults,
                        false,
                        (all, one) -> rotateBefore(all, one, Duration.ofHours(30)),
                        (all, one) -> sweep(all, "sweep"),
                        Person::goBack),
                beside(
                        "sweep ‖ a person deletes what is in use",
                        faults,
                        false,
                        (all, one) -> rotateBefore(all, one, Duration.ofHours(30)),
                        (all, one) -> sweep(all, "sweep"),
                        person -> person.delete(person.one().living().getLast())),
                beside(
                        "rotation ‖ a person deletes what is new",
                        faults,
                        true,
                        Duels::nothing,
                        (all, one) -> rotation(all, "rotation", one, begin(all, one)),
                        Person::deleteWhatIsNew),
                beside(
                        "run ‖ a person deletes what is new",
                        faults,
                        false,
                        Duels::nothing,
                        (all, one) -> rotate(all, "run", one, false),
                        Person::deleteWhatIsNew),
                beside(
                        "run ‖ a person ends the attempt",
                        faults,
                        false,
                        Duels::nothing,
                        (all, one) -> rotate(all, "run", one, false),
                        Person::takePendingOff),
                beside(
                        "run ‖ a person makes an Atlas secret",
                        faults,
                        false,
                        Duels::nothing,
                        (all, one) -> rotate(all, "run", one, false),
                        Person::make));
    }

    /**
     * Two runs, and a person who does something at any moment of them; the account has what it
     * began with, or a superseded secret past its overlap beside it.
     */
    static List<Duel> twoBesideAPerson(int faults) {
        Map<String, BiConsumer<Universe, Stored>> scenes =
                new TreeMap<>(
                        Map.of(
                                "",
                                (all, one) -> all.pass(Duration.ofHours(30)),
                                ", one superseded",
                                (all, one) -> rotateBefore(all, one, Duration.ofHours(30))));
        var duels = new ArrayList<Duel>();
        scenes.forEach(
                (scene, before) ->
                        ACTS.forEach(
                                (what, act) -> {
                                    var then = " ‖ a person " + what + scene;
                                    duels.add(
                                            beside(
                                                    "run ‖ run" + then,
                                                    faults,
                                                    false,
                                                    before,
                                                    (all, one) -> {
                                                        rotate(all, "run a", one, false);
                                                        rotate(all, "run b", one, false);
                                                    },
                                                    act));
                                    duels.add(
                                            beside(
                                                    "rotation ‖ sweep" + then,
                                                    faults,
                                                    true,
                                                    before,
                                                    (all, one) -> {
                                                        var token = begin(all, one);
                                                        rotation(all, "rotation", one, token);
                                                        sweep(all, "sweep");
                                                    },
                                                    act));
                                    duels.add(
                                            beside(
                                                    "run ‖ revocation" + then,
                                                    faults,
                                                    false,
                                                    before,
                                                    (all, one) -> {
                                                        rotate(all, "run", one, false);
                                                        rotate(all, "revocation", one, true);
                                                    },
                                                    act));
                                }));
        return duels;
    }

    /**
     * The same through the product's adapters, whose calls are the single requests: these are slow,
     * so one run at a time.
     */
    static List<Duel> throughAdapters(int faults, Wire.Failing failing) {
        var laws = Universe.Laws.throughAdapters(failing);
        return List.of(
                duel(
                        "rotation, " + failing,
                        laws,
                        faults,
                        Beginning.of("prod/atlas", OLD, true),
                        Duels::nothing,
                        (all, one) -> rotation(all, "rotation", one, begin(all, one))),
                duel(
                        "run, " + failing,
                        laws,
                        faults,
                        Beginning.of("prod/atlas", OLD, false),
                        Duels::nothing,
                        (all, one) -> rotate(all, "run", one, false)),
                duel(
                        "revocation, " + failing,
                        laws,
                        faults,
                        Beginning.of("prod/atlas", OLD, false),
                        Duels::nothing,
                        (all, one) -> rotate(all, "revocation", one, true)),
                duel(
                        "sweep, one superseded past its overlap, " + failing,
                        laws,
                        faults,
                        Beginning.of("prod/atlas", OLD, false),
                        (all, one) -> rotateBefore(all, one, Duration.ofHours(30)),
                        (all, one) -> sweep(all, "sweep")),
                duel(
                        "run by an admin, no Atlas secret left, " + failing,
                        laws.with(Map.of("ADMIN_SECRET_ID", "admin")),
                        faults,
                        new Beginning("prod/atlas", OLD, false, true, "clientId", false),
                        (all, one) -> new Person(all, one).delete(one.living().getFirst()),
                        (all, one) -> rotate(all, "run", one, false)),
                duel(
                        "run ‖ a person deletes what is pending and was proved before, " + failing,
                        laws,
                        faults - 1,
                        Beginning.of("prod/atlas", OLD, false),
                        Duels::nothing,
                        (all, one) -> {
                            var environment = all.environment();
                            failToPromote(all, rotate(all, environment, "first", one, false));
                            var pending = one.living().getLast();
                            rotate(all, environment, "run", one, false);
                            all.person(
                                    "deletes what is pending",
                                    () -> new Person(all, one).delete(pending));
                        }));
    }

    private static void failToPromote(Universe universe, Run run) {
        boolean hasMade = false;
        while (!run.isOver()) {
            // Registering moves a label, too.
            hasMade |= run.kind() == Remote.CREATE;
            boolean promotes = hasMade && run.kind() == Remote.MOVE;
            universe.go(run, promotes ? Verdict.FAILS : Verdict.PASSES);
        }
        universe.runs.remove(run);
        universe.pass(Duration.ofMinutes(16));
    }

    private static void nothing(Universe all, Stored one) {
        // The account is as it was made.
    }

    private static Duel duel(
            String name,
            int faults,
            boolean bySecretsManager,
            BiConsumer<Universe, Stored> before,
            BiConsumer<Universe, Stored> runs) {
        return duel(
                name,
                Universe.Laws.exhaustive(),
                faults,
                Beginning.of("prod/atlas", OLD, bySecretsManager),
                before,
                runs);
    }

    private static Duel beside(
            String name,
            int faults,
            boolean bySecretsManager,
            BiConsumer<Universe, Stored> before,
            BiConsumer<Universe, Stored> run,
            Consumer<Person> act) {
        return duel(
                name,
                faults,
                bySecretsManager,
                before,
                (all, one) -> {
                    run.accept(all, one);
                    all.person("acts", () -> act.accept(new Person(all, one)));
                });
    }

    private static Duel duel(
            String name,
            Universe.Laws laws,
            int faults,
            Beginning beginning,
            BiConsumer<Universe, Stored> before,
            BiConsumer<Universe, Stored> runs) {
        return new Duel(
                name,
                laws,
                faults,
                universe -> {
                    if (laws.environment().containsKey("ADMIN_SECRET_ID")) {
                        universe.admin();
                    }
                    var one = universe.account(beginning);
                    universe.pass(Duration.ofHours(1));
                    before.accept(universe, one);
                },
                universe -> runs.accept(universe, universe.stored.getFirst()));
    }

    private static String begin(Universe universe, Stored one) {
        return new Person(universe, one).beginRotation();
    }

    private static Run rotation(Universe universe, String name, Stored one, String token) {
        return universe.rotation(name, universe.environment(), one, token);
    }

    private static Run rotate(Universe universe, String name, Stored one, boolean revokes) {
        return rotate(universe, universe.environment(), name, one, revokes);
    }

    private static Run rotate(
            Universe universe, Environment environment, String name, Stored one, boolean revokes) {
        return universe.invocation(
                name,
                environment,
                revokes,
                Json.text(Map.of("action", "rotate", "secretId", one.arn, "revokeOld", revokes)));
    }

    private static void sweep(Universe universe, String name) {
        universe.invocation(name, universe.environment(), false, SWEEP);
    }

    private static void rotateBefore(Universe universe, Stored one, Duration since) {
        universe.finish(
                one.bySecretsManager
                        ? rotation(universe, "before", one, begin(universe, one))
                        : rotate(universe, "before", one, false));
        universe.pass(since);
    }

    private static void dieAt(Universe universe, Stored one, Remote kind) {
        goUntil(universe, rotate(universe, "dead", one, false), kind);
        universe.pass(Duration.ofMinutes(16));
    }

    /** The answer of its first call of this kind is the last thing that it does not see. */
    private static void goUntil(Universe universe, Run run, Remote kind) {
        universe.go(run, Verdict.PASSES);
        while (!run.isOver() && run.kind() != kind) {
            universe.go(run, Verdict.PASSES);
        }
        if (kind == Remote.CREATE && !run.isOver()) {
            universe.go(run, Verdict.KILLS_AFTERWARDS);
        }
        universe.kill(run);
    }
}
