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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
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
     * @param namePrefix what the names of its stored secrets begin with; empty for any name
     * @param concurrency how many accounts are worked on side by side, 1 to 64
     * @param kept how many entries a report keeps
     */
    public record Bounds(String tag, String namePrefix, int concurrency, int kept) {
        /** Whether this name, or the name in this ARN, begins as it must. */
        boolean admits(String secretId) {
            return secretId.substring(secretId.lastIndexOf(':') + 1).startsWith(namePrefix);
        }
    }

    private final SecretVault vault;
    private final Supplier<Observer> surveyor;
    private final AccountWork work;
    private final Optional<WorkQueue> queue;
    private final Bounds bounds;
    private final Log log;

    /** Where the last sweep of this process stopped; the next one begins there. */
    private volatile Optional<Place> unreached = Optional.empty();

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
                entry -> {
                    var looked = work.look(secretId, function, deadline);
                    work.rotateNow(looked, overlap, dryRun, deadline, entry);
                });
        return report;
    }

    /** One account's trouble stays its own: it goes into the report, and the others go on. */
    private void isolated(Report report, String secretId, Consumer<Consumer<AccountReport>> task) {
        var entered = new ArrayList<String>(1);
        Consumer<AccountReport> entry =
                account -> {
                    report.add(account);
                    entered.add(account.secretArn());
                };
        Log.around(
                Map.of("secret", secretId),
                () -> {
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
    private void failed(
            Report report, String secretId, RotatorException failure, Optional<String> entered) {
        log.line(Log.Level.ERROR, failure.getMessage(), Map.of("error", failure.kind()));
        entered.ifPresentOrElse(
                arn -> report.failBesideEntry(arn, failure), () -> report.fail(secretId, failure));
    }

    /**
     * Where an account stands in the order of the walk.
     *
     * @param page the token of its page in the list; the first page has none
     */
    private record Place(int number, Optional<String> page, String arn) {}

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
        private Optional<Place> firstUnreached = Optional.empty();
        private int listed;

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
            // By ARN: two names for the same one must not make two runs side by side of it.
            var described = new LinkedHashMap<String, StoredSecret>();
            for (String secretId : secretIds) {
                if (!deadline.allows(LOOK_NEEDS)) {
                    report.unfinished(1);
                    continue;
                }
                isolated(
                        report,
                        secretId,
                        entry -> {
                            // Before any call: the role is narrowed in the same way.
                            if (!bounds.admits(secretId)) {
                                throw outsideOfPrefix(secretId);
                            }
                            var stored = vault.describe(secretId, deadline);
                            described.putIfAbsent(stored.arn(), stored);
                        });
            }
            described.values().removeIf(stored -> !isManaged(stored));
            batches(List.copyOf(described.values()), Optional.empty(), threads);
        }

        private RotatorException outsideOfPrefix(String secretId) {
            return new RotatorException.Refused(
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
                        "is scheduled for deletion. Nothing was changed; restore it if it is still"
                                + " needed.");
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

        /**
         * Page by page: no more than one is in memory. Begins where the last sweep of this process
         * stopped, goes on to the end, and then from the beginning to there.
         */
        private void walkAll(ExecutorService threads) {
            var start = mode == Mode.LOOK ? Optional.<Place>empty() : unreached;
            var token = start.flatMap(Place::page);
            var later = token.flatMap(this::pageIfItIsStillThere);
            var page = later.orElseGet(() -> list(Optional.empty()));
            var from = start.map(Place::arn).map(arn -> position(page, arn)).orElse(0);
            walkFrom(
                    later.isPresent() ? token : Optional.empty(),
                    page,
                    from,
                    Optional.empty(),
                    threads);
            if (later.isPresent()) {
                var end = page.secrets().stream().skip(from).findFirst().map(StoredSecret::arn);
                var first = list(Optional.empty());
                walkFrom(Optional.empty(), first, 0, end, threads);
            } else {
                batches(page.secrets().subList(0, from), Optional.empty(), threads);
            }
        }

        /** Where this one stands on the page; at its beginning, if it is gone. */
        private static int position(Page page, String arn) {
            for (int i = 0; i < page.secrets().size(); i++) {
                if (page.secrets().get(i).arn().equals(arn)) {
                    return i;
                }
            }
            return 0;
        }

        private Page list(Optional<String> page) {
            return vault.list(bounds.tag(), bounds.namePrefix(), page, deadline);
        }

        /** How long a list's token holds is not written anywhere. */
        private Optional<Page> pageIfItIsStillThere(String token) {
            try {
                return Optional.of(list(Optional.of(token)));
            } catch (RotatorException.Configuration noLongerTaken) {
                return Optional.empty();
            }
        }

        /**
         * Walks on from a page.
         *
         * @param token of that page
         * @param from where on that page
         * @param end the stored secret before which the walk ends
         */
        private void walkFrom(
                Optional<String> token,
                Page first,
                int from,
                Optional<String> end,
                ExecutorService threads) {
            var page = first;
            var at = token;
            var secrets = page.secrets().subList(from, page.secrets().size());
            while (true) {
                var mine =
                        secrets.stream()
                                .takeWhile(one -> end.filter(one.arn()::equals).isEmpty())
                                .toList();
                batches(mine, at, threads);
                if (mine.size() < secrets.size() || page.next().isEmpty()) {
                    return;
                }
                at = page.next();
                try {
                    page = list(at);
                } catch (RotatorException failure) {
                    // What was done on earlier pages must not be lost with the rest.
                    failed(report, "*", failure, Optional.of("*"));
                    report.unfinished(1);
                    stopAt(new Place(listed, at, "*"));
                    return;
                }
                secrets = page.secrets();
            }
        }

        private void batches(
                List<StoredSecret> secrets, Optional<String> page, ExecutorService threads) {
            for (int from = 0; from < secrets.size(); from += BATCH) {
                int to = Math.min(from + BATCH, secrets.size());
                batch(secrets.subList(from, to), page, threads);
            }
        }

        private void batch(
                List<StoredSecret> secrets, Optional<String> page, ExecutorService threads) {
            int first = listed;
            listed += secrets.size();
            var reserve = mode == Mode.HAND_OUT ? LOOK_NEEDS.plus(HAND_OUT_NEEDS) : LOOK_NEEDS;
            if (!deadline.allows(reserve)) {
                for (int i = 0; i < secrets.size(); i++) {
                    notReached(new Place(first + i, page, secrets.get(i).arn()));
                }
                return;
            }
            Map<String, Reading> values;
            try {
                values =
                        vault.readCurrent(
                                secrets.stream().map(StoredSecret::arn).toList(), deadline);
            } catch (RotatorException failure) {
                secrets.forEach(
                        stored ->
                                failed(
                                        report,
                                        stored.arn(),
                                        urgentIfARotationStands(stored, failure),
                                        Optional.empty()));
                return;
            }
            for (int i = 0; i < secrets.size(); i++) {
                var stored = secrets.get(i);
                var place = new Place(first + i, page, stored.arn());
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
                                                    entry -> watched(stored, place, value, entry));
                                            return report;
                                        });
                            } finally {
                                places.release();
                            }
                        });
            }
        }

        /**
         * Promise 10 where an account cannot be looked at, too: that a rotation stands is told by
         * the stored secret's labels, and what it has made at Atlas starts a clock.
         */
        private static RotatorException urgentIfARotationStands(
                StoredSecret stored, RotatorException failure) {
            return stored.attempt()
                    .filter(pending -> !failure.getMessage().contains("This is urgent"))
                    .map(
                            pending ->
                                    failure.and(
                                            "This is urgent: a rotation stands (AWSPENDING is on"
                                                    + " version "
                                                    + pending
                                                    + "), and if it has created a secret at Atlas,"
                                                    + " the one in use ends within seven days of"
                                                    + " that."))
                    .orElse(failure);
        }

        private void watched(
                StoredSecret stored,
                Place place,
                Optional<Reading> inBatch,
                Consumer<AccountReport> entry) {
            try {
                one(stored, place, inBatch, entry);
            } catch (RotatorException failure) {
                throw urgentIfARotationStands(stored, failure);
            }
        }

        private void one(
                StoredSecret stored,
                Place place,
                Optional<Reading> inBatch,
                Consumer<AccountReport> entry) {
            if (!deadline.allows(LOOK_NEEDS)) {
                notReached(place);
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
            if (far.seen().isUnclear()) {
                // A list cannot show which secret a sign-in has moved.
                far = work.look(stored.arn(), function, deadline);
            }
            if (mode == Mode.LOOK || far.needsNothing()) {
                entry.accept(work.report(far));
                return;
            }
            switch (mode) {
                case LOOK -> {}
                // What may be done is seen from near only.
                case PLAN -> entry.accept(work.plan(work.look(stored.arn(), function, deadline)));
                case HAND_OUT -> toHandOut(stored.arn());
                case ACT -> act(place, entry);
            }
        }

        /** What was seen from afar may be minutes old, so whoever acts looks again. */
        private void act(Place place, Consumer<AccountReport> entry) {
            if (!deadline.allows(DirectRotation.NEEDS.plus(LOOK_NEEDS))) {
                notReached(place);
                return;
            }
            Looked near = work.look(place.arn(), function, deadline);
            if (!near.seen().stored().tags().containsKey(bounds.tag())) {
                return; // somebody has taken it out of the sweep since it was listed
            }
            work.act(near, deadline, entry);
        }

        private synchronized void notReached(Place place) {
            if (mode == Mode.HAND_OUT) {
                toHandOut(place.arn());
                return;
            }
            report.unfinished(1);
            stopAt(place);
        }

        private synchronized void stopAt(Place place) {
            if (firstUnreached.filter(first -> first.number() < place.number()).isEmpty()) {
                firstUnreached = Optional.of(place);
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
                            toHandOut.forEach(
                                    arn -> failed(report, arn, failure, Optional.empty()));
                        }
                    });
            toHandOut.clear();
        }
    }
}
