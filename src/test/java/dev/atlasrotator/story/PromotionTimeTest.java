package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.fake.Fault;
import dev.atlasrotator.fake.Faults;
import dev.atlasrotator.story.Story.ManagedSecret;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
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

    private final Story story = new Story();

    /** How the secret in use came to be current. */
    enum Way {
        ROTATED_BY_HAND {
            @Override
            void go(Story story, ManagedSecret kept) {
                Answer.rotate(story, kept);
            }
        },
        ROTATED_BY_SECRETS_MANAGER {
            @Override
            void go(Story story, ManagedSecret kept) {
                story.rotatedBySecretsManager(kept);
                story.rotate(kept, story.begin(kept));
            }
        },
        PASTED {
            @Override
            void go(Story story, ManagedSecret kept) {
                story.pastedNew(kept);
            }
        },
        WRITTEN_WITH_ITS_ID {
            @Override
            void go(Story story, ManagedSecret kept) {
                written(story, kept);
            }
        },
        WRITTEN_WHERE_SECRETS_MANAGER_HAS_NEVER_ROTATED_YET {
            @Override
            void go(Story story, ManagedSecret kept) {
                story.rotatedBySecretsManager(kept);
                written(story, kept);
            }
        },
        WRITTEN_AFTER_SECRETS_MANAGER_HAD_ROTATED {
            @Override
            void go(Story story, ManagedSecret kept) {
                story.rotatedBySecretsManager(kept);
                story.rotate(kept, story.begin(kept));
                story.after(Duration.ofDays(3));
                story.atlas.deleteSecret(kept.clientId(), kept.first().id());
                written(story, kept);
            }
        };

        abstract void go(Story story, ManagedSecret kept);

        private static void written(Story story, ManagedSecret kept) {
            var made = story.atlas.createSecret(kept.clientId(), 2160);
            story.changedByHand(kept, Map.of("clientSecret", made.value(), "secretId", made.id()));
        }
    }

    /** What moves LastChangedDate and no label. */
    enum Change {
        TAG {
            @Override
            void in(Story story, ManagedSecret kept, int nth) {
                story.tagged(kept, "last-backup", "number " + nth);
            }
        },
        DESCRIPTION {
            @Override
            void in(Story story, ManagedSecret kept, int nth) {
                story.secretsManager.call(
                        "UpdateSecret",
                        Map.of(
                                "SecretId",
                                kept.arn(),
                                "ClientRequestToken",
                                story.newVersion().value(),
                                "Description",
                                "number " + nth));
            }
        },
        POLICY {
            @Override
            void in(Story story, ManagedSecret kept, int nth) {
                story.secretsManager.call(
                        "PutResourcePolicy", Map.of("SecretId", kept.arn(), "ResourcePolicy", "{\"n\":" + nth + "}"));
            }
        };

        abstract void in(Story story, ManagedSecret kept, int nth);
    }

    private ManagedSecret superseded(Way way) {
        var kept = story.account("prod/atlas", MONTH);
        way.go(story, kept);
        assertThat(story.idsAtAtlas(kept)).hasSize(2);
        return kept;
    }

    // ---- what does not count

    @ParameterizedTest
    @EnumSource(Way.class)
    void tags_that_are_set_every_six_hours_do_not_prolong_the_overlap(Way way) {
        var kept = superseded(way);
        var old = story.atAtlas(kept).getFirst().id();
        var inUse = story.currentAtAtlas(kept).orElseThrow();
        for (int i = 0; i < 4; i++) {
            assertThat(Answer.sweep(story).actions(kept)).isEmpty();
            story.after(Duration.ofHours(6).minusMinutes(1));
            Change.TAG.in(story, kept, i);
        }
        assertThat(story.idsAtAtlas(kept)).contains(old);
        story.after(Duration.ofHours(1));

        assertThat(Answer.sweep(story).actions(kept)).containsExactly("deleted " + old + " (superseded)");
        assertThat(story.currentAtAtlas(kept)).contains(inUse);
    }

    @ParameterizedTest
    @EnumSource(Change.class)
    void nor_does_anything_else_that_changes_no_value(Change change) {
        var kept = superseded(Way.ROTATED_BY_HAND);
        for (int i = 0; i < 25; i++) {
            change.in(story, kept, i);
            story.after(Duration.ofHours(1));
        }

        assertThat(Answer.sweep(story).actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (superseded)");
    }

    @Test
    void a_use_is_held_against_the_promotion_and_not_against_the_last_tag() {
        var kept = superseded(Way.ROTATED_BY_HAND);
        story.after(Duration.ofHours(5));
        story.atlas.signIn(kept.clientId(), kept.first().value());
        story.after(Duration.ofMinutes(1));
        Change.TAG.in(story, kept, 1);
        story.after(Duration.ofHours(26));

        var answer = Answer.sweep(story);

        assertThat(answer.actions(kept)).isEmpty();
        assertThat(answer.advice(kept)).contains(kept.first().id(), "still used");
    }

    @Test
    void a_rotation_by_hand_after_the_overlap_goes_on_though_a_tag_was_set_a_moment_ago() {
        var kept = superseded(Way.ROTATED_BY_HAND);
        story.after(Duration.ofHours(25));
        Change.TAG.in(story, kept, 1);

        assertThat(Answer.rotate(story, kept).failed()).isEmpty();
        assertThat(story.idsAtAtlas(kept))
                .hasSize(2)
                .doesNotContain(kept.first().id());
    }

    // ---- a pending version that is promoted long after it was stored

    private Instant currentVersionMade(ManagedSecret kept) {
        var version =
                story.secretsManager.versionUnder(kept.arn(), "AWSCURRENT").orElseThrow();
        return story.secretsManager.createdAt(kept.arn(), version).orElseThrow();
    }

    private ManagedSecret storedAndNotPromoted() {
        var kept = story.account("prod/atlas", MONTH);
        Death.after(story, "PutSecretValue", 2, () -> Answer.rotate(story, kept));
        assertThat(story.stored(kept, "AWSPENDING", "secretId")).isPresent();
        return kept;
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 60, 26 * 60, 3 * 24 * 60})
    void an_old_pending_version_is_stored_anew_before_it_is_promoted_so_that_its_date_tells(int minutes) {
        var kept = storedAndNotPromoted();
        var pending = story.stored(kept, "AWSPENDING", "secretId").orElseThrow();
        story.after(Duration.ofMinutes(minutes));
        var promoted = story.time.instant();
        var versionsBefore = story.secretsManager.values(kept.arn()).size();

        Answer.sweep(story);

        assertThat(story.currentAtAtlas(kept)).contains(pending);
        assertThat(story.stored(kept, "AWSCURRENT", "secretId")).contains(pending);
        assertThat(currentVersionMade(kept)).isAfterOrEqualTo(promoted);
        assertThat(story.secretsManager.values(kept.arn())).hasSize(versionsBefore + 1);
        assertThat(story.attempt(kept)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_overlap_counts_from_there_whatever_is_tagged(boolean tagged) {
        var kept = storedAndNotPromoted();
        story.after(Duration.ofHours(30));
        Answer.sweep(story);
        var inUse = story.currentAtAtlas(kept).orElseThrow();
        assertThat(inUse).isNotEqualTo(kept.first().id());

        for (int i = 0; i < 23; i++) {
            assertThat(Answer.sweep(story).actions(kept)).as("hour " + i).isEmpty();
            if (tagged) {
                Change.TAG.in(story, kept, i);
            }
            story.after(Duration.ofHours(1));
        }
        assertThat(story.idsAtAtlas(kept)).containsExactly(kept.first().id(), inUse);
        story.after(Duration.ofHours(2));

        assertThat(Answer.sweep(story).actions(kept))
                .containsExactly("deleted " + kept.first().id() + " (superseded)");
    }

    @Test
    void one_that_is_not_that_old_is_promoted_as_it_is() {
        var kept = story.account("prod/atlas", MONTH);

        Answer.rotate(story, kept);

        assertThat(story.secretsManager.values(kept.arn()))
                .as("the first one, the registration and the new one")
                .hasSize(3);
    }

    @Test
    void a_death_between_the_new_store_and_the_promotion_is_ended_by_the_next_run() {
        for (String operation : new String[] {"PutSecretValue", "UpdateSecretVersionStage"}) {
            var one = new Story();
            var kept = one.account("prod/atlas", MONTH);
            Death.after(one, "PutSecretValue", 2, () -> Answer.rotate(one, kept));
            var pending = one.stored(kept, "AWSPENDING", "secretId").orElseThrow();
            one.after(Duration.ofHours(2));
            Death.after(one, operation, 1, () -> Answer.sweep(one));
            assertThat(one.currentWorks(kept)).isTrue();
            one.after(Duration.ofHours(2));
            Answer.sweep(one);

            assertThat(one.currentAtAtlas(kept)).as(operation).contains(pending);
            assertThat(one.attempt(kept)).as(operation).isEmpty();
            assertThat(one.idsAtAtlas(kept)).as(operation).hasSize(2);
            for (int hour = 0; hour < 20; hour++) {
                Answer.sweep(one);
                assertThat(one.idsAtAtlas(kept))
                        .as(operation)
                        .contains(kept.first().id());
                one.after(Duration.ofHours(1));
            }
        }
    }

    @Test
    void somebody_who_goes_back_between_two_calls_of_a_look_is_seen_by_it() {
        story.atlas.rules(rules -> rules.lastUsedLag(Duration.ofHours(60)));
        var kept = story.account("prod/atlas", MONTH);
        Answer.rotate(story, kept);
        var second = story.currentAtAtlas(kept).orElseThrow();
        story.after(Duration.ofHours(30));
        var described = new AtomicBoolean();
        story.faults(call -> {
            if (call.operation().equals("DescribeSecret")) {
                described.set(true);
            } else if (call.operation().equals("GetSecretValue") && described.get()) {
                story.faults(Faults.none());
                story.rolledBack(kept);
            }
            return new Fault.None();
        });

        var answer = Answer.sweep(story);

        assertThat(answer.kinds(kept)).containsExactly("superseded");
        assertThat(story.currentAtAtlas(kept)).contains(kept.first().id());
        assertThat(story.idsAtAtlas(kept)).contains(second);
    }

    // ---- a version that RotateSecret registered long before it was filled

    private void switchRotationOff(ManagedSecret kept) {
        story.secretsManager.call("CancelRotateSecret", Map.of("SecretId", kept.arn()));
    }

    private void liveThroughTheOverlap(ManagedSecret kept) {
        var inUse = story.currentAtAtlas(kept).orElseThrow();
        assertThat(inUse).isNotEqualTo(kept.first().id());
        for (int hour = 0; hour < 23; hour++) {
            Answer.sweep(story);
            assertThat(story.idsAtAtlas(kept)).containsExactly(kept.first().id(), inUse);
            story.after(Duration.ofHours(1));
        }
        story.after(Duration.ofHours(2));
        Answer.sweep(story);
        assertThat(story.idsAtAtlas(kept)).containsExactly(inUse);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_version_that_was_registered_days_before_it_was_filled_is_no_older_than_its_promotion(boolean switchedOff) {
        var kept = story.account("prod/atlas", MONTH);
        story.rotatedBySecretsManager(kept);
        var token = story.begin(kept);
        story.after(Duration.ofDays(3));
        story.rotate(kept, token);
        if (switchedOff) {
            switchRotationOff(kept);
        }

        liveThroughTheOverlap(kept);
    }

    @Test
    void nor_is_one_that_a_run_fills_after_rotation_was_switched_off() {
        var kept = story.account("prod/atlas", MONTH);
        story.rotatedBySecretsManager(kept);
        story.begin(kept);
        switchRotationOff(kept);
        story.after(Duration.ofDays(3));
        Answer.sweep(story);

        liveThroughTheOverlap(kept);
    }

    // ---- a rollback

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void after_a_rollback_the_overlap_counts_from_the_last_change(boolean bySecretsManager) {
        var kept = superseded(bySecretsManager ? Way.ROTATED_BY_SECRETS_MANAGER : Way.ROTATED_BY_HAND);
        var second = story.currentAtAtlas(kept).orElseThrow();
        story.after(Duration.ofHours(20));
        story.rolledBack(kept);
        assertThat(story.currentAtAtlas(kept)).contains(kept.first().id());

        for (int hour = 0; hour < 24; hour++) {
            Answer.sweep(story);
            story.secretsManager.runRotations();
            assertThat(story.idsAtAtlas(kept)).contains(kept.first().id(), second);
            story.after(Duration.ofHours(1));
        }
        // Where Secrets Manager rotates, asking it to is a change as well: then it takes as long
        // again.
        for (int hour = 0; hour < 26; hour++) {
            story.after(Duration.ofHours(1));
            Answer.sweep(story);
            story.secretsManager.runRotations();
        }

        assertThat(story.idsAtAtlas(kept)).doesNotContain(second);
        assertThat(story.currentWorks(kept)).isTrue();
    }
}
