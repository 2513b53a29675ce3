package dev.atlasrotator.log;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;

/** Calls that succeeded, by operation. Safe to use from several threads at once. */
final class CallCounts {
    private record Operation(String service, String name) {}

    private final Map<Operation, LongSummaryStatistics> milliseconds = new LinkedHashMap<>();

    synchronized void add(String service, String operation, Duration took) {
        milliseconds
                .computeIfAbsent(new Operation(service, operation), first -> new LongSummaryStatistics())
                .accept(took.toMillis());
    }

    /** The fields of one line for each operation. */
    synchronized List<Map<String, ?>> lines() {
        return milliseconds.entrySet().stream()
                .<Map<String, ?>>map(entry -> fields(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static Map<String, ?> fields(Operation operation, LongSummaryStatistics milliseconds) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("service", operation.service());
        fields.put("operation", operation.name());
        fields.put("calls", milliseconds.getCount());
        fields.put("milliseconds", milliseconds.getSum());
        fields.put("longest", milliseconds.getMax());
        return fields;
    }
}
