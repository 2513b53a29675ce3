package dev.atlasrotator.sweep;

import static java.util.stream.Collectors.toList;

import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.finding.Margin;
import dev.atlasrotator.finding.RotationFinding.RotationNotRead;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.policy.CreatePolicy.Overlap;
import dev.atlasrotator.report.AccountReport;
import dev.atlasrotator.report.FleetReport;
import dev.atlasrotator.report.FleetReport.ReportType;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.rotation.DirectRotation;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.SecretVault.Page;
import dev.atlasrotator.secretsmanager.SecretVault.Reading;
import dev.atlasrotator.secretsmanager.SecretVault.Version;
import dev.atlasrotator.secretsmanager.SecretVault.VersionSelector;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.snapshot.SnapshotReader;
import dev.atlasrotator.snapshot.SnapshotReader.Purpose;
import dev.atlasrotator.sweep.AccountSweep.Looked;
import dev.atlasrotator.sweep.AccountSweep.Wish;
import java.time.Duration;
import java.time.Instant;
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
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Walks the fleet. All managed stored secrets are listed and their values read in batches, so that
 * it is known which of them hold the same account. Each is then looked at from afar; where
 * something is to be done it is looked at closely and done. Accounts are worked on side by side,
 * those that several stored secrets hold one stored secret after the other, and one account's
 * trouble stays its own.
 */
public final class FleetSweep {
    /** Values come in batches of so many (BatchGetSecretValue's bound). */
    private static final int BATCH = 20;

    /** What a look may take, each call within its time-out. */
    private static final Duration LOOK_NEEDS = Duration.ofSeconds(30);

    /** What handing the rest of a fleet out may take. */
    private static final Duration ENQUEUE_NEEDS = Duration.ofSeconds(60);

    /** With less left no account is begun. */
    static final Duration ACT_NEEDS = DirectRotation.NEEDS.plus(LOOK_NEEDS);

    /** In so many minutes of a day each value that only an admin looks at is tried once. */
    private static final int TRIED_WITHIN_MINUTES = 60;

    private static final int MINUTES_A_DAY = 1440;

    /** Steps of this part of the fleet never meet the same place again. */
    private static final double GOLDEN_RATIO = 0.618033988749895;

    /**
     * How a fleet is walked.
     *
     * @param tag key of the tag that puts a stored secret into the sweep
     * @param namePrefix what the names of its stored secrets begin with; empty for any name
     * @param concurrency how many accounts are worked on side by side, 1 to 64
     * @param kept how many entries a report keeps
     * @param timeout the function's own time-out, where it is known
     */
    public record Bounds(String tag, String namePrefix, int concurrency, int kept, Optional<Duration> timeout) {
        /** Whether this name, or the name in this ARN, begins as it must. */
        boolean admits(String secretId) {
            return secretId.substring(secretId.lastIndexOf(':') + 1).startsWith(namePrefix);
        }
    }

    private final SecretVault vault;
    private final Supplier<SnapshotReader> surveyor;
    private final AccountSweep work;
    private final Optional<WorkQueue> queue;
    private final Bounds bounds;
    private final Log log;

    /**
     * A sweep.
     *
     * @param surveyor makes the observer of one run, which lists accounts once where one credential
     *     serves many
     * @param queue takes the work, where there is one
     */
    public FleetSweep(
            SecretVault vault,
            Supplier<SnapshotReader> surveyor,
            AccountSweep work,
            Optional<WorkQueue> queue,
            Bounds bounds,
            Log log) {
        this.vault = vault;
        this.surveyor = surveyor;
        this.work = work;
        this.queue = queue;
        this.bounds = bounds;
        this.log = log;
    }

    /** The state of these stored secrets, or of the whole fleet; nothing is changed. */
    public FleetReport status(Optional<List<String>> secretIds, Optional<String> function, Deadline deadline) {
        var report = new FleetReport(ReportType.STATUS, false, deadline.clock().instant(), bounds.kept());
        new Run(report, Mode.LOOK, function, deadline).walk(secretIds);
        return report;
    }

    /**
     * The sweep of these stored secrets, or of the whole fleet.
     *
     * @param dryRun only says what would be done
     */
    public FleetReport sweep(
            Optional<List<String>> secretIds, boolean dryRun, Optional<String> function, Deadline deadline) {
        var report = new FleetReport(ReportType.SWEEP, dryRun, deadline.clock().instant(), bounds.kept());
        // Named ones are work that was handed out, or an operator's: they are done here and now.
        boolean enqueue = queue.isPresent() && secretIds.isEmpty() && !dryRun;
        var mode = dryRun ? Mode.PLAN : enqueue ? Mode.ENQUEUE : Mode.ACT;
        bounds.timeout()
                .filter(timeout -> mode == Mode.ACT && timeout.compareTo(ACT_NEEDS) <= 0)
                .ifPresent(timeout -> failed(report, canNeverAct(timeout)));
        new Run(report, mode, function, deadline).walk(secretIds);
        return report;
    }

    private static RotatorException canNeverAct(Duration timeout) {
        return new RotatorException.Configuration("This function's time-out is "
                + timeout.toSeconds()
                + " s, and a sweep begins nothing with less than "
                + ACT_NEEDS.toSeconds()
                + " s left: it can only look. Rotations by Secrets Manager work all the"
                + " same. Give the function a longer time-out.");
    }

    /**
     * Rotates one now, whether it is due or not.
     *
     * @param leaked the Atlas secret that has leaked, where a revocation names one
     */
    public FleetReport rotate(
            String secretId,
            Overlap overlap,
            Optional<SecretId> leaked,
            boolean dryRun,
            Optional<String> function,
            Deadline deadline) {
        var report = new FleetReport(ReportType.ROTATE, dryRun, deadline.clock().instant(), bounds.kept());
        isolated(report, secretId, Optional.empty(), entry -> {
            var looked = work.look(secretId, Purpose.RUN, List.of(), function, deadline);
            work.rotateNow(looked, new Wish(overlap, leaked, dryRun), deadline, entry);
        });
        return report;
    }

    /** One account's failure stays its own: it goes into the report, and the others go on. */
    private void isolated(
            FleetReport report, String secretId, Optional<Member> member, Consumer<Consumer<AccountReport>> task) {
        var entries = new ArrayList<AccountReport>(1);
        Log.around(Map.of("secret", secretId), () -> {
            try {
                task.accept(entries::add);
                entries.forEach(report::add);
            } catch (RotatorException failure) {
                report.add(failed(report, secretId, member, entries.stream().findFirst(), failure));
            } catch (RuntimeException unexpected) {
                report.add(failed(report, secretId, member, entries.stream().findFirst(), log.defect(unexpected)));
            }
            return report;
        });
    }

    /**
     * The entry of an account that failed; what had been seen and done before stays in it.
     *
     * @param member the stored secret as it was listed, where it was
     */
    private AccountReport failed(
            FleetReport report,
            String secretId,
            Optional<Member> member,
            Optional<AccountReport> entry,
            RotatorException failure) {
        logged(failure);
        if (entry.isPresent()) {
            return entry.get().failed(failure, Margin.AMPLE);
        }
        var margin = member.map(one -> one.margin(report.at())).orElse(Margin.AMPLE);
        var failed = AccountReport.failed(secretId, failure, margin);
        // Promise 10: the labels tell that a rotation is in progress, and what that has made at Atlas has shortened the
        // lifetime of the secret in use.
        return member.flatMap(one -> one.stored().attempt())
                .map(pending -> failed.and(new RotationNotRead(pending.value())))
                .orElse(failed);
    }

    /** Something is wrong with the deployment, and not with one account. */
    private void failed(FleetReport report, RotatorException failure) {
        logged(failure);
        report.add(failure);
    }

    private void logged(RotatorException failure) {
        log.line(Log.Level.ERROR, failure.getMessage(), Map.of("error", failure.kind()));
    }

    /** How far a walk goes. */
    private enum Mode {
        LOOK,
        PLAN,
        ACT,
        ENQUEUE
    }

    /**
     * A stored secret and its value, as they were listed.
     *
     * @param value missing where the batch left it out
     */
    private record Member(StoredSecret stored, Optional<Reading> value) {
        String arn() {
            return stored.arn();
        }

        /** The account in it; one that cannot be told shares nothing. */
        String account() {
            if (value.isPresent() && value.get() instanceof Reading.Found(Version version)) {
                try {
                    return StoredValue.parse(version.text())
                            .account()
                            .clientId()
                            .value();
                } catch (RotatorException.Credential malformed) {
                    return arn(); // its own look says what is wrong
                }
            }
            return arn();
        }

        /** What the value records of its expiry has left. */
        Margin margin(Instant now) {
            if (value.isPresent() && value.get() instanceof Reading.Found(Version version)) {
                try {
                    return StoredValue.parse(version.text())
                            .expiresAt()
                            .map(expires -> Margin.left(version.created(), expires, now))
                            .orElse(Margin.AMPLE);
                } catch (RotatorException.Credential malformed) {
                    return Margin.AMPLE; // its own look says what is wrong
                }
            }
            return Margin.AMPLE;
        }
    }

    /** One walk. */
    private final class Run {
        private final Map<String, Object> bound = Log.bound();
        private final FleetReport report;
        private final Mode mode;
        private final Optional<String> function;
        private final Deadline deadline;
        private final SnapshotReader surveyor = FleetSweep.this.surveyor.get();
        private final Semaphore places = new Semaphore(bounds.concurrency());
        private final List<List<String>> toEnqueue = new ArrayList<>();

        Run(FleetReport report, Mode mode, Optional<String> function, Deadline deadline) {
            this.report = report;
            this.mode = mode;
            this.function = function;
            this.deadline = deadline;
        }

        void walk(Optional<List<String>> secretIds) {
            var stored = secretIds.map(this::named).orElseGet(this::listed);
            var members = new ConcurrentSkipListMap<Integer, List<Member>>();
            sideBySide(batches(stored), batch -> members.put(batch.getFirst().number(), read(batch)));
            var groups = members.values().stream()
                    .flatMap(List::stream)
                    .collect(Collectors.groupingBy(Member::account, LinkedHashMap::new, toList()));
            sideBySide(groups.values(), this::group);
            enqueue(1);
        }

        /** Each in a thread of its own, as many at once as the bounds say; waits for all. */
        private <T> void sideBySide(Collection<T> parts, Consumer<T> task) {
            try (var threads = Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("account-", 0).factory())) {
                for (T part : parts) {
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
                isolated(report, secretId, Optional.empty(), entry -> {
                    // Before any call: the role is narrowed in the same way.
                    if (!bounds.admits(secretId)) {
                        throw outsideOfPrefix(secretId);
                    }
                    var stored = vault.describe(secretId, deadline);
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
                            + bounds.namePrefix()
                            + " (SECRET_NAME_PREFIX). Nothing was changed. Ask the function that"
                            + " manages it, or widen the prefix.");
        }

        private boolean isManaged(StoredSecret stored) {
            if (stored.deleted()) {
                refused(
                        stored,
                        Code.OWNED_ELSEWHERE,
                        "is scheduled for deletion. Nothing was changed; restore it if it is still" + " needed.");
                return false;
            }
            if (!stored.tags().containsKey(bounds.tag())) {
                refused(
                        stored,
                        Code.NOT_TAGGED,
                        "is not managed: it has no tag "
                                + bounds.tag()
                                + ". Nothing was changed. Add the tag, or name it to rotate.");
                return false;
            }
            return true;
        }

        private void refused(StoredSecret stored, Code code, String why) {
            var refused = new RotatorException.Refused(code, "Secret " + stored.name() + " " + why);
            report.add(failed(report, stored.arn(), Optional.empty(), Optional.empty(), refused));
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
                    failed(report, failure);
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
            return vault.list(bounds.tag(), bounds.namePrefix(), page, deadline);
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

        /** Whether time is left to look, and to hand out what could not be looked at. */
        private boolean mayLook() {
            return deadline.allows(mode == Mode.ENQUEUE ? LOOK_NEEDS.plus(ENQUEUE_NEEDS) : LOOK_NEEDS);
        }

        /** A batch's values; none of those that were not reached or could not be read. */
        private List<Member> read(List<Numbered> batch) {
            var secrets = batch.stream().map(Numbered::stored).toList();
            if (!mayLook()) {
                secrets.forEach(stored -> notReached(List.of(stored.arn()), 1));
                return List.of();
            }
            try {
                var values = vault.readCurrent(
                        secrets.stream().map(StoredSecret::arn).toList(), deadline);
                return secrets.stream()
                        .map(stored -> new Member(stored, Optional.ofNullable(values.get(stored.arn()))))
                        .toList();
            } catch (RotatorException failure) {
                return unread(secrets, failure);
            } catch (RuntimeException defect) {
                return unread(secrets, log.defect(defect));
            }
        }

        private List<Member> unread(List<StoredSecret> secrets, RotatorException failure) {
            secrets.stream()
                    .map(stored -> new Member(stored, Optional.empty()))
                    .forEach(one -> report.add(failed(report, one.arn(), Optional.of(one), Optional.empty(), failure)));
            return List.of();
        }

        /** All that hold one account, one after the other: each sees what the one before did. */
        private void group(List<Member> members) {
            var arns = members.stream().map(Member::arn).toList();
            int left = 0;
            for (Member member : members) {
                var copies =
                        arns.stream().filter(arn -> !arn.equals(member.arn())).toList();
                var needs = new AtomicBoolean();
                isolated(report, member.arn(), Optional.of(member), entry -> needs.set(one(member, copies, entry)));
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
        private boolean one(Member member, List<String> copies, Consumer<AccountReport> entry) {
            if (!mayLook()) {
                return true;
            }
            var looked = look(member, copies);
            if (mode == Mode.LOOK || looked.needsNothing()) {
                entry.accept(work.report(looked));
                return false;
            }
            return switch (mode) {
                case LOOK -> false;
                case PLAN -> {
                    // What may be done is seen from near only.
                    entry.accept(work.plan(near(member, copies)));
                    yield false;
                }
                case ENQUEUE -> {
                    entry.accept(work.report(looked));
                    yield true;
                }
                case ACT -> act(member, copies, entry);
            };
        }

        /**
         * From afar, where that is enough. A list cannot show what several stored secrets hold, and
         * it is a few minutes old: what nobody accounts for may have been stored since.
         */
        private Looked look(Member member, List<String> copies) {
            if (!copies.isEmpty()) {
                return near(member, copies);
            }
            // A batch leaves out what it may not read; asked for by itself, the service says why.
            var value = member.value()
                    .orElseGet(
                            () -> vault.read(member.arn(), new VersionSelector.Staged(StoredSecret.CURRENT), deadline));
            var purpose = mode != Mode.LOOK && isTried(member.arn()) ? Purpose.TRIAL : Purpose.SURVEY;
            var far = work.assess(surveyor.survey(member.stored(), value, purpose, deadline), function);
            return far.isDoubtful() ? near(member, copies) : far;
        }

        private Looked near(Member member, List<String> copies) {
            return work.look(member.arn(), Purpose.SWEEP, copies, function, deadline);
        }

        /** Whether it is this one's hour of the day, by the time alone. */
        private boolean isTried(String arn) {
            long turn = Math.floorMod(minute() - arn.hashCode(), MINUTES_A_DAY);
            return turn < TRIED_WITHIN_MINUTES;
        }

        /** What was seen from afar may be minutes old, so whoever acts looks again. */
        private boolean act(Member member, List<String> copies, Consumer<AccountReport> entry) {
            if (!deadline.allows(ACT_NEEDS)) {
                return true;
            }
            Looked near = near(member, copies);
            if (near.seen().stored().tags().containsKey(bounds.tag())) {
                work.act(near, deadline, entry);
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
            queue.ifPresent(to -> {
                try {
                    to.enqueue(List.copyOf(toEnqueue), deadline);
                    report.enqueued(gathered);
                } catch (RotatorException failure) {
                    failed(report, failure);
                    report.unfinished(gathered);
                }
            });
            toEnqueue.clear();
        }
    }
}
