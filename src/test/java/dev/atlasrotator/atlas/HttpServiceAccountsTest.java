package dev.atlasrotator.atlas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atlasrotator.atlas.ServiceAccounts.Answer;
import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.atlas.ServiceAccounts.CreateAnswer;
import dev.atlasrotator.atlas.ServiceAccounts.Profile;
import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasCredential.ServiceAccountKey;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.ClientId;
import dev.atlasrotator.credential.Scope;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Fault.Moment;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasRules.AccessList;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.testbed.AtlasFixture;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpServiceAccountsTest {
    private final AtlasFixture desk = new AtlasFixture();
    private final HttpServiceAccounts accounts = desk.accounts;

    private List<AtlasSecret> secrets() {
        return given(accounts.read(desk.account, desk.key, desk.deadline)).value();
    }

    private static <T> Answer.Given<T> given(Answer<T> answer) {
        assertThat(answer).isInstanceOf(Answer.Given.class);
        return (Answer.Given<T>) answer;
    }

    private static <T> Answer.Denied<T> denied(Answer<T> answer) {
        assertThat(answer).isInstanceOf(Answer.Denied.class);
        return (Answer.Denied<T>) answer;
    }

    private CreateAnswer create() {
        return accounts.create(desk.account, desk.key, 2160, desk.deadline);
    }

    @Test
    void an_account_is_read_with_its_secrets_and_atlass_own_time() {
        desk.atlas.skew(Duration.ofSeconds(-90));
        var answer = given(accounts.read(desk.account, desk.key, desk.deadline));
        assertThat(answer.at()).isEqualTo(AtlasFixture.START.minusSeconds(90));
        assertThat(answer.value()).hasSize(1);
        var secret = answer.value().getFirst();
        assertThat(secret.id().value()).isEqualTo(desk.secret.id());
        assertThat(secret.createdAt()).isEqualTo(AtlasFixture.START);
        assertThat(secret.expiresAt()).isEqualTo(AtlasFixture.START.plus(Duration.ofDays(90)));
        assertThat(secret.lastUsedAt()).isPresent();
        assertThat(secret.mask()).isPresent();
    }

    @Test
    void a_whole_rotations_calls_are_token_read_create_token_and_revoke() {
        secrets();
        assertThat(create()).isInstanceOfSatisfying(CreateAnswer.Made.class, made -> {
            var value = made.created().value();
            assertThat(desk.atlas.secretOf(desk.clientId, value.reveal()))
                    .contains(made.created().secret().id().value());
            assertThat(accounts.verify(desk.key(value.reveal()), desk.deadline)).isEqualTo(AuthResult.ACCEPTED);
        });
        assertThat(desk.atlas.calls())
                .containsOnly(
                        Map.entry("mintToken", 2),
                        Map.entry("readAccount", 1),
                        Map.entry("createSecret", 1),
                        Map.entry("revokeToken", 1));
    }

    @Test
    void a_secret_is_deleted_and_one_that_is_gone_counts_as_deleted() {
        var old = new SecretId(desk.atlas.createSecret(desk.clientId, 100).id());
        var first = given(accounts.delete(desk.account, old, desk.key, desk.deadline));
        assertThat(first.value()).isTrue();
        assertThat(desk.atlas.secrets(desk.clientId)).hasSize(1);
        var second = given(accounts.delete(desk.account, old, desk.key, desk.deadline));
        assertThat(second.value()).isFalse();
    }

    @Test
    void a_value_that_is_wrong_is_rejected_and_nothing_is_revoked() {
        assertThat(accounts.verify(desk.key("wrong"), desk.deadline)).isEqualTo(AuthResult.REJECTED);
        assertThat(desk.calls("revokeToken")).isZero();
        assertThat(desk.calls("mintToken")).isOne();
    }

    @Test
    void reading_with_a_wrong_value_is_not_signed_in() {
        assertThat(accounts.read(desk.account, desk.key("wrong"), desk.deadline))
                .isInstanceOfSatisfying(
                        Answer.NotAuthenticated.class,
                        no -> assertThat(no.why())
                                .contains("invalid_client", desk.clientId)
                                .doesNotContain("wrong"));
    }

    @Test
    void a_proof_ends_though_its_token_cannot_be_revoked_and_the_log_says_so() {
        desk.answering("revokeToken", 503, "");
        assertThat(accounts.verify(desk.key, desk.deadline)).isEqualTo(AuthResult.ACCEPTED);
        assertThat(desk.lines).anyMatch(line -> line.contains("could not be revoked"));
        assertThat(desk.calls("revokeToken")).isOne();
    }

    @Test
    void a_proof_never_uses_or_ends_a_token_that_is_kept() {
        secrets();
        accounts.verify(desk.key, desk.deadline);
        secrets();
        assertThat(desk.calls("mintToken")).isEqualTo(2);
        assertThat(desk.calls("readAccount")).isEqualTo(2);
    }

    // ---- refusals

    @Test
    void an_address_that_is_not_on_the_list_is_told_by_its_code_and_costs_no_new_token() {
        desk.atlas.rules(rules -> rules.accessList(AccessList.REFUSES_ADDRESS));
        var denied = denied(accounts.read(desk.account, desk.key, desk.deadline));
        assertThat(denied.status()).isEqualTo(403);
        assertThat(denied.code()).isEqualTo("IP_ADDRESS_NOT_ON_ACCESS_LIST");
        assertThat(denied.why()).contains("IP access list");
        desk.atlas.rules(rules -> rules.accessList(AccessList.MISSING));
        assertThat(create())
                .isInstanceOfSatisfying(
                        CreateAnswer.Denied.class, no -> assertThat(no.code()).isEqualTo("ORG_REQUIRES_ACCESS_LIST"));
        assertThat(desk.calls("mintToken")).isOne();
    }

    @Test
    void a_dead_token_is_replaced_once_and_the_call_goes_on() {
        secrets();
        var other = desk.atlas.createSecret(desk.clientId, 100);
        desk.atlas.deleteSecret(desk.clientId, desk.secret.id());
        assertThat(accounts.read(desk.account, desk.key(other.value()), desk.deadline))
                .isInstanceOf(Answer.Given.class);
        // The old value's token died with it, and the value itself no longer signs in.
        assertThat(accounts.read(desk.account, desk.key, desk.deadline)).isInstanceOf(Answer.NotAuthenticated.class);
        assertThat(desk.calls("mintToken")).isEqualTo(3);
    }

    @Test
    void one_new_token_is_tried_after_a_401_and_then_it_stands() {
        desk.answering("readAccount", 401, "{\"error\":401}");
        var denied = denied(accounts.read(desk.account, desk.key, desk.deadline));
        assertThat(denied.status()).isEqualTo(401);
        assertThat(denied.code()).isEmpty();
        assertThat(desk.calls("mintToken")).isEqualTo(2);
        assertThat(desk.calls("readAccount")).isEqualTo(2);
    }

    @Test
    void a_create_after_a_401_is_tried_with_a_new_token_and_made_once() {
        desk.once("createSecret", new Fault.Answer(Moment.BEFORE_EFFECT, 401, Map.of(), "{\"error\":401}"));
        assertThat(create()).isInstanceOf(CreateAnswer.Made.class);
        assertThat(desk.atlas.secrets(desk.clientId)).hasSize(2);
    }

    @Test
    void what_atlas_says_is_passed_on_cleaned() {
        desk.answering(
                "createSecret",
                400,
                "{\"error\":400,\"errorCode\":\"VALIDATION_ERROR\",\"detail\":\"bad\\n"
                        + desk.secret.value()
                        + "\",\"parameters\":null,\"badRequestDetail\":{\"fields\":[{\"field\":"
                        + "\"secretExpiresAfterHours\",\"description\":\"too long\"}, 7]}}");
        assertThat(create()).isInstanceOfSatisfying(CreateAnswer.Denied.class, no -> {
            assertThat(no.status()).isEqualTo(400);
            assertThat(no.code()).isEqualTo("VALIDATION_ERROR");
            assertThat(no.what()).isEqualTo(CreateAnswer.Denial.LIFETIME);
            assertThat(no.why())
                    .contains("\"bad [hidden] (secretExpiresAfterHours: too long)\"", "No secret was created.");
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html><body>Forbidden</body></html>",
                "[]",
                "null",
                "{",
                "{\"error\":{\"a\":[1]},\"errorCode\":7,\"detail\":{},\"reason\":null,"
                        + "\"badRequestDetail\":{\"fields\":3},\"parameters\":[{},1]}"
            })
    void a_refusal_in_any_body_is_a_refusal(String body) {
        desk.answering("readAccount", 403, body);
        var denied = denied(accounts.read(desk.account, desk.key, desk.deadline));
        assertThat(denied.status()).isEqualTo(403);
        assertThat(denied.code()).isEmpty();
    }

    @Test
    void the_code_in_the_header_is_taken_where_the_body_has_none() {
        desk.answering("readAccount", Moment.BEFORE_EFFECT, 402, Map.of("X-Error-Code", "ACCOUNT_SUSPENDED"), "");
        assertThat(denied(accounts.read(desk.account, desk.key, desk.deadline)).code())
                .isEqualTo("ACCOUNT_SUSPENDED");
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void a_redirect_is_a_refusal_that_names_the_setting(int status) {
        desk.answering(
                "readAccount", Moment.BEFORE_EFFECT, status, Map.of("Location", "https://elsewhere.example/"), "");
        var denied = denied(accounts.read(desk.account, desk.key, desk.deadline));
        assertThat(denied.status()).isEqualTo(status);
        assertThat(denied.why()).contains("ATLAS_BASE_URL").doesNotContain("elsewhere");
        assertThat(desk.calls("readAccount")).isOne();
    }

    @Test
    void a_client_that_follows_redirects_is_not_taken() {
        try (var client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build()) {
            assertThatThrownBy(() -> desk.over(client, URI.create("https://localhost")))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    // ---- lost creates

    @Test
    void a_create_whose_answer_is_lost_is_unknown_and_not_sent_again() {
        desk.once("createSecret", new Fault.Close(Moment.AFTER_EFFECT));
        assertThat(create()).isInstanceOf(CreateAnswer.Unknown.class);
        assertThat(desk.calls("createSecret")).isOne();
        assertThat(desk.atlas.secrets(desk.clientId)).hasSize(2);
    }

    @Test
    void a_create_that_takes_too_long_is_unknown_after_ten_seconds() {
        desk.once("createSecret", new Fault.Slow(Duration.ofSeconds(30)));
        assertThat(create()).isInstanceOf(CreateAnswer.Unknown.class);
        assertThat(desk.time.instant()).isEqualTo(AtlasFixture.START.plusSeconds(10));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "made",
                "{}",
                "{\"id\":\"66b0c0de0000000000000009\",\"secret\":\"\"}",
                "{\"id\":\"short\",\"createdAt\":\"2026-03-01T12:00:00Z\","
                        + "\"expiresAt\":\"2026-04-01T12:00:00Z\",\"secret\":\"s\"}",
                "{\"id\":\"66b0c0de0000000000000009\",\"createdAt\":\"yesterday\","
                        + "\"expiresAt\":\"2026-04-01T12:00:00Z\",\"secret\":\"s\"}"
            })
    void a_create_that_is_answered_unreadably_is_unknown(String body) {
        desk.answering("createSecret", Moment.AFTER_EFFECT, 201, body);
        assertThat(create()).isInstanceOf(CreateAnswer.Unknown.class);
        assertThat(desk.calls("createSecret")).isOne();
    }

    @Test
    void two_creates_at_once_are_unknown() {
        desk.atlas.rules(rules -> rules.createsCollideWithin(Duration.ofSeconds(5)));
        desk.time.advance(Duration.ofSeconds(10));
        var other = desk.atlas.addServiceAccount(desk.project, AtlasModel.PROJECT_OWNER);
        var there = new Account(new Scope.Project(desk.projectId), new ClientId(other));
        assertThat(accounts.create(there, desk.key, 100, desk.deadline)).isInstanceOf(CreateAnswer.Made.class);
        assertThat(accounts.create(there, desk.key, 100, desk.deadline)).isInstanceOf(CreateAnswer.Unknown.class);
    }

    @Test
    void a_create_with_a_value_that_does_not_sign_in_is_denied() {
        assertThat(accounts.create(desk.account, desk.key("wrong"), 100, desk.deadline))
                .isInstanceOfSatisfying(
                        CreateAnswer.Denied.class, no -> assertThat(no.why()).contains("No secret was created"));
    }

    @Test
    void a_third_secret_is_denied() {
        desk.atlas.createSecret(desk.clientId, 100);
        assertThat(create())
                .isInstanceOfSatisfying(
                        CreateAnswer.Denied.class, no -> assertThat(no.status()).isEqualTo(400))
                .isInstanceOfSatisfying(
                        CreateAnswer.Denied.class, no -> assertThat(no.what()).isEqualTo(CreateAnswer.Denial.CREATE));
    }

    @Test
    void nothing_is_sent_when_no_time_is_left() {
        var over = new Deadline(AtlasFixture.START, desk.time);
        assertThatThrownBy(() -> accounts.create(desk.account, desk.key, 100, over))
                .isInstanceOf(RotatorException.Unavailable.class);
        assertThat(desk.atlas.callCount()).isZero();
    }

    // ---- reading strictly

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "<html>",
                "{}",
                "{\"secrets\":null}",
                "{\"secrets\":{}}",
                "{\"secrets\":[7]}",
                "{\"secrets\":[{}]}",
                "{\"clientId\":7,\"secrets\":[]}",
                "{\"clientId\":\"mdb_sa_id_000000000000000000000000\",\"secrets\":[]}",
                "{\"secrets\":[{\"id\":\"66B0C0DE0000000000000009\","
                        + "\"createdAt\":\"2026-03-01T12:00:00Z\",\"expiresAt\":\"2026-04-01T12:00:00Z\"}]}",
                "{\"secrets\":[{\"id\":\"66b0c0de0000000000000009\","
                        + "\"createdAt\":\"2026-03-01T12:00:00Z\",\"expiresAt\":\"2026-04-01T12:00:00Z\","
                        + "\"lastUsedAt\":\"never\"}]}",
                "{\"secrets\":[{\"id\":\"66b0c0de0000000000000009\",\"createdAt\":1,"
                        + "\"expiresAt\":\"2026-04-01T12:00:00Z\"}]}"
            })
    void an_answer_that_cannot_be_used_changes_nothing_and_says_so(String body) {
        desk.answering("readAccount", 200, body);
        assertThatThrownBy(this::secrets)
                .isInstanceOf(RotatorException.Unavailable.class)
                .hasNoCause()
                .hasMessageContainingAll("cannot be used", "This call changed nothing");
        assertThat(desk.calls("readAccount")).isOne();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",\"secrets\":null", ",\"secrets\":[]"})
    void an_account_that_is_asked_for_and_has_no_secrets_is_an_account_without(String secrets) {
        desk.answering("readAccount", 200, "{\"clientId\":\"" + desk.clientId + "\"" + secrets + "}");
        assertThat(secrets()).isEmpty();
    }

    @Test
    void offsets_fractions_and_fields_that_are_not_known_are_read() {
        desk.answering(
                "readAccount",
                200,
                "{\"new\":[[]],\"secrets\":[{\"id\":\"66b0c0de0000000000000009\",\"x\":{},"
                        + "\"createdAt\":\"2026-03-01T14:00:00.25+02:00\","
                        + "\"expiresAt\":\"2026-04-01T12:00:00Z\",\"lastUsedAt\":null}]}");
        var secret = secrets().getFirst();
        assertThat(secret.createdAt()).isEqualTo(Instant.parse("2026-03-01T12:00:00.250Z"));
        assertThat(secret.lastUsedAt()).isEmpty();
        assertThat(secret.mask()).isEmpty();
    }

    @Test
    void without_a_readable_date_our_own_clock_serves() {
        desk.answering(
                "readAccount", Moment.BEFORE_EFFECT, 200, Map.of("Date", "once upon a time"), "{\"secrets\":[]}");
        assertThat(given(accounts.read(desk.account, desk.key, desk.deadline)).at())
                .isEqualTo(AtlasFixture.START);
    }

    // ---- lists

    /** The secrets of each account in the list of the project. */
    private Map<ClientId, List<AtlasSecret>> listed() {
        return given(accounts.profiles(desk.account.scope(), desk.key, desk.deadline)).value().stream()
                .collect(Collectors.toMap(Profile::clientId, Profile::secrets));
    }

    @Test
    void a_list_holds_all_accounts_of_a_project() {
        var other = desk.atlas.addServiceAccount(desk.project, AtlasModel.PROJECT_READ_ONLY);
        var all = listed();
        assertThat(all.keySet()).extracting(ClientId::value).contains(desk.clientId, other);
        assertThat(all.getOrDefault(new ClientId(desk.clientId), List.of())).hasSize(1);
        assertThat(all.getOrDefault(new ClientId(other), List.of())).isEmpty();
    }

    @Test
    void a_list_of_many_pages_is_read_to_its_end() {
        var organization = new AtlasScope.Organization(desk.organizationId);
        var owner = desk.atlas.addServiceAccount(organization, AtlasModel.ORG_OWNER);
        var value = desk.atlas.createSecret(owner, 100).value();
        for (int i = 0; i < 1001; i++) {
            desk.atlas.addServiceAccount(organization, AtlasModel.ORG_READ_ONLY);
        }
        var as = new ServiceAccountKey(new ClientId(owner), new Sensitive(value));
        var scope = new Scope.Organization(desk.organizationId);
        var all = given(accounts.profiles(scope, as, desk.deadline)).value();
        assertThat(all).hasSizeGreaterThanOrEqualTo(1002);
        assertThat(desk.calls("listAccounts")).isEqualTo(3);
    }

    @Test
    void a_list_whose_pages_are_smaller_than_asked_for_is_read_to_its_end_by_its_count() {
        var served = new AtomicInteger();
        desk.atlas.faults(call -> call.operation().equals("listAccounts")
                ? new Fault.Answer(Moment.BEFORE_EFFECT, 200, Map.of(), pageOfOne(served.incrementAndGet()))
                : new Fault.None());
        var all = listed();
        assertThat(all).hasSize(3);
    }

    private static String pageOfOne(int number) {
        return "{\"totalCount\":3,\"results\":[{\"clientId\":\"mdb_sa_id_"
                + "0".repeat(23)
                + number
                + "\",\"secrets\":[]}]}";
    }

    @Test
    void a_list_without_end_is_given_up() {
        desk.answering(
                "listAccounts",
                200,
                "{\"totalCount\":99999999,\"results\":[{\"clientId\":\"" + desk.clientId + "\",\"secrets\":[]}]}");
        assertThatThrownBy(() -> accounts.profiles(desk.account.scope(), desk.key, desk.deadline))
                .isInstanceOf(RotatorException.Unavailable.class)
                .hasMessageContaining("does not end");
    }

    private static final String SOMEBODY_ELSES = "\"clientId\":\"mdb_sa_id_00000000000000000000000a\"";

    @ParameterizedTest
    @ValueSource(strings = {"{%s}", "{%s,\"secrets\":null}", "{%s,\"secrets\":[]}"})
    void an_account_without_a_list_of_secrets_has_none(String entry) {
        desk.atlas.otherAccounts(desk.project, entry.formatted(SOMEBODY_ELSES));
        var all = listed();
        assertThat(all.get(new ClientId("mdb_sa_id_00000000000000000000000a"))).isEmpty();
        assertThat(all.get(desk.account.clientId())).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "7",
                "\"an account\"",
                "[]",
                "{}",
                "{\"clientId\":7,\"secrets\":[]}",
                "{\"clientId\":\"somebody\",\"secrets\":[]}",
                "{%s,\"secrets\":{}}",
                "{%s,\"secrets\":\"hidden\"}",
                "{%s,\"secrets\":[null]}",
                "{%s,\"secrets\":[{\"id\":\"short\"}]}",
                "{%s,\"secrets\":[{\"id\":\"66b0c0de0000000000000009\","
                        + "\"createdAt\":\"once\",\"expiresAt\":\"2026-04-01T12:00:00Z\"}]}",
                "{%s,\"secrets\":[{\"id\":\"66b0c0de0000000000000009\","
                        + "\"createdAt\":\"2026-03-01T12:00:00Z\",\"expiresAt\":\"+99999-01-01T00:00:00Z\"}]}",
                "null,{%s,\"secrets\":{}},7"
            })
    void an_entry_of_a_list_that_cannot_be_read_is_left_out_and_spoils_no_other(String entry) {
        desk.atlas.otherAccounts(desk.project, entry.formatted(SOMEBODY_ELSES));
        var all = listed();
        assertThat(all).containsOnlyKeys(desk.account.clientId());
        assertThat(all.get(desk.account.clientId())).hasSize(1);
    }

    @Test
    void entries_that_are_left_out_count_where_the_list_has_more_pages() {
        desk.atlas.otherAccounts(desk.project, "7,".repeat(700) + "7");
        var all = listed();
        assertThat(all).containsOnlyKeys(desk.account.clientId());
        assertThat(desk.calls("listAccounts")).isEqualTo(2);
    }

    @Test
    void what_refuses_the_list_is_an_answer() {
        desk.answering("listAccounts", 403, "");
        assertThat(denied(accounts.profiles(desk.account.scope(), desk.key, desk.deadline))
                        .status())
                .isEqualTo(403);
        assertThat(accounts.profiles(desk.account.scope(), desk.key("wrong"), desk.deadline))
                .isInstanceOf(Answer.NotAuthenticated.class);
    }

    // ---- the log

    @Test
    void each_call_is_one_line_with_its_name_and_outcome() {
        secrets();
        desk.answering("readAccount", 403, "{\"error\":403,\"errorCode\":\"USER_UNAUTHORIZED\"}");
        accounts.read(desk.account, desk.key, desk.deadline);
        assertThat(desk.lines).hasSize(3);
        assertThat(desk.lines.get(0)).contains("mintToken", "\"outcome\":\"200\"");
        assertThat(desk.lines.get(1)).contains("readAccount", "\"milliseconds\":0");
        assertThat(desk.lines.get(2)).contains("\"outcome\":\"403 USER_UNAUTHORIZED\"");
    }
}
