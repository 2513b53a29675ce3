package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.simulator.atlas.AtlasEvent;
import dev.atlasrotator.simulator.atlas.AtlasEvent.What;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.testbed.Answer;
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
 * {"action":"rotate","revokeOld":true} comes twice: command lines and SDKs repeat a call whose
 * answer takes long (aws-cli 2657, boto3 883). What consumers have just been given is not revoked
 * by that.
 */
class RevocationAgainTest {
    private final Testbed testbed = new Testbed();

    private static ManagedSecret due(Testbed testbed, boolean bySecretsManager) {
        var kept = testbed.account("prod/atlas", Duration.ofDays(30));
        if (bySecretsManager) {
            testbed.rotatedBySecretsManager(kept);
        }
        return kept;
    }

    private static List<String> made(Testbed testbed, ManagedSecret kept) {
        return testbed.happened(kept, What.SECRET_CREATED).stream()
                .filter(event -> event.at().isAfter(Testbed.START.minusSeconds(1)))
                .map(AtlasEvent::secretId)
                .toList();
    }

    /** It makes nothing, leaves what is in use, and says that this one was not revoked. */
    private void revokesOnlyWhatIsSuperseded(ManagedSecret kept) {
        var inUse = testbed.current(kept);
        var made = made(testbed, kept);

        var answer = Answer.revoke(testbed, kept);

        assertThat(made(testbed, kept)).isEqualTo(made);
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(inUse);
        assertThat(testbed.current(kept)).isEqualTo(inUse);
        assertThat(answer.told(kept)).contains(inUse);
    }

    // ---- twice

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_revocation_that_comes_again_makes_nothing_anew_and_names_what_was_not_revoked(boolean bySecretsManager) {
        var kept = due(testbed, bySecretsManager);
        Answer.revoke(testbed, kept);
        assertThat(testbed.idsAtAtlas(kept))
                .hasSize(1)
                .doesNotContain(kept.first().id());

        for (int minutes : new int[] {0, 1, 1, 20, 30}) {
            testbed.after(Duration.ofMinutes(minutes));
            revokesOnlyWhatIsSuperseded(kept);
        }
    }

    @Test
    void an_hour_after_the_secret_in_use_was_made_it_is_another_leak() {
        var kept = due(testbed, false);
        Answer.revoke(testbed, kept);
        var second = testbed.current(kept);
        var hour = testbed.atAtlas(kept).getFirst().createdAt().plus(Duration.ofHours(1));
        testbed.after(Duration.between(testbed.time.instant(), hour.minusSeconds(5)));
        revokesOnlyWhatIsSuperseded(kept);
        testbed.after(Duration.between(testbed.time.instant(), hour.plusSeconds(1)));

        Answer.revoke(testbed, kept);

        assertThat(testbed.current(kept)).isNotEqualTo(second);
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(testbed.current(kept));
    }

    /** How the secret in use came to be so recent. */
    enum Recent {
        ROTATED_BY_HAND,
        ROTATED_BY_A_SWEEP,
        ROTATED_BY_SECRETS_MANAGER,
        PASTED,
        PASTED_WITH_ITS_ID,
        FIRST;

        ManagedSecret in(Testbed testbed) {
            var kept = testbed.account("prod/atlas", this == FIRST ? Duration.ofMinutes(10) : Duration.ofDays(30));
            switch (this) {
                case ROTATED_BY_HAND -> testbed.rotate(kept, false);
                case ROTATED_BY_A_SWEEP -> Answer.sweep(testbed);
                case ROTATED_BY_SECRETS_MANAGER -> testbed.rotate(kept, true);
                case PASTED -> testbed.pastedNew(kept);
                case PASTED_WITH_ITS_ID -> {
                    var made = testbed.atlas.createSecret(kept.clientId(), 2160);
                    testbed.changedByHand(kept, Map.of("clientSecret", made.value(), "secretId", made.id()));
                }
                case FIRST -> {}
            }
            return kept;
        }
    }

    @ParameterizedTest
    @EnumSource(Recent.class)
    void a_revocation_takes_only_the_superseded_one_while_the_one_in_use_is_less_than_an_hour_old(Recent how) {
        var kept = how.in(testbed);
        testbed.after(Duration.ofMinutes(20));

        revokesOnlyWhatIsSuperseded(kept);
        revokesOnlyWhatIsSuperseded(kept);
    }

    @Test
    void a_dry_run_says_that_nothing_would_be_made() {
        var kept = due(testbed, false);
        Answer.rotate(testbed, kept);
        var before = Answer.changes(testbed);

        var answer = Answer.to(
                testbed, "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"revokeOld\":true," + "\"dryRun\":true}");

        assertThat(answer.actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (revoked)");
        assertThat(answer.told(kept)).contains(testbed.current(kept));
        assertThat(Answer.changes(testbed)).isEqualTo(before);
    }

    @Test
    void an_admin_credential_revokes_no_more_than_the_account_itself() {
        testbed.adminByKey();
        var kept = testbed.account("prod/atlas", Duration.ofDays(30), AtlasModel.PROJECT_READ_ONLY, true);
        Answer.revoke(testbed, kept);

        revokesOnlyWhatIsSuperseded(kept);
    }
}
