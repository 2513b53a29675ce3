package dev.atlasrotator.cli;

import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.RotatorException;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line: sends the function's events to this process or to the deployed function, and prints the answers.
 * Exit status: {@value #WELL} if nothing needs attention, {@value #ATTENTION} if something does, {@value #USAGE} if the
 * command line is not understood, {@value #FAILED} if it could not be done.
 */
public final class Cli {
    static final int WELL = 0;
    static final int ATTENTION = 1;
    static final int USAGE = 2;
    static final int FAILED = 3;

    /** Help is legible up to this width, and picocli takes no less than the other. */
    private static final int HELP_WIDTH_MAX = 100;

    private static final int HELP_WIDTH_MIN = 55;

    private final Operator operator;
    private final Map<String, String> environment;

    Cli(Operator operator, Map<String, String> environment) {
        this.operator = operator;
        this.environment = environment;
    }

    /**
     * Runs a command and ends the process with its exit status.
     *
     * @param arguments the command and its arguments; --help lists them
     */
    public static void main(String[] arguments) {
        var environment = System.getenv();
        var console = Optional.ofNullable(System.console()).filter(Console::isTerminal);
        // Output to a file or another program is UTF-8, whatever this machine's encoding is.
        var out = console.isPresent()
                ? System.out
                : new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        var screen = console.map(terminal -> Screen.terminal(environment)).orElse(Screen.NO_TERMINAL);
        var operator = new Operator(out, System.err, screen, console.map(Cli::prompt));
        int status = new Cli(operator, environment).run(List.of(arguments));
        out.flush();
        System.exit(status);
    }

    private static Function<String, Optional<String>> prompt(Console console) {
        return question -> {
            System.err.print(question);
            System.err.flush();
            return Optional.ofNullable(console.readLine());
        };
    }

    /** Runs a command and returns its exit status. */
    int run(List<String> arguments) {
        var options = new GlobalOptions(operator, environment);
        var commands = new CommandLine(options)
                .addSubcommand(new StatusCommand(options))
                .addSubcommand(new CheckCommand(options))
                .addSubcommand(new DiscoverCommand(options))
                .addSubcommand(new RotateCommand(options))
                .addSubcommand(new SweepCommand(options))
                .addSubcommand(new CompletionCommand(options));
        commands.registerConverter(DeployedFunction.Address.class, DeployedFunction.Address::of);
        commands.registerConverter(SecretId.class, Cli::secretId);
        var ansi = operator.screen().palette() == Screen.Palette.ANSI ? Help.Ansi.ON : Help.Ansi.OFF;
        return commands.setExpandAtFiles(false) // an argument is never the name of a file with arguments
                .setColorScheme(Help.defaultColorScheme(ansi))
                .setUsageHelpWidth(Math.clamp(operator.screen().columns(), HELP_WIDTH_MIN, HELP_WIDTH_MAX))
                .setOut(writer(operator.out()))
                .setErr(writer(operator.err()))
                .setParameterExceptionHandler((mistake, all) -> explain(mistake))
                .setExecutionExceptionHandler((thrown, command, parsed) -> {
                    operator.err().println(reason(thrown));
                    return FAILED;
                })
                .execute(arguments.toArray(String[]::new));
    }

    private static SecretId secretId(String text) {
        try {
            return new SecretId(text);
        } catch (RotatorException malformed) {
            throw new TypeConversionException(
                    "expected the id of an Atlas secret: 24 hexadecimal digits in lower case");
        }
    }

    /** The exit status of a report. */
    static int status(ReportView report) {
        return report.needsAttention() ? ATTENTION : WELL;
    }

    /** The mistake, and how the command is written; the whole help only where no command is named. */
    private static int explain(ParameterException mistake) {
        var command = mistake.getCommandLine();
        var err = command.getErr();
        err.println(mistake.getMessage());
        UnmatchedArgumentException.printSuggestions(mistake, err);
        if (command.getParent() == null) {
            command.usage(err);
            return USAGE;
        }
        var help = command.getHelp();
        err.print(help.synopsisHeading() + help.synopsis(help.synopsisHeadingLength()));
        err.println("More: %s --help".formatted(command.getCommandSpec().qualifiedName()));
        return USAGE;
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, stream.charset());
    }

    /** Nothing of an exception that was not made to be printed, except where it comes from. */
    private static String reason(Exception thrown) {
        if (thrown instanceof RotatorException || thrown instanceof NotDone) {
            return String.valueOf(thrown.getMessage());
        }
        var frames = thrown.getStackTrace();
        return "UNEXPECTED_ERROR: %s%s. This is a defect of the command line; please report it."
                .formatted(thrown.getClass().getName(), frames.length == 0 ? "" : " at " + frames[0]);
    }
}
