package dev.atlasrotator.sweep;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.rotation.CreateRules.Overlap;
import dev.atlasrotator.rotation.DirectRotation;
import dev.atlasrotator.rotation.Observer;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.SecretVault.Page;
import dev.atlasrotator.secretsmanager.SecretVault.Reading;
import dev.atlasrotator.secretsmanager.SecretVault.Which;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.sweep.AccountWork.Looked;
import dev.atlasrotator.sweep.Report.Subject;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Walks the fleet. Every managed stored secret is looked at from afar, in batches; where something
 * is to be done it is looked at closely and done. Accounts are worked on side by side, and one
 * account's trouble stays its own. Pages are worked off as they are listed, so that memory does not
 * grow with the fleet.
 */
public final class FleetSweep {
    /** Values come in batches of so many (BatchGetSecretValue's bound). */
    private static final int BATCH = 20;

    /** What a look may take, each call within its time-out. */
    private static final Duration LOOK_NEEDS = Duration.ofSeconds(30);

    /** What handing the rest of a fleet out may take. */
    private static final Duration HAND_OUT_NEEDS = Duration.ofSeconds(60);

    /**
     * How a fleet is walked.
     *
     * @param tag key of the tag that puts a stored secret into the sweep
     * @param concurrency how many accounts are worked on side by side, 1 to 64
     * @param kept how many entries a report keeps
     */
    public record Bounds(String tag, int concurrency, int kept) {}

    private final SecretVault vault;
    private final Supplier<Observer> surveyor;
    private final AccountWork work;
    private final Optional<WorkQueue> queue;
    private final Bounds bounds;
    private final Log log;

    /**
     * The page of the list at which the last sweep of this process stopped; the next one begins
     * there.
     */
    private volatile Optional<String> unreached = Optional.empty();

    /**
     * A sweep.
     *
     * @param surveyor makes the observer of one run, which lists accounts once where one credential
     *     serves many
     * @param queue takes the work, where there is one
     */
    public FleetSweep(
            SecretVault vault,
            Supplier<Observer> surveyor,
            AccountWork work,
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
    public Report status(
            Optional<List<String>> secretIds, Optional<String> function, Deadline deadline) {
        var report = new Report(Subject.STATUS, false, deadline.clock().instant(), bounds.kept());
        new Run(report, Mode.LOOK, function, deadline).walk(secretIds);
        return report;
    }

    /**
     * The sweep of these stored secrets, or of the whole fleet.
     *
     * @param dryRun only says what would be done
     */
    public Report sweep(
            Optional<List<String>> secretIds,
            boolean dryRun,
            Optional<String> function,
            Deadline deadline) {
        var report = new Report(Subject.SWEEP, dryRun, deadline.clock().instant(), bounds.kept());
        // Named ones are work that was handed out, or an operator's: they are done here and now.
        boolean handOut = queue.isPresent() && secretIds.isEmpty() && !dryRun;
        var mode = dryRun ? Mode.PLAN : handOut ? Mode.HAND_OUT : Mode.ACT;
        new Run(report, mode, function, deadline).walk(secretIds);
        return report;
    }

    /** Rotates one now, whether it is due or not. */
    public Report rotate(
            String secretId,
            Overlap overlap,
            boolean dryRun,
            Optional<String> function,
            Deadline deadline) {
        var report = new Report(Subject.ROTATE, dryRun, deadline.clock().instant(), bounds.kept());
        isolated(
                report,
                secretId,
                () -> {
                    var looked = work.look(secretId, function, deadline);
                    work.rotateNow(looked, overlap, dryRun, deadline, report::add);
                });
        return report;
    }

    /** One account's trouble stays its own: it goes into the report, and the others go on. */
    private void isolated(Report report, String secretId, Runnable task) {
        Log.around(
                Map.of("secret", secretId),
                () -> {
                    try {
                        task.run();
                    } catch (RotatorException failure) {
                        failed(report, secretId, failure);
                    } catch (RuntimeException defect) {
                        failed(report, secretId, log.defect(defect));
                    }
                    return report;
                });
    }

    private void failed(Report report, String secretId, RotatorException failure) {
        log.line(Log.Level.ERROR, failure.getMessage(), Map.of("error", failure.kind()));
        report.fail(secretId, failure);
    }

    /** How far a walk goes. */
    private enum Mode {
        LOOK,
        PLAN,
        ACT,
        HAND_OUT
    }

    /** One walk. */
    private final class Run {
        private final Map<String, Object> bound = Log.bound();
        private final Report report;
        private final Mode mode;
        private final Optional<String> function;
        private final Deadline deadline;
        private final Observer surveyor = FleetSweep.this.surveyor.get();
        private final Semaphore places = new Semaphore(bounds.concurrency());
        private final List<String> toHandOut = new ArrayList<>();
        private boolean stopped;
        private Optional<String> firstUnreached = Optional.empty();

        Run(Report report, Mode mode, Optional<String> function, Deadline deadline) {
            this.report = report;
            this.mode = mode;
            this.function = function;
            this.deadline = deadline;
        }

        void walk(Optional<List<String>> secretIds) {
            try (var threads =
                    Executors.newThreadPerTaskExecutor(
                            Thread.ofVirtual().name("account-", 0).factory())) {
                if (secretIds.isPresent()) {
                    walkThese(secretIds.get(), threads);
                } else {
                    walkAll(threads);
                }
            } // waits for all of them
            handOut(1);
            if (secretIds.isEmpty() && mode != Mode.LOOK) {
                unreached = firstUnreached;
            }
        }

        private void walkThese(List<String> secretIds, ExecutorService threads) {
            var described = new ArrayList<StoredSecret>();
            // Whoever is named twice must not be worked on twice at the same time.
            var seen = new HashSet<String>();
            for (String secretId : secretIds) {
                if (!deadline.allows(LOOK_NEEDS)) {
                    report.unfinished(1);
                    continue;
                }
                isolated(
                        report,
                        secretId,
                        () -> {
                            var stored = vault.describe(secretId, deadline);
                            if (!stored.tags().containsKey(bounds.tag())) {
                                throw new RotatorException.Refused(
                                        "Secret "
                                                + stored.name()
                                                + " is not managed: it has no tag "
                                                + bounds.tag()
                                                + ". Nothing was changed. Add the tag, or name it"
                                                + " to rotate.");
                            }
                            if (seen.add(stored.arn())) {
                                described.add(stored);
                            }
                        });
            }
            batches(described, Optional.empty(), threads);
        }

        /**
         * Page by page: no more than one is in memory. Begins at the page that the last sweep did
         * not reach, goes on to the end, and then from the beginning to there.
         */
        private void walkAll(ExecutorService threads) {
            var start = mode == Mode.LOOK ? Optional.<String>empty() : unreached;
            var later = start.flatMap(this::pageIfItIsStillThere);
            if (later.isPresent()) {
                walkFrom(start, later.get(), Optional.empty(), threads);
            }
            var first = vault.list(bounds.tag(), Optional.empty(), deadline);
            var end = later.flatMap(page -> page.secrets().stream().findFirst());
            walkFrom(Optional.empty(), first, end.map(StoredSecret::arn), threads);
        }

        /** How long a list's token holds is not written anywhere. */
        private Optional<Page> pageIfItIsStillThere(String token) {
            try {
                return Optional.of(vault.list(bounds.tag(), Optional.of(token), deadline));
            } catch (RotatorException.Configuration noLongerTaken) {
                return Optional.empty();
            }
        }

        /**
         * Walks on from a page.
         *
         * @param token of that page
         * @param end the stored secret before which the walk ends
         */
        private void walkFrom(
                Optional<String> token, Page page, Optional<String> end, ExecutorService threads) {
            for (var at = token; ; ) {
                var secrets =
                        page.secrets().stream()
                                .takeWhile(one -> end.filter(one.arn()::equals).isEmpty())
                                .toList();
                batches(secrets, at, threads);
                if (secrets.size() < page.secrets().size() || page.next().isEmpty()) {
                    return;
                }
                at = page.next();
                try {
                    page = vault.list(bounds.tag(), at, deadline);
                } catch (RotatorException failure) {
                    // What was looked at stays looked at; the next sweep begins here.
                    failed(report, "the rest of the list", failure);
                    stopAt(at);
                    return;
                }
            }
        }

        private void batches(
                List<StoredSecret> secrets, Optional<String> token, ExecutorService threads) {
            for (int from = 0; from < secrets.size(); from += BATCH) {
                int to = Math.min(from + BATCH, secrets.size());
                batch(secrets.subList(from, to), token, threads);
            }
        }

        /**
         * Looks at a batch.
         *
         * @param token of the page that it is from
         */
        private void batch(
                List<StoredSecret> secrets, Optional<String> token, ExecutorService threads) {
            var reserve = mode == Mode.HAND_OUT ? LOOK_NEEDS.plus(HAND_OUT_NEEDS) : LOOK_NEEDS;
            if (!deadline.allows(reserve)) {
                secrets.forEach(stored -> notReached(stored, token));
                return;
            }
            Map<String, Reading> values;
            try {
                values =
                        vault.readCurrent(
                                secrets.stream().map(StoredSecret::arn).toList(), deadline);
            } catch (RotatorException failure) {
                secrets.forEach(stored -> failed(report, stored.arn(), failure));
                return;
            }
            for (StoredSecret stored : secrets) {
                var value = Optional.ofNullable(values.get(stored.arn()));
                places.acquireUninterruptibly(); // before the task is made: what waits takes no
                // memory
                threads.execute(
                        () -> {
                            try {
                                Log.around(
                                        bound,
                                        () -> {
                                            isolated(
                                                    report,
                                                    stored.arn(),
                                                    () -> one(stored, value, token));
                                            return report;
                                        });
                            } finally {
                                places.release();
                            }
                        });
            }
        }

        private void one(StoredSecret stored, Optional<Reading> inBatch, Optional<String> token) {
            if (!deadline.allows(LOOK_NEEDS)) {
                notReached(stored, token);
                return;
            }
            // A batch leaves out what it may not read; asked for by itself, the service says why.
            var value =
                    inBatch.orElseGet(
                            () ->
                                    vault.read(
                                            stored.arn(),
                                            new Which.Staged(StoredSecret.CURRENT),
                                            deadline));
            var far = work.assess(surveyor.survey(stored, value, deadline), function);
            if (mode == Mode.LOOK || far.needsNothing()) {
                report.add(work.report(far));
                return;
            }
            switch (mode) {
                case LOOK -> {}
                case PLAN -> report.add(work.plan(far));
                case HAND_OUT -> toHandOut(stored.arn());
                case ACT -> act(stored, token);
            }
        }

        /** What was seen from afar may be minutes old, so whoever acts looks again. */
        private void act(StoredSecret stored, Optional<String> token) {
            if (!deadline.allows(DirectRotation.NEEDS.plus(LOOK_NEEDS))) {
                notReached(stored, token);
                return;
            }
            Looked near = work.look(stored.arn(), function, deadline);
            if (!near.seen().stored().tags().containsKey(bounds.tag())) {
                return; // somebody has taken it out of the sweep since it was listed
            }
            work.act(near, deadline, report::add);
        }

        private synchronized void notReached(StoredSecret stored, Optional<String> token) {
            if (mode == Mode.HAND_OUT) {
                toHandOut(stored.arn());
                return;
            }
            report.unfinished(1);
            stopAt(token);
        }

        private synchronized void stopAt(Optional<String> token) {
            if (!stopped) {
                stopped = true;
                firstUnreached = token;
            }
        }

        private synchronized void toHandOut(String arn) {
            toHandOut.add(arn);
            handOut(WorkQueue.SECRETS_A_MESSAGE * 10);
        }

        /** Sends what has gathered, once it is enough for a batch of messages. */
        private synchronized void handOut(int atLeast) {
            if (toHandOut.size() < atLeast) {
                return;
            }
            queue.ifPresent(
                    to -> {
                        try {
                            to.handOut(List.copyOf(toHandOut), deadline);
                            report.handedOut(toHandOut.size());
                        } catch (RotatorException failure) {
                            toHandOut.forEach(arn -> failed(report, arn, failure));
                        }
                    });
            toHandOut.clear();
        }
    }
}
