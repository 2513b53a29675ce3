package dev.atlasrotator.report;

import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.failure.Severity;
import dev.atlasrotator.finding.Failed;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.Margin;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.policy.Action;
import dev.atlasrotator.snapshot.Snapshot.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The answer of sweep, rotate and status, gathered while accounts are worked on side by side. It keeps at most a given
 * number of entries, the most severe ones, so that its size and the memory it takes do not grow with the fleet; every
 * account is counted.
 */
public final class FleetReport {
    /** Entries that a function's answer keeps: Lambda's answer ends at 6 MB, and an entry is about 1 KB. */
    public static final int KEPT_BY_FUNCTION = 1000;

    /** Entries that a command keeps, which has a laptop's memory and no answer to fit into. */
    public static final int KEPT_BY_COMMAND = 1_000_000;

    /** What a mail can carry. */
    private static final int SUMMARY_MAX = 2000;

    /** What is asked for: as the report names it. */
    public enum ReportType {
        SWEEP("sweep"),
        ROTATE("rotate"),
        STATUS("status");

        private final String text;

        ReportType(String text) {
            this.text = text;
        }

        /** As it stands in event and report. */
        public String text() {
            return text;
        }
    }

    private static final Comparator<AccountReport> URGENT_FIRST = Comparator.comparing(AccountReport::severity)
            .reversed()
            .thenComparing(AccountReport::state)
            .thenComparing(account -> account.expiresAt().orElse(Instant.MAX))
            .thenComparing(AccountReport::name);

    private final ReportType type;
    private final boolean dryRun;
    private final Instant at;
    private final int kept;

    /** The least urgent at the head: it goes when a more urgent one comes. */
    private final PriorityQueue<AccountReport> accounts = new PriorityQueue<>(URGENT_FIRST.reversed());

    private final List<Finding> findings = new ArrayList<>();
    private final Map<String, Integer> states = new TreeMap<>();
    private Severity severest = Severity.INFO;
    private int checked;
    private int unfinished;
    private int enqueued;
    private int omitted;
    private int rotations;
    private int deleted;
    private int foreign;
    private int stillUsed;
    private int failures;
    private Duration leastToExpiry = Duration.ofDays(36_500);

    /**
     * An empty report.
     *
     * @param kept how many entries it keeps at most
     */
    public FleetReport(ReportType type, boolean dryRun, Instant at, int kept) {
        this.type = type;
        this.dryRun = dryRun;
        this.at = at;
        this.kept = kept;
    }

    /** Adds an account that was looked at. */
    public synchronized void add(AccountReport account) {
        checked++;
        states.merge(account.state().text(), 1, Integer::sum);
        if (!dryRun) {
            rotations += account.count(Action.Promoted.class);
            deleted += account.count(Action.Deleted.class);
        }
        failures += account.failure().isPresent() ? 1 : 0;
        foreign += (int) account.others().stream()
                .filter(other -> other.kind() == Kind.FOREIGN)
                .count();
        stillUsed += (int) account.findings().stream()
                .filter(one -> one.code() == Code.OLD_SECRET_IN_USE)
                .count();
        account.expiresAt()
                // What was replaced in this run has no more to do with the fleet's next expiry.
                .filter(end -> dryRun || account.count(Action.Promoted.class) == 0)
                .ifPresent(end -> {
                    var left = Duration.between(at, end);
                    leastToExpiry = left.compareTo(leastToExpiry) < 0 ? left : leastToExpiry;
                });
        severest = max(severest, account.severity());
        accounts.add(account);
        if (accounts.size() > kept) {
            accounts.poll();
            omitted++;
        }
    }

    /** Adds what somebody should know of the deployment. */
    public synchronized void add(RotatorException error) {
        failures++;
        var finding = Failed.of(error, Margin.AMPLE);
        severest = max(severest, finding.severity());
        findings.add(finding);
    }

    private static Severity max(Severity one, Severity other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    /** Counts accounts that were not reached. */
    public synchronized void unfinished(int more) {
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
        if (unfinished > 0) {
            all.add(new Failed(
                    Code.UNFINISHED,
                    Code.UNFINISHED.usual(),
                    "There was no time for %d accounts: what is not in the report is not known. The next sweep begins at another place."
                            .formatted(unfinished)));
        }
        return List.copyOf(all);
    }

    /** How many accounts were not reached. */
    public synchronized int unfinished() {
        return unfinished;
    }

    /** How many entries were left out, since more came than are kept. */
    public synchronized int omitted() {
        return omitted;
    }

    /** When it was asked for. */
    public Instant at() {
        return at;
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
     * @param max characters
     */
    public synchronized String json(int max) {
        int entries = accounts.size();
        while (true) {
            var text = Json.text(entries(entries));
            if (text.length() <= max || entries == 0) {
                return text;
            }
            entries /= 2;
        }
    }

    private Map<String, Object> entries(int entries) {
        int left = omitted + accounts.size() - entries;
        var sorted = accounts();
        var all = findings();
        var severity = unfinished > 0 ? max(severest, Severity.WARNING) : severest;
        var json = new LinkedHashMap<String, Object>();
        json.put("action", type.text());
        json.put("dryRun", dryRun);
        json.put("at", at.toString());
        json.put("checked", checked);
        json.put("unfinished", unfinished);
        if (enqueued > 0) {
            json.put("enqueued", enqueued);
        }
        if (left > 0) {
            json.put("omitted", left);
        }
        json.put("severity", severity == Severity.INFO ? "none" : severity.text());
        json.put("summary", summary(all, sorted));
        json.put("findings", all.stream().map(AccountReport::json).toList());
        json.put("states", states);
        json.put("accounts", each(sorted.subList(0, entries)));
        return json;
    }

    /** Each entry becomes JSON when it is written, so that they do not all exist at once. */
    private static List<Object> each(List<AccountReport> entries) {
        return new AbstractList<>() {
            @Override
            public Object get(int index) {
                return entries.get(index).json();
            }

            @Override
            public int size() {
                return entries.size();
            }
        };
    }

    /** Whom somebody must look at, first by name and code, as far as a mail has room. */
    private String summary(List<Finding> deployment, List<AccountReport> sorted) {
        var text = new StringBuilder("%d accounts checked: %s.".formatted(checked, states));
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
     * The line from which CloudWatch reads the metrics (embedded metric format). {@code HoursToExpiry} is left out where
     * no account was seen.
     */
    public synchronized String metrics() {
        var values = new LinkedHashMap<String, Object>();
        values.put("Rotations", rotations);
        values.put("RotationFailures", dryRun ? 0 : failures);
        if (leastToExpiry.compareTo(Duration.ofDays(36_500)) < 0) {
            values.put("HoursToExpiry", Math.max(0, leastToExpiry.toMinutes()) / 60.0);
        }
        values.put("SecretsDeleted", deleted);
        values.put("OldSecretStillUsed", stillUsed);
        values.put("ForeignSecrets", foreign);
        values.put("Unfinished", unfinished);
        return EmbeddedMetrics.line(at, values);
    }
}
