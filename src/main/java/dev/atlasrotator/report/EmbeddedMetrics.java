package dev.atlasrotator.report;

import dev.atlasrotator.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Metrics as a log line in CloudWatch's embedded metric format (CloudWatch User Guide, "Specification: Embedded metric
 * format"). Their dimension is the function's name, so that two deployments in one region do not see each other's.
 */
public final class EmbeddedMetrics {
    private static final String NAMESPACE = "AtlasSecretRotator";
    private static final String DIMENSION = "FunctionName";

    /** The place of the name in arn:aws:lambda:REGION:ACCOUNT:function:NAME:ALIAS. */
    private static final int NAME_IN_ARN = 6;

    private EmbeddedMetrics() {}

    /**
     * The line for these values, by the metric's name.
     *
     * @param function this function's ARN, if it runs in Lambda
     */
    public static String line(Instant at, Optional<String> function, Map<String, ? extends Number> values) {
        var definitions = new ArrayList<Map<String, Object>>();
        values.keySet()
                .forEach(name ->
                        definitions.add(Map.of("Name", name, "Unit", name.startsWith("Hours") ? "None" : "Count")));
        var directive = new LinkedHashMap<String, Object>();
        directive.put("Namespace", NAMESPACE);
        directive.put("Dimensions", List.of(List.of(DIMENSION)));
        directive.put("Metrics", definitions);
        var metadata = new LinkedHashMap<String, Object>();
        metadata.put("Timestamp", at.toEpochMilli());
        metadata.put("CloudWatchMetrics", List.of(directive));
        var line = new LinkedHashMap<String, Object>();
        line.put("_aws", metadata);
        line.put(DIMENSION, function.map(EmbeddedMetrics::name).orElse("none"));
        line.putAll(values);
        return Json.text(line);
    }

    private static String name(String arn) {
        var parts = arn.split(":", -1);
        return parts.length > NAME_IN_ARN ? parts[NAME_IN_ARN] : arn;
    }
}
