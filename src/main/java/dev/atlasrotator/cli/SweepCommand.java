package dev.atlasrotator.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sweep}: what the schedule does every hour. */
@Command(
        name = "sweep",
        description = {
            "What the schedule does: rotates what is due, finishes or undoes what is stalled, deletes what is expired"
                    + " or superseded and past its overlap.",
            "At a terminal it first says what would be done, and asks. It may be repeated."
        },
        footer = {"""

            Examples:
              atlas-secret-rotator sweep --dry-run
              atlas-secret-rotator sweep prod/orders prod/billing --function atlas-secret-rotator
              atlas-secret-rotator sweep --yes --json --function atlas-secret-rotator\
            """, GlobalOptions.CREDENTIALS})
final class SweepCommand implements Callable<Integer> {
    private final GlobalOptions options;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(paramLabel = "NAME", arity = "0..*", description = "Names or ARNs of stored secrets; all by default.")
    private List<String> names = List.of();

    @Mixin
    private Acting acting = new Acting();

    SweepCommand(GlobalOptions options) {
        this.options = options;
    }

    @Override
    public Integer call() {
        GlobalOptions.checkNames(names, spec);
        return switch (acting.act(options, GlobalOptions.event("sweep", names))) {
            case Acting.Outcome.NotUnderstood() -> Cli.USAGE;
            case Acting.Outcome.Declined() -> Cli.FAILED;
            case Acting.Outcome.Reported(ReportView report) -> report.needsAttention() ? Cli.ATTENTION : Cli.WELL;
        };
    }
}
