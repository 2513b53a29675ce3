package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.atlas.AtlasEvent.What;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings.AbandonedLabel;
import dev.atlasrotator.testbed.Breaking;
import dev.atlasrotator.testbed.Killed;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The decision table of createSecret, row by row, as an account without an admin meets it. */
class CreateSecretTest {
    private static final Duration MONTH = Duration.ofDays(30);
    private final Testbed testbed = new Testbed();

    private void assertTheNextRotationWorks(ManagedSecret kept) {
        assertThat(testbed.attempt(kept)).isEmpty();
        var token = testbed.begin(kept);
        testbed.rotate(kept, token);
        assertThat(testbed.version(kept, "AWSCURRENT")).hasValue(token);
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    // ---- pending has a value

    @Test
    void a_pending_value_whose_secret_is_gone_is_given_up_so_that_the_next_rotation_can_begin() {
        var kept = testbed.account("prod/atlas", MONTH);
        var token = testbed.begin(kept);
        testbed.step("createSecret", kept, token);
        var pending = testbed.stored(kept, "AWSPENDING", "secretId").orElseThrow();
        testbed.atlas.deleteSecret(kept.clientId(), pending);

        assertThat(testbed.failure("createSecret", kept, token))
                .isInstanceOf(RotatorException.Credential.class)
                .hasMessageContainingAll(
                        "prod/atlas",
                        token,
                        "was abandoned",
                        "Atlas no longer has its secret " + pending,
                        "AWSCURRENT is as it was",
                        "rotate again");
        assertTheNextRotationWorks(kept);
    }

    @Test
    void giving_up_says_that_it_is_urgent_once_the_create_has_put_a_clock_on_the_secret_in_use() {
        var kept = testbed.account("prod/atlas", MONTH);
        var token = testbed.begin(kept);
        testbed.step("createSecret", kept, token);
        testbed.atlas.deleteSecret(
                kept.clientId(), testbed.stored(kept, "AWSPENDING", "secretId").orElseThrow());
        testbed.after(Duration.ofMinutes(1));

        assertThat(testbed.failure("createSecret", kept, token))
                .hasMessageContainingAll("The secret in use", kept.first().id())
                .hasMessageContaining(
                        testbed.atAtlas(kept).getFirst().expiresAt().toString());
    }

    @Test
    void a_pending_value_whose_secret_has_expired_is_given_up_and_its_secret_deleted() {
        var kept = testbed.account("prod/atlas", MONTH);
        testbed.changedByHand(kept, Map.of("secretExpiresAfterHours", 8));
        var token = testbed.begin(kept);
        testbed.step("createSecret", kept, token);
        var pending = testbed.stored(kept, "AWSPENDING", "secretId").orElseThrow();
        testbed.after(Duration.ofHours(8));

        assertThat(testbed.failure("createSecret", kept, token))
                .isInstanceOf(RotatorException.Credential.class)
                .hasMessageContaining(pending + " expired at 2026-06-01T16:00:00Z");
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id());
        assertTheNextRotationWorks(kept);
    }

    @Test
    void a_pending_value_for_another_account_is_given_up_and_that_account_left_alone() {
        var kept = testbed.account("prod/atlas", MONTH);
        var other = testbed.account("other", MONTH);
        var token = testbed.begin(kept);
        testbed.storedText(kept, token, Json.text(testbed.value(other, "AWSCURRENT")), "AWSPENDING");

        assertThat(testbed.failure("createSecret", kept, token))
                .isInstanceOf(RotatorException.Credential.class)
                .hasMessageContaining("it is for another account than AWSCURRENT");
        assertThat(testbed.idsAtAtlas(other)).containsExactly(other.first().id());
        assertTheNextRotationWorks(kept);
    }

    @Test
    void a_value_written_by_hand_before_anything_was_created_does_not_undo_the_attempt() {
        var told = new Testbed(settings -> settings.with(AbandonedLabel.STAYS));
        var kept = told.account("prod/atlas", MONTH);
        var token = told.begin(kept);
        told.after(Duration.ofMinutes(1));
        told.changedByHand(kept, Map.of("note", "mine"));
        told.after(Duration.ofMinutes(1));
        told.step("createSecret", kept, token);

        // Secrets Manager repeats it, at the same time perhaps.
        told.step("createSecret", kept, token);
        told.step("testSecret", kept, token);
        told.step("finishSecret", kept, token);

        assertThat(told.currentWorks(kept)).isTrue();
        assertThat(told.stored(kept, "AWSCURRENT", "note")).hasValue("mine");
    }

    @Test
    void a_value_written_by_hand_during_an_attempt_is_kept_and_so_is_what_another_run_may_be_about_to_promote() {
        var told = new Testbed(settings -> settings.with(AbandonedLabel.STAYS));
        var kept = told.account("prod/atlas", MONTH);
        var token = told.begin(kept);
        told.step("createSecret", kept, token);
        told.after(Duration.ofMinutes(2)); // within a minute two clocks could not tell
        told.changedByHand(kept, Map.of("note", "mine"));

        assertThat(told.failure("createSecret", kept, token))
                .isInstanceOf(RotatorException.Credential.class)
                .hasMessageContaining("AWSCURRENT was given a new value after it began");
        assertThat(told.stored(kept, "AWSCURRENT", "note")).hasValue("mine");
        assertThat(told.currentWorks(kept)).isTrue();
        assertThat(told.attempt(kept)).isEmpty();
        assertThat(told.idsAtAtlas(kept)).hasSize(2).contains(kept.first().id());
    }

    // ---- one secret

    @Test
    void the_only_secret_is_current_and_another_one_is_created_and_stored_at_once() {
        var kept = testbed.account("prod/atlas", MONTH);
        var token = testbed.begin(kept);
        int mark = testbed.calls.size();

        testbed.step("createSecret", kept, token);

        assertThat(testbed.operationsSince(mark)).containsSubsequence("createSecret", "PutSecretValue");
        assertThat(testbed.operationsSince(mark)).endsWith("createSecret", "PutSecretValue");
        var made = testbed.atAtlas(kept).getLast();
        assertThat(testbed.value(kept, "AWSPENDING"))
                .containsEntry("secretId", made.id())
                .containsEntry("createdAt", made.createdAt().toString())
                .containsEntry("expiresAt", made.expiresAt().toString())
                .containsEntry("clientId", kept.clientId());
        assertThat(Duration.between(made.createdAt(), made.expiresAt())).isEqualTo(Duration.ofDays(90));
    }

    // ---- two: the other has had its time

    @Test
    void an_orphan_of_this_attempt_makes_room_once_no_run_can_be_about_to_store_it() {
        var kept = testbed.account("prod/atlas", MONTH);
        var token = testbed.begin(kept);
        testbed.broken(
                Breaking.every("PutSecretValue", call -> {
                    throw new Killed(call.toString());
                }),
                () -> testbed.step("createSecret", kept, token));
        var orphan = testbed.atAtlas(kept).getLast();

        testbed.after(Duration.ofMinutes(15).minusSeconds(1));
        assertThat(testbed.failure("createSecret", kept, token))
                .isInstanceOf(RotatorException.Unavailable.class)
                .hasMessageContainingAll(
                        orphan.id(),
                        "was made at " + orphan.createdAt(),
                        "Nothing was changed",
                        "Try again after " + orphan.createdAt().plus(Duration.ofMinutes(15)),
                        "The secret in use");
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2);

        testbed.after(Duration.ofSeconds(1));
        testbed.rotate(kept, token);
        assertThat(testbed.idsAtAtlas(kept))
                .hasSize(2)
                .contains(kept.first().id())
                .doesNotContain(orphan.id());
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void a_superseded_secret_that_is_in_an_unlabelled_version_only_is_known_all_the_same() {
        var kept = testbed.account("prod/atlas", MONTH);
        testbed.rotate(kept, testbed.begin(kept));
        testbed.after(Duration.ofMinutes(1));
        testbed.changedByHand(kept, Map.of("note", "takes AWSPREVIOUS"));
        var second = testbed.stored(kept, "AWSCURRENT", "secretId").orElseThrow();
        assertThat(testbed.stored(kept, "AWSPREVIOUS", "secretId")).hasValue(second);
        testbed.after(Duration.ofHours(25));

        testbed.rotate(kept, testbed.begin(kept));

        assertThat(testbed.idsAtAtlas(kept))
                .hasSize(2)
                .contains(second)
                .doesNotContain(kept.first().id());
    }

    // ---- two: the other must stay

    @ParameterizedTest
    @ValueSource(ints = {-50, 0, 3000})
    void the_fifteen_minutes_are_counted_by_the_clock_that_dated_the_secret(int ahead) {
        var kept = testbed.account("prod/atlas", MONTH);
        var token = testbed.begin(kept);
        testbed.atlas.skew(Duration.ofSeconds(ahead));
        testbed.atlas.createSecret(kept.clientId(), 2160);

        testbed.after(Duration.ofMinutes(15).minusSeconds(1));
        assertThat(testbed.failure("createSecret", kept, token)).isInstanceOf(RotatorException.Unavailable.class);
        testbed.after(Duration.ofSeconds(1));
        testbed.step("createSecret", kept, token);
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2);
    }

    // ---- current no longer works, and there is no admin

    @Test
    void the_last_secret_that_works_is_not_deleted_to_make_room_though_its_overlap_is_over() {
        var kept = testbed.account("prod/atlas", MONTH);
        testbed.rotate(kept, testbed.begin(kept));
        var second = testbed.stored(kept, "AWSCURRENT", "secretId").orElseThrow();
        // A typing error in AWSCURRENT: what works is the one that was superseded.
        testbed.changedByHand(kept, Map.of("clientSecret", "mdb_sa_sk_typing_error"));
        testbed.storedByHand(kept, testbed.value(kept, "AWSPREVIOUS"), "AWSPREVIOUS");
        testbed.after(Duration.ofDays(2));
        var token = testbed.begin(kept);

        testbed.failure("createSecret", kept, token);

        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id(), second);
    }

    @Test
    void without_a_credential_that_works_it_fails_and_says_how_to_mend_it() {
        var kept = testbed.account("prod/atlas", MONTH);
        var token = testbed.begin(kept);
        testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());

        assertThat(testbed.failure("createSecret", kept, token))
                .isInstanceOf(RotatorException.Credential.class)
                .hasMessageContainingAll(
                        kept.clientId(),
                        "cannot be read at Atlas",
                        "Nothing was changed",
                        "Store a clientSecret that works",
                        "admin credential");
        assertThat(testbed.idsAtAtlas(kept)).isEmpty();
        assertThat(testbed.attempt(kept)).hasValue(token);
    }

    @Test
    void a_value_with_the_wrong_secret_in_it_is_not_taken_for_one_that_has_none_recorded() {
        var kept = testbed.account("prod/atlas", MONTH, AtlasModel.PROJECT_OWNER, false);
        testbed.changedByHand(kept, Map.of("clientSecret", "mdb_sa_sk_typing_error"));
        testbed.storedByHand(kept, Map.of("clientId", kept.clientId()), "AWSPREVIOUS");
        var token = testbed.begin(kept);

        assertThat(testbed.failure("createSecret", kept, token)).isInstanceOf(RotatorException.Credential.class);
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id());
    }

    // ---- a value that is not ours to understand

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "not JSON",
                "[]",
                "{}",
                "{\"clientId\":\"mdb_sa_id_0123456789abcdef01234567\"}",
                "{\"clientId\":\"nonsense\",\"groupId\":\"0123456789abcdef01234567\"}",
                "{\"clientId\":\"mdb_sa_id_0123456789abcdef01234567\",\"groupId\":\"nonsense\"}",
                "{\"clientId\":\"mdb_sa_id_0123456789abcdef01234567\","
                        + "\"groupId\":\"0123456789abcdef01234567\",\"secretId\":\"nonsense\"}",
                "{\"clientId\":\"mdb_sa_id_0123456789abcdef01234567\","
                        + "\"groupId\":\"0123456789abcdef01234567\",\"secretExpiresAfterHours\":\"a week\"}"
            })
    void a_value_that_is_not_ours_to_understand_changes_nothing_and_names_the_stored_secret(String text) {
        var arn = testbed.secretsManager.seed("prod/odd", text.isEmpty() ? " " : text, Map.of(Testbed.TAG, "true"));
        var kept = new ManagedSecret(
                arn, "prod/odd", "", testbed.account("any", MONTH).first());
        var token = testbed.begin(kept);
        int mark = testbed.calls.size();

        assertThat(testbed.failure("createSecret", kept, token))
                .isInstanceOf(RotatorException.Credential.class)
                .hasMessageContainingAll("prod/odd", "Nothing was changed");
        assertThat(testbed.operationsSince(mark)).doesNotContain("PutSecretValue", "createSecret");
    }

    @Test
    void a_binary_value_changes_nothing() {
        var kept = testbed.account("prod/atlas", MONTH);
        testbed.call(
                "PutSecretValue",
                kept,
                Map.of("SecretBinary", "AAECAw=="),
                testbed.newVersion().value());
        var token = testbed.begin(kept);

        assertThat(testbed.failure("createSecret", kept, token))
                .isInstanceOf(RotatorException.Credential.class)
                .hasMessageContainingAll("binary", "Nothing was changed");
    }

    // ---- time

    private static String createSecret(ManagedSecret kept, String token) {
        return """
            {"Step":"createSecret","SecretId":"%s","ClientRequestToken":"%s"}\
            """.formatted(kept.arn(), token);
    }

    @Test
    void a_create_that_could_not_be_ended_is_not_begun() {
        var kept = testbed.account("prod/atlas", MONTH);
        var token = testbed.begin(kept);
        var event = createSecret(kept, token);

        assertThat(Testbed.failureOf(() -> testbed.handle(event, Duration.ofSeconds(59))))
                .isInstanceOf(RotatorException.Unavailable.class)
                .hasMessageContaining("No new secret was created.");
        assertThat(testbed.atlas.calls()).doesNotContainKey("createSecret");
        assertThat(testbed.happened(kept, What.SECRET_CUT)).isEmpty();

        testbed.handle(event, Duration.ofSeconds(61));
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2);
    }

    @Test
    void room_is_not_made_where_the_create_could_not_be_ended() {
        var kept = testbed.account("prod/atlas", MONTH);
        var expired = testbed.atlas.secretFromThePast(kept.clientId(), Instant.parse("2026-01-01T00:00:00Z"), 24);
        var token = testbed.begin(kept);

        assertThat(Testbed.failureOf(() -> testbed.handle(createSecret(kept, token), Duration.ofSeconds(30))))
                .isInstanceOf(RotatorException.Unavailable.class);
        assertThat(testbed.idsAtAtlas(kept)).contains(expired.id());
    }
}
