package dev.atlasrotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.policy.CreatePolicy.Overlap;
import dev.atlasrotator.report.Asked.Origin;
import dev.atlasrotator.rotation.Step;
import dev.atlasrotator.secretsmanager.VersionId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TriggerTest {
    private static final Origin SCHEDULED = new Origin.Schedule(Optional.of(Instant.parse("2026-11-24T06:00:00Z")));

    private static final String TOKEN = "0123456789abcdef0123456789abcdef";

    @ParameterizedTest
    @EnumSource(Step.Name.class)
    void a_step_of_Secrets_Manager_is_that_step(Step.Name name) {
        var trigger = Trigger.parse("{\"Step\":\""
                + name.text()
                + "\",\"SecretId\":\"arn\",\"ClientRequestToken\":\""
                + TOKEN
                + "\",\"RotationToken\":\"r\"}");
        assertThat(trigger)
                .isEqualTo(new Trigger.RotationStep(
                        new Step(name, "arn", new VersionId(TOKEN), Optional.of(new Sensitive("r")))));
        assertThat(trigger.kind()).isEqualTo(name.text());
        assertThat(trigger.toString()).doesNotContain("\"r\"").contains("Sensitive[hidden]");
    }

    @Test
    void a_step_without_a_RotationToken_and_with_keys_of_the_future_is_a_step() {
        assertThat(Trigger.parse("{\"Step\":\"setSecret\",\"SecretId\":\"arn\",\"ClientRequestToken\":\""
                        + TOKEN
                        + "\",\"Future\":{}}"))
                .isInstanceOfSatisfying(
                        Trigger.RotationStep.class,
                        step -> assertThat(step.step().rotationToken()).isEmpty());
    }

    @Test
    void a_scheduled_event_of_EventBridge_is_the_sweep() {
        var trigger = Trigger.parse("{\"version\":\"0\",\"id\":\"x\",\"detail-type\":\"Scheduled Event\","
                + "\"source\":\"aws.events\",\"account\":\"1\",\"time\":\"2026-11-24T06:00:00Z\","
                + "\"region\":\"r\",\"resources\":[],\"detail\":{}}");
        assertThat(trigger).isEqualTo(new Trigger.Sweep(Optional.empty(), false, SCHEDULED));
        assertThat(trigger.kind()).isEqualTo("sweep");
    }

    @Test
    void what_EventBridge_Scheduler_sends_where_no_input_is_set_is_the_sweep() {
        assertThat(Trigger.parse("{\"version\":\"0\",\"id\":\"x\",\"detail-type\":\"Scheduled"
                        + " Event\","
                        + "\"source\":\"aws.scheduler\",\"account\":\"1\",\"time\":\"2026-11-24T06:00:00Z\","
                        + "\"region\":\"r\",\"resources\":[\"arn:aws:scheduler:r:1:schedule/g/s\"],"
                        + "\"detail\":\"{}\"}"))
                .isEqualTo(new Trigger.Sweep(Optional.empty(), false, SCHEDULED));
    }

    @Test
    void a_sweep_may_say_when_the_schedule_sent_it() {
        assertThat(Trigger.parse("{\"action\":\"sweep\",\"scheduled\":\"2026-11-24T06:00:00Z\"}"))
                .isEqualTo(new Trigger.Sweep(Optional.empty(), false, SCHEDULED));
        assertThat(Trigger.parse("{\"action\":\"sweep\",\"scheduled\":\"<aws.scheduler.scheduled-time>\","
                        + "\"dryRun\":true,\"secretIds\":[\"a\"]}"))
                .isEqualTo(new Trigger.Sweep(Optional.of(List.of("a")), true, new Origin.Schedule(Optional.empty())));
    }

    @Test
    void what_has_leaked_may_be_named_which_asks_for_its_revocation() {
        var leaked = "66b0c0de0000000000000009";
        for (String revokes : List.of("", ",\"revokeOld\":true")) {
            assertThat(Trigger.parse(
                            "{\"action\":\"rotate\",\"secretId\":\"a\",\"leaked\":\"" + leaked + "\"" + revokes + "}"))
                    .isEqualTo(new Trigger.Rotate("a", Overlap.REVOKED, Optional.of(new SecretId(leaked)), false));
        }
    }

    @Test
    void every_event_file_but_the_unknown_one_is_understood() throws IOException {
        try (var files = Files.newDirectoryStream(Path.of("events"), "*.json")) {
            for (Path file : files) {
                var event = Files.readString(file);
                switch (file.getFileName().toString()) {
                    case "env.json" -> {}
                    case "unknown.json" ->
                        assertThatThrownBy(() -> Trigger.parse(event))
                                .isInstanceOf(RotatorException.Configuration.class);
                    default ->
                        assertThat(Trigger.parse(event).kind()).as("%s", file).isNotEmpty();
                }
            }
        }
    }

    @Test
    void what_an_operator_writes_is_what_is_done() {
        assertThat(Trigger.parse("{\"action\":\"sweep\"}"))
                .isEqualTo(new Trigger.Sweep(Optional.empty(), false, new Origin.Operator()));
        assertThat(Trigger.parse("{\"action\":\"sweep\",\"dryRun\":true,\"secretIds\":[\"a\",\"b\"]}"))
                .isEqualTo(new Trigger.Sweep(Optional.of(List.of("a", "b")), true, new Origin.Operator()));
        assertThat(Trigger.parse("{\"action\":\"status\"}"))
                .isEqualTo(new Trigger.Status(Optional.empty()))
                .extracting(Trigger::kind)
                .isEqualTo("status");
        assertThat(Trigger.parse("{\"action\":\"status\",\"secretIds\":[\"a\"]}"))
                .isEqualTo(new Trigger.Status(Optional.of(List.of("a"))));
        assertThat(Trigger.parse("{\"action\":\"rotate\",\"secretId\":\"a\"}"))
                .isEqualTo(new Trigger.Rotate("a", Overlap.KEPT, Optional.empty(), false))
                .extracting(Trigger::kind)
                .isEqualTo("rotate");
        assertThat(Trigger.parse("{\"action\":\"rotate\",\"secretId\":\"a\",\"revokeOld\":true,\"dryRun\":true}"))
                .isEqualTo(new Trigger.Rotate("a", Overlap.REVOKED, Optional.empty(), true));
        assertThat(Trigger.parse("{\"action\":\"rotate\",\"secretId\":\"a\",\"revokeOld\":false,\"dryRun\":false}"))
                .isEqualTo(new Trigger.Rotate("a", Overlap.KEPT, Optional.empty(), false));
    }

    @Test
    void messages_of_SQS_are_work() {
        var trigger = Trigger.parse("{\"Records\":[{\"eventSource\":\"aws:sqs\",\"messageId\":\"1\",\"body\":\"b\","
                + "\"attributes\":{}}]}");
        assertThat(trigger).isEqualTo(new Trigger.Work(List.of(new Trigger.Work.Message("1", "b"))));
        assertThat(trigger.kind()).isEqualTo("work");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "1",
                "[]",
                "\"sweep\"",
                "{",
                "{}",
                "{\"action\":null}",
                "{\"action\":1}",
                "{\"action\":\"Sweep\"}",
                "{\"action\":\"delete\"}",
                "{\"source\":\"aws.s3\"}",
                "{\"step\":\"createSecret\"}",
                // a step that lacks something
                "{\"Step\":\"createSecret\"}",
                "{\"Step\":\"createSecret\",\"SecretId\":\"arn\"}",
                "{\"Step\":\"createSecret\",\"ClientRequestToken\":\"0123456789abcdef0123456789abcdef\"}",
                "{\"Step\":\"createsecret\",\"SecretId\":\"arn\",\"ClientRequestToken\":\"0123456789abcdef0123456789abcdef\"}",
                "{\"Step\":1,\"SecretId\":\"arn\",\"ClientRequestToken\":\"0123456789abcdef0123456789abcdef\"}",
                "{\"Step\":\"createSecret\",\"SecretId\":\"\",\"ClientRequestToken\":\"0123456789abcdef0123456789abcdef\"}",
                "{\"Step\":\"createSecret\",\"SecretId\":\"arn\",\"ClientRequestToken\":\"0123456789abcdef0123456789abcdef\",\"RotationToken\":5}",
                // an operator's mistakes
                "{\"action\":\"rotate\"}",
                "{\"action\":\"rotate\",\"secretId\":1}",
                "{\"action\":\"rotate\",\"secretId\":\" \"}",
                "{\"action\":\"rotate\",\"secretIds\":[\"a\"]}",
                "{\"action\":\"rotate\",\"secretId\":\"a\",\"dryrun\":true}",
                "{\"action\":\"rotate\",\"secretId\":\"a\",\"dryRun\":\"true\"}",
                "{\"action\":\"rotate\",\"secretId\":\"a\",\"dryRun\":null}",
                "{\"action\":\"rotate\",\"secretId\":\"a\",\"revokeOld\":1}",
                "{\"action\":\"sweep\",\"secretId\":\"a\"}",
                "{\"action\":\"sweep\",\"secretIds\":\"a\"}",
                "{\"action\":\"sweep\",\"secretIds\":[]}",
                "{\"action\":\"sweep\",\"secretIds\":[1]}",
                "{\"action\":\"sweep\",\"secretIds\":[\"a\",\"\"]}",
                "{\"action\":\"sweep\",\"revokeOld\":true}",
                "{\"action\":\"status\",\"dryRun\":true}",
                "{\"action\":\"sweep\",\"scheduled\":true}",
                "{\"action\":\"sweep\",\"scheduled\":\"\"}",
                "{\"action\":\"status\",\"scheduled\":\"2026-11-24T06:00:00Z\"}",
                "{\"action\":\"rotate\",\"secretId\":\"a\",\"scheduled\":\"2026-11-24T06:00:00Z\"}",
                "{\"action\":\"rotate\",\"secretId\":\"a\",\"leaked\":true}",
                "{\"action\":\"rotate\",\"secretId\":\"a\",\"leaked\":null}",
                "{\"action\":\"rotate\",\"secretId\":\"a\",\"leaked\":\"\"}",
                "{\"action\":\"rotate\",\"secretId\":\"a\",\"leaked\":\"mdb_sa_sk_aValuePastedHere\"}",
                "{\"action\":\"rotate\",\"secretId\":\"a\",\"leaked\":\"66B0C0DE0000000000000009\"}",
                "{\"action\":\"rotate\",\"secretId\":\"a\",\"leaked\":\"66b0c0de0000000000000009\",\"revokeOld\":false}",
                "{\"action\":\"sweep\",\"leaked\":\"66b0c0de0000000000000009\"}",
                "{\"leaked\":\"66b0c0de0000000000000009\",\"source\":\"aws.events\"}",
                "{\"source\":\"aws.scheduler\",\"dryRun\":true}",
                // what is not from SQS
                "{\"Records\":[{\"eventSource\":\"aws:s3\",\"messageId\":\"1\",\"body\":\"b\"}]}",
                "{\"Records\":[{\"eventSource\":\"aws:sqs\",\"body\":\"b\"}]}",
                "{\"Records\":[{\"eventSource\":\"aws:sqs\",\"messageId\":\"1\"}]}",
                "{\"Records\":[1]}",
                "{\"Records\":[]}",
                "{\"Records\":{}}"
            })
    void anything_else_is_an_error_that_says_what_was_expected(String event) {
        assertThatThrownBy(() -> Trigger.parse(event))
                .isInstanceOf(RotatorException.Configuration.class)
                .hasMessageContaining("Nothing was done")
                .hasMessageContaining("Expected one of")
                .hasMessageContaining("{\"action\":\"sweep\"}")
                .hasMessageNotContaining("aValuePastedHere");
    }

    @Test
    void the_time_of_a_schedule_is_no_text_without_end() {
        assertThatThrownBy(() -> Trigger.parse("{\"action\":\"sweep\",\"scheduled\":\"" + "0".repeat(101) + "\"}"))
                .isInstanceOf(RotatorException.Configuration.class)
                .hasMessageContaining("scheduled");
    }

    @ParameterizedTest
    @ValueSource(ints = {31, 65})
    void a_token_of_the_wrong_length_is_refused(int length) {
        assertThatThrownBy(
                        () -> Trigger.parse("{\"Step\":\"createSecret\",\"SecretId\":\"arn\",\"ClientRequestToken\":\""
                                + "t".repeat(length)
                                + "\"}"))
                .isInstanceOf(RotatorException.Configuration.class)
                .hasMessageContaining("32 to 64");
    }
}
