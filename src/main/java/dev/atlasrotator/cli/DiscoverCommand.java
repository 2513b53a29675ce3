package dev.atlasrotator.cli;

import dev.atlasrotator.json.Json;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code discover}: the accounts that no stored secret manages. */
@Command(
        name = "discover",
        description = {
            """
            The service accounts at Atlas that no stored secret manages, in every project and organization in which a \
            managed account lives. Reads only; needs an admin credential (ADMIN_SECRET_ID).\
            """,
            "With --function also the stored secrets that are attached to the function and not tagged.",
            "Exit status 1 if there is any of these."
        },
        footer = {"""

            Examples:
              atlas-secret-rotator discover --function atlas-secret-rotator
              atlas-secret-rotator discover --json | jq -r '.unmanaged[].clientId'\
            """, GlobalOptions.CREDENTIALS})
final class DiscoverCommand implements Callable<Integer> {
    private final GlobalOptions options;

    DiscoverCommand(GlobalOptions options) {
        this.options = options;
    }

    @Override
    public Integer call() {
        var answer = options.target().send(Json.text(Map.of("action", "discover")));
        var discovery = DiscoveryTable.parse(answer);
        options.print(answer, discovery::text);
        return discovery.isWell() ? Cli.WELL : Cli.ATTENTION;
    }
}
