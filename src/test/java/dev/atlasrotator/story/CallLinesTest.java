package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Breaking;
import dev.atlasrotator.testbed.Testbed;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which calls are lines of the log. A sweep that finds all well writes as much for one account as for thousands. */
class CallLinesTest {
    private static final String SCHEDULED = "{\"action\":\"sweep\",\"scheduled\":\"2026-06-01T08:00:00Z\"}";
    private static final Duration FRESH = Duration.ofDays(3);

    private final Testbed testbed = new Testbed();

    private List<Map<String, Object>> lines(String message) {
        return List.copyOf(testbed.lines).stream()
                .flatMap(line -> Json.object(line).stream())
                .filter(line -> message.equals(line.get("message")))
                .toList();
    }

    private List<Object> operations() {
        return lines("remote call").stream().map(line -> line.get("operation")).toList();
    }

    @Test
    void a_scheduled_sweep_counts_the_calls_that_succeed_in_one_line_for_each_operation() {
        for (int i = 0; i < 30; i++) {
            testbed.account("prod/" + i, FRESH);
        }

        Answer.to(testbed, SCHEDULED);

        assertThat(operations()).isEmpty();
        assertThat(lines("remote calls"))
                .extracting(line -> line.get("operation"))
                .containsExactlyInAnyOrder("ListSecrets", "BatchGetSecretValue", "mintToken", "readAccount");
        assertThat(lines("remote calls"))
                .filteredOn(line -> "mintToken".equals(line.get("operation")))
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .containsEntry("event", "sweep")
                        .containsEntry("service", "atlas")
                        .containsEntry("calls", 30)
                        .containsKeys("milliseconds", "longest"));
    }

    @Test
    void a_call_that_fails_is_a_line_with_its_outcome_and_its_stored_secret() {
        testbed.account("prod/well", FRESH);
        var refused = testbed.account("prod/refused", FRESH);
        testbed.atlas.deleteSecret(refused.clientId(), refused.first().id());

        Answer.to(testbed, SCHEDULED);

        assertThat(lines("remote call"))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).containsEntry("secret", refused.arn()));
        assertThat(lines("remote call"))
                .anySatisfy(line -> assertThat(line.get("outcome").toString()).startsWith("401"));
    }

    @Test
    void a_rotation_in_a_scheduled_sweep_has_a_line_for_each_call() {
        testbed.account("prod/due", Duration.ofDays(31));
        testbed.account("prod/fresh", FRESH);

        Answer.to(testbed, SCHEDULED);

        assertThat(operations())
                .contains("createSecret", "PutSecretValue", "UpdateSecretVersionStage")
                .doesNotContain("ListSecrets", "BatchGetSecretValue");
    }

    @Test
    void a_call_without_an_answer_is_a_line_and_those_before_it_are_counted() {
        testbed.account("prod/atlas", FRESH);
        testbed.faults(Breaking.every("BatchGetSecretValue", call -> new Fault.Close(Fault.Moment.BEFORE_EFFECT)));

        Answer.to(testbed, SCHEDULED);

        assertThat(operations()).isNotEmpty().containsOnly("BatchGetSecretValue");
        assertThat(lines("remote calls"))
                .extracting(line -> line.get("operation"))
                .containsExactly("ListSecrets");
    }

    @Test
    void what_somebody_asks_for_has_a_line_for_each_call() {
        testbed.account("prod/atlas", FRESH);

        Answer.to(testbed, "{\"action\":\"status\"}");
        Answer.to(testbed, "{\"action\":\"sweep\"}");

        assertThat(operations()).contains("ListSecrets", "BatchGetSecretValue", "mintToken", "readAccount");
        assertThat(lines("remote calls")).isEmpty();
    }

    @Test
    void a_step_of_secrets_manager_has_a_line_for_each_call() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(30));

        testbed.rotate(kept, testbed.begin(kept));

        assertThat(operations()).hasSize(12);
        assertThat(lines("remote calls")).isEmpty();
    }

    @Test
    void the_work_of_the_queue_is_counted_as_a_sweep_is() {
        testbed.account("prod/atlas", FRESH);
        var message = Map.of(
                "eventSource", "aws:sqs",
                "messageId", "1",
                "body", "{\"action\":\"sweep\",\"secretIds\":[\"prod/atlas\"]}");

        testbed.handle(Json.text(Map.of("Records", List.of(message))));

        assertThat(operations()).isEmpty();
        assertThat(lines("remote calls"))
                .extracting(line -> line.get("operation"))
                .contains("mintToken", "readAccount");
    }
}
