package dev.atlasrotator.simulator.secretsmanager;

import dev.atlasrotator.retry.Sleeper;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.VirtualTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executor;

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
        return new SecretsManagerSettings(
                region,
                account,
                newClock,
                sleeper,
                latency,
                quota,
                ledger,
                retriedRotation,
                abandonedLabel,
                rotationTries,
                rotationExecutor,
                idSeed);
    }

    /** The same with something to wait with. */
    public SecretsManagerSettings withSleeper(Sleeper newSleeper) {
        return new SecretsManagerSettings(
                region,
                account,
                clock,
                newSleeper,
                latency,
                quota,
                ledger,
                retriedRotation,
                abandonedLabel,
                rotationTries,
                rotationExecutor,
                idSeed);
    }

    /** The same with every call taking this long, zero or more; needs a sleeper. */
    public SecretsManagerSettings withLatency(Duration newLatency) {
        return new SecretsManagerSettings(
                region,
                account,
                clock,
                sleeper,
                newLatency,
                quota,
                ledger,
                retriedRotation,
                abandonedLabel,
                rotationTries,
                rotationExecutor,
                idSeed);
    }

    /** The same with the documented calls a second. */
    public SecretsManagerSettings withQuota() {
        return new SecretsManagerSettings(
                region,
                account,
                clock,
                sleeper,
                latency,
                true,
                ledger,
                retriedRotation,
                abandonedLabel,
                rotationTries,
                rotationExecutor,
                idSeed);
    }

    /** The same without a ledger. */
    public SecretsManagerSettings withoutLedger() {
        return new SecretsManagerSettings(
                region,
                account,
                clock,
                sleeper,
                latency,
                quota,
                false,
                retriedRotation,
                abandonedLabel,
                rotationTries,
                rotationExecutor,
                idSeed);
    }

    /** The same with another answer while a rotation is unfinished. */
    public SecretsManagerSettings with(RetriedRotation answer) {
        return new SecretsManagerSettings(
                region,
                account,
                clock,
                sleeper,
                latency,
                quota,
                ledger,
                answer,
                abandonedLabel,
                rotationTries,
                rotationExecutor,
                idSeed);
    }

    /** The same with another place for the label of an abandoned rotation. */
    public SecretsManagerSettings with(AbandonedLabel where) {
        return new SecretsManagerSettings(
                region,
                account,
                clock,
                sleeper,
                latency,
                quota,
                ledger,
                retriedRotation,
                where,
                rotationTries,
                rotationExecutor,
                idSeed);
    }

    /** The same with so many tries in all for a rotation, at least 1. */
    public SecretsManagerSettings withRotationTries(int tries) {
        return new SecretsManagerSettings(
                region,
                account,
                clock,
                sleeper,
                latency,
                quota,
                ledger,
                retriedRotation,
                abandonedLabel,
                tries,
                rotationExecutor,
                idSeed);
    }

    /** The same with rotations run by this, right after {@code RotateSecret} has answered. */
    public SecretsManagerSettings withRotationExecutor(Executor executor) {
        return new SecretsManagerSettings(
                region,
                account,
                clock,
                sleeper,
                latency,
                quota,
                ledger,
                retriedRotation,
                abandonedLabel,
                rotationTries,
                Optional.of(executor),
                idSeed);
    }

    /** The same with other made-up ids. */
    public SecretsManagerSettings withIdSeed(long seed) {
        return new SecretsManagerSettings(
                region,
                account,
                clock,
                sleeper,
                latency,
                quota,
                ledger,
                retriedRotation,
                abandonedLabel,
                rotationTries,
                rotationExecutor,
                seed);
    }
}
