package dev.atlasrotator.cli;

import dev.atlasrotator.credential.Sensitive;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The stored secrets that a command is about. */
final class Names {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    @Parameters(paramLabel = "NAME", arity = "0..*", description = "Names or ARNs of stored secrets; all by default.")
    private List<String> names = List.of();

    /**
     * The event of an action for these, or for all.
     *
     * @throws ParameterException if no stored secret can have a name
     */
    Map<String, Object> event(String action) {
        check(names, command);
        var event = new LinkedHashMap<String, Object>();
        event.put("action", action);
        if (!names.isEmpty()) {
            event.put("secretIds", names.stream().distinct().toList());
        }
        return event;
    }

    /**
     * Refuses names that no stored secret has.
     *
     * @throws ParameterException if there is one
     */
    static void check(List<String> names, CommandSpec command) {
        if (names.stream().anyMatch(String::isBlank)) {
            throw new ParameterException(command.commandLine(), "An empty text is no name of a stored secret.");
        }
        if (names.stream().anyMatch(Sensitive::isAtlasSecret)) {
            throw new ParameterException(
                    command.commandLine(), "A client secret is no name of a stored secret. Nothing was sent.");
        }
    }
}
