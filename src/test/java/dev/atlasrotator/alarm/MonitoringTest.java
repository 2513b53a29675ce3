package dev.atlasrotator.alarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.Severity;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.atlas.AtlasRules;
import dev.atlasrotator.simulator.cloudwatch.Alarm;
import dev.atlasrotator.simulator.cloudwatch.Metrics;
import dev.atlasrotator.simulator.cloudwatch.Template;
import dev.atlasrotator.simulator.cloudwatch.Template.Resource;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What alarms and dashboard refer to is there, and what is there is looked at. */
class MonitoringTest {
    private static final String OURS = "AtlasSecretRotator";
    private static final Pattern CODE = Pattern.compile("\\b[A-Z]+(?:_[A-Z]+)+\\b");

    /** A day on which everything happens that has a metric. */
    private static Deployment day(Region region, Map<String, String> parameters) {
        var deployment = new Deployment(region, "atlas", parameters);
        deployment.account("prod/due", Duration.ofDays(31)); // its old secret is deleted in the afternoon
        var malformed = deployment.account("prod/malformed", Duration.ofDays(3));
        var attached = deployment.account("prod/attached", Duration.ofDays(3));
        deployment.rotates(attached, Duration.ofHours(10));
        deployment.at(
                Duration.ofHours(5),
                () -> deployment.rotationEvent("RotationFailed", attached.arn(), Optional.empty()));
        deployment.at(Duration.ofHours(6), () -> deployment.function = Deployment.Function.CRASHES);
        deployment.at(Duration.ofHours(9), () -> deployment.function = Deployment.Function.WORKS);
        deployment.at(
                Duration.ofHours(12),
                () -> deployment.testbed.storedText(malformed, UUID.randomUUID().toString(), "no JSON", "AWSCURRENT"));
        deployment.run(Duration.ofDays(1));
        deployment.end();
        return deployment;
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "false"})
    void alarms_and_dashboard_refer_to_metrics_that_exist_and_leave_none_out(String queue) {
        var region = new Region();
        var deployment = day(region, Map.of("UseWorkQueue", queue, "TimeoutSeconds", "300", "OverlapHours", "2"));
        var referred = referred(deployment.template);
        var written = region.metrics.keys();

        if (queue.equals("true")) {
            // Nothing has failed so often that a message lies there, so the queue has said nothing yet.
            assertThat(referred)
                    .anyMatch(key -> key.dimensions().containsValue(queueName(deployment, "WorkDeadLetters")));
            referred.removeIf(key -> key.dimensions().containsValue(queueName(deployment, "WorkDeadLetters")));
        }
        assertThat(written).containsAll(referred);
        assertThat(referred).containsAll(ours(written));
        assertThat(ours(written))
                .isNotEmpty()
                .allMatch(key -> key.dimensions().keySet().equals(Set.of("FunctionName")));
    }

    private static String queueName(Deployment deployment, String logicalId) {
        var url = deployment.template.ref(logicalId);
        return url.substring(url.lastIndexOf('/') + 1);
    }

    private static Set<Metrics.Key> ours(Set<Metrics.Key> keys) {
        return keys.stream().filter(key -> key.namespace().equals(OURS)).collect(Collectors.toSet());
    }

    private static Set<Metrics.Key> referred(Template template) {
        var keys = template.alarms().stream()
                .map(Alarm::metrics)
                .flatMap(List::stream)
                .collect(Collectors.toSet());
        keys.addAll(onDashboard(template));
        return keys;
    }

    /** The metrics of a dashboard's widgets: namespace, name, dimensions in turn, and how it is drawn. */
    private static Set<Metrics.Key> onDashboard(Template template) {
        var keys = new HashSet<Metrics.Key>();
        for (var widget :
                maps(template.dashboard().orElseThrow().get("widgets")).toList()) {
            if (map(widget.get("properties")).get("metrics") instanceof List<?> metrics) {
                for (var metric : metrics) {
                    var words = ((List<?>) metric)
                            .stream()
                                    .filter(String.class::isInstance)
                                    .map(String::valueOf)
                                    .toList();
                    if (!words.isEmpty()) {
                        var dimensions = new TreeMap<String, String>();
                        for (int i = 2; i < words.size(); i += 2) {
                            dimensions.put(words.get(i), words.get(i + 1));
                        }
                        keys.add(new Metrics.Key(words.get(0), words.get(1), dimensions));
                    }
                }
            }
        }
        return keys;
    }

    @Test
    void two_deployments_in_one_region_have_no_metric_in_common() {
        var mine = referred(Template.of(Path.of("template.yaml"), "atlas", Map.of("UseWorkQueue", "true")));
        var other = referred(Template.of(Path.of("template.yaml"), "atlas-2", Map.of("UseWorkQueue", "true")));

        assertThat(mine).isNotEmpty().doesNotContainAnyElementsOf(other);
    }

    @Test
    void a_rotation_that_fails_is_the_failure_of_the_deployment_whose_function_it_names() {
        var region = new Region();
        var mine = new Deployment(region, "one", Map.of("FunctionName", "atlas"));
        var other = new Deployment(region, "two", Map.of("FunctionName", "atlas-2"));
        var arn = mine.account("prod/attached", Duration.ofDays(3)).arn();
        Function<String, String> by = "Pending secret version was not made current by Lambda %s"::formatted;

        for (var form : List.of("%s", "%s:live", "%s.", "%s, try again", "%s did not end")) {
            mine.rotationEvent("RotationFailed", arn, Optional.of(by.apply(form.formatted(mine.functionArn()))));
            other.rotationEvent("RotationFailed", arn, Optional.of(by.apply(form.formatted(other.functionArn()))));
        }
        assertThat(mine.failedRotations()).hasSize(5).noneMatch(event -> event.contains("atlas-2"));
        assertThat(other.failedRotations()).hasSize(5).allMatch(event -> event.contains("atlas-2"));

        mine.rotationEvent("RotationFailed", arn, Optional.empty());
        mine.rotationEvent("RotationAbandoned", arn, Optional.of("no function is named"));
        mine.rotationEvent("RotationSucceeded", arn, Optional.empty());
        assertThat(mine.failedRotations()).as("of nobody, and so of everybody").hasSize(7);
        assertThat(other.failedRotations()).hasSize(7);
    }

    @Test
    void a_rule_without_a_stored_secret_of_its_prefix_hears_nothing() {
        var region = new Region();
        var mine = new Deployment(region, "one", Map.of("SecretNamePrefix", "prod/"));
        var inside = mine.account("prod/a", Duration.ofDays(3));
        var outside = mine.account("test/a", Duration.ofDays(3));

        mine.rotationEvent("RotationFailed", inside.arn(), Optional.empty());
        mine.rotationEvent("RotationFailed", outside.arn(), Optional.empty());

        assertThat(mine.failedRotations()).hasSize(1).allMatch(event -> event.contains("prod/a"));
    }

    @Test
    void whoever_wants_hears_of_promotions_of_names_with_the_prefix_and_of_no_other_label() {
        var template = Template.of(
                Path.of("template.yaml"),
                "atlas",
                Map.of(
                        "SecretNamePrefix", "prod/",
                        "PromotionTargetArn", "arn:aws:sns:eu-central-1:111111111111:promotions"));
        var heard = new HashMap<String, Integer>();
        var region = new Region();
        var rule = "PromotionRule";
        region.rule(
                rule,
                Optional.ofNullable(template.eventPatterns().get(rule)).orElseThrow(),
                (at, event) -> heard.merge(
                        String.valueOf(map(Json.object(event).orElseThrow().get("detail"))
                                .get("name")),
                        1,
                        Integer::sum));

        // Secrets Manager User Guide, "Secret Label Updated event": sent for custom labels as well.
        for (var sent : List.of(
                Map.of("name", "prod/a", "labelUpdated", "AWSCURRENT"),
                Map.of("name", "prod/a", "labelUpdated", "blue"),
                Map.of("name", "test/prod/a", "labelUpdated", "AWSCURRENT"))) {
            region.event(Instant.EPOCH, "aws.secretsmanager", "Secret Label Updated", sent);
        }

        assertThat(heard).containsExactly(Map.entry("prod/a", 1));
    }

    @Test
    void what_is_critical_is_mailed_at_each_sweep_and_a_warning_once_a_day() {
        var region = new Region();
        var mine = new Deployment(region, "one", Map.of("FunctionName", "atlas"));
        var other = new Deployment(region, "two", Map.of("FunctionName", "atlas-2"));
        var mails = new ArrayList<String>();
        Played.mailing(mine).forEach((rule, pattern) -> region.rule(rule, pattern, (at, event) -> mails.add(event)));
        var kept = mine.account("prod/mine", Duration.ofDays(3));
        var theirs = other.account("prod/theirs", Duration.ofDays(3));

        mine.testbed.atlas.rules(rules -> rules.accessList(AtlasRules.AccessList.REFUSES_ADDRESS));
        mine.run(Duration.ofDays(3).plusMinutes(1));
        assertThat(mails).hasSize(3).allMatch(mail -> mail.contains("\"notify\":\"daily\""));

        mails.clear();
        mine.testbed.atlas.rules(rules -> rules.accessList(AtlasRules.AccessList.ALLOWS));
        mine.testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());
        other.testbed.atlas.deleteSecret(theirs.clientId(), theirs.first().id());
        mine.run(Duration.ofHours(5));
        other.run(Duration.ofHours(5));
        assertThat(mails)
                .hasSize(5)
                .allMatch(mail -> mail.contains("\"notify\":\"critical\""))
                .noneMatch(mail -> mail.contains("prod/theirs"));
    }

    @Test
    void the_queue_hides_nothing() {
        var deployment = new Deployment(new Region(), "atlas", Map.of("UseWorkQueue", "true", "TimeoutSeconds", "300"));
        var due = deployment.account("prod/due", Duration.ofDays(31));
        deployment.function = Deployment.Function.CRASHES;
        deployment.strikes = event -> event.contains("Records");

        deployment.run(Duration.ofHours(4).plusMinutes(1));

        assertThat(deployment.reports)
                .hasSize(4)
                .allMatch(report -> report.json().contains(due.name()));
        assertThat(deployment.deadLetters()).isNotEmpty().allMatch(letter -> letter.contains(due.arn()));
    }

    @Test
    void an_alarms_description_names_only_codes_that_there_are() {
        var codes = Stream.of(Code.values()).map(Code::name).toList();

        assertThat(alarms())
                .isNotEmpty()
                .allSatisfy(alarm -> assertThat(
                                CODE.matcher(alarm.description()).results().map(MatchResult::group))
                        .isSubsetOf(codes));
    }

    @ParameterizedTest
    @EnumSource(Code.class)
    void a_code_for_which_somebody_must_act_is_named_by_an_alarm(Code code) {
        if (code.usual() != Severity.INFO) {
            assertThat(alarms().map(Alarm::description))
                    .anyMatch(text ->
                            Pattern.compile("\\b" + code + "\\b").matcher(text).find());
        }
    }

    /** All alarms that a stack can have. */
    private static Stream<Alarm> alarms() {
        return Template.of(Path.of("template.yaml"), "atlas", Map.of("UseWorkQueue", "true")).alarms().stream();
    }

    @Test
    void the_tables_of_findings_read_the_functions_own_log() {
        var template = Template.of(Path.of("template.yaml"), "atlas", Map.of());
        var log = template.ref("RotatorLogs");

        assertThat(template.resources("AWS::Logs::QueryDefinition"))
                .isNotEmpty()
                .extracting(Resource::properties)
                .allSatisfy(query -> assertThat(query).containsEntry("LogGroupNames", List.of(log)));
        assertThat(maps(template.dashboard().orElseThrow().get("widgets"))
                        .filter(widget -> "log".equals(widget.get("type")))
                        .map(widget ->
                                String.valueOf(map(widget.get("properties")).get("query"))))
                .isNotEmpty()
                .allMatch(query -> query.startsWith("SOURCE '" + log + "'"));
    }

    private static Stream<Map<?, ?>> maps(@Nullable Object list) {
        return ((List<?>) Objects.requireNonNull(list)).stream().map(MonitoringTest::map);
    }

    private static Map<?, ?> map(@Nullable Object value) {
        return (Map<?, ?>) Objects.requireNonNull(value);
    }
}
