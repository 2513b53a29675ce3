package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.fake.AtlasModel;
import dev.atlasrotator.fake.AtlasScope;
import dev.atlasrotator.fake.Fault;
import dev.atlasrotator.fake.Fault.Moment;
import dev.atlasrotator.fake.Faults;
import dev.atlasrotator.story.Story.ManagedSecret;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Secrets Manager takes about a hundred versions of a secret a day, and a rotation that fails
 * leaves one. A sweep that comes every ten minutes must not use them up, or the rotation stays
 * impossible after its cause is mended.
 */
class OneRotationAnHourTest {
    private static final Duration EVERY = Duration.ofMinutes(10);

    private final Story story = new Story();

    /** Why every rotation fails. */
    enum Cause {
        ROLE_IS_MISSING {
            @Override
            ManagedSecret set(Story story) {
                return story.account("prod/atlas", Duration.ofDays(31), AtlasModel.PROJECT_READ_ONLY, true);
            }

            @Override
            void mend(Story story, ManagedSecret kept) {
                story.atlas.grant(kept.clientId(), story.project().id(), AtlasModel.PROJECT_OWNER);
            }
        },
        LIFETIME_IS_REFUSED {
            @Override
            ManagedSecret set(Story story) {
                var project = new AtlasScope.Project(story.atlas.addProject(story.atlas.addOrganization(720)));
                var clientId = story.atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
                var first = story.atlas.secretFromThePast(
                        clientId, story.time.instant().minus(Duration.ofDays(31)), 2160);
                var value = new LinkedHashMap<String, Object>();
                value.put("clientId", clientId);
                value.put("clientSecret", first.value());
                value.put("groupId", project.id());
                value.put("secretId", first.id());
                return story.keep("prod/atlas", first, value, Map.of(Story.TAG, "true"));
            }

            @Override
            void mend(Story story, ManagedSecret kept) {
                story.setting("SECRET_EXPIRES_AFTER_HOURS", "720").setting("ROTATE_AFTER_HOURS", "240");
            }
        },
        ADMIN_MAY_NOT_EITHER {
            @Override
            ManagedSecret set(Story story) {
                var kept = story.account("prod/atlas", Duration.ofDays(31), AtlasModel.PROJECT_READ_ONLY, true);
                story.setting("ADMIN_SECRET_ID", "admin/atlas");
                var key = story.atlas.addApiKey(story.project(), AtlasModel.PROJECT_READ_ONLY);
                story.secretsManager.seed(
                        "admin/atlas",
                        "{\"publicKey\":\"" + key.id() + "\",\"privateKey\":\"" + key.value() + "\"}",
                        Map.of());
                return kept;
            }

            @Override
            void mend(Story story, ManagedSecret kept) {
                story.atlas.grant(kept.clientId(), story.project().id(), AtlasModel.PROJECT_OWNER);
                story.setting("ADMIN_SECRET_ID", "");
            }
        },
        ATLAS_FAILS_AT_EVERY_CREATE {
            @Override
            ManagedSecret set(Story story) {
                story.faults(call -> call.operation().equals("createSecret")
                        ? new Fault.Answer(
                                Moment.BEFORE_EFFECT, 403, Map.of(), "{\"error\":403,\"errorCode\":\"SOME_LIMIT\"}")
                        : new Fault.None());
                return story.account("prod/atlas", Duration.ofDays(31));
            }

            @Override
            void mend(Story story, ManagedSecret kept) {
                story.faults(Faults.none());
            }
        };

        abstract ManagedSecret set(Story story);

        abstract void mend(Story story, ManagedSecret kept);
    }

    private int versions(ManagedSecret kept) {
        return story.secretsManager.values(kept.arn()).size();
    }

    private int creates() {
        return story.atlas.calls().getOrDefault("createSecret", 0);
    }

    /** Each sweep is another process: what it must know stands in the services. */
    private Answer sweep() {
        story.restart();
        return Answer.sweep(story);
    }

    @ParameterizedTest
    @EnumSource(Cause.class)
    void a_sweep_every_ten_minutes_leaves_a_version_an_hour_at_most(Cause cause) {
        var kept = cause.set(story);
        int before = versions(kept);
        for (int hour = 1; hour <= 8; hour++) {
            for (int sweep = 0; sweep < 6; sweep++) {
                sweep();
                assertThat(story.currentAtAtlas(kept)).contains(kept.first().id());
                story.after(EVERY);
            }
            assertThat(versions(kept) - before).as("after %d hours", hour).isLessThanOrEqualTo(hour);
        }
        assertThat(creates()).as("it is tried again and again").isGreaterThanOrEqualTo(4);
    }

    @ParameterizedTest
    @EnumSource(Cause.class)
    void every_sweep_says_what_keeps_it_from_rotating(Cause cause) {
        var kept = cause.set(story);
        for (int sweep = 0; sweep < 12; sweep++) {
            var answer = sweep();
            assertThat(answer.told(kept)).as("sweep " + sweep).isNotEmpty();
            assertThat(answer.state(kept)).isEqualTo("due");
            story.after(EVERY);
        }
    }

    /** After so long that a version for each sweep would have been more than the service takes. */
    @ParameterizedTest
    @EnumSource(
            value = Cause.class,
            names = {"ROLE_IS_MISSING", "LIFETIME_IS_REFUSED"})
    void once_the_cause_is_mended_a_sweep_within_the_hour_rotates(Cause cause) {
        var kept = cause.set(story);
        for (int sweep = 0; sweep < 18 * 6 + 3; sweep++) {
            sweep();
            story.after(EVERY);
        }
        cause.mend(story, kept);

        for (int sweep = 0; sweep <= 6; sweep++) {
            sweep();
            story.after(EVERY);
        }

        assertThat(story.currentAtAtlas(kept))
                .hasValueSatisfying(
                        id -> assertThat(id).isNotEqualTo(kept.first().id()));
        assertThat(story.attempt(kept)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Cause.class)
    void by_hand_it_is_always_tried(Cause cause) {
        var kept = cause.set(story);
        for (int sweep = 0; sweep < 8; sweep++) {
            sweep();
            int tried = creates();
            Answer.rotate(story, kept);
            assertThat(creates()).isGreaterThan(tried);
            story.after(EVERY);
        }
        cause.mend(story, kept);

        assertThat(Answer.rotate(story, kept).failed()).isEmpty();
        assertThat(story.currentWorks(kept)).isTrue();
    }
}
