package dev.atlasrotator.cli;

import static dev.atlasrotator.cli.TerminalText.printable;

import dev.atlasrotator.cli.ReportView.Run;
import dev.atlasrotator.cli.TerminalText.AnsiColor;
import dev.atlasrotator.cli.TextTable.Row;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;

/** The last lines of {@link StatusTable}: how many accounts there are, what the run changed, and which need attention. */
record StatusSummary(ReportView report, TerminalText text, List<Row> rows, int stateColumn) {
    /** More names than this are counted: they are at the top of the table. */
    private static final int NAMED_MAX = 5;

    void write() {
        var counts = new LinkedHashMap<String, Integer>();
        report.accounts().forEach(account -> counts.merge(printable(account.state()), 1, Integer::sum));
        var parts = new ArrayList<String>();
        counts.forEach((state, count) -> parts.add(count + " " + state));
        var more = report.counts();
        if (more.omitted() > 0) {
            parts.add(more.omitted() + " left out above");
        }
        if (more.unfinished() > 0) {
            parts.add(more.unfinished() + " not reached");
        }
        if (more.enqueued() > 0) {
            parts.add(more.enqueued() + " enqueued for the function's work queue");
        }
        int all = rows.size() + more.omitted() + more.unfinished();
        var accounts = all == 1 ? "1 account" : all + " accounts";
        var at = report.at().truncatedTo(ChronoUnit.SECONDS);
        paragraph("%s at %s: %s.".formatted(accounts, at, String.join(", ", parts)), AnsiColor.PLAIN);
        notChecked();
        run();
        attention(rows.stream().filter(Row::needsAttention).toList());
    }

    private void notChecked() {
        var things = report.accounts().stream()
                .flatMap(account -> account.check().notChecked().stream())
                .distinct()
                .map(TerminalText::printable)
                .toList();
        if (!things.isEmpty()) {
            paragraph("Not checked: " + String.join("; ", things) + ".", AnsiColor.PLAIN);
        }
    }

    private boolean hasActions() {
        return report.accounts().stream().anyMatch(account -> !account.actions().isEmpty());
    }

    private void run() {
        switch (report.run()) {
            case ACTS -> {
                if (hasActions()) {
                    paragraph("State and secret are as they were read before; status shows them now.", AnsiColor.PLAIN);
                }
            }
            case DRY_RUN -> paragraph("This was a dry run: nothing was changed.", AnsiColor.PLAIN);
            case OBSERVES -> paragraph("SWEEP_MODE is observe: nothing was changed.", AnsiColor.PLAIN);
        }
    }

    private void attention(List<Row> urgent) {
        report.findings().forEach(one -> paragraph(printable(one.text()), AnsiColor.RED));
        if (!urgent.isEmpty()) {
            var names = urgent.stream()
                    .limit(NAMED_MAX)
                    .map(row -> "%s (%s)".formatted(row.name(), row.cells().get(stateColumn)))
                    .collect(Collectors.joining(", "));
            int more = urgent.size() - NAMED_MAX;
            var need = urgent.size() == 1 ? "1 needs" : urgent.size() + " need";
            var andMore = more > 0 ? ", and %d more, marked ! above".formatted(more) : "";
            paragraph("%s attention: %s%s.".formatted(need, names, andMore), AnsiColor.RED);
        }
        boolean somethingIsToBeDone = report.run() != Run.ACTS && hasActions();
        if (!report.needsAttention() && !somethingIsToBeDone) {
            paragraph("Nothing needs attention.", AnsiColor.GREEN);
        }
    }

    private void paragraph(String words, AnsiColor color) {
        text.paragraph("", words, color);
    }
}
