package dev.atlasrotator.simulator.secretsmanager;

import dev.atlasrotator.retry.Sleeper;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.VirtualTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * How a {@link SecretsManagerModel} behaves where the service leaves a choice or a test needs one.
 *
 * @param region the region in ARNs; a secret whose {@code PrimaryRegion} is another one is a
 *     replica
 * @param account the twelve digits of the account in ARNs
 * @param clock the service's time
 * @param sleeper waits for {@code latency} and for {@link Fault.Slow}
 * @param latency how long each call takes; zero or more
 * @param quota whether the calls a second are limited as AWS documents it
 * @param ledger whether calls are written down; explorers with very many runs leave it out
 * @param retriedRotation what {@code RotateSecret} answers while an earlier rotation is unfinished
 * @param abandonedLabel where AWSPENDING is after a value written by hand has ended a rotation
 * @param rotationTries how often in all a rotation with an attached function is tried with the same
 *     token; at least 1. AWS says that it tries again and not how often
 * @param rotationExecutor runs attached functions right after {@code RotateSecret} has answered;
 *     without one they wait for {@link SecretsManagerModel#runRotations()}
 * @param idSeed ids that the service makes up follow from it, so that a run can be repeated
 */
public record SecretsManagerSettings(
        String region,
        String account,
        InstantSource clock,
        Sleeper sleeper,
        Duration latency,
        boolean quota,
        boolean ledger,
        RetriedRotation retriedRotation,
        AbandonedLabel abandonedLabel,
        int rotationTries,
        Optional<Executor> rotationExecutor,
        long idSeed) {

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

    /**
     * A quiet service: no latency, no quota, a ledger, one try a rotation, rotations run when told.
     */
    public static SecretsManagerSettings at(InstantSource clock) {
        return new SecretsManagerSettings(
                "eu-central-1",
                "111111111111",
                clock,
                pause -> {
                    throw new IllegalStateException("nobody gave the Secrets Manager stand-in a sleeper");
                },
                Duration.ZERO,
                false,
                true,
                RetriedRotation.REFUSED_AND_RETRIED,
                AbandonedLabel.GONE,
                1,
                Optional.empty(),
                0);
    }

    /** The same on virtual time, where waiting moves the clock. */
    public static SecretsManagerSettings at(VirtualTime time) {
        return at((InstantSource) time).withSleeper(time);
    }

    public SecretsManagerSettings {
        if (latency.isNegative() || rotationTries < 1) {
            throw new IllegalArgumentException("latency is "
                    + latency
                    + " and rotationTries "
                    + rotationTries
                    + "; they must be at least 0 and 1");
        }
    }

    /** The same on another clock. */
    public SecretsManagerSettings withClock(InstantSource newClock) {
        return changed(draft -> draft.clock = newClock);
    }

    /** The same with something to wait with. */
    public SecretsManagerSettings withSleeper(Sleeper newSleeper) {
        return changed(draft -> draft.sleeper = newSleeper);
    }

    /** The same with every call taking this long, zero or more; needs a sleeper. */
    public SecretsManagerSettings withLatency(Duration newLatency) {
        return changed(draft -> draft.latency = newLatency);
    }

    /** The same with the documented calls a second. */
    public SecretsManagerSettings withQuota() {
        return changed(draft -> draft.quota = true);
    }

    /** The same without a ledger. */
    public SecretsManagerSettings withoutLedger() {
        return changed(draft -> draft.ledger = false);
    }

    /** The same with another answer while a rotation is unfinished. */
    public SecretsManagerSettings with(RetriedRotation answer) {
        return changed(draft -> draft.retriedRotation = answer);
    }

    /** The same with another place for the label of an abandoned rotation. */
    public SecretsManagerSettings with(AbandonedLabel where) {
        return changed(draft -> draft.abandonedLabel = where);
    }

    /** The same with so many tries in all for a rotation, at least 1. */
    public SecretsManagerSettings withRotationTries(int tries) {
        return changed(draft -> draft.rotationTries = tries);
    }

    /** The same with rotations run by this, right after {@code RotateSecret} has answered. */
    public SecretsManagerSettings withRotationExecutor(Executor executor) {
        return changed(draft -> draft.rotationExecutor = Optional.of(executor));
    }

    /** The same with other made-up ids. */
    public SecretsManagerSettings withIdSeed(long seed) {
        return changed(draft -> draft.idSeed = seed);
    }

    private SecretsManagerSettings changed(Consumer<Draft> change) {
        var draft = new Draft();
        change.accept(draft);
        return new SecretsManagerSettings(
                region,
                account,
                draft.clock,
                draft.sleeper,
                draft.latency,
                draft.quota,
                draft.ledger,
                draft.retriedRotation,
                draft.abandonedLabel,
                draft.rotationTries,
                draft.rotationExecutor,
                draft.idSeed);
    }

    /** What a change may set; all else stays as it is. */
    private final class Draft {
        InstantSource clock = clock();
        Sleeper sleeper = sleeper();
        Duration latency = latency();
        boolean quota = quota();
        boolean ledger = ledger();
        RetriedRotation retriedRotation = retriedRotation();
        AbandonedLabel abandonedLabel = abandonedLabel();
        int rotationTries = rotationTries();
        Optional<Executor> rotationExecutor = rotationExecutor();
        long idSeed = idSeed();
    }
}
