package dev.atlasrotator.cli;

import static dev.atlasrotator.cli.TerminalText.columns;
import static dev.atlasrotator.cli.TerminalText.padded;

import dev.atlasrotator.cli.TerminalText.AnsiColor;
import dev.atlasrotator.failure.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Rows under headings, each with a mark where it needs attention, and with sentences below it. The first cell gets a
 * line to itself where it is too long.
 */
final class TextTable {
    static final String NONE = "-";

    private static final String GAP = "  ";
    private static final String INDENT = "    ";

    /** A line of the table, and what is printed below it. The second cell has the row's colour. */
    record Row(List<String> cells, AnsiColor color, List<String> below) {
        boolean needsAttention() {
            return color != AnsiColor.PLAIN;
        }

        String name() {
            return cells.getFirst();
        }
    }

    private final TerminalText text;
    private final List<String> headings;
    private final List<Row> rows;
    private final List<Integer> widths;

    TextTable(TerminalText text, List<String> headings, List<Row> rows) {
        this.text = text;
        this.headings = headings;
        this.rows = rows;
        this.widths = widths();
    }

    static AnsiColor color(Severity severity) {
        return switch (severity) {
            case CRITICAL -> AnsiColor.RED;
            case WARNING -> AnsiColor.YELLOW;
            case INFO -> AnsiColor.PLAIN;
        };
    }

    /** Rounded down, in the unit that still tells something: 59m, 47h, 89d. */
    static String time(Duration time) {
        if (time.isNegative()) {
            return "0m"; // two clocks
        }
        if (time.compareTo(Duration.ofHours(1)) < 0) {
            return time.toMinutes() + "m";
        }
        return time.compareTo(Duration.ofDays(2)) < 0 ? time.toHours() + "h" : time.toDays() + "d";
    }

    /** What is left until a secret expires. */
    static String left(Instant now, Instant end) {
        return now.isBefore(end) ? time(Duration.between(now, end)) : "expired";
    }

    void write() {
        line(new Row(headings, AnsiColor.PLAIN, List.of()));
        for (int i = 0; i < rows.size(); i++) {
            var row = rows.get(i);
            line(row);
            // What many share is said once, under the last of them.
            boolean saidBelow = i + 1 < rows.size() && rows.get(i + 1).below().equals(row.below());
            if (!saidBelow) {
                row.below().forEach(sentence -> text.paragraph(INDENT, sentence, AnsiColor.PLAIN));
            }
        }
        text.line("");
    }

    /** How wide each column is: as its widest cell, and the names no wider than what is left. */
    private List<Integer> widths() {
        var all = IntStream.range(0, headings.size())
                .mapToObj(column -> Stream.concat(
                                Stream.of(headings), rows.stream().map(Row::cells))
                        .map(cells -> columns(cells.get(column)))
                        .reduce(0, Math::max))
                .collect(Collectors.toCollection(ArrayList::new));
        int rest = all.stream().skip(1).mapToInt(one -> one + GAP.length()).sum() + GAP.length();
        all.set(0, Math.min(all.getFirst(), Math.max(text.width() - rest, INDENT.length())));
        return all;
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
        for (int column = 1; column < headings.size(); column++) {
            var cell = padded(row.cells().get(column), widths.get(column));
            cells.append(GAP).append(column == 1 ? text.painted(cell, row.color()) : cell);
        }
        text.line(cells.toString());
    }
}
