package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.atlas.AtlasAnswer;
import dev.atlasrotator.simulator.atlas.AtlasEvent.What;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasOutcome;
import dev.atlasrotator.simulator.atlas.AtlasRules.Mask;
import dev.atlasrotator.simulator.atlas.IssuedCredential;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Death;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The value under AWSCURRENT works, the account has two secrets, and no version says which of them
 * it holds. Either may be the one in use, so neither is touched, and nobody is told to delete one.
 * A time of last use identifies nothing: it comes late, and consumers have their own.
 */
class CurrentSecretUnconfirmedTest {
    private final Testbed testbed = new Testbed();

    /** How it comes to that; the first of the two is the one in use. */
    enum Scene {
        NO_ID_WAS_EVER_RECORDED(testbed -> {
            var kept = testbed.account("prod/atlas", Duration.ofDays(31), AtlasModel.PROJECT_OWNER, false);
            return new Two(kept, kept.first(), testbed.atlas.createSecret(kept.clientId(), 2160));
        }),
        THE_RECORDED_ONE_IS_GONE_AND_TWO_HAVE_BEEN_MADE_SINCE(testbed -> {
            var kept = testbed.account("prod/atlas", Duration.ofDays(3));
            testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());
            var inUse = testbed.pastedNew(kept);
            return new Two(kept, inUse, testbed.atlas.createSecret(kept.clientId(), 2160));
        }),
        ONE_PASTE_AFTER_ANOTHER(testbed -> {
            var kept = testbed.account("prod/atlas", Duration.ofDays(3));
            var before = testbed.pastedNew(kept);
            testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());
            return new Two(kept, testbed.pastedNew(kept), before);
        });

        @SuppressWarnings("ImmutableEnumChecker") // a function without a state
        private final Function<Testbed, Two> scene;

        Scene(Function<Testbed, Two> scene) {
            this.scene = scene;
        }

        Two set(Testbed testbed) {
            return scene.apply(testbed);
        }
    }

    record Two(ManagedSecret kept, IssuedCredential inUse, IssuedCredential other) {}

    private void nothingIsTouchedNorToldToBe(Two two, String told) {
        assertThat(told)
                .contains(two.inUse().id(), two.other().id())
                .containsPattern("(?i)\\bstore\\b.*\\bsecretId\\b|\\bsecretId\\b.*\\bstore\\b");
        assertThat(told).doesNotContainPattern(Answer.ASKS_TO_DELETE);
        assertThat(testbed.idsAtAtlas(two.kept()))
                .containsExactlyInAnyOrder(two.inUse().id(), two.other().id());
        assertThat(testbed.currentAtAtlas(two.kept())).contains(two.inUse().id());
    }

    // ---- nothing is touched

    @ParameterizedTest
    @EnumSource(Scene.class)
    void a_sweep_and_a_status_say_so_and_name_both(Scene scene) {
        var two = scene.set(testbed);
        var before = Answer.changes(testbed);

        for (var answer : new Answer[] {Answer.sweep(testbed), Answer.status(testbed)}) {
            assertThat(answer.of(two.kept())).doesNotContainKey("secretId");
            nothingIsTouchedNorToldToBe(two, answer.told(two.kept()));
        }
        assertThat(Answer.changes(testbed)).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(Scene.class)
    void later_sweeps_leave_it_so_until_atlas_itself_is_about_to_end_one(Scene scene) {
        var two = scene.set(testbed);
        for (int hour = 0; hour < 6 * 24; hour += 3) {
            testbed.after(Duration.ofHours(3));
            nothingIsTouchedNorToldToBe(two, Answer.sweep(testbed).told(two.kept()));
        }
        assertThat(Answer.sweep(testbed).state(two.kept())).isEqualTo("expiring");
        assertThat(Answer.metric(testbed, "HoursToExpiry")).isBetween(23.0, 25.0);
    }

    @ParameterizedTest
    @EnumSource(Scene.class)
    void a_rotation_and_a_revocation_by_hand_are_refused(Scene scene) {
        var two = scene.set(testbed);

        for (var answer : List.of(Answer.rotate(testbed, two.kept()), Answer.revoke(testbed, two.kept()))) {
            assertThat(answer.failure(two.kept())).startsWith("CURRENT_SECRET_UNCONFIRMED: ");
            nothingIsTouchedNorToldToBe(two, answer.told(two.kept()));
        }
    }

    @ParameterizedTest
    @EnumSource(Scene.class)
    void createSecret_is_refused(Scene scene) {
        var two = scene.set(testbed);
        var token = testbed.begin(two.kept());

        var refused = Testbed.failureOf(() -> testbed.step("createSecret", two.kept(), token));

        assertThat(refused).isInstanceOf(RotatorException.Refused.class);
        nothingIsTouchedNorToldToBe(two, refused.getMessage());
    }

    @ParameterizedTest
    @EnumSource(Scene.class)
    void an_admin_credential_that_may_act_changes_nothing_about_it(Scene scene) {
        var two = scene.set(testbed);
        testbed.administered(two.kept());

        nothingIsTouchedNorToldToBe(two, Answer.sweep(testbed).told(two.kept()));
        nothingIsTouchedNorToldToBe(two, Answer.rotate(testbed, two.kept()).told(two.kept()));
    }

    // ---- what tells it

    @ParameterizedTest
    @EnumSource(Scene.class)
    void storing_the_value_again_with_the_right_id_as_it_says_lets_the_rotation_go_on(Scene scene) {
        var two = scene.set(testbed);
        Answer.sweep(testbed);
        testbed.changedByHand(two.kept(), Map.of("secretId", two.inUse().id()));

        var answer = Answer.sweep(testbed);
        assertThat(answer.of(two.kept())).containsEntry("secretId", two.inUse().id());
        testbed.atlas.deleteSecret(two.kept().clientId(), two.other().id());
        Answer.rotate(testbed, two.kept());

        assertThat(testbed.currentAtAtlas(two.kept())).isPresent();
        assertThat(testbed.idsAtAtlas(two.kept()))
                .hasSize(2)
                .contains(two.inUse().id());
        assertThat(Answer.status(testbed).kinds(two.kept())).containsExactly("superseded");
    }

    @ParameterizedTest
    @EnumSource(Scene.class)
    void a_mask_that_shows_the_end_of_the_value_tells_it(Scene scene) {
        testbed.atlas.rules(rules -> rules.mask(Mask.SHOWS_END));
        var two = scene.set(testbed);

        assertThat(Answer.sweep(testbed).of(two.kept()))
                .containsEntry("secretId", two.inUse().id());
        assertThat(testbed.currentAtAtlas(two.kept())).contains(two.inUse().id());
    }

    /** What a version held before a secret was made cannot be that secret. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_rotation_that_was_cut_off_does_not_make_the_secret_that_it_began_from_unconfirmed(boolean inItsSteps) {
        testbed.atlas.rules(rules -> rules.lastUsedLag(Duration.ofHours(1)));
        var kept = testbed.account("prod/atlas", Duration.ofDays(31), AtlasModel.PROJECT_OWNER, false);
        testbed.after(Duration.ofHours(2));
        if (inItsSteps) {
            testbed.rotatedBySecretsManager(kept);
            var token = testbed.begin(kept);
            Death.after(testbed, "createSecret", 1, () -> testbed.step("createSecret", kept, token));
        } else {
            Death.after(testbed, "createSecret", 1, () -> Answer.rotate(testbed, kept));
        }
        var orphan = testbed.idsAtAtlas(kept).getLast();
        assertThat(orphan).isNotEqualTo(kept.first().id());

        for (int i = 0; i < 6; i++) {
            testbed.after(Duration.ofMinutes(20));
            Answer.sweep(testbed);
            testbed.secretsManager.runRotations();
            assertThat(testbed.currentAtAtlas(kept)).isPresent();
        }
        Answer.rotate(testbed, kept);
        testbed.secretsManager.runRotations();

        assertThat(testbed.current(kept)).isNotIn(kept.first().id(), orphan);
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2).contains(kept.first().id());
        assertThat(Answer.status(testbed).kinds(kept)).containsExactly("superseded");
    }

    // ---- what does not

    @ParameterizedTest
    @EnumSource(Scene.class)
    void a_consumer_that_signs_in_with_the_other_one_in_that_very_second_does_not_make_it_current(Scene scene) {
        var two = scene.set(testbed);
        usesOfTheOneInUseAreShownLate(two);
        var inside = new boolean[1];
        testbed.faults(call -> {
            if (call.operation().equals("mintToken") && !inside[0]) {
                inside[0] = true;
                testbed.atlas.signIn(two.kept().clientId(), two.other().value());
                inside[0] = false;
            }
            return new Fault.None();
        });

        var answer = Answer.sweep(testbed);

        assertThat(answer.of(two.kept())).doesNotContainKey("secretId");
        nothingIsTouchedNorToldToBe(two, answer.told(two.kept()));
        var token = testbed.begin(two.kept());
        nothingIsTouchedNorToldToBe(
                two,
                Testbed.failureOf(() -> testbed.step("createSecret", two.kept(), token))
                        .getMessage());
        assertThat(testbed.happened(two.kept(), What.SECRET_DELETED))
                .extracting(event -> event.secretId())
                .doesNotContain(two.inUse().id());
    }

    /** Each secret's time of last use comes when it comes; this one's takes longer. */
    private void usesOfTheOneInUseAreShownLate(Two two) {
        var id = two.inUse().id();
        testbed.beforeAtlas(atlas ->
                request -> atlas.exchange(request) instanceof AtlasOutcome.Answered(var answer, var after, var by)
                        ? new AtlasOutcome.Answered(unused(answer, id), after, by)
                        : new AtlasOutcome.Closed());
    }

    private static AtlasAnswer unused(AtlasAnswer answer, String id) {
        var text = answer.text().replaceAll("(\"id\":\"" + id + "\"[^}]*\"lastUsedAt\":)\"[^\"]*\"", "$1null");
        return new AtlasAnswer(answer.status(), answer.headers(), text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void a_use_long_ago_of_the_one_and_none_of_the_other_does_not_make_the_first_current() {
        var two = Scene.NO_ID_WAS_EVER_RECORDED.set(testbed);
        testbed.atlas.rules(rules -> rules.lastUsedLag(Duration.ofHours(1)));
        testbed.atlas.signIn(two.kept().clientId(), two.other().value());
        testbed.after(Duration.ofHours(2));

        var answer = Answer.sweep(testbed);

        assertThat(answer.of(two.kept())).doesNotContainKey("secretId");
        nothingIsTouchedNorToldToBe(two, answer.told(two.kept()));
    }

    @Test
    void an_older_version_that_records_the_id_of_the_other_one_tells_it() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(30), AtlasModel.PROJECT_OWNER, false);
        var other = testbed.atlas.secretFromThePast(kept.clientId(), Testbed.START.minus(Duration.ofDays(10)), 2160);
        var current = testbed.value(kept, "AWSCURRENT");
        testbed.changedByHand(kept, Map.of("clientSecret", other.value(), "secretId", other.id()));
        testbed.storedByHand(kept, current, "AWSCURRENT");
        testbed.atlas.rules(rules -> rules.lastUsedLag(Duration.ofDays(1)));
        var token = testbed.begin(kept);

        // Secrets Manager has never rotated it: its last change is what tells the promotion.
        testbed.after(Duration.ofHours(25));
        testbed.rotate(kept, token);
        assertThat(testbed.idsAtAtlas(kept))
                .hasSize(2)
                .contains(kept.first().id())
                .doesNotContain(other.id());
    }
}
