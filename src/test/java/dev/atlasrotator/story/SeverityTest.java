package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.simulator.Faults;
import dev.atlasrotator.simulator.atlas.AtlasRules.AccessList;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerErrors;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Breaking;
import dev.atlasrotator.testbed.ReportEntry;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How grave a failure is: whoever is on call is woken for what locks consumers out, or soon will. */
class SeverityTest {
    private static final Duration YOUNG = Duration.ofDays(3);
    private static final Duration BELOW_MARGIN = Duration.ofDays(84);
    private final Testbed testbed = new Testbed();

    private static String severity(Answer answer, ManagedSecret kept, String code) {
        return ReportEntry.maps(answer.of(kept).get("findings"))
                .filter(one -> code.equals(one.get("code")))
                .map(one -> String.valueOf(one.get("severity")))
                .findFirst()
                .orElse("no " + code + " in " + answer);
    }

    private static Faults denying(String operation, String message) {
        return Breaking.every(operation, call -> SecretsManagerErrors.refusal("AccessDeniedException", message));
    }

    @Test
    void consumers_that_are_locked_out_are_critical_whatever_keeps_the_admin_out() {
        var kept = testbed.account("prod/atlas", YOUNG);
        testbed.administered(kept);
        testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());
        testbed.atlas.rules(rules -> rules.accessList(AccessList.REFUSES_ADDRESS));

        var answer = Answer.sweep(testbed);

        assertThat(answer.state(kept)).isEqualTo("lockedOut");
        assertThat(answer.json()).containsEntry("notify", "critical");
    }

    @Test
    void the_remedy_of_an_access_list_is_not_another_client_secret() {
        var kept = testbed.account("prod/atlas", YOUNG);
        testbed.atlas.rules(rules -> rules.accessList(AccessList.REFUSES_ADDRESS));

        assertThat(Answer.sweep(testbed).told(kept)).doesNotContain("Store a clientSecret that works");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PutSecretValue", "UpdateSecretVersionStage", "RotateSecret"})
    void a_denied_act_below_the_margin_is_critical(String operation) {
        var kept = testbed.account("prod/atlas", BELOW_MARGIN);
        if (operation.equals("RotateSecret")) {
            testbed.rotatedBySecretsManager(kept);
        }
        testbed.faults(denying(operation, "not authorized to perform"));

        assertThat(severity(Answer.sweep(testbed), kept, "SECRETS_MANAGER_DENIED"))
                .isEqualTo("critical");
    }

    @Test
    void a_key_that_is_denied_to_a_store_has_its_own_code() {
        var kept = testbed.account("prod/atlas", BELOW_MARGIN);
        testbed.faults(denying("PutSecretValue", "Access to KMS is not allowed"));

        assertThat(severity(Answer.sweep(testbed), kept, "KMS_DENIED")).isEqualTo("critical");
    }

    @Test
    void what_was_looked_at_is_told_though_no_time_is_left_to_act() {
        testbed.account("prod/atlas", Duration.ofDays(89));

        var text = testbed.handle(
                "{\"action\":\"sweep\",\"scheduled\":\"" + testbed.time.instant() + "\"}", Duration.ofSeconds(100));

        assertThat(text).contains("\"code\":\"EXPIRING\"", "\"notify\":\"critical\"");
    }
}
