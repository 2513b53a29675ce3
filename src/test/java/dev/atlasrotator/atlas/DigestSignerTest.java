package dev.atlasrotator.atlas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.atlas.ServiceAccounts.Answer;
import dev.atlasrotator.atlas.ServiceAccounts.CreateAnswer;
import dev.atlasrotator.credential.AtlasCredential.ApiKey;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Fault.Moment;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasRules.DigestAlgorithm;
import dev.atlasrotator.testbed.AtlasFixture;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DigestSignerTest {
    private final AtlasFixture desk = new AtlasFixture();
    private final ApiKey key = desk.apiKey(AtlasModel.PROJECT_OWNER);

    private Answer<?> read(ApiKey as) {
        return desk.accounts.read(desk.account, as, desk.deadline);
    }

    @ParameterizedTest
    @EnumSource
    void an_api_key_reads_creates_and_lists_by_either_algorithm(DigestAlgorithm algorithm) {
        desk.atlas.rules(rules -> rules.digest(algorithm));
        assertThat(read(key)).isInstanceOf(Answer.Given.class);
        assertThat(desk.accounts.create(desk.account, key, 100, desk.deadline)).isInstanceOf(CreateAnswer.Made.class);
        // The query is part of what is signed.
        assertThat(desk.accounts.profiles(desk.account.scope(), key, desk.deadline))
                .isInstanceOf(Answer.Given.class);
        assertThat(desk.calls("mintToken")).isZero();
        assertThat(desk.calls("readAccount")).isEqualTo(2);
        assertThat(desk.calls("createSecret")).isEqualTo(2);
        assertThat(desk.atlas.secrets(desk.clientId)).hasSize(2);
    }

    @Test
    void a_wrong_key_is_not_signed_in_after_one_signed_try() {
        assertThat(read(new ApiKey(key.publicKey(), new Sensitive("wrong"))))
                .isInstanceOf(Answer.NotAuthenticated.class);
        assertThat(desk.calls("readAccount")).isEqualTo(2);
    }

    @Test
    void a_key_that_was_pasted_with_white_space_is_told_so() {
        for (var pasted : List.of(
                new ApiKey(key.publicKey(), new Sensitive(key.privateKey().reveal() + "\u200b")),
                new ApiKey(key.publicKey() + "\u200b", key.privateKey()))) {
            assertThat(read(pasted))
                    .isInstanceOfSatisfying(
                            Answer.NotAuthenticated.class,
                            no -> assertThat(no.why())
                                    .contains("Key ends with white space (U+200B)")
                                    .doesNotContain(key.privateKey().reveal()));
        }
    }

    @Test
    void a_key_without_the_role_is_denied() {
        assertThat(desk.accounts.create(desk.account, desk.apiKey(AtlasModel.PROJECT_READ_ONLY), 100, desk.deadline))
                .isInstanceOfSatisfying(
                        CreateAnswer.Denied.class, no -> assertThat(no.status()).isEqualTo(403));
    }

    @Test
    void a_stale_nonce_is_answered_once_more_with_the_new_one() {
        var count = new AtomicInteger();
        desk.atlas.faults(call -> {
            if (count.incrementAndGet() == 2) {
                desk.time.advance(Duration.ofMinutes(10));
            }
            return new Fault.None();
        });
        assertThat(desk.accounts.read(desk.account, key, Deadline.in(Duration.ofHours(1), desk.time)))
                .isInstanceOf(Answer.Given.class);
        assertThat(count).hasValue(3);
    }

    @Test
    void nonces_that_are_stale_for_ever_are_given_up() {
        desk.answering(
                "readAccount",
                Moment.BEFORE_EFFECT,
                401,
                Map.of(
                        "WWW-Authenticate",
                        "Digest realm=\"MMS Public API\", nonce=\"other\", algorithm=MD5,"
                                + " qop=\"auth\", stale=true"),
                "");
        assertThat(read(key)).isInstanceOf(Answer.NotAuthenticated.class);
        assertThat(desk.calls("readAccount")).isEqualTo(3);
    }

    @Test
    void a_401_without_a_digest_challenge_is_a_refusal() {
        desk.answering("readAccount", 401, "");
        assertThat(read(key)).isInstanceOf(Answer.Denied.class);
        assertThat(desk.calls("readAccount")).isOne();
    }

    @Test
    void a_public_key_that_does_not_fit_a_header_is_not_sent() {
        assertThat(read(new ApiKey("a\r\nb", new Sensitive("p")))).isInstanceOf(Answer.NotAuthenticated.class);
        assertThat(desk.atlas.callCount()).isZero();
    }

    @Test
    void a_create_is_unknown_only_once_it_was_signed() {
        desk.once("createSecret", new Fault.Close(Moment.BEFORE_EFFECT));
        assertThat(desk.accounts.create(desk.account, key, 100, desk.deadline)).isInstanceOf(CreateAnswer.Made.class);
        var count = new AtomicInteger();
        desk.atlas.deleteSecret(desk.clientId, desk.secret.id());
        desk.atlas.faults(call -> call.operation().equals("createSecret") && count.incrementAndGet() == 2
                ? new Fault.Close(Moment.AFTER_EFFECT)
                : new Fault.None());
        assertThat(desk.accounts.create(desk.account, key, 100, desk.deadline))
                .isInstanceOf(CreateAnswer.Unknown.class);
        assertThat(count).hasValue(2);
    }
}
