package dev.atlasrotator.explore;

import static java.time.temporal.ChronoUnit.SECONDS;

import dev.atlasrotator.explore.Broken.Promise;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.atlas.AtlasEvent;
import dev.atlasrotator.simulator.atlas.AtlasSecret;
import dev.atlasrotator.testbed.ReportEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Looks at both services after every single call and knows the whole truth: each promise is checked
 * here in its own words, and nothing of the product's code is asked.
 */
final class InvariantChecker {
    private static final Duration LONGEST_RUN = Duration.ofMinutes(15);
    private static final Duration A_MINUTE = Duration.ofMinutes(1);
    private static final Duration CONSUMERS_CACHE = Duration.ofHours(1);

    /** So long a revocation that comes again makes nothing anew. */
    private static final Duration CALLED_TWICE = Duration.ofHours(1);

    /** Atlas's times are whole seconds, and so may a date of ours be. */
    private static final Duration A_SECOND = Duration.ofSeconds(1);

    /** A stale read shows no older state than this. */
    private static final Duration STALE_MAX = Duration.ofSeconds(3);

    private final Simulation simulation;
    private final List<String> hidden = new ArrayList<>(List.of(Simulation.ROTATION_TOKEN));

    private long observations;

    InvariantChecker(Simulation simulation) {
        this.simulation = simulation;
    }

    void copyTo(InvariantChecker other) {
        other.observations = observations;
    }

    // --- promise 7

    void mustNotBePrinted(String value) {
        hidden.add(value);
    }

    /** Tokens and values have prefixes that nothing else has; a part of one is found as well. */
    void printed(String line) {
        if (line.contains("mdb_sa_sk_") || line.contains("eyJ")) {
            simulation.broken(Promise.NOTHING_PRINTED, "a line shows a secret value or a token");
            return;
        }
        for (String value : hidden) {
            if (line.contains(value)) {
                simulation.broken(Promise.NOTHING_PRINTED, "a line shows what is secret");
            }
        }
    }

    void answered(Run run, String answer) {
        if (!run.isDead()) {
            printed(answer);
            simulation.note(() -> run.name + " answers " + answer);
            simulation.operator.reads(answer);
            run.answer = Optional.of(answer);
        }
    }

    /** Where it ends well, what was wanted gone is gone, or it names what it has left. */
    private void hasRevoked(Run run) {
        var one = run.of.orElseThrow();
        boolean isDone = run.answer
                .flatMap(Json::object)
                .filter(json -> ReportEntry.of(json).noneMatch(ReportEntry::isFailed))
                .isPresent();
        if (!isDone || one.isAttackers || one.movedByPersonAt > run.bornAt) {
            return;
        }
        simulation.accountOf(one).living().stream()
                .filter(life -> life.isWantedGone && life.wasCurrent && !isHeld(life))
                .filter(life -> !isPending(one, life))
                .filter(life -> life.works(simulation.atlas.instant()))
                .filter(life -> run.leaked.isEmpty() || run.leaked.equals(Optional.of(life)))
                .filter(life -> !Operator.isNamed(run.answer.orElse(""), life.id))
                .findFirst()
                .ifPresent(
                        life -> simulation.broken(Promise.REVOKED, run.name + " ends well, and has left " + life.id));
    }

    private boolean isPending(Stored one, Life life) {
        return one.attempt
                .flatMap(version -> credentialIn(one, version))
                .filter(life.value::equals)
                .isPresent();
    }

    void ended(Run run) {
        if (run.isDead()) {
            return;
        }
        if (run.revokes) {
            hasRevoked(run);
        }
        run.end().ifPresent(end -> {
            if (!Run.isDeclared(end)) {
                simulation.broken(
                        Promise.DECLARED_ERRORS_ONLY,
                        run.name
                                + " ended with "
                                + end
                                + " at "
                                + List.of(end.getStackTrace()).subList(0, Math.min(4, end.getStackTrace().length)));
                return;
            }
            printed(String.valueOf(end.getMessage()));
            simulation.note(() -> run.name + " says: " + end.getMessage());
            run.of.ifPresent(one -> simulation.operator.reads(one, String.valueOf(end.getMessage())));
            if (String.valueOf(end.getMessage()).contains("An unexpected ")) {
                simulation.broken(Promise.DECLARED_ERRORS_ONLY, run.name + ": " + end.getMessage());
            }
        });
    }

    // --- what is about to happen

    /** This run is about to make its next call, and this will become of it. */
    void before(Run run, CallOutcome verdict) {
        switch (run.kind()) {
            case CREATE -> {
                if (run.isInTheDark) {
                    simulation.broken(
                            Promise.NOTHING_LEFT_BEHIND,
                            run.name + " creates again, and has not read what its last create has" + " left");
                }
                run.losesItsAnswer = verdict == CallOutcome.IS_LOST;
            }
            case READ_ATLAS -> {
                run.isInTheDark &= verdict != CallOutcome.PASSES && verdict != CallOutcome.IS_SLOW;
                run.lookBegan = run.lookedAt();
                run.lookEnded = simulation.calls();
                run.readsAtlas(simulation.calls(), simulation.atlas.instant());
            }
            case READ_VAULT -> {
                if (run.call().startsWith("DescribeSecret")) {
                    run.reads(simulation.calls(), simulation.atlas.instant());
                    run.sawOlder = false;
                }
                run.sawOlder |= verdict == CallOutcome.IS_STALE;
            }
            case VERIFY, DELETE, PUT, MOVE, REQUEST, BY_HAND -> {}
        }
    }

    // --- what has happened

    /** A person has done something, or time has passed. */
    void observe() {
        observe(Optional.empty());
    }

    /** This run has made one call. */
    void observe(Optional<Run> run) {
        observations++;
        for (AtlasAccount account : simulation.accounts) {
            secrets(account, run);
        }
        for (Stored one : simulation.stored) {
            labels(one, run);
        }
    }

    private void secrets(AtlasAccount account, Optional<Run> run) {
        var now = simulation.atlas.secrets(account.clientId);
        for (AtlasSecret secret : now) {
            var life = account.lives.get(secret.id());
            if (life == null) {
                born(account, secret, run);
            } else {
                life.last = secret;
            }
        }
        for (AtlasSecret before : account.there) {
            if (now.stream().noneMatch(secret -> secret.id().equals(before.id()))) {
                var life = account.lives.get(before.id());
                life.ended = true;
                if (run.isPresent()) {
                    simulation.note(() -> "        deleted " + before.id());
                    deleted(life, run.get(), now);
                } else {
                    life.endedByPerson = true;
                    life.endedAt = simulation.calls();
                }
            }
        }
        account.there = now;
    }

    private void born(AtlasAccount account, AtlasSecret secret, Optional<Run> run) {
        var value = simulation.atlas.valueOf(account.clientId, secret.id()).orElseThrow();
        var life = new Life(account, secret, value, run);
        var now = simulation.atlas.instant();
        // Two services, two clocks.
        life.besideNone = account.living().stream()
                .filter(other -> now.isBefore(other.last.expiresAt()))
                .noneMatch(other ->
                        holding(account).anyMatch(one -> other.born.isBefore(one.rotationBegan.minus(A_MINUTE))));
        life.bornAtObservation = observations;
        // Where two stored secrets hold one account, a sweep may make one for each.
        if (run.isPresent()
                && holding(account).filter(Stored::isOurs).count() == 1
                && account.living().stream().anyMatch(other -> other.maker.equals(run))) {
            simulation.broken(Promise.REPEATABLE, run.get().name + " makes a second secret beside its first");
        }
        account.lives.put(secret.id(), life);
        run.ifPresent(maker -> {
            simulation.note(() -> "        made " + secret.id());
            maker.isInTheDark = maker.losesItsAnswer;
        });
    }

    private void labels(Stored one, Optional<Run> run) {
        var sm = simulation.secretsManager;
        var current = sm.versionUnder(one.arn, "AWSCURRENT");
        var attempt = sm.versionUnder(one.arn, "AWSPENDING")
                .filter(id -> !current.equals(Optional.of(id)))
                .filter(id -> !sm.versionUnder(one.arn, "AWSPREVIOUS").equals(Optional.of(id)));
        if (!attempt.equals(one.attempt)) {
            if (run.isEmpty() && one.attempt.isPresent()) {
                one.attemptEndedByPersonAt = simulation.calls();
            }
            if (one.attempt.isPresent() && one.attempt.equals(current)) {
                one.attemptPromotedAt = simulation.calls();
            } else if (one.attempt.isPresent() && attempt.isEmpty() && run.isPresent()) {
                givenUp(one, one.attempt.get(), run.get());
            }
            if (attempt.isPresent()) {
                one.attemptBeganBefore = one.rotationBegan;
                // By the words: since that version's CreatedDate.
                one.rotationBegan = sm.createdAt(one.arn, attempt.get()).orElseThrow();
            } else {
                one.attemptEndedAt = simulation.calls();
            }
            one.attempt = attempt;
        }
        if (current.isEmpty()) {
            return;
        }
        var secret = credentialIn(one, current.get());
        if (!current.get().equals(one.current)) {
            moved(one, current.get(), secret, run);
        }
        if (one.isOurs()) {
            works(one, secret, run);
        } else if (one.isAttackers) {
            attackers(one);
        }
    }

    /** Promise 5: what could have come to a good end is not given up. */
    private void givenUp(Stored one, String attempt, Run by) {
        credentialIn(one, attempt)
                .flatMap(simulation::lifeOf)
                .filter(life -> one.movedAtObservation < life.bornAtObservation && !one.isAttackers)
                .filter(life -> life.account == simulation.accountOf(one))
                // Somebody may have left one account's id beside another's secret.
                .filter(life -> simulation
                        .secretsManager
                        .valueOf(one.arn, String.valueOf(one.current))
                        .filter(text -> isOfItsClient(life, text))
                        .isPresent())
                .filter(life -> life.works(simulation.atlas.instant()))
                .filter(life -> !by.leaked.equals(Optional.of(life))) // an operator's wish
                .ifPresent(life -> simulation.broken(
                        Promise.REPEATABLE,
                        by.name
                                + " has given up an attempt of "
                                + one.name
                                + ", though its secret "
                                + life.id
                                + " works and nobody has touched AWSCURRENT"));
    }

    private void moved(Stored one, String current, Optional<String> secret, Optional<Run> run) {
        var now = simulation.atlas.instant();
        var before = one.current;
        var lifeBefore = before == null
                ? Optional.<Life>empty()
                : credentialIn(one, before).flatMap(simulation::lifeOf);
        var life = secret.flatMap(simulation::lifeOf);
        boolean isSameValue = life.isPresent() && life.equals(lifeBefore);
        if (!isSameValue && one.isOurs()) {
            lifeBefore.ifPresent(other -> {
                other.superseded = Optional.of(now);
                other.supersededByRun = run.isPresent();
                other.supersededIn = one.arn;
                // A stored secret that holds another account by now is out of sight.
                other.supersededUnseen |= simulation
                        .accountNamedIn(one)
                        .filter(account -> account != other.account)
                        .isPresent();
            });
        }
        run.ifPresent(by -> isPromoted(one, before, lifeBefore, life, by));
        boolean isNew = one.wereCurrent.add(current);
        one.current = current;
        one.movedAt = now;
        one.movedByLabel = run.isEmpty() && !isNew;
        one.movedAtObservation = observations;
        one.currents.put(simulation.calls(), current);
        if (run.isEmpty()) {
            one.movedByPersonAt = simulation.calls();
        }
        life.ifPresent(promoted -> {
            // A person may go back to what has been deleted meanwhile.
            promoted.endedByPerson |= promoted.ended && run.isEmpty();
            if (run.isEmpty()) {
                promoted.restoredAt = simulation.calls();
                promoted.restoredAtTime = now;
            }
            if (!one.isOurs()) {
                return;
            }
            boolean isWayForth = one.movedByLabel
                    && (isYounger(one, current, before)
                            || lifeBefore
                                    .filter(other -> other.born.isBefore(promoted.born))
                                    .isPresent());
            boolean isLate = run.isPresent() && one.bySecretsManager && promoted.born.isBefore(now.minus(LONGEST_RUN));
            // A rollback shows in the versions' dates; moving forward again by the label shows nowhere.
            // Nor does it where Secrets Manager promotes later what a run had stored.
            lifeBefore
                    .filter(other -> !isSameValue && (isWayForth || isLate))
                    .ifPresent(other -> other.supersededUnseen = true);
            promoted.wasCurrent = true;
            promoted.superseded = Optional.empty();
            promoted.supersededUnseen = false;
        });
    }

    private boolean isYounger(Stored one, String version, String other) {
        var sm = simulation.secretsManager;
        return sm.createdAt(one.arn, other)
                .flatMap(at -> sm.createdAt(one.arn, version).filter(at::isBefore))
                .isPresent();
    }

    /** What a run must not do in moving AWSCURRENT. */
    private void isPromoted(Stored one, String before, Optional<Life> lifeBefore, Optional<Life> life, Run by) {
        boolean isUnseen = before != null && by.decidesOnce && !one.wasCurrent(before, by.lookBegan, by.lookEnded);
        if (isUnseen) {
            simulation.broken(
                    Promise.MOVED_AS_SEEN,
                    by.name + " has moved AWSCURRENT of " + one.name + " from where somebody else had put it");
        }
        life.filter(promoted -> promoted.endedAt >= 0 && !hasSignedInSince(promoted, by))
                .ifPresent(promoted -> simulation.broken(
                        Promise.CURRENT_WORKS,
                        by.name + " has promoted " + promoted.id + ", which was gone, and was not proved before"));
        boolean isAnew = by.revokes && life.flatMap(promoted -> promoted.maker).equals(Optional.of(by));
        lifeBefore
                .filter(old -> isAnew && by.leaked.filter(old::equals).isEmpty())
                // A person may have put it there while this run looked.
                .filter(old -> old.restoredAt < by.bornAt)
                .filter(old -> old.works(simulation.atlas.instant()))
                .filter(old -> by.leaked.isPresent()
                        || old.born.plus(CALLED_TWICE).minus(A_MINUTE).isAfter(by.lookedAtTime()))
                .ifPresent(old -> simulation.broken(
                        Promise.REPEATABLE,
                        by.name
                                + " has made a new secret of "
                                + one.name
                                + ", though "
                                + old.id
                                + (by.leaked.isPresent() ? " has not leaked" : " was made less than an hour before")));
    }

    /** Whether anybody has signed in with it since this run began. */
    private boolean hasSignedInSince(Life life, Run by) {
        return simulation.atlas.ledger().stream()
                .filter(event -> event.what() == AtlasEvent.What.TOKEN_MINTED)
                .filter(event -> event.secretId().equals(life.id))
                .anyMatch(event -> !event.at().isBefore(by.bornAtTime));
    }

    /** Promise 1: every consumer that asks now authenticates. */
    private void works(Stored one, Optional<String> secret, Optional<Run> run) {
        var life = secret.flatMap(simulation::lifeOf);
        if (life.isEmpty()) {
            // A person has written something that never was a secret of this account.
            if (run.isPresent() && secret.isEmpty() && !one.brokenByPerson) {
                simulation.broken(
                        Promise.CURRENT_WORKS, run.get().name + " has put AWSCURRENT on what holds no credential");
            }
            one.brokenByPerson = true;
            return;
        }
        one.brokenByPerson = false;
        if (!life.get().ended || life.get().endedByPerson || life.get().endedByAtlas) {
            return;
        }
        simulation.broken(
                Promise.CURRENT_WORKS,
                "AWSCURRENT of " + one.name + " holds " + life.get().id + ", which the function has deleted");
    }

    /** Promise 9: no secret of another account gets into what an attacker may read. */
    private void attackers(Stored one) {
        for (String text : simulation.secretsManager.values(one.arn)) {
            Stored.clientSecret(text)
                    .flatMap(simulation::lifeOf)
                    .filter(life -> life.account != one.home && life.maker.isPresent())
                    .ifPresent(life -> simulation.broken(
                            Promise.NO_DETOUR,
                            "a new secret of " + life.account.clientId + " was stored in " + one.name));
        }
    }

    /** Promises 1, 2 and 3 at a deletion by the function. */
    private void deleted(Life life, Run by, List<AtlasSecret> left) {
        var now = simulation.atlas.instant();
        if (!now.isBefore(life.last.expiresAt())) {
            life.endedByAtlas = true;
            return;
        }
        life.revoked = by.revokes || life.isWantedGone;
        if (holding(life.account).noneMatch(Stored::isOurs)) {
            return; // what attackers do to themselves is theirs
        }
        boolean isTakenForAnOrphan = !by.revokes
                && !life.wasCurrent
                && !isKnown(life)
                && !isIdIn(life)
                && life.maker.filter(by::equals).isEmpty();
        if (isTakenForAnOrphan && !by.hasLookedSinceItReadAtlas()) {
            simulation.broken(
                    Promise.ONLY_OURS_IS_DELETED,
                    by.name + " has deleted " + life.id + " as an orphan, and has not looked at AWSCURRENT again");
            return;
        }
        var holders = holders(life).toList();
        for (Stored holder : holders) {
            if (mayTake(life, holder, by)) {
                life.endedByPerson = true;
            } else {
                simulation.broken(
                        Promise.CURRENT_WORKS,
                        by.name + " has deleted " + life.id + ", which AWSCURRENT of " + holder.name + " holds");
                return;
            }
        }
        // What only another stored secret has held, unused, a step and a run by hand cannot know.
        boolean isKnown = isKnown(life) && !isOutOfSight(life, by);
        // Between a run's reads and what follows from it no service knows of the other.
        boolean hadLooked = life.account.lives.values().stream()
                .anyMatch(other -> other.endedByPerson && other.endedAt > by.lookedAt());
        boolean isAnOrphanInSight = isOutOfSight(life, by) && isAccountedFor(life, by, now);
        if (isAnOrphanInSight) {
            life.endedByPerson = true; // in the sight of a step nobody has its value, and nobody uses it
        }
        if (life.maker.isEmpty() && !isKnown && (hadLooked || isAStep(by)) && isIdIn(life)) {
            return;
        }
        if (!holders.isEmpty() || (life.maker.isEmpty() && !isKnown && isAccountedFor(life, by, now))) {
            life.endedByPerson = true;
            return; // an orphan by the words: nobody has ever signed in with it
        }
        if (isKnown
                && !hadLooked
                && life.account.living().stream()
                        .noneMatch(other -> other != life && isKnown(other) && isLeft(other, left, now))) {
            simulation.broken(
                    Promise.ONLY_OURS_IS_DELETED, by.name + " has deleted " + life.id + ", the last that worked");
        }
        if (life.revoked && isKnown) {
            return; // an operator's wish
        }
        boolean hasMoved = holding(life.account).anyMatch(one -> one.movedByPersonAt > by.lookedAt(one));
        if (life.wasCurrent) {
            superseded(life, by, hasMoved, isAnOrphanInSight, now);
        } else if (life.maker.isPresent()) {
            boolean isOnesOwn = life.maker.get() == by;
            boolean isYoung = now.isBefore(life.born.plus(LONGEST_RUN).minusSeconds(1));
            boolean mayBeStored =
                    !life.maker.get().isOver() && !life.maker.get().isDead();
            if (!isOnesOwn && isYoung && mayBeStored && !isKnown) {
                simulation.broken(
                        Promise.ONLY_OURS_IS_DELETED,
                        by.name + " has deleted " + life.id + ", which another run was about to store");
            }
        } else if (!isKnown && !isAccountedFor(life, by, now)) {
            simulation.broken(
                    Promise.ONLY_OURS_IS_DELETED, by.name + " has deleted " + life.id + ", which is somebody else's");
        }
    }

    private void superseded(Life life, Run by, boolean hasMoved, boolean isAnOrphanInSight, Instant now) {
        var until = overlapEnds(life).orElse(Instant.MAX);
        // A person who goes back and forth while a run observations is seen by none of its calls.
        boolean isSeen = !hasMoved && !life.supersededUnseen && !isOutOfSight(life, by) && !isOfAnother(life, by);
        if (isSeen && now.plus(A_SECOND).isBefore(until)) {
            simulation.broken(
                    Promise.OVERLAP, by.name + " has deleted " + life.id + ", whose overlap lasts until " + until);
        }
        boolean oneWorks =
                holding(life.account).flatMap(one -> currentLife(one).stream()).anyMatch(current -> current.works(now));
        // An orphan makes room for what is to replace a dead AWSCURRENT.
        if (!hasMoved && !oneWorks && !isAnOrphanInSight) {
            simulation.broken(
                    Promise.ONLY_OURS_IS_DELETED,
                    by.name + " has deleted the superseded " + life.id + " while AWSCURRENT does not work");
        }
    }

    /** Whether no code could have known that AWSCURRENT of this one holds it, or none had to. */
    private boolean mayTake(Life life, Stored holder, Run by) {
        // A person put it there after this run had looked: no service knows of the other, and this
        // moment cannot be closed. A sweep observations at the fleet first, and then at one stored secret.
        boolean isShared = holding(life.account).filter(Stored::isOurs).count() > 1;
        long looked = by.of.isEmpty() && isShared ? by.bornAt : by.lookedAt(holder);
        boolean isPutSince = life.restoredAt >= looked
                || (by.sawOlder
                        && !life.restoredAtTime.isBefore(by.lookedAtTime().minus(STALE_MAX)));
        if (isPutSince) {
            return true;
        }
        if (by.of.filter(one -> one != holder).isEmpty()) {
            // The id came with a copy, and whoever sees this stored secret alone has to believe it.
            var own = simulation.secretsManager.values(holder.arn);
            return by.of.isPresent()
                    && namedInsteadOf(holder, life).anyMatch(other -> isBesideOneValue(other.id, own.stream()));
        }
        // A step and a run by hand see no other stored secret of the account: use is their guard,
        // until the secret in use nears its end. What has leaked has leaked in both.
        var own = by.of.orElseThrow();
        boolean isUrgent = currentLife(own).filter(this::isNearItsEnd).isPresent();
        return by.revokes || isUrgent || !wasUsedSince(own.movedAt.plus(CONSUMERS_CACHE), life, by);
    }

    /**
     * A step and a run by hand do not see what only another stored secret has held, and a sweep
     * what one has held that holds another account by now, until somebody has used it.
     */
    private boolean isOutOfSight(Life life, Run by) {
        var inSight = by.of.map(own -> simulation.secretsManager.values(own.arn).stream())
                .orElseGet(() -> inSight(life));
        return inSight.noneMatch(text -> text.contains(life.value)) && !wasUsedSince(Instant.EPOCH, life, by);
    }

    /** Nor when another stored secret has let go of it: use is their guard. */
    private boolean isOfAnother(Life life, Run by) {
        return by.of.filter(own -> !own.arn.equals(life.supersededIn))
                .filter(own -> !wasUsedSince(own.movedAt.plus(CONSUMERS_CACHE), life, by))
                .isPresent();
    }

    /** Whether Atlas showed a use after this time when this run looked. */
    private boolean wasUsedSince(Instant time, Life life, Run by) {
        var shown = by.readAtlasAtTime().minus(simulation.conditions.lag());
        return simulation.atlas.ledger().stream()
                .filter(event -> event.what() == AtlasEvent.What.TOKEN_MINTED)
                .filter(event -> event.secretId().equals(life.id))
                .anyMatch(event -> event.at().isAfter(time) && event.at().isBefore(shown));
    }

    /** Whether it is within its own margin: a quarter of its life, at most seven days. */
    boolean isNearItsEnd(Life life) {
        var end = life.last.expiresAt();
        var rest = Duration.between(simulation.atlas.instant(), end);
        return rest.compareTo(Duration.ofDays(7)) < 0
                && rest.compareTo(Duration.between(life.born, end).dividedBy(4)) < 0;
    }

    /** What the rules themselves say of an orphan, by the truth. */
    private boolean isAccountedFor(Life life, Run by, Instant now) {
        // Somebody may have used it for the first time since this run's last reads, or so lately
        // that Atlas did not show it.
        var shown = by.readAtlasAtTime().minus(simulation.conditions.lag()).truncatedTo(SECONDS);
        boolean wasUnused =
                life.last.lastUsedAt().filter(used -> used.isBefore(shown)).isEmpty();
        return wasUnused
                && !now.isBefore(life.born.plus(LONGEST_RUN).minusSeconds(1))
                && holding(life.account).anyMatch(one -> isOfItsAttempt(one, life, by));
    }

    private static boolean isOfItsAttempt(Stored one, Life life, Run by) {
        // A person may have ended the attempt after this run had looked.
        boolean isInProgress = one.attempt.isPresent() || one.attemptEndedAt >= by.bornAt;
        var began = one.attemptEndedByPersonAt > by.lookedAt(one) ? one.attemptBeganBefore : one.rotationBegan;
        return isInProgress && !life.born.isBefore(began.minus(A_MINUTE).minus(A_SECOND));
    }

    private static boolean isLeft(Life life, List<AtlasSecret> left, Instant now) {
        return left.stream().anyMatch(secret -> secret.id().equals(life.id) && now.isBefore(secret.expiresAt()));
    }

    /** The stored secrets that hold this account's credential now, or an attacker's wish for it. */
    private Stream<Stored> holding(AtlasAccount account) {
        return simulation.stored.stream().filter(one -> simulation.accountOf(one) == account);
    }

    /** The managed ones whose AWSCURRENT it is. */
    private Stream<Stored> holders(Life life) {
        return simulation.stored.stream()
                .filter(Stored::isOurs)
                .filter(one -> currentLife(one).equals(Optional.of(life)));
    }

    boolean isHeld(Life life) {
        return holders(life).findAny().isPresent();
    }

    /** Whether its value is in a version that can be read. */
    private boolean isKnown(Life life) {
        return simulation.stored.stream()
                .filter(Stored::isOurs)
                .flatMap(one -> simulation.secretsManager.values(one.arn).stream())
                .anyMatch(text -> text.contains(life.value));
    }

    /** By the words, where its id is. */
    private boolean isKnownWhereItLives(Life life) {
        return inSight(life).anyMatch(text -> text.contains(life.value) && text.contains(life.id));
    }

    private boolean isInSight(Life life) {
        return inSight(life).anyMatch(text -> text.contains(life.value));
    }

    /** A stored secret that holds another account by now is not searched for what it once held. */
    private Stream<String> inSight(Life life) {
        return holding(life.account)
                .filter(Stored::isOurs)
                .flatMap(one -> simulation.secretsManager.values(one.arn).stream());
    }

    private static boolean isAStep(Run by) {
        return by.of.filter(one -> one.bySecretsManager && !by.revokes).isPresent();
    }

    /**
     * By the words, an id that is in a version is known, and somebody may have written it ahead
     * of a value that never came. A step has too few calls to see that; nor does a run whose value
     * a person has ended while it looked.
     */
    private boolean isIdIn(Life life) {
        return holding(life.account)
                .flatMap(one -> simulation.secretsManager.values(one.arn).stream())
                .anyMatch(text -> text.contains(life.id));
    }

    /** Nobody reads this one any more, and the function does not look after it. */
    void isLetGo(Stored one) {
        one.isManaged = false;
        currentLife(one)
                .filter(life -> !isHeld(life))
                .ifPresent(life -> life.superseded = Optional.of(simulation.atlas.instant()));
    }

    private Optional<Instant> overlapEnds(Life life) {
        return life.superseded.map(at -> at.plus(simulation.settings.times().overlap()));
    }

    /** Whoever would be locked out if it were gone. */
    Optional<String> whoNeeds(Life life) {
        var now = simulation.atlas.instant();
        if (!life.works(now)) {
            return Optional.empty();
        }
        var holder = holders(life)
                .filter(one -> !isMisnamed(one, life))
                .findFirst()
                .map(one -> "AWSCURRENT of " + one.name + " holds it");
        return holder.isPresent()
                ? holder
                : overlapEnds(life)
                        .filter(until -> now.isBefore(until) && !life.isWantedGone)
                        .filter(until -> !life.supersededUnseen && isInSight(life))
                        .map(until -> "consumers may hold it until " + until);
    }

    /** Whether AWSCURRENT says that it holds another secret, and no version says otherwise. */
    boolean isMisnamed(Stored one, Life life) {
        return namedInsteadOf(one, life).anyMatch(other -> isTheWritersWord(other.id));
    }

    /** Those living secrets whose id AWSCURRENT says that it holds, while it holds this one. */
    private Stream<Life> namedInsteadOf(Stored one, Life life) {
        var text = simulation.secretsManager.valueUnder(one.arn, "AWSCURRENT").orElse("");
        return life.account.living().stream().filter(other -> other != life && text.contains(other.id));
    }

    /**
     * Whether its id came into this stored secret beside another secret's value, with a copy, and
     * no version in sight tells that value's own id: by the rules the id belongs to that value.
     */
    boolean isFirstNamedByMistake(Stored one, Life life) {
        var first = simulation.secretsManager.values(one.arn).stream()
                .filter(text -> text.contains(life.id))
                .findFirst();
        return life.account.lives.values().stream()
                .filter(other -> other != life)
                .filter(other ->
                        first.filter(text -> text.contains(other.value)).isPresent())
                .anyMatch(other -> !isKnownWhereItLives(other));
    }

    /**
     * By the rules, an id that is beside one value alone belongs to it: where that was copied
     * from a stored secret that is not managed any more, nothing tells otherwise.
     */
    boolean isTheWritersWord(String id) {
        return isBesideOneValue(
                id,
                simulation.stored.stream()
                        .filter(Stored::isOurs)
                        .flatMap(one -> simulation.secretsManager.values(one.arn).stream()));
    }

    private static boolean isBesideOneValue(String id, Stream<String> texts) {
        return texts.filter(text -> text.contains(id))
                        .map(Stored::clientSecret)
                        .distinct()
                        .count()
                == 1;
    }

    Optional<String> currentSecret(Stored one) {
        var current = one.current;
        return current == null ? Optional.empty() : credentialIn(one, current);
    }

    /** The client secret in a version, unless somebody has left another account's id beside it. */
    private Optional<String> credentialIn(Stored one, String version) {
        return one.clientSecretOf(
                version,
                simulation.secretsManager.valueOf(one.arn, version),
                text -> Stored.clientSecret(text)
                        .filter(secret -> simulation
                                .lifeOf(secret)
                                .filter(life -> !isOfItsClient(life, text))
                                .isEmpty()));
    }

    private static boolean isOfItsClient(Life life, String text) {
        return text.contains(life.account.clientId);
    }

    /** The Atlas secret whose value AWSCURRENT holds, whatever id is beside it. */
    Optional<Life> currentLife(Stored one) {
        return currentSecret(one).flatMap(simulation::lifeOf);
    }

    /** Whether a consumer that asks now authenticates. */
    boolean currentWorks(Stored one) {
        return currentLife(one)
                .filter(life -> life.works(simulation.atlas.instant()))
                .isPresent();
    }

    // --- at quiescence

    /** What promises 4 and 5 say of an account after sweeps with nothing going wrong. */
    Optional<Broken> unrest(Stored one) {
        if (one.attempt.isPresent()) {
            return Optional.of(new Broken(
                    Promise.REPEATABLE, "an attempt stands for " + one.name + " after further sweeps and retries"));
        }
        var now = simulation.atlas.instant();
        for (Life life : simulation.accountOf(one).living()) {
            if (isHeld(life)) {
                continue;
            }
            boolean isOver = !now.isBefore(life.last.expiresAt());
            boolean isOurs = life.maker.isPresent() || (isKnown(life) && isIdInAVersion(life));
            if (isOver || (isOurs && !isStillUsed(one, life))) {
                return Optional.of(new Broken(
                        Promise.NOTHING_LEFT_BEHIND,
                        life.id
                                + " is left behind at "
                                + one.name
                                + (isOver
                                        ? ": expired"
                                        : isKnown(life) ? ": superseded long ago" : ": nobody has its value")));
            }
        }
        return Optional.empty();
    }

    /**
     * Whether nothing tells any more that it is ours: a person has made it, or has ended the
     * attempt that accounted for it, or has taken the stored secret out of the sweep; or both slots
     * were free, two runs of one attempt took one each, one died and the other ended the attempt.
     */
    boolean isForeign(Stored one, Life life) {
        return (life.maker.isEmpty()
                        || hasBeenLetGo(life.account)
                        || mayBeOfAnAttemptElsewhere(life)
                        || mayBeOfAnAttemptThatIsNotBelieved(life)
                        || mayBeAValueWithoutId(life)
                        || (isKnown(life) && !isKnownWhereItLives(life))
                        || holding(life.account)
                                .anyMatch(it -> hasBegunBefore(life.maker.get(), it.attemptEndedByPersonAt))
                        || (life.besideNone && hasBegunBefore(life.maker.get(), one.attemptPromotedAt)))
                && !(life.maker.isPresent() && isKnownWhereItLives(life))
                && !(life.supersededByRun && isIdInAVersion(life))
                && !isHeld(life);
    }

    /** Whether a stored secret of this account is not managed any more, or has another account. */
    private boolean hasBeenLetGo(AtlasAccount account) {
        return simulation.stored.stream()
                .filter(one -> !one.isAttackers)
                .filter(one -> one.home == account || simulation.accountOf(one) == account)
                .anyMatch(one -> !one.isOurs() || simulation.accountOf(one) != account);
    }

    /** Whether it was made for a stored secret that holds another account by now. */
    private boolean mayBeOfAnAttemptElsewhere(Life life) {
        return !isKnown(life)
                && simulation.stored.stream()
                        .filter(one -> !one.isAttackers && hasHeld(one, life.account))
                        .anyMatch(one -> simulation.accountOf(one) != life.account);
    }

    /** What a stored secret says of the account counts only where its value authenticates. */
    private boolean mayBeOfAnAttemptThatIsNotBelieved(Life life) {
        return !isKnown(life)
                && holding(life.account).filter(one -> !currentWorks(one)).anyMatch(one -> one.attempt.isPresent());
    }

    /** Somebody has stored another value without its id: by the list it may have been this one. */
    private boolean mayBeAValueWithoutId(Life life) {
        return !isKnown(life)
                && life.account.lives.values().stream()
                        .filter(other -> other != life && isInSight(other))
                        .anyMatch(other -> inSight(life).noneMatch(text -> text.contains(other.id)));
    }

    private boolean hasHeld(Stored one, AtlasAccount account) {
        return simulation.secretsManager.values(one.arn).stream().anyMatch(text -> text.contains(account.clientId));
    }

    /** By the words, one whose value alone is in a version is not known. */
    private boolean isIdInAVersion(Life life) {
        return simulation.stored.stream()
                .filter(Stored::isOurs)
                .flatMap(one -> simulation.secretsManager.values(one.arn).stream())
                .anyMatch(text -> text.contains(life.id));
    }

    private static boolean hasBegunBefore(Run run, long call) {
        return run.bornAt <= call;
    }

    boolean previousIsYounger(Stored one) {
        var sm = simulation.secretsManager;
        var current = sm.versionUnder(one.arn, "AWSCURRENT").flatMap(id -> sm.createdAt(one.arn, id));
        return sm.versionUnder(one.arn, "AWSPREVIOUS")
                .flatMap(id -> sm.createdAt(one.arn, id))
                .filter(previous -> current.filter(previous::isAfter).isPresent())
                .isPresent();
    }

    /** Whether a superseded one is kept because it is used: until Atlas ends it. */
    boolean hasStillUsed(Stored one) {
        return simulation.accountOf(one).living().stream().anyMatch(life -> !isHeld(life) && isStillUsed(one, life));
    }

    /** Whether what a rotation has superseded of late is kept for its consumers. */
    boolean hasOverlap(Stored one) {
        var until = one.movedAt.plus(simulation.settings.times().overlap());
        return simulation.atlas.instant().isBefore(until)
                && simulation.accountOf(one).living().stream().anyMatch(life -> !isHeld(life));
    }

    /**
     * As the rules have it: after AWSCURRENT moved last, and an hour for caches. What a run promotes
     * within 15 minutes of storing it was promoted, by its date, when it was stored.
     */
    private boolean isStillUsed(Stored one, Life life) {
        if (life.supersededUnseen) {
            return true; // it was in use as current until later than anybody can tell
        }
        var stored = Optional.ofNullable(one.current)
                .flatMap(version -> simulation.secretsManager.createdAt(one.arn, version))
                .filter(one.movedAt::isAfter)
                .orElse(one.movedAt);
        return life.superseded.isPresent()
                && life.last
                        .lastUsedAt()
                        .filter(used -> used.isAfter(stored.plus(CONSUMERS_CACHE)))
                        .isPresent();
    }
}
