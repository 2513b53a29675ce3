package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Fault.Moment;
import dev.atlasrotator.simulator.Faults;
import dev.atlasrotator.simulator.atlas.AtlasErrors;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerErrors;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Breaking;
import dev.atlasrotator.testbed.Death;
import dev.atlasrotator.testbed.Testbed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One account's trouble stays its own, and no work is begun that cannot be ended. */
class IsolationTest {
    private static final Map<String, String> JSON = Map.of("content-type", "application/json");

    /** What can be wrong with one account at Atlas. */
    enum Trouble {
        FORBIDDEN(AtlasErrors.api(Moment.BEFORE_EFFECT, 403, "FORBIDDEN", "no")),
        SERVER_ERROR(AtlasErrors.internalError(Moment.BEFORE_EFFECT)),
        CLOSED(new Fault.Close(Moment.BEFORE_EFFECT)),
        TIMED_OUT(new Fault.Slow(Duration.ofSeconds(20))),
        PAGE(AtlasErrors.html(Moment.BEFORE_EFFECT, 200)),
        GARBAGE(new Fault.Answer(Moment.BEFORE_EFFECT, 200, JSON, "{\"secrets\":[{\"id\":7}]}")),
        CUT_OFF(new Fault.Answer(Moment.BEFORE_EFFECT, 200, JSON, "{\"secrets\":[{")),
        WRONG_SHAPE(new Fault.Answer(Moment.BEFORE_EFFECT, 200, JSON, "[]"));

        @SuppressWarnings("ImmutableEnumChecker") // a fault is a record of values
        private final Fault fault;

        Trouble(Fault fault) {
            this.fault = fault;
        }
    }

    private final Testbed testbed = new Testbed();

    private List<Testbed.ManagedSecret> accounts(int count, Duration age) {
        var all = new ArrayList<Testbed.ManagedSecret>();
        for (int i = 0; i < count; i++) {
            all.add(testbed.account("prod/%02d".formatted(i), age));
        }
        return all;
    }

    private static Faults on(Testbed.ManagedSecret kept, Fault fault) {
        return call -> call.service() == Call.Service.ATLAS && call.subject().contains(kept.clientId())
                ? fault
                : new Fault.None();
    }

    @ParameterizedTest
    @EnumSource(Trouble.class)
    void atlas_has_trouble_with_one_account_and_all_others_are_rotated(Trouble trouble) {
        // A day past due: the clock of this test moves during a read while another account's call waits.
        var all = accounts(4, Duration.ofDays(31));
        var troubled = all.get(1);
        testbed.faults(on(troubled, trouble.fault));

        var answer = Answer.sweep(testbed);

        for (Testbed.ManagedSecret kept : all) {
            if (!kept.equals(troubled)) {
                assertThat(answer.actions(kept)).hasSize(2);
                assertThat(testbed.currentWorks(kept)).isTrue();
            }
        }
        assertThat(answer.number("checked")).isEqualTo(4);
        assertThat(answer.number("unfinished")).isZero();
        assertThat(Answer.created(testbed, troubled)).isZero();
        boolean told =
                !answer.failure(troubled).isEmpty() || answer.state(troubled).equals("lockedOut");
        assertThat(told).isTrue();
        assertThat(testbed.currentWorks(troubled)).isTrue();
    }

    @Test
    void a_rotation_in_progress_is_told_also_where_its_account_cannot_be_read() {
        var all = accounts(2, Duration.ofDays(30));
        Death.after(testbed, "PutSecretValue", 2, () -> Answer.rotate(testbed, all.get(1)));
        testbed.after(Duration.ofMinutes(16));
        testbed.faults(call -> call.service() == Call.Service.ATLAS
                ? AtlasErrors.internalError(Moment.BEFORE_EFFECT)
                : new Fault.None());

        var answer = Answer.sweep(testbed);

        assertThat(answer.failure(all.get(0))).startsWith("ATLAS_UNAVAILABLE: ");
        assertThat(answer.told(all.get(1)))
                .contains("ATLAS_UNAVAILABLE: ")
                .containsOnlyOnce("ROTATION_STALLED: A rotation is in progress")
                .contains("seven days");
    }

    @Test
    void one_stored_secret_may_not_be_read_and_the_report_says_that_the_others_are_rotated() {
        var all = accounts(3, Duration.ofDays(30));
        var locked = all.get(1);
        testbed.faults(call -> {
            if (call.operation().equals("BatchGetSecretValue")) {
                return batchWithout(locked, all);
            }
            return call.subject().equals(locked.arn()) ? denied(call) : new Fault.None();
        });

        var answer = Answer.sweep(testbed);

        assertThat(answer.failure(locked))
                .startsWith("SECRETS_MANAGER_DENIED: ")
                .contains("secretsmanager:GetSecretValue");
        assertThat(answer.actions(all.get(0))).hasSize(2);
        assertThat(answer.actions(all.get(2))).hasSize(2);
    }

    private Fault batchWithout(Testbed.ManagedSecret locked, List<Testbed.ManagedSecret> all) {
        var values = all.stream()
                .filter(kept -> !kept.equals(locked))
                .map(kept -> Map.of(
                        "ARN", kept.arn(),
                        "SecretString", Json.text(testbed.value(kept, "AWSCURRENT")),
                        "VersionId", testbed.version(kept, "AWSCURRENT").orElseThrow(),
                        "VersionStages", List.of("AWSCURRENT"),
                        "CreatedDate", 1780300800))
                .toList();
        var error = Map.of("SecretId", locked.arn(), "ErrorCode", "AccessDeniedException", "Message", "no");
        var body = Json.text(Map.of("SecretValues", values, "Errors", List.of(error)));
        return new Fault.Answer(Moment.BEFORE_EFFECT, 200, Map.of("Content-Type", "application/x-amz-json-1.1"), body);
    }

    private static Fault denied(Call call) {
        return SecretsManagerErrors.refusal(
                "AccessDeniedException", "User is not authorized to perform: secretsmanager:" + call.operation());
    }

    @Test
    void a_value_that_may_not_be_stored_leaves_nothing_behind_and_the_report_says_when_the_secret_in_use_expires() {
        var all = accounts(2, Duration.ofDays(30));
        var locked = all.getFirst();
        var puts = new AtomicInteger();
        testbed.faults(call -> call.operation().equals("PutSecretValue")
                        && call.subject().equals(locked.arn())
                        && puts.incrementAndGet() == 2
                ? denied(call)
                : new Fault.None());

        var answer = Answer.sweep(testbed);

        assertThat(answer.failure(locked))
                .startsWith("SECRETS_MANAGER_DENIED: ")
                .contains("deleted at Atlas");
        assertThat(answer.told(locked)).contains("ROTATION_STALLED: A secret was created and was never promoted");
        assertThat(answer.of(locked))
                .containsEntry(
                        "expiresAt", Testbed.START.plus(Duration.ofDays(7)).toString());
        assertThat(Answer.metric(testbed, "HoursToExpiry")).isEqualTo(168);
        assertThat(Answer.metric(testbed, "RotationFailures")).isEqualTo(1);
        assertThat(testbed.idsAtAtlas(locked)).containsExactly(locked.first().id());
        assertThat(testbed.attempt(locked)).isEmpty();
        assertThat(answer.actions(all.getLast())).hasSize(2);
        assertThat(answer.number("checked")).isEqualTo(2);
    }

    @Test
    void a_project_that_does_not_answer_is_asked_once_and_the_next_project_is_served() {
        testbed.setting("SWEEP_CONCURRENCY", "2");
        testbed.adminKey("admin");
        testbed.setting("ADMIN_SECRET_ID", "admin");
        var silent = accounts(6, Duration.ofDays(3));
        testbed.faults(Breaking.every("listAccounts", call -> AtlasErrors.unavailable(Moment.BEFORE_EFFECT)));
        int mark = testbed.calls.size();

        var answer = Answer.sweep(testbed);

        assertThat(answer.failed()).hasSize(silent.size());
        assertThat(answer.number("unfinished")).isZero();
        assertThat(testbed.calls.subList(mark, testbed.calls.size()).stream()
                        .filter(call -> call.operation().equals("listAccounts"))
                        .count())
                .isLessThanOrEqualTo(5);
    }

    @Test
    void a_later_page_that_cannot_be_listed_does_not_undo_what_was_done() {
        for (int i = 0; i < 101; i++) {
            testbed.account("prod/%03d".formatted(i), Duration.ofDays(i == 0 ? 30 : 3));
        }
        var lists = new AtomicInteger();
        testbed.faults(call -> call.operation().equals("ListSecrets") && lists.incrementAndGet() > 1
                ? denied(call)
                : new Fault.None());

        var answer = Answer.sweep(testbed);

        assertThat(answer.number("checked")).isEqualTo(100);
        assertThat(answer.number("unfinished")).isEqualTo(1);
        assertThat(answer.failed()).isEmpty();
        assertThat(answer.deployment()).contains("SECRETS_MANAGER_DENIED: ", "ListSecrets", "UNFINISHED: ");
    }

    // ---- time

    @Test
    void near_the_end_no_work_is_begun_and_what_was_not_reached_is_counted() {
        testbed.setting("SWEEP_CONCURRENCY", "1");
        accounts(12, Duration.ofDays(3));
        slowReads();

        var event = "{\"action\":\"sweep\",\"scheduled\":\"2026-06-01T08:00:00Z\"}";
        var answer = new Answer(json(testbed.handle(event, Duration.ofSeconds(75))));

        assertThat(answer.number("checked")).isBetween(4, 6);
        assertThat(answer.number("checked") + answer.number("unfinished")).isEqualTo(12);
        assertThat(Answer.metric(testbed, "Unfinished")).isPositive();
        assertThat(answer.failed()).isEmpty();
    }

    @Test
    void
            accounts_whose_work_the_queue_does_not_take_are_in_the_report_and_it_does_not_say_that_they_were_not_reached() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(31));
        testbed.queue((accounts, deadline) -> {
            throw new RotatorException.Unavailable(Code.QUEUE_UNAVAILABLE, "Work could not be enqueued.");
        });

        var answer = Answer.sweep(testbed);

        assertThat(answer.state(kept)).isEqualTo("due");
        assertThat(answer.number("unfinished")).isEqualTo(1);
        assertThat(answer.deployment())
                .contains("was not handed out to the queue")
                .doesNotContain("did not reach");
    }

    @Test
    void each_sweep_begins_elsewhere_so_that_everybody_has_a_turn_whatever_becomes_of_the_process() {
        testbed.setting("SWEEP_CONCURRENCY", "1");
        accounts(12, Duration.ofDays(3));
        slowReads();

        for (int hour = 0; hour < 12; hour++) {
            testbed.restart();
            testbed.handle("{\"action\":\"sweep\"}", Duration.ofSeconds(75));
            testbed.after(Duration.ofHours(1));
        }

        assertThat(subjects(0)).hasSize(12);
    }

    /** Each read takes ten seconds; the last thirty are kept free. */
    private void slowReads() {
        testbed.faults(Breaking.every("readAccount", call -> new Fault.Slow(Duration.ofSeconds(9))));
    }

    @Test
    void a_rotation_is_not_begun_that_could_not_be_ended_but_looking_goes_on() {
        testbed.setting("SWEEP_CONCURRENCY", "1");
        var due = testbed.account("prod/0", Duration.ofDays(30));
        var fresh = testbed.account("prod/1", Duration.ofDays(3));
        var before = Answer.changes(testbed);

        var answer = new Answer(json(testbed.handle("{\"action\":\"sweep\"}", Duration.ofSeconds(100))));

        assertThat(answer.number("unfinished")).isEqualTo(1);
        assertThat(answer.state(fresh)).isEqualTo("fresh");
        assertThat(Answer.changes(testbed)).isEqualTo(before);
        assertThat(Answer.sweep(testbed).actions(due)).hasSize(2);
    }

    private List<String> subjects(int mark) {
        return List.copyOf(new LinkedHashSet<>(testbed.calls.subList(mark, testbed.calls.size()).stream()
                .filter(call -> call.operation().equals("readAccount"))
                .map(Call::subject)
                .toList()));
    }

    private static Map<String, Object> json(String answer) {
        return Json.object(answer).orElseThrow();
    }

    // ---- side by side

    @Test
    void as_many_accounts_as_configured_are_worked_on_side_by_side_and_no_more() {
        testbed.setting("SWEEP_CONCURRENCY", "3");
        accounts(12, Duration.ofDays(3));
        var now = new AtomicInteger();
        var most = new AtomicInteger();
        var together = new CyclicBarrier(3);
        testbed.faults(call -> {
            if (call.operation().equals("readAccount")) {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                meet(together);
                now.decrementAndGet();
            }
            return new Fault.None();
        });

        var answer = Answer.sweep(testbed);

        assertThat(answer.number("checked")).isEqualTo(12);
        assertThat(together.isBroken()).isFalse();
        assertThat(most).hasValue(3);
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException alone) {
            Thread.currentThread().interrupt();
        }
    }
}
