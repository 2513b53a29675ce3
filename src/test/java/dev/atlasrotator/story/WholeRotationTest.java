package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.fake.Call;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WholeRotationTest {
    private final Story story = new Story();

    @Test
    void the_four_steps_give_a_new_secret_and_leave_the_old_one_for_its_overlap() {
        var kept = story.account("prod/atlas", Duration.ofDays(30));
        var token = story.begin(kept);
        int mark = story.calls.size();

        story.rotate(kept, token);

        assertThat(story.stored(kept, "AWSCURRENT", "secretId"))
                .isNotEqualTo(story.stored(kept, "AWSPREVIOUS", "secretId"));
        assertThat(story.currentWorks(kept)).isTrue();
        assertThat(story.idsAtAtlas(kept)).hasSize(2).contains(kept.first().id());
        assertThat(story.callsSince(mark, Call.Service.SECRETS_MANAGER)).isLessThanOrEqualTo(7);
        assertThat(story.callsSince(mark, Call.Service.ATLAS)).isLessThanOrEqualTo(5);
    }

    @Test
    void without_rotation_configured_one_call_does_it_all() {
        var kept = story.account("prod/atlas", Duration.ofDays(30));
        int mark = story.calls.size();

        var answer = story.handle("{\"action\":\"rotate\",\"secretId\":\"prod/atlas\"}");

        assertThat(answer).contains("created ", "promoted ").contains("\"failed\":[]");
        assertThat(story.currentWorks(kept)).isTrue();
        assertThat(story.idsAtAtlas(kept)).hasSize(2).contains(kept.first().id());
        assertThat(story.callsSince(mark, Call.Service.SECRETS_MANAGER)).isLessThanOrEqualTo(7);
        assertThat(story.callsSince(mark, Call.Service.ATLAS)).isLessThanOrEqualTo(5);
    }

    @Test
    void the_sweep_rotates_what_is_due_and_takes_the_old_one_away_when_it_is_over() {
        var kept = story.account("prod/atlas", Duration.ofDays(30));

        assertThat(story.handle("{\"action\":\"sweep\"}")).contains("promoted ").contains("\"failed\":[]");
        story.after(Duration.ofHours(25));
        assertThat(story.handle("{\"action\":\"sweep\"}"))
                .contains("deleted " + kept.first().id() + " (superseded)")
                .contains("\"failed\":[]");

        assertThat(story.currentWorks(kept)).isTrue();
        assertThat(story.idsAtAtlas(kept)).hasSize(1);
    }

    @Test
    void every_line_of_a_sweep_says_so_whichever_thread_has_written_it() {
        story.account("prod/atlas", Duration.ofDays(30));

        story.handle("{\"action\":\"sweep\"}");

        assertThat(story.lines)
                .filteredOn(line -> line.contains("\"message\":\"remote call\""))
                .isNotEmpty()
                .allMatch(line -> line.contains("\"event\":\"sweep\""));
    }
}
