package dev.atlasrotator.explore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.explore.Universe.Beginning;
import dev.atlasrotator.json.Json;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.Map;

/** Histories that have broken a promise once, each under the name of what they found. */
class RegressionTest {
    private final Universe universe = new Universe(Universe.Laws.exhaustive(), true);

    @Test
    void a_run_never_takes_awspending_from_another_that_has_begun_at_the_same_time() {
        var one = begin(false);
        var slow = rotate("slow", one);
        var quick = rotate("quick", one);
        goUntil(slow, Remote.PUT);
        goUntil(quick, Remote.CREATE);
        goUntil(quick, Remote.PUT);
        universe.go(quick, Verdict.FAILS); // its secret is an orphan, and its attempt stands
        universe.finish(quick);

        while (!slow.isOver()) {
            universe.go(slow, slow.kind() == Remote.CREATE ? Verdict.IS_REFUSED : Verdict.PASSES);
        }

        followed();
    }

    @Test
    void what_was_adopted_without_its_id_is_superseded_after_the_rotation_and_not_foreign() {
        var one =
                universe.account(
                        new Beginning(
                                "prod/atlas", Duration.ofDays(40), false, false, "true", false));
        universe.finish(rotate("first", one));

        followed();
        assertThat(one.living()).hasSize(2); // the last rotation of all, and the one before
    }

    private Stored begin(boolean bySecretsManager) {
        var one =
                universe.account(Beginning.of("prod/atlas", Duration.ofDays(40), bySecretsManager));
        universe.pass(Duration.ofHours(1));
        return one;
    }

    private Run rotate(String name, Stored one) {
        return universe.invocation(
                name,
                universe.process(),
                false,
                Json.text(Map.of("action", "rotate", "secretId", one.arn)));
    }

    /** Until it is about to make a call of this kind; at least one call further. */
    private void goUntil(Run run, Remote kind) {
        do {
            universe.go(run, Verdict.PASSES);
        } while (!run.isOver() && run.kind() != kind);
    }

    private void followed() {
        new Aftermath(universe).follow();
        assertThat(universe.broken()).as(() -> String.join("\n", universe.timeline)).isEmpty();
    }
}
