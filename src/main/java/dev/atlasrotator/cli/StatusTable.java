package dev.atlasrotator.cli;

import static dev.atlasrotator.cli.TerminalText.printable;
import static dev.atlasrotator.cli.TextTable.NONE;
import static dev.atlasrotator.cli.TextTable.time;

import dev.atlasrotator.cli.ReportView.AccountView;
import dev.atlasrotator.cli.ReportView.CheckView;
import dev.atlasrotator.cli.TerminalText.AnsiColor;
import dev.atlasrotator.cli.TextTable.Row;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The report as a person reads it: what needs attention comes first and has a mark; what was done and each advice is
 * below its account, and the last lines say how many there are and which need attention, since the top of a long table
 * has left the screen by then. Pure.
 */
final class StatusTable {
    private static final List<String> HEADINGS = List.of("NAME", "STATE", "SECRET", "AGE", "LEFT", "OTHERS");
    private static final List<String> CHECK_HEADINGS = List.of("NAME", "READY", "STATE", "LEFT", "NEXT");

    /** As much of an Atlas secret's id as tells it from its neighbours: it begins with a time. */
    private static final int ID_END = 8;

    /** Less than can be shown. */
    private static final Duration SOON = Duration.ofMinutes(1);

    private final ReportView report;
    private final TerminalText text;
    private final List<Row> rows;

    private StatusTable(ReportView report, TerminalText text) {
        this.report = report;
        this.text = text;
        this.rows = report.accounts().stream().map(this::row).toList();
    }

    /**
     * The table.
     *
     * @param screen where it is printed; a name that is too long for it gets a line to itself
     */
    static String of(ReportView report, Screen screen) {
        return new StatusTable(report, new TerminalText(screen)).write();
    }

    private String write() {
        if (rows.isEmpty() && report.counts().unfinished() == 0) {
            text.paragraph("", """
                No account found: no stored secret of this AWS account and region bears the tag that MANAGED_TAG \
                names (atlas-secret-rotator, if it is not set).\
                """, AnsiColor.PLAIN);
            return text.toString();
        }
        var headings = isCheck() ? CHECK_HEADINGS : HEADINGS;
        if (!rows.isEmpty()) {
            new TextTable(text, headings, rows).write();
        }
        new StatusSummary(report, text, rows, headings.indexOf("STATE")).write();
        return text.toString();
    }

    private boolean isCheck() {
        return report.action().equals("check");
    }

    // --- rows ---

    private Row row(AccountView account) {
        var below = Stream.of(
                        Actions.sentence(account.actions(), report.run()).stream(),
                        account.findings().stream().map(one -> printable(one.text())),
                        sentences(account.check()))
                .flatMap(some -> some)
                .toList();
        boolean notReady = !account.check().ready().orElse(true);
        var color = notReady && !account.needsAttention() ? AnsiColor.YELLOW : TextTable.color(account.severity());
        return new Row(isCheck() ? checkCells(account) : cells(account), color, below);
    }

    private List<String> cells(AccountView account) {
        var id = account.secretId().orElse(NONE);
        return List.of(
                printable(account.name()),
                printable(account.state()),
                printable(id.substring(Math.max(0, id.length() - ID_END))),
                account.createdAt()
                        .map(created -> time(Duration.between(created, report.at())))
                        .orElse(NONE),
                left(account),
                others(account));
    }

    private List<String> checkCells(AccountView account) {
        var check = account.check();
        return List.of(
                printable(account.name()),
                check.ready().map(ready -> ready ? "yes" : "no").orElse(NONE),
                printable(account.state()),
                left(account),
                check.nextAt()
                        .map(at -> at.isBefore(report.at().plus(SOON))
                                ? "now"
                                : "in " + time(Duration.between(report.at(), at)))
                        .orElse(NONE));
    }

    /** What the next rotation would do, and who can read the value. */
    private static Stream<String> sentences(CheckView check) {
        var readers = check.readers().isEmpty()
                ? Optional.<String>empty()
                : Optional.of("The value serves: %s.".formatted(String.join("; ", check.readers())));
        return Stream.of(check.next().map("The next rotation would do: %s."::formatted), readers)
                .flatMap(Optional::stream)
                .map(TerminalText::printable);
    }

    private String left(AccountView account) {
        return account.expiresAt().map(end -> TextTable.left(report.at(), end)).orElse(NONE);
    }

    private static String others(AccountView account) {
        var kinds = new TreeMap<String, Integer>();
        account.others().forEach(other -> kinds.merge(other.kind(), 1, Integer::sum));
        var cell = kinds.entrySet().stream()
                .map(kind -> kind.getValue() == 1 ? kind.getKey() : kind.getValue() + " " + kind.getKey())
                .collect(Collectors.joining(", "));
        return cell.isEmpty() ? NONE : printable(cell);
    }
}
