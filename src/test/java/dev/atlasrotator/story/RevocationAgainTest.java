package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Faults;
import dev.atlasrotator.simulator.atlas.AtlasEvent;
import dev.atlasrotator.simulator.atlas.AtlasEvent.What;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Breaking;
import dev.atlasrotator.testbed.Breaking.How;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
    private static final int CALLS_MAX = 60;

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

    private static String current(Testbed testbed, ManagedSecret kept) {
        return testbed.currentAtAtlas(kept).orElseThrow();
    }

    /** It makes nothing, leaves what is in use, and says that this one was not revoked. */
    private void revokesOnlyWhatIsSuperseded(ManagedSecret kept) {
        var inUse = current(testbed, kept);
        var made = made(testbed, kept);

        var answer = Answer.revoke(testbed, kept);

        assertThat(made(testbed, kept)).isEqualTo(made);
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(inUse);
        assertThat(current(testbed, kept)).isEqualTo(inUse);
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
        var second = current(testbed, kept);
        var hour = testbed.atAtlas(kept).getFirst().createdAt().plus(Duration.ofHours(1));
        testbed.after(Duration.between(testbed.time.instant(), hour.minusSeconds(5)));
        revokesOnlyWhatIsSuperseded(kept);
        testbed.after(Duration.between(testbed.time.instant(), hour.plusSeconds(1)));

        Answer.revoke(testbed, kept);

        assertThat(current(testbed, kept)).isNotEqualTo(second);
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(current(testbed, kept));
    }

    /** How the secret in use came to be so young. */
    enum Young {
        ROTATED_BY_HAND,
        ROTATED_BY_A_SWEEP,
        ROTATED_BY_SECRETS_MANAGER,
        PASTED,
        PASTED_WITH_ITS_ID,
        FIRST;

        ManagedSecret in(Testbed testbed) {
            var kept = testbed.account("prod/atlas", this == FIRST ? Duration.ofMinutes(10) : Duration.ofDays(30));
            switch (this) {
                case ROTATED_BY_HAND -> Answer.rotate(testbed, kept);
                case ROTATED_BY_A_SWEEP -> Answer.sweep(testbed);
                case ROTATED_BY_SECRETS_MANAGER -> {
                    testbed.rotatedBySecretsManager(kept);
                    testbed.rotate(kept, testbed.begin(kept));
                }
                case PASTED -> testbed.pastedNew(kept);
                case PASTED_WITH_ITS_ID -> {
                    var made = testbed.atlas.createSecret(kept.clientId(), 2160);
                    var value = testbed.value(kept, "AWSCURRENT");
                    value.put("clientSecret", made.value());
                    value.put("secretId", made.id());
                    testbed.storedByHand(kept, value, "AWSCURRENT");
                }
                case FIRST -> {}
            }
            return kept;
        }
    }

    @ParameterizedTest
    @EnumSource(Young.class)
    void a_revocation_takes_only_the_superseded_one_while_the_one_in_use_is_younger_than_an_hour(Young how) {
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
        assertThat(answer.told(kept)).contains(current(testbed, kept));
        assertThat(Answer.changes(testbed)).isEqualTo(before);
    }

    @Test
    void an_admin_credential_revokes_no_more_than_the_account_itself() {
        testbed.setting("ADMIN_SECRET_ID", "admin/atlas");
        testbed.adminKey("admin/atlas");
        var kept = testbed.account("prod/atlas", Duration.ofDays(30), AtlasModel.PROJECT_READ_ONLY, true);
        Answer.revoke(testbed, kept);

        revokesOnlyWhatIsSuperseded(kept);
    }

    // ---- again after a part of it

    /** How the first one ends at its n-th call. */
    enum End {
        DEATH,
        ERROR_BEFORE,
        ERROR_AFTER,
        CLOSED_AFTER;

        /** Whether it came so far. */
        boolean at(int nth, Testbed testbed, Runnable work) {
            return switch (this) {
                case DEATH -> testbed.dying(nth, work);
                case ERROR_BEFORE -> broken(nth, testbed, work, How.ERROR_BEFORE);
                case ERROR_AFTER -> broken(nth, testbed, work, How.ERROR_AFTER);
                case CLOSED_AFTER -> broken(nth, testbed, work, How.CLOSED_AFTER);
            };
        }

        /** From there on nothing of that kind works any more. */
        private static boolean broken(int nth, Testbed testbed, Runnable work, How how) {
            var breaking = Breaking.from(nth, how::at);
            testbed.broken(breaking, work);
            return breaking.seen() >= nth;
        }
    }

    @ParameterizedTest
    @EnumSource(End.class)
    void whatever_became_of_the_first_the_second_ends_it_and_the_third_does_nothing(End end) {
        for (boolean bySecretsManager : new boolean[] {true, false}) {
            int nth = 1;
            while (endsAtTheNth(nth, end, bySecretsManager)) {
                assertThat(++nth).isLessThan(CALLS_MAX);
            }
            assertThat(nth).isGreaterThan(10);
        }
    }

    private static boolean endsAtTheNth(int nth, End end, boolean bySecretsManager) {
        var when = "the first ends at its call " + nth + ", " + bySecretsManager;
        var testbed = new Testbed();
        var kept = due(testbed, bySecretsManager);
        boolean itDid = end.at(nth, testbed, () -> Answer.revoke(testbed, kept));
        assertThat(testbed.currentWorks(kept)).as(when).isTrue();

        testbed.after(Duration.ofMinutes(1));
        Answer.revoke(testbed, kept); // may be refused, since a rotation is in progress
        assertThat(testbed.currentWorks(kept)).as(when).isTrue();
        testbed.after(Duration.ofMinutes(16));
        Answer.revoke(testbed, kept);
        var inUse = current(testbed, kept);
        var made = made(testbed, kept);
        assertThat(inUse).as(when).isNotEqualTo(kept.first().id());
        assertThat(testbed.idsAtAtlas(kept)).as(when).containsExactly(inUse);
        assertThat(made).as(when).hasSizeLessThanOrEqualTo(2);

        testbed.after(Duration.ofMinutes(1));
        Answer.revoke(testbed, kept);
        assertThat(made(testbed, kept)).as(when).isEqualTo(made);
        assertThat(testbed.idsAtAtlas(kept)).as(when).containsExactly(inUse);
        assertThat(current(testbed, kept)).as(when).isEqualTo(inUse);
        assertThat(testbed.attempt(kept)).as(when).isEmpty();
        return itDid;
    }

    // ---- both at once

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void two_at_once_revoke_nothing_that_either_of_them_has_promoted(boolean bySecretsManager) {
        int nth = 1;
        while (besideEachOther(nth, bySecretsManager)) {
            assertThat(++nth).isLessThan(CALLS_MAX);
        }
        assertThat(nth).isGreaterThan(10);
    }

    /** The second one does all of its work before the n-th call of the first. */
    private static boolean besideEachOther(int nth, boolean bySecretsManager) {
        var when = "the second before call " + nth + ", " + bySecretsManager;
        var testbed = new Testbed();
        var kept = due(testbed, bySecretsManager);
        Set<String> given = new HashSet<>();
        var calls = new int[1];
        var inside = new boolean[1];
        testbed.faults(call -> {
            assertThat(testbed.currentWorks(kept)).as(when + ", before " + call).isTrue();
            given.add(current(testbed, kept));
            if (!inside[0] && ++calls[0] == nth) {
                inside[0] = true;
                testbed.restart();
                Answer.revoke(testbed, kept);
                testbed.restart();
                inside[0] = false;
            }
            return new Fault.None();
        });
        Answer.revoke(testbed, kept);
        testbed.faults(Faults.none());
        testbed.restart();
        given.add(current(testbed, kept));
        given.remove(kept.first().id());
        assertThat(testbed.idsAtAtlas(kept)).as(when).containsAll(given);

        testbed.after(Duration.ofMinutes(16));
        Answer.revoke(testbed, kept);
        assertThat(testbed.idsAtAtlas(kept))
                .as(when)
                .contains(current(testbed, kept))
                .hasSize(1);
        assertThat(testbed.attempt(kept)).as(when).isEmpty();
        return calls[0] >= nth;
    }
}
