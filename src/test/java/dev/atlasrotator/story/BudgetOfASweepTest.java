package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Testbed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How many remote calls a sweep takes, in numbers. */
class BudgetOfASweepTest {
    private final Testbed testbed = new Testbed();

    private void accounts(int count) {
        for (int i = 0; i < count; i++) {
            testbed.account("prod/%03d".formatted(i), Duration.ofDays(3));
        }
    }

    private Map<String, Integer> sweep() {
        int mark = testbed.calls.size();
        var answer = Answer.sweep(testbed);
        assertThat(answer.failed()).isEmpty();
        assertThat(answer.number("unfinished")).isZero();
        return since(mark);
    }

    private Map<String, Integer> since(int mark) {
        var counts = new TreeMap<String, Integer>();
        testbed.calls
                .subList(mark, testbed.calls.size())
                .forEach(call -> counts.merge(call.operation(), 1, Integer::sum));
        return counts;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 20, 21, 100, 101, 240})
    void one_listing_a_hundred_and_one_batch_a_twenty_and_no_other_call_to_secrets_manager(int count) {
        accounts(count);
        int mark = testbed.calls.size();

        var calls = sweep();

        assertThat(calls).containsEntry("ListSecrets", (count + 99) / 100);
        // Batches do not span pages.
        int batches = count / 100 * 5 + (count % 100 + 19) / 20;
        assertThat(calls).containsEntry("BatchGetSecretValue", batches);
        assertThat(testbed.callsSince(mark, Call.Service.SECRETS_MANAGER))
                .isEqualTo(calls.get("ListSecrets") + calls.get("BatchGetSecretValue"));
    }

    @Test
    void those_that_the_queue_names_take_none_of_the_few_batches() {
        accounts(2);
        int mark = testbed.calls.size();

        var body = "{\"action\":\"sweep\",\"secretIds\":[\"prod/000\",\"prod/001\"]}";
        testbed.handle(Json.text(
                Map.of("Records", List.of(Map.of("eventSource", "aws:sqs", "messageId", "1", "body", body)))));

        assertThat(since(mark))
                .containsEntry("GetSecretValue", 2)
                .doesNotContainKeys("ListSecrets", "BatchGetSecretValue");
    }

    @Test
    void an_account_that_signs_in_for_itself_takes_one_token_and_one_read() {
        accounts(30);
        int mark = testbed.calls.size();

        var calls = sweep();

        assertThat(calls).containsEntry("mintToken", 30).containsEntry("readAccount", 30);
        assertThat(testbed.callsSince(mark, Call.Service.ATLAS)).isEqualTo(60);
    }

    @Test
    void a_second_sweep_in_the_same_process_does_not_sign_in_again_while_the_tokens_live() {
        accounts(30);
        sweep();
        testbed.after(Duration.ofMinutes(20));

        assertThat(sweep()).doesNotContainKey("mintToken").containsEntry("readAccount", 30);
    }

    @Test
    void with_an_administrators_account_a_project_takes_one_token_and_one_listing_a_page() {
        testbed.adminAccount("admin");
        testbed.setting("ADMIN_SECRET_ID", "admin");
        accounts(120);
        int mark = testbed.calls.size();

        var calls = sweep();
        int tried = calls.getOrDefault("revokeToken", 0);

        assertThat(calls)
                .containsEntry("mintToken", 1 + tried)
                .containsEntry("listAccounts", 1)
                .containsEntry("GetSecretValue", 1)
                .containsEntry("ListSecrets", 2)
                .containsEntry("BatchGetSecretValue", 6);
        assertThat(testbed.calls.size() - mark).isEqualTo(11 + 2 * tried);
        assertThat(tried).isLessThan(20); // a twenty-fourth of them, more or less
    }

    @Test
    void with_an_administrators_key_a_page_takes_a_challenge_and_a_listing() {
        testbed.adminKey("admin");
        testbed.setting("ADMIN_SECRET_ID", "admin");
        accounts(120);
        int mark = testbed.calls.size();

        var calls = sweep();
        int tried = calls.getOrDefault("mintToken", 0);

        assertThat(calls).containsEntry("listAccounts", 2).containsEntry("GetSecretValue", 1);
        assertThat(testbed.callsSince(mark, Call.Service.ATLAS)).isEqualTo(2 + 2 * tried);
    }

    @Test
    void behind_an_administrators_list_each_value_is_tried_in_one_sweep_of_a_day() {
        testbed.adminKey("admin");
        testbed.setting("ADMIN_SECRET_ID", "admin");
        accounts(50);
        var tried = new ArrayList<String>();

        for (int hour = 0; hour < 24; hour++) {
            int mark = testbed.calls.size();
            sweep();
            testbed.calls.subList(mark, testbed.calls.size()).stream()
                    .filter(call -> call.operation().equals("mintToken"))
                    .forEach(call -> tried.add(call.subject()));
            testbed.after(Duration.ofHours(1));
        }

        assertThat(tried).hasSize(50).doesNotHaveDuplicates();
    }

    @Test
    void a_rotation_in_the_run_takes_seven_calls_to_secrets_manager_beside_the_listing() {
        testbed.account("prod/atlas", Duration.ofDays(30));
        testbed.after(Duration.ofHours(2)); // whether one was begun in the last hour is no question
        int mark = testbed.calls.size();

        var calls = sweep();

        assertThat(testbed.callsSince(mark, Call.Service.SECRETS_MANAGER)
                        - calls.get("ListSecrets")
                        - calls.get("BatchGetSecretValue"))
                .isLessThanOrEqualTo(7);
    }

    @Test
    void status_takes_no_more_than_a_sweep_with_nothing_to_do() {
        accounts(30);
        var swept = sweep();
        testbed.restart();
        int mark = testbed.calls.size();

        Answer.status(testbed);

        assertThat(since(mark)).isEqualTo(swept);
    }
}
