package dev.atlasrotator.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code completion}: the script with which a shell completes commands and options. */
@Command(
        name = "completion",
        description = "Prints the script with which bash and zsh complete commands and options.",
        footer = """

            Examples:
              source <(atlas-secret-rotator completion)
              atlas-secret-rotator completion > ~/.local/share/bash-completion/completions/atlas-secret-rotator
            In zsh, first: autoload -U +X compinit && compinit\
            """)
final class CompletionCommand implements Callable<Integer> {
    private final GlobalOptions options;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    CompletionCommand(GlobalOptions options) {
        this.options = options;
    }

    @Override
    public Integer call() {
        options.operator()
                .out()
                .println(AutoComplete.bash(GlobalOptions.NAME, spec.root().commandLine()));
        return Cli.WELL;
    }
}
