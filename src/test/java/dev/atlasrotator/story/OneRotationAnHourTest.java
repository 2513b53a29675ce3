package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.Fault.Moment;
import dev.atlasrotator.simulator.Faults;
import dev.atlasrotator.simulator.atlas.AtlasErrors;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Breaking;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Secrets Manager takes about a hundred versions of a secret a day, and a rotation that fails
 * leaves one. A sweep that comes every ten minutes must not use them up, or the rotation stays
 * impossible after its cause is mended.
 */
class OneRotationAnHourTest {
    private static final Duration EVERY = Duration.ofMinutes(10);
    private static final Duration DUE = Duration.ofDays(31);

    private final Testbed testbed = new Testbed();

    /** Why every rotation fails, and what mends it. */
    enum Cause {
        ROLE_IS_MISSING(Cause::readOnly, Cause::granted),
        LIFETIME_IS_REFUSED(
                testbed -> {
                    var project = new AtlasScope.Project(testbed.atlas.addProject(testbed.atlas.addOrganization(720)));
                    return testbed.account(
                            "prod/atlas",
                            project,
                            AtlasModel.PROJECT_OWNER,
                            DUE,
                            "true",
                            (id, first) -> Testbed.value(project, id, first));
                },
                (testbed, kept) ->
                        testbed.setting("SECRET_EXPIRES_AFTER_HOURS", "720").setting("ROTATE_AFTER_HOURS", "240")),
        ADMIN_MAY_NOT_EITHER(
                testbed -> {
                    var key = testbed.atlas.addApiKey(testbed.project(), AtlasModel.PROJECT_READ_ONLY);
                    var admin = Json.text(Map.of("publicKey", key.id(), "privateKey", key.value()));
                    testbed.secretsManager.seed("admin/atlas", admin, Map.of());
                    return readOnly(testbed.setting("ADMIN_SECRET_ID", "admin/atlas"));
                },
                (testbed, kept) -> granted(testbed.setting("ADMIN_SECRET_ID", ""), kept)),
        ATLAS_FAILS_AT_EVERY_CREATE(
                testbed -> {
                    testbed.faults(Breaking.every(
                            "createSecret", call -> AtlasErrors.api(Moment.BEFORE_EFFECT, 403, "SOME_LIMIT", "no")));
                    return testbed.account("prod/atlas", DUE);
                },
                (testbed, kept) -> testbed.faults(Faults.none()));

        @SuppressWarnings("ImmutableEnumChecker") // a function without a state
        private final Function<Testbed, ManagedSecret> scene;

        @SuppressWarnings("ImmutableEnumChecker") // a function without a state
        private final BiConsumer<Testbed, ManagedSecret> mended;

        Cause(Function<Testbed, ManagedSecret> scene, BiConsumer<Testbed, ManagedSecret> mended) {
            this.scene = scene;
            this.mended = mended;
        }

        ManagedSecret set(Testbed testbed) {
            return scene.apply(testbed);
        }

        void mend(Testbed testbed, ManagedSecret kept) {
            mended.accept(testbed, kept);
        }

        private static ManagedSecret readOnly(Testbed testbed) {
            return testbed.account("prod/atlas", DUE, AtlasModel.PROJECT_READ_ONLY, true);
        }

        private static void granted(Testbed testbed, ManagedSecret kept) {
            testbed.atlas.grant(kept.clientId(), testbed.project().id(), AtlasModel.PROJECT_OWNER);
        }
    }

    private int versions(ManagedSecret kept) {
        return testbed.secretsManager.values(kept.arn()).size();
    }

    private int creates() {
        return testbed.atlas.calls().getOrDefault("createSecret", 0);
    }

    /** Each sweep is another process: what it must know is in the services. */
    private Answer sweep() {
        testbed.restart();
        return Answer.sweep(testbed);
    }

    @ParameterizedTest
    @EnumSource(Cause.class)
    void a_sweep_every_ten_minutes_leaves_a_version_an_hour_at_most(Cause cause) {
        var kept = cause.set(testbed);
        int before = versions(kept);
        for (int hour = 1; hour <= 8; hour++) {
            for (int sweep = 0; sweep < 6; sweep++) {
                sweep();
                assertThat(testbed.currentAtAtlas(kept)).contains(kept.first().id());
                testbed.after(EVERY);
            }
            assertThat(versions(kept) - before).as("after %d hours", hour).isLessThanOrEqualTo(hour);
        }
        assertThat(creates()).as("it is tried again and again").isGreaterThanOrEqualTo(4);
    }

    @ParameterizedTest
    @EnumSource(Cause.class)
    void every_sweep_says_what_keeps_it_from_rotating(Cause cause) {
        var kept = cause.set(testbed);
        for (int sweep = 0; sweep < 12; sweep++) {
            var answer = sweep();
            assertThat(answer.told(kept)).as("sweep " + sweep).isNotEmpty();
            // The sweep that tries has failed; those that wait for the hour only see that it is due.
            assertThat(answer.state(kept)).isIn("due", "failed");
            testbed.after(EVERY);
        }
    }

    /** Sweeps come some seconds early or late, and the ones between may have to wait for the hour. */
    @ParameterizedTest
    @ValueSource(ints = {15, 30, 60, 120, 180, 360, 720})
    void the_first_sweep_of_each_day_whose_report_is_mailed_tries_and_says_why(int minutes) {
        testbed.setting("SWEEP_INTERVAL_MINUTES", String.valueOf(minutes));
        var kept = Cause.ROLE_IS_MISSING.set(testbed);
        var late = new Random(minutes);
        int mails = 0;
        for (var scheduled = Testbed.START.plusSeconds(1000);
                scheduled.isBefore(Testbed.START.plus(Duration.ofDays(6)));
                scheduled = scheduled.plus(Duration.ofMinutes(minutes))) {
            testbed.time.advance(
                    Duration.between(testbed.time.instant(), scheduled).plusSeconds(late.nextInt(60)));
            testbed.restart();
            var answer = Answer.to(testbed, "{\"action\":\"sweep\",\"scheduled\":\"" + scheduled + "\"}");
            if ("daily".equals(answer.json().get("notify"))) {
                mails++;
                assertThat(answer.codes(kept)).as("mailed at " + scheduled).contains("CREATE_REFUSED");
            }
        }
        assertThat(mails).isEqualTo(6);
    }

    /** After so long that a version for each sweep would have been more than the service takes. */
    @ParameterizedTest
    @EnumSource(
            value = Cause.class,
            names = {"ROLE_IS_MISSING", "LIFETIME_IS_REFUSED"})
    void once_the_cause_is_mended_a_sweep_within_the_hour_rotates(Cause cause) {
        var kept = cause.set(testbed);
        for (int sweep = 0; sweep < 18 * 6 + 3; sweep++) {
            sweep();
            testbed.after(EVERY);
        }
        cause.mend(testbed, kept);

        for (int sweep = 0; sweep <= 6; sweep++) {
            sweep();
            testbed.after(EVERY);
        }

        assertThat(testbed.current(kept)).isNotEqualTo(kept.first().id());
        assertThat(testbed.attempt(kept)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Cause.class)
    void by_hand_it_is_always_tried(Cause cause) {
        var kept = cause.set(testbed);
        for (int sweep = 0; sweep < 8; sweep++) {
            sweep();
            int tried = creates();
            Answer.rotate(testbed, kept);
            assertThat(creates()).isGreaterThan(tried);
            testbed.after(EVERY);
        }
        cause.mend(testbed, kept);

        assertThat(Answer.rotate(testbed, kept).failed()).isEmpty();
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void what_people_stored_is_no_rotation_that_came_to_nothing() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        testbed.administered(kept);
        testbed.after(Duration.ofHours(5));
        testbed.changedByHand(kept, Map.of("note", "1"));
        testbed.changedByHand(kept, Map.of("note", "2"));
        testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());
        testbed.changedByHand(kept, Map.of("note", "3"));
        testbed.after(Duration.ofMinutes(2));

        var answer = Answer.sweep(testbed);

        assertThat(answer.told(kept)).doesNotContain("came to nothing");
        assertThat(testbed.currentWorks(kept)).isTrue();
    }
}
