package dev.atlasrotator.cli;

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

/**
 * The report as a person reads it: what needs somebody comes first and bears a mark, each advice
 * stands under its account, and the last lines say how many there are and which need attention,
 * since the top of a long table has left the screen by then. Pure.
 */
public final class StatusTable {
    private static final List<String> HEADINGS = List.of("NAME", "STATE", "SECRET", "AGE", "LEFT", "OTHERS");
    private static final String GAP = "  ";
    private static final String INDENT = "    ";
    private static final String NONE = "-";

    /** Narrower than this no table is legible; longer lines are left to the terminal. */
    private static final int WIDTH_MIN = 40;

    /** As much of an Atlas secret's id as tells it from its neighbours: it begins with a time. */
    private static final int ID_END = 8;

    /** More names than this are counted: they stand at the top of the table. */
    private static final int NAMED_MAX = 5;

    private enum AnsiColor {
        PLAIN(""),
        RED("\033[1;31m"),
        YELLOW("\033[33m"),
        GREEN("\033[32m");

        private final String code;

        AnsiColor(String code) {
            this.code = code;
        }
    }

    /** A line of the table, and what stands under it. */
    private record Row(List<String> cells, AnsiColor color, boolean attention, List<String> below) {
        String name() {
            return cells.getFirst();
        }

        String state() {
            return cells.get(1);
        }
    }

    private final FleetReport report;
    private final int width;
    private final boolean colour;
    private final List<Row> rows;
    private final List<Integer> widths;
    private final StringBuilder text = new StringBuilder();

    private StatusTable(FleetReport report, int width, boolean colour) {
        this.report = report;
        this.width = Math.max(width, WIDTH_MIN);
        this.colour = colour;
        this.rows = rows(report);
        this.widths = widths(this.width, rows);
    }

    /**
     * The table.
     *
     * @param width columns of the terminal; a name that does not fit gets a line to itself
     * @param colour whether the terminal takes ANSI's codes
     */
    public static String of(FleetReport report, int width, boolean colour) {
        return new StatusTable(report, width, colour).write();
    }

    /** Whether a person should look: nothing that the next sweep settles by itself counts. */
    public static boolean needsAttention(FleetReport report) {
        return !report.findings().isEmpty() || report.accounts().stream().anyMatch(StatusTable::needsAttention);
    }

    private static boolean needsAttention(AccountReport account) {
        return account.severity() != Severity.INFO;
    }

    private String write() {
        if (rows.isEmpty() && report.unfinished() == 0) {
            paragraph(
                    "",
                    "No account found: no stored secret of this AWS account and region bears the"
                            + " tag that MANAGED_TAG names (atlas-secret-rotator, if it is not"
                            + " set).",
                    AnsiColor.PLAIN);
            return text.toString();
        }
        if (!rows.isEmpty()) {
            line(new Row(HEADINGS, AnsiColor.PLAIN, false, List.of()), AnsiColor.PLAIN);
            for (int i = 0; i < rows.size(); i++) {
                var row = rows.get(i);
                line(row, row.color());
                // What many share is said once, under the last of them.
                boolean saidBelow =
                        i + 1 < rows.size() && rows.get(i + 1).below().equals(row.below());
                if (!saidBelow) {
                    row.below().forEach(finding -> paragraph(INDENT, finding, AnsiColor.PLAIN));
                }
            }
            text.append('\n');
        }
        summary();
        return text.toString();
    }

    // --- rows ---

    private static List<Row> rows(FleetReport report) {
        // They are sorted by urgency.
        return report.accounts().stream()
                .map(account -> row(account, report.at()))
                .toList();
    }

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
                                .map(end -> at.isBefore(end) ? between(at, end) : "expired")
                                .orElse(NONE),
                        others(account)),
                color(account.severity()),
                needsAttention(account),
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
        var parts = new ArrayList<String>();
        kinds.forEach((kind, count) -> parts.add(count == 1 ? kind : count + " " + kind));
        return parts.isEmpty() ? NONE : printable(String.join(", ", parts));
    }

    private static String between(Instant from, Instant to) {
        return time(Duration.between(from, to));
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
        var widths = new ArrayList<Integer>();
        for (int column = 0; column < HEADINGS.size(); column++) {
            int widest = columns(HEADINGS.get(column));
            for (Row row : rows) {
                widest = Math.max(widest, columns(row.cells().get(column)));
            }
            widths.add(widest);
        }
        int rest = widths.stream().skip(1).mapToInt(one -> one + GAP.length()).sum() + GAP.length();
        widths.set(0, Math.min(widths.getFirst(), Math.max(width - rest, INDENT.length())));
        return widths;
    }

    private void line(Row row, AnsiColor color) {
        text.append(painted(row.attention() ? "!" : " ", color)).append(' ');
        if (columns(row.name()) > widths.getFirst()) {
            text.append(row.name()).append('\n').append(GAP).append(" ".repeat(widths.getFirst()));
        } else {
            text.append(padded(row.name(), widths.getFirst()));
        }
        var cells = new StringBuilder();
        for (int column = 1; column < HEADINGS.size(); column++) {
            var cell = padded(row.cells().get(column), widths.get(column));
            cells.append(GAP).append(column == 1 ? painted(cell, color) : cell);
        }
        text.append(cells.toString().stripTrailing()).append('\n');
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
        paragraph(
                "",
                (all == 1 ? "1 account at " : all + " accounts at ")
                        + report.at().truncatedTo(ChronoUnit.SECONDS)
                        + ": "
                        + String.join(", ", parts)
                        + ".",
                AnsiColor.PLAIN);
        attention(rows.stream().filter(Row::attention).toList());
    }

    private void attention(List<Row> urgent) {
        report.findings().forEach(one -> paragraph("", printable(one.code() + ": " + one.text()), AnsiColor.RED));
        if (!urgent.isEmpty()) {
            var names = new ArrayList<String>();
            urgent.stream().limit(NAMED_MAX).forEach(row -> names.add(row.name() + " (" + row.state() + ")"));
            if (urgent.size() > NAMED_MAX) {
                names.add("and " + (urgent.size() - NAMED_MAX) + " more, marked ! above");
            }
            paragraph(
                    "",
                    urgent.size()
                            + (urgent.size() == 1 ? " needs" : " need")
                            + " attention: "
                            + String.join(", ", names)
                            + ".",
                    AnsiColor.RED);
        }
        if (urgent.isEmpty() && report.findings().isEmpty()) {
            paragraph("", "Nothing needs attention.", AnsiColor.GREEN);
        }
    }

    /** Words in lines; one that is longer than a line (an ARN) stays whole, so that it copies. */
    private void paragraph(String indent, String words, AnsiColor color) {
        var line = new StringBuilder();
        int used = 0;
        for (String word : words.strip().split(" +", -1)) {
            int more = columns(word);
            if (used > 0 && indent.length() + used + 1 + more > width) {
                text.append(indent).append(painted(line.toString(), color)).append('\n');
                line.setLength(0);
                used = 0;
            }
            if (used > 0) {
                line.append(' ');
                used++;
            }
            line.append(word);
            used += more;
        }
        text.append(indent).append(painted(line.toString(), color)).append('\n');
    }

    private String painted(String words, AnsiColor color) {
        return colour && color != AnsiColor.PLAIN && !words.isBlank() ? color.code + words + "\033[0m" : words;
    }

    private static String padded(String cell, int width) {
        return cell + " ".repeat(Math.max(0, width - columns(cell)));
    }

    /** Names come from outside: nothing of them may move a terminal's cursor or turn its text. */
    private static String printable(String foreign) {
        var clean = new StringBuilder();
        foreign.codePoints()
                .map(point -> Character.isWhitespace(point)
                        ? ' '
                        : switch (Character.getType(point)) {
                            case Character.CONTROL,
                                    Character.FORMAT,
                                    Character.LINE_SEPARATOR,
                                    Character.PARAGRAPH_SEPARATOR,
                                    Character.SURROGATE -> '\uFFFD';
                            default -> point;
                        })
                .forEach(clean::appendCodePoint);
        return clean.toString();
    }

    /** How many columns of a terminal a text takes. */
    private static int columns(String words) {
        return words.codePoints().map(StatusTable::columns).sum();
    }

    private static int columns(int point) {
        int type = Character.getType(point);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
            return 0;
        }
        return switch (Character.UnicodeScript.of(point)) {
            case HAN, HANGUL, HIRAGANA, KATAKANA, BOPOMOFO, YI -> isHalfWidth(point) ? 1 : 2;
            default -> isWideSign(point) ? 2 : 1;
        };
    }

    private static boolean isHalfWidth(int point) {
        return point >= 0xFF61 && point <= 0xFFDC;
    }

    /** Punctuation of the wide scripts, their forms of ASCII, and snapshots. */
    private static boolean isWideSign(int point) {
        return (point >= 0x3000 && point <= 0x303E)
                || (point >= 0xFF01 && point <= 0xFF60)
                || (point >= 0x1F300 && point <= 0x1FAFF);
    }
}
