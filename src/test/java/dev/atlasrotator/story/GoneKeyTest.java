package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Undecryptable;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The KMS key of an old version is gone. */
class GoneKeyTest {
    private final Testbed testbed = new Testbed();

    @ParameterizedTest
    @ValueSource(strings = {"sweep", "status", "rotate", "leak", "step"})
    void an_old_version_without_a_label_whose_key_is_gone_stops_nothing(String way) {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        var oldest = testbed.version(kept, "AWSCURRENT").orElseThrow();
        testbed.after(Duration.ofHours(1));
        testbed.changedByHand(kept, Map.of("note", "1"));
        testbed.after(Duration.ofHours(1));
        testbed.pastedNew(kept); // two live; the oldest version has no label any more
        testbed.after(Duration.ofDays(2));
        testbed.beforeSecretsManager(real -> new Undecryptable(real, oldest));

        switch (way) {
            case "sweep" -> assertThat(Answer.sweep(testbed).failed()).isEmpty();
            case "status" -> assertThat(Answer.status(testbed).failed()).isEmpty();
            case "rotate" -> assertThat(Answer.rotate(testbed, kept).failed()).isEmpty();
            case "leak" -> assertThat(Answer.revoke(testbed, kept).failed()).isEmpty();
            default -> testbed.step("createSecret", kept, testbed.begin(kept));
        }
    }
}
