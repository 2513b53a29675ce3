package dev.atlasrotator.testbed;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One account's entry in a report, read as its reader reads it. */
public record ReportEntry(Map<?, ?> json) {
    /** The entries of a report. */
    public static Stream<ReportEntry> of(Map<?, ?> report) {
        return maps(report.get("accounts")).map(ReportEntry::new);
    }

    public static Stream<Map<?, ?>> maps(Object list) {
        return list instanceof List<?> all ? all.stream().map(one -> (Map<?, ?>) one) : Stream.empty();
    }

    public String arn() {
        return text("secretArn").orElse("");
    }

    public boolean isFailed() {
        return "failed".equals(json.get("state"));
    }

    /** "created ID", "deleted ID (reason)", "requested": one for each action. */
    public List<String> actions() {
        return maps(json.get("actions"))
                .map(action -> action.get("type")
                        + (action.get("secretId") == null ? "" : " " + action.get("secretId"))
                        + (action.get("reason") == null ? "" : " (" + action.get("reason") + ")"))
                .toList();
    }

    /** Every finding with its code, as a person reads them. */
    public String told() {
        return told(json.get("findings"));
    }

    public static String told(Object findings) {
        return maps(findings).map(ReportEntry::sentence).collect(Collectors.joining(" "));
    }

    private static String sentence(Map<?, ?> finding) {
        var remedy = finding.get("remedy");
        return finding.get("code") + ": " + finding.get("message") + (remedy == null ? "" : " " + remedy);
    }

    /** The codes of its findings. */
    public List<String> codes() {
        return maps(json.get("findings"))
                .map(finding -> String.valueOf(finding.get("code")))
                .toList();
    }

    /** What ended the work on it, with its code; empty where nothing did. */
    public String failure() {
        return isFailed()
                ? maps(json.get("findings"))
                        .map(ReportEntry::sentence)
                        .findFirst()
                        .orElse("")
                : "";
    }

    private Optional<String> text(String key) {
        return Optional.ofNullable(json.get(key)).map(String::valueOf);
    }
}
