package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Faults;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Death;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * When AWSCURRENT moved last, from which the overlap counts: told by the versions and by the last
 * rotation, and not by LastChangedDate, which moves whenever somebody tags or describes a secret.
 */
class PromotionTimeTest {
    private static final Duration MONTH = Duration.ofDays(30);

    private final Testbed testbed = new Testbed();

    /** How the secret in use came to be current. */
    enum Way {
        ROTATED_BY_HAND((testbed, kept) -> testbed.rotate(kept, false)),
        ROTATED_BY_SECRETS_MANAGER((testbed, kept) -> testbed.rotate(kept, true)),
        PASTED(Testbed::pastedNew),
        WRITTEN_WITH_ITS_ID(Way::written),
        WRITTEN_WHERE_SECRETS_MANAGER_HAS_NEVER_ROTATED_YET(
                (testbed, kept) -> written(testbed.rotatedBySecretsManager(kept), kept)),
        WRITTEN_AFTER_SECRETS_MANAGER_HAD_ROTATED((testbed, kept) -> {
            testbed.rotate(kept, true);
            testbed.after(Duration.ofDays(3));
            testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());
            written(testbed, kept);
        });

        @SuppressWarnings("ImmutableEnumChecker") // a function without a state
        private final BiConsumer<Testbed, ManagedSecret> way;

        Way(BiConsumer<Testbed, ManagedSecret> way) {
            this.way = way;
        }

        private static void written(Testbed testbed, ManagedSecret kept) {
            var made = testbed.atlas.createSecret(kept.clientId(), 2160);
            testbed.changedByHand(kept, Map.of("clientSecret", made.value(), "secretId", made.id()));
        }
    }

    /** What moves LastChangedDate and no label. */
    enum Change {
        TAG,
        DESCRIPTION,
        POLICY;

        void in(Testbed testbed, ManagedSecret kept, int nth) {
            switch (this) {
                case TAG -> testbed.tagged(kept, "last-backup", "number " + nth);
                case DESCRIPTION ->
                    testbed.call(
                            "UpdateSecret",
                            kept,
                            Map.of("Description", "number " + nth),
                            testbed.newVersion().value());
                case POLICY -> testbed.call("PutResourcePolicy", kept, Map.of("ResourcePolicy", "{\"n\":" + nth + "}"));
            }
        }
    }

    private ManagedSecret superseded(Way way) {
        var kept = testbed.account("prod/atlas", MONTH);
        way.way.accept(testbed, kept);
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2);
        return kept;
    }

    // ---- what does not count

    @ParameterizedTest
    @EnumSource(Way.class)
    void tags_that_are_set_every_six_hours_do_not_prolong_the_overlap(Way way) {
        var kept = superseded(way);
        var old = testbed.atAtlas(kept).getFirst().id();
        var inUse = testbed.currentAtAtlas(kept).orElseThrow();
        for (int i = 0; i < 4; i++) {
            assertThat(Answer.sweep(testbed).actions(kept)).isEmpty();
            testbed.after(Duration.ofHours(6).minusMinutes(1));
            Change.TAG.in(testbed, kept, i);
        }
        assertThat(testbed.idsAtAtlas(kept)).contains(old);
        testbed.after(Duration.ofHours(1));

        assertThat(Answer.sweep(testbed).actions(kept)).containsExactly("deleted " + old + " (superseded)");
        assertThat(testbed.currentAtAtlas(kept)).contains(inUse);
    }

    @ParameterizedTest
    @EnumSource(Change.class)
    void nor_does_anything_else_that_changes_no_value(Change change) {
        var kept = superseded(Way.ROTATED_BY_HAND);
        for (int i = 0; i < 25; i++) {
            change.in(testbed, kept, i);
            testbed.after(Duration.ofHours(1));
        }

        assertThat(Answer.sweep(testbed).actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (superseded)");
    }

    @Test
    void a_use_is_held_against_the_promotion_and_not_against_the_last_tag() {
        var kept = superseded(Way.ROTATED_BY_HAND);
        testbed.after(Duration.ofHours(5));
        testbed.atlas.signIn(kept.clientId(), kept.first().value());
        testbed.after(Duration.ofMinutes(1));
        Change.TAG.in(testbed, kept, 1);
        testbed.after(Duration.ofHours(26));

        var answer = Answer.sweep(testbed);

        assertThat(answer.actions(kept)).isEmpty();
        assertThat(answer.told(kept)).contains(kept.first().id(), "still used");
    }

    @Test
    void a_rotation_by_hand_after_the_overlap_goes_on_though_a_tag_was_set_a_moment_ago() {
        var kept = superseded(Way.ROTATED_BY_HAND);
        testbed.after(Duration.ofHours(25));
        Change.TAG.in(testbed, kept, 1);

        assertThat(Answer.rotate(testbed, kept).failed()).isEmpty();
        assertThat(testbed.idsAtAtlas(kept))
                .hasSize(2)
                .doesNotContain(kept.first().id());
    }

    // ---- a pending version that is promoted long after it was stored

    private Instant currentVersionMade(ManagedSecret kept) {
        var version = testbed.version(kept, "AWSCURRENT").orElseThrow();
        return testbed.secretsManager.createdAt(kept.arn(), version).orElseThrow();
    }

    private ManagedSecret storedAndNotPromoted() {
        var kept = testbed.account("prod/atlas", MONTH);
        Death.after(testbed, "PutSecretValue", 2, () -> Answer.rotate(testbed, kept));
        assertThat(testbed.stored(kept, "AWSPENDING", "secretId")).isPresent();
        return kept;
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 60, 26 * 60, 3 * 24 * 60})
    void an_old_pending_version_is_stored_anew_before_it_is_promoted_so_that_its_date_tells(int minutes) {
        var kept = storedAndNotPromoted();
        var pending = testbed.stored(kept, "AWSPENDING", "secretId").orElseThrow();
        testbed.after(Duration.ofMinutes(minutes));
        var promoted = testbed.time.instant();
        var versionsBefore = testbed.secretsManager.values(kept.arn()).size();

        Answer.sweep(testbed);

        assertThat(testbed.currentAtAtlas(kept)).contains(pending);
        assertThat(testbed.stored(kept, "AWSCURRENT", "secretId")).contains(pending);
        assertThat(currentVersionMade(kept)).isAfterOrEqualTo(promoted);
        assertThat(testbed.secretsManager.values(kept.arn())).hasSize(versionsBefore + 1);
        assertThat(testbed.attempt(kept)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_overlap_counts_from_there_whatever_is_tagged(boolean tagged) {
        var kept = storedAndNotPromoted();
        testbed.after(Duration.ofHours(30));
        Answer.sweep(testbed);
        var inUse = testbed.currentAtAtlas(kept).orElseThrow();
        assertThat(inUse).isNotEqualTo(kept.first().id());

        for (int i = 0; i < 23; i++) {
            assertThat(Answer.sweep(testbed).actions(kept)).as("hour " + i).isEmpty();
            if (tagged) {
                Change.TAG.in(testbed, kept, i);
            }
            testbed.after(Duration.ofHours(1));
        }
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id(), inUse);
        testbed.after(Duration.ofHours(2));

        assertThat(Answer.sweep(testbed).actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (superseded)");
    }

    @Test
    void one_that_is_not_that_old_is_promoted_as_it_is() {
        var kept = testbed.account("prod/atlas", MONTH);

        Answer.rotate(testbed, kept);

        assertThat(testbed.secretsManager.values(kept.arn()))
                .as("the first one, the registration and the new one")
                .hasSize(3);
    }

    @Test
    void somebody_who_goes_back_between_two_reads_is_seen() {
        testbed.atlas.rules(rules -> rules.lastUsedLag(Duration.ofHours(60)));
        var kept = testbed.account("prod/atlas", MONTH);
        Answer.rotate(testbed, kept);
        var second = testbed.currentAtAtlas(kept).orElseThrow();
        testbed.after(Duration.ofHours(30));
        var described = new AtomicBoolean();
        testbed.faults(call -> {
            if (call.operation().equals("DescribeSecret")) {
                described.set(true);
            } else if (call.operation().equals("GetSecretValue") && described.get()) {
                testbed.faults(Faults.none());
                testbed.rolledBack(kept);
            }
            return new Fault.None();
        });

        var answer = Answer.sweep(testbed);

        assertThat(answer.kinds(kept)).containsExactly("superseded");
        assertThat(testbed.currentAtAtlas(kept)).contains(kept.first().id());
        assertThat(testbed.idsAtAtlas(kept)).contains(second);
    }

    // ---- a version that RotateSecret registered long before it was filled

    private void switchRotationOff(ManagedSecret kept) {
        testbed.call("CancelRotateSecret", kept, Map.of());
    }

    private void liveThroughTheOverlap(ManagedSecret kept) {
        var inUse = testbed.currentAtAtlas(kept).orElseThrow();
        assertThat(inUse).isNotEqualTo(kept.first().id());
        for (int hour = 0; hour < 23; hour++) {
            Answer.sweep(testbed);
            assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id(), inUse);
            testbed.after(Duration.ofHours(1));
        }
        testbed.after(Duration.ofHours(2));
        Answer.sweep(testbed);
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(inUse);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_version_that_was_registered_days_before_it_was_filled_is_no_older_than_its_promotion(boolean switchedOff) {
        var kept = testbed.account("prod/atlas", MONTH);
        testbed.rotatedBySecretsManager(kept);
        var token = testbed.begin(kept);
        testbed.after(Duration.ofDays(3));
        testbed.rotate(kept, token);
        if (switchedOff) {
            switchRotationOff(kept);
        }

        liveThroughTheOverlap(kept);
    }

    @Test
    void nor_is_one_that_a_run_fills_after_rotation_was_switched_off() {
        var kept = testbed.account("prod/atlas", MONTH);
        testbed.rotatedBySecretsManager(kept);
        testbed.begin(kept);
        switchRotationOff(kept);
        testbed.after(Duration.ofDays(3));
        Answer.sweep(testbed);

        liveThroughTheOverlap(kept);
    }

    // ---- a rollback

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void after_a_rollback_the_overlap_counts_from_the_last_change(boolean bySecretsManager) {
        var kept = superseded(bySecretsManager ? Way.ROTATED_BY_SECRETS_MANAGER : Way.ROTATED_BY_HAND);
        var second = testbed.currentAtAtlas(kept).orElseThrow();
        testbed.after(Duration.ofHours(20));
        testbed.rolledBack(kept);
        assertThat(testbed.currentAtAtlas(kept)).contains(kept.first().id());

        for (int hour = 0; hour < 24; hour++) {
            Answer.sweep(testbed);
            testbed.secretsManager.runRotations();
            assertThat(testbed.idsAtAtlas(kept)).contains(kept.first().id(), second);
            testbed.after(Duration.ofHours(1));
        }
        // Where Secrets Manager rotates, asking it to is a change as well: then it takes as long
        // again.
        for (int hour = 0; hour < 26; hour++) {
            testbed.after(Duration.ofHours(1));
            Answer.sweep(testbed);
            testbed.secretsManager.runRotations();
        }

        assertThat(testbed.idsAtAtlas(kept)).doesNotContain(second);
        assertThat(testbed.currentWorks(kept)).isTrue();
    }
}
