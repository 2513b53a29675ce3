package dev.atlasrotator.simulator.secretsmanager;

import dev.atlasrotator.retry.Sleeper;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.VirtualTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** How a {@link SecretsManagerModel} behaves where the service leaves a choice or a test needs one. */
public final class SecretsManagerSettings implements Cloneable {
    /** What {@code RotateSecret} answers while AWSPENDING is on another version than AWSCURRENT. */
    public enum RetriedRotation {
        /**
         * {@code InvalidRequestException}, and the old rotation is run again; public bug reports
         * quote it.
         */
        REFUSED_AND_RETRIED,
        /** Success with the old rotation's version id, and the old rotation is run again. */
        ANSWERED_WITH_THE_OLD_VERSION
    }

    /**
     * Undocumented: where AWSPENDING is after a new value, written by hand, has made Secrets
     * Manager abandon a rotation.
     */
    public enum AbandonedLabel {
        /** Gone; public acceptance tests put a value to make an unfinished rotation go away. */
        GONE,
        /** Still on the version that the rotation had registered. */
        STAYS
    }

    /** The region in ARNs; a secret whose {@code PrimaryRegion} is another one is a replica. */
    final String region = "eu-central-1";

    /** The twelve digits of the account in ARNs. */
    final String account = "111111111111";

    InstantSource clock;

    /** Waits for {@link #latency} and for {@link Fault.Slow}. */
    Sleeper sleeper = pause -> {
        throw new IllegalStateException("nobody gave the Secrets Manager stand-in a sleeper");
    };

    /** How long each call takes; zero or more. */
    Duration latency = Duration.ZERO;

    /** Whether the calls a second are limited as AWS documents it. */
    boolean quota;

    /** Whether calls are written down; explorers with very many runs leave it out. */
    boolean ledger = true;

    /** What {@code RotateSecret} answers while an earlier rotation is unfinished. */
    RetriedRotation retriedRotation = RetriedRotation.REFUSED_AND_RETRIED;

    /** Where AWSPENDING is after a value written by hand has ended a rotation. */
    AbandonedLabel abandonedLabel = AbandonedLabel.GONE;

    /**
     * How often in all a rotation with an attached function is tried with the same token; at least 1. AWS says that it
     * tries again and not how often.
     */
    int rotationTries = 1;

    /**
     * Runs attached functions right after {@code RotateSecret} has answered; without one they wait for
     * {@link SecretsManagerModel#runRotations()}.
     */
    Optional<Executor> rotationExecutor = Optional.empty();

    /** Ids that the service makes up follow from it, so that a run can be repeated. */
    long idSeed;

    private SecretsManagerSettings(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * A quiet service: no latency, no quota, a ledger, one try a rotation, rotations run when told.
     */
    public static SecretsManagerSettings at(InstantSource clock) {
        return new SecretsManagerSettings(clock);
    }

    /** The same on virtual time, where waiting moves the clock. */
    public static SecretsManagerSettings at(VirtualTime time) {
        return at((InstantSource) time).withSleeper(time);
    }

    /** The service's time. */
    public InstantSource clock() {
        return clock;
    }

    /** The same on another clock. */
    public SecretsManagerSettings withClock(InstantSource newClock) {
        return changed(settings -> settings.clock = newClock);
    }

    /** The same with something to wait with. */
    public SecretsManagerSettings withSleeper(Sleeper newSleeper) {
        return changed(settings -> settings.sleeper = newSleeper);
    }

    /** The same with every call taking this long, zero or more; needs a sleeper. */
    public SecretsManagerSettings withLatency(Duration newLatency) {
        if (newLatency.isNegative()) {
            throw new IllegalArgumentException("latency is " + newLatency + "; it must be at least 0");
        }
        return changed(settings -> settings.latency = newLatency);
    }

    /** The same with the documented calls a second. */
    public SecretsManagerSettings withQuota() {
        return changed(settings -> settings.quota = true);
    }

    /** The same without a ledger. */
    public SecretsManagerSettings withoutLedger() {
        return changed(settings -> settings.ledger = false);
    }

    /** The same with another answer while a rotation is unfinished. */
    public SecretsManagerSettings with(RetriedRotation answer) {
        return changed(settings -> settings.retriedRotation = answer);
    }

    /** The same with another place for the label of an abandoned rotation. */
    public SecretsManagerSettings with(AbandonedLabel where) {
        return changed(settings -> settings.abandonedLabel = where);
    }

    /** The same with so many tries in all for a rotation, at least 1. */
    public SecretsManagerSettings withRotationTries(int tries) {
        if (tries < 1) {
            throw new IllegalArgumentException("rotationTries is " + tries + "; it must be at least 1");
        }
        return changed(settings -> settings.rotationTries = tries);
    }

    /** The same with rotations run by this, right after {@code RotateSecret} has answered. */
    public SecretsManagerSettings withRotationExecutor(Executor executor) {
        return changed(settings -> settings.rotationExecutor = Optional.of(executor));
    }

    /** The same with other made-up ids. */
    public SecretsManagerSettings withIdSeed(long seed) {
        return changed(settings -> settings.idSeed = seed);
    }

    private SecretsManagerSettings changed(Consumer<SecretsManagerSettings> change) {
        try {
            var changed = (SecretsManagerSettings) clone();
            change.accept(changed);
            return changed;
        } catch (CloneNotSupportedException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
