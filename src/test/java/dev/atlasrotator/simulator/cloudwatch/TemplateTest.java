package dev.atlasrotator.simulator.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TemplateTest {
    private static final Path FILE = Path.of("template.yaml");

    private final Template plain = Template.of(FILE, "atlas", Map.of());

    @Test
    void a_resource_whose_condition_is_false_does_not_exist() {
        assertThat(plain.resource("WorkQueue")).isEmpty();
        var queue = Template.of(FILE, "atlas", Map.of("UseWorkQueue", "true", "TimeoutSeconds", "300"))
                .resource("WorkQueue")
                .orElseThrow();
        assertThat(queue.properties()).as("from a mapping").containsEntry("VisibilityTimeout", 1800);
        assertThat(Template.of(FILE, "atlas", Map.of("CreateAlarms", "false")).alarms())
                .isEmpty();
    }

    @Test
    void names_are_given_or_made_and_never_differ() {
        assertThat(plain.ref("RotatorFunction")).isEqualTo("atlas-RotatorFunction-1A2B3C4D5E6F");
        assertThat(Template.of(FILE, "atlas", Map.of("FunctionName", "mine")).ref("RotatorFunction"))
                .isEqualTo("mine");
        assertThat(plain.ref("FailureQueue"))
                .isEqualTo("https://sqs.eu-central-1.amazonaws.com/111111111111/atlas-FailureQueue-1A2B3C4D5E6F");
    }

    @Test
    void every_resource_of_every_shape_of_the_stack_can_be_resolved() {
        var admin = "arn:aws:secretsmanager:us-east-1:123456789012:secret:admin-AbCdEf";
        var given = Map.of(
                "UseWorkQueue", "true",
                "AdminSecretArn", admin,
                "AdditionalAdminSecretArns", admin + "," + admin,
                "VpcSubnetIds", "subnet-0123456789abcdef0",
                "AlarmTopicArn", "arn:aws:sns:eu-central-1:123456789012:on-call");
        var full = Template.of(FILE, "atlas", given);
        assertThat(full.resources("AWS::IAM::Role")).isNotEmpty();
        assertThat(full.alarms()).isNotEmpty().allMatch(Alarm::notifies);
        assertThat(plain.alarms()).isNotEmpty().noneMatch(Alarm::notifies);
        var environment = Template.map(Template.map(full.resource("RotatorFunction")
                        .orElseThrow()
                        .properties()
                        .get("Environment"))
                .get("Variables"));
        assertThat(environment)
                .containsEntry(
                        "ADMIN_SECRET_ID", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:admin-AbCdEf")
                .doesNotContainKey("HTTPS_PROXY");
    }

    @Test
    void alarms_dashboard_and_rules() {
        var failed = plain.alarms().stream()
                .filter(alarm -> alarm.name().equals("FailureQueueAlarm"))
                .findFirst()
                .orElseThrow();
        assertThat(failed.metrics())
                .containsExactly(new Metrics.Key(
                        "AWS/SQS",
                        "ApproximateNumberOfMessagesVisible",
                        Map.of("QueueName", "atlas-FailureQueue-1A2B3C4D5E6F")));
        assertThat(failed.period()).isGreaterThanOrEqualTo(Duration.ofMinutes(1));
        assertThat(plain.dashboard().orElseThrow().get("widgets")).isInstanceOf(List.class);
        assertThat(plain.eventPatterns()).containsKey("RotationFailedRule");
    }

    @Test
    void what_it_does_not_know_is_an_error() {
        assertThatThrownBy(() -> Template.of(FILE, "atlas", Map.of("NoSuch", "1")))
                .hasMessageContaining("NoSuch");
    }
}
