package dev.atlasrotator.cli;

import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.policy.AccountState;
import dev.atlasrotator.report.AccountReport;
import dev.atlasrotator.report.FleetReport;
import dev.atlasrotator.report.FleetReport.Failure;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
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

    private enum Ink {
        PLAIN(""),
        RED("\033[1;31m"),
        YELLOW("\033[33m"),
        GREEN("\033[32m");

        private final String code;

        Ink(String code) {
            this.code = code;
        }
    }

    /** A line of the table, and what stands under it. */
    private record Row(List<String> cells, Ink ink, boolean attention, String below) {
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
        return report.unfinished() > 0
                || !report.failed().isEmpty()
                || report.accounts().stream().anyMatch(StatusTable::needsAttention);
    }

    private static boolean needsAttention(AccountReport account) {
        return switch (account.state()) {
            case BROKEN, STUCK, EXPIRING, FOREIGN -> true;
            // The state names the most urgent thing only, and these two need a person whatever it
            // is.
            case ROTATING, DUE, OVERLAP, FRESH ->
                account.stillUsed() > 0
                        || account.others().stream()
                                .anyMatch(other -> other.kind().equals("foreign"));
        };
    }

    private String write() {
        if (rows.isEmpty() && report.unfinished() == 0) {
            paragraph(
                    "",
                    "No account found: no stored secret of this AWS account and region bears the"
                            + " tag that MANAGED_TAG names (atlas-secret-rotator, if it is not"
                            + " set).",
                    Ink.PLAIN);
            return text.toString();
        }
        if (!rows.isEmpty()) {
            line(new Row(HEADINGS, Ink.PLAIN, false, ""), Ink.PLAIN);
            for (int i = 0; i < rows.size(); i++) {
                var row = rows.get(i);
                line(row, row.ink());
                // What many share is said once, under the last of them.
                boolean saidBelow =
                        i + 1 < rows.size() && rows.get(i + 1).below().equals(row.below());
                if (!row.below().isEmpty() && !saidBelow) {
                    paragraph(INDENT, row.below(), Ink.PLAIN);
                }
            }
            text.append('\n');
        }
        summary();
        return text.toString();
    }

    // --- rows ---

    private static List<Row> rows(FleetReport report) {
        var rows = new ArrayList<Row>();
        report.failed().stream()
                .sorted(Comparator.comparing(Failure::error)
                        .thenComparing(Failure::message)
                        .thenComparing(Failure::secretArn))
                .forEach(failure -> rows.add(row(failure)));
        // The sort is stable: among themselves they keep the report's order, by urgency.
        report.accounts().stream()
                .sorted(Comparator.comparing(account -> !needsAttention(account)))
                .forEach(account -> rows.add(row(account, report.at())));
        return rows;
    }

    private static Row row(Failure failure) {
        return new Row(
                List.of(name(failure.secretArn()), "failed", NONE, NONE, NONE, NONE),
                Ink.RED,
                true,
                printable(failure.error() + ": " + failure.message()));
    }

    private static Row row(AccountReport account, Instant at) {
        var id = account.secretId().orElse(NONE);
        boolean attention = needsAttention(account);
        return new Row(
                List.of(
                        printable(account.name()),
                        account.state().text(),
                        printable(id.substring(Math.max(0, id.length() - ID_END))),
                        account.createdAt()
                                .map(created -> time(Duration.between(created, at)))
                                .orElse(NONE),
                        account.expiresAt()
                                .map(end -> at.isBefore(end) ? between(at, end) : "ended")
                                .orElse(NONE),
                        others(account)),
                ink(account.state(), attention),
                attention,
                printable(below(account)));
    }

    /** An urgent account never stands there without a word on what becomes of it. */
    private static String below(AccountReport account) {
        if (!account.findings().isEmpty()) {
            return Finding.text(account.findings());
        }
        return switch (account.state()) {
            case BROKEN ->
                "What AWSCURRENT holds does not work. The next sweep tries to mend it; if it"
                        + " stays, see what that sweep's report says of it.";
            case STUCK ->
                "A rotation was begun and no run is at it any more. The next sweep finishes it"
                        + " or gives it up; if it stays, see that sweeps run.";
            case EXPIRING ->
                "Atlas ends it at "
                        + account.expiresAt()
                                .map(end -> end.truncatedTo(ChronoUnit.SECONDS).toString())
                                .orElse("an unknown time")
                        + ". The next sweep rotates it; if it stays, see that sweeps run, or"
                        + " invoke rotate.";
            case ROTATING, DUE, FOREIGN, OVERLAP, FRESH -> "";
        };
    }

    private static Ink ink(AccountState state, boolean attention) {
        return switch (state) {
            case BROKEN, STUCK, EXPIRING -> Ink.RED;
            case ROTATING, DUE, FOREIGN, OVERLAP, FRESH -> attention ? Ink.YELLOW : Ink.PLAIN;
        };
    }

    private static String others(AccountReport account) {
        var kinds = new TreeMap<String, Integer>();
        account.others().forEach(other -> kinds.merge(other.kind(), 1, Integer::sum));
        var parts = new ArrayList<String>();
        kinds.forEach((kind, count) -> parts.add(count == 1 ? kind : count + " " + kind));
        return parts.isEmpty() ? NONE : printable(String.join(", ", parts));
    }

    /** A stored secret's name from its ARN, which ends in a hyphen and six characters more. */
    private static String name(String arnOrName) {
        var parts = arnOrName.split(":", 7);
        return printable(
                parts.length == 7 && parts[0].equals("arn")
                        ? parts[6].replaceFirst("-[A-Za-z0-9]{6}$", "")
                        : arnOrName);
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

    private void line(Row row, Ink ink) {
        text.append(painted(row.attention() ? "!" : " ", ink)).append(' ');
        if (columns(row.name()) > widths.getFirst()) {
            text.append(row.name()).append('\n').append(GAP).append(" ".repeat(widths.getFirst()));
        } else {
            text.append(padded(row.name(), widths.getFirst()));
        }
        var cells = new StringBuilder();
        for (int column = 1; column < HEADINGS.size(); column++) {
            var cell = padded(row.cells().get(column), widths.get(column));
            cells.append(GAP).append(column == 1 ? painted(cell, ink) : cell);
        }
        text.append(cells.toString().stripTrailing()).append('\n');
    }

    private void summary() {
        var counts = new LinkedHashMap<String, Integer>();
        if (!report.failed().isEmpty()) {
            counts.put("failed", report.failed().size());
        }
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
                Ink.PLAIN);
        attention(rows.stream().filter(Row::attention).toList());
    }

    private void attention(List<Row> urgent) {
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
                    Ink.RED);
        }
        if (report.unfinished() > 0) {
            paragraph(
                    "",
                    "There was no time for "
                            + report.unfinished()
                            + ": what is not above is not known. Run it again, or name fewer.",
                    Ink.RED);
        } else if (urgent.isEmpty()) {
            paragraph("", "Nothing needs attention.", Ink.GREEN);
        }
    }

    /** Words in lines; one that is longer than a line (an ARN) stays whole, so that it copies. */
    private void paragraph(String indent, String words, Ink ink) {
        var line = new StringBuilder();
        int used = 0;
        for (String word : words.strip().split(" +", -1)) {
            int more = columns(word);
            if (used > 0 && indent.length() + used + 1 + more > width) {
                text.append(indent).append(painted(line.toString(), ink)).append('\n');
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
        text.append(indent).append(painted(line.toString(), ink)).append('\n');
    }

    private String painted(String words, Ink ink) {
        return colour && ink != Ink.PLAIN && !words.isBlank() ? ink.code + words + "\033[0m" : words;
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
