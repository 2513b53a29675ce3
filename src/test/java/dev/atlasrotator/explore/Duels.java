package dev.atlasrotator.explore;

import dev.atlasrotator.explore.Universe.Beginning;
import dev.atlasrotator.json.Json;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** The pairs of runs that are searched exhaustively. */
final class Duels {
    private static final Duration OLD = Duration.ofDays(40);
    private static final String SWEEP = "{\"action\":\"sweep\"}";

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
                        }));
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
        return new Duel(
                name,
                Universe.Laws.exhaustive(),
                faults,
                universe -> {
                    var one = universe.account(Beginning.of("prod/atlas", OLD, bySecretsManager));
                    universe.pass(Duration.ofHours(1));
                    before.accept(universe, one);
                },
                universe -> runs.accept(universe, universe.stored.getFirst()));
    }

    private static String begin(Universe universe, Stored one) {
        var token = universe.newToken();
        universe.secretsManager.call(
                "RotateSecret", Map.of("SecretId", one.arn, "ClientRequestToken", token));
        universe.watch.look();
        return token;
    }

    private static Run rotation(Universe universe, String name, Stored one, String token) {
        return universe.rotation(name, universe.environment(), one, token);
    }

    private static Run rotate(Universe universe, String name, Stored one, boolean revokes) {
        return universe.invocation(
                name,
                universe.environment(),
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
