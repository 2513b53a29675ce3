package dev.atlasrotator.explore;

import dev.atlasrotator.explore.Simulation.Beginning;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** What is searched exhaustively: runs in pairs, beside a person, and through the adapters. */
final class Races {
    private static final Duration OLD = Duration.ofDays(40);
    private static final Duration A_MINUTE = Duration.ofMinutes(1);

    /** What a person may do in the midst of two runs. */
    private static final Map<String, Consumer<Person>> ACTS = new TreeMap<>(Map.of(
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
                race("rotation ‖ the same rotation", faults, true, Races::nothing, (all, one) -> {
                    var token = begin(all, one);
                    rotation(all, "rotation a", one, token);
                    rotation(all, "rotation b", one, token);
                }),
                race("rotation ‖ sweep", faults, true, Races::nothing, (all, one) -> {
                    rotation(all, "rotation", one, begin(all, one));
                    sweep(all, "sweep");
                }),
                race("rotation ‖ revocation", faults, true, Races::nothing, (all, one) -> {
                    rotation(all, "rotation", one, begin(all, one));
                    rotate(all, "revocation", one, true);
                }),
                race("run ‖ run", faults, false, Races::nothing, (all, one) -> {
                    rotate(all, "run a", one, false);
                    rotate(all, "run b", one, false);
                }),
                race("run ‖ sweep", faults, false, Races::nothing, (all, one) -> {
                    rotate(all, "run", one, false);
                    sweep(all, "sweep");
                }),
                race("sweep ‖ sweep", faults, false, Races::nothing, (all, one) -> {
                    sweep(all, "sweep a");
                    sweep(all, "sweep b");
                }),
                race("run ‖ revocation", faults, false, Races::nothing, (all, one) -> {
                    rotate(all, "run", one, false);
                    rotate(all, "revocation", one, true);
                }),
                race(
                        "sweep ‖ sweep, one superseded past its overlap",
                        faults,
                        false,
                        (all, one) -> rotateBefore(all, one, Duration.ofHours(31 * 24)),
                        (all, one) -> {
                            sweep(all, "sweep a");
                            sweep(all, "sweep b");
                        }),
                race(
                        "rotation ‖ sweep, one superseded past its overlap",
                        faults,
                        true,
                        (all, one) -> rotateBefore(all, one, Duration.ofHours(30)),
                        (all, one) -> {
                            rotation(all, "rotation", one, begin(all, one));
                            sweep(all, "sweep");
                        }),
                race(
                        "sweep ‖ sweep, an attempt that died with an orphan",
                        faults - 1,
                        false,
                        (all, one) -> {
                            dieAt(all, one, Remote.CREATE);
                            all.pass(Duration.ofHours(1));
                        },
                        (all, one) -> {
                            sweep(all, "sweep a");
                            sweep(all, "sweep b");
                        }),
                race(
                        "rotation ‖ the same, an orphan of its own",
                        faults,
                        true,
                        (all, one) -> {
                            var run = rotation(all, "dead", one, begin(all, one));
                            goUntil(all, run, Remote.CREATE, CallOutcome.KILLS_AFTERWARDS);
                            all.pass(Duration.ofMinutes(16));
                        },
                        (all, one) -> {
                            var token = one.attempt.orElseThrow();
                            rotation(all, "rotation a", one, token);
                            rotation(all, "rotation b", one, token);
                        }),
                race(
                        "run ‖ sweep, a stored attempt that died",
                        faults,
                        false,
                        (all, one) -> dieAt(all, one, Remote.MOVE),
                        (all, one) -> {
                            rotate(all, "run", one, false);
                            sweep(all, "sweep");
                        }),
                race(
                        "run ‖ sweep, a stored attempt whose secret is gone",
                        faults,
                        false,
                        (all, one) -> {
                            dieAt(all, one, Remote.MOVE);
                            new Person(all, one).deleteWhatIsNew();
                        },
                        (all, one) -> {
                            rotate(all, "run", one, false);
                            sweep(all, "sweep");
                        }),
                race(
                        "run ‖ sweep by an admin, a stored attempt, all expired",
                        Simulation.Conditions.exhaustive().with(Map.of("ADMIN_SECRET_ID", "admin")),
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

    /** Two runs at once in other scenes than {@link #all}: an attempt that died, and Secrets Manager's near their expiry. */
    static List<Race> otherScenes(int faults) {
        var races = new ArrayList<Race>();
        Map<String, BiConsumer<Simulation, Stored>> scenes = new TreeMap<>(Map.of(
                "an attempt that died with an orphan",
                (all, one) -> dieAt(all, one, Remote.CREATE),
                "a stored attempt that died",
                (all, one) -> dieAt(all, one, Remote.MOVE)));
        scenes.forEach((scene, before) -> {
            races.add(race("run ‖ run, " + scene, faults, false, before, Races::twoRuns));
            races.add(race("run ‖ sweep by name, " + scene, faults, false, before, (all, one) -> {
                rotate(all, "run", one, false);
                sweepByName(all, one);
            }));
            races.add(race("sweep ‖ sweep by name, " + scene, faults, false, before, (all, one) -> {
                sweep(all, "sweep");
                sweepByName(all, one);
            }));
        });
        races.add(aboutToExpire("rotation ‖ run", faults, (all, one) -> {
            rotation(all, "rotation", one, begin(all, one));
            rotate(all, "run", one, false);
        }));
        races.add(aboutToExpire("rotation ‖ sweep", faults, (all, one) -> {
            rotation(all, "rotation", one, begin(all, one));
            sweep(all, "sweep");
        }));
        races.add(aboutToExpire("run ‖ run", faults, Races::twoRuns));
        races.add(aboutToExpire("run ‖ sweep", faults, (all, one) -> {
            rotate(all, "run", one, false);
            sweep(all, "sweep");
        }));
        races.add(aboutToExpire("sweep ‖ sweep by name", faults, (all, one) -> {
            sweep(all, "sweep");
            sweepByName(all, one);
        }));
        return races;
    }

    private static Race aboutToExpire(String runs, int faults, BiConsumer<Simulation, Stored> begin) {
        return race(
                runs + ", by Secrets Manager, about to expire",
                Simulation.Conditions.exhaustive(),
                faults,
                Beginning.of("prod/atlas", Duration.ofDays(84), true),
                Races::nothing,
                begin);
    }

    private static void twoRuns(Simulation all, Stored one) {
        rotate(all, "run a", one, false);
        rotate(all, "run b", one, false);
    }

    /** As a message of the work queue names it. */
    private static void sweepByName(Simulation all, Stored one) {
        all.invocation(
                "sweep by name",
                all.environment(),
                false,
                "{\"action\":\"sweep\",\"secretIds\":[\"" + one.arn + "\"]}");
    }

    /** One run, and after it nobody but the sweep: Secrets Manager tries nothing again by itself. */
    static List<Race> thenSweepsAlone(int faults) {
        var conditions = Simulation.Conditions.exhaustive().with(Simulation.Extra.SWEEPS_ALONE);
        var races = new ArrayList<Race>();
        oneRun().forEach((run, begin) -> races.add(race(
                run + ", then sweeps alone",
                conditions,
                faults,
                Beginning.of("prod/atlas", OLD, run.equals("rotation")),
                Races::nothing,
                begin)));
        return races;
    }

    /** One run, and a service that is down from any of its calls to its end; through the adapters. */
    static List<Race> inAnOutage(Wire.Failing failing) {
        var conditions = Simulation.Conditions.throughAdapters(failing).with(Simulation.Extra.FAULTS_LAST);
        var races = new ArrayList<Race>();
        oneRun().forEach((run, begin) -> races.add(race(
                run + ", all calls from one on, " + failing,
                conditions,
                1,
                Beginning.of("prod/atlas", OLD, run.equals("rotation")),
                Races::nothing,
                begin)));
        return races;
    }

    private static Map<String, BiConsumer<Simulation, Stored>> oneRun() {
        return new TreeMap<>(Map.of(
                "rotation",
                (all, one) -> rotation(all, "rotation", one, begin(all, one)),
                "run",
                (all, one) -> rotate(all, "run", one, false),
                "sweep",
                (all, one) -> sweep(all, "sweep"),
                "revocation",
                (all, one) -> rotate(all, "revocation", one, true)));
    }

    /** One run, and a person who does something at any moment of it. */
    static List<Race> besideAPerson(int faults) {
        return List.of(
                beside(
                        "rotation ‖ a person writes a value",
                        faults,
                        true,
                        Races::nothing,
                        (all, one) -> rotation(all, "rotation", one, begin(all, one)),
                        person -> person.write(true)),
                beside(
                        "run ‖ a person writes a value",
                        faults,
                        false,
                        Races::nothing,
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
                        person -> person.delete(person.one().home.living().getLast())),
                beside(
                        "rotation ‖ a person deletes what is new",
                        faults,
                        true,
                        Races::nothing,
                        (all, one) -> rotation(all, "rotation", one, begin(all, one)),
                        Person::deleteWhatIsNew),
                beside(
                        "run ‖ a person deletes what is new",
                        faults,
                        false,
                        Races::nothing,
                        (all, one) -> rotate(all, "run", one, false),
                        Person::deleteWhatIsNew),
                beside(
                        "run ‖ a person ends the attempt",
                        faults,
                        false,
                        Races::nothing,
                        (all, one) -> rotate(all, "run", one, false),
                        Person::takePendingOff),
                beside(
                        "run ‖ a person makes an Atlas secret",
                        faults,
                        false,
                        Races::nothing,
                        (all, one) -> rotate(all, "run", one, false),
                        Person::make));
    }

    /**
     * Two runs, and a person who does something at any moment of them; the account has what it
     * began with, or a superseded secret past its overlap beside it.
     */
    static List<Race> twoBesideAPerson(int faults) {
        Map<String, BiConsumer<Simulation, Stored>> scenes = new TreeMap<>(Map.of(
                "",
                (all, one) -> all.pass(Duration.ofHours(30)),
                ", one superseded",
                (all, one) -> rotateBefore(all, one, Duration.ofHours(30))));
        var races = new ArrayList<Race>();
        scenes.forEach((scene, before) -> ACTS.forEach((what, act) -> {
            var then = " ‖ a person " + what + scene;
            races.add(beside(
                    "run ‖ run" + then,
                    faults,
                    false,
                    before,
                    (all, one) -> {
                        rotate(all, "run a", one, false);
                        rotate(all, "run b", one, false);
                    },
                    act));
            races.add(beside(
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
            races.add(beside(
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
        Consumer<Person> paste = person -> person.pasteNew(ids);
        return List.of(
                beside(
                        "rotation" + what,
                        faults,
                        true,
                        Races::nothing,
                        (all, one) -> rotation(all, "rotation", one, begin(all, one)),
                        paste),
                beside(
                        "run" + what,
                        faults,
                        false,
                        Races::nothing,
                        (all, one) -> rotate(all, "run", one, false),
                        paste),
                beside("sweep" + what, faults, false, Races::nothing, (all, one) -> sweep(all, "sweep"), paste),
                beside(
                        "sweep" + what + ", made by hand before",
                        faults,
                        false,
                        (all, one) -> {
                            all.pass(Duration.ofDays(1));
                            new Person(all, one).make();
                            all.pass(Duration.ofMinutes(30));
                        },
                        (all, one) -> sweep(all, "sweep"),
                        paste),
                beside(
                        "revocation" + what,
                        faults,
                        false,
                        Races::nothing,
                        (all, one) -> rotate(all, "revocation", one, true),
                        paste));
    }

    /** What they have done before, when a run comes. */
    private static List<Race> afterAPaste(int faults) {
        var races = new ArrayList<Race>();
        Map<String, BiConsumer<Simulation, Stored>> scenes = new TreeMap<>(Map.of(
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
                    all.pass(Duration.ofHours(30));
                }));
        for (boolean bySecretsManager : List.of(false, true)) {
            scenes.forEach((scene, before) -> {
                races.add(race(
                        (bySecretsManager ? "rotation, " : "run, ") + scene,
                        faults,
                        bySecretsManager,
                        before,
                        (all, one) -> {
                            if (bySecretsManager) {
                                rotation(all, "rotation", one, begin(all, one));
                            } else {
                                rotate(all, "run", one, false);
                            }
                        }));
                races.add(race(
                        "sweep, " + scene + (bySecretsManager ? ", rotated" : ""),
                        faults,
                        bySecretsManager,
                        before,
                        (all, one) -> sweep(all, "sweep")));
            });
        }
        races.add(race(
                "rotation by an admin, tried again after a paste",
                Simulation.Conditions.exhaustive().with(Map.of("ADMIN_SECRET_ID", "admin")),
                faults,
                new Beginning("prod/atlas", OLD, true, true, "clientId", false),
                (all, one) -> {
                    begin(all, one); // and no step of it gets anywhere
                    paste(all, one, Person.Ids.STALE);
                },
                (all, one) -> rotation(all, "rotation", one, one.attempt.orElseThrow())));
        races.add(race(
                "sweep, a clientSecret was pasted while an attempt stood",
                Simulation.Conditions.exhaustive().with(Duration.ZERO, Duration.ofMinutes(2)),
                faults,
                Beginning.of("prod/atlas", OLD, false),
                (all, one) -> {
                    dieAt(all, one, Remote.CREATE, CallOutcome.KILLS);
                    paste(all, one, Person.Ids.STALE);
                },
                (all, one) -> sweep(all, "sweep")));
        return races;
    }

    private static void paste(Simulation all, Stored one, Person.Ids ids) {
        new Person(all, one).pasteNew(ids);
        all.pass(Duration.ofMinutes(50));
    }

    /** Two managed stored secrets hold one account. */
    private static List<Race> sharing(int faults) {
        // Of one run, one thread at a time can be before a call.
        var conditions = Simulation.Conditions.exhaustive().with(Map.of("SWEEP_CONCURRENCY", "1"));
        var beginning = Beginning.of("prod/atlas", OLD, false);
        return List.of(
                race(
                        "sweep, two stored secrets of one account",
                        conditions,
                        faults,
                        beginning,
                        Races::share,
                        (all, one) -> sweep(all, "sweep")),
                race(
                        "run ‖ sweep, two stored secrets of one account",
                        conditions,
                        faults - 1,
                        beginning,
                        Races::share,
                        (all, one) -> {
                            rotate(all, "run", one, false);
                            sweep(all, "sweep");
                        }),
                race(
                        "sweep, the other stored secret of the account was rotated",
                        conditions,
                        faults,
                        beginning,
                        (all, one) -> {
                            share(all, one);
                            rotateBefore(all, one, Duration.ofHours(30));
                        },
                        (all, one) -> sweep(all, "sweep")));
    }

    private static void share(Simulation all, Stored one) {
        all.copyOf(one, "prod/copy", false);
        all.pass(Duration.ofHours(1));
    }

    /** What comes twice has the effect of one. */
    private static List<Race> twice(int faults) {
        var races = new ArrayList<Race>();
        races.add(race("revocation ‖ revocation", faults, false, Races::nothing, (all, one) -> {
            rotate(all, "revocation a", one, true);
            rotate(all, "revocation b", one, true);
        }));
        races.add(race(
                "revocation ‖ revocation, one superseded",
                faults,
                false,
                (all, one) -> rotateBefore(all, one, Duration.ofHours(2)),
                (all, one) -> {
                    rotate(all, "revocation a", one, true);
                    rotate(all, "revocation b", one, true);
                }));
        races.add(race(
                "revocation, called again a minute later",
                faults,
                false,
                (all, one) -> {
                    all.finish(rotate(all, "revocation a", one, true));
                    all.pass(Duration.ofMinutes(1));
                },
                (all, one) -> rotate(all, "revocation b", one, true)));
        races.add(race(
                "revocation, called again after it could not delete",
                faults,
                false,
                (all, one) -> {
                    var first = rotate(all, "revocation a", one, true);
                    goUntil(all, first, Remote.DELETE, CallOutcome.IS_REFUSED);
                    all.pass(Duration.ofMinutes(1));
                },
                (all, one) -> rotate(all, "revocation b", one, true)));
        races.add(race(
                "revocation ‖ run, a registered attempt that died",
                faults,
                false,
                (all, one) -> dieAt(all, one, Remote.CREATE, CallOutcome.KILLS),
                (all, one) -> {
                    rotate(all, "revocation", one, true);
                    rotate(all, "run", one, false);
                }));
        races.add(race("revocation of what has leaked ‖ the same", faults, false, Races::nothing, (all, one) -> {
            var leaked = all.invariants.currentLife(one);
            all.revoke("revocation a", all.environment(), one, leaked);
            all.revoke("revocation b", all.environment(), one, leaked);
        }));
        for (Duration ahead : List.of(Duration.ZERO, A_MINUTE, A_MINUTE.negated())) {
            races.add(new Race(
                    "rotation ‖ the same, stored a moment ago, Atlas " + ahead.toSeconds() + " s ahead",
                    Simulation.Conditions.exhaustive().with(ahead, Duration.ZERO),
                    faults,
                    simulation -> {
                        simulation.pass(Duration.ofMillis(300));
                        simulation.account(Beginning.of("prod/atlas", OLD, true));
                        simulation.pass(Duration.ofMillis(600));
                    },
                    simulation -> {
                        var one = simulation.stored.getFirst();
                        var token = begin(simulation, one);
                        rotation(simulation, "rotation a", one, token);
                        rotation(simulation, "rotation b", one, token);
                    }));
        }
        return races;
    }

    /**
     * The same through the product's adapters, whose calls are the single requests: these are slow,
     * so one run at a time.
     */
    static List<Race> throughAdapters(int faults, Wire.Failing failing) {
        var conditions = Simulation.Conditions.throughAdapters(failing);
        return List.of(
                race(
                        "rotation, " + failing,
                        conditions,
                        faults,
                        Beginning.of("prod/atlas", OLD, true),
                        Races::nothing,
                        (all, one) -> rotation(all, "rotation", one, begin(all, one))),
                race(
                        "run, " + failing,
                        conditions,
                        faults,
                        Beginning.of("prod/atlas", OLD, false),
                        Races::nothing,
                        (all, one) -> rotate(all, "run", one, false)),
                race(
                        "revocation, " + failing,
                        conditions,
                        faults,
                        Beginning.of("prod/atlas", OLD, false),
                        Races::nothing,
                        (all, one) -> rotate(all, "revocation", one, true)),
                race(
                        "sweep, one superseded past its overlap, " + failing,
                        conditions,
                        faults,
                        Beginning.of("prod/atlas", OLD, false),
                        (all, one) -> rotateBefore(all, one, Duration.ofHours(30)),
                        (all, one) -> sweep(all, "sweep")),
                race(
                        "run by an admin, no Atlas secret left, " + failing,
                        conditions.with(Map.of("ADMIN_SECRET_ID", "admin")),
                        faults,
                        new Beginning("prod/atlas", OLD, false, true, "clientId", false),
                        (all, one) ->
                                new Person(all, one).delete(one.home.living().getFirst()),
                        (all, one) -> rotate(all, "run", one, false)),
                race(
                        "sweep by an admin, who finds other people's accounts, " + failing,
                        conditions.with(Map.of("ADMIN_SECRET_ID", "admin")).with(Simulation.Extra.OTHERS_LISTED),
                        faults,
                        new Beginning("prod/atlas", OLD, false, true, "clientId", false),
                        Races::nothing,
                        (all, one) -> sweep(all, "sweep")),
                race(
                        "run ‖ a person deletes what is pending and was proved before, " + failing,
                        conditions,
                        faults - 1,
                        Beginning.of("prod/atlas", OLD, false),
                        Races::nothing,
                        (all, one) -> {
                            var environment = all.environment();
                            failToPromote(all, rotate(all, environment, "first", one, false));
                            var pending = one.home.living().getLast();
                            rotate(all, environment, "run", one, false);
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

    private static void nothing(Simulation all, Stored one) {
        // The account is as it was made.
    }

    private static Race race(
            String name,
            int faults,
            boolean bySecretsManager,
            BiConsumer<Simulation, Stored> before,
            BiConsumer<Simulation, Stored> runs) {
        return race(
                name,
                Simulation.Conditions.exhaustive(),
                faults,
                Beginning.of("prod/atlas", OLD, bySecretsManager),
                before,
                runs);
    }

    private static Race beside(
            String name,
            int faults,
            boolean bySecretsManager,
            BiConsumer<Simulation, Stored> before,
            BiConsumer<Simulation, Stored> run,
            Consumer<Person> act) {
        return race(name, faults, bySecretsManager, before, (all, one) -> {
            run.accept(all, one);
            all.person("acts", () -> act.accept(new Person(all, one)));
        });
    }

    private static Race race(
            String name,
            Simulation.Conditions conditions,
            int faults,
            Beginning beginning,
            BiConsumer<Simulation, Stored> before,
            BiConsumer<Simulation, Stored> runs) {
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
                    before.accept(simulation, one);
                },
                simulation -> runs.accept(simulation, simulation.stored.getFirst()));
    }

    private static String begin(Simulation simulation, Stored one) {
        return new Person(simulation, one).beginRotation();
    }

    private static Run rotation(Simulation simulation, String name, Stored one, String token) {
        return simulation.rotation(name, simulation.environment(), one, token);
    }

    private static Run rotate(Simulation simulation, String name, Stored one, boolean revokes) {
        return rotate(simulation, simulation.environment(), name, one, revokes);
    }

    private static Run rotate(
            Simulation simulation, Environment environment, String name, Stored one, boolean revokes) {
        return revokes
                ? simulation.revoke(name, environment, one, Optional.empty())
                : simulation.rotate(name, environment, one);
    }

    private static void sweep(Simulation simulation, String name) {
        simulation.sweep(name);
    }

    private static void rotateBefore(Simulation simulation, Stored one, Duration since) {
        simulation.finish(
                one.bySecretsManager
                        ? rotation(simulation, "before", one, begin(simulation, one))
                        : rotate(simulation, "before", one, false));
        simulation.pass(since);
    }

    private static void dieAt(Simulation simulation, Stored one, Remote kind) {
        dieAt(simulation, one, kind, kind == Remote.CREATE ? CallOutcome.KILLS_AFTERWARDS : CallOutcome.KILLS);
    }

    /** A run dies at its first call of this kind, before or after its effect. */
    private static void dieAt(Simulation simulation, Stored one, Remote kind, CallOutcome how) {
        goUntil(simulation, rotate(simulation, "dead", one, false), kind, how);
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
