package dev.atlasrotator.sweep;

import static java.util.stream.Collectors.toList;

import dev.atlasrotator.credential.ClientId;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.report.AccountReport;
import dev.atlasrotator.report.Asked.Origin;
import dev.atlasrotator.report.FleetReport;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.rotation.DirectRotation;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.snapshot.SnapshotReader;
import dev.atlasrotator.snapshot.SnapshotReader.Purpose;
import dev.atlasrotator.sweep.AccountSweep.Looked;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One walk over the fleet. All managed stored secrets are listed and their values read in batches, so that it is known
 * which of them hold the same account. Each is then read from a list; where something is to be done it is read closely,
 * and done. Accounts are worked on side by side, those that several stored secrets hold one stored secret after the
 * other.
 */
final class FleetWalk {
    /** What reading an account may take, each call within its time-out. */
    static final Duration READ_NEEDS = Duration.ofSeconds(30);

    /** What enqueueing the rest of a fleet may take. */
    private static final Duration ENQUEUE_NEEDS = Duration.ofSeconds(60);

    /** With less left no account is begun. */
    static final Duration ACT_NEEDS = DirectRotation.NEEDS.plus(READ_NEEDS);

    /** In so many minutes of a day each value that only an admin looks at is tried, if a sweep comes in them. */
    private static final int TRIED_WITHIN_MINUTES = 60;

    private static final int MINUTES_A_DAY = 1440;

    /** How far a walk goes. */
    enum Mode {
        LOOK,
        CHECK,
        PLAN,
        ACT,
        ENQUEUE
    }

    /** When an account that is only due is rotated. */
    private enum Turn {
        AT_ONCE,
        /** After all have been read, as many as a sweep may. */
        BY_EXPIRY
    }

    private final SweepParts parts;
    private final FleetReport report;
    private final Mode mode;
    private final Optional<String> function;
    private final Deadline deadline;
    private final AccountIsolation isolation;
    private final FleetListing listing;
    private final SnapshotReader surveyor;
    private final Optional<AccountCheck> check;
    private final SideBySide sideBySide;
    private final FleetValues values;
    private final List<List<String>> toEnqueue = new ArrayList<>();

    /** Accounts that are only due wait here until it is known which of them expire first. */
    private final Queue<Due> due = new ConcurrentLinkedQueue<>();

    /**
     * A walk.
     *
     * @param function this function's ARN, if it runs in Lambda
     */
    FleetWalk(SweepParts parts, FleetReport report, Mode mode, Optional<String> function, Deadline deadline) {
        this.parts = parts;
        this.report = report;
        this.mode = mode;
        this.function = function;
        this.deadline = deadline;
        this.isolation = new AccountIsolation(report, parts.log());
        this.listing = new FleetListing(parts.vault(), parts.bounds(), report, isolation, deadline);
        this.surveyor = parts.surveyor().get();
        this.check = mode == Mode.CHECK ? Optional.of(parts.check().get()) : Optional.empty();
        this.sideBySide = new SideBySide(parts.bounds().concurrency());
        this.values = new FleetValues(parts.vault(), isolation, parts.log(), sideBySide, deadline);
    }

    void walk(Optional<List<String>> secretIds) {
        var members = secretIds
                .map(named -> values.oneByOne(listing.named(named, mode != Mode.CHECK), this::isReached))
                .orElseGet(() -> values.inBatches(listing.listed(), this::isReached));
        // A message of the queue names all that hold an account; an operator names those that come to mind.
        if (secretIds.isPresent() && report.asked().origin() instanceof Origin.Operator) {
            values.readRest(listing, members);
        }
        var others = byAccount(values.others());
        var groups = byAccount(members.stream());
        // Who names them wants all of them; so does the queue, which gets no more than a sweep may rotate.
        var turn = secretIds.isPresent() || groups.size() <= parts.bounds().rotationsPerSweep()
                ? Turn.AT_ONCE
                : Turn.BY_EXPIRY;
        sideBySide.each(
                groups.entrySet(),
                group -> group(group.getValue(), others.getOrDefault(group.getKey(), List.of()), turn));
        rotateWhatIsDue();
        enqueue(1);
    }

    /** Those that hold one account together; one whose account cannot be told shares nothing. */
    private Map<String, List<ListedSecret>> byAccount(Stream<ListedSecret> secrets) {
        return secrets.collect(Collectors.groupingBy(
                one -> one.account(parts.bounds().tag()).map(ClientId::value).orElse(one.arn()),
                LinkedHashMap::new,
                toList()));
    }

    private long minute() {
        return report.at().getEpochSecond() / 60;
    }

    /** Whether time is left to look, and to enqueue what could not be looked at. */
    private boolean mayLook() {
        return deadline.allows(mode == Mode.ENQUEUE ? READ_NEEDS.plus(ENQUEUE_NEEDS) : READ_NEEDS);
    }

    private boolean isReached(List<StoredSecret> batch) {
        boolean isReached = mayLook();
        if (!isReached) {
            batch.forEach(stored -> notReached(List.of(stored.arn()), 1));
        }
        return isReached;
    }

    /** All that hold one account, one after the other: each sees what the one before did. */
    private void group(List<ListedSecret> members, List<ListedSecret> others, Turn turn) {
        var arns = Stream.concat(members.stream(), others.stream())
                .map(ListedSecret::arn)
                .toList();
        int left = 0;
        for (ListedSecret member : members) {
            var copies = arns.stream().filter(arn -> !arn.equals(member.arn())).toList();
            var needs = new AtomicBoolean();
            isolation.run(member.arn(), Optional.of(member), entry -> needs.set(one(member, copies, turn, entry)));
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
    private boolean one(ListedSecret member, List<String> copies, Turn turn, Consumer<AccountReport> entry) {
        if (!mayLook()) {
            return true;
        }
        if (check.isPresent()) {
            var near = near(member, copies);
            entry.accept(check.get().check(near, parts.work().report(near), deadline));
            return false;
        }
        var looked = look(member, copies);
        if (mode == Mode.LOOK || looked.needsNothing()) {
            entry.accept(parts.work().report(looked));
            return false;
        }
        // One after the other, and in their own thread, where several stored secrets hold the account.
        if (copies.isEmpty() && looked.isOnlyDue() && turn == Turn.BY_EXPIRY) {
            due.add(new Due(member, parts.work().report(looked)));
            return false;
        }
        return act(member, copies, parts.work().report(looked), entry);
    }

    /**
     * Does what is to be done, as far as this walk goes.
     *
     * @param asSeen its entry, if nothing is done
     */
    private boolean act(ListedSecret member, List<String> copies, AccountReport asSeen, Consumer<AccountReport> entry) {
        return switch (mode) {
            case LOOK, CHECK -> false;
            case PLAN -> {
                // What may be done is seen from near only.
                entry.accept(parts.work().plan(near(member, copies)));
                yield false;
            }
            case ENQUEUE -> {
                entry.accept(asSeen);
                yield true;
            }
            case ACT -> {
                boolean isLeft = act(member, copies, entry);
                if (isLeft) {
                    entry.accept(asSeen);
                }
                yield isLeft;
            }
        };
    }

    /**
     * An account that is due, and above its margin.
     *
     * @param asSeen its entry, if nothing is done
     */
    private record Due(ListedSecret member, AccountReport asSeen) {
        Instant expires() {
            return asSeen.expiresAt().orElse(Instant.MIN);
        }
    }

    /** As many as a sweep may, the nearest to expiry first: a fleet that is newly managed does not rotate in one hour. */
    private void rotateWhatIsDue() {
        var sorted = due.stream().sorted(Comparator.comparing(Due::expires)).toList();
        int most = Math.min(parts.bounds().rotationsPerSweep(), sorted.size());
        sorted.subList(most, sorted.size()).forEach(later -> isolation.add(later.asSeen()));
        sideBySide.each(sorted.subList(0, most), one -> {
            var arn = one.member().arn();
            var left = new AtomicBoolean();
            isolation.run(
                    arn,
                    Optional.of(one.member()),
                    entry -> left.set(act(one.member(), List.of(), one.asSeen(), entry)));
            if (left.get()) {
                notReached(List.of(arn), 1);
            }
        });
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
        var value = member.value().orElseGet(() -> values.value(member.arn()));
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
        // Scheduler comes within a minute of its time.
        long between = parts.bounds().reporting().sweepInterval().toMinutes() + 1;
        return turn < Math.max(TRIED_WITHIN_MINUTES, between);
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
                report.notEnqueued(gathered);
            }
        });
        toEnqueue.clear();
    }
}
