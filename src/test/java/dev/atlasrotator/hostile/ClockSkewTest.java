package dev.atlasrotator.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.atlas.AtlasAnswer;
import dev.atlasrotator.simulator.atlas.AtlasOutcome;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Atlas's clock is not ours, and neither is Secrets Manager's. */
class ClockSkewTest {
    private static final String SWEEP = "{\"action\":\"sweep\"}";

    private static Testbed atlasAhead(long seconds) {
        var testbed = new Testbed();
        testbed.atlas.skew(Duration.ofSeconds(seconds));
        return testbed;
    }

    @ParameterizedTest
    @ValueSource(longs = {-7200, -1800, -61, 0, 61, 300, 1800, 3600, 7200})
    void rotations_and_sweeps_work_whatever_the_skew(long ahead) {
        var testbed = atlasAhead(ahead);
        var kept = testbed.account("prod/atlas", Duration.ofDays(31));
        for (int round = 0; round < 2; round++) {
            assertThat(testbed.handle(SWEEP)).contains("\"type\":\"promoted\"").doesNotContain("\"state\":\"failed\"");
            assertThat(testbed.currentWorks(kept)).isTrue();
            testbed.after(Duration.ofHours(29));
            testbed.handle(SWEEP);
            assertThat(testbed.idsAtAtlas(kept)).hasSize(1);
            assertThat(testbed.currentWorks(kept)).isTrue();
            testbed.after(Duration.ofDays(31));
        }
    }

    /** A create whose answer is lost leaves an orphan. */
    private static void orphan(Testbed testbed, ManagedSecret kept, String token) {
        var once = new AtomicBoolean(true);
        testbed.faults(call ->
                call.service() == Call.Service.ATLAS && call.operation().equals("createSecret") && once.getAndSet(false)
                        ? new Fault.Close(Fault.Moment.AFTER_EFFECT)
                        : new Fault.None());
        try {
            testbed.step("createSecret", kept, token);
        } catch (RotatorException lost) {
            // as it should
        }
        testbed.faults(call -> new Fault.None());
    }

    @ParameterizedTest
    @ValueSource(longs = {-55, 0, 55, 300, 3600, 7200})
    void an_orphan_is_deleted_if_atlas_is_at_most_a_minute_behind_or_however_far_ahead(long ahead) {
        var testbed = atlasAhead(ahead);
        var kept = testbed.account("prod/atlas", Duration.ofDays(31));
        var token = testbed.begin(kept);
        orphan(testbed, kept, token);
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2);

        testbed.after(Duration.ofMinutes(17));
        testbed.rotate(kept, token);

        assertThat(testbed.currentWorks(kept)).isTrue();
        testbed.after(Duration.ofHours(29));
        testbed.handle(SWEEP);
        assertThat(testbed.idsAtAtlas(kept)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {-70, -300, -3600, -7200})
    void an_orphan_is_kept_and_reported_as_foreign_if_atlas_is_more_than_a_minute_behind(long ahead) {
        var testbed = atlasAhead(ahead);
        var kept = testbed.account("prod/atlas", Duration.ofDays(31));
        var token = testbed.begin(kept);
        orphan(testbed, kept, token);
        var both = testbed.idsAtAtlas(kept);

        testbed.after(Duration.ofMinutes(17));
        var answer = testbed.handle("{\"action\":\"status\"}");

        assertThat(answer).contains("\"kind\":\"foreign\"");
        assertThat(testbed.idsAtAtlas(kept)).isEqualTo(both);
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {-7200, -61, 0, 61, 1800, 7200})
    void a_secret_made_by_somebody_before_an_attempt_or_used_is_never_deleted(long ahead) {
        for (boolean used : new boolean[] {true, false}) {
            var testbed = atlasAhead(ahead);
            var kept = testbed.account("prod/atlas", Duration.ofDays(31));
            var foreign = testbed.atlas.createSecret(kept.clientId(), 2160);
            if (used) {
                testbed.atlas.signIn(kept.clientId(), foreign.value());
            }
            // One that was never used differs from an orphan by its time alone.
            testbed.after(Duration.ofSeconds(used ? 1 : 125));
            var token = testbed.begin(kept);
            for (int i = 0; i < 4; i++) {
                try {
                    testbed.rotate(kept, token);
                } catch (RotatorException refused) {
                    // as it should
                }
                testbed.after(Duration.ofMinutes(20));
                testbed.handle(SWEEP);
            }
            assertThat(testbed.idsAtAtlas(kept)).contains(foreign.id());
            assertThat(testbed.currentWorks(kept)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Fri, 31 Dec 9999 23:59:59 GMT",
                "Fri, 31 Dec 999999999 23:59:59 GMT",
                "Thu, 01 Jan 1970 00:00:00 GMT",
                "Thu, 01 Jan 2037 00:00:00 GMT",
                "yesterday",
                ""
            })
    void a_date_header_that_cannot_be_is_passed_over_and_no_living_secret_seems_expired(String date) {
        for (boolean recorded : new boolean[] {true, false}) {
            var testbed = new Testbed();
            var kept = testbed.account("prod/atlas", Duration.ofDays(31), "GROUP_OWNER", recorded);
            var foreign = testbed.atlas.createSecret(kept.clientId(), 2160);
            testbed.beforeAtlas(atlas ->
                    request -> atlas.exchange(request) instanceof AtlasOutcome.Answered(var answer, var after, var by)
                            ? new AtlasOutcome.Answered(dated(answer, date), after, by)
                            : new AtlasOutcome.Closed());

            testbed.handle("{\"action\":\"rotate\",\"secretId\":\"prod/atlas\"}");
            testbed.handle(SWEEP);

            assertThat(testbed.idsAtAtlas(kept)).contains(kept.first().id(), foreign.id());
            assertThat(testbed.currentWorks(kept)).isTrue();
        }
    }

    private static AtlasAnswer dated(AtlasAnswer answer, String date) {
        Map<String, String> headers = new LinkedHashMap<>(answer.headers());
        headers.put("date", date);
        return new AtlasAnswer(answer.status(), headers, answer.body());
    }

    @Test
    void a_current_secret_that_signs_in_is_not_deleted_though_its_end_seems_past() {
        var testbed = new Testbed();
        var kept = testbed.account("prod/atlas", Duration.ofDays(31));
        testbed.beforeAtlas(atlas ->
                request -> atlas.exchange(request) instanceof AtlasOutcome.Answered(var answer, var after, var by)
                        ? new AtlasOutcome.Answered(ended(answer), after, by)
                        : new AtlasOutcome.Closed());

        testbed.handle("{\"action\":\"rotate\",\"secretId\":\"prod/atlas\"}");

        assertThat(testbed.idsAtAtlas(kept)).contains(kept.first().id());
        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {-7200, -3600, 0, 3600, 7200})
    void a_superseded_secret_lives_through_its_overlap_by_whichever_clock(long ahead) {
        var testbed = atlasAhead(ahead);
        var kept = testbed.account("prod/atlas", Duration.ofDays(31));
        testbed.handle(SWEEP);
        testbed.after(Duration.ofHours(23).plusMinutes(50));
        testbed.handle(SWEEP);
        assertThat(testbed.idsAtAtlas(kept)).contains(kept.first().id());
    }

    private static AtlasAnswer ended(AtlasAnswer answer) {
        var text = answer.text().replaceAll("\"expiresAt\":\"[^\"]*\"", "\"expiresAt\":\"2026-01-01T00:00:00Z\"");
        return new AtlasAnswer(
                answer.status(), answer.headers(), text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
