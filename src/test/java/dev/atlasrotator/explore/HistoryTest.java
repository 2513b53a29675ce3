package dev.atlasrotator.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HistoryTest {
    /** {@code -Pexplore} plays some ten thousand. */
    private static final int HISTORIES = Boolean.getBoolean("tests.whole") ? 200 : 100;

    @Test
    void some_weeks_by_chance_break_no_promise() throws Exception {
        List<String> broken = Search.inOneThread(() -> {
            var found = new ArrayList<String>();
            for (long seed = 1; seed <= HISTORIES; seed++) {
                long its = seed;
                History.play(Choices.seeded(seed), false)
                        .broken()
                        .ifPresent(how -> found.add("seed " + its + ": " + how));
            }
            return found;
        });

        assertThat(broken).isEmpty();
    }

    @Test
    void a_seed_gives_the_same_history_each_time() throws Exception {
        assertThat(told(7)).isEqualTo(told(7));
    }

    private static List<String> told(long seed) throws Exception {
        return Search.inOneThread(() -> History.play(Choices.seeded(seed), true).timeline);
    }
}
