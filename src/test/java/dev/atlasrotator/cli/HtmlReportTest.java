package dev.atlasrotator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The page as text; how a browser shows it is {@link HtmlReportIT}'s. */
class HtmlReportTest {
    private static String page(Map<String, Object> report) {
        return HtmlReport.of(SampleReports.view(report));
    }

    @Test
    void every_account_is_there_with_its_findings_and_remedies() {
        var page = page(SampleReports.fleet());

        assertThat(page)
                .contains("prod/checkout/atlas", "CREDENTIAL_REJECTED", "<b>What to do:</b> Store a clientSecret")
                .contains("The deployment", "UNFINISHED", "4 accounts not reached")
                .contains("Its secrets at Atlas were not read.")
                .contains("◆ promoted", "● last used", "✕ expires", "✕ expired", "▨ until then both may be used");
    }

    @Test
    void nothing_is_loaded_from_anywhere() {
        assertThat(page(SampleReports.fleet()).replaceAll("<style>[^<]*</style>", ""))
                .doesNotContainPattern("(src|href)\\s*=|url\\((?!#)|@import|https?:");
    }

    @Test
    void what_comes_from_outside_is_text() {
        var hostile = "<img src=x>\"'&\u0000\u202E";
        var account = SampleReports.with(
                SampleReports.account(hostile, hostile, Duration.ofDays(3), Duration.ofDays(6)),
                "findings",
                SampleReports.finding(hostile, "warning", hostile, hostile));
        account.put("secretId", hostile);
        account.put("clientId", hostile);
        account.put(
                "others",
                List.of(Map.of(
                        "secretId",
                        hostile,
                        "kind",
                        hostile,
                        "createdAt",
                        SampleReports.NOW.toString(),
                        "expiresAt",
                        SampleReports.NOW.plusSeconds(9).toString())));
        var report = SampleReports.report(hostile, List.of(account));

        assertThat(page(report))
                .doesNotContain("<img", "\u0000", "\u202E")
                .contains("&lt;img src=x&gt;&quot;&#39;&amp;\uFFFD\uFFFD");
    }

    @Test
    void the_drawing_is_to_scale() {
        // From 10 days ago to in 30 days: now is at a quarter, the end at the right edge.
        var page = page(SampleReports.report(
                "status", List.of(SampleReports.account("a", "fresh", Duration.ofDays(10), Duration.ofDays(30)))));

        assertThat(page)
                .contains("<rect class=\"bar current\" x=\"0.00%\" width=\"100.00%\"")
                .contains("<line class=\"now\" x1=\"25.00%\" x2=\"25.00%\"")
                .contains("<time datetime=\"2026-05-22T08:00:00Z\">2026-05-22 08:00</time>");
    }

    @Test
    void an_empty_fleet_says_so() {
        assertThat(page(SampleReports.report("status", List.of()))).contains("No account was found");
    }
}
