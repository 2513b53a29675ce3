package dev.atlasrotator.cli;

import dev.atlasrotator.Wiring;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.report.FleetReport;
import dev.atlasrotator.retry.Deadline;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The command line: the state of the fleet as a table, by the function's own code and settings. It only reads. Exit
 * status: {@value #WELL} if nothing needs attention, {@value #ATTENTION} if something does, {@value #COULD_NOT} if the
 * arguments are wrong or the accounts could not be read.
 */
public final class Cli {
    static final int WELL = 0;
    static final int ATTENTION = 1;
    static final int COULD_NOT = 2;

    /** Lambda's maximum time-out. */
    private static final Duration TIME = Duration.ofMinutes(15);

    private static final String USAGE = """
        Usage: atlas-secret-rotator status [--json] [--verbose] [NAME-OR-ARN ...]

        How every managed account stands, or each of those named; nothing is changed.
          --json     the report as the function answers it
          --verbose  each remote call on the error output, as the function logs it

        AWS credentials and region are found as the AWS command line finds them, the settings
        are the function's, from the environment: ATLAS_BASE_URL, MANAGED_TAG, ADMIN_SECRET_ID,
        SECRET_EXPIRES_AFTER_HOURS, ROTATE_AFTER_HOURS, OVERLAP_HOURS, SWEEP_CONCURRENCY,
        HTTPS_PROXY, HTTP_PROXY, NO_PROXY.
        Colour only on a terminal, and never with NO_COLOR.

        Exit status: 0 all is well; 1 something needs attention (marked !); 2 could not look.
        """;

    /** What the command line asks for. */
    private sealed interface Request {
        record Status(boolean json, boolean verbose, List<String> secretIds) implements Request {}

        record Usage() implements Request {}

        record Version() implements Request {}

        record Wrong(String why) implements Request {}
    }

    /**
     * Where the answer is printed.
     *
     * @param columns its width
     * @param colour whether it shows colours
     */
    record Screen(int columns, boolean colour) {
        /** The width if the output is not a terminal, or does not know its width. */
        static final int COLUMNS_UNKNOWN = 100;

        static Screen of(boolean terminal, Map<String, String> environment) {
            var columns = environment.getOrDefault("COLUMNS", "");
            return new Screen(
                    terminal && columns.matches("[1-9][0-9]{1,3}") ? Integer.parseInt(columns) : COLUMNS_UNKNOWN,
                    // no-color.org: set and not empty, whatever its value
                    terminal
                            && environment.getOrDefault("NO_COLOR", "").isEmpty()
                            && !environment.getOrDefault("TERM", "").equals("dumb"));
        }
    }

    private final PrintStream out;
    private final PrintStream err;
    private final Map<String, String> environment;
    private final Screen screen;

    Cli(PrintStream out, PrintStream err, Map<String, String> environment, Screen screen) {
        this.out = out;
        this.err = err;
        this.environment = environment;
        this.screen = screen;
    }

    /**
     * Runs a command and ends the process with its exit status.
     *
     * @param arguments the command and its arguments; --help lists them
     */
    public static void main(String[] arguments) {
        var environment = System.getenv();
        boolean terminal = Optional.ofNullable(System.console())
                .filter(Console::isTerminal)
                .isPresent();
        // Output to a file or another program is UTF-8, whatever this machine's encoding is.
        var out = terminal
                ? System.out
                : new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        int status = new Cli(out, System.err, environment, Screen.of(terminal, environment)).run(List.of(arguments));
        out.flush();
        System.exit(status);
    }

    /** Runs a command and returns its exit status. */
    int run(List<String> arguments) {
        return switch (parse(arguments)) {
            case Request.Status asked -> status(asked);
            case Request.Usage usage -> {
                out.print(USAGE);
                yield WELL;
            }
            case Request.Version version -> {
                out.println("atlas-secret-rotator " + Wiring.VERSION);
                yield WELL;
            }
            case Request.Wrong(String why) -> {
                err.print(why + "\n\n" + USAGE);
                yield COULD_NOT;
            }
        };
    }

    private static Request parse(List<String> arguments) {
        if (arguments.contains("--help") || arguments.contains("-h")) {
            return new Request.Usage();
        }
        if (arguments.equals(List.of("--version"))) {
            return new Request.Version();
        }
        if (arguments.isEmpty()) {
            return new Request.Wrong("What should be done is missing.");
        }
        if (!arguments.getFirst().equals("status")) {
            return new Request.Wrong("There is no command of that name; there is only status.");
        }
        boolean json = false;
        boolean verbose = false;
        var secretIds = new ArrayList<String>();
        for (String argument : arguments.subList(1, arguments.size())) {
            switch (argument) {
                case "--json" -> json = true;
                case "--verbose", "-v" -> verbose = true;
                default -> {
                    if (argument.startsWith("-") || argument.isBlank()) {
                        return new Request.Wrong(
                                "status takes --json, --verbose, and names or ARNs of stored" + " secrets.");
                    }
                    secretIds.add(argument);
                }
            }
        }
        return new Request.Status(json, verbose, List.copyOf(secretIds));
    }

    private int status(Request.Status asked) {
        Consumer<String> log = asked.verbose() ? err::println : line -> {};
        try {
            var wiring = Wiring.command(environment, log);
            var named =
                    Optional.of(asked.secretIds().stream().distinct().toList()).filter(some -> !some.isEmpty());
            FleetReport report = wiring.rotator().status(named, Deadline.in(TIME, wiring.clock()));
            if (asked.json()) {
                out.println(report.json());
            } else {
                out.print(StatusTable.of(report, screen.columns(), screen.colour()));
            }
            return StatusTable.needsAttention(report) ? ATTENTION : WELL;
        } catch (RotatorException failure) {
            err.println(failure.getMessage());
            return COULD_NOT;
        }
    }
}
