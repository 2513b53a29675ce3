package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Faults;
import dev.atlasrotator.simulator.atlas.AtlasEvent.What;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.IssuedCredential;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerErrors;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Breaking;
import dev.atlasrotator.testbed.Death;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {"action":"rotate","secretId":"…","leaked":"<Atlas secret id>"}: the operator names the secret
 * that has leaked, so the call means the same however often it comes.
 */
class LeakedSecretTest {
    private static final Duration MONTH = Duration.ofDays(30);
    private static final int CALLS_MAX = 60;

    private final Testbed testbed = new Testbed();

    private int made(ManagedSecret kept) {
        return testbed.happened(kept, What.SECRET_CREATED).size();
    }

    private ManagedSecret account(boolean bySecretsManager) {
        var kept = testbed.account("prod/atlas", MONTH);
        if (bySecretsManager) {
            testbed.rotatedBySecretsManager(kept);
        }
        return kept;
    }

    /** The same call again: nothing more is made or deleted, and it says that it is gone. */
    private void againChangesNothing(ManagedSecret kept, String leaked) {
        var inUse = testbed.current(kept);
        for (int minutes : new int[] {0, 1, 20, 120}) {
            testbed.after(Duration.ofMinutes(minutes));
            var before = Answer.changes(testbed);
            var answer = Answer.leaked(testbed, kept, leaked);
            assertThat(answer.told(kept)).contains(leaked);
            assertThat(Answer.changes(testbed)).isEqualTo(before);
            assertThat(testbed.current(kept)).isEqualTo(inUse);
        }
    }

    // ---- the one in use

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_one_in_use_is_replaced_and_then_deleted(boolean bySecretsManager) {
        var kept = account(bySecretsManager);

        var answer = Answer.leaked(testbed, kept, kept.first().id());

        assertThat(answer.failed()).isEmpty();
        assertThat(testbed.current(kept)).isNotEqualTo(kept.first().id());
        assertThat(answer.actions(kept))
                .containsExactly(
                        "created " + testbed.current(kept),
                        "promoted " + testbed.current(kept),
                        "deleted " + kept.first().id() + " (revoked)");
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(testbed.current(kept));
        assertThat(testbed.attempt(kept)).isEmpty();
        againChangesNothing(kept, kept.first().id());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_one_in_use_is_replaced_however_recent_it_is(boolean revokedBefore) {
        var kept = account(false);
        if (revokedBefore) {
            Answer.revoke(testbed, kept);
        } else {
            Answer.rotate(testbed, kept); // and its superseded one takes the other slot
        }
        var second = testbed.current(kept);
        testbed.after(Duration.ofMinutes(5));

        var answer = Answer.leaked(testbed, kept, second);

        assertThat(answer.failed()).isEmpty();
        assertThat(testbed.current(kept)).isNotIn(kept.first().id(), second);
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(testbed.current(kept));
        againChangesNothing(kept, second);
    }

    @Test
    void an_account_that_may_not_manage_itself_is_helped_by_its_admin() {
        testbed.adminByKey();
        var kept = testbed.account("prod/atlas", MONTH, AtlasModel.PROJECT_READ_ONLY, true);

        Answer.leaked(testbed, kept, kept.first().id());

        assertThat(testbed.idsAtAtlas(kept))
                .containsExactly(testbed.current(kept))
                .doesNotContain(kept.first().id());
        againChangesNothing(kept, kept.first().id());
    }

    @Test
    void a_pasted_secret_is_the_one_in_use_whatever_id_is_beside_it() {
        var kept = account(false);
        var pasted = testbed.pastedNew(kept);
        testbed.after(Duration.ofMinutes(5));

        Answer.leaked(testbed, kept, pasted.id());

        assertThat(testbed.current(kept)).isNotIn(kept.first().id(), pasted.id());
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(testbed.current(kept));
        againChangesNothing(kept, pasted.id());
    }

    // ---- a superseded one

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_superseded_one_is_deleted_and_nothing_is_made(boolean bySecretsManager) {
        var kept = account(bySecretsManager);
        testbed.rotate(kept, bySecretsManager);
        var second = testbed.current(kept);
        testbed.after(Duration.ofHours(3));
        int made = made(kept);

        var answer = Answer.leaked(testbed, kept, kept.first().id());

        assertThat(answer.failed()).isEmpty();
        assertThat(answer.actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (revoked)");
        assertThat(made(kept)).isEqualTo(made);
        assertThat(testbed.current(kept)).isEqualTo(second);
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(second);
        againChangesNothing(kept, kept.first().id());
    }

    @Test
    void the_one_whose_id_is_beside_a_pasted_secret_is_superseded() {
        var kept = account(false);
        var pasted = testbed.pastedNew(kept);
        testbed.after(Duration.ofHours(3));

        Answer.leaked(testbed, kept, kept.first().id());

        assertThat(testbed.current(kept)).isEqualTo(pasted.id());
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(pasted.id());
        againChangesNothing(kept, kept.first().id());
    }

    // ---- a pending one

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_pending_one_is_deleted_with_its_rotation_and_nothing_is_made(boolean bySecretsManager) {
        var kept = account(bySecretsManager);
        if (bySecretsManager) {
            testbed.step("createSecret", kept, testbed.begin(kept));
        } else {
            Death.after(testbed, "PutSecretValue", 2, () -> Answer.rotate(testbed, kept));
        }
        var pending = testbed.stored(kept, "AWSPENDING", "secretId").orElseThrow();
        int made = made(kept);
        Answer.leaked(testbed, kept, pending); // another run may be about to promote it
        assertThat(testbed.currentWorks(kept)).isTrue();
        testbed.after(Duration.ofMinutes(16));

        Answer.leaked(testbed, kept, pending);

        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id());
        assertThat(testbed.current(kept)).isEqualTo(kept.first().id());
        assertThat(testbed.attempt(kept)).isEmpty();
        assertThat(made(kept)).isEqualTo(made);
        againChangesNothing(kept, pending);
    }

    @Test
    void a_step_that_was_about_to_promote_it_meanwhile_fails_and_what_was_current_stays_so() {
        var kept = account(true);
        var token = testbed.begin(kept);
        testbed.step("createSecret", kept, token);
        var pending = testbed.stored(kept, "AWSPENDING", "secretId").orElseThrow();
        testbed.after(Duration.ofMinutes(16));
        testbed.faults(call -> {
            if (call.operation().equals("UpdateSecretVersionStage")) {
                testbed.faults(Faults.none());
                Answer.leaked(testbed, kept, pending);
            }
            return new Fault.None();
        });

        var failure = testbed.failure("finishSecret", kept, token);

        assertThat(failure).isInstanceOf(RotatorException.Conflict.class);
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id());
        assertThat(testbed.current(kept)).isEqualTo(kept.first().id());
    }

    @Test
    void a_revocation_of_a_pending_one_that_failed_says_to_ask_again_and_that_ends_it() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        Death.after(testbed, "PutSecretValue", 2, () -> Answer.rotate(testbed, kept));
        var leaked = testbed.stored(kept, "AWSPENDING", "secretId").orElseThrow();
        testbed.after(Duration.ofMinutes(20));
        testbed.faults(Breaking.every(
                "PutSecretValue", call -> SecretsManagerErrors.refusal("LimitExceededException", "too many")));

        var told = Answer.leaked(testbed, kept, leaked).told(kept);

        testbed.faults(Faults.none());
        assertThat(testbed.idsAtAtlas(kept)).contains(leaked);
        assertThat(told)
                .contains(leaked + " may still work: ask for the revocation again")
                .doesNotContain("the next run tries again");

        testbed.after(Duration.ofMinutes(20));
        Answer.leaked(testbed, kept, leaked);
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id());
    }

    // ---- where AWSCURRENT does not work

    @Test
    void somebody_elses_secret_is_not_deleted_where_its_id_is_beside_a_dead_value() {
        var kept = account(false);
        testbed.administered(kept);
        testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());
        testbed.after(Duration.ofHours(1));
        var foreign = testbed.atlas.createSecret(kept.clientId(), 2160);
        testbed.changedByHand(kept, Map.of("secretId", foreign.id()));

        Answer.revoke(testbed, kept);

        assertThat(testbed.idsAtAtlas(kept)).contains(foreign.id());
    }

    // ---- one that is not ours to delete, or not there

    @Test
    void one_that_is_gone_is_said_to_be_gone_and_nothing_is_done() {
        var kept = account(false);
        var foreign = testbed.atlas.createSecret(kept.clientId(), 2160);
        testbed.atlas.deleteSecret(kept.clientId(), foreign.id());

        againChangesNothing(kept, foreign.id());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_foreign_one_is_refused(boolean used) {
        var kept = account(false);
        var foreign = testbed.atlas.createSecret(kept.clientId(), 2160);
        if (used) {
            testbed.atlas.signIn(kept.clientId(), foreign.value());
        }
        testbed.after(Duration.ofHours(1));
        var before = Answer.changes(testbed);

        var answer = Answer.leaked(testbed, kept, foreign.id());

        assertThat(answer.failure(kept)).startsWith("FOREIGN_SECRET: ").contains(foreign.id());
        assertThat(Answer.changes(testbed)).isEqualTo(before);
        againChangesNothing(kept, foreign.id());
    }

    @Test
    void where_nothing_says_which_one_is_in_use_neither_is_deleted() {
        var kept = testbed.account("prod/atlas", MONTH, AtlasModel.PROJECT_OWNER, false);
        var other = testbed.atlas.createSecret(kept.clientId(), 2160);
        for (IssuedCredential leaked : new IssuedCredential[] {kept.first(), other}) {
            var answer = Answer.leaked(testbed, kept, leaked.id());

            assertThat(answer.failure(kept))
                    .startsWith("CURRENT_SECRET_UNCONFIRMED: ")
                    .contains("secretId");
            assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id(), other.id());
            assertThat(testbed.current(kept)).isEqualTo(kept.first().id());
        }
    }

    // ---- dry

    @Test
    void a_dry_run_says_what_would_be_done_and_does_nothing() {
        var kept = account(false);
        Answer.rotate(testbed, kept);
        var second = testbed.current(kept);
        var before = Answer.changes(testbed);

        assertThat(dry(kept.first().id()).actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (revoked)");
        assertThat(dry(second).actions(kept))
                .containsExactlyInAnyOrder(
                        "deleted " + kept.first().id() + " (revoked)",
                        "created",
                        "promoted",
                        "deleted " + second + " (revoked)");
        assertThat(Answer.changes(testbed)).isEqualTo(before);
    }

    private Answer dry(String leaked) {
        return Answer.to(
                testbed,
                "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"dryRun\":true,\"leaked\":\"" + leaked + "\"}");
    }

    // ---- again after a part of it

    /** Which one has leaked, while a superseded one takes the other slot. */
    enum Leaked {
        CURRENT,
        SUPERSEDED
    }

    @ParameterizedTest
    @EnumSource(Leaked.class)
    void whatever_became_of_the_first_call_the_same_call_ends_it(Leaked which) {
        int nth = 1;
        while (endsAtTheNth(nth, which)) {
            assertThat(++nth).isLessThan(CALLS_MAX);
        }
        assertThat(nth).isGreaterThan(4);
    }

    private static boolean endsAtTheNth(int nth, Leaked which) {
        var when = which + ", the first call dies at its call " + nth;
        var testbed = new Testbed();
        var kept = testbed.account("prod/atlas", MONTH);
        Answer.rotate(testbed, kept);
        var second = testbed.currentAtAtlas(kept).orElseThrow();
        var leaked = switch (which) {
            case CURRENT -> second;
            case SUPERSEDED -> kept.first().id();
        };
        testbed.after(Duration.ofMinutes(5));
        boolean itDid = testbed.dying(nth, () -> Answer.leaked(testbed, kept, leaked));
        assertThat(testbed.currentWorks(kept)).as(when).isTrue();
        testbed.after(Duration.ofMinutes(16));

        Answer.leaked(testbed, kept, leaked);

        var inUse = testbed.currentAtAtlas(kept).orElseThrow();
        assertThat(testbed.idsAtAtlas(kept)).as(when).containsExactly(inUse).doesNotContain(leaked);
        if (which == Leaked.SUPERSEDED) {
            assertThat(inUse).as(when).isEqualTo(second);
        }
        var before = Answer.changes(testbed);
        Answer.leaked(testbed, kept, leaked);
        assertThat(Answer.changes(testbed)).as(when).isEqualTo(before);
        return itDid;
    }

    // ---- both at once
}
