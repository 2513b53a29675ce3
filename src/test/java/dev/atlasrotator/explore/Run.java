package dev.atlasrotator.explore;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.testbed.Killed;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One invocation of the function, or one of Secrets Manager's rotations with its four: on a thread
 * of its own that stops before each remote call until the scheduler lets it go on. Only one run
 * moves at a time, and the scheduler waits meanwhile, so a schedule can be repeated exactly.
 */
final class Run {
    /** What a run does; it may fail by an exception, as the function may. */
    @FunctionalInterface
    interface Body {
        void run(Run self);
    }

    private enum State {
        NOT_BEGUN,
        MOVING,
        AT_A_CALL,
        OVER
    }

    private static final Duration NAP = Duration.ofMillis(20);
    private static final int NAPS_MAX = 3000;

    final String name;
    final Environment environment;

    /** Whether an operator has asked this very run to revoke. */
    final boolean revokes;

    /** After how many calls in all it began. */
    final long bornAt;

    /** When that was, by Atlas's clock. */
    final Instant bornAtTime;

    /** The stored secret that it is about; empty for a sweep. */
    Optional<Stored> of = Optional.empty();

    /** The Atlas secret that an operator has named as leaked, where this is its revocation. */
    Optional<Life> leaked = Optional.empty();

    /** What it has answered, where it was one invocation. */
    Optional<String> answer = Optional.empty();

    /** Whether a read of its last reads has shown how things were seconds before. */
    boolean sawOlder;

    /** Whether it acts on one look; of the steps each looks for itself. */
    boolean decidesOnce;

    /** After how many calls in all the look began that it acts on, and when it was over. */
    long lookBegan;

    long lookEnded;

    /** Whether it will not get the answer to its create. */
    boolean losesItsAnswer;

    /** Whether its last create has made a secret, and it has not read that since. */
    boolean isInTheDark;

    /** After how many calls in all it began to look, last. */
    private volatile long lookedAt;

    private volatile Instant lookedAtTime = Instant.EPOCH;

    /** The same of each stored secret, as its DescribeSecret named it. */
    private final Map<String, Long> lookedAtEach = new ConcurrentHashMap<>();

    private volatile String describes = "";

    private volatile long readAtlasAt;

    private volatile Instant readAtlasAtTime = Instant.EPOCH;

    private final Body body;
    private final Thread thread;
    private volatile State state = State.NOT_BEGUN;
    private volatile boolean dead;
    private volatile CallOutcome verdict = CallOutcome.PASSES;
    private volatile @Nullable Thread scheduler;
    private volatile @Nullable Thread waiting;
    private volatile @Nullable Throwable end;
    private volatile Remote kind = Remote.READ_VAULT;
    private volatile String call = "";
    private volatile int calls;
    private volatile Duration left = Duration.ZERO;
    private volatile @Nullable Deadline deadline;
    private long history = 17;
    private final boolean surveys;
    private boolean hasLookedAgain;

    Run(String name, Environment environment, boolean revokes, Body body) {
        this.name = name;
        this.environment = environment;
        this.revokes = revokes;
        this.bornAt = environment.simulation.calls();
        this.bornAtTime = environment.simulation.atlas.instant();
        this.body = body;
        this.surveys = name.startsWith("sweep");
        this.thread = Thread.ofVirtual().name(name).unstarted(this::live);
    }

    private void live() {
        try {
            body.run(this);
        } catch (Throwable ended) { // how it ended is for the checks to judge
            end = ended;
        } finally {
            state = State.OVER;
            LockSupport.unpark(scheduler);
        }
    }

    // --- for the scheduler

    /** Lets it go on until its next call, or its end. */
    void go(CallOutcome withCall) {
        verdict = withCall;
        scheduler = Thread.currentThread();
        if (state == State.NOT_BEGUN) {
            state = State.MOVING;
            thread.start();
        } else {
            state = State.MOVING;
            LockSupport.unpark(waiting);
        }
        // Short naps, and they are counted, not the time: a whole machine may stand still for long.
        for (int naps = 0; state == State.MOVING; naps++) {
            LockSupport.parkNanos(this, NAP.toNanos());
            if (state == State.MOVING && naps > NAPS_MAX) {
                throw new IllegalStateException(name + " neither calls nor ends after " + call + ", in " + thread);
            }
        }
    }

    /** The environment is gone: whatever it would do next, it does not. */
    void kill() {
        dead = true;
        while (state == State.AT_A_CALL) {
            go(CallOutcome.KILLS);
        }
        state = State.OVER;
    }

    /** The reads of a run begin with a DescribeSecret. */
    void reads(long number, Instant time) {
        lookedAt = number;
        lookedAtTime = time;
        lookedAtEach.put(describes, number);
    }

    long lookedAt() {
        return lookedAt;
    }

    /** The same of this stored secret; of one that it has not looked at, as of the others. */
    long lookedAt(Stored one) {
        return Stream.of(one.arn, one.name)
                .flatMap(name -> Optional.ofNullable(lookedAtEach.get(name)).stream())
                .max(Comparator.naturalOrder())
                .orElse(lookedAt);
    }

    Instant lookedAtTime() {
        return lookedAtTime;
    }

    void readsAtlas(long number, Instant time) {
        readAtlasAt = number;
        readAtlasAtTime = time;
    }

    /** Whether it has looked at AWSCURRENT after it last read the account. */
    boolean hasLookedSinceItReadAtlas() {
        return lookedAt > readAtlasAt;
    }

    /** When it last read the account, by Atlas's clock: later uses it cannot know. */
    Instant readAtlasAtTime() {
        return readAtlasAtTime;
    }

    /** Whether a person acts, and not the function. */
    boolean isAPersons() {
        return kind == Remote.BY_HAND;
    }

    boolean hasBegun() {
        return state != State.NOT_BEGUN;
    }

    boolean isOver() {
        return state == State.OVER;
    }

    boolean isDead() {
        return dead;
    }

    /** How it ended, where not by simply returning. */
    Optional<Throwable> end() {
        return Optional.ofNullable(end).filter(ended -> !(ended instanceof Killed));
    }

    Remote kind() {
        return kind;
    }

    /** The call that it is about to make. */
    String call() {
        return call;
    }

    /** How much time it had left when it decided on that call. */
    Duration leftAtCall() {
        return left;
    }

    int calls() {
        return calls;
    }

    Optional<Deadline> deadline() {
        return Optional.ofNullable(deadline);
    }

    /** What it has learned so far, as a number: two runs with the same behave the same. */
    long history() {
        return history;
    }

    // --- for the run's own threads

    /** Its next call is a DescribeSecret of this stored secret. */
    void describes(String secretId) {
        describes = secretId;
    }

    /** Stops before a call until the scheduler has decided what becomes of it. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread of a run at a time is before a call
    CallOutcome before(Remote next, String what) {
        dieIfDead();
        if (state == State.AT_A_CALL) {
            throw new IllegalStateException("two threads of " + name + " call at once: " + what);
        }
        kind = next;
        call = what;
        left = deadline().map(Deadline::left).orElse(Duration.ZERO);
        calls++;
        waiting = Thread.currentThread();
        state = State.AT_A_CALL;
        LockSupport.unpark(scheduler);
        while (state == State.AT_A_CALL) {
            LockSupport.park(this);
        }
        dieIfDead();
        if (verdict == CallOutcome.KILLS) {
            die();
        }
        return verdict;
    }

    /** The environment dies here. */
    void die() {
        dead = true;
        throw new Killed(name);
    }

    /** The call that is under way still has its effect; then the environment is gone. */
    void dieSoon() {
        dead = true;
    }

    void dieIfDead() {
        if (dead) {
            throw new Killed(name);
        }
    }

    void within(Deadline limit) {
        deadline = limit;
    }

    void learn(String what) {
        long hash = history;
        for (int i = 0; i < what.length(); i++) {
            hash = (hash ^ what.charAt(i)) * 0x100000001B3L;
        }
        history = hash * 31 + what.length();
    }

    /** An invocation is over: the next one begins with nothing but its event. */
    void forget(String except) {
        history = 17;
        learn(except);
    }

    /**
     * A sweep that has surveyed from afar looks again before it acts, and remembers nothing of the
     * survey but that something is to be done.
     */
    void looksAgain() {
        if (surveys && !hasLookedAgain) {
            hasLookedAgain = true;
            forget("looks again");
        }
    }

    static boolean isDeclared(Throwable end) {
        return end instanceof RotatorException;
    }
}
