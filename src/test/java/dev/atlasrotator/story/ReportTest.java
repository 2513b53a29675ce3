package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Death;
import dev.atlasrotator.testbed.ReportEntry;
import dev.atlasrotator.testbed.Testbed;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The answer of sweep, rotate and status as its reader finds it, and the line of metrics. */
class ReportTest {
    private static final String BY_HAND = "{\"action\":\"sweep\"}";

    private final Testbed testbed = new Testbed();

    private static String scheduled(String time) {
        return "{\"action\":\"sweep\",\"scheduled\":\"" + time + "\"}";
    }

    private static String id(Map<String, Object> of) {
        return String.valueOf(of.get("secretId"));
    }

    @Test
    void a_sweep_says_what_was_asked_when_and_how_every_account_stands() {
        var fresh = testbed.account("prod/fresh", Duration.ofDays(3));
        var broken = testbed.account("prod/broken", Duration.ofDays(3));
        testbed.atlas.deleteSecret(broken.clientId(), broken.first().id());
        testbed.secretsManager.seed("prod/odd", "no JSON", Map.of(Testbed.TAG, "true"));

        var answer = Answer.sweep(testbed);

        assertThat(answer.json())
                .containsOnlyKeys(
                        "action",
                        "mode",
                        "dryRun",
                        "at",
                        "checked",
                        "unfinished",
                        "severity",
                        "notify",
                        "summary",
                        "findings",
                        "states",
                        "accounts")
                .containsEntry("action", "sweep")
                .containsEntry("mode", "act")
                .containsEntry("dryRun", false)
                .containsEntry("checked", 3)
                .containsEntry("unfinished", 0)
                .containsEntry("states", Map.of("fresh", 1, "lockedOut", 1, "failed", 1));
        assertThat(Instant.parse(String.valueOf(answer.json().get("at")))).isEqualTo(Testbed.START);
        assertThat(answer.of(fresh))
                .containsOnlyKeys(
                        "secretArn",
                        "name",
                        "clientId",
                        "groupId",
                        "state",
                        "secretId",
                        "createdAt",
                        "promotedAt",
                        "expiresAt",
                        "others",
                        "actions",
                        "findings")
                .containsEntry("name", "prod/fresh")
                .containsEntry("clientId", fresh.clientId())
                .containsEntry("groupId", testbed.project().id())
                .containsEntry("state", "fresh")
                .containsEntry("secretId", fresh.first().id())
                .containsEntry("createdAt", "2026-05-29T08:00:00Z")
                .containsEntry("promotedAt", "2026-06-01T08:00:00Z")
                .containsEntry("expiresAt", "2026-08-27T08:00:00Z")
                .containsEntry("others", List.of())
                .containsEntry("actions", List.of());
        assertThat(answer.failed()).hasSize(1);
        assertThat(answer.failed().getFirst())
                .containsOnlyKeys("secretArn", "name", "state", "others", "actions", "findings")
                .containsEntry("name", "prod/odd");
        assertThat(new ReportEntry(answer.failed().getFirst()).codes()).containsExactly("VALUE_MALFORMED");
        assertThat(answer.json()).containsEntry("severity", "critical");
        assertThat(String.valueOf(answer.json().get("summary")))
                .startsWith("3 accounts checked: 1 failed, 1 fresh, 1 lockedOut.\n")
                .contains("CRITICAL prod/broken (lockedOut): ", "WARNING prod/odd (failed): VALUE_MALFORMED")
                .doesNotContain("prod/fresh");
    }

    @Test
    void whoever_is_on_call_is_notified_each_time_where_something_is_critical() {
        var broken = testbed.account("prod/broken", Duration.ofDays(3));
        testbed.atlas.deleteSecret(broken.clientId(), broken.first().id());

        assertThat(Answer.to(testbed, scheduled("2026-06-01T08:00:00Z")).json()).containsEntry("notify", "critical");
        assertThat(Answer.to(testbed, scheduled("2026-06-01T09:00:00Z")).json()).containsEntry("notify", "critical");
    }

    @Test
    void of_a_warning_the_first_scheduled_sweep_of_a_day_notifies_and_no_other() {
        testbed.secretsManager.seed("prod/odd", "no JSON", Map.of(Testbed.TAG, "true"));
        testbed.setting("SWEEP_INTERVAL_MINUTES", "360");

        assertThat(Stream.of("00:00:00", "05:59:00", "06:00:00", "23:59:59")
                        .map(time -> scheduled("2026-06-01T" + time + "Z"))
                        .map(event -> Answer.to(testbed, event).json().get("notify")))
                .containsExactly("daily", "daily", "none", "none");
        assertThat(Answer.to(testbed, BY_HAND).json()).containsEntry("notify", "none");
    }

    @Test
    void nobody_is_notified_where_all_is_well() {
        testbed.account("prod/fresh", Duration.ofDays(3));

        assertThat(Answer.to(testbed, scheduled("2026-06-01T00:00:00Z")).json()).containsEntry("notify", "none");
    }

    @Test
    void an_observing_sweep_says_what_it_would_do_and_reports_as_a_sweep() {
        var due = testbed.account("prod/due", Duration.ofDays(30));
        testbed.setting("SWEEP_MODE", "observe");
        var before = Answer.changes(testbed);

        var answer = Answer.to(testbed, scheduled("2026-06-01T08:00:00Z"));

        assertThat(answer.json()).containsEntry("mode", "observe").containsEntry("dryRun", false);
        assertThat(answer.actions(due)).containsExactly("created", "promoted");
        assertThat(Answer.changes(testbed)).isEqualTo(before);
        assertThat(Answer.metric(testbed, "Sweeps")).isEqualTo(1);
        assertThat(Answer.metricNames(testbed)).doesNotContain("Rotations");
    }

    @Test
    void each_finding_that_somebody_must_hear_of_is_a_line_of_the_log() {
        testbed.account("prod/fresh", Duration.ofDays(3));
        var broken = testbed.account("prod/broken", Duration.ofDays(3));
        testbed.atlas.deleteSecret(broken.clientId(), broken.first().id());
        testbed.secretsManager.seed("prod/odd", "no JSON", Map.of(Testbed.TAG, "true"));

        Answer.sweep(testbed);

        assertThat(testbed.lines.stream()
                        .flatMap(line -> Json.object(line).stream())
                        .filter(line -> line.containsKey("code"))
                        .map(line -> "%s %s %s %s"
                                .formatted(
                                        line.get("level"), line.get("severity"), line.get("code"), line.get("name"))))
                .containsExactlyInAnyOrder(
                        "ERROR critical CREDENTIAL_REJECTED prod/broken", "WARN warning VALUE_MALFORMED prod/odd");
    }

    @Test
    void the_most_urgent_comes_first() {
        var fresh = testbed.account("a/fresh", Duration.ofDays(3));
        var foreign = testbed.account("b/foreign", Duration.ofDays(3));
        testbed.atlas.createSecret(foreign.clientId(), 2160);
        var due = testbed.account("c/due", Duration.ofDays(30));
        var expiring = testbed.account("d/expiring", Duration.ofDays(85));
        var broken = testbed.account("e/broken", Duration.ofDays(3));
        testbed.atlas.deleteSecret(broken.clientId(), broken.first().id());
        var overlap = testbed.account("f/overlap", Duration.ofDays(30));
        Answer.rotate(testbed, overlap);
        var stuck = testbed.account("g/stuck", Duration.ofDays(3));
        testbed.begin(stuck);
        testbed.after(Duration.ofMinutes(15));
        var rotating = testbed.account("h/rotating", Duration.ofDays(3));
        testbed.begin(rotating);

        var names = Answer.status(testbed).accounts().stream()
                .map(one -> one.get("name"))
                .toList();

        assertThat(names)
                .containsExactlyElementsOf(List.<Object>of(
                        broken.name(),
                        expiring.name(),
                        foreign.name(),
                        stuck.name(),
                        rotating.name(),
                        due.name(),
                        overlap.name(),
                        fresh.name()));
    }

    @Test
    void a_rotation_answers_in_the_same_form_and_names_the_old_secret_it_saw() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));

        var answer = Answer.rotate(testbed, kept);

        var made = testbed.stored(kept, "AWSCURRENT", "secretId").orElseThrow();
        assertThat(answer.json())
                .containsEntry("action", "rotate")
                .containsEntry("dryRun", false)
                .containsEntry("checked", 1)
                .containsEntry("severity", "none");
        assertThat(id(answer.of(kept))).isEqualTo(kept.first().id());
        assertThat(answer.actions(kept)).containsExactly("created " + made, "promoted " + made);
    }

    @Test
    void a_rotation_that_is_refused_has_failed_and_its_entry_says_what_was_seen() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        Answer.rotate(testbed, kept);

        var answer = Answer.rotate(testbed, kept);

        assertThat(answer.failure(kept)).startsWith("SECRET_WITHIN_OVERLAP: ").contains("revokeOld");
        assertThat(answer.state(kept)).isEqualTo("failed");
        assertThat(answer.kinds(kept)).containsExactly("superseded");
        assertThat(answer.number("checked")).isEqualTo(1);
        assertThat(Answer.metric(testbed, "RotationFailures")).isEqualTo(1);
    }

    @Test
    void status_answers_in_the_same_form_and_reads_only() {
        testbed.account("prod/due", Duration.ofDays(30));
        var superseded = testbed.account("prod/over", Duration.ofDays(30));
        Answer.rotate(testbed, superseded);
        testbed.after(Duration.ofHours(25));
        var before = Answer.changes(testbed);
        int metrics = Answer.metrics(testbed).size();

        var answer = Answer.status(testbed);

        assertThat(answer.json()).containsEntry("action", "status").containsEntry("checked", 2);
        assertThat(answer.others(superseded).getFirst())
                .containsOnlyKeys("secretId", "kind", "createdAt", "expiresAt", "lastUsedAt")
                .containsEntry("kind", "superseded");
        assertThat(Answer.changes(testbed)).isEqualTo(before);
        assertThat(Answer.metrics(testbed)).hasSize(metrics);
    }

    @Test
    void what_status_answers_is_a_line_of_the_log_too() {
        testbed.account("prod/atlas", Duration.ofDays(3));

        var answer = testbed.handle("{\"action\":\"status\"}");

        assertThat(testbed.lines).containsOnlyOnce(answer);
    }

    @Test
    void in_the_log_a_report_too_long_for_a_line_leaves_out_the_less_urgent_and_counts_them() {
        for (int i = 0; i < 900; i++) {
            testbed.account("prod/atlas-" + i, Duration.ofDays(3));
        }
        testbed.account("prod/due", Duration.ofDays(40));

        var answer = testbed.handle("{\"action\":\"status\"}");

        assertThat(answer).hasSizeGreaterThan(256 * 1024);
        var line = testbed.lines.getLast();
        assertThat(line).hasSizeLessThanOrEqualTo(200_000);
        var logged = Json.object(line).orElseThrow();
        var accounts = (List<?>) logged.get("accounts");
        assertThat(String.valueOf(accounts.getFirst())).contains("prod/due");
        assertThat(logged).containsEntry("checked", 901).containsEntry("omitted", 901 - accounts.size());
        assertThat(accounts).hasSizeGreaterThan(100);
    }

    @Test
    void a_dry_run_says_what_a_sweep_would_do_and_changes_nothing() {
        var due = testbed.account("a/due", Duration.ofDays(30));
        var requested = testbed.account("b/requested", Duration.ofDays(85));
        testbed.rotatedBySecretsManager(requested);
        var over = testbed.account("c/over", Duration.ofDays(3));
        Answer.rotate(testbed, over);
        var resumed = testbed.account("d/resumed", Duration.ofDays(3));
        Death.after(testbed, "PutSecretValue", 2, () -> Answer.rotate(testbed, resumed));
        var pending = testbed.stored(resumed, "AWSPENDING", "secretId");
        testbed.after(Duration.ofHours(25));
        var before = Answer.changes(testbed);

        var answer = Answer.dryRun(testbed);

        assertThat(answer.json()).containsEntry("dryRun", true);
        assertThat(answer.actions(due)).containsExactly("created", "promoted");
        assertThat(answer.actions(requested)).containsExactly("requested");
        assertThat(answer.actions(over))
                .containsExactly("deleted " + over.first().id() + " (superseded)");
        assertThat(answer.actions(resumed)).containsExactly("resumed", "promoted " + pending.orElseThrow());
        assertThat(Answer.changes(testbed)).isEqualTo(before);
        testbed.secretsManager.runRotations();
        assertThat(Answer.changes(testbed)).isEqualTo(before);
    }

    @Test
    void a_dry_rotation_changes_nothing_and_its_refusal_is_no_failed_rotation() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        var event = "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"dryRun\":true}";
        var before = Answer.changes(testbed);

        assertThat(Answer.to(testbed, event).actions(kept)).containsExactly("created", "promoted");
        assertThat(Answer.changes(testbed)).isEqualTo(before);

        Answer.rotate(testbed, kept);
        var after = Answer.changes(testbed);
        var refused = Answer.to(testbed, event);
        assertThat(refused.failure(kept)).startsWith("SECRET_WITHIN_OVERLAP: ");
        assertThat(Answer.changes(testbed)).isEqualTo(after);
        assertThat(Answer.metrics(testbed)).hasSize(1);
    }

    @Test
    void a_dry_revocation_lists_what_the_real_one_then_does() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        Answer.rotate(testbed, kept);
        var current = testbed.stored(kept, "AWSCURRENT", "secretId").orElseThrow();
        testbed.after(Duration.ofHours(1)); // else it could be the same call once more
        var event = "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"revokeOld\":true,\"dryRun\":";

        var dry = Answer.to(testbed, event + "true}").actions(kept);
        var real = Answer.to(testbed, event + "false}").actions(kept);

        assertThat(dry)
                .containsExactly(
                        "deleted " + kept.first().id() + " (revoked)",
                        "created",
                        "promoted",
                        "deleted " + current + " (revoked)");
        assertThat(real).hasSize(4).startsWith(dry.getFirst()).endsWith(dry.getLast());
    }

    @Test
    void the_report_is_one_line_of_the_log_and_the_metrics_another() {
        testbed.account("prod/atlas", Duration.ofDays(30));

        var answer = testbed.handle("{\"action\":\"sweep\"}");

        assertThat(testbed.lines).containsOnlyOnce(answer);
        assertThat(Answer.metrics(testbed)).hasSize(1);
    }

    @Test
    @SuppressWarnings("unchecked")
    void the_line_of_metrics_is_in_cloudwatchs_embedded_format() {
        testbed.account("prod/a", Duration.ofDays(30));
        testbed.account("prod/b", Duration.ofDays(50));
        testbed.rotatedBySecretsManager(testbed.account("prod/c", Duration.ofDays(60)));

        Answer.to(testbed, scheduled("2026-06-01T08:00:00Z"));

        var line = Json.object(Answer.metrics(testbed).getLast()).orElseThrow();
        var aws = (Map<String, Object>) line.get("_aws");
        var directive = ((List<Map<String, Object>>) aws.get("CloudWatchMetrics")).getFirst();
        var names = Answer.metricNames(testbed);
        assertThat(aws).containsEntry("Timestamp", Testbed.START.toEpochMilli());
        assertThat(directive)
                .containsEntry("Namespace", "AtlasSecretRotator")
                .containsEntry("Dimensions", List.of(List.of("FunctionName")));
        assertThat(line).containsEntry("FunctionName", "rotator");
        assertThat(names)
                .containsExactly(
                        "Sweeps",
                        "AccountsChecked",
                        "Unfinished",
                        "HoursToExpiry",
                        "CriticalFindings",
                        "WarningFindings",
                        "Rotations");
        names.forEach(name -> assertThat(line.get(name)).isInstanceOf(Number.class));
        assertThat(Answer.metric(testbed, "Rotations")).isEqualTo(2);
        // Those that were rotated have their whole life again; the third has thirty days left.
        assertThat(Answer.metric(testbed, "HoursToExpiry")).isEqualTo(720);
    }

    @Test
    void the_hours_to_expiry_are_the_least_of_the_fleet_and_never_negative() {
        testbed.account("prod/a", Duration.ofDays(3));
        var near = testbed.account("prod/b", Duration.ofDays(3));
        testbed.atlas.createSecret(near.clientId(), 2160);
        testbed.after(Duration.ofDays(6).plusMinutes(30));

        Answer.to(testbed, scheduled("2026-06-07T14:30:00Z"));
        assertThat(Answer.metric(testbed, "HoursToExpiry")).isEqualTo(23.5);
    }

    @Test
    void what_an_operator_asks_for_is_no_sign_of_life_and_tells_nothing_of_the_fleet() {
        testbed.account("prod/atlas", Duration.ofDays(30));

        Answer.to(testbed, BY_HAND);

        assertThat(Answer.metricNames(testbed)).containsExactly("Rotations");
    }

    @Test
    void what_was_not_done_is_not_published_since_each_metric_costs_by_the_hour() {
        testbed.account("prod/atlas", Duration.ofDays(3));

        Answer.to(testbed, BY_HAND);
        assertThat(Answer.metrics(testbed)).isEmpty();

        Answer.to(testbed, scheduled("2026-06-01T08:00:00Z"));
        assertThat(Answer.metricNames(testbed))
                .containsExactly(
                        "Sweeps",
                        "AccountsChecked",
                        "Unfinished",
                        "HoursToExpiry",
                        "CriticalFindings",
                        "WarningFindings");
    }

    @Test
    void a_scheduled_sweep_answers_what_a_destination_can_carry_the_most_urgent_first() {
        for (int i = 0; i < 900; i++) {
            testbed.account("prod/atlas-" + i, Duration.ofDays(3));
        }
        testbed.secretsManager.seed("prod/odd", "no JSON", Map.of(Testbed.TAG, "true"));

        var answer = testbed.handle(scheduled("2026-06-01T08:00:00Z"));

        assertThat(answer.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(100_000, 200_000);
        var first = new Answer(Json.object(answer).orElseThrow()).accounts().getFirst();
        assertThat(first).containsEntry("name", "prod/odd");
    }

    @Test
    void a_key_that_held_a_copy_of_the_old_secret_gets_the_new_one_and_the_report_names_it() {
        var kept = testbed.account("prod/atlas", Duration.ofDays(3));
        testbed.changedByHand(
                kept, Map.of("MDB_MCP_API_CLIENT_SECRET", kept.first().value()));

        var answer = Answer.rotate(testbed, kept);

        var created =
                ReportEntry.maps(answer.of(kept).get("actions")).findFirst().orElseThrow();
        assertThat(created.get("type")).isEqualTo("created");
        assertThat(created.get("keys")).isEqualTo(List.of("MDB_MCP_API_CLIENT_SECRET"));
        assertThat(testbed.stored(kept, "AWSCURRENT", "MDB_MCP_API_CLIENT_SECRET"))
                .isEqualTo(testbed.stored(kept, "AWSCURRENT", "clientSecret"));
    }
}
