package dev.atlasrotator.cli;

import static dev.atlasrotator.cli.TerminalText.printable;

import dev.atlasrotator.cli.TerminalText.AnsiColor;
import dev.atlasrotator.cli.TextTable.Row;
import dev.atlasrotator.json.Json;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/**
 * The answer to {@code discover} as a person reads it: the next to expire first.
 *
 * @param notTagged the stored secrets that are attached to the function and have no tag
 * @param unread what could not be read, and why
 */
record DiscoveryTable(Instant at, List<Row> unmanaged, List<String> notTagged, List<String> unread) {
    private static final List<String> HEADINGS = List.of("CLIENT ID", "NAME", "LEFT", "SECRETS", "IN");

    /**
     * Reads the answer.
     *
     * @throws NotDone if it is something else
     */
    static DiscoveryTable parse(String answer) {
        var json = new Fields(Json.object(answer).orElse(Map.of()));
        var at = json.time("at").filter(time -> json.json().get("unmanaged") instanceof List);
        if (at.isEmpty()) {
            throw new NotDone("The answer does not say what was found: is the function of this version?");
        }
        return new DiscoveryTable(
                at.get(),
                json.objects("unmanaged", account -> row(account, at.get())),
                json.objects("notTagged", stored -> printable(stored.text("name"))),
                json.texts("unread").stream().map(TerminalText::printable).toList());
    }

    private static Row row(Fields account, Instant at) {
        var scope = account.optionalText("groupId")
                .map(id -> "project " + id)
                .orElseGet(() -> "organization " + account.text("orgId"));
        return new Row(
                List.of(
                        printable(account.text("clientId")),
                        printable(account.text("name")),
                        account.time("expiresAt")
                                .map(end -> TextTable.left(at, end))
                                .orElse(TextTable.NONE),
                        String.valueOf(account.number("secrets")),
                        printable(scope)),
                AnsiColor.PLAIN,
                List.of());
    }

    /** Whether every account that was looked for is managed, and all could be looked for. */
    boolean isWell() {
        return unmanaged.isEmpty() && notTagged.isEmpty() && unread.isEmpty();
    }

    String text(Screen screen) {
        var text = new TerminalText(screen);
        if (!unmanaged.isEmpty()) {
            new TextTable(text, HEADINGS, unmanaged).write();
            text.paragraph("", """
                No sweep reads these (%d): nothing rotates them. Store the credential of each in Secrets Manager, with                 the management tag.\
                """.formatted(unmanaged.size()), AnsiColor.PLAIN);
        }
        if (!notTagged.isEmpty()) {
            text.paragraph("", """
                Attached to this function and not tagged, so that no sweep reads them: %s. Add the management tag.\
                """.formatted(String.join(", ", notTagged)), AnsiColor.YELLOW);
        }
        unread.forEach(why -> text.paragraph("", "Could not be read: " + why, AnsiColor.YELLOW));
        if (isWell()) {
            var time = at.truncatedTo(ChronoUnit.SECONDS);
            text.paragraph("", "%s: every account that was found is managed.".formatted(time), AnsiColor.GREEN);
        }
        return text.toString();
    }
}
