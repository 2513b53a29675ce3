package dev.atlasrotator.cli;

import dev.atlasrotator.cli.ReportView.AccountView;
import dev.atlasrotator.cli.ReportView.FindingView;
import dev.atlasrotator.failure.Severity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The report as one page for a browser, which loads nothing: every account with its secrets over time, its findings and
 * their remedies, filtered by severity. Symbols and words say what colours do. Pure.
 */
final class HtmlReport {
    private static final String STYLE = resource("report.css");
    private static final String SCRIPT = resource("report.js");

    private static final String PAGE = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '%s'; script-src '%s'">
        <title>%s</title>
        <style>%s</style>
        </head>
        <body>
        %s
        <script>%s</script>
        </body>
        </html>
        """;

    private static final String BODY = """
        <input type="radio" name="show" id="show-all" checked>
        <input type="radio" name="show" id="show-critical">
        <input type="radio" name="show" id="show-warning">
        <input type="radio" name="show" id="show-info">
        <header>
        <h1>Atlas secret rotator</h1>
        <p>%s at %s</p>
        </header>
        <nav aria-label="Filter">
        <div class="by-severity">
        <label for="show-all">all <b>%s</b></label>
        <label for="show-critical"><i aria-hidden="true">✖</i> critical <b>%s</b></label>
        <label for="show-warning"><i aria-hidden="true">▲</i> warning <b>%s</b></label>
        <label for="show-info"><i aria-hidden="true">✔</i> well <b>%s</b></label>
        </div>
        <label class="by-text" hidden>Find <input type="search" id="find" placeholder="name, state or code"></label>
        </nav>
        <main>
        %s
        <p id="none" hidden>No account matches.</p>
        </main>
        <footer>
        %s
        <p>Times are UTC. Written by atlas-secret-rotator status; the page loads nothing and sends nothing.</p>
        </footer>
        """;

    private static final String ACCOUNT = """
        <details class="account %s"%s data-text="%s">
        <summary><i aria-hidden="true">%s</i><span class="name">%s</span> <span class="state">%s</span> \
        <span class="left">%s</span><span class="word">%s</span></summary>
        %s
        %s
        <p class="ids">%s</p>
        </details>
        """;

    private static final String FINDING = """
        <section class="finding %s">
        <h3><i aria-hidden="true">%s</i> %s <span class="word">%s</span></h3>
        <p>%s</p>
        %s
        </section>
        """;

    private final ReportView report;

    private HtmlReport(ReportView report) {
        this.report = report;
    }

    static String of(ReportView report) {
        return new HtmlReport(report).page().markup();
    }

    private Html page() {
        var title = "Atlas secret rotator: %s".formatted(Timeline.minute(report.at()));
        return Html.of(PAGE, digest(STYLE), digest(SCRIPT), title, new Html(STYLE), body(), new Html(SCRIPT));
    }

    private Html body() {
        var accounts = new ArrayList<Html>();
        if (!report.findings().isEmpty()) {
            accounts.add(Html.of("<h2>The deployment</h2>\n"));
            report.findings().forEach(one -> accounts.add(finding(one)));
            accounts.add(Html.of("<h2>The accounts</h2>\n"));
        }
        report.accounts().forEach(one -> accounts.add(account(one)));
        if (report.accounts().isEmpty()) {
            accounts.add(Html.of("<p>No account was found: no stored secret has the management tag.</p>\n"));
        }
        return Html.of(
                BODY,
                number(report.counts().checked(), "account"),
                Timeline.time(report.at()),
                report.accounts().size(),
                count(Severity.CRITICAL),
                count(Severity.WARNING),
                count(Severity.INFO),
                Html.all(accounts),
                leftOut());
    }

    private Html leftOut() {
        var counts = report.counts();
        var parts = new ArrayList<String>();
        if (counts.omitted() > 0) {
            parts.add("%s left out, the less severe".formatted(number(counts.omitted(), "account")));
        }
        if (counts.unfinished() > 0) {
            parts.add("%s not reached".formatted(number(counts.unfinished(), "account")));
        }
        return parts.isEmpty() ? Html.NOTHING : Html.of("<p>%s.</p>", String.join("; ", parts));
    }

    private long count(Severity severity) {
        return report.accounts().stream()
                .filter(one -> one.severity() == severity)
                .count();
    }

    private Html account(AccountView account) {
        var severity = account.severity();
        var codes = account.findings().stream().map(FindingView::code).toList();
        return Html.of(
                ACCOUNT,
                severity.text(),
                new Html(account.needsAttention() ? " open" : ""),
                (account.name() + " " + account.state() + " " + String.join(" ", codes)).toLowerCase(Locale.ROOT),
                symbol(severity),
                account.name(),
                account.state(),
                account.expiresAt().map(this::left).orElse(""),
                word(severity),
                Html.all(account.findings().stream().map(HtmlReport::finding).toList()),
                Timeline.of(account, report.at()),
                String.join(" · ", ids(account)));
    }

    private static List<String> ids(AccountView account) {
        var arn = account.arn().equals(account.name()) ? Optional.<String>empty() : Optional.of(account.arn());
        return Stream.of(Optional.of(account.clientId()), arn)
                .flatMap(Optional::stream)
                .filter(id -> !id.isEmpty())
                .toList();
    }

    private String left(Instant end) {
        return report.at().isBefore(end) ? TextTable.time(Duration.between(report.at(), end)) + " left" : "expired";
    }

    private static Html finding(FindingView finding) {
        var severity = finding.severity();
        return Html.of(
                FINDING,
                severity.text(),
                symbol(severity),
                finding.code(),
                word(severity),
                finding.message(),
                finding.remedy().isEmpty()
                        ? Html.NOTHING
                        : Html.of("<p class=\"remedy\"><b>What to do:</b> %s</p>", finding.remedy()));
    }

    private static String symbol(Severity severity) {
        return switch (severity) {
            case CRITICAL -> "✖";
            case WARNING -> "▲";
            case INFO -> "✔";
        };
    }

    private static String word(Severity severity) {
        return severity == Severity.INFO ? "" : severity.text();
    }

    private static String number(int count, String what) {
        return count == 1 ? "1 " + what : count + " " + what + "s";
    }

    /** Only this very script and this very style may run in the page, whatever a name holds. */
    private static String digest(String text) {
        try {
            var bytes = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(bytes);
        } catch (NoSuchAlgorithmException impossible) { // every Java platform has it
            throw new IllegalStateException(impossible);
        }
    }

    private static String resource(String name) {
        try (var stream = Objects.requireNonNull(HtmlReport.class.getResourceAsStream(name), name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
