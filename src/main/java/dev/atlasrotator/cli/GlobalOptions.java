package dev.atlasrotator.cli;

import dev.atlasrotator.Wiring;
import dev.atlasrotator.aws.OperatorSession;
import dev.atlasrotator.json.Json;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command without a subcommand: the options that each has, and what all of them do. */
@Command(
        name = GlobalOptions.NAME,
        version = GlobalOptions.NAME + " " + Wiring.VERSION,
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false,
        usageHelpAutoWidth = false,
        description =
                "Rotates the client secrets of MongoDB Atlas service accounts that are kept in AWS Secrets Manager.",
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nCommands:%n",
        footer = """

            Examples:
              atlas-secret-rotator status
              atlas-secret-rotator check --function atlas-secret-rotator
              atlas-secret-rotator rotate prod/orders --dry-run
            Help for one command: atlas-secret-rotator COMMAND --help\
            """,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:Nothing needs attention.",
            "1:Something needs attention (marked !).",
            "2:The command line is not understood, or it would have to ask and there is no terminal.",
            "3:It could not be done, or the answer to the question was no."
        })
final class GlobalOptions {
    static final String NAME = "atlas-secret-rotator";

    /** The settings of a local run, and where they come from; for the help of each command that has them. */
    static final String CREDENTIALS = """

        AWS credentials and region are found as the AWS command line finds them. Without
        --function the settings are read from the environment, by the function's own names:
        ATLAS_BASE_URL, MANAGED_TAG, SECRET_NAME_PREFIX, ADMIN_SECRET_ID, OVERLAP_HOURS,
        SECRET_EXPIRES_AFTER_HOURS, ROTATE_AFTER_HOURS, SWEEP_CONCURRENCY, HTTPS_PROXY,
        HTTP_PROXY, NO_PROXY. Colour only on a terminal, and never with NO_COLOR.\
        """;

    private final Operator operator;
    private final Map<String, String> environment;

    @Option(
            names = "--json",
            scope = ScopeType.INHERIT,
            description = "Print the answer as the function gives it, as JSON.")
    private boolean json;

    @Option(names = "--function", paramLabel = "NAME", scope = ScopeType.INHERIT, description = """
        Let the deployed function do it, with its rights, settings and address: its name or ARN, \
        with :ALIAS at its end where that is not live.\
        """)
    private Optional<DeployedFunction.Address> function = Optional.empty();

    @Option(
            names = "--region",
            paramLabel = "REGION",
            scope = ScopeType.INHERIT,
            description = "The AWS region; else AWS_REGION, AWS_DEFAULT_REGION or the profile's.")
    private Optional<String> region = Optional.empty();

    @Option(
            names = "--profile",
            paramLabel = "PROFILE",
            scope = ScopeType.INHERIT,
            description = "The profile of AWS's files whose credentials are used; else AWS_PROFILE.")
    private Optional<String> profile = Optional.empty();

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Each remote call on the error output.")
    private boolean verbose;

    GlobalOptions(Operator operator, Map<String, String> environment) {
        this.operator = operator;
        this.environment = environment;
    }

    Operator operator() {
        return operator;
    }

    /** What the command asks for goes there. */
    EventTarget target() {
        var variables = new HashMap<>(environment);
        region.ifPresent(name -> variables.put("AWS_REGION", name));
        var session = new OperatorSession(variables, profile);
        Consumer<String> calls = verbose ? operator.err()::println : line -> {};
        return function.<EventTarget>map(address -> new DeployedFunction(address, session, calls))
                .orElseGet(() -> new ThisProcess(session, calls));
    }

    /** Prints an answer as it is, or as the table that is made of it. */
    void print(String answer, Function<Screen, String> table) {
        // Written anew, so that nothing in it can order a terminal about.
        operator.out()
                .print(
                        json
                                ? Json.text(Json.object(answer).orElseThrow(GlobalOptions::noJson)) + "\n"
                                : table.apply(operator.screen()));
    }

    private static NotDone noJson() {
        return new NotDone("The answer is not a JSON object: is it the right function?");
    }
}
