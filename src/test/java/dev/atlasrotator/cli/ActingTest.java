package dev.atlasrotator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.json.Json;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The commands that change something. */
class ActingTest extends CommandScene {
    private static final Duration FRESH = Duration.ofDays(3);
    private static final Duration DUE = Duration.ofDays(40);

    private List<String> secrets(String clientId) {
        return atlas.secrets(clientId).stream().map(secret -> secret.id()).toList();
    }

    @Test
    void without_a_terminal_and_without_yes_nothing_is_done() {
        var account = account("prod/search", DUE);

        assertThat(run("rotate", "prod/search")).isEqualTo(2);
        assertThat(run("sweep")).isEqualTo(2);

        assertThat(err()).contains("there is no terminal to ask at", "--dry-run", "--yes");
        assertThat(out()).isEmpty();
        assertThat(secrets(account)).hasSize(1);
    }

    @Test
    void a_dry_run_says_what_would_be_done_and_asks_nobody() {
        var account = account("prod/search", FRESH);
        atTerminal("y");

        assertThat(run("rotate", "prod/search", "--dry-run")).isZero();

        assertThat(out())
                .contains("Would be done: create a secret at Atlas; move AWSCURRENT to the new secret.")
                .contains("This was a dry run: nothing was changed.");
        assertThat(err()).isEmpty();
        assertThat(questions).isEmpty();
        assertThat(secrets(account)).hasSize(1);
    }

    @Test
    void with_yes_it_acts_and_says_with_whose_rights() {
        var account = account("prod/search", FRESH);

        assertThat(run("rotate", "prod/search", "--yes", "--json")).isZero();

        assertThat(secrets(account)).hasSize(2);
        assertThat(err())
                .contains("with your own AWS credentials", "--function NAME")
                .hasLineCount(1);
        assertThat(Json.object(out()).orElseThrow()).containsEntry("action", "rotate");
    }

    @Test
    void at_a_terminal_the_plan_comes_first_and_then_the_question() {
        var account = account("prod/search", FRESH);
        atTerminal("yes");

        assertThat(run("rotate", "prod/search")).isZero();

        assertThat(questions).containsExactly("1 rotation, in prod/search. Do it? [y/N] ");
        assertThat(err().replaceAll("\\s+", " "))
                .contains("Would be done: create a secret at Atlas")
                .contains("keeps working for its overlap");
        assertThat(out()).contains("Done: created").doesNotContain("Would");
        assertThat(secrets(account)).hasSize(2);
    }

    @Test
    void whoever_says_anything_but_yes_has_changed_nothing() {
        var account = account("prod/search", DUE);
        atTerminal("n", "", "yeah");

        assertThat(run("rotate", "prod/search")).isEqualTo(3);
        assertThat(run("sweep")).isEqualTo(3);
        assertThat(run("rotate", "prod/search", "--revoke-old")).isEqualTo(3);
        assertThat(run("sweep")).as("the end of the input").isEqualTo(3);

        assertThat(questions).hasSize(4);
        assertThat(err()).endsWith("Nothing was changed.\n");
        assertThat(out()).isEmpty();
        assertThat(secrets(account)).hasSize(1);
    }

    @Test
    void a_revocation_names_what_will_stop_working() {
        var account = account("prod/search", FRESH);
        var old = secrets(account).getFirst();
        atTerminal("y");

        assertThat(run("rotate", "prod/search", "--revoke-old")).isZero();

        assertThat(err().replaceAll("\\s+", " "))
                .contains("What stops working at once: every consumer of prod/search that still holds secret " + old
                        + " (in use, AWSCURRENT)")
                .doesNotContain("keeps working for its overlap");
        assertThat(questions).containsExactly("1 rotation, 1 deletion, in prod/search. Do it? [y/N] ");
        assertThat(secrets(account)).hasSize(1).doesNotContain(old);
        assertThat(out()).contains("deleted " + old + " at Atlas (revoked)");
    }

    @Test
    void a_superseded_secret_that_leaked_is_named_with_its_last_use_and_only_deleted() {
        var account = account("prod/search", FRESH);
        var old = secrets(account).getFirst();
        assertThat(run("rotate", "prod/search", "--yes")).isZero();
        atTerminal("y");

        assertThat(run("rotate", "prod/search", "--leaked", old)).isZero();

        assertThat(err().replaceAll("\\s+", " ")).contains("still holds secret " + old + " (superseded, ");
        assertThat(questions).containsExactly("1 deletion, in prod/search. Do it? [y/N] ");
        assertThat(secrets(account)).hasSize(1).doesNotContain(old);
    }

    @Test
    void where_nothing_would_be_done_nobody_is_asked() {
        account("prod/search", FRESH);
        atTerminal("y", "y");

        assertThat(run("sweep")).isZero();
        assertThat(run("rotate", "prod/search", "--leaked", "0123456789abcdef01234567"))
                .isZero();

        assertThat(questions).isEmpty();
        assertThat(err()).contains("There is nothing to do. Nothing was changed.");
    }

    @Test
    void a_sweep_counts_what_it_would_do_and_does_the_work_itself() {
        var due = account("prod/orders", DUE);
        var other = account("prod/billing", DUE);
        var fresh = account("prod/search", FRESH);
        environment.put("WORK_QUEUE_URL", "http://127.0.0.1:1/000000000000/work");
        atTerminal("y");

        assertThat(run("sweep")).isZero();

        assertThat(questions).containsExactly("2 rotations, in 2 accounts. Do it? [y/N] ");
        assertThat(secrets(due)).hasSize(2);
        assertThat(secrets(other)).hasSize(2);
        assertThat(secrets(fresh)).hasSize(1);
    }

    @Test
    void an_observing_sweep_says_so() {
        var due = account("prod/orders", DUE);
        environment.put("SWEEP_MODE", "observe");

        assertThat(run("sweep", "--yes")).isZero();

        assertThat(out()).contains("Would be done: create", "SWEEP_MODE is observe: nothing was changed.");
        assertThat(secrets(due)).hasSize(1);
    }

    @Test
    void a_rotation_that_could_not_be_done_is_status_3_also_as_a_plan() {
        atTerminal("y");

        assertThat(run("rotate", "prod/serach", "--yes")).isEqualTo(3);
        assertThat(run("rotate", "prod/serach", "--dry-run")).isEqualTo(3);
        assertThat(run("rotate", "prod/serach")).isEqualTo(3);

        assertThat(questions).isEmpty();
        assertThat(out()).contains("! prod/serach  failed", "check the name");
    }
}
