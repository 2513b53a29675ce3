package dev.atlasrotator.story;

import dev.atlasrotator.fake.AtlasActor;
import dev.atlasrotator.fake.AtlasEvent;
import dev.atlasrotator.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The function's answer to sweep, rotate and status, read as its reader reads it. */
record Answer(Map<String, Object> json) {
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

    private static final Pattern ASKS_TO_DELETE =
            Pattern.compile("(?<!not )(?<!never )\\bdelete\\b(?! n(one|either|othing)\\b)", Pattern.CASE_INSENSITIVE);

    static Answer sweep(Story story) {
        return to(story, "{\"action\":\"sweep\"}");
    }

    static Answer dryRun(Story story) {
        return to(story, "{\"action\":\"sweep\",\"dryRun\":true}");
    }

    static Answer status(Story story) {
        return to(story, "{\"action\":\"status\"}");
    }

    static Answer rotate(Story story, Story.ManagedSecret kept) {
        return to(story, "{\"action\":\"rotate\",\"secretId\":\"" + kept.name() + "\"}");
    }

    /** A leak: the old ones go at once. */
    static Answer revoke(Story story, Story.ManagedSecret kept) {
        return to(story, "{\"action\":\"rotate\",\"secretId\":\"" + kept.name() + "\",\"revokeOld\":true}");
    }

    /** This Atlas secret has leaked. */
    static Answer leaked(Story story, Story.ManagedSecret kept, String id) {
        return to(story, "{\"action\":\"rotate\",\"secretId\":\"" + kept.name() + "\",\"leaked\":\"" + id + "\"}");
    }

    static Answer to(Story story, String event) {
        return new Answer(story.answer(event));
    }

    int number(String field) {
        return ((Number) json.get(field)).intValue();
    }

    @SuppressWarnings("unchecked")
    List<Map<String, Object>> accounts() {
        return (List<Map<String, Object>>) json.get("accounts");
    }

    @SuppressWarnings("unchecked")
    List<Map<String, Object>> failed() {
        return (List<Map<String, Object>>) json.get("failed");
    }

    /** The entry of this one; it must be there, once. */
    Map<String, Object> of(Story.ManagedSecret kept) {
        var entries = accounts().stream()
                .filter(one -> kept.arn().equals(one.get("secretArn")))
                .toList();
        if (entries.size() != 1) {
            throw new AssertionError(entries.size() + " entries of " + kept.name() + ": " + json);
        }
        return entries.getFirst();
    }

    /** What failed of this one, as kind and message; empty if nothing did. */
    String failure(Story.ManagedSecret kept) {
        return failed().stream()
                .filter(one -> kept.arn().equals(one.get("secretArn")))
                .map(one -> one.get("error") + ": " + one.get("message"))
                .findFirst()
                .orElse("");
    }

    String state(Story.ManagedSecret kept) {
        return String.valueOf(of(kept).get("state"));
    }

    String advice(Story.ManagedSecret kept) {
        return String.valueOf(of(kept).getOrDefault("advice", ""));
    }

    /** All that it says to a person about this one: the advice, and what failed. */
    String told(Story.ManagedSecret kept) {
        var advice = accounts().stream()
                .filter(one -> kept.arn().equals(one.get("secretArn")))
                .map(one -> String.valueOf(one.getOrDefault("advice", "")))
                .collect(Collectors.joining(" "));
        return (advice + " " + failure(kept)).strip();
    }

    /** Whether a text asks its reader to delete something. */
    static boolean asksToDelete(String text) {
        return ASKS_TO_DELETE.matcher(text).find();
    }

    @SuppressWarnings("unchecked")
    List<String> actions(Story.ManagedSecret kept) {
        return (List<String>) of(kept).get("actions");
    }

    @SuppressWarnings("unchecked")
    List<Map<String, Object>> others(Story.ManagedSecret kept) {
        return (List<Map<String, Object>>) of(kept).get("others");
    }

    /** What the account's other secrets are to us. */
    List<String> kinds(Story.ManagedSecret kept) {
        return others(kept).stream().map(one -> String.valueOf(one.get("kind"))).toList();
    }

    /** This metric, in the last line of metrics. */
    static double metric(Story story, String name) {
        var lines = metrics(story);
        return ((Number) Json.object(lines.getLast()).orElseThrow().get(name)).doubleValue();
    }

    static List<String> metrics(Story story) {
        return List.copyOf(story.lines).stream()
                .filter(line -> line.startsWith("{\"_aws\""))
                .toList();
    }

    /** Whatever has changed at either service: to be compared with what it was. */
    static List<String> changes(Story story) {
        var changes = new ArrayList<>(story.atlas.ledger().stream()
                .filter(event ->
                        event.what() != AtlasEvent.What.TOKEN_MINTED && event.what() != AtlasEvent.What.TOKEN_REVOKED)
                .map(AtlasEvent::toString)
                .toList());
        story.secretsManager.ledger().stream()
                .filter(entry -> WRITES.contains(entry.operation()))
                .map(Object::toString)
                .forEach(changes::add);
        return changes;
    }

    /** How many secrets were created at Atlas for this account, whoever did it. */
    static long created(Story story, Story.ManagedSecret kept) {
        return story.atlas.ledger().stream()
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
