package dev.atlasrotator.cli;

import java.io.PrintStream;
import java.util.Optional;
import java.util.function.Function;

/**
 * Whoever called the command.
 *
 * @param out where the answer goes
 * @param err where everything else goes
 * @param prompt shows a question and returns the line that is typed, empty at the end of the input; absent where nobody
 *     sits at a terminal
 */
record Operator(PrintStream out, PrintStream err, Screen screen, Optional<Function<String, Optional<String>>> prompt) {}
