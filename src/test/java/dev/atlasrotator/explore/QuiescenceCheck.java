package dev.atlasrotator.explore;

import dev.atlasrotator.explore.Broken.Promise;
import dev.atlasrotator.json.Json;
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

    private final Simulation universe;
    private int count;

    QuiescenceCheck(Simulation universe) {
        this.universe = universe;
    }

    void follow() {
        universe.note(() -> "the trouble is over");
        universe.killAll();
        universe.runs.clear();
        // What was said in the midst of it is followed when things may have changed.
        advice();
        for (int i = 0; i < 3 && !universe.isBroken(); i++) {
            universe.pass(LONGEST_RUN);
            retries();
            sweep();
        }
        endSharing();
        advice();
        // A rotation may have ended only just now, and what it superseded has its overlap. A way
        // back leaves no trace but LastChangedDate: nobody tags those in the end. Where a run has
        // died that revoked, Atlas's own end is what remains.
        for (int round = 0; round < 8 && !universe.isBroken() && !isAtRest(round); round++) {
            universe.pass(
                    round != 5
                            ? atLeastADay(universe.settings.times().overlap()).plusHours(2)
                            : Duration.ofDays(8));
            dayOfSweeps(round);
            for (int i = 0; i < 3 && !universe.isBroken(); i++) {
                tag(round);
                retries();
                sweep();
                advice();
                universe.pass(LONGEST_RUN);
            }
        }
        for (Stored one : universe.stored) {
            // A rotation that had to wait for Atlas's end of an old secret may be over only now.
            if (!universe.isBroken() && isWhole(one) && !universe.watch.hasOverlap(one)) {
                universe.watch.unrest(one).ifPresent(why -> universe.broken(why.promise(), why.how()));
                if (!universe.isBroken() && !hasForeign(one)) {
                    rotate(one);
                }
            }
        }
    }

    /** Behind an admin's list a stored value is tried in one sweep of a day. */
    private void dayOfSweeps(int round) {
        for (int hour = 0; hour < 24 && universe.hasAdmin() && round > 0; hour++) {
            universe.pass(Duration.ofHours(1));
            tag(round);
            sweep();
        }
    }

    private boolean isAtRest(int round) {
        return round > 0
                && universe.stored.stream()
                        .filter(this::isWhole)
                        .filter(one -> round < 5 || mayLastLonger(one))
                        .allMatch(one -> universe.watch.unrest(one).isEmpty()
                                && !hasForeign(one)
                                && !universe.watch.hasStillUsed(one));
    }

    /** What somebody else has made, and an operator is still to delete. */
    private boolean hasForeign(Stored one) {
        return universe.accountOf(one).living().stream().anyMatch(life -> universe.watch.isForeign(one, life));
    }

    private static Duration atLeastADay(Duration span) {
        return span.compareTo(Duration.ofDays(1)) < 0 ? Duration.ofDays(1) : span;
    }

    private boolean mayLastLonger(Stored one) {
        return mayHaveGoneBack(one)
                || universe.watch.hasStillUsed(one)
                || universe.watch.hasOverlap(one)
                || universe.accountOf(one).living().stream().anyMatch(life -> life.isWantedGone);
    }

    /**
     * Where a person has taken every way in away, only a person can help, or an administrator who
     * may and has room: of two superseded ones either may be the last that somebody gets in with.
     */
    private boolean isWhole(Stored one) {
        return one.isOurs()
                && (universe.watch.currentWorks(one) || isRescued(one))
                && universe.watch
                        .currentLife(one)
                        .filter(life -> universe.watch.isMisnamed(one, life))
                        .isEmpty();
    }

    private boolean isRescued(Stored one) {
        return universe.hasAdmin()
                && hasRoom(universe.accountOf(one))
                && universe.secretsManager
                        .tag(one.arn, Simulation.TAG)
                        .filter(universe.accountOf(one).clientId::equals)
                        .isPresent();
    }

    private boolean hasRoom(AtlasAccount account) {
        return account.hasRoom() || account.living().stream().anyMatch(life -> !life.works(universe.atlas.instant()));
    }

    /** An operator does what was said, and what they have called for comes to its end. */
    private void advice() {
        if (universe.isBroken()) {
            return;
        }
        universe.operator.follow(false);
        for (Run run : List.copyOf(universe.runs)) {
            universe.finish(run);
        }
    }

    /**
     * Of the stored secrets that hold one account, the one whose secret lives longest is kept; the
     * others become mere copies.
     */
    private void endSharing() {
        for (AtlasAccount account : universe.accounts) {
            var sharing = universe.stored.stream()
                    .filter(Stored::isOurs)
                    .filter(one -> universe.accountOf(one) == account)
                    .sorted(Comparator.comparing(this::end).reversed())
                    .toList();
            sharing.stream().skip(1).forEach(one -> new Person(universe, one).untag());
        }
    }

    private Instant end(Stored one) {
        return universe.watch
                .currentLife(one)
                .filter(life -> !life.ended)
                .map(life -> life.last.expiresAt())
                .orElse(Instant.EPOCH);
    }

    /** Where a younger version or secret than the one in use is superseded, it looks like it. */
    private boolean mayHaveGoneBack(Stored one) {
        var current = universe.watch.currentLife(one);
        return one.movedByLabel
                || universe.watch.previousIsYounger(one)
                || universe.accountOf(one).living().stream()
                        .anyMatch(life -> current.filter(used -> life.born.isAfter(used.born))
                                .isPresent());
    }

    /** People go on tagging, which must not prolong anything for ever. */
    private void tag(int round) {
        universe.stored.stream()
                .filter(one -> round < 3 || !mayHaveGoneBack(one))
                .forEach(one -> new Person(universe, one).tagForSomethingElse());
    }

    /** Secrets Manager runs what stands again, with the same token. */
    private void retries() {
        for (Stored one : universe.stored) {
            if (one.bySecretsManager && one.attempt.isPresent() && !universe.isBroken()) {
                universe.finish(universe.rotation("retry " + ++count, environment(), one, one.attempt.get()));
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
        universe.finish(universe.run(
                "sweep " + ++count,
                universe.environment(),
                false,
                self -> report.set(self.environment.handle("{\"action\":\"sweep\"}"))));
        if (!universe.isBroken()) {
            universe.note(() -> "it reports " + report.get());
            universe.operator.reads(report.get());
            judge(report.get());
        }
    }

    /** What a report must say, and must not say, when nothing else goes on. */
    private void judge(String report) {
        universe.watch.printed(report);
        var answer = Json.object(report).orElse(Map.of());
        var entries = Operator.entries(answer.get("accounts"));
        var failures = Operator.entries(answer.get("failed"));
        for (Stored one : universe.stored) {
            if (!one.isOurs()) {
                continue;
            }
            var entry = of(one, entries);
            entry.ifPresent(found -> isToldAsItIs(one, found));
            var failure = of(one, failures);
            if (failure.isPresent() && entry.isEmpty() && universe.watch.currentWorks(one)) {
                universe.broken(
                        Promise.OTHERS_STOP_NOBODY,
                        "nobody looks after "
                                + one.name
                                + ", which is whole: "
                                + failure.get().get("message"));
            }
            if (isUrgent(one) && !isSaidToBeUrgent(entry, failure)) {
                universe.broken(
                        Promise.URGENCY_IS_TOLD,
                        "the secret in use of "
                                + one.name
                                + " nears its end, and the report does not say so: "
                                + entry.map(found -> found.get("state") + ", " + found.get("advice"))
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
        boolean isOfBefore = String.valueOf(entry.get("actions")).contains("promoted ");
        var current = universe.watch.currentLife(one).filter(life -> !life.ended);
        boolean isAnother = current.filter(life -> entry.get("secretId") != null)
                .filter(life -> !life.id.equals(entry.get("secretId")))
                .isPresent();
        boolean isMistaken = isAnother
                && (universe.watch.isTheWritersWord(String.valueOf(entry.get("secretId")))
                        || universe.watch.isFirstNamedByMistake(one, current.get()));
        if (isMistaken) {
            return;
        }
        if (isAnother && !isOfBefore) {
            universe.broken(
                    Promise.TOLD_AS_IT_IS,
                    "the report calls "
                            + entry.get("secretId")
                            + " the secret in use of "
                            + one.name
                            + ", which is "
                            + current.get().id);
        }
        for (String id : Operator.foreignIn(entry)) {
            universe.accountOf(one)
                    .life(id)
                    // "May be what an earlier version holds" is as it is.
                    .filter(life -> !text(entry).contains("Secret " + id + " may be what"))
                    .filter(life -> !life.ended && !universe.watch.isForeign(one, life))
                    .filter(life -> entry.get("secretId") != null)
                    .ifPresent(life -> universe.broken(
                            Promise.TOLD_AS_IT_IS, "the report calls " + id + " somebody else's, at " + one.name));
        }
    }

    private static String text(Map<?, ?> entry) {
        return String.valueOf(entry.get("advice"));
    }

    /** Promise 10: what an attempt leaves, and a copy's end, is told while somebody can act. */
    private boolean isUrgent(Stored one) {
        return universe.watch
                .currentLife(one)
                .filter(life -> !life.ended && wasNearItsEnd(life))
                .isPresent();
    }

    /** What this hour has brought need not be told yet. */
    private boolean wasNearItsEnd(Life life) {
        return universe.watch.isNearItsEnd(life)
                && Duration.between(universe.atlas.instant(), life.last.expiresAt())
                                .compareTo(Duration.ofDays(7).minusHours(1))
                        < 0;
    }

    private static boolean isSaidToBeUrgent(Optional<Map<?, ?>> entry, Optional<Map<?, ?>> failure) {
        var text = entry.map(Object::toString).orElse("")
                + failure.map(Object::toString).orElse("");
        return List.of("rgent", "expiring", "stuck", "broken").stream().anyMatch(text::contains);
    }

    /** Promise 6: a rotation can begin, and it ends well. */
    private void rotate(Stored one) {
        var before = one.current;
        if (one.bySecretsManager) {
            var token = universe.newToken();
            try {
                universe.secretsManager.call("RotateSecret", Map.of("SecretId", one.arn, "ClientRequestToken", token));
            } catch (dev.atlasrotator.fake.SecretsManagerError refused) {
                universe.broken(
                        Promise.DEAD_PENDING_GIVEN_UP,
                        "Secrets Manager begins no rotation of " + one.name + ": " + refused.code());
                return;
            }
            universe.watch.look();
            universe.finish(universe.rotation("last rotation", environment(), one, token));
        } else {
            universe.finish(universe.rotate("last rotation", environment(), one));
        }
        if (!universe.isBroken() && String.valueOf(before).equals(one.current)) {
            universe.broken(Promise.DEAD_PENDING_GIVEN_UP, "a rotation of " + one.name + " did not come to its end");
        }
    }
}
