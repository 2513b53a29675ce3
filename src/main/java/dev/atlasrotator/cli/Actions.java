package dev.atlasrotator.cli;

import static dev.atlasrotator.cli.TerminalText.printable;

import dev.atlasrotator.cli.ReportView.ActionView;
import dev.atlasrotator.cli.ReportView.Run;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What was done, or would be, as a sentence. */
final class Actions {
    private Actions() {}

    /** The sentence; empty where there is nothing to say. */
    static Optional<String> sentence(List<ActionView> actions, Run run) {
        if (actions.isEmpty()) {
            return Optional.empty();
        }
        boolean done = run == Run.ACTS;
        return Optional.of(actions.stream()
                .map(action -> words(action, done))
                .collect(Collectors.joining("; ", done ? "Done: " : "Would be done: ", ".")));
    }

    private static String words(ActionView action, boolean done) {
        var id = action.secretId().map(TerminalText::printable);
        var secret = id.orElse("the new secret");
        return switch (action.type()) {
            case "created" -> (done ? "created %s at Atlas" : "create %s at Atlas").formatted(id.orElse("a secret"));
            case "promoted" -> (done ? "moved AWSCURRENT to %s" : "move AWSCURRENT to %s").formatted(secret);
            case "deleted" ->
                (done ? "deleted %s at Atlas (%s)" : "delete %s at Atlas (%s)")
                        .formatted(secret, printable(action.reason()));
            case "requested" -> (done ? "asked" : "ask") + " Secrets Manager to rotate it, which begins at once";
            case "resumed" -> (done ? "resumed" : "resume") + " the rotation in progress";
            case "abandoned" -> (done ? "abandoned" : "abandon") + " the rotation in progress";
            default -> printable(action.type()) + id.map(one -> " " + one).orElse("");
        };
    }
}
