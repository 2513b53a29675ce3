package dev.atlasrotator.explore;

import dev.atlasrotator.explore.Broken.Promise;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.testbed.ReportEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What follows when the trouble is over: whatever still ran has died, Secrets Manager tries again,
 * the sweep comes by a few times, and the overlap passes. Then nothing may be left over, and a
 * rotation must be able to begin.
 */
final class QuiescenceCheck {
    private static final Duration LONGEST_RUN = Duration.ofMinutes(16);

    private final Simulation simulation;
    private int count;

    /** Whether the last sweep has asked Secrets Manager for a rotation. */
    private boolean requested;

    QuiescenceCheck(Simulation simulation) {
        this.simulation = simulation;
    }

    void follow() {
        simulation.note(() -> "the trouble is over");
        simulation.killAll();
        simulation.runs.clear();
        // What was said in the midst of it is followed when things may have changed.
        advice();
        if (sweepsAlone()) {
            nextSweepFinishesOrUndoes();
        }
        for (int i = 0; i < 3 && !simulation.isBroken(); i++) {
            simulation.pass(LONGEST_RUN);
            retries();
            sweep();
        }
        endSharing();
        advice();
        // A rotation may have ended only just now, and what it superseded has its overlap. A way
        // back leaves no trace but LastChangedDate: nobody tags those in the end. Where a run has
        // died that revoked, Atlas's own end is what remains.
        for (int round = 0; round < 8 && !simulation.isBroken() && !isAtRest(round); round++) {
            simulation.pass(
                    round != 5
                            ? atLeastADay(simulation.settings.times().overlap()).plusHours(2)
                            : Duration.ofDays(8));
            dayOfSweeps(round);
            for (int i = 0; i < 3 && !simulation.isBroken(); i++) {
                tag(round);
                retries();
                sweep();
                advice();
                simulation.pass(LONGEST_RUN);
            }
        }
        for (Stored one : simulation.stored) {
            // A rotation that had to wait for Atlas's end of an old secret may be over only now.
            if (!simulation.isBroken() && isWhole(one) && !simulation.invariants.hasOverlap(one)) {
                simulation.invariants.unrest(one).ifPresent(why -> simulation.broken(why.promise(), why.how()));
                if (!simulation.isBroken() && !hasForeign(one)) {
                    rotate(one);
                }
            }
        }
    }

    /** Behind an admin's list a stored value is tried in one sweep of a day. */
    private void dayOfSweeps(int round) {
        for (int hour = 0; hour < 24 && simulation.hasAdmin() && round > 0; hour++) {
            simulation.pass(Duration.ofHours(1));
            tag(round);
            sweep();
        }
    }

    private boolean isAtRest(int round) {
        return round > 0
                && simulation.stored.stream()
                        .filter(this::isWhole)
                        .filter(one -> round < 5 || mayLastLonger(one))
                        .allMatch(one -> simulation.invariants.unrest(one).isEmpty()
                                && !hasForeign(one)
                                && !simulation.invariants.hasStillUsed(one));
    }

    /** What somebody else has made, and an operator is still to delete. */
    private boolean hasForeign(Stored one) {
        return simulation.accountOf(one).living().stream().anyMatch(life -> simulation.invariants.isForeign(one, life));
    }

    private static Duration atLeastADay(Duration span) {
        return span.compareTo(Duration.ofDays(1)) < 0 ? Duration.ofDays(1) : span;
    }

    private boolean mayLastLonger(Stored one) {
        return mayHaveGoneBack(one)
                || simulation.invariants.hasStillUsed(one)
                || simulation.invariants.hasOverlap(one)
                || simulation.accountOf(one).living().stream().anyMatch(life -> life.isWantedGone);
    }

    /**
     * Where a person has taken every credential away, only a person can help, or an administrator who
     * may and has room: of two superseded ones either may be the last that authenticates.
     */
    private boolean isWhole(Stored one) {
        return one.isOurs()
                && (simulation.invariants.currentWorks(one) || isRescued(one))
                && simulation
                        .invariants
                        .currentLife(one)
                        .filter(life -> simulation.invariants.isMisnamed(one, life))
                        .isEmpty();
    }

    private boolean isRescued(Stored one) {
        return simulation.hasAdmin()
                && hasRoom(simulation.accountOf(one))
                && simulation
                        .secretsManager
                        .tag(one.arn, Simulation.TAG)
                        .filter(simulation.accountOf(one).clientId::equals)
                        .isPresent();
    }

    private boolean hasRoom(AtlasAccount account) {
        return account.hasRoom() || account.living().stream().anyMatch(life -> !life.works(simulation.atlas.instant()));
    }

    /** An operator does what was said, and what they have called for comes to its end. */
    private void advice() {
        if (simulation.isBroken()) {
            return;
        }
        simulation.operator.follow(false);
        for (Run run : List.copyOf(simulation.runs)) {
            simulation.finish(run);
        }
    }

    /**
     * Of the stored secrets that hold one account, the one whose secret lives longest is kept; the
     * others become mere copies.
     */
    private void endSharing() {
        for (AtlasAccount account : simulation.accounts) {
            var sharing = simulation.stored.stream()
                    .filter(Stored::isOurs)
                    .filter(one -> simulation.accountOf(one) == account)
                    .sorted(Comparator.comparing(this::end).reversed())
                    .toList();
            sharing.stream().skip(1).forEach(one -> new Person(simulation, one).untag());
        }
    }

    private Instant end(Stored one) {
        return simulation
                .invariants
                .currentLife(one)
                .filter(life -> !life.ended)
                .map(life -> life.last.expiresAt())
                .orElse(Instant.EPOCH);
    }

    /** Where a younger version or secret than the one in use is superseded, it looks like it. */
    private boolean mayHaveGoneBack(Stored one) {
        var current = simulation.invariants.currentLife(one);
        return one.movedByLabel
                || simulation.invariants.previousIsYounger(one)
                || simulation.accountOf(one).living().stream()
                        .anyMatch(life -> current.filter(used -> life.born.isAfter(used.born))
                                .isPresent());
    }

    /** People go on tagging, which must not prolong anything for ever. */
    private void tag(int round) {
        simulation.stored.stream()
                .filter(one -> round < 3 || !mayHaveGoneBack(one))
                .forEach(one -> new Person(simulation, one).tagForSomethingElse());
    }

    private boolean sweepsAlone() {
        return simulation.conditions.extras().contains(Simulation.Extra.SWEEPS_ALONE);
    }

    /** Promises 4 and 5, by the first sweep after the trouble and the rotation that it asks Secrets Manager for. */
    private void nextSweepFinishesOrUndoes() {
        var left = simulation.stored.stream().map(one -> one.attempt).toList();
        simulation.pass(LONGEST_RUN);
        sweep();
        retries();
        for (int i = 0; i < left.size() && !simulation.isBroken(); i++) {
            var one = simulation.stored.get(i);
            if (left.get(i).isPresent() && one.attempt.equals(left.get(i))) {
                simulation.broken(
                        Promise.REPEATABLE,
                        "an attempt of " + one.name + " is in progress after the sweep that follows it");
            }
            simulation.accountOf(one).living().stream()
                    .filter(life -> life.maker.isPresent() && !life.wasCurrent)
                    .filter(life -> one.attempt.isEmpty())
                    .forEach(life -> simulation.broken(
                            Promise.NOTHING_LEFT_BEHIND,
                            life.id + " is left behind at " + one.name + " by the sweep that follows"));
        }
    }

    /** Secrets Manager runs again what is in progress, with the same token. */
    private void retries() {
        if (sweepsAlone() && !requested) {
            return;
        }
        for (Stored one : simulation.stored) {
            if (one.bySecretsManager && one.attempt.isPresent() && !simulation.isBroken()) {
                simulation.finish(simulation.rotation("retry " + ++count, environment(), one, one.attempt.get()));
            }
        }
    }

    private Environment environment() {
        return simulation.idleEnvironment().orElseGet(simulation::environment);
    }

    private void sweep() {
        if (simulation.isBroken()) {
            return;
        }
        var report = new AtomicReference<>("");
        var run = simulation.run(
                "sweep " + ++count,
                simulation.environment(),
                false,
                self -> report.set(self.environment.handle("{\"action\":\"sweep\"}")));
        requested = false;
        while (!run.isOver() && !simulation.isBroken()) {
            requested |= run.hasBegun() && run.kind() == Remote.REQUEST;
            simulation.go(run, CallOutcome.PASSES);
        }
        simulation.kill(run);
        if (!simulation.isBroken()) {
            simulation.note(() -> "it reports " + report.get());
            simulation.operator.reads(report.get());
            judge(report.get());
        }
    }

    /** What a report must say, and must not say, when nothing else goes on. */
    private void judge(String report) {
        simulation.invariants.printed(report);
        var answer = Json.object(report).orElse(Map.of());
        var entries = ReportEntry.maps(answer.get("accounts")).toList();
        for (Stored one : simulation.stored) {
            if (!one.isOurs()) {
                continue;
            }
            var entry = of(one, entries);
            entry.ifPresent(found -> isToldAsItIs(one, found));
            var failure = entry.filter(found -> new ReportEntry(found).isFailed());
            // One that has its account was looked at, and its failure is of what was to be done then.
            boolean wasRead =
                    entry.filter(found -> found.get("clientId") != null).isPresent();
            if (failure.isPresent() && !wasRead && simulation.invariants.currentWorks(one)) {
                simulation.broken(
                        Promise.OTHERS_STOP_NOBODY,
                        "nobody looks after " + one.name + ", which is whole: " + text(failure.get()));
            }
            if (isUrgent(one) && !isSaidToBeUrgent(entry)) {
                simulation.broken(
                        Promise.URGENCY_IS_TOLD,
                        "the secret in use of "
                                + one.name
                                + " nears its end, and the report does not say so: "
                                + entry.map(found -> found.get("state") + ", " + text(found))
                                        .orElse("it has no entry"));
            }
        }
    }

    private static Optional<Map<?, ?>> of(Stored one, List<Map<?, ?>> entries) {
        for (Map<?, ?> entry : entries) {
            if (one.arn.equals(entry.get("secretArn"))) {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }

    /** The secret in use, by its id and its end; and nothing of ours is called somebody else's. */
    private void isToldAsItIs(Stored one, Map<?, ?> entry) {
        boolean isOfBefore = String.valueOf(entry.get("actions")).contains("promoted");
        var current = simulation.invariants.currentLife(one).filter(life -> !life.ended);
        boolean isAnother = current.filter(life -> entry.get("secretId") != null)
                .filter(life -> !life.id.equals(entry.get("secretId")))
                .isPresent();
        boolean isMistaken = isAnother
                && (simulation.invariants.isTheWritersWord(String.valueOf(entry.get("secretId")))
                        || simulation.invariants.isFirstNamedByMistake(one, current.get()));
        if (isMistaken) {
            return;
        }
        if (isAnother && !isOfBefore) {
            simulation.broken(
                    Promise.TOLD_AS_IT_IS,
                    "the report calls "
                            + entry.get("secretId")
                            + " the secret in use of "
                            + one.name
                            + ", which is "
                            + current.get().id);
        }
        for (String id : Operator.foreignIn(entry)) {
            simulation
                    .accountOf(one)
                    .life(id)
                    // "May be what an earlier version holds" is as it is.
                    .filter(life -> !text(entry).contains("Secret " + id + " may be what"))
                    .filter(life -> !life.ended && !simulation.invariants.isForeign(one, life))
                    .filter(life -> entry.get("secretId") != null)
                    .ifPresent(life -> simulation.broken(
                            Promise.TOLD_AS_IT_IS, "the report calls " + id + " somebody else's, at " + one.name));
        }
    }

    private static String text(Map<?, ?> entry) {
        return new ReportEntry(entry).told();
    }

    /** Promise 10: what an attempt leaves, and a copy's end, is told while somebody can act. */
    private boolean isUrgent(Stored one) {
        return simulation
                .invariants
                .currentLife(one)
                .filter(life -> !life.ended && isAboutToExpire(life))
                .isPresent();
    }

    /** Below nine tenths of its own margin: a quarter of its lifetime, at most seven days. */
    private boolean isAboutToExpire(Life life) {
        var end = life.last.expiresAt();
        var quarter = Duration.between(life.born, end).dividedBy(4);
        var margin = quarter.compareTo(Duration.ofDays(7)) < 0 ? quarter : Duration.ofDays(7);
        return Duration.between(simulation.atlas.instant(), end)
                        .compareTo(margin.multipliedBy(9).dividedBy(10))
                < 0;
    }

    private static boolean isSaidToBeUrgent(Optional<Map<?, ?>> entry) {
        var text = entry.map(Object::toString).orElse("");
        return List.of("EXPIRING", "STALLED", "GONE", "lockedOut", "stalled").stream()
                .anyMatch(text::contains);
    }

    /** Promise 6: a rotation can begin, and it ends well. */
    private void rotate(Stored one) {
        var before = one.current;
        if (one.bySecretsManager) {
            var token = simulation.newToken();
            try {
                simulation.secretsManager.call(
                        "RotateSecret", Map.of("SecretId", one.arn, "ClientRequestToken", token));
            } catch (dev.atlasrotator.simulator.secretsmanager.SecretsManagerError refused) {
                simulation.broken(
                        Promise.DEAD_PENDING_GIVEN_UP,
                        "Secrets Manager begins no rotation of " + one.name + ": " + refused.code());
                return;
            }
            simulation.invariants.observe();
            simulation.finish(simulation.rotation("last rotation", environment(), one, token));
        } else {
            simulation.finish(simulation.rotate("last rotation", environment(), one));
        }
        if (!simulation.isBroken() && String.valueOf(before).equals(one.current)) {
            simulation.broken(Promise.DEAD_PENDING_GIVEN_UP, "a rotation of " + one.name + " did not come to its end");
        }
    }
}
