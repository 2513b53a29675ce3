package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.testbed.Testbed;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WholeRotationTest {
    private final Testbed testbed = new Testbed();

    @Test
    void the_four_steps_give_a_new_secret_and_leave_the_old_one_for_its_overlap() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(30));
        var token = testbed.begin(kept);
        int mark = testbed.calls.size();

        testbed.rotate(kept, token);

        assertThat(testbed.stored(kept, "AWSCURRENT", "secretId"))
                .isNotEqualTo(testbed.stored(kept, "AWSPREVIOUS", "secretId"));
        assertThat(testbed.currentWorks(kept)).isTrue();
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2).contains(kept.first().id());
        assertThat(testbed.callsSince(mark, Call.Service.SECRETS_MANAGER)).isLessThanOrEqualTo(7);
        assertThat(testbed.callsSince(mark, Call.Service.ATLAS)).isLessThanOrEqualTo(5);
    }

    @Test
    void without_rotation_configured_one_call_does_it_all() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(30));
        int mark = testbed.calls.size();

        var answer = testbed.handle("{\"action\":\"rotate\",\"secretId\":\"prod/atlas\"}");

        assertThat(answer)
                .contains("\"type\":\"created\"", "\"type\":\"promoted\"")
                .doesNotContain("\"state\":\"failed\"");
        assertThat(testbed.currentWorks(kept)).isTrue();
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2).contains(kept.first().id());
        assertThat(testbed.callsSince(mark, Call.Service.SECRETS_MANAGER)).isLessThanOrEqualTo(7);
        assertThat(testbed.callsSince(mark, Call.Service.ATLAS)).isLessThanOrEqualTo(5);
    }

    @Test
    void the_sweep_rotates_what_is_due_and_takes_the_old_one_away_when_it_is_over() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(30));

        assertThat(testbed.handle("{\"action\":\"sweep\"}"))
                .contains("\"type\":\"promoted\"")
                .doesNotContain("\"state\":\"failed\"");
        testbed.after(Duration.ofHours(25));
        assertThat(testbed.handle("{\"action\":\"sweep\"}"))
                .contains("\"secretId\":\"" + kept.first().id() + "\",\"reason\":\"superseded\"")
                .doesNotContain("\"state\":\"failed\"");

        assertThat(testbed.currentWorks(kept)).isTrue();
        assertThat(testbed.idsAtAtlas(kept)).hasSize(1);
    }

    @Test
    void every_line_of_a_sweep_says_so_whichever_thread_has_written_it() {
        testbed.account("prod/atlas", Duration.ofDays(30));

        testbed.handle("{\"action\":\"sweep\"}");

        assertThat(testbed.lines)
                .filteredOn(line -> line.contains("\"message\":\"remote call\""))
                .isNotEmpty()
                .allMatch(line -> line.contains("\"event\":\"sweep\""));
    }
}
