package dev.atlasrotator.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.atlasrotator.Trigger;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.testbed.Testbed;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever may invoke the function chooses every byte of its event. */
class EventsTest {
    private static final List<String> GOOD = List.of(
            "{\"Step\":\"createSecret\",\"SecretId\":\"prod/atlas\",\"ClientRequestToken\":"
                    + "\"00000000-0000-4000-8000-000000000001\",\"RotationToken\":\""
                    + Testbed.ROTATION_TOKEN
                    + "\"}",
            "{\"Step\":\"finishSecret\",\"SecretId\":\"prod/atlas\",\"ClientRequestToken\":"
                    + "\"00000000-0000-4000-8000-000000000001\"}",
            "{\"version\":\"0\",\"source\":\"aws.events\",\"detail-type\":\"Scheduled"
                    + " Event\",\"resources\":[\"arn:aws:events:x:1:rule/r\"],\"detail\":{}}",
            "{\"action\":\"sweep\",\"dryRun\":true,\"secretIds\":[\"prod/atlas\"]}",
            "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"revokeOld\":true," + "\"dryRun\":true}",
            "{\"version\":\"0\",\"source\":\"aws.scheduler\",\"detail-type\":\"Scheduled"
                    + " Event\",\"resources\":[\"arn:aws:scheduler:x:1:schedule/g/s\"],\"detail\":\"{}\"}",
            "{\"action\":\"sweep\",\"scheduled\":\"2026-11-24T06:00:00Z\"}",
            "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"leaked\":"
                    + "\"66b0c0de0000000000000003\",\"dryRun\":true}",
            "{\"action\":\"status\",\"secretIds\":[\"prod/atlas\"]}",
            "{\"Records\":[{\"messageId\":\"m\",\"eventSource\":\"aws:sqs\",\"body\":"
                    + "\"{\\\"action\\\":\\\"sweep\\\",\\\"secretIds\\\":[\\\"prod/atlas\\\"]}"
                    + "\"}]}");

    @Test
    void any_event_is_read_or_refused_as_a_configuration_error() throws Exception {
        Seeds.each("events read", 100, chance -> {
            var event = new Corruptor(chance).text(GOOD.get(chance.nextInt(GOOD.size())));
            try {
                assertThat(Trigger.parse(event).kind()).isNotEmpty();
            } catch (RotatorException.Configuration refused) {
                assertThat(refused).hasNoCause();
                assertThat(refused.getMessage()).hasSizeLessThan(1000);
            }
        });
    }

    @Test
    void an_event_that_is_refused_has_changed_nothing_and_called_nobody() throws Exception {
        var testbed = new Testbed();
        testbed.account("prod/atlas", Duration.ofDays(3));
        Seeds.each("events handled", 50, chance -> {
            var event = new Corruptor(chance).text(GOOD.get(chance.nextInt(GOOD.size())));
            int calls = testbed.calls.size();
            int lines = testbed.lines.size();
            boolean known = isKnown(event);
            try {
                testbed.handle(event);
                assertThat(known).isTrue();
            } catch (RotatorException declared) {
                assertThat(declared).hasNoCause();
                assertThat(declared.getMessage()).doesNotContain(Testbed.ROTATION_TOKEN);
            }
            if (!known) {
                assertThat(testbed.calls).hasSize(calls);
            }
            for (String line : testbed.lines.subList(lines, testbed.lines.size())) {
                assertThat(line).doesNotContain("\n", "\r", Testbed.ROTATION_TOKEN);
                assertThat(line).doesNotContain("\"message\":\"defect\"");
            }
            if (testbed.lines.size() > 5000) {
                testbed.lines.clear();
                testbed.calls.clear();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"action\":\"sweep\"}{\"dryRun\":true}",
                "null}",
                "{\"source\":\"aws.events\",\"dryRun\":true}",
                "{\"Records\":[],\"action\":\"sweep\"}",
                "{\"Step\":\"finishSecret\",\"SecretId\":\"a\",\"ClientRequestToken\":"
                        + "\"00000000-0000-4000-8000-000000000001\",\"dryRun\":true}",
                "{\"action\":\"rotate\",\"secretId\":\"a\\nERROR all is lost\"}",
                "{\"action\":\"status\",\"secretIds\":[\"a\\u2028b\"]}",
                "{\"Step\":\"setSecret\",\"SecretId\":\"a\",\"ClientRequestToken\":"
                        + "\"\\u001b[31m0000000000000000000000000000000000\"}"
            })
    void an_event_that_could_mean_two_things_or_writes_into_the_log_is_refused(String event) {
        assertThatExceptionOfType(RotatorException.Configuration.class).isThrownBy(() -> Trigger.parse(event));
    }

    @Test
    void a_name_longer_than_any_of_secrets_managers_is_refused() {
        assertThatExceptionOfType(RotatorException.Configuration.class)
                .isThrownBy(() -> Trigger.parse("{\"action\":\"rotate\",\"secretId\":\"" + "a".repeat(2049) + "\"}"))
                .satisfies(refused -> assertThat(refused.getMessage()).hasSizeLessThan(1000));
    }

    private static boolean isKnown(String event) {
        try {
            Trigger.parse(event);
            return true;
        } catch (RotatorException.Configuration unknown) {
            return false;
        }
    }
}
