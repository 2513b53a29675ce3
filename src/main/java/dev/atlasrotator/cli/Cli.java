package dev.atlasrotator.cli;

import dev.atlasrotator.Wiring;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.retry.Deadline;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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

    private static final Set<String> OPTIONS = Set.of("--json", "--verbose", "-v");

    private static final String USAGE = """
        Usage: atlas-secret-rotator status [--json] [--verbose] [NAME-OR-ARN ...]

        The state of every managed account, or of those named; nothing is changed.
          --json     the report as the function answers it
          --verbose  each remote call on the error output, as the function logs it

        AWS credentials and region are found as the AWS command line finds them, the settings
        are the function's, from the environment: ATLAS_BASE_URL, MANAGED_TAG, ADMIN_SECRET_ID,
        SECRET_EXPIRES_AFTER_HOURS, ROTATE_AFTER_HOURS, OVERLAP_HOURS, SWEEP_CONCURRENCY,
        HTTPS_PROXY, HTTP_PROXY, NO_PROXY.
        Colour only on a terminal, and never with NO_COLOR.

        Exit status: 0 all is well; 1 something needs attention (marked !); 2 could not read them.
        """;

    /**
     * Where the answer is printed.
     *
     * @param columns its width
     */
    record Screen(int columns, Palette palette) {
        enum Palette {
            NO_COLOURS,
            ANSI
        }

        /** A file, or another program. */
        static final Screen NO_TERMINAL = new Screen(100, Palette.NO_COLOURS);

        static Screen terminal(Map<String, String> environment) {
            var columns = environment.getOrDefault("COLUMNS", "");
            // no-color.org: set and not empty, whatever its value
            boolean colours = environment.getOrDefault("NO_COLOR", "").isEmpty()
                    && !environment.getOrDefault("TERM", "").equals("dumb");
            return new Screen(
                    columns.matches("[1-9][0-9]{1,3}") ? Integer.parseInt(columns) : NO_TERMINAL.columns(),
                    colours ? Palette.ANSI : Palette.NO_COLOURS);
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
        var screen = terminal ? Screen.terminal(environment) : Screen.NO_TERMINAL;
        int status = new Cli(out, System.err, environment, screen).run(List.of(arguments));
        out.flush();
        System.exit(status);
    }

    /** Runs a command and returns its exit status. */
    int run(List<String> arguments) {
        if (arguments.contains("--help") || arguments.contains("-h")) {
            out.print(USAGE);
            return WELL;
        }
        if (arguments.equals(List.of("--version"))) {
            out.println("atlas-secret-rotator " + Wiring.VERSION);
            return WELL;
        }
        var mistake = mistake(arguments);
        if (mistake.isPresent()) {
            err.print(mistake.get() + "\n\n" + USAGE);
            return COULD_NOT;
        }
        return status(arguments.stream().skip(1).distinct().toList());
    }

    private static Optional<String> mistake(List<String> arguments) {
        if (arguments.isEmpty()) {
            return Optional.of("What should be done is missing.");
        }
        if (!arguments.getFirst().equals("status")) {
            return Optional.of("There is no command of that name; there is only status.");
        }
        return arguments.stream().allMatch(argument -> OPTIONS.contains(argument) || isName(argument))
                ? Optional.empty()
                : Optional.of("status takes --json, --verbose, and names or ARNs of stored secrets.");
    }

    private static boolean isName(String argument) {
        return !argument.startsWith("-") && !argument.isBlank();
    }

    private int status(List<String> arguments) {
        boolean verbose = arguments.contains("--verbose") || arguments.contains("-v");
        var names = arguments.stream().filter(Cli::isName).toList();
        try {
            var wiring = Wiring.command(environment, verbose ? err::println : line -> {});
            var report = wiring.rotator()
                    .status(Optional.of(names).filter(some -> !some.isEmpty()), Deadline.in(TIME, wiring.clock()));
            out.print(arguments.contains("--json") ? report.json() + "\n" : StatusTable.of(report, screen));
            return StatusTable.needsAttention(report) ? ATTENTION : WELL;
        } catch (RotatorException failure) {
            err.println(failure.getMessage());
            return COULD_NOT;
        }
    }
}
