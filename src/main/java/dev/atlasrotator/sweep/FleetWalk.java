package dev.atlasrotator.sweep;

import static java.util.stream.Collectors.toList;

import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.report.AccountReport;
import dev.atlasrotator.report.FleetReport;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.rotation.DirectRotation;
import dev.atlasrotator.secretsmanager.SecretVault.Page;
import dev.atlasrotator.secretsmanager.SecretVault.VersionSelector;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.snapshot.SnapshotReader;
import dev.atlasrotator.snapshot.SnapshotReader.Purpose;
import dev.atlasrotator.sweep.AccountSweep.Looked;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * One walk over the fleet. All managed stored secrets are listed and their values read in batches, so that it is known
 * which of them hold the same account. Each is then read from a list; where something is to be done it is read closely,
 * and done. Accounts are worked on side by side, those that several stored secrets hold one stored secret after the
 * other.
 */
final class FleetWalk {
    /** Values come in batches of so many (BatchGetSecretValue's bound). */
    private static final int BATCH = 20;

    /** What a look may take, each call within its time-out. */
    private static final Duration LOOK_NEEDS = Duration.ofSeconds(30);

    /** What enqueueing the rest of a fleet may take. */
    private static final Duration ENQUEUE_NEEDS = Duration.ofSeconds(60);

    /** With less left no account is begun. */
    static final Duration ACT_NEEDS = DirectRotation.NEEDS.plus(LOOK_NEEDS);

    /** In so many minutes of a day each value that only an admin looks at is tried once. */
    private static final int TRIED_WITHIN_MINUTES = 60;

    private static final int MINUTES_A_DAY = 1440;

    /** Steps of this part of the fleet never meet the same place again. */
    private static final double GOLDEN_RATIO = 0.618033988749895;

    /** How far a walk goes. */
    enum Mode {
        LOOK,
        CHECK,
        PLAN,
        ACT,
        ENQUEUE
    }

    private final SweepParts parts;
    private final FleetReport report;
    private final Mode mode;
    private final Optional<String> function;
    private final Deadline deadline;
    private final AccountIsolation isolation;
    private final Map<String, Object> bound = Log.bound();
    private final SnapshotReader surveyor;
    private final AccountCheck check;
    private final Semaphore places;
    private final List<List<String>> toEnqueue = new ArrayList<>();

    FleetWalk(SweepParts parts, FleetReport report, Mode mode, Optional<String> function, Deadline deadline) {
        this.parts = parts;
        this.report = report;
        this.mode = mode;
        this.function = function;
        this.deadline = deadline;
        this.isolation = new AccountIsolation(report, parts.log());
        this.surveyor = parts.surveyor().get();
        this.check = parts.check().get();
        this.places = new Semaphore(parts.bounds().concurrency());
    }

    void walk(Optional<List<String>> secretIds) {
        var stored = secretIds.map(this::named).orElseGet(this::listed);
        var members = new ConcurrentSkipListMap<Integer, List<ListedSecret>>();
        sideBySide(batches(stored), batch -> members.put(batch.getFirst().number(), read(batch)));
        var groups = members.values().stream()
                .flatMap(List::stream)
                .collect(Collectors.groupingBy(ListedSecret::account, LinkedHashMap::new, toList()));
        sideBySide(groups.values(), this::group);
        enqueue(1);
    }

    /** Each in a thread of its own, as many at once as the bounds say; waits for all. */
    private <T> void sideBySide(Collection<T> all, Consumer<T> task) {
        try (var threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("account-", 0).factory())) {
            for (T part : all) {
                places.acquireUninterruptibly(); // before the task is made
                threads.execute(() -> {
                    try {
                        Log.around(bound, () -> {
                            task.accept(part);
                            return report;
                        });
                    } finally {
                        places.release();
                    }
                });
            }
        }
    }

    private List<StoredSecret> named(List<String> secretIds) {
        // By ARN: two names for the same one must not make two runs side by side of it.
        var described = new LinkedHashMap<String, StoredSecret>();
        for (String secretId : secretIds) {
            if (!deadline.allows(LOOK_NEEDS)) {
                report.unfinished(1);
                continue;
            }
            isolation.run(secretId, Optional.empty(), entry -> {
                // Before any call: the role is narrowed in the same way.
                if (!parts.bounds().admits(secretId)) {
                    throw outsideOfPrefix(secretId);
                }
                var stored = parts.vault().describe(secretId, deadline);
                described.putIfAbsent(stored.arn(), stored);
            });
        }
        return described.values().stream().filter(this::isManaged).toList();
    }

    private RotatorException outsideOfPrefix(String secretId) {
        return new RotatorException.Refused(
                Code.OWNED_ELSEWHERE,
                "Secret "
                        + secretId
                        + " is not this function's: its name does not begin with "
                        + parts.bounds().namePrefix()
                        + " (SECRET_NAME_PREFIX). Nothing was changed. Ask the function that"
                        + " manages it, or widen the prefix.");
    }

    private boolean isManaged(StoredSecret stored) {
        if (stored.deleted()) {
            refused(
                    stored,
                    Code.OWNED_ELSEWHERE,
                    "is scheduled for deletion. Nothing was changed; restore it if it is still needed.");
            return false;
        }
        if (mode != Mode.CHECK && !stored.tags().containsKey(parts.bounds().tag())) {
            refused(
                    stored,
                    Code.NOT_TAGGED,
                    "is not managed: it has no tag "
                            + parts.bounds().tag()
                            + ". Nothing was changed. Add the tag, or name it to rotate.");
            return false;
        }
        return true;
    }

    private void refused(StoredSecret stored, Code code, String why) {
        var refused = new RotatorException.Refused(code, "Secret " + stored.name() + " " + why);
        isolation.failed(stored.arn(), Optional.empty(), refused);
    }

    /** The whole fleet. Each sweep begins at another place of it, reckoned from the time. */
    private List<StoredSecret> listed() {
        var fleet = new ArrayList<StoredSecret>();
        var page = list(Optional.empty());
        fleet.addAll(page.secrets());
        while (page.next().isPresent()) {
            try {
                page = list(page.next());
            } catch (RotatorException failure) {
                // What can be done on earlier pages must not be lost with the rest.
                isolation.failed(failure);
                report.unfinished(1);
                break;
            }
            fleet.addAll(page.secrets());
        }
        double turns = minute() * GOLDEN_RATIO;
        Collections.rotate(fleet, (int) ((turns - Math.floor(turns)) * fleet.size()));
        return fleet;
    }

    private Page list(Optional<String> page) {
        return parts.vault()
                .list(Optional.of(parts.bounds().tag()), parts.bounds().namePrefix(), page, deadline);
    }

    private long minute() {
        return report.at().getEpochSecond() / 60;
    }

    /** A stored secret in its place of the walk. */
    private record Numbered(int number, StoredSecret stored) {}

    private List<List<Numbered>> batches(List<StoredSecret> secrets) {
        var batches = new ArrayList<List<Numbered>>();
        for (int i = 0; i < secrets.size(); i++) {
            if (i % BATCH == 0) {
                batches.add(new ArrayList<>());
            }
            batches.getLast().add(new Numbered(i, secrets.get(i)));
        }
        return batches;
    }

    /** Whether time is left to look, and to enqueue what could not be looked at. */
    private boolean mayLook() {
        return deadline.allows(mode == Mode.ENQUEUE ? LOOK_NEEDS.plus(ENQUEUE_NEEDS) : LOOK_NEEDS);
    }

    /** A batch's values; none of those that were not reached or could not be read. */
    private List<ListedSecret> read(List<Numbered> batch) {
        var secrets = batch.stream().map(Numbered::stored).toList();
        if (!mayLook()) {
            secrets.forEach(stored -> notReached(List.of(stored.arn()), 1));
            return List.of();
        }
        try {
            var values = parts.vault()
                    .readCurrent(secrets.stream().map(StoredSecret::arn).toList(), deadline);
            return secrets.stream()
                    .map(stored -> new ListedSecret(stored, Optional.ofNullable(values.get(stored.arn()))))
                    .toList();
        } catch (RotatorException failure) {
            return unread(secrets, failure);
        } catch (RuntimeException defect) {
            return unread(secrets, parts.log().defect(defect));
        }
    }

    private List<ListedSecret> unread(List<StoredSecret> secrets, RotatorException failure) {
        secrets.stream()
                .map(stored -> new ListedSecret(stored, Optional.empty()))
                .forEach(one -> isolation.failed(one.arn(), Optional.of(one), failure));
        return List.of();
    }

    /** All that hold one account, one after the other: each sees what the one before did. */
    private void group(List<ListedSecret> members) {
        var arns = members.stream().map(ListedSecret::arn).toList();
        int left = 0;
        for (ListedSecret member : members) {
            var copies = arns.stream().filter(arn -> !arn.equals(member.arn())).toList();
            var needs = new AtomicBoolean();
            isolation.run(member.arn(), Optional.of(member), entry -> needs.set(one(member, copies, entry)));
            left += needs.get() ? 1 : 0;
        }
        if (left > 0) {
            notReached(arns, left);
        }
    }

    /**
     * Looks at one, and does what is to be done.
     *
     * @return whether there is work that another run has to do
     */
    private boolean one(ListedSecret member, List<String> copies, Consumer<AccountReport> entry) {
        if (!mayLook()) {
            return true;
        }
        if (mode == Mode.CHECK) {
            var near = near(member, copies);
            entry.accept(check.check(near, parts.work().report(near), deadline));
            return false;
        }
        var looked = look(member, copies);
        if (mode == Mode.LOOK || looked.needsNothing()) {
            entry.accept(parts.work().report(looked));
            return false;
        }
        return switch (mode) {
            case LOOK, CHECK -> false;
            case PLAN -> {
                // What may be done is seen from near only.
                entry.accept(parts.work().plan(near(member, copies)));
                yield false;
            }
            case ENQUEUE -> {
                entry.accept(parts.work().report(looked));
                yield true;
            }
            case ACT -> act(member, copies, entry);
        };
    }

    /**
     * From afar, where that is enough. A list cannot show what several stored secrets hold, and
     * it is a few minutes old: what nobody accounts for may have been stored since.
     */
    private Looked look(ListedSecret member, List<String> copies) {
        if (!copies.isEmpty()) {
            return near(member, copies);
        }
        // A batch leaves out what it may not read; asked for by itself, the service says why.
        var value = member.value()
                .orElseGet(() ->
                        parts.vault().read(member.arn(), new VersionSelector.Staged(StoredSecret.CURRENT), deadline));
        var purpose = mode != Mode.LOOK && isTried(member.arn()) ? Purpose.TRIAL : Purpose.SURVEY;
        var far = parts.work().decide(surveyor.survey(member.stored(), value, purpose, deadline), function);
        return far.isDoubtful() ? near(member, copies) : far;
    }

    private Looked near(ListedSecret member, List<String> copies) {
        return parts.work().look(member.arn(), Purpose.SWEEP, copies, function, deadline);
    }

    /** Whether it is this one's hour of the day, by the time alone. */
    private boolean isTried(String arn) {
        long turn = Math.floorMod(minute() - arn.hashCode(), MINUTES_A_DAY);
        return turn < TRIED_WITHIN_MINUTES;
    }

    /** What was seen from afar may be minutes old, so whoever acts looks again. */
    private boolean act(ListedSecret member, List<String> copies, Consumer<AccountReport> entry) {
        if (!deadline.allows(ACT_NEEDS)) {
            return true;
        }
        Looked near = near(member, copies);
        if (near.seen().stored().tags().containsKey(parts.bounds().tag())) {
            parts.work().act(near, deadline, entry);
        } // else somebody has taken it out of the sweep since it was listed
        return false;
    }

    /**
     * Leaves an account to the queue, or to the next sweep.
     *
     * @param left how many of the stored secrets that hold it are left
     */
    private synchronized void notReached(List<String> arns, int left) {
        if (mode == Mode.ENQUEUE) {
            toEnqueue.add(arns);
            enqueue(WorkQueue.SECRETS_A_MESSAGE * 10);
        } else {
            report.unfinished(left);
        }
    }

    /** Sends what has gathered, once it is enough for a batch of messages. */
    private synchronized void enqueue(int atLeast) {
        int gathered = toEnqueue.stream().mapToInt(List::size).sum();
        if (gathered < atLeast) {
            return;
        }
        parts.queue().ifPresent(to -> {
            try {
                to.enqueue(List.copyOf(toEnqueue), deadline);
                report.enqueued(gathered);
            } catch (RotatorException failure) {
                isolation.failed(failure);
                report.unfinished(gathered);
            }
        });
        toEnqueue.clear();
    }
}
