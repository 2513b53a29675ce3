package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Faults;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerErrors;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Breaking.How;
import dev.atlasrotator.testbed.ReportEntry;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An admin credential that cannot be read keeps no account from acting for itself; the report says
 * that it cannot be read.
 */
class AdminCredentialUnavailableTest {
    private static final String ADMIN = "admin/atlas";
    private static final Duration DUE = Duration.ofDays(31);

    private final Testbed testbed = new Testbed();

    /** Why it cannot be read. */
    enum Why {
        DENIED(testbed -> answered(testbed, "AccessDeniedException", "not authorized to perform")),
        ITS_KEY_IS_DENIED(testbed -> answered(testbed, "AccessDeniedException", "Access to KMS is not allowed")),
        ITS_KEY_IS_DISABLED(testbed -> answered(testbed, "DecryptionFailure", "Secrets Manager can't decrypt it")),
        SERVICE_FAILS(testbed -> failing(testbed, How.ERROR_BEFORE::at)),
        SCHEDULED_FOR_DELETION(testbed -> {
            testbed.adminKey(ADMIN);
            testbed.secretsManager.call("DeleteSecret", Map.of("SecretId", ADMIN));
        }),
        DELETED(testbed -> {}),
        WITHOUT_A_VALUE(testbed -> testbed.secretsManager.call(
                "CreateSecret",
                Map.of("Name", ADMIN, "ClientRequestToken", testbed.newVersion().value()))),
        NO_JSON(testbed -> testbed.secretsManager.seed(ADMIN, "publicKey=x", Map.of())),
        NO_CREDENTIAL(testbed -> testbed.secretsManager.seed(ADMIN, "{\"user\":\"x\"}", Map.of()));

        @SuppressWarnings("ImmutableEnumChecker") // a function without a state
        private final Consumer<Testbed> scene;

        Why(Consumer<Testbed> scene) {
            this.scene = scene;
        }

        void set(Testbed testbed) {
            scene.accept(testbed);
        }

        private static void answered(Testbed testbed, String error, String message) {
            failing(testbed, call -> SecretsManagerErrors.refusal(error, message));
        }

        private static void failing(Testbed testbed, Faults how) {
            testbed.adminKey(ADMIN);
            testbed.faults(call ->
                    call.operation().equals("GetSecretValue") && call.subject().contains(ADMIN)
                            ? how.on(call)
                            : new Fault.None());
        }
    }

    /** Who names it. */
    enum Named {
        BY_THE_SETTING,
        BY_THE_VALUE
    }

    record Case(Why why, Named named) {}

    static List<Case> cases() {
        var cases = new ArrayList<Case>();
        for (Why why : Why.values()) {
            for (Named named : Named.values()) {
                cases.add(new Case(why, named));
            }
        }
        return cases;
    }

    private ManagedSecret account(Case one, Duration age, String role) {
        var kept = testbed.account("prod/atlas", age, role, true);
        one.why().set(testbed);
        switch (one.named()) {
            case BY_THE_SETTING -> testbed.setting("ADMIN_SECRET_ID", ADMIN);
            case BY_THE_VALUE -> testbed.changedByHand(kept, Map.of("adminSecretArn", ADMIN));
        }
        return kept;
    }

    private void isRotated(ManagedSecret kept) {
        assertThat(testbed.current(kept)).isNotEqualTo(kept.first().id());
        assertThat(testbed.attempt(kept)).isEmpty();
    }

    // ---- the account acts for itself

    @ParameterizedTest
    @MethodSource("cases")
    void a_sweep_rotates_all_the_same_and_says_that_it_cannot_be_read(Case one) {
        var kept = account(one, DUE, AtlasModel.PROJECT_OWNER);

        var answer = Answer.sweep(testbed);

        assertThat(answer.failed()).isEmpty();
        isRotated(kept);
        assertThat(answer.told(kept)).contains(ADMIN);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void where_nothing_is_due_it_is_said_and_nothing_else_is_wrong(Case one) {
        var kept = account(one, Duration.ofDays(3), AtlasModel.PROJECT_OWNER);
        var before = Answer.changes(testbed);

        for (var answer : List.of(Answer.sweep(testbed), Answer.status(testbed))) {
            assertThat(answer.failed()).isEmpty();
            assertThat(answer.state(kept)).isEqualTo("fresh");
            assertThat(answer.of(kept)).containsEntry("secretId", kept.first().id());
            assertThat(answer.told(kept)).contains(ADMIN);
        }
        assertThat(Answer.changes(testbed)).isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_steps_go_on_and_the_log_says_so(Case one) {
        var kept = account(one, DUE, AtlasModel.PROJECT_OWNER);

        testbed.rotate(kept, testbed.begin(kept));

        isRotated(kept);
        assertThat(testbed.lines).anyMatch(line -> line.contains(ADMIN));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void by_hand_and_after_a_leak_it_is_the_same(Case one) {
        var kept = account(one, DUE, AtlasModel.PROJECT_OWNER);

        var answer = Answer.revoke(testbed, kept);

        assertThat(answer.failed()).isEmpty();
        isRotated(kept);
        assertThat(testbed.idsAtAtlas(kept)).doesNotContain(kept.first().id());
        assertThat(answer.told(kept)).contains(ADMIN);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void what_is_over_is_retired(Case one) {
        var kept = account(one, DUE, AtlasModel.PROJECT_OWNER);
        Answer.sweep(testbed);
        testbed.after(Duration.ofHours(25));

        assertThat(Answer.sweep(testbed).actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (superseded)");
    }

    @ParameterizedTest
    @EnumSource(Why.class)
    void the_value_before_authenticates_where_the_one_in_use_does_not(Why why) {
        var kept = account(new Case(why, Named.BY_THE_SETTING), DUE, AtlasModel.PROJECT_OWNER);
        Answer.sweep(testbed);
        testbed.after(Duration.ofHours(2));
        testbed.currentAtAtlas(kept).ifPresent(id -> testbed.atlas.deleteSecret(kept.clientId(), id));
        testbed.after(Duration.ofHours(1)); // a sweep begins one rotation an hour

        Answer.sweep(testbed);

        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void one_that_a_single_value_names_is_said_of_that_one_alone() {
        var kept = account(new Case(Why.DELETED, Named.BY_THE_VALUE), DUE, AtlasModel.PROJECT_OWNER);
        var other = testbed.account("prod/other", DUE);

        var answer = Answer.sweep(testbed);

        isRotated(kept);
        isRotated(other);
        assertThat(answer.told(other)).doesNotContain(ADMIN);
    }

    @Test
    void one_that_atlas_rejects_is_reported_and_the_account_acts_for_itself() {
        var kept = testbed.account("prod/atlas", DUE);
        testbed.tagged(kept, Testbed.TAG, kept.clientId());
        var key = testbed.adminKey(ADMIN);
        testbed.setting("ADMIN_SECRET_ID", ADMIN);
        testbed.atlas.deleteApiKey(key.id());

        var answer = Answer.sweep(testbed);

        isRotated(kept);
        assertThat(answer.codes(kept)).contains("ADMIN_CREDENTIAL_UNAVAILABLE");
        assertThat(answer.told(kept)).contains("the account acts for itself");
    }

    @Test
    void one_that_is_meant_for_other_projects_is_no_finding_of_this_account() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        testbed.tagged(kept, Testbed.TAG, kept.clientId());
        var elsewhere = new AtlasScope.Project(testbed.atlas.addProject(testbed.organization()));
        var key = testbed.atlas.addApiKey(elsewhere, AtlasModel.PROJECT_OWNER);
        testbed.secretsManager.seed(
                ADMIN, Json.text(Map.of("publicKey", key.id(), "privateKey", key.value())), Map.of());
        testbed.setting("ADMIN_SECRET_ID", ADMIN);

        var answer = Answer.sweep(testbed);

        assertThat(answer.state(kept)).isEqualTo("fresh");
        assertThat(answer.codes(kept)).isEmpty();
    }

    private static String severity(Answer answer, ManagedSecret kept) {
        return ReportEntry.maps(answer.of(kept).get("findings"))
                .filter(one -> "ADMIN_CREDENTIAL_UNAVAILABLE".equals(one.get("code")))
                .map(one -> String.valueOf(one.get("severity")))
                .findFirst()
                .orElse("no such finding in " + answer);
    }

    @Test
    void how_urgent_it_is_atlas_says_and_not_an_end_that_is_recorded_of_another_secret() {
        var kept = testbed.account("prod/atlas", DUE);
        Answer.rotate(testbed, kept); // records when the new one expires
        testbed.after(Duration.ofDays(25));
        testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());
        testbed.pastedNew(kept);
        testbed.after(Duration.ofDays(60)); // a month left of the new one, none of what is recorded
        testbed.setting("ADMIN_SECRET_ID", "admin/gone");

        assertThat(severity(Answer.status(testbed), kept)).isEqualTo("warning");
    }

    @Test
    void below_the_margin_it_is_critical_also_where_no_end_is_recorded() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(84));
        testbed.setting("ADMIN_SECRET_ID", "admin/gone");

        assertThat(severity(Answer.status(testbed), kept)).isEqualTo("critical");
    }

    // ---- the account cannot act for itself

    @ParameterizedTest
    @MethodSource("cases")
    void an_account_that_may_not_manage_itself_is_told_of_both(Case one) {
        var kept = account(one, DUE, AtlasModel.PROJECT_READ_ONLY);

        var told = Answer.sweep(testbed).told(kept);

        assertThat(told).contains(ADMIN, "403");
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id());
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void an_account_whose_value_does_not_work_is_told_of_both(Case one) {
        var kept = account(one, DUE, AtlasModel.PROJECT_OWNER);
        testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());

        for (var told : List.of(
                Answer.sweep(testbed).told(kept), Answer.rotate(testbed, kept).told(kept), stepFails(kept))) {
            assertThat(told).contains(ADMIN, "AWSCURRENT");
        }
    }

    private String stepFails(ManagedSecret kept) {
        var token = testbed.begin(kept);
        return testbed.failure("createSecret", kept, token).getMessage();
    }
}
