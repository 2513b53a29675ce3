package dev.atlasrotator.testbed;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.atlas.AtlasActor;
import dev.atlasrotator.simulator.atlas.AtlasEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The function's answer to sweep, rotate and status, read as its reader reads it. */
public record Answer(Map<String, Object> json) {
    private static final Set<String> WRITES = Set.of(
            "CreateSecret",
            "PutSecretValue",
            "UpdateSecret",
            "UpdateSecretVersionStage",
            "RotateSecret",
            "CancelRotateSecret",
            "TagResource",
            "UntagResource",
            "DeleteSecret");

    /** Where a text asks its reader to delete something. */
    public static final Pattern ASKS_TO_DELETE =
            Pattern.compile("(?<!not )(?<!never )\\bdelete\\b(?! n(one|either|othing)\\b)", Pattern.CASE_INSENSITIVE);

    /** The sweep as the schedule asks for it. */
    public static Answer sweep(Testbed testbed) {
        return to(testbed, "{\"action\":\"sweep\",\"scheduled\":\"" + testbed.time.instant() + "\"}");
    }

    public static Answer dryRun(Testbed testbed) {
        return to(testbed, "{\"action\":\"sweep\",\"dryRun\":true}");
    }

    public static Answer status(Testbed testbed) {
        return to(testbed, "{\"action\":\"status\"}");
    }

    public static Answer rotate(Testbed testbed, Testbed.ManagedSecret kept) {
        return to(testbed, "{\"action\":\"rotate\",\"secretId\":\"" + kept.name() + "\"}");
    }

    /** A leak: the old ones go at once. */
    public static Answer revoke(Testbed testbed, Testbed.ManagedSecret kept) {
        return to(testbed, "{\"action\":\"rotate\",\"secretId\":\"" + kept.name() + "\",\"revokeOld\":true}");
    }

    /** This Atlas secret has leaked. */
    public static Answer leaked(Testbed testbed, Testbed.ManagedSecret kept, String id) {
        return to(testbed, "{\"action\":\"rotate\",\"secretId\":\"" + kept.name() + "\",\"leaked\":\"" + id + "\"}");
    }

    public static Answer to(Testbed testbed, String event) {
        return new Answer(testbed.answer(event));
    }

    public int number(String field) {
        return ((Number) json.get(field)).intValue();
    }

    @SuppressWarnings("unchecked")
    public List<Map<String, Object>> accounts() {
        return (List<Map<String, Object>>) json.get("accounts");
    }

    /** The entries of accounts that failed. */
    public List<Map<String, Object>> failed() {
        return accounts().stream()
                .filter(one -> new ReportEntry(one).isFailed())
                .toList();
    }

    /** The entry of this one; it must be there, once. */
    public Map<String, Object> of(Testbed.ManagedSecret kept) {
        var entries = accounts().stream()
                .filter(one -> kept.arn().equals(one.get("secretArn")))
                .toList();
        if (entries.size() != 1) {
            throw new AssertionError(entries.size() + " entries of " + kept.name() + ": " + json);
        }
        return entries.getFirst();
    }

    /** What failed of this one, as code and message; empty if nothing did. */
    public String failure(Testbed.ManagedSecret kept) {
        return failed().stream()
                .filter(one -> kept.arn().equals(one.get("secretArn")))
                .map(one -> new ReportEntry(one).failure())
                .findFirst()
                .orElse("");
    }

    public String state(Testbed.ManagedSecret kept) {
        return String.valueOf(of(kept).get("state"));
    }

    /** All that it says to a person about this one. */
    public String told(Testbed.ManagedSecret kept) {
        return accounts().stream()
                .filter(one -> kept.arn().equals(one.get("secretArn")))
                .map(one -> new ReportEntry(one).told())
                .collect(Collectors.joining(" "));
    }

    /** The codes of its findings. */
    public List<String> codes(Testbed.ManagedSecret kept) {
        return new ReportEntry(of(kept)).codes();
    }

    /** What it says of the deployment. */
    public String deployment() {
        return ReportEntry.told(json.get("findings"));
    }

    public List<String> actions(Testbed.ManagedSecret kept) {
        return new ReportEntry(of(kept)).actions();
    }

    @SuppressWarnings("unchecked")
    public List<Map<String, Object>> others(Testbed.ManagedSecret kept) {
        return (List<Map<String, Object>>) of(kept).get("others");
    }

    /** What the account's other secrets are to us. */
    public List<String> kinds(Testbed.ManagedSecret kept) {
        return others(kept).stream().map(one -> String.valueOf(one.get("kind"))).toList();
    }

    /** This metric, in the last line of metrics. */
    public static double metric(Testbed testbed, String name) {
        var lines = metrics(testbed);
        return ((Number) Json.object(lines.getLast()).orElseThrow().get(name)).doubleValue();
    }

    /** The names in the last line of metrics. */
    @SuppressWarnings("unchecked")
    public static List<String> metricNames(Testbed testbed) {
        var line = Json.object(metrics(testbed).getLast()).orElseThrow();
        var directives = (List<Map<String, Object>>) ((Map<String, Object>) line.get("_aws")).get("CloudWatchMetrics");
        return ((List<Map<String, Object>>) directives.getFirst().get("Metrics"))
                .stream().map(metric -> String.valueOf(metric.get("Name"))).toList();
    }

    public static List<String> metrics(Testbed testbed) {
        return List.copyOf(testbed.lines).stream()
                .filter(line -> line.startsWith("{\"_aws\""))
                .toList();
    }

    /** Whatever has changed at either service: to be compared with what it was. */
    public static List<String> changes(Testbed testbed) {
        var changes = new ArrayList<>(testbed.atlas.ledger().stream()
                .filter(event ->
                        event.what() != AtlasEvent.What.TOKEN_MINTED && event.what() != AtlasEvent.What.TOKEN_REVOKED)
                .map(AtlasEvent::toString)
                .toList());
        testbed.secretsManager.ledger().stream()
                .filter(entry -> WRITES.contains(entry.operation()))
                .map(Object::toString)
                .forEach(changes::add);
        return changes;
    }

    /** How many secrets were created at Atlas for this account, whoever did it. */
    public static long created(Testbed testbed, Testbed.ManagedSecret kept) {
        return testbed.atlas.ledger().stream()
                .filter(event -> event.what() == AtlasEvent.What.SECRET_CREATED
                        && event.clientId().equals(kept.clientId())
                        && event.by() instanceof AtlasActor.ServiceAccount)
                .count();
    }

    @Override
    public String toString() {
        return Json.text(json);
    }
}
