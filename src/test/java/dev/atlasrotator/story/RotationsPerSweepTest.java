package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Testbed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A fleet that is newly managed does not rotate in one hour. */
class RotationsPerSweepTest {
    private final Testbed testbed = new Testbed().setting("ROTATIONS_PER_SWEEP", "2");

    @Test
    void a_sweep_rotates_so_many_for_their_age_alone_the_nearest_to_expiry_first() {
        var oldest = testbed.account("a", Duration.ofDays(60));
        var youngest = testbed.account("b", Duration.ofDays(40));
        var older = testbed.account("c", Duration.ofDays(50));

        var first = Answer.sweep(testbed);

        assertThat(first.actions(oldest)).contains("promoted " + current(oldest));
        assertThat(first.actions(older)).contains("promoted " + current(older));
        assertThat(first.actions(youngest)).isEmpty();
        assertThat(first.state(youngest)).isEqualTo("due");

        testbed.after(Duration.ofHours(1));
        assertThat(Answer.sweep(testbed).actions(youngest)).contains("promoted " + current(youngest));
    }

    private String current(Testbed.ManagedSecret kept) {
        return testbed.stored(kept, "AWSCURRENT", "secretId").orElseThrow();
    }

    @Test
    void where_all_may_rotate_none_waits_until_the_others_have_been_read() {
        testbed.setting("SWEEP_CONCURRENCY", "1");
        testbed.account("a", Duration.ofDays(40));
        testbed.account("b", Duration.ofDays(40));
        int mark = testbed.calls.size();

        Answer.sweep(testbed);

        assertThat(testbed.calls.subList(mark, testbed.calls.size()).stream()
                        .takeWhile(call -> !call.operation().equals("createSecret"))
                        .filter(call -> call.operation().equals("readAccount"))
                        .map(Call::subject)
                        .distinct())
                .hasSize(1);
    }

    @Test
    void those_below_their_margin_do_not_count() {
        for (var name : new String[] {"a", "b", "c"}) {
            testbed.account(name, Duration.ofDays(85));
        }
        var due = testbed.account("d", Duration.ofDays(40));

        var answer = Answer.sweep(testbed);

        assertThat(Answer.metric(testbed, "Rotations")).isEqualTo(4);
        assertThat(answer.actions(due)).isNotEmpty();
    }

    @Test
    void an_operator_who_names_them_gets_all_of_them() {
        for (var name : new String[] {"a", "b", "c"}) {
            testbed.account(name, Duration.ofDays(40));
        }

        Answer.to(testbed, "{\"action\":\"sweep\",\"secretIds\":[\"a\",\"b\",\"c\"]}");

        assertThat(Answer.metric(testbed, "Rotations")).isEqualTo(3);
    }

    @Test
    void a_dry_run_says_which_ones_the_next_sweep_would_rotate() {
        testbed.account("a", Duration.ofDays(60));
        var youngest = testbed.account("b", Duration.ofDays(40));
        testbed.account("c", Duration.ofDays(50));

        var answer = Answer.dryRun(testbed);

        assertThat(answer.actions(youngest)).isEmpty();
        assertThat(answer.json()).containsEntry("states", Map.of("due", 3));
        assertThat(answer.accounts().stream()
                        .filter(one -> one.get("actions").toString().contains("created")))
                .hasSize(2);
    }

    @Test
    void the_queue_gets_no_more_than_that() {
        var enqueued = new ArrayList<String>();
        testbed.queue((accounts, deadline) -> accounts.forEach(enqueued::addAll));
        for (var name : new String[] {"a", "b", "c"}) {
            testbed.account(name, Duration.ofDays(40));
        }

        var answer = Answer.sweep(testbed);

        assertThat(enqueued).hasSize(2);
        assertThat(answer.number("checked")).isEqualTo(3);
    }
}
