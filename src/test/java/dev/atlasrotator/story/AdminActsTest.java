package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Fault.Moment;
import dev.atlasrotator.simulator.atlas.AtlasActor;
import dev.atlasrotator.simulator.atlas.AtlasEvent;
import dev.atlasrotator.simulator.atlas.AtlasEvent.What;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.IssuedCredential;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerErrors;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Breaking;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An admin credential acts for a stored secret only if that secret's own value signs in, or if its
 * tag names the account: promise 9, with rescue and bootstrap.
 */
class AdminActsTest {
    private static final Duration MONTH = Duration.ofDays(30);

    enum Kind {
        API_KEY,
        SERVICE_ACCOUNT
    }

    private final Testbed testbed = new Testbed().setting("ADMIN_SECRET_ID", "admin/atlas");

    private IssuedCredential admin(Kind kind) {
        return switch (kind) {
            case API_KEY -> testbed.adminKey("admin/atlas");
            case SERVICE_ACCOUNT -> testbed.adminAccount("admin/atlas");
        };
    }

    /** A stored secret of an account that may read only, tagged like this. */
    private ManagedSecret kept(String tag, boolean works) {
        return testbed.account(
                "prod/atlas", testbed.project(), AtlasModel.PROJECT_READ_ONLY, MONTH, tag, (id, first) -> {
                    var value = Testbed.value(testbed.project(), id, first);
                    if (!works) {
                        value.put("clientSecret", "mdb_sa_sk_typing_error");
                    }
                    return value;
                });
    }

    private List<AtlasEvent> created(ManagedSecret kept) {
        return testbed.happened(kept, What.SECRET_CREATED).stream()
                .filter(event -> !(event.by() instanceof AtlasActor.Person))
                .toList();
    }

    private boolean adminSignedIn(IssuedCredential admin) {
        return testbed.atlas.ledger().stream()
                .anyMatch(event ->
                        (event.what() == What.TOKEN_MINTED && event.secretId().equals(admin.id()))
                                || event.by().equals(new AtlasActor.ApiKey(admin.id())));
    }

    @ParameterizedTest
    @CsvSource({
        "API_KEY, its client id, true",
        "API_KEY, its client id, false",
        "API_KEY, true, true",
        "SERVICE_ACCOUNT, its client id, true",
        "SERVICE_ACCOUNT, its client id, false",
        "SERVICE_ACCOUNT, true, true"
    })
    void the_tag_or_the_sign_in_allows_the_admin_to_act(Kind kind, String tag, boolean works) {
        var admin = admin(kind);
        var kept = kept(tag, works);

        testbed.rotate(kept, testbed.begin(kept));

        assertThat(testbed.currentWorks(kept)).isTrue();
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2).contains(kept.first().id());
        assertThat(created(kept)).hasSize(1);
        switch (kind) {
            case API_KEY -> assertThat(created(kept).getFirst().by()).isEqualTo(new AtlasActor.ApiKey(admin.id()));
            case SERVICE_ACCOUNT ->
                assertThat(created(kept).getFirst().by())
                        .isInstanceOfSatisfying(
                                AtlasActor.ServiceAccount.class,
                                by -> assertThat(by.secretId()).isEqualTo(admin.id()));
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void neither_tag_nor_sign_in_leaves_the_admin_out_of_it_until_what_the_error_advises_is_done(Kind kind) {
        var admin = admin(kind);
        var kept = kept("true", false);
        var token = testbed.begin(kept);

        assertThat(testbed.failure("createSecret", kept, token))
                .isInstanceOf(RotatorException.Credential.class)
                .hasMessageContainingAll(
                        "the admin credential may not act",
                        "set the value of this secret's management tag to " + kept.clientId());
        assertThat(created(kept)).isEmpty();
        assertThat(adminSignedIn(admin)).isFalse();

        testbed.tagged(kept, Testbed.TAG, kept.clientId());
        testbed.rotate(kept, token);
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"step", "rotate", "revoke", "sweep"})
    void whoever_may_write_one_stored_secret_gets_nothing_of_another_account(String way) {
        testbed.adminKey("admin/atlas");
        var victim = testbed.account("victim", MONTH);
        var attackers = testbed.account("attackers", Duration.ofDays(1));
        // Their own stored secret, with the victim's account in it and all that they know.
        testbed.storedByHand(
                attackers,
                Map.of(
                        "clientId",
                        victim.clientId(),
                        "clientSecret",
                        attackers.first().value(),
                        "groupId",
                        testbed.project().id(),
                        "secretId",
                        victim.first().id(),
                        "adminSecretArn",
                        "admin/atlas"),
                "AWSCURRENT");
        var before = testbed.atAtlas(victim);
        var eventsBefore = testbed.happened(victim, What.SECRET_CREATED).size();

        switch (way) {
            case "step" -> {
                var token = testbed.begin(attackers);
                testbed.failure("createSecret", attackers, token);
            }
            case "rotate" ->
                assertThat(Testbed.failed(testbed.answer("{\"action\":\"rotate\",\"secretId\":\"attackers\"}")))
                        .hasSize(1);
            case "revoke" ->
                assertThat(Testbed.failed(testbed.answer(
                                "{\"action\":\"rotate\",\"secretId\":\"attackers\",\"revokeOld\":true}")))
                        .hasSize(1);
            default -> testbed.answer("{\"action\":\"sweep\",\"secretIds\":[\"" + attackers.arn() + "\"]}");
        }

        assertThat(testbed.atAtlas(victim)).isEqualTo(before);
        assertThat(testbed.happened(victim, What.SECRET_CREATED)).hasSize(eventsBefore);
        assertThat(testbed.happened(victim, What.SECRET_DELETED)).isEmpty();
        assertThat(testbed.secretsManager
                        .valueUnder(attackers.arn(), "AWSCURRENT")
                        .orElseThrow())
                .doesNotContain(victim.first().value());
    }

    @Test
    void an_old_value_of_the_victims_account_under_previous_opens_nothing_for_the_admin() {
        var admin = testbed.adminKey("admin/atlas");
        var victim = testbed.account("victim", MONTH);
        var attackers = testbed.account("attackers", MONTH);
        testbed.storedByHand(
                attackers,
                Map.of(
                        "clientId",
                        victim.clientId(),
                        "groupId",
                        testbed.project().id()),
                "AWSCURRENT");
        var token = testbed.begin(attackers);

        assertThat(testbed.failure("createSecret", attackers, token)).isInstanceOf(RotatorException.Credential.class);
        assertThat(adminSignedIn(admin)).isFalse();
        assertThat(testbed.idsAtAtlas(victim)).containsExactly(victim.first().id());
    }

    // ---- rescue and bootstrap

    /** A stored secret that names its account and holds no credential, of an account without a secret. */
    private static ManagedSecret withoutCredential(Testbed testbed, String role) {
        var kept = testbed.account(
                "prod/new",
                testbed.project(),
                role,
                MONTH,
                Testbed.ITS_CLIENT_ID,
                (id, first) ->
                        Map.of("clientId", id, "groupId", testbed.project().id()));
        testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());
        return kept;
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_stored_secret_may_begin_without_a_credential(Kind kind) {
        admin(kind);
        var kept = withoutCredential(testbed, AtlasModel.PROJECT_READ_ONLY);

        testbed.rotate(kept, testbed.begin(kept));

        assertThat(testbed.currentWorks(kept)).isTrue();
        assertThat(testbed.idsAtAtlas(kept)).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_stored_secret_whose_secret_was_deleted_is_rescued(Kind kind) {
        admin(kind);
        var kept = kept(Testbed.ITS_CLIENT_ID, true);
        testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());

        testbed.rotate(kept, testbed.begin(kept));

        assertThat(testbed.currentWorks(kept)).isTrue();
        assertThat(testbed.idsAtAtlas(kept)).hasSize(1);
    }

    @Test
    void an_expired_current_secret_is_taken_away_and_replaced() {
        testbed.adminKey("admin/atlas");
        var kept = kept(Testbed.ITS_CLIENT_ID, true);
        testbed.after(Duration.ofDays(61));

        testbed.rotate(kept, testbed.begin(kept));

        assertThat(testbed.currentWorks(kept)).isTrue();
        assertThat(testbed.idsAtAtlas(kept))
                .hasSize(1)
                .doesNotContain(kept.first().id());
    }

    @Test
    void a_bootstrap_without_an_admin_fails() {
        var alone = new Testbed();
        var kept = withoutCredential(alone, AtlasModel.PROJECT_OWNER);

        assertThat(alone.failure("createSecret", kept, alone.begin(kept)))
                .isInstanceOf(RotatorException.Credential.class)
                .hasMessageContainingAll("AWSCURRENT holds no clientSecret", "configure an admin credential");
    }

    @Test
    void a_rescue_deletes_neither_of_two_secrets_that_it_does_not_know() {
        testbed.adminKey("admin/atlas");
        var kept = kept(Testbed.ITS_CLIENT_ID, false);
        testbed.changedByHand(kept, Map.of("secretId", "0123456789abcdef01234567"));
        var second = testbed.atlas.secretFromThePast(kept.clientId(), Testbed.START.minusSeconds(600), 2160);
        var token = testbed.begin(kept);

        assertThat(testbed.failure("createSecret", kept, token)).isInstanceOf(RotatorException.Refused.class);
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id(), second.id());
    }

    // ---- which credential

    @Test
    void adminSecretArn_in_the_value_goes_before_the_setting() {
        testbed.secretsManager.seed("admin/atlas", "{\"publicKey\":\"wrong\",\"privateKey\":\"wrong\"}", Map.of());
        var right = testbed.adminKey("admin/of-this-one");
        var kept = kept("true", true);
        testbed.changedByHand(kept, Map.of("adminSecretArn", "admin/of-this-one"));

        testbed.rotate(kept, testbed.begin(kept));

        assertThat(created(kept).getFirst().by()).isEqualTo(new AtlasActor.ApiKey(right.id()));
        assertThat(testbed.stored(kept, "AWSCURRENT", "adminSecretArn")).hasValue("admin/of-this-one");
    }

    @Test
    void an_admin_credential_that_was_rotated_since_it_was_read_is_read_again() {
        var old = testbed.adminKey("admin/atlas");
        var kept = kept(Testbed.ITS_CLIENT_ID, true);
        testbed.rotate(kept, testbed.begin(kept));
        testbed.after(Duration.ofMinutes(2));
        testbed.atlas.deleteApiKey(old.id());
        var fresh = testbed.atlas.addApiKey(testbed.project(), AtlasModel.PROJECT_OWNER);
        var admin = new ManagedSecret("admin/atlas", "admin/atlas", "", fresh);
        testbed.storedByHand(admin, Map.of("PublicKey", fresh.id(), "PrivateKey", fresh.value()), "AWSCURRENT");

        assertThat(testbed.failure("createSecret", kept, testbed.begin(kept)))
                .isInstanceOf(RotatorException.Refused.class)
                .hasMessageContaining("is kept for its overlap");
    }

    @Test
    void an_admin_that_is_not_accepted_leaves_it_to_the_account_itself() {
        testbed.secretsManager.seed("admin/atlas", "{\"publicKey\":\"nobody\",\"privateKey\":\"nothing\"}", Map.of());
        var kept = testbed.account("prod/own", MONTH);

        testbed.rotate(kept, testbed.begin(kept));

        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void a_rescue_whose_answer_is_lost_says_nothing_of_a_secret_in_use() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        testbed.administered(kept);
        testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());
        testbed.after(Duration.ofHours(2));
        // The first call of an API key's is the challenge.
        testbed.faults(Breaking.once(2, "createSecret", call -> new Fault.Close(Moment.AFTER_EFFECT)));

        var told = Answer.rotate(testbed, kept).told(kept);

        assertThat(testbed.currentWorks(kept)).isFalse();
        assertThat(told).contains("was lost").doesNotContain("goes on working", "keeps working", "seven days");
    }

    @Test
    void a_first_secret_that_could_not_be_stored_has_shortened_the_lifetime_of_no_other() {
        var id = testbed.atlas.addServiceAccount(testbed.project(), AtlasModel.PROJECT_OWNER);
        var value = Map.<String, Object>of(
                "clientId", id, "groupId", testbed.project().id());
        var kept = testbed.keep("prod/new", null, value, Map.of(Testbed.TAG, id));
        testbed.administered(kept);
        testbed.faults(Breaking.once(
                2, "PutSecretValue", call -> SecretsManagerErrors.refusal("LimitExceededException", "too many")));

        assertThat(Answer.sweep(testbed).told(kept))
                .contains("could not be stored", "Rotate again")
                .doesNotContain("the secret in use");
    }
}
