package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Testbed;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line on an operator's machine, where nobody can tell which function is meant. */
class OperatorsMachineTest {
    private final Testbed testbed = new Testbed();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\"}",
                "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"revokeOld\":true}",
                "{\"action\":\"sweep\"}"
            })
    void what_another_function_rotates_is_left_alone_from_an_operators_machine_too(String event) {
        var kept = testbed.account("prod/atlas", Duration.ofDays(84));
        testbed.secretsManager.configureRotation(kept.arn(), "arn:aws:lambda:eu-central-1:123456789012:function:other");
        testbed.after(Duration.ofHours(2));
        var before = Answer.changes(testbed);

        testbed.handleOnMachine(event);

        assertThat(Answer.changes(testbed)).isEqualTo(before);
    }
}
