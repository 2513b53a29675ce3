package dev.atlasrotator.atlas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.atlasrotator.atlas.ServiceAccounts.Answer;
import dev.atlasrotator.atlas.ServiceAccounts.CreateAnswer;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.RotatorException.Unavailable;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Fault.Moment;
import dev.atlasrotator.testbed.AtlasFixture;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent again, after how long, and what comes of it when it never gets better. */
class RetryTableTest {
    private static final String REFUSED = "{\"error\":400,\"errorCode\":\"ANY_REASON\"}";
    private static final String UPGRADE = "{\"error\":405,\"errorCode\":\"WRITES_NOT_ALLOWED_DURING_APP_UPGRADES\"}";

    private final AtlasFixture desk = new AtlasFixture();

    private String read(Deadline deadline) {
        return outcome(desk.accounts.read(desk.account, desk.key, deadline));
    }

    private String delete() {
        var secret = new SecretId("66b0c0deffffffffffffffff");
        return outcome(desk.accounts.delete(desk.account, secret, desk.key, desk.deadline));
    }

    private String create() {
        return desk.accounts
                .create(desk.account, desk.key, 100, desk.deadline)
                .getClass()
                .getSimpleName();
    }

    private static String outcome(Answer<?> answer) {
        return answer.getClass().getSimpleName();
    }

    private static String orUnavailable(Supplier<String> call) {
        try {
            return call.get();
        } catch (Unavailable later) {
            return "Unavailable";
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                // status | body | read, tries | delete, tries | create, tries
                "400 |      | Denied 1      | Denied 1      | Unknown 1",
                "402 |      | Denied 1      | Denied 1      | Unknown 1",
                "403 |      | Denied 1      | Denied 1      | Unknown 1",
                "404 |      | Denied 1      | Denied 1      | Unknown 1",
                "405 |      | Denied 1      | Denied 1      | Unknown 1",
                "400 | " + REFUSED + " | Denied 1 | Denied 1 | Denied 1",
                "403 | " + REFUSED + " | Denied 1 | Denied 1 | Denied 1",
                "404 | " + REFUSED + " | Denied 1 | Given 1 | Denied 1",
                "404 | <h1> | Denied 1      | Denied 1      | Unknown 1",
                "405 | " + UPGRADE + " | Unavailable 4 | Unavailable 4 | Unavailable 4",
                "406 |      | Denied 1      | Denied 1      | Unknown 1",
                "408 |      | Unavailable 4 | Unavailable 4 | Unknown 1",
                "409 |      | Denied 4      | Denied 4      | Unknown 1",
                "415 |      | Denied 1      | Denied 1      | Unknown 1",
                "429 |      | Unavailable 4 | Unavailable 4 | Unavailable 4",
                "500 |      | Unavailable 4 | Unavailable 4 | Unknown 1",
                "502 | <h1> | Unavailable 4 | Unavailable 4 | Unknown 1",
                "503 |      | Unavailable 4 | Unavailable 4 | Unknown 1",
                "504 |      | Unavailable 4 | Unavailable 4 | Unknown 1",
                "301 |      | Denied 1      | Denied 1      | Unknown 1",
            })
    void the_table(int status, String body, String read, String delete, String create) {
        desk.atlas.faults(call -> call.operation().equals("mintToken")
                ? new Fault.None()
                : new Fault.Answer(Moment.BEFORE_EFFECT, status, Map.of(), body == null ? "" : body));
        assertThat(orUnavailable(() -> read(desk.deadline)) + " " + desk.calls("readAccount"))
                .isEqualTo(read);
        assertThat(orUnavailable(this::delete) + " " + desk.calls("deleteSecret"))
                .isEqualTo(delete);
        assertThat(orUnavailable(this::create) + " " + desk.calls("createSecret"))
                .isEqualTo(create);
    }

    @Test
    void a_closed_connection_is_tried_again_except_for_a_create() {
        desk.atlas.faults(call ->
                call.operation().equals("mintToken") ? new Fault.None() : new Fault.Close(Moment.BEFORE_EFFECT));
        assertThat(orUnavailable(() -> read(desk.deadline))).isEqualTo("Unavailable");
        assertThat(orUnavailable(this::delete)).isEqualTo("Unavailable");
        assertThat(create()).isEqualTo("Unknown");
        assertThat(desk.calls("readAccount")).isEqualTo(4);
        assertThat(desk.calls("deleteSecret")).isEqualTo(4);
        assertThat(desk.calls("createSecret")).isOne();
    }

    @Test
    void a_delete_whose_answer_was_lost_is_found_done() {
        var old = new SecretId(desk.atlas.createSecret(desk.clientId, 100).id());
        desk.once("deleteSecret", new Fault.Close(Moment.AFTER_EFFECT));
        assertThat(desk.accounts.delete(desk.account, old, desk.key, desk.deadline))
                .isEqualTo(new Answer.Given<>(false, AtlasFixture.START));
    }

    @Test
    void a_create_that_was_throttled_is_sent_again_and_made_once() {
        throttledOnce("createSecret", "3");
        assertThat(desk.accounts.create(desk.account, desk.key, 100, desk.deadline))
                .isInstanceOf(CreateAnswer.Made.class);
        assertThat(desk.pauses).containsExactly(Duration.ofSeconds(3));
        assertThat(desk.atlas.secrets(desk.clientId)).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"55", "Sun, 01 Mar 2026 12:00:55 GMT", "Sunday, 01-Mar-26 12:00:55 GMT"})
    void the_wait_that_atlas_asks_for_is_kept_in_each_of_its_forms(String asked) {
        throttledOnce("readAccount", asked);
        assertThat(read(desk.deadline)).isEqualTo("Given");
        assertThat(desk.pauses).containsExactly(Duration.ofSeconds(55));
    }

    @Test
    void a_date_to_wait_for_is_held_against_atlass_own_clock() {
        desk.atlas.skew(Duration.ofMinutes(10));
        throttledOnce("readAccount", "Sun, 01 Mar 2026 12:10:20 GMT");
        assertThat(read(desk.deadline)).isEqualTo("Given");
        assertThat(desk.pauses).containsExactly(Duration.ofSeconds(20));
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", "-5", "1.5", "", "Sun, 01 Mar 2020 12:00:55 GMT"})
    void a_wait_that_cannot_be_read_or_is_over_gives_way_to_our_own(String asked) {
        throttledOnce("readAccount", asked);
        assertThat(read(desk.deadline)).isEqualTo("Given");
        assertThat(desk.pauses)
                .singleElement()
                .satisfies(pause -> assertThat(pause).isBetween(Duration.ofMillis(250), Duration.ofMillis(500)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"301", "99999999999999999999"})
    void a_wait_that_does_not_fit_is_not_begun_and_is_told(String asked) {
        throttledOnce("readAccount", asked);
        assertThatExceptionOfType(Unavailable.class)
                .isThrownBy(() -> read(desk.deadline))
                .satisfies(later -> {
                    assertThat(later.retryAfter()).isPresent();
                    assertThat(later).hasMessageContainingAll("asks callers to wait", "300 s of this run are left");
                });
        assertThat(desk.pauses).isEmpty();
        assertThat(desk.calls("readAccount")).isOne();
    }

    @Test
    void waits_grow_and_differ() {
        desk.answering("readAccount", 500, "");
        assertThat(orUnavailable(() -> read(desk.deadline))).isEqualTo("Unavailable");
        assertThat(desk.pauses).hasSize(3);
        for (int i = 0; i < 3; i++) {
            assertThat(desk.pauses.get(i)).isBetween(Duration.ofMillis(250L << i), Duration.ofMillis(500L << i));
        }
    }

    @Test
    void slow_answers_end_at_ten_seconds_each_or_when_the_run_does() {
        desk.atlas.faults(call ->
                call.operation().equals("readAccount") ? new Fault.Slow(Duration.ofMinutes(1)) : new Fault.None());
        var deadline = Deadline.in(Duration.ofSeconds(15), desk.time);
        assertThat(orUnavailable(() -> read(deadline))).isEqualTo("Unavailable");
        assertThat(desk.time.instant())
                .isBetween(AtlasFixture.START.plusSeconds(10), AtlasFixture.START.plusSeconds(15));
    }

    private void throttledOnce(String operation, String retryAfter) {
        desk.once(
                operation,
                new Fault.Answer(
                        Moment.BEFORE_EFFECT,
                        429,
                        Map.of("Retry-After", retryAfter),
                        "{\"error\":429,\"errorCode\":\"RATE_LIMITED_TOKEN_BUCKET\"}"));
    }
}
