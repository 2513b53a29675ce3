package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Fault.Moment;
import dev.atlasrotator.simulator.Faults;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerErrors;
import dev.atlasrotator.testbed.Breaking;
import dev.atlasrotator.testbed.Breaking.How;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The create and the store go wrong: what is undone, what is looked for, what is left to later. */
class LostAnswersTest {
    private static final Duration MONTH = Duration.ofDays(30);
    private final Testbed testbed = new Testbed();
    private final ManagedSecret kept = testbed.account("prod/atlas", MONTH);
    private final String token = testbed.begin(kept);

    private RotatorException failure() {
        return testbed.failure("createSecret", kept, token);
    }

    private long creates() {
        return testbed.calls.stream()
                .filter(call -> call.operation().equals("createSecret"))
                .count();
    }

    private void assertItIsRotatedLater() {
        testbed.faults(Faults.none());
        testbed.after(Duration.ofMinutes(16));
        testbed.rotate(kept, token);
        assertThat(testbed.currentWorks(kept)).isTrue();
        assertThat(testbed.idsAtAtlas(kept))
                .containsExactlyInAnyOrder(
                        kept.first().id(),
                        testbed.stored(kept, "AWSCURRENT", "secretId").orElseThrow());
    }

    // ---- the create's answer

    @ParameterizedTest
    @EnumSource(names = {"ERROR_AFTER", "CLOSED_AFTER", "TIMED_OUT"})
    void an_answer_that_was_lost_with_its_secret_fails_for_now_and_cleans_up_later(How how) {
        testbed.faults(Breaking.once(1, "createSecret", how::at));

        var failure = failure();

        var orphan = testbed.atAtlas(kept).getLast();
        assertThat(failure)
                .isInstanceOf(RotatorException.Unavailable.class)
                .hasMessageContainingAll(
                        orphan.id(),
                        "was lost",
                        "within seven days",
                        "Try again after " + orphan.createdAt().plus(Duration.ofMinutes(15)));
        assertThat(creates()).isEqualTo(1);
        assertThat(testbed.stored(kept, "AWSPENDING", "secretId")).isEmpty();
        assertThat(testbed.currentWorks(kept)).isTrue();
        assertItIsRotatedLater();
        assertThat(testbed.idsAtAtlas(kept)).doesNotContain(orphan.id());
    }

    @ParameterizedTest
    @EnumSource(names = {"ERROR_BEFORE", "CLOSED_BEFORE", "THROTTLED"})
    void an_answer_that_was_lost_without_a_secret_is_asked_for_again(How how) {
        testbed.faults(Breaking.once(1, "createSecret", how::at));

        testbed.step("createSecret", kept, token);

        assertThat(creates()).isEqualTo(2);
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2);
        assertThat(testbed.stored(kept, "AWSPENDING", "secretId"))
                .hasValue(testbed.atAtlas(kept).getLast().id());
    }

    @Test
    void a_409_with_nothing_new_is_tried_again() {
        testbed.faults(Breaking.once(
                1,
                "createSecret",
                call -> new Fault.Answer(
                        Moment.BEFORE_EFFECT,
                        409,
                        Map.of(),
                        "{\"error\":409,\"errorCode\":\"DATA_CONCURRENCY_ERROR\"}")));

        testbed.step("createSecret", kept, token);

        assertThat(testbed.idsAtAtlas(kept)).hasSize(2);
    }

    @Test
    void a_409_with_something_new_leaves_it_to_the_run_that_made_it() {
        testbed.faults(Breaking.once(1, "createSecret", call -> {
            testbed.atlas.createSecret(kept.clientId(), 2160);
            return new Fault.Answer(
                    Moment.BEFORE_EFFECT, 409, Map.of(), "{\"error\":409,\"errorCode\":\"DATA_CONCURRENCY_ERROR\"}");
        }));

        assertThat(failure())
                .isInstanceOf(RotatorException.Unavailable.class)
                .hasMessageContaining("unless another run made it");
        assertThat(creates()).isEqualTo(1);
        assertItIsRotatedLater();
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 409})
    void a_third_create_is_refused_by_Atlas_and_left_to_the_run_that_was_first(int status) {
        testbed.atlas.rules(rules -> rules.thirdCreateAnswers(status, "NO_ROOM"));
        testbed.faults(Breaking.once(1, "createSecret", call -> {
            testbed.atlas.createSecret(kept.clientId(), 2160);
            return new Fault.None();
        }));

        assertThat(failure())
                .isInstanceOf(RotatorException.Unavailable.class)
                .hasMessageContaining(testbed.atAtlas(kept).getLast().id());
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2);
        assertItIsRotatedLater();
    }

    @Test
    void a_create_that_never_comes_to_anything_ends_after_three_tries() {
        testbed.faults(Breaking.every("createSecret", How.ERROR_BEFORE::at));

        assertThat(failure())
                .isInstanceOf(RotatorException.Unavailable.class)
                .hasMessageContainingAll("3 attempts", "The account has no new secret");
        assertThat(creates()).isEqualTo(3);
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id());
        assertItIsRotatedLater();
    }

    @Test
    void an_account_that_cannot_be_read_after_a_lost_answer_is_left_to_later() {
        var broken = new AtomicInteger();
        testbed.faults(call -> {
            if (call.operation().equals("createSecret")) {
                broken.set(1);
                return How.CLOSED_AFTER.at(call);
            }
            return broken.get() == 1 && call.operation().equals("readAccount")
                    ? new Fault.Answer(Moment.BEFORE_EFFECT, 403, Map.of(), "{\"error\":403}")
                    : new Fault.None();
        });

        assertThat(failure())
                .isInstanceOf(RotatorException.Unavailable.class)
                .hasMessageContainingAll("cannot be read to see what came of it", "The rotation is still in progress");
        assertItIsRotatedLater();
    }

    @Test
    void a_lifetime_beyond_the_organizations_bound_is_refused_and_named() {
        var organization = testbed.atlas.addOrganization(1000);
        var project = new AtlasScope.Project(testbed.atlas.addProject(organization));
        var strict = testbed.account(
                "prod/strict",
                project,
                AtlasModel.PROJECT_OWNER,
                MONTH,
                "true",
                (id, first) -> Testbed.value(project, id, first));
        var its = testbed.begin(strict);

        assertThat(testbed.failure("createSecret", strict, its))
                .isInstanceOf(RotatorException.Credential.class)
                .hasMessageContainingAll("2160 hours", "No secret was created");
        assertThat(testbed.idsAtAtlas(strict)).containsExactly(strict.first().id());
    }

    @Test
    void what_Atlas_asks_to_wait_is_waited_where_time_is_left_and_else_said() {
        testbed.faults(Breaking.every(
                "createSecret",
                call -> new Fault.Answer(
                        Moment.BEFORE_EFFECT,
                        429,
                        Map.of("Retry-After", "600"),
                        "{\"error\":429,\"errorCode\":\"RATE_LIMITED_TOKEN_BUCKET\"}")));

        assertThat(failure()).isInstanceOf(RotatorException.Unavailable.class).hasMessageContaining("600 s");
        assertThat(creates()).isEqualTo(1);
        // Before that hour is over this process does not even ask.
        testbed.after(Duration.ofHours(1));
        assertItIsRotatedLater();
    }

    // ---- the store

    @ParameterizedTest
    @ValueSource(
            strings = {
                "AccessDeniedException",
                "EncryptionFailure",
                "LimitExceededException",
                "InvalidParameterException"
            })
    void what_certainly_could_not_be_stored_is_deleted_again(String type) {
        testbed.faults(Breaking.every("PutSecretValue", call -> SecretsManagerErrors.refusal(type, "no")));

        var failure = failure();

        assertThat(failure)
                .isInstanceOf(RotatorException.Configuration.class)
                .hasMessageContainingAll("could not be stored in prod/atlas", "deleted at Atlas again", "seven days");
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id());
        assertThat(testbed.currentWorks(kept)).isTrue();
        testbed.faults(Faults.none());
        testbed.rotate(kept, token);
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void what_could_be_neither_stored_nor_deleted_is_accounted_for_by_the_attempt() {
        testbed.faults(call -> switch (call.operation()) {
            case "PutSecretValue" -> SecretsManagerErrors.refusal("AccessDeniedException", "no");
            case "deleteSecret" -> How.ERROR_BEFORE.at(call);
            default -> new Fault.None();
        });

        assertThat(failure())
                .isInstanceOf(RotatorException.Unavailable.class)
                .hasMessageContainingAll("could not be deleted again", "Try again in 15 minutes");
        assertThat(testbed.attempt(kept)).hasValue(token);
        assertItIsRotatedLater();
    }

    @Test
    void another_run_that_stored_first_wins_and_ours_is_deleted() {
        var meanwhile = Breaking.once(1, "PutSecretValue", call -> {
            testbed.faults(Faults.none());
            testbed.storedText(kept, token, "{\"theirs\":true}", "AWSPENDING");
            return new Fault.None();
        });
        testbed.faults(meanwhile);

        assertThat(testbed.step("createSecret", kept, token)).isEqualTo("null");

        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id());
        assertThat(testbed.value(kept, "AWSPENDING")).containsEntry("theirs", true);
    }

    @ParameterizedTest
    @EnumSource(names = {"ERROR_BEFORE", "ERROR_AFTER", "CLOSED_BEFORE", "CLOSED_AFTER", "THROTTLED"})
    void a_store_that_fails_once_is_repeated_with_the_same_version_and_value(How how) {
        testbed.faults(Breaking.once(1, "PutSecretValue", how::at));

        testbed.step("createSecret", kept, token);

        assertThat(creates()).isEqualTo(1);
        assertThat(testbed.stored(kept, "AWSPENDING", "secretId"))
                .hasValue(testbed.atAtlas(kept).getLast().id());
    }

    @Test
    void a_store_of_which_nobody_knows_is_looked_for() {
        testbed.faults(Breaking.every("PutSecretValue", How.CLOSED_AFTER::at));

        testbed.step("createSecret", kept, token);

        assertThat(testbed.stored(kept, "AWSPENDING", "secretId"))
                .hasValue(testbed.atAtlas(kept).getLast().id());
    }

    @Test
    void a_store_that_never_came_through_leaves_a_secret_that_is_deleted_later() {
        testbed.faults(Breaking.every("PutSecretValue", How.CLOSED_BEFORE::at));

        var failure = failure();

        assertThat(failure)
                .isInstanceOf(RotatorException.Unavailable.class)
                .hasMessageContainingAll(
                        testbed.atAtlas(kept).getLast().id(),
                        "whether it was stored in prod/atlas is not known",
                        "15 minutes");
        assertItIsRotatedLater();
    }
}
