package dev.atlasrotator.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.atlasrotator.credential.AdminCredential;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever may write a stored secret chooses every byte of its value. */
class StoredValuesTest {
    private static final Set<String> OURS =
            Set.of("clientId", "clientSecret", "groupId", "secretId", "secretBinding", "createdAt", "expiresAt");
    private static final String GOOD =
            "{\"clientId\":\"mdb_sa_id_66b0c0de0000000000000002\",\"clientSecret\":\"mdb_sa_sk_x\","
                    + "\"groupId\":\"66b0c0de0000000000000001\",\"secretId\":\"66b0c0de0000000000000003\","
                    + "\"secretExpiresAfterHours\":100,\"adminSecretArn\":\"arn:aws:x\","
                    + "\"expiresAt\":\"2026-01-01T00:00:00Z\",\"other\":{\"a\":[1,2.50,null,true]}}";
    private static final String ADMIN =
            "{\"clientId\":\"mdb_sa_id_66b0c0de0000000000000002\",\"clientSecret\":\"mdb_sa_sk_x\","
                    + "\"publicKey\":\"abcdefgh\",\"privateKey\":\"00-00\"}";

    @Test
    void any_value_is_read_or_refused_as_a_credential_error_that_does_not_quote_it() throws Exception {
        Seeds.each("stored values read", 100, chance -> {
            var text = new Corruptor(chance).text(chance.nextInt(4) == 0 ? ADMIN : GOOD);
            try {
                var value = StoredValue.parse(new Sensitive(text));
                assertThat(value.toString()).doesNotContain("mdb_sa_sk_").hasSizeLessThan(300);
                assertThat(Json.object(value.text().reveal())).isEqualTo(Json.object(text));
            } catch (RotatorException.Credential refused) {
                assertThat(refused).hasNoCause();
                assertThat(refused.getMessage())
                        .hasSizeLessThan(300)
                        .matches("[ -~]+")
                        .doesNotContain("mdb_sa_sk_");
            }
            try {
                AdminCredential.parse(new Sensitive(text));
            } catch (RotatorException.Credential refused) {
                assertThat(refused.getMessage()).hasSizeLessThan(300).matches("[ -~]+");
            }
        });
    }

    @Test
    void every_key_that_is_not_ours_comes_through_a_rotation_as_it_was() throws Exception {
        Seeds.each("rotations with keys of somebody's own", 3, chance -> {
            var testbed = new Testbed();
            var kept = testbed.account("prod/atlas", Duration.ofDays(31));
            var before = withKeys(testbed, kept, chance);
            assertThat(testbed.handle("{\"action\":\"rotate\",\"secretId\":\"prod/atlas\"}"))
                    .contains("\"type\":\"promoted\"");
            var after = current(testbed, kept);
            assertThat(testbed.currentWorks(kept)).isTrue();
            after.keySet().removeAll(OURS);
            before.keySet().removeAll(OURS);
            assertThat(after).isEqualTo(before);
            assertThat(List.copyOf(after.keySet())).isEqualTo(List.copyOf(before.keySet()));
        });
    }

    private static Map<String, Object> withKeys(Testbed testbed, ManagedSecret kept, Random chance) {
        var value = current(testbed, kept);
        var mangle = new Corruptor(chance);
        for (int i = 0; i < chance.nextInt(5); i++) {
            var own = mangle.structure(Json.object(GOOD).orElseThrow());
            // Whatever is longer has no room for a new secret, or cannot be stored at all: told in the tests below.
            if (Json.text(own).length() < 10_000) {
                value.put("own" + i + (chance.nextBoolean() ? "\u00e9\ud83d\ude00\u2028" : ""), own);
            }
        }
        value.put("n", new java.math.BigDecimal("0.1000000000000000000000000000000010"));
        value.put("m", new java.math.BigInteger("9".repeat(60)));
        value.put("half", "\ud800");
        value.put("none", null);
        var text = Json.text(value);
        put(testbed, kept, text);
        return Json.object(text).orElseThrow();
    }

    private static void put(Testbed testbed, ManagedSecret kept, String text) {
        testbed.secretsManager.call(
                "PutSecretValue",
                Map.of(
                        "SecretId", kept.arn(),
                        "SecretString", text,
                        "ClientRequestToken", testbed.newVersion().value()));
    }

    private static Map<String, Object> current(Testbed testbed, ManagedSecret kept) {
        return new LinkedHashMap<>(testbed.secretsManager
                .valueUnder(kept.arn(), "AWSCURRENT")
                .flatMap(Json::object)
                .orElseThrow());
    }

    @Test
    void a_value_of_nearly_64_kib_is_rotated_and_one_without_room_is_refused_before_a_create() {
        for (int left : new int[] {750, 100}) {
            var testbed = new Testbed();
            var kept = testbed.account("prod/atlas", Duration.ofDays(31));
            var value = current(testbed, kept);
            value.put("big", "");
            value.put("big", "x".repeat(65_536 - left - Json.text(value).length()));
            put(testbed, kept, Json.text(value));
            int atlas = testbed.atlas.secrets(kept.clientId()).size();

            var answer = testbed.handle("{\"action\":\"rotate\",\"secretId\":\"prod/atlas\"}");

            assertThat(testbed.currentWorks(kept)).isTrue();
            if (left > 640) {
                assertThat(answer).contains("\"type\":\"promoted\"");
            } else {
                assertThat(answer).contains("VALUE_TOO_LONG", "so long that");
                assertThat(testbed.idsAtAtlas(kept)).hasSize(atlas);
                assertThat(testbed.atlas.calls().getOrDefault("createSecret", 0))
                        .isZero();
            }
        }
    }

    @Test
    void an_admin_secret_s_name_that_writes_into_the_log_is_refused() {
        for (String name : List.of("a\\nERROR", "a b", "a\\u2028", "\\u001b[31m", "x".repeat(2049))) {
            assertThatExceptionOfType(RotatorException.Credential.class)
                    .isThrownBy(() -> StoredValue.parse(new Sensitive(GOOD.replace("arn:aws:x", name))))
                    .withMessageContaining("adminSecretArn");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "not json",
                "[]",
                "null}",
                "{\"clientId\":1}",
                "{\"clientId\":\"mdb_sa_id_66b0c0de0000000000000002\"}{\"groupId\":\"x\"}"
            })
    void a_value_that_is_not_ours_to_understand_is_left_as_it_is(String text) {
        var testbed = new Testbed();
        var kept = testbed.account("prod/atlas", Duration.ofDays(31));
        if (text.isEmpty()) {
            text = " ";
        }
        put(testbed, kept, text);
        int atlas = testbed.atlas.ledger().size();

        var answer = testbed.handle("{\"action\":\"sweep\"}");

        assertThat(answer).contains("\"code\":\"VALUE_MALFORMED\"");
        assertThat(testbed.atlas.ledger()).hasSize(atlas);
        assertThat(testbed.secretsManager.valueUnder(kept.arn(), "AWSCURRENT")).contains(text);
        assertThat(testbed.version(kept, "AWSPENDING")).isEmpty();
    }

    @Test
    void every_name_that_secrets_manager_allows_is_rotated_by_name_and_by_arn() {
        for (String name : List.of("a", "/_+=.@-", "prod/atlas-AbC123", "-", "x".repeat(512), "arn", "a@b.c=d+e_f/g")) {
            var testbed = new Testbed();
            var kept = testbed.account(name, Duration.ofDays(31));
            for (String id : List.of(name, kept.arn())) {
                assertThat(testbed.handle(Json.text(Map.of("action", "rotate", "secretId", id, "revokeOld", true))))
                        .as(name)
                        .contains("\"type\":\"promoted\"");
                assertThat(testbed.currentWorks(kept)).isTrue();
                testbed.after(Duration.ofHours(1)); // else the next could be the same call once more
            }
            assertThat(testbed.idsAtAtlas(kept)).hasSize(1);
        }
    }

    @Test
    void tags_may_say_anything_in_any_tongue() {
        var testbed = new Testbed();
        var kept = testbed.account("prod/atlas", Duration.ofDays(31), AtlasModel.PROJECT_OWNER, true);
        testbed.secretsManager.call(
                "TagResource",
                Map.of(
                        "SecretId",
                        kept.arn(),
                        "Tags",
                        List.of(
                                Map.of("Key", "Größe 秘密\ud83d\ude00", "Value", "ñ \u202e"),
                                Map.of("Key", Testbed.TAG, "Value", "да"))));
        assertThat(testbed.handle("{\"action\":\"sweep\"}")).contains("\"type\":\"promoted\"");
        assertThat(testbed.currentWorks(kept)).isTrue();
    }
}
