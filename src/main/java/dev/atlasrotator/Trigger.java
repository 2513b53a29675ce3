package dev.atlasrotator;

import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.policy.CreatePolicy.Overlap;
import dev.atlasrotator.report.Asked.Origin;
import dev.atlasrotator.rotation.Step;
import dev.atlasrotator.secretsmanager.VersionId;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What starts a run. Every other event is rejected. */
public sealed interface Trigger {
    /** The keys with which an operator says what to do. */
    Set<String> OF_OPERATORS = Set.of("action", "dryRun", "secretId", "secretIds", "revokeOld", "leaked", "scheduled");

    /** An EventBridge rule, and EventBridge Scheduler if its schedule has no input. */
    Set<String> SCHEDULES = Set.of("aws.events", "aws.scheduler");

    /** Longer than any way to write a time. */
    int SCHEDULED_MAX = 100;

    /** The longest SecretId (Secrets Manager's API reference). */
    int SECRET_ID_MAX = 2048;

    /** A step of Secrets Manager's rotation. */
    record RotationStep(Step step) implements Trigger {}

    /** Sweep the fleet, or the stored secrets that are named. */
    record Sweep(Optional<List<String>> secretIds, boolean dryRun, Origin origin) implements Trigger {}

    /**
     * From an operator: rotate this one now.
     *
     * @param leaked the Atlas secret whose value has leaked
     */
    record Rotate(String secretId, Overlap overlap, Optional<SecretId> leaked, boolean dryRun) implements Trigger {}

    /** From an operator: report the state of the accounts. */
    record Status(Optional<List<String>> secretIds) implements Trigger {}

    /** From an operator: report which accounts will rotate, and why not. */
    record Check(Optional<List<String>> secretIds) implements Trigger {}

    /** From an operator: report what no sweep reads. */
    record Discover() implements Trigger {}

    /** Work that a sweep has enqueued. */
    record Work(List<Message> messages) implements Trigger {
        /** A message of the queue: its id there, and its body. */
        record Message(String id, String body) {}
    }

    /** The event's name in the log. */
    default String kind() {
        return this instanceof RotationStep(Step step)
                ? step.name().text()
                : getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads an event.
     *
     * @throws RotatorException.Configuration if it is none of these; the message says what was expected
     */
    static Trigger parse(String event) {
        var json = Json.object(event).orElseThrow(() -> unexpected("The event is not a JSON object"));
        boolean bySchedule = json.get("source") instanceof String from && SCHEDULES.contains(from);
        boolean byService = bySchedule || json.containsKey("Step") || json.containsKey("Records");
        if (byService && json.keySet().stream().anyMatch(OF_OPERATORS::contains)) {
            // No service sends these keys with its event: whoever wrote them expects something else than what would be
            // done.
            throw unexpected("The event has keys of two kinds of event");
        }
        if (json.containsKey("Step")) {
            return new RotationStep(step(json));
        }
        if (bySchedule) {
            return new Sweep(Optional.empty(), false, new Origin.Schedule(time(json.get("time"))));
        }
        if (json.get("Records") instanceof List<?> records && !records.isEmpty()) {
            return new Work(messages(records));
        }
        return switch (json.get("action") instanceof String action ? action : "") {
            case "sweep" -> {
                only(json, Set.of("action", "dryRun", "secretIds", "scheduled"));
                yield new Sweep(secretIds(json), flag(json, "dryRun"), origin(json));
            }
            case "rotate" -> {
                only(json, Set.of("action", "secretId", "revokeOld", "leaked", "dryRun"));
                var leaked = leaked(json);
                yield new Rotate(
                        named(text(json, "secretId")),
                        flag(json, "revokeOld") || leaked.isPresent() ? Overlap.REVOKED : Overlap.KEPT,
                        leaked,
                        flag(json, "dryRun"));
            }
            case "status" -> {
                only(json, Set.of("action", "secretIds"));
                yield new Status(secretIds(json));
            }
            case "check" -> {
                only(json, Set.of("action", "secretIds"));
                yield new Check(secretIds(json));
            }
            case "discover" -> {
                only(json, Set.of("action"));
                yield new Discover();
            }
            default -> throw unexpected("The event is of no kind that this function knows");
        };
    }

    private static Step step(Map<String, Object> json) {
        var named = text(json, "Step");
        var name = Arrays.stream(Step.Name.values())
                .filter(one -> one.text().equals(named))
                .findFirst()
                .orElseThrow(
                        () -> unexpected("Step is none of createSecret, setSecret," + " testSecret, finishSecret"));
        var rotationToken = json.get("RotationToken") != null
                ? Optional.of(new Sensitive(text(json, "RotationToken")))
                : Optional.<Sensitive>empty();
        return new Step(
                name,
                named(text(json, "SecretId")),
                new VersionId(named(text(json, "ClientRequestToken"))),
                rotationToken);
    }

    private static List<Work.Message> messages(List<?> records) {
        var messages = new ArrayList<Work.Message>();
        for (Object record : records) {
            if (record instanceof Map<?, ?> fields
                    && "aws:sqs".equals(fields.get("eventSource"))
                    && fields.get("messageId") instanceof String id
                    && fields.get("body") instanceof String body) {
                messages.add(new Work.Message(id, body));
            } else {
                throw unexpected("Records holds something else than messages of SQS");
            }
        }
        return List.copyOf(messages);
    }

    /** A misspelt key must not be ignored: without its dryRun, a sweep changes things. */
    private static void only(Map<String, Object> json, Set<String> known) {
        for (String key : json.keySet()) {
            if (!known.contains(key)) {
                var all = String.join(", ", known.stream().sorted().toList());
                throw unexpected("The event has a key that does not belong there (known are %s)".formatted(all));
            }
        }
    }

    private static String text(Map<String, Object> json, String key) {
        if (json.get(key) instanceof String text && !text.isBlank()) {
            return text;
        }
        throw unexpected("The event lacks " + key + ", or it is not a text");
    }

    /** The id is printed in logs and messages, and Secrets Manager allows no names with other characters. */
    private static String named(String id) {
        if (id.length() > SECRET_ID_MAX || !id.chars().allMatch(c -> c > ' ' && c <= '~')) {
            throw unexpected("An id in the event is too long, or holds spaces or unusual characters");
        }
        if (Sensitive.isAtlasSecret(id)) {
            throw unexpected("The event has a client secret in the place of a name");
        }
        return id;
    }

    private static Origin origin(Map<String, Object> json) {
        if (!json.containsKey("scheduled")) {
            return new Origin.Operator();
        }
        var scheduled = text(json, "scheduled");
        if (scheduled.length() > SCHEDULED_MAX) {
            throw unexpected("scheduled is longer than any time");
        }
        return new Origin.Schedule(time(scheduled));
    }

    /** Whoever writes the schedule's input by hand may not write a time: the sweep is scheduled all the same. */
    private static Optional<Instant> time(@Nullable Object text) {
        try {
            return Optional.of(Instant.parse(String.valueOf(text)));
        } catch (DateTimeParseException notOne) {
            return Optional.empty();
        }
    }

    private static Optional<SecretId> leaked(Map<String, Object> json) {
        if (!json.containsKey("leaked")) {
            return Optional.empty();
        }
        if (json.containsKey("revokeOld") && !flag(json, "revokeOld")) {
            throw unexpected("leaked asks for a revocation, and revokeOld is false");
        }
        try {
            return Optional.of(new SecretId(text(json, "leaked")));
        } catch (RotatorException.Credential malformed) {
            throw unexpected("leaked is not an Atlas secret id: expected 24 hexadecimal digits in lower" + " case");
        }
    }

    private static boolean flag(Map<String, Object> json, String key) {
        var value = json.get(key);
        if (value == null && !json.containsKey(key)) {
            return false;
        }
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw unexpected(key + " is neither true nor false");
    }

    private static Optional<List<String>> secretIds(Map<String, Object> json) {
        if (!json.containsKey("secretIds")) {
            return Optional.empty();
        }
        var ids = new ArrayList<String>();
        if (json.get("secretIds") instanceof List<?> list) {
            for (Object one : list) {
                if (one instanceof String text && !text.isBlank()) {
                    ids.add(named(text));
                } else {
                    throw unexpected("secretIds holds something else than names or ARNs");
                }
            }
        }
        if (ids.isEmpty()) { // an empty list is a mistake, and must not select the whole fleet
            throw unexpected("secretIds is not a list with at least one name or ARN");
        }
        return Optional.of(List.copyOf(ids));
    }

    private static RotatorException unexpected(String what) {
        return new RotatorException.Configuration(what + """
            . Nothing was done. Expected one of: {"Step","SecretId","ClientRequestToken"} from Secrets Manager; a \
            scheduled event of EventBridge (source aws.events or aws.scheduler); {"action":"sweep"} with dryRun, \
            secretIds and scheduled if wanted; {"action":"rotate","secretId":"…"} with revokeOld, leaked and dryRun if \
            wanted; {"action":"status"} or {"action":"check"} with secretIds if wanted; {"action":"discover"}; Records \
            with messages of SQS.\
            """);
    }
}
