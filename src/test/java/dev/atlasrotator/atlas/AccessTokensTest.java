package dev.atlasrotator.atlas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atlasrotator.atlas.ServiceAccounts.Answer;
import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.atlas.ServiceAccounts.CreateAnswer;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.RateLimiter;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Fault.Moment;
import dev.atlasrotator.simulator.atlas.InProcessAtlas;
import dev.atlasrotator.testbed.AtlasFixture;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTokensTest {
    private final AtlasFixture desk = new AtlasFixture();

    private void read() {
        assertThat(desk.accounts.read(desk.account, desk.key, longer())).isInstanceOf(Answer.Given.class);
    }

    private Deadline longer() {
        return Deadline.in(Duration.ofMinutes(5), desk.time);
    }

    private AccessTokens tokens() {
        var http = new AtlasHttp(
                new HttpServiceAccounts.Endpoint(
                        new InProcessAtlas(desk.atlas, desk.time),
                        URI.create("https://localhost/"),
                        AtlasFixture.AGENT),
                desk.log,
                desk.time,
                new RateLimiter(desk.time, desk.retrier));
        return new AccessTokens(http, desk.retrier, desk.log, desk.time);
    }

    @Test
    void a_token_is_used_until_five_minutes_before_its_end() {
        read();
        desk.time.advance(Duration.ofMinutes(55).minusSeconds(1));
        read();
        assertThat(desk.calls("mintToken")).isOne();
        desk.time.advance(Duration.ofSeconds(1));
        read();
        assertThat(desk.calls("mintToken")).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"60, 2", "'\"3600\"', 2", "null, 2", "-5, 2", "1e99, 1", "301, 1"})
    void a_token_of_short_or_untold_life_is_not_kept(String life, int minted) {
        var token = desk.atlas.signIn(desk.clientId, desk.secret.value()).orElseThrow();
        desk.answering("mintToken", 200, "{\"access_token\":\"" + token + "\",\"expires_in\":" + life + "}");
        read();
        read();
        assertThat(desk.calls("mintToken")).isEqualTo(minted);
    }

    @Test
    void another_secret_of_the_same_account_has_a_token_of_its_own() {
        var other = desk.key(desk.atlas.createSecret(desk.clientId, 100).value());
        read();
        desk.accounts.read(desk.account, other, longer());
        read();
        assertThat(desk.calls("mintToken")).isEqualTo(2);
    }

    @Test
    void forgotten_tokens_are_minted_anew() {
        read();
        desk.accounts.clearTokens();
        read();
        assertThat(desk.calls("mintToken")).isEqualTo(2);
    }

    @Test
    void many_threads_with_one_credential_sign_in_once() throws Exception {
        var tokens = tokens();
        var together = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var grants = new ArrayList<Future<AccessTokens.Grant>>();
            for (int i = 0; i < 20; i++) {
                Callable<AccessTokens.Grant> work = () -> {
                    together.await();
                    return tokens.obtain(desk.key, longer());
                };
                grants.add(threads.submit(work));
            }
            together.countDown();
            for (var grant : grants) {
                assertThat(grant.get()).isInstanceOf(AccessTokens.Granted.class);
            }
        }
        assertThat(desk.calls("mintToken")).isOne();
    }

    @Test
    void a_token_that_was_replaced_meanwhile_is_not_dropped_with_the_old_one() {
        var tokens = tokens();
        if (tokens.obtain(desk.key, longer()) instanceof AccessTokens.Granted first) {
            tokens.drop(desk.key, first.token());
            var second = tokens.obtain(desk.key, longer());
            tokens.drop(desk.key, first.token());
            assertThat(tokens.obtain(desk.key, longer())).isSameAs(second);
        }
        assertThat(desk.calls("mintToken")).isEqualTo(2);
    }

    @Test
    void ten_thousand_credentials_take_no_more_room_than_a_thousand() {
        var tokens = tokens();
        desk.answering("mintToken", 200, "{\"access_token\":\"t\",\"expires_in\":3600}");
        for (int i = 0; i < 10_000; i++) {
            tokens.obtain(desk.key("s" + i), longer());
        }
        assertThat(tokens.size()).isEqualTo(250);
        tokens.obtain(desk.key("s9999"), longer());
        assertThat(desk.calls("mintToken")).isEqualTo(10_000);
    }

    @Test
    void a_token_prints_nothing_of_itself() {
        assertThat(tokens().mint(desk.key, longer()).toString()).contains("Sensitive[hidden]");
    }

    // ---- what the endpoint answers

    @ParameterizedTest
    @ValueSource(
            strings = {
                "401|{\"error\":\"invalid_client\",\"error_description\":\"no\"}",
                "400|{\"error\":\"invalid_client\"}",
                "401|{\"error\":401,\"reason\":\"Unauthorized\"}"
            })
    void a_credential_that_is_not_accepted_is_rejected_at_once(String answer) {
        answering(answer);
        assertThat(desk.accounts.verify(desk.key, longer())).isEqualTo(AuthResult.REJECTED);
        assertThat(desk.calls("mintToken")).isOne();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "401|",
                "401|<html>Sign in to the proxy</html>",
                "401|{\"error\":\"invalid_request\"}",
                "400|{\"error\":\"unsupported_grant_type\"}",
                "403|{\"error\":403,\"errorCode\":\"FORBIDDEN\"}",
                "404|",
                "302|",
                "200|",
                "200|{}",
                "200|{\"access_token\":\"\"}",
                "200|{\"access_token\":\"two words\",\"expires_in\":3600}",
                "200|{\"access_token\":\"line\\nbreak\",\"expires_in\":3600}",
                "200|{\"access_token\":7,\"expires_in\":3600}"
            })
    void every_other_answer_says_nothing_about_the_secret(String answer) {
        answering(answer);
        assertThatThrownBy(() -> desk.accounts.verify(desk.key, longer()))
                .isInstanceOf(RotatorException.Unavailable.class)
                .hasNoCause()
                .hasMessageContainingAll("mintToken", "This call changed nothing");
        assertThat(desk.calls("mintToken")).isOne();
    }

    @Test
    void a_refusal_of_the_endpoint_is_passed_on_as_a_refusal() {
        answering("403|{\"error\":403,\"errorCode\":\"FORBIDDEN\"}");
        assertThat(desk.accounts.read(desk.account, desk.key, longer()))
                .isInstanceOfSatisfying(
                        Answer.Denied.class, no -> assertThat(no.code()).isEqualTo("FORBIDDEN"));
        assertThat(desk.accounts.create(desk.account, desk.key, 100, longer()))
                .isInstanceOfSatisfying(
                        CreateAnswer.Denied.class, no -> assertThat(no.status()).isEqualTo(403));
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 502, 503, 504})
    void a_sign_in_is_tried_again_when_the_endpoint_is_out_of_order(int status) {
        desk.once("mintToken", new Fault.Answer(Moment.BEFORE_EFFECT, status, Map.of(), ""));
        assertThat(desk.accounts.verify(desk.key, longer())).isEqualTo(AuthResult.ACCEPTED);
        assertThat(desk.calls("mintToken")).isEqualTo(2);
    }

    @Test
    void its_own_limit_is_obeyed() {
        desk.atlas.rules(rules -> rules.tokenLimits(2, 100));
        for (int i = 0; i < 3; i++) {
            assertThat(desk.accounts.verify(desk.key, longer())).isEqualTo(AuthResult.ACCEPTED);
        }
        assertThat(desk.pauses).isNotEmpty();
    }

    private void answering(String answer) {
        int bar = answer.indexOf('|');
        desk.answering("mintToken", Integer.parseInt(answer.substring(0, bar)), answer.substring(bar + 1));
    }
}
