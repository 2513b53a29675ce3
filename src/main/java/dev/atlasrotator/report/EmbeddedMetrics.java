package dev.atlasrotator.report;

import dev.atlasrotator.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Metrics as a log line in CloudWatch's embedded metric format (its specification, version of
 * {@code _aws}).
 */
public final class EmbeddedMetrics {
    private static final String NAMESPACE = "AtlasSecretRotator";

    private EmbeddedMetrics() {}

    /**
     * The line for these values, by the metric's name; without dimensions, so that an alarm needs
     * none.
     */
    public static String line(Instant at, Map<String, ?> values) {
        var definitions = new ArrayList<Map<String, Object>>();
        values.keySet()
                .forEach(name ->
                        definitions.add(Map.of("Name", name, "Unit", name.startsWith("Hours") ? "None" : "Count")));
        var directive = new LinkedHashMap<String, Object>();
        directive.put("Namespace", NAMESPACE);
        directive.put("Dimensions", List.of(List.of()));
        directive.put("Metrics", definitions);
        var metadata = new LinkedHashMap<String, Object>();
        metadata.put("Timestamp", at.toEpochMilli());
        metadata.put("CloudWatchMetrics", List.of(directive));
        var line = new LinkedHashMap<String, Object>();
        line.put("_aws", metadata);
        line.putAll(values);
        return Json.text(line);
    }
}
