package dev.atlasrotator.report;

import static java.util.stream.Collectors.joining;

import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.failure.Severity;
import dev.atlasrotator.finding.Failed;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.Margin;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.policy.Action;
import dev.atlasrotator.report.Asked.Origin;
import dev.atlasrotator.report.Reporting.Mode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The answer of sweep, rotate and status, gathered while accounts are worked on side by side. It keeps at most a given
 * number of entries, the most severe ones, so that its size and the memory it takes do not grow with the fleet; every
 * account is counted.
 */
public final class FleetReport {
    /** Longer than any secret lives: no account was read. */
    private static final Duration NO_EXPIRY = Duration.ofDays(36_500);

    /** What a mail can carry. */
    private static final int SUMMARY_MAX = 2000;

    private static final Comparator<AccountReport> URGENT_FIRST = Comparator.comparing(AccountReport::severity)
            .reversed()
            .thenComparing(AccountReport::state)
            .thenComparing(account -> account.expiresAt().orElse(Instant.MAX))
            .thenComparing(AccountReport::name);

    private final Asked asked;
    private final Reporting reporting;

    /** The least urgent at the head: it goes when a more urgent one comes. */
    private final PriorityQueue<AccountReport> accounts = new PriorityQueue<>(URGENT_FIRST.reversed());

    private final List<Finding> findings = new ArrayList<>();
    private final Map<String, Integer> states = new TreeMap<>();
    private final Map<Severity, Integer> severities = new EnumMap<>(Severity.class);
    private int checked;
    private int unfinished;
    private int enqueued;
    private int notEnqueued;
    private int omitted;
    private int rotations;
    private int deleted;
    private int failures;
    private Duration leastToExpiry = NO_EXPIRY;

    /** An empty report. */
    public FleetReport(Asked asked, Reporting reporting) {
        this.asked = asked;
        this.reporting = reporting;
    }

    /** Adds an account that was looked at. */
    public synchronized void add(AccountReport account) {
        checked++;
        states.merge(account.state().text(), 1, Integer::sum);
        if (acts()) {
            rotations += account.count(Action.Promoted.class);
            deleted += account.count(Action.Deleted.class);
        }
        failures += account.failure().isPresent() ? 1 : 0;
        account.findings().forEach(this::count);
        account.expiresAt()
                // What was replaced in this run has no more to do with the fleet's next expiry.
                .filter(end -> !acts() || account.count(Action.Promoted.class) == 0)
                .ifPresent(end -> {
                    var left = Duration.between(asked.at(), end);
                    leastToExpiry = left.compareTo(leastToExpiry) < 0 ? left : leastToExpiry;
                });
        accounts.add(account);
        if (accounts.size() > reporting.kept()) {
            accounts.poll();
            omitted++;
        }
    }

    /** Adds what somebody should know of the deployment, and returns it. */
    public synchronized Finding add(RotatorException error) {
        failures++;
        var finding = Failed.of(error, Margin.AMPLE);
        count(finding);
        findings.add(finding);
        return finding;
    }

    private void count(Finding finding) {
        severities.merge(finding.severity(), 1, Integer::sum);
    }

    /** Whether the actions of its entries were done. */
    private boolean acts() {
        boolean observes = asked.type() == Asked.Type.SWEEP && reporting.mode() == Mode.OBSERVE;
        return !asked.dryRun() && !observes;
    }

    /** Counts accounts that were not reached. */
    public synchronized void unfinished(int more) {
        unfinished += more;
    }

    /** Counts accounts whose work the queue did not take. */
    public synchronized void notEnqueued(int more) {
        notEnqueued += more;
        unfinished += more;
    }

    /** Counts accounts that were handed to the work queue. */
    public synchronized void enqueued(int more) {
        enqueued += more;
    }

    /** The accounts that are kept, the most urgent first. */
    public synchronized List<AccountReport> accounts() {
        return accounts.stream().sorted(URGENT_FIRST).toList();
    }

    /** What somebody should know of the deployment. */
    public synchronized List<Finding> findings() {
        var all = new ArrayList<>(findings);
        int notReached = unfinished - notEnqueued;
        if (notReached > 0) {
            all.add(unfinished(
                    "This run did not reach %d accounts: what is not in the report is not known. The next sweep begins at another place."
                            .formatted(notReached)));
        }
        if (notEnqueued > 0) {
            all.add(unfinished("""
                The work on %d accounts was not handed out to the queue. The next sweep hands it out again. Those that \
                are not in the report were not looked at.\
                """.formatted(notEnqueued)));
        }
        return List.copyOf(all);
    }

    private static Finding unfinished(String message) {
        return new Failed(Code.UNFINISHED, Code.UNFINISHED.usual(), message);
    }

    /** How many accounts were not reached, or not handed out. */
    public synchronized int unfinished() {
        return unfinished;
    }

    /** How many entries were left out, since more came than are kept. */
    public synchronized int omitted() {
        return omitted;
    }

    /** When it was asked for. */
    public Instant at() {
        return asked.at();
    }

    /** What was asked for. */
    public Asked asked() {
        return asked;
    }

    /** How many accounts were looked at, failed ones included. */
    public synchronized int checked() {
        return checked;
    }

    /** The report as JSON. */
    public synchronized String json() {
        return Json.text(entries(accounts.size()));
    }

    /**
     * The report as JSON of a bounded length: the less severe half of its entries is left out, and counted, until it
     * fits.
     *
     * @param bytes of UTF-8, at most
     */
    public synchronized String json(int bytes) {
        int entries = accounts.size();
        while (true) {
            var text = Json.text(entries(entries));
            if (entries == 0 || text.getBytes(StandardCharsets.UTF_8).length <= bytes) {
                return text;
            }
            entries /= 2;
        }
    }

    private Map<String, Object> entries(int entries) {
        int left = omitted + accounts.size() - entries;
        var sorted = accounts();
        var all = findings();
        var severity = severity();
        var json = new LinkedHashMap<String, Object>();
        json.put("action", asked.type().text());
        json.put("mode", reporting.mode().text());
        json.put("dryRun", asked.dryRun());
        json.put("at", asked.at().toString());
        json.put("checked", checked);
        json.put("unfinished", unfinished);
        if (enqueued > 0) {
            json.put("enqueued", enqueued);
        }
        if (left > 0) {
            json.put("omitted", left);
        }
        json.put("severity", severity == Severity.INFO ? "none" : severity.text());
        json.put("notify", notify(severity));
        json.put("summary", summary(all, sorted));
        json.put("findings", all.stream().map(AccountReport::json).toList());
        json.put("states", states);
        json.put("accounts", each(sorted.subList(0, entries)));
        return json;
    }

    private Severity severity() {
        if (severities.containsKey(Severity.CRITICAL)) {
            return Severity.CRITICAL;
        }
        return unfinished > 0 || severities.containsKey(Severity.WARNING) ? Severity.WARNING : Severity.INFO;
    }

    /** Who is to be told: of what is critical each time, of the rest once a day. */
    private String notify(Severity severity) {
        if (severity == Severity.CRITICAL) {
            return "critical";
        }
        boolean daily = severity == Severity.WARNING && asked.isFirstSweepOfDay(reporting.sweepInterval());
        return daily ? "daily" : "none";
    }

    /** Each entry becomes JSON when it is written, so that they do not all exist at once. */
    private List<Object> each(List<AccountReport> entries) {
        return new AbstractList<>() {
            @Override
            public Object get(int index) {
                var json = entries.get(index).json();
                if (asked.type() == Asked.Type.CHECK) {
                    json.putIfAbsent("ready", false); // what could not be read will not rotate
                }
                return json;
            }

            @Override
            public int size() {
                return entries.size();
            }
        };
    }

    /** Whom somebody must look at, first by name and code, as far as a mail has room. */
    private String summary(List<Finding> deployment, List<AccountReport> sorted) {
        var counts = states.entrySet().stream()
                .map(one -> "%d %s".formatted(one.getValue(), one.getKey()))
                .collect(joining(", ", states.isEmpty() ? "" : ": ", ""));
        var text =
                new StringBuilder("%d %s checked%s.".formatted(checked, checked == 1 ? "account" : "accounts", counts));
        var lines = Stream.concat(
                        deployment.stream().map(one -> "%s: %s".formatted(one.code(), one.message())),
                        sorted.stream()
                                .takeWhile(account -> account.severity() != Severity.INFO)
                                .map(FleetReport::line))
                .toList();
        for (int i = 0; i < lines.size(); i++) {
            var more = "\n… and %d more.".formatted(lines.size() - i);
            if (text.length() + 1 + lines.get(i).length() + more.length() > SUMMARY_MAX) {
                return text.append(more).toString();
            }
            text.append('\n').append(lines.get(i));
        }
        return text.toString();
    }

    private static String line(AccountReport account) {
        var codes = account.findings().stream()
                .filter(one -> one.severity() != Severity.INFO)
                .sorted(Comparator.comparing(Finding::severity).reversed())
                .map(one -> one.code().name())
                .distinct()
                .toList();
        return "%s %s (%s): %s"
                .formatted(account.severity(), account.name(), account.state().text(), String.join(", ", codes));
    }

    /**
     * The line from which CloudWatch reads the metrics, if there are any. What tells of the whole fleet is published by
     * scheduled sweeps alone: an operator's sweep of one account must not stand for it. {@code UNFINISHED} has a metric
     * of its own. What was done is published where it was: a metric is paid for by the hour in which it is sent.
     *
     * @param function this function's ARN, if it runs in Lambda
     */
    public synchronized Optional<String> metrics(Optional<String> function) {
        var values = new LinkedHashMap<String, Number>();
        switch (asked.origin()) {
            case Origin.Schedule schedule -> {
                values.put("Sweeps", 1);
                values.put("AccountsChecked", checked);
                values.put("Unfinished", unfinished);
                if (leastToExpiry.compareTo(NO_EXPIRY) < 0) {
                    values.put("HoursToExpiry", Math.max(0, leastToExpiry.toMinutes()) / 60.0);
                }
                putFindings(values);
            }
            case Origin.Queue queue -> putFindings(values);
            case Origin.Operator operator -> {}
        }
        putDone(values, "Rotations", rotations);
        putDone(values, "RotationFailures", acts() ? failures : 0);
        putDone(values, "SecretsDeleted", deleted);
        return values.isEmpty() ? Optional.empty() : Optional.of(EmbeddedMetrics.line(asked.at(), function, values));
    }

    private static void putDone(Map<String, Number> values, String name, int times) {
        if (times > 0) {
            values.put(name, times);
        }
    }

    private void putFindings(Map<String, Number> values) {
        values.put("CriticalFindings", severities.getOrDefault(Severity.CRITICAL, 0));
        values.put("WarningFindings", severities.getOrDefault(Severity.WARNING, 0));
    }
}
