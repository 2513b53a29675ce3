package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.fake.AtlasEvent;
import dev.atlasrotator.fake.AtlasEvent.What;
import dev.atlasrotator.fake.AtlasModel;
import dev.atlasrotator.fake.Fault;
import dev.atlasrotator.fake.Faults;
import dev.atlasrotator.story.Breaking.How;
import dev.atlasrotator.story.Story.ManagedSecret;
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
    private static final int CALLS_MOST = 60;

    private final Story story = new Story();

    private static ManagedSecret due(Story story, boolean bySecretsManager) {
        var kept = story.account("prod/atlas", Duration.ofDays(30));
        if (bySecretsManager) {
            story.rotatedBySecretsManager(kept);
        }
        return kept;
    }

    private static List<String> made(Story story, ManagedSecret kept) {
        return story.happened(kept, What.SECRET_CREATED).stream()
                .filter(event -> event.at().isAfter(Story.START.minusSeconds(1)))
                .map(AtlasEvent::secretId)
                .toList();
    }

    private static String current(Story story, ManagedSecret kept) {
        return story.currentAtAtlas(kept).orElseThrow();
    }

    /** It makes nothing, leaves what is in use, and says that this one was not revoked. */
    private void revokesOnlyWhatIsSuperseded(ManagedSecret kept) {
        var inUse = current(story, kept);
        var made = made(story, kept);

        var answer = Answer.revoke(story, kept);

        assertThat(made(story, kept)).isEqualTo(made);
        assertThat(story.idsAtAtlas(kept)).containsExactly(inUse);
        assertThat(current(story, kept)).isEqualTo(inUse);
        assertThat(answer.told(kept)).contains(inUse);
    }

    // ---- twice

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_revocation_that_comes_again_makes_nothing_anew_and_names_what_was_not_revoked(boolean bySecretsManager) {
        var kept = due(story, bySecretsManager);
        Answer.revoke(story, kept);
        assertThat(story.idsAtAtlas(kept))
                .hasSize(1)
                .doesNotContain(kept.first().id());

        for (int minutes : new int[] {0, 1, 1, 20, 30}) {
            story.after(Duration.ofMinutes(minutes));
            revokesOnlyWhatIsSuperseded(kept);
        }
    }

    @Test
    void an_hour_after_the_secret_in_use_was_made_it_is_another_leak() {
        var kept = due(story, false);
        Answer.revoke(story, kept);
        var second = current(story, kept);
        var hour = story.atAtlas(kept).getFirst().createdAt().plus(Duration.ofHours(1));
        story.after(Duration.between(story.time.instant(), hour.minusSeconds(5)));
        revokesOnlyWhatIsSuperseded(kept);
        story.after(Duration.between(story.time.instant(), hour.plusSeconds(1)));

        Answer.revoke(story, kept);

        assertThat(current(story, kept)).isNotEqualTo(second);
        assertThat(story.idsAtAtlas(kept)).containsExactly(current(story, kept));
    }

    /** How the secret in use came to be so young. */
    enum Young {
        ROTATED_BY_HAND,
        ROTATED_BY_A_SWEEP,
        ROTATED_BY_SECRETS_MANAGER,
        PASTED,
        PASTED_WITH_ITS_ID,
        FIRST;

        ManagedSecret in(Story story) {
            var kept = story.account("prod/atlas", this == FIRST ? Duration.ofMinutes(10) : Duration.ofDays(30));
            switch (this) {
                case ROTATED_BY_HAND -> Answer.rotate(story, kept);
                case ROTATED_BY_A_SWEEP -> Answer.sweep(story);
                case ROTATED_BY_SECRETS_MANAGER -> {
                    story.rotatedBySecretsManager(kept);
                    story.rotate(kept, story.begin(kept));
                }
                case PASTED -> story.pastedNew(kept);
                case PASTED_WITH_ITS_ID -> {
                    var made = story.atlas.createSecret(kept.clientId(), 2160);
                    var value = story.value(kept, "AWSCURRENT");
                    value.put("clientSecret", made.value());
                    value.put("secretId", made.id());
                    story.storedByHand(kept, value, "AWSCURRENT");
                }
                case FIRST -> {}
            }
            return kept;
        }
    }

    @ParameterizedTest
    @EnumSource(Young.class)
    void a_revocation_takes_only_the_superseded_one_while_the_one_in_use_is_younger_than_an_hour(Young how) {
        var kept = how.in(story);
        story.after(Duration.ofMinutes(20));

        revokesOnlyWhatIsSuperseded(kept);
        revokesOnlyWhatIsSuperseded(kept);
    }

    @Test
    void a_dry_run_says_that_nothing_would_be_made() {
        var kept = due(story, false);
        Answer.rotate(story, kept);
        var before = Answer.changes(story);

        var answer = Answer.to(
                story, "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"revokeOld\":true," + "\"dryRun\":true}");

        assertThat(answer.actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (revoked)");
        assertThat(answer.told(kept)).contains(current(story, kept));
        assertThat(Answer.changes(story)).isEqualTo(before);
    }

    @Test
    void an_admin_credential_revokes_no_more_than_the_account_itself() {
        story.setting("ADMIN_SECRET_ID", "admin/atlas");
        story.adminKey("admin/atlas");
        var kept = story.account("prod/atlas", Duration.ofDays(30), AtlasModel.PROJECT_READ_ONLY, true);
        Answer.revoke(story, kept);

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
        boolean at(int nth, Story story, Runnable work) {
            return switch (this) {
                case DEATH -> story.dying(nth, work);
                case ERROR_BEFORE -> broken(nth, story, work, How.ERROR_BEFORE);
                case ERROR_AFTER -> broken(nth, story, work, How.ERROR_AFTER);
                case CLOSED_AFTER -> broken(nth, story, work, How.CLOSED_AFTER);
            };
        }

        /** From there on nothing of that kind works any more. */
        private static boolean broken(int nth, Story story, Runnable work, How how) {
            var breaking = Breaking.from(nth, how::at);
            story.broken(breaking, work);
            return breaking.seen() >= nth;
        }
    }

    @ParameterizedTest
    @EnumSource(End.class)
    void whatever_became_of_the_first_the_second_ends_it_and_the_third_does_nothing(End end) {
        for (boolean bySecretsManager : new boolean[] {true, false}) {
            int nth = 1;
            while (endsAtTheNth(nth, end, bySecretsManager)) {
                assertThat(++nth).isLessThan(CALLS_MOST);
            }
            assertThat(nth).isGreaterThan(10);
        }
    }

    private static boolean endsAtTheNth(int nth, End end, boolean bySecretsManager) {
        var when = "the first ends at its call " + nth + ", " + bySecretsManager;
        var story = new Story();
        var kept = due(story, bySecretsManager);
        boolean itDid = end.at(nth, story, () -> Answer.revoke(story, kept));
        assertThat(story.currentWorks(kept)).as(when).isTrue();

        story.after(Duration.ofMinutes(1));
        Answer.revoke(story, kept); // may be refused, since a rotation is in progress
        assertThat(story.currentWorks(kept)).as(when).isTrue();
        story.after(Duration.ofMinutes(16));
        Answer.revoke(story, kept);
        var inUse = current(story, kept);
        var made = made(story, kept);
        assertThat(inUse).as(when).isNotEqualTo(kept.first().id());
        assertThat(story.idsAtAtlas(kept)).as(when).containsExactly(inUse);
        assertThat(made).as(when).hasSizeLessThanOrEqualTo(2);

        story.after(Duration.ofMinutes(1));
        Answer.revoke(story, kept);
        assertThat(made(story, kept)).as(when).isEqualTo(made);
        assertThat(story.idsAtAtlas(kept)).as(when).containsExactly(inUse);
        assertThat(current(story, kept)).as(when).isEqualTo(inUse);
        assertThat(story.attempt(kept)).as(when).isEmpty();
        return itDid;
    }

    // ---- both at once

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void two_at_once_revoke_nothing_that_either_of_them_has_promoted(boolean bySecretsManager) {
        int nth = 1;
        while (besideEachOther(nth, bySecretsManager)) {
            assertThat(++nth).isLessThan(CALLS_MOST);
        }
        assertThat(nth).isGreaterThan(10);
    }

    /** The second one does all of its work before the n-th call of the first. */
    private static boolean besideEachOther(int nth, boolean bySecretsManager) {
        var when = "the second before call " + nth + ", " + bySecretsManager;
        var story = new Story();
        var kept = due(story, bySecretsManager);
        Set<String> given = new HashSet<>();
        var calls = new int[1];
        var inside = new boolean[1];
        story.faults(call -> {
            assertThat(story.currentWorks(kept)).as(when + ", before " + call).isTrue();
            given.add(current(story, kept));
            if (!inside[0] && ++calls[0] == nth) {
                inside[0] = true;
                story.restart();
                Answer.revoke(story, kept);
                story.restart();
                inside[0] = false;
            }
            return new Fault.None();
        });
        Answer.revoke(story, kept);
        story.faults(Faults.none());
        story.restart();
        given.add(current(story, kept));
        given.remove(kept.first().id());
        assertThat(story.idsAtAtlas(kept)).as(when).containsAll(given);

        story.after(Duration.ofMinutes(16));
        Answer.revoke(story, kept);
        assertThat(story.idsAtAtlas(kept))
                .as(when)
                .contains(current(story, kept))
                .hasSize(1);
        assertThat(story.attempt(kept)).as(when).isEmpty();
        return calls[0] >= nth;
    }
}
