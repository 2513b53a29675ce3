package dev.atlasrotator.explore;

import dev.atlasrotator.explore.Broken.Promise;
import dev.atlasrotator.explore.Stored.Life;
import dev.atlasrotator.json.Json;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What follows when the trouble is over: whatever still ran has died, Secrets Manager tries again,
 * the sweep comes by a few times, and the overlap passes. Then nothing may be left over, and a
 * rotation must be able to begin.
 */
final class Aftermath {
    private static final Duration LONGEST_RUN = Duration.ofMinutes(16);

    private final Universe universe;
    private int count;

    Aftermath(Universe universe) {
        this.universe = universe;
    }

    void follow() {
        universe.note(() -> "the trouble is over");
        universe.killAll();
        universe.runs.clear();
        for (int i = 0; i < 3 && !universe.isBroken(); i++) {
            universe.pass(LONGEST_RUN);
            retries();
            sweep();
        }
        if (universe.isBroken()) {
            return;
        }
        tidyUp();
        // A rotation may have ended only just now, and what it superseded has its overlap.
        for (int round = 0;
                round < 3 && !universe.isBroken() && (round == 0 || !isAtRest());
                round++) {
            universe.pass(universe.settings.policy().overlap().plusHours(2));
            for (int i = 0; i < 3 && !universe.isBroken(); i++) {
                retries();
                sweep();
                universe.pass(LONGEST_RUN);
            }
        }
        if (!universe.isBroken() && isLeftByARevocation()) {
            // Its run died, and whoever finished it could not tell when it was promoted: then
            // consumers' use looks late, and Atlas's own end is what remains.
            universe.pass(Duration.ofDays(8));
            sweep();
        }
        for (Stored one : universe.stored) {
            if (!universe.isBroken() && isWhole(one)) {
                universe.watch
                        .unrest(one)
                        .ifPresent(why -> universe.broken(why.promise(), why.how()));
                if (!universe.isBroken()) {
                    rotate(one);
                }
            }
        }
    }

    private boolean isLeftByARevocation() {
        return universe.stored.stream()
                .filter(one -> isWhole(one) && universe.watch.unrest(one).isPresent())
                .flatMap(one -> one.living().stream())
                .anyMatch(life -> life.isWantedGone);
    }

    private boolean isAtRest() {
        return universe.stored.stream()
                .allMatch(one -> !isWhole(one) || universe.watch.unrest(one).isEmpty());
    }

    /**
     * Where a person has taken every way in away, only a person can help, or an administrator who
     * may and has room: of two superseded ones either may be the last that somebody gets in with.
     */
    private boolean isWhole(Stored one) {
        return !one.isStrangers && (universe.watch.currentWorks(one) || isRescued(one));
    }

    private boolean isRescued(Stored one) {
        return universe.hasAdmin()
                && hasRoom(one)
                && universe.secretsManager
                        .tag(one.arn, Universe.TAG)
                        .filter(one.clientId::equals)
                        .isPresent();
    }

    private boolean hasRoom(Stored one) {
        return one.living().size() < 2
                || one.living().stream()
                        .anyMatch(
                                life -> !universe.atlas.instant().isBefore(life.last.expiresAt()));
    }

    /** A person follows the advice, and deletes what is foreign. */
    private void tidyUp() {
        for (Stored one : universe.stored) {
            for (Life life : one.living()) {
                if (universe.watch.isForeign(one, life)) {
                    universe.note(() -> "a person deletes the foreign " + life.id);
                    universe.atlas.deleteSecret(one.clientId, life.id);
                }
            }
        }
        universe.watch.look();
    }

    /** Secrets Manager runs what stands again, with the same token. */
    private void retries() {
        for (Stored one : universe.stored) {
            if (one.bySecretsManager && one.attempt.isPresent() && !universe.isBroken()) {
                universe.finish(
                        universe.rotation(
                                "retry " + ++count, environment(), one, one.attempt.get()));
            }
        }
    }

    private Environment environment() {
        return universe.idleEnvironment().orElseGet(universe::environment);
    }

    private void sweep() {
        if (universe.isBroken()) {
            return;
        }
        var report = new AtomicReference<>("");
        universe.finish(
                universe.run(
                        "sweep " + ++count,
                        universe.environment(),
                        false,
                        self -> report.set(self.environment.handle("{\"action\":\"sweep\"}"))));
        if (!universe.isBroken()) {
            judge(report.get());
        }
    }

    /** Promise 10, where an attempt stands at the end of a sweep. */
    private void judge(String report) {
        universe.watch.printed(report);
        var answer = Json.object(report).orElse(Map.of());
        for (Stored one : universe.stored) {
            boolean hurries =
                    one.attempt.isPresent()
                            && universe.watch
                                    .currentSecret(one)
                                    .flatMap(one::withValue)
                                    .filter(
                                            life ->
                                                    !life.ended
                                                            && Duration.between(
                                                                                    universe.atlas
                                                                                            .instant(),
                                                                                    life.last
                                                                                            .expiresAt())
                                                                            .compareTo(
                                                                                    Duration.ofDays(
                                                                                            7))
                                                                    < 0)
                                    .isPresent();
            if (!hurries || one.isStrangers) {
                continue;
            }
            boolean told = false;
            for (String list : List.of("accounts", "failed")) {
                for (Object entry : answer.get(list) instanceof List<?> all ? all : List.of()) {
                    var text = String.valueOf(entry);
                    told |=
                            text.contains(one.arn)
                                    && (text.contains("rgent")
                                            || text.contains("expiring")
                                            || text.contains("stuck")
                                            || text.contains("broken"));
                }
            }
            if (!told) {
                universe.broken(
                        Promise.URGENCY_IS_TOLD,
                        "an attempt stands for "
                                + one.name
                                + " whose secret in use nears its end, and the report does not say"
                                + " so");
            }
        }
    }

    /** Promise 6: a rotation can begin, and it ends well. */
    private void rotate(Stored one) {
        var before = one.current;
        if (one.bySecretsManager) {
            var token = universe.newToken();
            try {
                universe.secretsManager.call(
                        "RotateSecret", Map.of("SecretId", one.arn, "ClientRequestToken", token));
            } catch (dev.atlasrotator.fake.SecretsManagerError refused) {
                universe.broken(
                        Promise.DEAD_PENDING_GIVEN_UP,
                        "Secrets Manager begins no rotation of "
                                + one.name
                                + ": "
                                + refused.code());
                return;
            }
            universe.watch.look();
            universe.finish(universe.rotation("last rotation", environment(), one, token));
        } else {
            universe.finish(
                    universe.invocation(
                            "last rotation",
                            environment(),
                            false,
                            Json.text(Map.of("action", "rotate", "secretId", one.arn))));
        }
        if (!universe.isBroken() && String.valueOf(before).equals(one.current)) {
            universe.broken(
                    Promise.DEAD_PENDING_GIVEN_UP,
                    "a rotation of " + one.name + " did not come to its end");
        }
    }
}
