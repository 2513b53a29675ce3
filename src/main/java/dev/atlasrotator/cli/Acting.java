package dev.atlasrotator.cli;

import dev.atlasrotator.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;
import picocli.CommandLine.Option;

/**
 * What commands that change something have in common: at a terminal they first say what would be done and what stops
 * working, and ask; anywhere else they want --yes.
 */
final class Acting {
    @Option(names = "--dry-run", description = "Only say what would be done.")
    private boolean dryRun;

    @Option(
            names = {"-y", "--yes"},
            description = "Do it without asking; needed where there is no terminal.")
    private boolean yes;

    /**
     * Does what an event asks for, and returns the exit status.
     *
     * @param status that of a report
     */
    int act(GlobalOptions options, Map<String, Object> event, ToIntFunction<ReportView> status) {
        var operator = options.operator();
        if (!dryRun && !yes && operator.prompt().isEmpty()) {
            operator.err().println("""
                This changes things, and there is no terminal to ask at. Nothing was done. Add --dry-run \
                to see what would be done, or --yes to do it.\
                """);
            return Cli.USAGE;
        }
        var target = options.target();
        if (!dryRun) {
            operator.err().println(target.actsAs());
        }
        if (!dryRun && !yes) {
            var plan = ReportView.parse(target.send(Json.text(dry(event))));
            operator.err().print(Plan.of(plan, operator.screen()));
            if (Plan.isEmpty(plan)) {
                operator.err().println("There is nothing to do. Nothing was changed.");
                return status.applyAsInt(plan);
            }
            var question = Plan.question(plan) + " [y/N] ";
            if (!agreed(operator.prompt().flatMap(prompt -> prompt.apply(question)))) {
                operator.err().println("Nothing was changed.");
                return Cli.FAILED;
            }
        }
        var answer = target.send(Json.text(dryRun ? dry(event) : event));
        var report = ReportView.parse(answer);
        options.print(answer, screen -> StatusTable.of(report, screen));
        return status.applyAsInt(report);
    }

    private static Map<String, Object> dry(Map<String, Object> event) {
        var dry = new LinkedHashMap<>(event);
        dry.put("dryRun", true);
        return dry;
    }

    private static boolean agreed(Optional<String> typed) {
        var word = typed.map(String::strip).orElse("");
        return word.equalsIgnoreCase("y") || word.equalsIgnoreCase("yes");
    }
}
