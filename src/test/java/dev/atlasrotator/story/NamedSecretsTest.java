package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Testbed;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An operator names single stored secrets: what others of the fleet hold is known all the same. */
class NamedSecretsTest {
    private static final Duration YOUNG = Duration.ofDays(3);
    private final Testbed testbed = new Testbed();

    @Test
    void a_sweep_of_one_keeps_what_another_managed_one_holds() {
        var kept = testbed.account("app-1", Duration.ofDays(30));
        testbed.administered(kept);
        var copy = testbed.copyOf(kept, "app-2", kept.clientId());
        Answer.rotate(testbed, kept);
        testbed.after(Duration.ofHours(26));
        Answer.to(testbed, "{\"action\":\"sweep\",\"secretIds\":[\"app-1\"]}");

        assertThat(testbed.currentWorks(copy)).isTrue();
    }

    @Test
    void a_status_of_one_does_not_advise_away_what_another_managed_one_holds() {
        var kept = testbed.account("app-1", YOUNG);
        testbed.administered(kept);
        var made = testbed.atlas.createSecret(kept.clientId(), 2160);
        var value = testbed.value(kept, "AWSCURRENT");
        value.put("clientSecret", made.value());
        value.put("secretId", made.id());
        testbed.keep("app-2", made, value, Map.of(Testbed.TAG, kept.clientId()));
        testbed.after(Duration.ofDays(2));

        var answer = Answer.to(testbed, "{\"action\":\"status\",\"secretIds\":[\"app-1\"]}");

        assertThat(answer.told(kept)).doesNotContainPattern(Answer.ASKS_TO_DELETE);
    }
}
