package dev.atlasrotator.cli;

import static dev.atlasrotator.cli.TerminalText.columns;
import static dev.atlasrotator.cli.TerminalText.padded;
import static dev.atlasrotator.cli.TerminalText.printable;

import dev.atlasrotator.cli.Cli.Screen;
import dev.atlasrotator.cli.TerminalText.AnsiColor;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.Severity;
import dev.atlasrotator.report.AccountReport;
import dev.atlasrotator.report.FleetReport;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The report as a person reads it: what needs attention comes first and has a mark, each advice
 * is below its account, and the last lines say how many there are and which need attention,
 * since the top of a long table has left the screen by then. Pure.
 */
final class StatusTable {
    private static final List<String> HEADINGS = List.of("NAME", "STATE", "SECRET", "AGE", "LEFT", "OTHERS");
    private static final String GAP = "  ";
    private static final String INDENT = "    ";
    private static final String NONE = "-";

    /** As much of an Atlas secret's id as tells it from its neighbours: it begins with a time. */
    private static final int ID_END = 8;

    /** More names than this are counted: they are at the top of the table. */
    private static final int NAMED_MAX = 5;

    /** A line of the table, and what is printed below it. */
    private record Row(List<String> cells, AnsiColor color, List<String> below) {
        boolean needsAttention() {
            return color != AnsiColor.PLAIN;
        }

        String name() {
            return cells.getFirst();
        }
    }

    private final FleetReport report;
    private final TerminalText text;
    private final List<Row> rows;
    private final List<Integer> widths;

    private StatusTable(FleetReport report, TerminalText text) {
        this.report = report;
        this.text = text;
        // They are sorted by urgency.
        this.rows = report.accounts().stream()
                .map(account -> row(account, report.at()))
                .toList();
        this.widths = widths(text.width(), rows);
    }

    /**
     * The table.
     *
     * @param screen where it is printed; a name that is too long for it gets a line to itself
     */
    static String of(FleetReport report, Screen screen) {
        return new StatusTable(report, new TerminalText(screen)).write();
    }

    /** Whether an operator must act: nothing that the next sweep settles by itself counts. */
    static boolean needsAttention(FleetReport report) {
        return !report.findings().isEmpty()
                || report.accounts().stream().anyMatch(account -> account.severity() != Severity.INFO);
    }

    private String write() {
        if (rows.isEmpty() && report.unfinished() == 0) {
            text.paragraph("", """
                No account found: no stored secret of this AWS account and region bears the tag that MANAGED_TAG \
                names (atlas-secret-rotator, if it is not set).\
                """, AnsiColor.PLAIN);
            return text.toString();
        }
        if (!rows.isEmpty()) {
            line(new Row(HEADINGS, AnsiColor.PLAIN, List.of()));
            for (int i = 0; i < rows.size(); i++) {
                var row = rows.get(i);
                line(row);
                // What many share is said once, under the last of them.
                boolean saidBelow =
                        i + 1 < rows.size() && rows.get(i + 1).below().equals(row.below());
                if (!saidBelow) {
                    row.below().forEach(finding -> text.paragraph(INDENT, finding, AnsiColor.PLAIN));
                }
            }
            text.line("");
        }
        summary();
        return text.toString();
    }

    // --- rows ---

    private static Row row(AccountReport account, Instant at) {
        var id = account.secretId().map(SecretId::value).orElse(NONE);
        return new Row(
                List.of(
                        printable(account.name()),
                        account.state().text(),
                        printable(id.substring(Math.max(0, id.length() - ID_END))),
                        account.createdAt()
                                .map(created -> time(Duration.between(created, at)))
                                .orElse(NONE),
                        account.expiresAt()
                                .map(end -> at.isBefore(end) ? time(Duration.between(at, end)) : "expired")
                                .orElse(NONE),
                        others(account)),
                color(account.severity()),
                account.findings().stream()
                        .map(one -> printable(one.code() + ": " + one.text()))
                        .toList());
    }

    private static AnsiColor color(Severity severity) {
        return switch (severity) {
            case CRITICAL -> AnsiColor.RED;
            case WARNING -> AnsiColor.YELLOW;
            case INFO -> AnsiColor.PLAIN;
        };
    }

    private static String others(AccountReport account) {
        var kinds = new TreeMap<String, Integer>();
        account.others().forEach(other -> kinds.merge(other.kind().text(), 1, Integer::sum));
        var cell = kinds.entrySet().stream()
                .map(kind -> kind.getValue() == 1 ? kind.getKey() : kind.getValue() + " " + kind.getKey())
                .collect(Collectors.joining(", "));
        return cell.isEmpty() ? NONE : printable(cell);
    }

    /** Rounded down, in the unit that still tells something: 59m, 47h, 89d. */
    private static String time(Duration time) {
        if (time.isNegative()) {
            return "0m"; // two clocks
        }
        if (time.compareTo(Duration.ofHours(1)) < 0) {
            return time.toMinutes() + "m";
        }
        return time.compareTo(Duration.ofDays(2)) < 0 ? time.toHours() + "h" : time.toDays() + "d";
    }

    // --- layout ---

    /** How wide each column is: as its widest cell, and the names no wider than what is left. */
    private static List<Integer> widths(int width, List<Row> rows) {
        var widths = IntStream.range(0, HEADINGS.size())
                .mapToObj(column -> Stream.concat(
                                Stream.of(HEADINGS), rows.stream().map(Row::cells))
                        .map(cells -> columns(cells.get(column)))
                        .reduce(0, Math::max))
                .collect(Collectors.toCollection(ArrayList::new));
        int rest = widths.stream().skip(1).mapToInt(one -> one + GAP.length()).sum() + GAP.length();
        widths.set(0, Math.min(widths.getFirst(), Math.max(width - rest, INDENT.length())));
        return widths;
    }

    private void line(Row row) {
        var mark = text.painted(row.needsAttention() ? "!" : " ", row.color()) + " ";
        var cells = new StringBuilder(mark);
        if (columns(row.name()) > widths.getFirst()) {
            text.line(mark + row.name());
            cells = new StringBuilder(GAP).append(" ".repeat(widths.getFirst()));
        } else {
            cells.append(padded(row.name(), widths.getFirst()));
        }
        for (int column = 1; column < HEADINGS.size(); column++) {
            var cell = padded(row.cells().get(column), widths.get(column));
            cells.append(GAP).append(column == 1 ? text.painted(cell, row.color()) : cell);
        }
        text.line(cells.toString());
    }

    private void summary() {
        var counts = new LinkedHashMap<String, Integer>();
        report.accounts().forEach(account -> counts.merge(account.state().text(), 1, Integer::sum));
        var parts = new ArrayList<String>();
        counts.forEach((state, count) -> parts.add(count + " " + state));
        if (report.omitted() > 0) {
            parts.add(report.omitted() + " left out above");
        }
        if (report.unfinished() > 0) {
            parts.add(report.unfinished() + " not reached");
        }
        int all = rows.size() + report.omitted() + report.unfinished();
        var accounts = all == 1 ? "1 account" : all + " accounts";
        var at = report.at().truncatedTo(ChronoUnit.SECONDS);
        text.paragraph("", "%s at %s: %s.".formatted(accounts, at, String.join(", ", parts)), AnsiColor.PLAIN);
        attention(rows.stream().filter(Row::needsAttention).toList());
    }

    private void attention(List<Row> urgent) {
        report.findings().forEach(one -> text.paragraph("", printable(one.code() + ": " + one.text()), AnsiColor.RED));
        if (!urgent.isEmpty()) {
            var names = urgent.stream()
                    .limit(NAMED_MAX)
                    .map(row -> "%s (%s)".formatted(row.name(), row.cells().get(1)))
                    .collect(Collectors.joining(", "));
            int more = urgent.size() - NAMED_MAX;
            var need = urgent.size() == 1 ? "1 needs" : urgent.size() + " need";
            var andMore = more > 0 ? ", and %d more, marked ! above".formatted(more) : "";
            text.paragraph("", "%s attention: %s%s.".formatted(need, names, andMore), AnsiColor.RED);
        }
        if (urgent.isEmpty() && report.findings().isEmpty()) {
            text.paragraph("", "Nothing needs attention.", AnsiColor.GREEN);
        }
    }
}
