package dev.atlasrotator.cli;

import dev.atlasrotator.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code status}: the state of every account, as a table, as JSON, as a page. */
@Command(
        name = "status",
        description = "The state of every managed account, or of those named. Reads only.",
        footer = {"""

            Examples:
              atlas-secret-rotator status
              atlas-secret-rotator status prod/orders prod/billing
              atlas-secret-rotator status --html status.html
              atlas-secret-rotator status --function atlas-secret-rotator --region eu-central-1
              atlas-secret-rotator status --json | jq '.accounts[] | select(.state == "expiring") | .name'\
            """, GlobalOptions.CREDENTIALS})
final class StatusCommand implements Callable<Integer> {
    private final GlobalOptions options;

    @Mixin
    private Names names = new Names();

    @Option(names = "--html", paramLabel = "FILE", description = """
        Also write a page for a browser into this file: every account with its secrets over time, \
        its findings and what to do. The page needs no network.\
        """)
    private Optional<Path> html = Optional.empty();

    StatusCommand(GlobalOptions options) {
        this.options = options;
    }

    @Override
    public Integer call() {
        var answer = options.target().send(Json.text(names.event("status")));
        var report = ReportView.parse(answer);
        html.ifPresent(file -> write(file, HtmlReport.of(report)));
        options.print(answer, screen -> StatusTable.of(report, screen));
        return Cli.status(report);
    }

    private void write(Path file, String page) {
        try {
            Files.writeString(file, page);
        } catch (IOException notWritten) {
            throw new NotDone(
                    "The page could not be written to %s (%s). Check the path, and whether you may write there."
                            .formatted(
                                    TerminalText.printable(file.toString()),
                                    notWritten.getClass().getSimpleName()));
        }
    }
}
