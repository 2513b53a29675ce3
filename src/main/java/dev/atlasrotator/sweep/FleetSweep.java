package dev.atlasrotator.sweep;

import static java.util.stream.Collectors.toList;

import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.policy.CreatePolicy.Overlap;
import dev.atlasrotator.report.AccountReport;
import dev.atlasrotator.report.FleetReport;
import dev.atlasrotator.report.FleetReport.Subject;
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
    private static final Duration HAND_OUT_NEEDS = Duration.ofSeconds(60);

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
        var report = new FleetReport(Subject.STATUS, false, deadline.clock().instant(), bounds.kept());
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
        var report = new FleetReport(Subject.SWEEP, dryRun, deadline.clock().instant(), bounds.kept());
        // Named ones are work that was handed out, or an operator's: they are done here and now.
        boolean enqueue = queue.isPresent() && secretIds.isEmpty() && !dryRun;
        var mode = dryRun ? Mode.PLAN : enqueue ? Mode.HAND_OUT : Mode.ACT;
        bounds.timeout()
                .filter(timeout -> mode == Mode.ACT && timeout.compareTo(ACT_NEEDS) <= 0)
                .ifPresent(timeout -> failed(report, "*", canNeverAct(timeout), Optional.of("*")));
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
        var report = new FleetReport(Subject.ROTATE, dryRun, deadline.clock().instant(), bounds.kept());
        isolated(report, secretId, entry -> {
            var looked = work.look(secretId, Purpose.RUN, List.of(), function, deadline);
            work.rotateNow(looked, new Wish(overlap, leaked, dryRun), deadline, entry);
        });
        return report;
    }

    /** One account's trouble stays its own: it goes into the report, and the others go on. */
    private void isolated(FleetReport report, String secretId, Consumer<Consumer<AccountReport>> task) {
        var entered = new ArrayList<String>(1);
        Consumer<AccountReport> entry = account -> {
            report.add(account);
            entered.add(account.secretArn());
        };
        Log.around(Map.of("secret", secretId), () -> {
            try {
                task.accept(entry);
            } catch (RotatorException failure) {
                failed(report, secretId, failure, entered.stream().findFirst());
            } catch (RuntimeException defect) {
                failed(report, secretId, log.defect(defect), entered.stream().findFirst());
            }
            return report;
        });
    }

    /**
     * Reports a failure.
     *
     * @param entered the ARN under which the account has its entry already
     */
    private void failed(FleetReport report, String secretId, RotatorException failure, Optional<String> entered) {
        log.line(Log.Level.ERROR, failure.getMessage(), Map.of("error", failure.kind()));
        entered.ifPresentOrElse(arn -> report.failBesideEntry(arn, failure), () -> report.fail(secretId, failure));
    }

    /** How far a walk goes. */
    private enum Mode {
        LOOK,
        PLAN,
        ACT,
        HAND_OUT
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
        private final List<List<String>> toHandOut = new ArrayList<>();

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
                isolated(report, secretId, entry -> {
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
            return new RotatorException.Refused("Secret "
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
                        "is scheduled for deletion. Nothing was changed; restore it if it is still" + " needed.");
                return false;
            }
            if (!stored.tags().containsKey(bounds.tag())) {
                refused(
                        stored,
                        "is not managed: it has no tag "
                                + bounds.tag()
                                + ". Nothing was changed. Add the tag, or name it to rotate.");
                return false;
            }
            return true;
        }

        private void refused(StoredSecret stored, String why) {
            failed(
                    report,
                    stored.arn(),
                    new RotatorException.Refused("Secret " + stored.name() + " " + why),
                    Optional.empty());
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
                    failed(report, "*", failure, Optional.of("*"));
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
            return deadline.allows(mode == Mode.HAND_OUT ? LOOK_NEEDS.plus(HAND_OUT_NEEDS) : LOOK_NEEDS);
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
            secrets.forEach(
                    stored -> failed(report, stored.arn(), urgentIfARotationStands(stored, failure), Optional.empty()));
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
                isolated(report, member.arn(), entry -> needs.set(watched(member, copies, entry)));
                left += needs.get() ? 1 : 0;
            }
            if (left > 0) {
                notReached(arns, left);
            }
        }

        /**
         * Promise 10 where an account cannot be looked at, too: that a rotation stands is told by
         * the stored secret's labels, and what it has made at Atlas starts a clock.
         */
        private static RotatorException urgentIfARotationStands(StoredSecret stored, RotatorException failure) {
            return stored.attempt()
                    .filter(pending -> !failure.getMessage().contains("This is urgent"))
                    .map(pending -> failure.and("This is urgent: a rotation stands (AWSPENDING is on"
                            + " version "
                            + pending
                            + "), and if it has created a secret at Atlas,"
                            + " the one in use ends within seven days of"
                            + " that."))
                    .orElse(failure);
        }

        private boolean watched(Member member, List<String> copies, Consumer<AccountReport> entry) {
            try {
                return one(member, copies, entry);
            } catch (RotatorException failure) {
                throw urgentIfARotationStands(member.stored(), failure);
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
                case HAND_OUT -> true;
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
            if (mode == Mode.HAND_OUT) {
                toHandOut.add(arns);
                enqueue(WorkQueue.SECRETS_A_MESSAGE * 10);
            } else {
                report.unfinished(left);
            }
        }

        /** Sends what has gathered, once it is enough for a batch of messages. */
        private synchronized void enqueue(int atLeast) {
            int gathered = toHandOut.stream().mapToInt(List::size).sum();
            if (gathered < atLeast) {
                return;
            }
            queue.ifPresent(to -> {
                try {
                    to.enqueue(List.copyOf(toHandOut), deadline);
                    report.handedOut(gathered);
                } catch (RotatorException failure) {
                    toHandOut.stream()
                            .flatMap(List::stream)
                            .forEach(arn -> failed(report, arn, failure, Optional.empty()));
                }
            });
            toHandOut.clear();
        }
    }
}
