package dev.atlasrotator.explore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.explore.Simulation.Beginning;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Histories that have broken a promise once, each under the name of what they found. */
class RegressionTest {
    private Simulation simulation = new Simulation(Simulation.Conditions.exhaustive(), true);

    @Test
    void a_run_never_takes_awspending_from_another_that_has_begun_at_the_same_time() {
        var one = begin(false);
        var slow = rotate("slow", one);
        var quick = rotate("quick", one);
        goUntil(slow, Remote.PUT);
        goUntil(quick, Remote.CREATE);
        goUntil(quick, Remote.PUT);
        simulation.go(quick, CallOutcome.FAILS); // its secret is an orphan, and its attempt is in progress
        simulation.finish(quick);

        while (!slow.isOver()) {
            simulation.go(slow, slow.kind() == Remote.CREATE ? CallOutcome.IS_REFUSED : CallOutcome.PASSES);
        }

        followed();
    }

    @Test
    void what_was_adopted_without_its_id_is_superseded_after_the_rotation_and_not_foreign() {
        var one = simulation.account(new Beginning("prod/atlas", Duration.ofDays(40), false, false, "true", false));
        simulation.finish(rotate("first", one));

        followed();
        assertThat(one.home.living()).hasSize(2); // the last rotation of all, and the one before
    }

    @Test
    void a_version_that_was_registered_long_before_it_was_filled_makes_its_secret_known() {
        var one = begin(true);
        var first = String.valueOf(one.current);
        var token = by(one).beginRotation();
        simulation.pass(Duration.ofDays(2));
        simulation.finish(simulation.rotation("late", simulation.environment(), one, token));
        simulation.pass(Duration.ofDays(8));
        // Back to what Atlas has ended meanwhile: the rescue leaves the other one without a label.
        by(one).moveCurrent(first, token);

        followed();
    }

    @Test
    void going_back_to_an_adopted_value_without_an_id_leaves_no_doubt_about_what_is_current() {
        var one = simulation.account(new Beginning("prod/atlas", Duration.ofDays(40), true, false, "true", false));
        simulation.finish(simulation.rotation("first", simulation.environment(), one, by(one).beginRotation()));
        by(one).goBack();

        followed();
    }

    @Test
    void going_back_to_the_previous_version_is_not_undone_by_the_next_sweep() {
        var one = begin(false);
        var first = String.valueOf(one.current);
        simulation.finish(rotate("run", one));
        by(one).goBack();
        simulation.pass(Duration.ofMinutes(16));

        simulation.finish(simulation.sweep("sweep"));

        assertThat(one.current).isEqualTo(first);
    }

    @Test
    void what_was_current_has_its_overlap_also_where_it_still_bears_awspending() {
        var one = begin(false);
        simulation.finish(rotate("run", one));
        simulation.pass(Duration.ofHours(25));
        simulation.invariants.currentSecret(one).ifPresent(value -> simulation.atlas.signIn(one.home.clientId, value));
        by(one).goBack();
        by(one).delete(one.home.living().getFirst());
        by(one).write(false);

        followed();
    }

    @Test
    void what_a_run_is_about_to_promote_lives_though_a_person_has_ended_its_attempt() {
        var one = begin(false);
        simulation.pass(Duration.ofHours(30));
        var slow = rotate("slow", one);
        simulation.go(slow, CallOutcome.PASSES);
        simulation.go(slow, CallOutcome.PASSES); // it has seen the labels, and nothing else
        var quick = rotate("quick", one);
        goUntil(quick, Remote.MOVE);
        by(one).takePendingOff();
        goUntil(slow, Remote.DELETE);
        simulation.finish(quick);
        simulation.finish(slow);

        followed();
    }

    @Test
    void what_was_pasted_in_a_rotation_is_no_orphan_though_a_tool_has_put_the_old_value_back() {
        simulation =
                new Simulation(Simulation.Conditions.exhaustive().with(Duration.ZERO, Duration.ofMinutes(2)), true);
        var one = begin(true);
        var first = simulation.secretsManager.valueUnder(one.arn, "AWSCURRENT").orElseThrow();
        var token = by(one).beginRotation();
        by(one).pasteNew(Person.Ids.STALE);
        by(one).restore(first);
        simulation.pass(Duration.ofDays(8)); // Atlas has ended what the tool takes for the right one

        simulation.finish(simulation.rotation("late", simulation.environment(), one, token));

        assertThat(one.home.living()).anyMatch(life -> life.works(simulation.atlas.instant()));
        followed();
    }

    @Test
    void a_revocation_that_abandons_an_attempt_makes_nothing_where_another_run_rotates_meanwhile() {
        var one = begin(false);
        var dead = rotate("dead", one);
        goUntil(dead, Remote.CREATE);
        simulation.go(dead, CallOutcome.KILLS);
        simulation.pass(Duration.ofMinutes(70));
        var revocation = simulation.revoke("revocation", simulation.environment(), one, Optional.empty());
        goUntil(revocation, Remote.MOVE);
        simulation.go(revocation, CallOutcome.PASSES);

        simulation.finish(simulation.sweep("sweep"));
        simulation.finish(revocation);

        followed();
    }

    @Test
    void a_rollback_shows_also_where_the_value_in_use_names_what_it_superseded_by_itself() {
        var one = begin(false);
        simulation.finish(rotate("run", one));
        simulation.pass(Duration.ofMinutes(70));
        by(one).pasteOlder(false); // the old clientSecret, beside the new one's id and binding
        simulation.pass(Duration.ofSeconds(1));
        by(one).pasteOlder(false);
        simulation.pass(Duration.ofDays(3));
        by(one).goBack();

        simulation.finish(simulation.sweep("sweep"));

        followed();
    }

    @Test
    void an_id_written_ahead_of_its_value_is_believed_once_the_value_is_stored_again_as_the_report_advises() {
        var one = begin(false);
        simulation.finish(rotate("run", one));
        var dead = simulation.invariants.currentLife(one).orElseThrow();
        simulation.pass(Duration.ofHours(30));
        simulation.finish(simulation.sweep("sweep"));
        var killed = rotate("killed", one);
        goUntil(killed, Remote.CREATE);
        simulation.go(killed, CallOutcome.KILLS_AFTERWARDS); // its secret is an orphan
        by(one).delete(dead);
        var theirs = by(one).make().orElseThrow();
        by(one).recordId(theirs.id);
        simulation.pass(Duration.ofHours(1));
        by(one).paste(theirs, Person.Ids.STALE);
        simulation.pass(Duration.ofHours(1));
        simulation.finish(simulation.sweep("unsure"));
        assertThat(one.home.living()).hasSize(2);

        by(one).storeAgainWithTheRightId();
        simulation.pass(Duration.ofHours(1));
        simulation.finish(simulation.sweep("certain"));

        assertThat(one.home.living()).containsExactly(theirs);
        followed();
    }

    private Person by(Stored one) {
        return new Person(simulation, one);
    }

    private Stored begin(boolean bySecretsManager) {
        var one = simulation.account(Beginning.of("prod/atlas", Duration.ofDays(40), bySecretsManager));
        simulation.pass(Duration.ofHours(1));
        return one;
    }

    private Run rotate(String name, Stored one) {
        return simulation.rotate(name, simulation.environment(), one);
    }

    /** Until it is about to make a call of this kind; at least one call further. */
    private void goUntil(Run run, Remote kind) {
        do {
            simulation.go(run, CallOutcome.PASSES);
        } while (!run.isOver() && run.kind() != kind);
    }

    private void followed() {
        new QuiescenceCheck(simulation).follow();
        assertThat(simulation.broken())
                .as(() -> String.join("\n", simulation.timeline))
                .isEmpty();
    }
}
