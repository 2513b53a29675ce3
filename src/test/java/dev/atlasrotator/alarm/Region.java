package dev.atlasrotator.alarm;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.cloudwatch.Metrics;
import dev.atlasrotator.simulator.cloudwatch.Template;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import software.amazon.event.ruler.Machine;

/** A region of one AWS account: what the deployments in it share: the default event bus, and the metrics. */
final class Region {
    final Metrics metrics = new Metrics();

    private final Machine machine = Machine.builder().build();
    private final Map<String, BiConsumer<Instant, String>> targets = new HashMap<>();

    /** EventBridge sends each event that matches to a target; AWS's own matcher decides. */
    void rule(String name, String pattern, BiConsumer<Instant, String> target) {
        try {
            machine.addRule(name, pattern);
        } catch (IOException malformed) {
            throw new UncheckedIOException(pattern, malformed);
        }
        targets.put(name, target);
    }

    /** An event arrives on the bus. */
    void event(Instant at, String source, String detailType, Map<String, ?> detail) {
        var event = Json.text(Map.of(
                "version",
                "0",
                "id",
                "00000000-0000-4000-8000-000000000000",
                "source",
                source,
                "detail-type",
                detailType,
                "account",
                Template.ACCOUNT,
                "time",
                at.toString(),
                "region",
                Template.REGION,
                "resources",
                List.of(),
                "detail",
                new HashMap<>(detail)));
        for (var rule : matching(event)) {
            // EventBridge User Guide, "Monitoring Amazon EventBridge": by the rule's name, and only where not zero.
            for (var metric : List.of("TriggeredRules", "MatchedEvents", "Invocations")) {
                metrics.put(new Metrics.Key("AWS/Events", metric, Map.of("RuleName", rule)), at, 1);
            }
            Optional.ofNullable(targets.get(rule)).orElseThrow().accept(at, event);
        }
    }

    private List<String> matching(String event) {
        try {
            return machine.rulesForJSONEvent(event);
        } catch (Exception malformed) {
            throw new AssertionError(event, malformed);
        }
    }
}
