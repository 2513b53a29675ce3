package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Fault.Moment;
import dev.atlasrotator.simulator.Faults;
import dev.atlasrotator.simulator.atlas.AtlasErrors;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasRules.AccessList;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Breaking;
import dev.atlasrotator.testbed.ReportEntry;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Before the first rotation: which accounts will rotate, and what keeps the others from it. */
class CheckTest {
    private static final Duration YOUNG = Duration.ofDays(3);
    private static final String OTHER_FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:other";

    private final Testbed testbed = new Testbed();

    /** An account as people have it, whether it will rotate, and the one finding that says why not. */
    record Scene(String name, boolean ready, String code, Function<Testbed, ManagedSecret> setUp) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** An account of a project, whose organization allows secrets for so many hours; its value does not name it. */
    private static ManagedSecret inOrganization(Testbed bed, int hoursMax) {
        var project = new AtlasScope.Project(bed.atlas.addProject(bed.atlas.addOrganization(hoursMax)));
        return bed.account(
                "a",
                project,
                AtlasModel.PROJECT_OWNER,
                YOUNG,
                "true",
                (id, first) -> Testbed.value(project, id, first));
    }

    static List<Scene> scenes() {
        return List.of(
                new Scene("healthy", true, "", bed -> bed.account("a", YOUNG)),
                new Scene("ip access list", false, "IP_ACCESS_LIST", bed -> {
                    bed.atlas.rules(rules -> rules.accessList(AccessList.REFUSES_ADDRESS));
                    return bed.account("a", YOUNG);
                }),
                new Scene("no access list yet", false, "IP_ACCESS_LIST", bed -> {
                    bed.atlas.rules(rules -> rules.accessList(AccessList.MISSING));
                    return bed.account("a", YOUNG);
                }),
                new Scene(
                        "role missing",
                        false,
                        "ROLE_MISSING",
                        bed -> bed.account("a", YOUNG, AtlasModel.PROJECT_READ_ONLY, true)),
                new Scene("organization maximum lower", false, "LIFETIME_REFUSED", bed -> {
                    var organization = bed.atlas.addOrganization(720);
                    var clientId = bed.atlas.addServiceAccount(
                            new AtlasScope.Organization(organization), AtlasModel.ORG_OWNER);
                    var first = bed.atlas.secretFromThePast(
                            clientId, bed.time.instant().minus(YOUNG), 720);
                    return bed.keep(
                            "a",
                            first,
                            Map.of("clientId", clientId, "clientSecret", first.value(), "orgId", organization),
                            Map.of(Testbed.TAG, "true"));
                }),
                new Scene(
                        "organization maximum lower, the organization not named",
                        false,
                        "LIFETIME_REFUSED",
                        bed -> inOrganization(bed, 720)),
                new Scene("organization maximum as long as the lifetime", true, "", bed -> inOrganization(bed, 2160)),
                new Scene("organization not readable", true, "NOT_CHECKED", bed -> {
                    bed.faults(forbidden("readProject"));
                    return bed.account("a", YOUNG);
                }),
                new Scene("organization's settings not readable", true, "NOT_CHECKED", bed -> {
                    bed.faults(forbidden("readSettings"));
                    return bed.account("a", YOUNG);
                }),
                new Scene("attached to this function", true, "ROTATES_BY_SECRETS_MANAGER", bed -> {
                    var kept = bed.account("a", YOUNG);
                    bed.secretsManager.configureRotation(kept.arn(), Testbed.FUNCTION);
                    return kept;
                }),
                new Scene("foreign secret", false, "FOREIGN_SECRET", bed -> {
                    var kept = bed.account("a", YOUNG);
                    bed.after(Duration.ofHours(1));
                    bed.atlas.signIn(
                            kept.clientId(),
                            bed.atlas.createSecret(kept.clientId(), 2160).value());
                    return kept;
                }),
                new Scene("wrong value", false, "CREDENTIAL_REJECTED", bed -> {
                    var other = bed.account("b", YOUNG);
                    var wrong = bed.value(other, "AWSCURRENT");
                    bed.secretsManager.call("DeleteSecret", Map.of("SecretId", other.arn()));
                    wrong.put("clientSecret", "mdb_sa_sk_" + "0".repeat(40));
                    return bed.keep("a", other.first(), wrong, Map.of(Testbed.TAG, "true"));
                }),
                new Scene("white space in an id", false, "WHITESPACE_IN_SECRET", bed -> {
                    var kept = bed.account("a", YOUNG);
                    bed.changedByHand(kept, Map.of("clientId", kept.clientId() + "\n"));
                    return kept;
                }),
                new Scene("stale id", true, "", bed -> {
                    var kept = bed.account("a", YOUNG);
                    bed.pastedNew(kept);
                    bed.atlas.deleteSecret(kept.clientId(), kept.first().id());
                    return kept;
                }),
                new Scene("attached to another", false, "OWNED_ELSEWHERE", bed -> {
                    var kept = bed.account("a", YOUNG);
                    bed.secretsManager.configureRotation(kept.arn(), OTHER_FUNCTION);
                    return kept;
                }),
                new Scene("managed by aws", false, "OWNED_ELSEWHERE", bed -> {
                    var kept = bed.account("a", YOUNG);
                    bed.secretsManager.markType(kept.arn(), "MongoDBAtlasServiceAccount");
                    return kept;
                }),
                new Scene("replica", false, "OWNED_ELSEWHERE", bed -> {
                    var kept = bed.account("a", YOUNG);
                    bed.secretsManager.markPrimaryRegion(kept.arn(), "us-east-1");
                    return kept;
                }),
                new Scene("not tagged", false, "NOT_TAGGED", bed -> {
                    var kept = bed.account("tagged", YOUNG);
                    bed.secretsManager.call("DeleteSecret", Map.of("SecretId", kept.arn()));
                    return bed.keep("a", kept.first(), bed.value(kept, "AWSCURRENT"), Map.of());
                }),
                new Scene("two stored secrets", true, "SHARED_ACCOUNT", bed -> {
                    var kept = bed.account("a", YOUNG);
                    bed.keep("b", kept.first(), bed.value(kept, "AWSCURRENT"), Map.of(Testbed.TAG, "true"));
                    return kept;
                }),
                new Scene("admin credential unreadable", true, "ADMIN_CREDENTIAL_UNAVAILABLE", bed -> {
                    bed.setting("ADMIN_SECRET_ID", "admin/gone");
                    return bed.account("a", YOUNG);
                }),
                new Scene("about to expire", true, "EXPIRING", bed -> bed.account("a", Duration.ofDays(85))),
                new Scene("a value for nobodys keys", false, "VALUE_MALFORMED", bed -> {
                    var value = Map.of("user", "mdb_sa_id_" + "0".repeat(24), "password", "p");
                    var arn = bed.secretsManager.seed("a", Json.text(value), Map.of(Testbed.TAG, "true"));
                    return new ManagedSecret(
                            arn,
                            "a",
                            "",
                            bed.atlas.createSecret(bed.account("other", YOUNG).clientId(), 2160));
                }));
    }

    private static Faults forbidden(String operation) {
        return Breaking.every(
                operation, call -> AtlasErrors.api(Moment.BEFORE_EFFECT, 403, "USER_UNAUTHORIZED", "Not allowed."));
    }

    @ParameterizedTest
    @MethodSource("scenes")
    void each_account_has_the_finding_that_fits_and_no_other(Scene scene) {
        var kept = scene.setUp.apply(testbed);
        var before = Answer.changes(testbed);

        var entry = check(kept);

        assertThat(new ReportEntry(entry).codes())
                .containsExactlyElementsOf(scene.code.isEmpty() ? List.of() : List.of(scene.code));
        assertThat(entry.get("ready")).isEqualTo(scene.ready);
        assertThat(Answer.changes(testbed)).isEqualTo(before);
    }

    /** As one of the fleet; one that is not in it must be named. */
    private Map<String, Object> check(ManagedSecret kept) {
        boolean isTagged = testbed.secretsManager.tag(kept.arn(), Testbed.TAG).isPresent();
        var named = isTagged ? "" : ",\"secretIds\":[\"" + kept.arn() + "\"]";
        return Answer.to(testbed, "{\"action\":\"check\"" + named + "}").of(kept);
    }

    @Test
    void it_says_what_the_next_rotation_does_and_when() {
        var kept = testbed.account("prod/atlas", YOUNG);

        assertThat(check(kept).get("next"))
                .isEqualTo(Map.of("what", "create a secret for 2160 hours", "at", "2026-06-28T08:00:00Z"));
    }

    @Test
    void it_says_when_a_rotation_that_must_wait_can_begin() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(30));
        Answer.rotate(testbed, kept);

        var entry = check(kept);

        assertThat(entry).containsEntry("ready", true);
        assertThat(entry.get("next")).asString().contains("nothing: SECRET_WITHIN_OVERLAP", "2026-06-02T08:00");
    }

    @Test
    void it_says_who_can_read_the_value_and_what_reading_cannot_tell() {
        var kept = testbed.account("prod/atlas", YOUNG);
        testbed.changedByHand(
                kept,
                Map.of(
                        "client_id",
                        kept.clientId(),
                        "client_secret",
                        kept.first().value()));

        var entry = check(kept);

        assertThat(entry.get("readers"))
                .isEqualTo(List.of("code that reads clientId and clientSecret", "Terraform's Atlas provider"));
        assertThat(entry.get("notChecked"))
                .isEqualTo(List.of("permission to store a new value", "permission to encrypt with the KMS key"));
    }

    @Test
    void what_atlas_does_not_let_be_read_is_listed_beside_what_no_reading_tells() {
        testbed.faults(forbidden("readSettings"));

        assertThat(check(testbed.account("prod/atlas", YOUNG)).get("notChecked"))
                .isEqualTo(List.of(
                        "permission to store a new value",
                        "permission to encrypt with the KMS key",
                        "the organization's longest lifetime of a secret"));
    }

    @Test
    void roles_that_atlas_does_not_tell_are_not_missing_and_are_listed_as_not_checked() {
        var kept = testbed.account("prod/atlas", YOUNG);
        var secret = testbed.atAtlas(kept).getFirst();
        var shown = Map.of(
                "id", secret.id(),
                "createdAt", secret.createdAt().toString(),
                "expiresAt", secret.expiresAt().toString());
        var body = Json.text(Map.of("clientId", kept.clientId(), "secrets", List.of(shown)));
        var json = Map.of("content-type", "application/json");
        testbed.faults(Breaking.every("readAccount", call -> new Fault.Answer(Moment.BEFORE_EFFECT, 200, json, body)));

        var entry = check(kept);

        assertThat(new ReportEntry(entry).codes()).doesNotContain("ROLE_MISSING");
        assertThat(entry).containsEntry("ready", true);
        assertThat(String.valueOf(entry.get("notChecked"))).contains("the account's own roles");
    }

    @Test
    void what_an_admin_credential_may_do_is_listed_as_not_checked() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(31));
        var key = testbed.atlas.addApiKey(testbed.project(), AtlasModel.PROJECT_READ_ONLY);
        testbed.secretsManager.seed(
                "admin/atlas", Json.text(Map.of("publicKey", key.id(), "privateKey", key.value())), Map.of());
        testbed.setting("ADMIN_SECRET_ID", "admin/atlas");

        var entry = check(kept);

        assertThat(Answer.sweep(testbed).codes(kept)).contains("CREATE_REFUSED");
        assertThat(String.valueOf(entry.get("notChecked")))
                .contains("permission of the admin credential to create and delete secrets");
    }

    @Test
    void what_one_account_may_not_read_another_of_its_organization_may() {
        testbed.setting("SWEEP_CONCURRENCY", "1");
        var one = testbed.account("a", YOUNG);
        var other = testbed.organizationAccount("b", YOUNG);
        testbed.faults(Breaking.once(
                1,
                "readSettings",
                call -> AtlasErrors.api(Moment.BEFORE_EFFECT, 403, "USER_UNAUTHORIZED", "Not allowed.")));

        var answer = Answer.to(testbed, "{\"action\":\"check\"}");

        assertThat(List.of(one, other))
                .filteredOn(kept -> answer.codes(kept).contains("NOT_CHECKED"))
                .hasSize(1);
    }

    @Test
    void of_the_whole_fleet_each_account_is_checked_and_an_organizations_settings_are_read_once() {
        testbed.organizationAccount("a", YOUNG);
        testbed.organizationAccount("b", YOUNG);

        var answer = Answer.to(testbed, "{\"action\":\"check\"}");

        assertThat(answer.json()).containsEntry("action", "check").containsEntry("checked", 2);
        assertThat(calls("readSettings")).isEqualTo(1);
    }

    @Test
    void whose_a_project_is_is_asked_once_by_a_check_and_never_by_a_sweep() {
        testbed.account("a", YOUNG);
        testbed.account("b", Duration.ofDays(31));

        Answer.status(testbed);
        Answer.sweep(testbed);
        assertThat(calls("readProject") + calls("readSettings")).isZero();

        Answer.to(testbed, "{\"action\":\"check\"}");
        assertThat(calls("readProject")).isEqualTo(1);
        assertThat(calls("readSettings")).isEqualTo(1);
    }

    private long calls(String operation) {
        return testbed.calls.stream()
                .filter(call -> call.operation().equals(operation))
                .count();
    }

    @Test
    void accounts_that_no_stored_secret_manages_are_discovered_the_next_to_expire_first() {
        var kept = testbed.account("prod/atlas", YOUNG);
        testbed.adminByKey();
        var later = testbed.atlas.addServiceAccount(testbed.project(), AtlasModel.PROJECT_READ_ONLY);
        testbed.atlas.createSecret(later, 2160);
        var sooner = testbed.atlas.addServiceAccount(testbed.project(), AtlasModel.PROJECT_READ_ONLY);
        testbed.atlas.createSecret(sooner, 24);
        var before = Answer.changes(testbed);

        var answer = testbed.answer("{\"action\":\"discover\"}");

        assertThat(ReportEntry.maps(answer.get("unmanaged")).map(one -> String.valueOf(one.get("clientId"))))
                .containsExactly(sooner, later);
        assertThat(ReportEntry.maps(answer.get("unmanaged")).findFirst().map(one -> one.get("secrets")))
                .isEqualTo(Optional.of(1));
        assertThat(answer.toString()).doesNotContain(kept.clientId());
        assertThat(Answer.changes(testbed)).isEqualTo(before);
    }

    @Test
    void a_stored_secret_that_is_attached_and_not_tagged_is_discovered() {
        testbed.account("prod/tagged", YOUNG);
        testbed.adminByKey();
        var other = testbed.account("prod/other", YOUNG);
        var arn = testbed.secretsManager.seed("prod/attached", Json.text(testbed.value(other, "AWSCURRENT")), Map.of());
        testbed.secretsManager.configureRotation(arn, Testbed.FUNCTION);

        assertThat(testbed.answer("{\"action\":\"discover\"}").get("notTagged"))
                .isEqualTo(List.of(Map.of("secretArn", arn, "name", "prod/attached")));
    }

    @Test
    void without_an_admin_credential_nothing_can_be_discovered() {
        testbed.account("prod/atlas", YOUNG);

        assertThat(Testbed.failureOf(() -> testbed.handle("{\"action\":\"discover\"}")))
                .hasMessageStartingWith("CONFIGURATION: To find accounts that nobody manages");
    }
}
