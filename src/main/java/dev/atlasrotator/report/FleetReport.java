package dev.atlasrotator.report;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.json.Json;
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
import java.util.function.Function;

/**
 * The answer of sweep, rotate and status, gathered while accounts are worked on side by side. It
 * keeps at most a given number of entries, the most urgent ones, so that its size and the memory it
 * takes do not grow with the fleet; every account is counted.
 */
public final class FleetReport {
    /**
     * Entries that a function's answer keeps: Lambda's answer ends at 6 MB, and an entry is about 1
     * KB.
     */
    public static final int KEPT_BY_FUNCTION = 1000;

    /** Entries that a command keeps, which has a laptop's memory and no answer to fit into. */
    public static final int KEPT_BY_COMMAND = 1_000_000;

    /** What is asked for: as the report names it. */
    public enum Subject {
        SWEEP("sweep"),
        ROTATE("rotate"),
        STATUS("status");

        private final String text;

        Subject(String text) {
            this.text = text;
        }

        /** As it stands in event and report. */
        public String text() {
            return text;
        }
    }

    /** An account that failed: which, the kind of error and its message. */
    public record Failure(String secretArn, String error, String message) {}

    private static final Comparator<AccountReport> URGENT_FIRST = Comparator.comparing(AccountReport::state)
            .thenComparing(account -> account.expiresAt().orElse(Instant.MAX))
            .thenComparing(AccountReport::name);

    private final Subject subject;
    private final boolean dryRun;
    private final Instant at;
    private final int kept;

    /** The least urgent at the head: it goes when a more urgent one comes. */
    private final PriorityQueue<AccountReport> accounts = new PriorityQueue<>(URGENT_FIRST.reversed());

    private final List<Failure> failed = new ArrayList<>();
    private final Map<String, Integer> states = new TreeMap<>();
    private int checked;
    private int unfinished;
    private int handedOut;
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
     * @param kept how many entries it keeps at most, of accounts and of failures each
     */
    public FleetReport(Subject subject, boolean dryRun, Instant at, int kept) {
        this.subject = subject;
        this.dryRun = dryRun;
        this.at = at;
        this.kept = kept;
    }

    /** Adds an account that was looked at. */
    public synchronized void add(AccountReport account) {
        checked++;
        states.merge(account.state().text(), 1, Integer::sum);
        if (!dryRun) {
            rotations += count(account, "promoted ");
            deleted += count(account, "deleted ");
        }
        foreign += account.count(Kind.FOREIGN);
        stillUsed += account.stillUsed();
        account.expiresAt()
                // What was replaced in this run has no more to do with the fleet's next end.
                .filter(end -> dryRun || !account.isPromoted())
                .ifPresent(end -> {
                    var left = Duration.between(at, end);
                    leastToExpiry = left.compareTo(leastToExpiry) < 0 ? left : leastToExpiry;
                });
        accounts.add(account);
        if (accounts.size() > kept) {
            accounts.poll();
            omitted++;
        }
    }

    /** Adds an account that was looked at and failed before it had an entry. */
    public synchronized void fail(String secretArn, RotatorException failure) {
        checked++;
        failBesideEntry(secretArn, failure);
    }

    /** Adds the failure of an account that has its entry already. */
    public synchronized void failBesideEntry(String secretArn, RotatorException failure) {
        failures++;
        if (failed.size() < kept) {
            failed.add(new Failure(secretArn, failure.kind(), failure.getMessage()));
        } else {
            omitted++;
        }
    }

    /** Counts accounts that were not reached. */
    public synchronized void unfinished(int more) {
        unfinished += more;
    }

    /** Counts accounts that were handed out to the work queue. */
    public synchronized void handedOut(int more) {
        handedOut += more;
    }

    /** The accounts that are kept, the most urgent first. */
    public synchronized List<AccountReport> accounts() {
        return accounts.stream().sorted(URGENT_FIRST).toList();
    }

    /** The failures that are kept. */
    public synchronized List<Failure> failed() {
        return List.copyOf(failed);
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

    private static int count(AccountReport account, String action) {
        return (int) account.actions().stream()
                .filter(text -> text.startsWith(action))
                .count();
    }

    /** The report as JSON. */
    public synchronized String json() {
        return Json.text(json(accounts.size(), failed.size()));
    }

    /**
     * The report as JSON of a bounded length: the less urgent half of its entries is left out, and
     * counted, until it fits.
     *
     * @param most characters
     */
    public synchronized String json(int most) {
        int entries = accounts.size();
        int failures = failed.size();
        while (true) {
            var text = Json.text(json(entries, failures));
            if (text.length() <= most || entries + failures == 0) {
                return text;
            }
            entries /= 2;
            failures /= 2;
        }
    }

    private Map<String, Object> json(int entries, int failures) {
        int left = omitted + accounts.size() - entries + failed.size() - failures;
        var json = new LinkedHashMap<String, Object>();
        json.put("action", subject.text());
        json.put("dryRun", dryRun);
        json.put("at", at.toString());
        json.put("checked", checked);
        json.put("unfinished", unfinished);
        if (handedOut > 0) {
            json.put("handedOut", handedOut);
        }
        if (left > 0) {
            json.put("omitted", left);
        }
        json.put("states", states);
        json.put("accounts", each(accounts().subList(0, entries), AccountReport::json));
        json.put(
                "failed", failed.stream().limit(failures).map(FleetReport::json).toList());
        return json;
    }

    /** Each entry becomes JSON when it is written, so that they do not all exist at once. */
    private static <T> List<Object> each(List<T> entries, Function<T, Object> json) {
        return new AbstractList<>() {
            @Override
            public Object get(int index) {
                return json.apply(entries.get(index));
            }

            @Override
            public int size() {
                return entries.size();
            }
        };
    }

    private static Map<String, Object> json(Failure failure) {
        var json = new LinkedHashMap<String, Object>();
        json.put("secretArn", failure.secretArn());
        json.put("error", failure.error());
        json.put("message", failure.message());
        return json;
    }

    /**
     * The line from which CloudWatch reads the metrics (embedded metric format). {@code
     * HoursToExpiry} is left out where no account was seen.
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
