package dev.atlasrotator.explore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.explore.Simulation.Beginning;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Histories that have broken a promise once, each under the name of what they found. */
class RegressionTest {
    private Simulation universe = new Simulation(Simulation.Laws.exhaustive(), true);

    @Test
    void a_run_never_takes_awspending_from_another_that_has_begun_at_the_same_time() {
        var one = begin(false);
        var slow = rotate("slow", one);
        var quick = rotate("quick", one);
        goUntil(slow, Remote.PUT);
        goUntil(quick, Remote.CREATE);
        goUntil(quick, Remote.PUT);
        universe.go(quick, CallOutcome.FAILS); // its secret is an orphan, and its attempt stands
        universe.finish(quick);

        while (!slow.isOver()) {
            universe.go(slow, slow.kind() == Remote.CREATE ? CallOutcome.IS_REFUSED : CallOutcome.PASSES);
        }

        followed();
    }

    @Test
    void what_was_adopted_without_its_id_is_superseded_after_the_rotation_and_not_foreign() {
        var one = universe.account(new Beginning("prod/atlas", Duration.ofDays(40), false, false, "true", false));
        universe.finish(rotate("first", one));

        followed();
        assertThat(one.home.living()).hasSize(2); // the last rotation of all, and the one before
    }

    @Test
    void a_version_that_was_registered_long_before_it_was_filled_makes_its_secret_known() {
        var one = begin(true);
        var first = String.valueOf(one.current);
        var token = by(one).beginRotation();
        universe.pass(Duration.ofDays(2));
        universe.finish(universe.rotation("late", universe.environment(), one, token));
        universe.pass(Duration.ofDays(8));
        // Back to what Atlas has ended meanwhile: the rescue leaves the other one without a label.
        by(one).moveCurrent(first, token);

        followed();
    }

    @Test
    void going_back_to_an_adopted_value_without_an_id_leaves_no_doubt_about_what_is_current() {
        var one = universe.account(new Beginning("prod/atlas", Duration.ofDays(40), true, false, "true", false));
        universe.finish(universe.rotation("first", universe.environment(), one, by(one).beginRotation()));
        by(one).goBack();

        followed();
    }

    @Test
    void going_back_to_the_previous_version_is_not_undone_by_the_next_sweep() {
        var one = begin(false);
        var first = String.valueOf(one.current);
        universe.finish(rotate("run", one));
        by(one).goBack();
        universe.pass(Duration.ofMinutes(16));

        universe.finish(universe.sweep("sweep"));

        assertThat(one.current).isEqualTo(first);
    }

    @Test
    void what_was_current_has_its_overlap_also_where_it_still_bears_awspending() {
        var one = begin(false);
        universe.finish(rotate("run", one));
        universe.pass(Duration.ofHours(25));
        universe.watch.currentSecret(one).ifPresent(value -> universe.atlas.signIn(one.home.clientId, value));
        by(one).goBack();
        by(one).delete(one.home.living().getFirst());
        by(one).write(false);

        followed();
    }

    @Test
    void what_a_run_is_about_to_promote_lives_though_a_person_has_ended_its_attempt() {
        var one = begin(false);
        universe.pass(Duration.ofHours(30));
        var slow = rotate("slow", one);
        universe.go(slow, CallOutcome.PASSES);
        universe.go(slow, CallOutcome.PASSES); // it has seen the labels, and nothing else
        var quick = rotate("quick", one);
        goUntil(quick, Remote.MOVE);
        by(one).takePendingOff();
        goUntil(slow, Remote.DELETE);
        universe.finish(quick);
        universe.finish(slow);

        followed();
    }

    @Test
    void what_was_pasted_in_a_rotation_is_no_orphan_though_a_tool_has_put_the_old_value_back() {
        universe = new Simulation(Simulation.Laws.exhaustive().with(Duration.ZERO, Duration.ofMinutes(2)), true);
        var one = begin(true);
        var first = universe.secretsManager.valueUnder(one.arn, "AWSCURRENT").orElseThrow();
        var token = by(one).beginRotation();
        by(one).pasteNew(Person.Ids.STALE);
        by(one).restore(first);
        universe.pass(Duration.ofDays(8)); // Atlas has ended what the tool takes for the right one

        universe.finish(universe.rotation("late", universe.environment(), one, token));

        assertThat(one.home.living()).anyMatch(life -> life.works(universe.atlas.instant()));
        followed();
    }

    @Test
    void a_revocation_that_abandons_an_attempt_makes_nothing_where_another_run_rotates_meanwhile() {
        var one = begin(false);
        var dead = rotate("dead", one);
        goUntil(dead, Remote.CREATE);
        universe.go(dead, CallOutcome.KILLS);
        universe.pass(Duration.ofMinutes(70));
        var revocation = universe.revoke("revocation", universe.environment(), one, Optional.empty());
        goUntil(revocation, Remote.MOVE);
        universe.go(revocation, CallOutcome.PASSES);

        universe.finish(universe.sweep("sweep"));
        universe.finish(revocation);

        followed();
    }

    @Test
    void a_rollback_shows_also_where_the_value_in_use_names_what_it_superseded_by_itself() {
        var one = begin(false);
        universe.finish(rotate("run", one));
        universe.pass(Duration.ofMinutes(70));
        by(one).pasteOlder(false); // the old clientSecret, beside the new one's id and binding
        universe.pass(Duration.ofSeconds(1));
        by(one).pasteOlder(false);
        universe.pass(Duration.ofDays(3));
        by(one).goBack();

        universe.finish(universe.sweep("sweep"));

        followed();
    }

    private Person by(Stored one) {
        return new Person(universe, one);
    }

    private Stored begin(boolean bySecretsManager) {
        var one = universe.account(Beginning.of("prod/atlas", Duration.ofDays(40), bySecretsManager));
        universe.pass(Duration.ofHours(1));
        return one;
    }

    private Run rotate(String name, Stored one) {
        return universe.rotate(name, universe.environment(), one);
    }

    /** Until it is about to make a call of this kind; at least one call further. */
    private void goUntil(Run run, Remote kind) {
        do {
            universe.go(run, CallOutcome.PASSES);
        } while (!run.isOver() && run.kind() != kind);
    }

    private void followed() {
        new QuiescenceCheck(universe).follow();
        assertThat(universe.broken())
                .as(() -> String.join("\n", universe.timeline))
                .isEmpty();
    }
}
