package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Fault.Moment;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * In the project whose accounts an admin credential lists there are accounts that nobody manages by
 * us. They may be as they like.
 */
class OtherPeoplesAccountsTest {
    private static final String SOMEBODY_ELSES = "\"clientId\":\"mdb_sa_id_00000000000000000000000a\"";

    private final Testbed testbed = new Testbed().setting("ADMIN_SECRET_ID", "admin/atlas");
    private final List<ManagedSecret> managed = List.of(
            testbed.readOnlyAccount("prod/first", Duration.ofDays(31)),
            testbed.readOnlyAccount("prod/second", Duration.ofDays(31)),
            testbed.readOnlyAccount("prod/third", Duration.ofDays(31)));

    OtherPeoplesAccountsTest() {
        testbed.adminKey("admin/atlas");
    }

    private void assertRotated(Answer answer, List<ManagedSecret> all) {
        for (ManagedSecret kept : all) {
            assertThat(answer.failure(kept)).isEmpty();
            assertThat(answer.actions(kept)).hasSize(2);
            assertThat(testbed.currentWorks(kept)).isTrue();
            assertThat(testbed.idsAtAtlas(kept)).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{%s}",
                "{%s,\"secrets\":null}",
                "{%s,\"secrets\":[]}",
                "{%s,\"secrets\":{}}",
                "{%s,\"secrets\":[null,7]}",
                "{%s,\"secrets\":[{\"id\":\"66b0c0deffffffffffffff09\",\"createdAt\":\"long" + " ago\"}]}",
                "{\"name\":\"no id at all\"}",
                "null"
            })
    void a_sweep_over_a_project_with_other_peoples_accounts_rotates_every_managed_account(String entry) {
        testbed.atlas.otherAccounts(testbed.project(), entry.formatted(SOMEBODY_ELSES));

        var answer = Answer.sweep(testbed);

        assertRotated(answer, managed);
        assertThat(answer.number("checked")).isEqualTo(3);
        assertThat(answer.failed()).isEmpty();
    }

    @Test
    void other_peoples_accounts_cost_no_call() {
        int mark = testbed.calls.size();
        Answer.status(testbed);
        var without = testbed.operationsSince(mark);
        testbed.restart();
        testbed.atlas.otherAccounts(testbed.project(), "null,{" + SOMEBODY_ELSES + "},{\"secrets\":7}");

        mark = testbed.calls.size();
        Answer.status(testbed);

        assertThat(testbed.operationsSince(mark)).isEqualTo(without);
    }

    @Test
    void a_managed_account_that_only_the_list_shows_unreadably_is_asked_for_by_itself() {
        var odd = managed.get(1);
        testbed.faults(call -> call.operation().equals("listAccounts") ? listed(odd) : none());

        var answer = Answer.sweep(testbed);

        assertRotated(answer, managed);
    }

    @Test
    void a_managed_account_that_cannot_be_read_fails_by_itself_and_says_why() {
        var odd = managed.get(1);
        testbed.faults(call -> switch (call.operation()) {
            case "listAccounts" -> listed(odd);
            case "readAccount" -> call.subject().contains(odd.clientId()) ? answer(entry(odd, "once")) : none();
            default -> none();
        });

        var answer = Answer.sweep(testbed);

        assertThat(answer.failure(odd))
                .startsWith("ATLAS_UNAVAILABLE: ")
                .contains(odd.clientId(), "a secret in it has no readable createdAt", "This call changed nothing");
        assertThat(testbed.idsAtAtlas(odd)).containsExactly(odd.first().id());
        assertThat(testbed.currentWorks(odd)).isTrue();
        assertRotated(answer, List.of(managed.get(0), managed.get(2)));
    }

    private static Fault none() {
        return new Fault.None();
    }

    /** The list, in which the date of this one's secret is odd. */
    private Fault listed(ManagedSecret odd) {
        var results = managed.stream()
                .map(kept -> entry(kept, kept.equals(odd) ? "once" : "2026-05-01T08:00:00Z"))
                .toList();
        return answer(Map.of("results", results, "totalCount", results.size()));
    }

    private static Map<String, Object> entry(ManagedSecret kept, String createdAt) {
        var entry = new LinkedHashMap<String, Object>();
        entry.put("clientId", kept.clientId());
        entry.put(
                "secrets",
                List.of(Map.of("id", kept.first().id(), "createdAt", createdAt, "expiresAt", "2026-07-30T08:00:00Z")));
        return entry;
    }

    private static Fault answer(Map<String, Object> body) {
        return new Fault.Answer(Moment.BEFORE_EFFECT, 200, Map.of("content-type", "application/json"), Json.text(body));
    }
}
