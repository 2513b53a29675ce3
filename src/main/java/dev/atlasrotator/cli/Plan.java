package dev.atlasrotator.cli;

import static dev.atlasrotator.cli.TerminalText.printable;

import dev.atlasrotator.cli.ReportView.AccountView;
import dev.atlasrotator.cli.ReportView.ActionView;
import dev.atlasrotator.cli.ReportView.SecretView;
import dev.atlasrotator.cli.TerminalText.AnsiColor;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A dry run's report, as it is shown before the question whether to do it. Pure. */
final class Plan {
    private static final Set<String> ROTATES = Set.of("created", "resumed", "requested");

    private Plan() {}

    static boolean isEmpty(ReportView plan) {
        return plan.accounts().stream().allMatch(account -> account.actions().isEmpty());
    }

    /** The table, and what it means for consumers. */
    static String of(ReportView plan, Screen screen) {
        var text = new TerminalText(screen);
        plan.accounts().forEach(account -> {
            var revoked = revoked(account);
            if (!revoked.isEmpty()) {
                text.paragraph(
                        "", """
                            What stops working at once: every consumer of %s that still holds %s, until it loads the new \
                            value of the stored secret.\
                            """.formatted(printable(account.name()), String.join(" or ", revoked)), AnsiColor.RED);
            }
        });
        boolean keepsOld = plan.accounts().stream()
                .anyMatch(account -> count(account.actions(), ROTATES) > 0
                        && revoked(account).isEmpty());
        if (keepsOld) {
            text.paragraph("", """
                The secret that is replaced keeps working for its overlap (OVERLAP_HOURS) after AWSCURRENT has moved, \
                and Atlas ends it within 7 days: consumers must load the new value by then.\
                """, AnsiColor.PLAIN);
        }
        return StatusTable.of(plan, screen) + text;
    }

    /** What would be done, in figures. */
    static String question(ReportView plan) {
        var actions = plan.accounts().stream()
                .flatMap(account -> account.actions().stream())
                .toList();
        var parts = new ArrayList<String>();
        number(parts, count(actions, ROTATES), "rotation");
        number(parts, count(actions, Set.of("abandoned")), "rotation in progress to abandon");
        number(parts, count(actions, Set.of("deleted")), "deletion");
        var names = plan.accounts().stream()
                .filter(account -> !account.actions().isEmpty())
                .map(account -> printable(account.name()))
                .toList();
        var where = names.size() == 1 ? names.getFirst() : names.size() + " accounts";
        return "%s, in %s. Do it?".formatted(parts.isEmpty() ? "The above" : String.join(", ", parts), where);
    }

    private static void number(List<String> parts, int count, String what) {
        if (count > 0) {
            parts.add(count + " " + what + (count == 1 || what.contains(" ") ? "" : "s"));
        }
    }

    private static int count(List<ActionView> actions, Set<String> types) {
        return (int)
                actions.stream().filter(action -> types.contains(action.type())).count();
    }

    /** The Atlas secrets that are deleted although somebody may use them, with what is known of that. */
    private static List<String> revoked(AccountView account) {
        return account.actions().stream()
                .filter(action ->
                        action.type().equals("deleted") && action.reason().equals("revoked"))
                .flatMap(action -> action.secretId().stream())
                .map(id -> "secret " + printable(id) + " (" + use(account, id) + ")")
                .toList();
    }

    private static String use(AccountView account, String id) {
        if (account.secretId().equals(Optional.of(id))) {
            return "in use, AWSCURRENT";
        }
        return account.others().stream()
                .filter(other -> other.secretId().equals(id))
                .map(Plan::use)
                .collect(Collectors.joining());
    }

    private static String use(SecretView other) {
        return printable(other.kind())
                + other.lastUsedAt()
                        .map(at -> ", last used " + at.truncatedTo(ChronoUnit.SECONDS))
                        .orElse(", not used as far as Atlas says");
    }
}
