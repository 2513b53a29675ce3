package dev.atlasrotator.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sweep}: what the schedule does every hour. */
@Command(
        name = "sweep",
        description = {"""
            What the schedule does: rotates what is due, finishes or undoes what is stalled, deletes what is expired \
            or superseded and past its overlap.\
            """, "At a terminal it first says what would be done, and asks. It may be repeated."},
        footer = {"""

            Examples:
              atlas-secret-rotator sweep --dry-run
              atlas-secret-rotator sweep prod/orders prod/billing --function atlas-secret-rotator
              atlas-secret-rotator sweep --yes --json --function atlas-secret-rotator\
            """, GlobalOptions.CREDENTIALS})
final class SweepCommand implements Callable<Integer> {
    private final GlobalOptions options;

    @Mixin
    private Names names = new Names();

    @Mixin
    private Acting acting = new Acting();

    SweepCommand(GlobalOptions options) {
        this.options = options;
    }

    @Override
    public Integer call() {
        return acting.act(options, names.event("sweep"), Cli::status);
    }
}
