package dev.atlasrotator.sweep;

import dev.atlasrotator.atlas.ServiceAccounts.SignIn;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.rotation.Advice;
import dev.atlasrotator.rotation.CreateRules;
import dev.atlasrotator.rotation.CreateRules.Overlap;
import dev.atlasrotator.rotation.Decision;
import dev.atlasrotator.rotation.Decision.Removal;
import dev.atlasrotator.rotation.Ownership;
import dev.atlasrotator.rotation.Picture;
import dev.atlasrotator.rotation.Picture.AtlasView;
import dev.atlasrotator.rotation.Picture.Identity;
import dev.atlasrotator.rotation.Picture.Kind;
import dev.atlasrotator.rotation.Picture.Pending;
import dev.atlasrotator.rotation.Policy;
import dev.atlasrotator.sweep.Assessment.Need;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What one account needs today: the table of {@code docs/specification.md}, "The sweep". Pure; by
 * Atlas's truth, not by what is recorded.
 */
public final class SweepRules {
    private final Policy policy;
    private final CreateRules createRules;

    public SweepRules(Policy policy, CreateRules createRules) {
        this.policy = policy;
        this.createRules = createRules;
    }

    /** Assesses. */
    public Assessment assess(Picture seen, Ownership owner) {
        return switch (owner) {
            case Ownership.Another(String why) ->
                new Assessment(state(seen, owner), new Need.Nothing(), "Left alone: " + why + ".");
            case Ownership.ByRun byRun -> assessOurs(seen, owner);
            case Ownership.BySecretsManager bySecretsManager -> assessOurs(seen, owner);
        };
    }

    private Assessment assessOurs(Picture seen, Ownership owner) {
        var state = state(seen, owner);
        if (seen.atlas() instanceof AtlasView.Closed(String why)) {
            return new Assessment(state, new Need.Nothing(), sentences(why, shared(seen)));
        }
        boolean stands = !(seen.pending() instanceof Pending.None);
        if (stands && !seen.attemptIsAbandoned()) {
            return new Assessment(
                    state, new Need.Nothing(), sentences(underWay(seen), Advice.urgency(seen), advice(seen)));
        }
        var leftBehind = seen.stored().pendingBesidePrevious();
        // A run that rotates takes the label with it.
        if (leftBehind.isPresent() && (owner instanceof Ownership.BySecretsManager || !isDue(seen, owner))) {
            var over = new Decision.GiveUp(
                    leftBehind.get(), List.of(), "it had come to its end, and AWSCURRENT has gone back since");
            return new Assessment(state, giveUp(seen, owner, over), advice(seen));
        }
        if (!stands && !isDue(seen, owner) && !seen.isUnclear()) {
            return new Assessment(state, retire(seen), advice(seen));
        }
        var plan = createRules.decide(seen, Overlap.KEPT);
        var wait = seen.waitsUntil().filter(until -> owner instanceof Ownership.ByRun);
        if (plan instanceof Decision.Create && wait.isPresent()) {
            return new Assessment(
                    state, retire(seen), sentences(waiting(wait.get()), Advice.urgency(seen), advice(seen)));
        }
        return switch (plan) {
            // What is over may go even so, and may be what makes room.
            case Decision.Stop(Decision.Stop.Kind kind, String why) ->
                new Assessment(state, retire(seen), sentences(why, urgencyUnlessIn(why, seen), remarks(seen)));
            case Decision.GiveUp giveUp ->
                new Assessment(
                        state,
                        giveUp(seen, owner, giveUp),
                        sentences(
                                "The rotation that stands is given up: " + giveUp.why() + ".",
                                wait.map(SweepRules::waiting).orElse(""),
                                Advice.urgency(seen),
                                advice(seen)));
            case Decision.Create create ->
                new Assessment(
                        state,
                        rotate(owner, create),
                        // What this run does itself is over before anybody can read of it.
                        sentences(
                                advice(seen),
                                stands || !(owner instanceof Ownership.ByRun) ? Advice.urgency(seen) : ""));
            case Decision.Resume resume ->
                new Assessment(state, rotate(owner, resume), sentences(advice(seen), Advice.urgency(seen)));
        };
    }

    /** A new rotation follows where one is due, and only there: the old one may be overtaken. */
    private Need giveUp(Picture seen, Ownership owner, Decision.GiveUp giveUp) {
        boolean due = isDue(seen, owner);
        if (owner instanceof Ownership.ByRun) {
            return due && seen.waitsUntil().isEmpty() ? new Need.Rotate(giveUp) : new Need.GiveUp(giveUp, false);
        }
        return new Need.GiveUp(giveUp, due);
    }

    private static Need rotate(Ownership owner, Decision plan) {
        return owner instanceof Ownership.ByRun ? new Need.Rotate(plan) : new Need.Request();
    }

    private Need retire(Picture seen) {
        var removals = removals(seen);
        return removals.isEmpty() ? new Need.Nothing() : new Need.Retire(removals);
    }

    /** Old secrets that are over; never the current or the pending one, whatever their state. */
    private List<Removal> removals(Picture seen) {
        var removals = new ArrayList<Removal>();
        seen.all(Kind.EXPIRED).forEach(one -> removals.add(new Removal(one.id(), Removal.Why.EXPIRED)));
        seen.all(Kind.ORPHAN).forEach(one -> removals.add(new Removal(one.id(), Removal.Why.ORPHAN)));
        // While AWSCURRENT does not work, a superseded secret may be the last one that does.
        if (seen.currentWorks() && seen.currentSecret().isPresent() && seen.isPastOverlap(policy.overlap())) {
            seen.all(Kind.SUPERSEDED).stream()
                    .filter(one -> !seen.isStillUsed(one))
                    .forEach(one -> removals.add(new Removal(one.id(), Removal.Why.SUPERSEDED)));
        }
        return List.copyOf(removals);
    }

    /** The superseded secrets that are past their overlap and still used. */
    List<AtlasSecret> stillUsed(Picture seen) {
        return seen.isPastOverlap(policy.overlap())
                ? seen.all(Kind.SUPERSEDED).stream().filter(seen::isStillUsed).toList()
                : List.of();
    }

    private boolean isDue(Picture seen, Ownership owner) {
        if (seen.isNearItsEnd() || isRejected(seen)) {
            return true;
        }
        return owner instanceof Ownership.ByRun && isOld(seen);
    }

    private boolean isOld(Picture seen) {
        return seen.currentSecret()
                .filter(current -> !seen.now().isBefore(current.createdAt().plus(policy.rotateAfter())))
                .isPresent();
    }

    /** Somebody may have stored another value beside the id of a secret that Atlas still has. */
    private static boolean isRejected(Picture seen) {
        return seen.currentSignsIn().filter(SignIn.REJECTED::equals).isPresent();
    }

    private State state(Picture seen, Ownership owner) {
        if (seen.atlas() instanceof AtlasView.Closed || seen.identity() instanceof Identity.Gone || isRejected(seen)) {
            return State.BROKEN;
        }
        if (!(seen.pending() instanceof Pending.None)) {
            if (seen.attemptIsAbandoned()) {
                return State.STUCK;
            }
            return seen.isNearItsEnd() ? State.EXPIRING : State.ROTATING;
        }
        if (seen.isNearItsEnd()) {
            return State.EXPIRING;
        }
        if (isDue(seen, owner)) {
            return State.DUE;
        }
        if (!seen.all(Kind.FOREIGN).isEmpty() || seen.isUnclear()) {
            return State.FOREIGN;
        }
        return seen.all(Kind.SUPERSEDED).isEmpty() ? State.FRESH : State.OVERLAP;
    }

    private String advice(Picture seen) {
        var used = stillUsed(seen).stream().map(one -> Advice.stillUsed(seen, one));
        var foreign = seen.identity() instanceof Identity.Unclear(Set<SecretId> candidates)
                ? Stream.of(Advice.unclear(seen, List.copyOf(candidates)))
                : seen.all(Kind.FOREIGN).stream().map(one -> Advice.foreign(seen, one, policy.overlap()));
        return sentences(Stream.concat(used, foreign).collect(Collectors.joining(" ")), remarks(seen));
    }

    private static String remarks(Picture seen) {
        return sentences(shared(seen), String.join(" ", seen.remarks()));
    }

    private static String shared(Picture seen) {
        return Advice.shared(seen).orElse("");
    }

    private static String waiting(Instant until) {
        return "A rotation was begun within the last hour and came to nothing; a sweep begins the"
                + " next one after "
                + until
                + ", a rotation by hand at any time.";
    }

    /** What stands, and until when to wait for it. */
    private static String underWay(Picture seen) {
        var young = seen.all(Kind.YOUNG).stream()
                .map(one -> "Secret " + one.id() + " was made at " + one.createdAt() + " and is not stored yet.")
                .toList();
        return sentences(
                "A rotation has been under way since "
                        + seen.attemptBegan().map(Object::toString).orElse("a moment ago")
                        + "; if it is not over after 15 minutes, the next sweep finishes or undoes"
                        + " it.",
                String.join(" ", young));
    }

    private static String urgencyUnlessIn(String why, Picture seen) {
        return why.contains("This is urgent") ? "" : Advice.urgency(seen);
    }

    private static String sentences(String... some) {
        return Stream.of(some).filter(one -> !one.isEmpty()).collect(Collectors.joining(" "));
    }
}
