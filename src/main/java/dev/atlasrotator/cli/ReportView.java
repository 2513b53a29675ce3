package dev.atlasrotator.cli;

import dev.atlasrotator.failure.Severity;
import dev.atlasrotator.json.Json;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A report as the command line reads it, whether this process made it or the deployed function
 * (docs/specification.md, "The report"). The accounts are in its order, the most urgent first.
 *
 * @param severity the highest of all findings; empty where there are only infos
 */
record ReportView(
        String action,
        Run run,
        Instant at,
        Counts counts,
        Optional<Severity> severity,
        List<FindingView> findings,
        List<AccountView> accounts) {
    /** Whether the actions of the entries were done. */
    enum Run {
        ACTS,
        DRY_RUN,
        OBSERVES
    }

    /** How many accounts were looked at, not reached, handed to the queue, and left out of the list. */
    record Counts(int checked, int unfinished, int enqueued, int omitted) {}

    /**
     * A finding.
     *
     * @param message what was seen
     * @param remedy what to do; empty where there is nothing
     */
    record FindingView(String code, Severity severity, String message, String remedy, Optional<Instant> until) {
        String text() {
            return (code + ": " + message + " " + remedy).strip();
        }
    }

    /**
     * One of the account's other secrets at Atlas.
     *
     * @param kind what it is: superseded, pending, foreign and so on
     */
    record SecretView(
            String secretId,
            String kind,
            Optional<Instant> createdAt,
            Optional<Instant> expiresAt,
            Optional<Instant> lastUsedAt) {}

    /**
     * What was done, or would be.
     *
     * @param secretId the Atlas secret; empty where it does not exist yet, or is not about one
     * @param reason why it was deleted
     */
    record ActionView(String type, Optional<String> secretId, String reason) {}

    /**
     * What {@code check} says beside the state.
     *
     * @param ready whether the account will rotate; empty where this is no check
     * @param next what the next rotation would do
     * @param readers who can read the value
     * @param notChecked what cannot be known by reading
     */
    record CheckView(
            Optional<Boolean> ready,
            Optional<String> next,
            Optional<Instant> nextAt,
            List<String> readers,
            List<String> notChecked) {}

    /**
     * An account.
     *
     * @param secretId the Atlas secret in use
     * @param promotedAt when AWSCURRENT moved last, where the report says it
     */
    record AccountView(
            String name,
            String arn,
            String clientId,
            String state,
            Optional<String> secretId,
            Optional<Instant> createdAt,
            Optional<Instant> promotedAt,
            Optional<Instant> expiresAt,
            List<SecretView> others,
            List<ActionView> actions,
            List<FindingView> findings,
            CheckView check) {
        /** The highest of its findings. */
        Severity severity() {
            return findings.stream()
                    .map(FindingView::severity)
                    .max(Comparator.naturalOrder())
                    .orElse(Severity.INFO);
        }

        boolean needsAttention() {
            return severity() != Severity.INFO;
        }
    }

    /** Whether an operator must act: nothing that the next sweep settles by itself counts. */
    boolean needsAttention() {
        return severity.isPresent()
                || !findings.isEmpty()
                || accounts.stream()
                        .anyMatch(one ->
                                one.needsAttention() || one.check().ready().equals(Optional.of(false)));
    }

    /**
     * Reads a report.
     *
     * @throws NotDone if it is something else
     */
    static ReportView parse(String answer) {
        var json = new Fields(Json.object(answer).orElseThrow(ReportView::somethingElse));
        var at = json.time("at").filter(time -> json.json().get("accounts") instanceof List);
        var action = json.text("action");
        return new ReportView(
                action,
                run(json, action),
                at.orElseThrow(ReportView::somethingElse),
                new Counts(
                        json.number("checked"),
                        json.number("unfinished"),
                        json.number("enqueued"),
                        json.number("omitted")),
                json.optionalText("severity")
                        .filter(text -> !text.equals("none"))
                        .map(ReportView::severity),
                json.objects("findings", ReportView::finding),
                json.objects("accounts", ReportView::account));
    }

    private static NotDone somethingElse() {
        return new NotDone("The answer is not a report of this function: is it the right one, and of this version?");
    }

    private static Run run(Fields json, String action) {
        if (json.flag("dryRun").orElse(false)) {
            return Run.DRY_RUN;
        }
        return action.equals("sweep") && json.text("mode").equals("observe") ? Run.OBSERVES : Run.ACTS;
    }

    private static AccountView account(Fields json) {
        return new AccountView(
                json.text("name"),
                json.text("secretArn"),
                json.text("clientId"),
                json.text("state"),
                json.optionalText("secretId"),
                json.time("createdAt"),
                json.time("promotedAt"),
                json.time("expiresAt"),
                json.objects("others", ReportView::secret),
                json.objects("actions", ReportView::action),
                json.objects("findings", ReportView::finding),
                check(json));
    }

    private static SecretView secret(Fields json) {
        return new SecretView(
                json.text("secretId"),
                json.text("kind"),
                json.time("createdAt"),
                json.time("expiresAt"),
                json.time("lastUsedAt"));
    }

    private static ActionView action(Fields json) {
        return new ActionView(json.text("type"), json.optionalText("secretId"), json.text("reason"));
    }

    private static FindingView finding(Fields json) {
        return new FindingView(
                json.text("code"),
                severity(json.text("severity")),
                json.text("message"),
                json.text("remedy"),
                json.time("until"));
    }

    private static CheckView check(Fields json) {
        var next = json.object("next");
        return new CheckView(
                json.flag("ready"),
                next.flatMap(one -> one.optionalText("what")),
                next.flatMap(one -> one.time("at")),
                json.texts("readers"),
                json.texts("notChecked"));
    }

    /** One that a later version may have is something that a person should look at. */
    private static Severity severity(String text) {
        return Arrays.stream(Severity.values())
                .filter(one -> one.name().equals(text.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElse(Severity.WARNING);
    }
}
