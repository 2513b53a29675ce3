package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Death;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A value with a project and an organization, as where an application keeps its own project beside
 * the account's orgId. The project counts; where Atlas has no such account there, the organization
 * is asked before anything is said to be wrong.
 */
class FoundScopeTest {
    private static final Duration DUE = Duration.ofDays(31);

    private final Testbed testbed = new Testbed();

    /** How the value names both. */
    enum Keys {
        CAMEL_CASE("groupId", "orgId"),
        PROJECT_ID("projectId", "orgId"),
        SNAKE_CASE("project_id", "org_id");

        final String project;
        final String organization;

        Keys(String project, String organization) {
            this.project = project;
            this.organization = organization;
        }
    }

    private ManagedSecret ofTheOrganization(Keys keys, String projectId, Duration age) {
        var organization = new AtlasScope.Organization(testbed.organization());
        return kept(organization, AtlasModel.ORG_OWNER, keys, projectId, age);
    }

    private ManagedSecret kept(AtlasScope scope, String role, Keys keys, String projectId, Duration age) {
        return testbed.account("prod/atlas", scope, role, age, "true", (id, first) -> {
            boolean snake = keys == Keys.SNAKE_CASE;
            return Map.of(
                    snake ? "client_id" : "clientId",
                    id,
                    snake ? "client_secret" : "clientSecret",
                    first.value(),
                    snake ? "secret_id" : "secretId",
                    first.id(),
                    keys.project,
                    projectId,
                    keys.organization,
                    testbed.organization());
        });
    }

    private void theReportShowsTheOrganization(Answer answer, ManagedSecret kept) {
        assertThat(answer.failed()).isEmpty();
        assertThat(answer.of(kept))
                .containsEntry("orgId", testbed.organization())
                .doesNotContainKey("groupId");
    }

    private void isRotated(ManagedSecret kept) {
        assertThat(testbed.current(kept)).isNotEqualTo(kept.first().id());
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2);
    }

    // ---- the account is the organization's

    @ParameterizedTest
    @EnumSource(Keys.class)
    void a_sweep_rotates_it_and_the_report_shows_the_scope_that_was_found(Keys keys) {
        var kept = ofTheOrganization(keys, testbed.project().id(), DUE);

        theReportShowsTheOrganization(Answer.sweep(testbed), kept);

        isRotated(kept);
        assertThat(testbed.value(kept, "AWSCURRENT"))
                .containsEntry(keys.project, testbed.project().id())
                .containsEntry(keys.organization, testbed.organization());
        var status = Answer.status(testbed);
        theReportShowsTheOrganization(status, kept);
        assertThat(status.state(kept)).isEqualTo("overlap");
    }

    @ParameterizedTest
    @EnumSource(Keys.class)
    void the_steps_rotate_it_and_may_come_twice(Keys keys) {
        var kept = ofTheOrganization(keys, testbed.project().id(), DUE);
        var token = testbed.begin(kept);
        testbed.step("createSecret", kept, token);
        var made = testbed.stored(kept, "AWSPENDING", "clientSecret");

        testbed.rotate(kept, token);
        testbed.rotate(kept, token);

        isRotated(kept);
        assertThat(testbed.stored(kept, "AWSCURRENT", "clientSecret")).isEqualTo(made);
    }

    @Test
    void a_rotation_that_died_before_its_promotion_is_resumed() {
        var kept = ofTheOrganization(Keys.CAMEL_CASE, testbed.project().id(), DUE);
        testbed.after(Duration.ofHours(1));
        Death.after(testbed, "PutSecretValue", 2, () -> Answer.sweep(testbed));
        testbed.after(Duration.ofMinutes(20));

        assertThat(Answer.sweep(testbed).actions(kept)).contains("resumed");
        isRotated(kept);
    }

    @Test
    void the_value_before_authenticates_where_the_one_in_use_was_deleted_by_hand() {
        var kept = ofTheOrganization(Keys.CAMEL_CASE, testbed.project().id(), DUE);
        Answer.sweep(testbed);
        testbed.after(Duration.ofHours(2));
        testbed.currentAtAtlas(kept).ifPresent(id -> testbed.atlas.deleteSecret(kept.clientId(), id));
        testbed.after(Duration.ofHours(1)); // a sweep begins one rotation an hour

        Answer.sweep(testbed);

        isRotated(kept);
    }

    @Test
    void the_way_of_the_old_secret_to_its_end_is_the_same() {
        var kept = ofTheOrganization(Keys.CAMEL_CASE, testbed.project().id(), DUE);
        Answer.sweep(testbed);
        testbed.after(Duration.ofHours(25));

        assertThat(Answer.sweep(testbed).actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (superseded)");
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void a_revocation_deletes_there() {
        var kept = ofTheOrganization(Keys.CAMEL_CASE, testbed.project().id(), DUE);

        assertThat(Answer.revoke(testbed, kept).failed()).isEmpty();

        assertThat(testbed.idsAtAtlas(kept))
                .containsExactly(testbed.currentAtAtlas(kept).orElseThrow())
                .doesNotContain(kept.first().id());
    }

    @Test
    void a_project_that_is_gone_is_no_hindrance() {
        var kept = ofTheOrganization(Keys.CAMEL_CASE, "66ffffffffffffffffffffff", DUE);

        theReportShowsTheOrganization(Answer.sweep(testbed), kept);

        isRotated(kept);
    }

    @Test
    void asking_there_is_one_call_more_and_later_calls_go_where_it_was_found() {
        var plain = testbed.organizationAccount("prod/plain", DUE);
        int plainReads = reads(() -> testbed.step("createSecret", plain, testbed.begin(plain)));
        var kept = ofTheOrganization(Keys.CAMEL_CASE, testbed.project().id(), DUE);

        int reads = reads(() -> testbed.step("createSecret", kept, testbed.begin(kept)));

        assertThat(reads).isEqualTo(plainReads + 1);
        assertThat(testbed.atlas.calls()).containsEntry("createSecret", 2);
    }

    private int reads(Runnable work) {
        int before = testbed.atlas.calls().getOrDefault("readAccount", 0);
        work.run();
        return testbed.atlas.calls().get("readAccount") - before;
    }

    // ---- by an admin credential, which lists accounts

    /** An API key of the organization, which may act for these since their tags say so. */
    private void administered(ManagedSecret... all) {
        var key = testbed.atlas.addApiKey(new AtlasScope.Organization(testbed.organization()), AtlasModel.ORG_OWNER);
        testbed.secretsManager.seed(
                "admin/atlas", Json.text(Map.of("publicKey", key.id(), "privateKey", key.value())), Map.of());
        testbed.setting("ADMIN_SECRET_ID", "admin/atlas");
        for (ManagedSecret kept : all) {
            testbed.tagged(kept, Testbed.TAG, kept.clientId());
        }
    }

    @ParameterizedTest
    @EnumSource(Keys.class)
    void the_list_of_the_project_lacks_it_and_it_is_found_all_the_same(Keys keys) {
        var kept = ofTheOrganization(keys, testbed.project().id(), DUE);
        var neighbour = testbed.account("prod/neighbour", Duration.ofDays(3));
        administered(kept);

        var answer = Answer.sweep(testbed);

        theReportShowsTheOrganization(answer, kept);
        isRotated(kept);
        assertThat(answer.of(neighbour))
                .containsEntry("groupId", testbed.project().id());
        theReportShowsTheOrganization(Answer.status(testbed), kept);
    }

    @Test
    void the_admin_credential_rescues_it_there() {
        var kept = ofTheOrganization(Keys.CAMEL_CASE, testbed.project().id(), Duration.ofDays(3));
        administered(kept);
        testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());

        var answer = Answer.sweep(testbed);

        assertThat(answer.failed()).isEmpty();
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    // ---- the account is the project's, or nobody's

    @Test
    void an_account_of_the_project_is_looked_for_nowhere_else() {
        var kept = kept(
                testbed.project(),
                AtlasModel.PROJECT_OWNER,
                Keys.CAMEL_CASE,
                testbed.project().id(),
                DUE);

        var answer = Answer.sweep(testbed);

        assertThat(answer.of(kept))
                .containsEntry("groupId", testbed.project().id())
                .doesNotContainKey("orgId");
        isRotated(kept);
    }

    @Test
    void where_neither_has_it_both_are_named() {
        var elsewhere = testbed.atlas.addOrganization();
        var kept = ofTheOrganization(Keys.CAMEL_CASE, testbed.project().id(), DUE);
        testbed.changedByHand(kept, Map.of("orgId", elsewhere));

        for (var answer : List.of(Answer.sweep(testbed), Answer.status(testbed))) {
            assertThat(answer.told(kept)).contains(testbed.project().id(), elsewhere);
        }
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id());
    }

    @Test
    void an_applications_own_atlas_project_beside_the_accounts_project() {
        var kept =
                testbed.account("prod/atlas", testbed.project(), AtlasModel.PROJECT_OWNER, DUE, "true", (id, one) -> {
                    var value = Testbed.value(testbed.project(), id, one);
                    value.put("projectId", value.put("groupId", testbed.atlas.addProject(testbed.organization())));
                    return value;
                });

        var answer = Answer.sweep(testbed);

        assertThat(answer.failed()).isEmpty();
        assertThat(answer.of(kept)).containsEntry("groupId", testbed.project().id());
        isRotated(kept);
    }

    @ParameterizedTest
    @ValueSource(strings = {"my-gcp-project", "42"})
    void an_applications_own_project_beside_the_accounts_organization(String projectId) {
        var organization = new AtlasScope.Organization(testbed.organization());
        var kept = testbed.account("prod/atlas", organization, AtlasModel.ORG_OWNER, DUE, "true", (id, one) -> {
            var value = Testbed.value(organization, id, one);
            value.put("projectId", projectId);
            return value;
        });

        assertThat(Answer.sweep(testbed).failure(kept)).isEmpty();
    }

    @Test
    void an_applications_own_organization_beside_the_accounts_project_may_be_a_number() {
        var kept =
                testbed.account("prod/atlas", testbed.project(), AtlasModel.PROJECT_OWNER, DUE, "true", (id, one) -> {
                    var value = Testbed.value(testbed.project(), id, one);
                    value.put("orgId", 42);
                    return value;
                });

        assertThat(Answer.sweep(testbed).failure(kept)).isEmpty();
    }
}
