package dev.atlasrotator.cli;

import dev.atlasrotator.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reports as a function answers them, entry by entry. */
final class SampleReports {
    static final Instant NOW = Instant.parse("2026-06-01T08:00:00Z");
    static final String CURRENT = "665f3a1e0123456789abcdef";
    static final String OTHER = "663e10aa0123456789fedcba";

    private SampleReports() {}

    static Map<String, Object> report(String action, List<Map<String, Object>> accounts) {
        var report = new LinkedHashMap<String, Object>();
        report.put("action", action);
        report.put("mode", "act");
        report.put("dryRun", false);
        report.put("at", NOW.toString());
        report.put("checked", accounts.size());
        report.put("unfinished", 0);
        report.put("severity", "none");
        report.put("findings", List.of());
        report.put("accounts", accounts);
        return report;
    }

    static ReportView view(Map<String, Object> report) {
        return ReportView.parse(Json.text(report));
    }

    /** An account with one secret of this age, with this time left. */
    static Map<String, Object> account(String name, String state, Duration age, Duration left) {
        var account = new LinkedHashMap<String, Object>();
        account.put("secretArn", "arn:aws:secretsmanager:eu-central-1:111111111111:secret:" + name + "-AbCdEf");
        account.put("name", name);
        account.put("clientId", "mdb_sa_id_0123456789abcdef01234567");
        account.put("groupId", "0123456789abcdef01234567");
        account.put("state", state);
        account.put("secretId", CURRENT);
        account.put("createdAt", NOW.minus(age).toString());
        account.put("expiresAt", NOW.plus(left).toString());
        account.put("others", List.of());
        account.put("actions", List.of());
        account.put("findings", List.of());
        return account;
    }

    static Map<String, Object> failed(String name) {
        var account = new LinkedHashMap<String, Object>();
        account.put("secretArn", name);
        account.put("name", name);
        account.put("state", "failed");
        account.put("others", List.of());
        account.put("actions", List.of());
        account.put("findings", List.of());
        return account;
    }

    static Map<String, Object> with(Map<String, Object> account, String list, Map<String, Object> entry) {
        account.merge(
                list,
                List.of(entry),
                (before, more) -> Stream.concat(((List<?>) before).stream(), ((List<?>) more).stream())
                        .toList());
        return account;
    }

    static Map<String, Object> finding(String code, String severity, String message, String remedy) {
        return Map.of("code", code, "severity", severity, "message", message, "remedy", remedy);
    }

    static Map<String, Object> other(String kind, Duration age, Duration left) {
        return Map.of(
                "secretId", OTHER,
                "kind", kind,
                "createdAt", NOW.minus(age).toString(),
                "expiresAt", NOW.plus(left).toString(),
                "lastUsedAt",
                        (left.isNegative() ? NOW.minus(age.dividedBy(2)) : NOW.minus(Duration.ofHours(5))).toString());
    }

    /** A fleet in which everything occurs that the page draws. */
    static Map<String, Object> fleet() {
        var lockedOut = with(
                account("prod/checkout/atlas", "lockedOut", Duration.ofDays(60), Duration.ofDays(30)),
                "findings",
                finding(
                        "CREDENTIAL_REJECTED",
                        "critical",
                        "Atlas rejects the value under AWSCURRENT (invalid_client): its consumers are locked out.",
                        "Store a clientSecret that works, or configure an admin credential and set the value of the "
                                + "management tag to the account's clientId."));
        var foreign = with(
                with(
                        account("prod/orders/atlas", "foreign", Duration.ofDays(3), Duration.ofDays(6)),
                        "others",
                        other("foreign", Duration.ofDays(2), Duration.ofDays(88))),
                "findings",
                finding(
                        "FOREIGN_SECRET",
                        "warning",
                        "Secret " + OTHER + " was made at 2026-05-30T08:00:00Z outside of any rotation, and was used.",
                        "Find out who made it, and who uses it."));
        var failed = with(
                failed("prod/payments"),
                "findings",
                finding(
                        "VALUE_MALFORMED",
                        "warning",
                        "the stored value is not a JSON object with each key once: a trailing comma is at line 5, "
                                + "column 46",
                        "Take it out."));
        var overlap = with(
                account("prod/mail/atlas", "overlap", Duration.ofHours(20), Duration.ofDays(89)),
                "others",
                other("superseded", Duration.ofDays(31), Duration.ofDays(6)));
        overlap.put("promotedAt", NOW.minus(Duration.ofHours(19)).toString());
        var expired = with(
                account("prod/search/atlas", "fresh", Duration.ofDays(3), Duration.ofDays(87)),
                "others",
                other("expired", Duration.ofDays(93), Duration.ofDays(-2)));
        var fresh = account(
                "prod/a-team-with-a-very-long-name/and-a-long-path/atlas",
                "fresh",
                Duration.ofDays(3),
                Duration.ofDays(87));
        var report = report("status", List.of(lockedOut, foreign, failed, overlap, expired, fresh));
        report.put("severity", "critical");
        report.put(
                "findings",
                List.of(finding(
                        "UNFINISHED",
                        "warning",
                        "This run did not reach 4 accounts: what is not in the report is not known.",
                        "The next sweep begins at another place.")));
        report.put("unfinished", 4);
        return report;
    }
}
