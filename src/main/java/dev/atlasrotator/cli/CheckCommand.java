package dev.atlasrotator.cli;

import dev.atlasrotator.json.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code check}: what would keep each account from rotating. */
@Command(
        name = "check",
        description = {
            "Whether each account will rotate, and if not, why. Reads only; run it before the first rotation.",
            """
            Atlas is called from where the command acts: with --function from the function's address, else from this \
            machine's, and an IP access list may allow one and not the other.\
            """
        },
        footer = {"""

            Examples:
              atlas-secret-rotator check --function atlas-secret-rotator
              atlas-secret-rotator check prod/orders --function atlas-secret-rotator
              atlas-secret-rotator check --json | jq '.accounts[] | select(.ready | not) | .name'\
            """, GlobalOptions.CREDENTIALS})
final class CheckCommand implements Callable<Integer> {
    private final GlobalOptions options;

    @Mixin
    private Names names = new Names();

    CheckCommand(GlobalOptions options) {
        this.options = options;
    }

    @Override
    public Integer call() {
        var target = options.target();
        var answer = target.send(Json.text(names.event("check")));
        var report = ReportView.parse(answer);
        options.operator().err().println(target.callsFrom());
        options.print(answer, screen -> StatusTable.of(report, screen));
        return Cli.status(report);
    }
}
