package dev.atlasrotator.cli;

import dev.atlasrotator.credential.SecretId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rotate}: one account, now; after a leak too. */
@Command(
        name = "rotate",
        description = {
            "Rotates one account now, whether it is due or not; through Secrets Manager where that rotates it.",
            "At a terminal it first says what would be done, and asks. It may be repeated."
        },
        footer = {"""

            Examples:
              atlas-secret-rotator rotate prod/orders --dry-run
              atlas-secret-rotator rotate prod/orders --function atlas-secret-rotator
            After a leak, whichever secret it was; and where it is known which one:
              atlas-secret-rotator rotate prod/orders --revoke-old --function atlas-secret-rotator
              atlas-secret-rotator rotate prod/orders --leaked 665f3a1e0123456789abcdef --yes\
            """, GlobalOptions.CREDENTIALS})
final class RotateCommand implements Callable<Integer> {
    private final GlobalOptions options;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "Name or ARN of the stored secret.")
    private String name = "";

    @Option(names = "--revoke-old", description = """
        Delete the old secrets at once, overlap or not, as soon as the new one is in use. Whoever \
        still holds them is locked out until they load the new value.\
        """)
    private boolean revokeOld;

    @Option(
            names = "--leaked",
            paramLabel = "ID",
            description =
                    "Revoke the Atlas secret with this id (status --json has it): replaced first if it is in use.")
    private Optional<SecretId> leaked = Optional.empty();

    @Mixin
    private Acting acting = new Acting();

    RotateCommand(GlobalOptions options) {
        this.options = options;
    }

    @Override
    public Integer call() {
        Names.check(List.of(name), spec);
        var event = new LinkedHashMap<String, Object>();
        event.put("action", "rotate");
        event.put("secretId", name);
        if (revokeOld) {
            event.put("revokeOld", true);
        }
        leaked.ifPresent(id -> event.put("leaked", id.value()));
        return acting.act(options, event, RotateCommand::status);
    }

    private static int status(ReportView report) {
        boolean failed =
                report.accounts().stream().anyMatch(account -> account.state().equals("failed"));
        return failed ? Cli.FAILED : Cli.status(report);
    }
}
