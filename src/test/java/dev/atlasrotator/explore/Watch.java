package dev.atlasrotator.explore;

import static java.time.temporal.ChronoUnit.SECONDS;

import dev.atlasrotator.explore.Broken.Promise;
import dev.atlasrotator.explore.Stored.Life;
import dev.atlasrotator.fake.AtlasEvent;
import dev.atlasrotator.fake.AtlasSecret;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Looks at both services after every single call and knows the whole truth: each promise is checked
 * here in its own words, and nothing of the product's code is asked.
 */
final class Watch {
    private static final Duration LONGEST_RUN = Duration.ofMinutes(15);
    private static final Duration A_MINUTE = Duration.ofMinutes(1);
    private static final Duration CONSUMERS_CACHE = Duration.ofHours(1);

    private final Universe universe;
    private final List<String> hidden = new ArrayList<>(List.of(Universe.ROTATION_TOKEN));

    Watch(Universe universe) {
        this.universe = universe;
    }

    // --- promise 7

    void mustNotBePrinted(String value) {
        hidden.add(value);
    }

    /** Tokens and values have prefixes that nothing else has; a part of one is found as well. */
    void printed(String line) {
        if (line.contains("mdb_sa_sk_") || line.contains("eyJ")) {
            universe.broken(Promise.NOTHING_PRINTED, "a line shows a secret value or a token");
            return;
        }
        for (String value : hidden) {
            if (line.contains(value)) {
                universe.broken(Promise.NOTHING_PRINTED, "a line shows what is secret");
            }
        }
    }

    void answered(Run run, String answer) {
        if (!run.isDead()) {
            printed(answer);
        }
    }

    void ended(Run run) {
        if (run.isDead()) {
            return;
        }
        run.end()
                .ifPresent(
                        end -> {
                            if (!Run.isDeclared(end)) {
                                universe.broken(
                                        Promise.DECLARED_ERRORS_ONLY,
                                        run.name
                                                + " ended with "
                                                + end
                                                + " at "
                                                + List.of(end.getStackTrace())
                                                        .subList(
                                                                0,
                                                                Math.min(
                                                                        4,
                                                                        end.getStackTrace()
                                                                                .length)));
                                return;
                            }
                            printed(String.valueOf(end.getMessage()));
                            if (String.valueOf(end.getMessage()).contains("An unexpected ")) {
                                universe.broken(
                                        Promise.DECLARED_ERRORS_ONLY,
                                        run.name + ": " + end.getMessage());
                            }
                        });
    }

    // --- what is about to happen

    /** This run is about to make its next call, and this will become of it. */
    void before(Run run, Verdict verdict) {
        switch (run.kind()) {
            case CREATE -> {
                if (run.isInTheDark) {
                    universe.broken(
                            Promise.NOTHING_LEFT_BEHIND,
                            run.name
                                    + " creates again, and has not read what its last create has"
                                    + " left");
                }
                run.losesItsAnswer = verdict == Verdict.IS_LOST;
            }
            case READ_ATLAS -> {
                run.isInTheDark &= verdict != Verdict.PASSES && verdict != Verdict.IS_SLOW;
                run.lookBegan = run.lookedAt();
                run.lookEnded = universe.calls();
            }
            case READ_VAULT -> {
                if (run.call().startsWith("DescribeSecret")) {
                    run.looks(universe.calls(), universe.atlas.instant());
                }
            }
            case PROVE, DELETE, PUT, MOVE, REQUEST, BY_HAND -> {}
        }
    }

    // --- what has happened

    /** A person has done something, or time has passed. */
    void look() {
        look(Optional.empty());
    }

    /** This run has made one call. */
    void look(Optional<Run> run) {
        for (Stored one : universe.stored) {
            secrets(one, run);
            labels(one, run);
        }
    }

    private void secrets(Stored one, Optional<Run> run) {
        var now = universe.atlas.secrets(one.clientId);
        for (AtlasSecret secret : now) {
            var life = one.lives.get(secret.id());
            if (life == null) {
                var value = universe.atlas.valueOf(one.clientId, secret.id()).orElseThrow();
                var born = new Life(secret, value, run);
                // Two services, two clocks.
                born.besideNone =
                        one.living().stream()
                                .noneMatch(
                                        other ->
                                                universe.atlas
                                                                .instant()
                                                                .isBefore(other.last.expiresAt())
                                                        && other.born.isBefore(
                                                                one.attemptBegan.minus(A_MINUTE)));
                one.lives.put(secret.id(), born);
                run.ifPresent(maker -> universe.note(() -> "        made " + secret.id()));
                run.ifPresent(maker -> maker.isInTheDark = maker.losesItsAnswer);
            } else {
                life.last = secret;
            }
        }
        for (AtlasSecret before : one.there) {
            if (now.stream().noneMatch(secret -> secret.id().equals(before.id()))) {
                var life = one.lives.get(before.id());
                life.ended = true;
                if (run.isPresent()) {
                    universe.note(() -> "        deleted " + before.id());
                    deleted(one, life, run.get(), now);
                } else {
                    life.endedByPerson = true;
                    life.endedAt = universe.calls();
                }
            }
        }
        one.there = now;
    }

    private void labels(Stored one, Optional<Run> run) {
        var sm = universe.secretsManager;
        var current = sm.versionUnder(one.arn, "AWSCURRENT");
        var attempt =
                sm.versionUnder(one.arn, "AWSPENDING")
                        .filter(id -> !current.equals(Optional.of(id)))
                        .filter(
                                id ->
                                        !sm.versionUnder(one.arn, "AWSPREVIOUS")
                                                .equals(Optional.of(id)));
        if (!attempt.equals(one.attempt)) {
            if (run.isEmpty() && one.attempt.isPresent()) {
                one.attemptEndedByPersonAt = universe.calls();
            }
            if (one.attempt.isPresent() && one.attempt.equals(current)) {
                one.attemptPromotedAt = universe.calls();
            }
            one.attempt = attempt;
            if (attempt.isPresent()) {
                one.attemptBeganBefore = one.attemptBegan;
                // By the words: since that version's CreatedDate.
                one.attemptBegan = sm.createdAt(one.arn, attempt.get()).orElseThrow();
            } else {
                one.attemptEndedAt = universe.calls();
            }
        }
        if (current.isEmpty()) {
            return;
        }
        var secret = one.clientSecretOf(current.get(), sm.valueOf(one.arn, current.get()));
        if (!current.get().equals(one.current)) {
            moved(one, current.get(), secret, run);
        }
        if (!one.isStrangers) {
            works(one, secret, run);
        } else {
            strangers(one);
        }
    }

    private void moved(Stored one, String current, Optional<String> secret, Optional<Run> run) {
        var now = universe.atlas.instant();
        var before = one.current;
        if (before != null) {
            one.clientSecretOf(before, Optional.empty())
                    .flatMap(one::withValue)
                    .ifPresent(life -> life.superseded = Optional.of(now));
        }
        boolean isUnseen =
                before != null
                        && run.filter(by -> by.decidesOnce)
                                .filter(by -> !one.wasCurrent(before, by.lookBegan, by.lookEnded))
                                .isPresent();
        if (isUnseen) {
            universe.broken(
                    Promise.MOVED_AS_SEEN,
                    run.get().name
                            + " has moved AWSCURRENT of "
                            + one.name
                            + " from where somebody else had put it");
        }
        one.current = current;
        one.movedAt = now;
        one.currents.put(universe.calls(), current);
        if (run.isEmpty()) {
            one.movedByPersonAt = universe.calls();
        }
        secret.flatMap(one::withValue)
                .ifPresent(
                        life -> {
                            boolean mustHaveShown =
                                    run.filter(by -> life.endedAt >= 0)
                                            .filter(by -> !hasSignedInSince(one, life, by))
                                            .isPresent();
                            if (mustHaveShown) {
                                universe.broken(
                                        Promise.CURRENT_WORKS,
                                        run.get().name
                                                + " has promoted "
                                                + life.id
                                                + ", which was gone, and was not proved before");
                            }
                            // A person may go back to what has been deleted meanwhile.
                            life.endedByPerson |= life.ended && run.isEmpty();
                            if (run.isEmpty()) {
                                life.restoredAt = universe.calls();
                            }
                            // Where Secrets Manager rotates, LastRotatedDate is the promotion's
                            // time. A way back shows in the versions' dates; a way forth again
                            // shows nowhere.
                            if (before != null && run.isEmpty() && one.bySecretsManager) {
                                one.clientSecretOf(before, Optional.empty())
                                        .flatMap(one::withValue)
                                        .filter(other -> life.wasCurrent)
                                        .filter(other -> other.born.isBefore(life.born))
                                        .ifPresent(other -> other.supersededUnseen = true);
                            }
                            // So does a version of a run's own that Secrets Manager promotes
                            // later.
                            if (before != null
                                    && run.isPresent()
                                    && one.bySecretsManager
                                    && life.born.isBefore(now.minus(LONGEST_RUN))) {
                                one.clientSecretOf(before, Optional.empty())
                                        .flatMap(one::withValue)
                                        .ifPresent(other -> other.supersededUnseen = true);
                            }
                            life.wasCurrent = true;
                            life.superseded = Optional.empty();
                            life.supersededUnseen = false;
                        });
    }

    /** Whether anybody has signed in with it since this run began. */
    private boolean hasSignedInSince(Stored one, Life life, Run by) {
        return universe.atlas.ledger().stream()
                .filter(event -> event.what() == AtlasEvent.What.TOKEN_MINTED)
                .filter(event -> event.clientId().equals(one.clientId))
                .filter(event -> event.secretId().equals(life.id))
                .anyMatch(event -> !event.at().isBefore(by.bornAtTime));
    }

    /** Promise 1: every consumer that asks now gets in. */
    private void works(Stored one, Optional<String> secret, Optional<Run> run) {
        var life = secret.flatMap(one::withValue);
        if (life.isEmpty()) {
            // A person has written something that never was a secret of this account.
            if (run.isPresent() && secret.isEmpty() && !one.brokenByPerson) {
                universe.broken(
                        Promise.CURRENT_WORKS,
                        run.get().name + " has put AWSCURRENT on what holds no credential");
            }
            one.brokenByPerson = true;
            return;
        }
        one.brokenByPerson = false;
        if (!life.get().ended || life.get().endedByPerson || life.get().endedByAtlas) {
            return;
        }
        universe.broken(
                Promise.CURRENT_WORKS,
                "AWSCURRENT of "
                        + one.name
                        + " holds "
                        + life.get().id
                        + ", which the function has deleted");
    }

    /** Promise 9: no secret of another account gets into what a stranger may read. */
    private void strangers(Stored one) {
        for (String text : universe.secretsManager.values(one.arn)) {
            for (Stored other : universe.stored) {
                if (other != one
                        && Stored.clientSecret(text)
                                .flatMap(other::withValue)
                                .filter(life -> life.maker.isPresent())
                                .isPresent()) {
                    universe.broken(
                            Promise.NO_DETOUR,
                            "a new secret of " + other.name + " was stored in " + one.name);
                }
            }
        }
    }

    /** Promises 1, 2 and 3 at a deletion by the function. */
    private void deleted(Stored one, Life life, Run by, List<AtlasSecret> left) {
        var now = universe.atlas.instant();
        if (!now.isBefore(life.last.expiresAt())) {
            life.endedByAtlas = true;
            return;
        }
        life.revoked = by.revokes || life.isWantedGone;
        if (one.isStrangers) {
            return; // what they do to themselves is theirs
        }
        var known = known(one);
        var current = currentSecret(one);
        if (current.filter(life.value::equals).isPresent()) {
            if (life.restoredAt >= by.bornAt) {
                // A person went back to it after this run had looked. No service knows of the
                // other: this moment cannot be closed.
                life.endedByPerson = true;
                return;
            }
            universe.broken(
                    Promise.CURRENT_WORKS,
                    by.name + " has deleted " + life.id + ", which AWSCURRENT holds");
            return;
        }
        if (life.maker.isEmpty() && !isRecorded(one, life) && isAccountedFor(one, life, by, now)) {
            return; // an orphan by the words: nobody has ever signed in with it
        }
        // Between a run's look and what follows from it no service knows of the other.
        boolean hadLooked =
                one.lives.values().stream()
                        .anyMatch(other -> other.endedByPerson && other.endedAt > by.lookedAt());
        if (known.contains(life.value)
                && !hadLooked
                && one.living().stream()
                        .noneMatch(
                                other ->
                                        other != life
                                                && known.contains(other.value)
                                                && isLeft(other, left, now))) {
            universe.broken(
                    Promise.ONLY_OURS_IS_DELETED,
                    by.name + " has deleted " + life.id + ", the last that worked");
        }
        if (life.revoked && known.contains(life.value)) {
            return; // an operator's wish
        }
        if (life.wasCurrent) {
            var until =
                    life.superseded
                            .map(at -> at.plus(universe.settings.policy().overlap()))
                            .orElse(Instant.MAX);
            // Both services tell time in their own way: to the second, and not the same second.
            // A person who goes back and forth while a run looks is seen by none of its calls.
            boolean isSeen = one.movedByPersonAt <= by.lookedAt() && !life.supersededUnseen;
            if (isSeen && now.plus(A_MINUTE).isBefore(until)) {
                universe.broken(
                        Promise.OVERLAP,
                        by.name
                                + " has deleted "
                                + life.id
                                + ", whose overlap lasts until "
                                + until);
            }
            if (one.movedByPersonAt <= by.lookedAt()
                    && current.filter(value -> works(one, value, now)).isEmpty()) {
                universe.broken(
                        Promise.ONLY_OURS_IS_DELETED,
                        by.name
                                + " has deleted the superseded "
                                + life.id
                                + " while AWSCURRENT does not work");
            }
            return;
        }
        if (life.maker.isPresent()) {
            boolean isOnesOwn = life.maker.get() == by;
            boolean isYoung = now.isBefore(life.born.plus(LONGEST_RUN).minusSeconds(1));
            boolean mayBeStored = !life.maker.get().isOver() && !life.maker.get().isDead();
            if (!isOnesOwn && isYoung && mayBeStored && !known.contains(life.value)) {
                universe.broken(
                        Promise.ONLY_OURS_IS_DELETED,
                        by.name
                                + " has deleted "
                                + life.id
                                + ", which another run was about to store");
            }
            return;
        }
        if (!known.contains(life.value) && !isAccountedFor(one, life, by, now)) {
            universe.broken(
                    Promise.ONLY_OURS_IS_DELETED,
                    by.name + " has deleted " + life.id + ", which is somebody else's");
        }
    }

    /** What the rules themselves say of an orphan, by the truth. */
    private static boolean isAccountedFor(Stored one, Life life, Run by, Instant now) {
        // A person may have ended the attempt after this run had looked.
        boolean stands = one.attempt.isPresent() || one.attemptEndedAt >= by.bornAt;
        // And somebody may have used it for the first time since this run's last look.
        boolean wasUnused =
                life.last
                        .lastUsedAt()
                        .filter(used -> used.isBefore(by.lookedAtTime().truncatedTo(SECONDS)))
                        .isEmpty();
        var began =
                one.attemptEndedByPersonAt > by.lookedAt()
                        ? one.attemptBeganBefore
                        : one.attemptBegan;
        return stands
                && wasUnused
                && !life.born.isBefore(began.minus(A_MINUTE).minus(A_MINUTE))
                && !now.isBefore(life.born.plus(LONGEST_RUN).minusSeconds(1));
    }

    private static boolean isLeft(Life life, List<AtlasSecret> left, Instant now) {
        return left.stream()
                .anyMatch(
                        secret -> secret.id().equals(life.id) && now.isBefore(secret.expiresAt()));
    }

    private static boolean works(Stored one, String value, Instant now) {
        return one.withValue(value)
                .filter(life -> !life.ended && now.isBefore(life.last.expiresAt()))
                .isPresent();
    }

    private Set<String> known(Stored one) {
        var known = new HashSet<String>();
        universe.secretsManager
                .values(one.arn)
                .forEach(text -> Stored.clientSecret(text).ifPresent(known::add));
        return known;
    }

    Optional<String> currentSecret(Stored one) {
        var current = one.current;
        return current == null
                ? Optional.empty()
                : one.clientSecretOf(current, universe.secretsManager.valueOf(one.arn, current));
    }

    /** Whether a consumer that asks now gets in. */
    boolean currentWorks(Stored one) {
        return currentSecret(one)
                .filter(value -> works(one, value, universe.atlas.instant()))
                .isPresent();
    }

    /** Whether any secret that stands in a readable version still signs in. */
    boolean canGetIn(Stored one) {
        var now = universe.atlas.instant();
        return known(one).stream().anyMatch(value -> works(one, value, now));
    }

    // --- at quiescence

    /** What promises 4 and 5 say of an account after sweeps with nothing going wrong. */
    Optional<Broken> unrest(Stored one) {
        if (one.attempt.isPresent()) {
            return Optional.of(
                    new Broken(
                            Promise.REPEATABLE,
                            "an attempt stands for "
                                    + one.name
                                    + " after further sweeps and retries"));
        }
        var known = known(one);
        var now = universe.atlas.instant();
        for (Life life : one.living()) {
            if (currentSecret(one).filter(life.value::equals).isPresent()) {
                continue;
            }
            boolean isOver = !now.isBefore(life.last.expiresAt());
            boolean isOurs = life.maker.isPresent() || isRecorded(one, life);
            if (isOver || (isOurs && !isStillUsed(one, life))) {
                return Optional.of(
                        new Broken(
                                Promise.NOTHING_LEFT_BEHIND,
                                life.id
                                        + " is left behind at "
                                        + one.name
                                        + (isOver
                                                ? ": expired"
                                                : known.contains(life.value)
                                                        ? ": superseded long ago"
                                                        : ": nobody has its value")));
            }
        }
        return Optional.empty();
    }

    /**
     * Whether nothing tells any more that it is ours: a person has made it, or has ended the
     * attempt that accounted for it, or both slots were free, two runs of one attempt took one
     * each, one died and the other ended the attempt.
     */
    boolean isForeign(Stored one, Life life) {
        return (life.maker.isEmpty()
                        || hasBegunBefore(life.maker.get(), one.attemptEndedByPersonAt)
                        || (life.besideNone
                                && hasBegunBefore(life.maker.get(), one.attemptPromotedAt)))
                && !isRecorded(one, life)
                && currentSecret(one).filter(life.value::equals).isEmpty();
    }

    private static boolean hasBegunBefore(Run run, long call) {
        return run.bornAt <= call;
    }

    /** Whether its id stands in a version that can be read. */
    private boolean isRecorded(Stored one, Life life) {
        return universe.secretsManager.values(one.arn).stream()
                .anyMatch(text -> text.contains(life.id));
    }

    /** As the rules have it: after AWSCURRENT moved last, and an hour for caches. */
    private static boolean isStillUsed(Stored one, Life life) {
        if (life.supersededUnseen) {
            return true; // it was in use as current until later than anybody can tell
        }
        return life.superseded.isPresent()
                && life.last
                        .lastUsedAt()
                        .filter(used -> used.isAfter(one.movedAt.plus(CONSUMERS_CACHE)))
                        .isPresent();
    }
}
