package dev.atlasrotator.snapshot;

import dev.atlasrotator.atlas.AccountReader;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.retry.Retrier.Attempt;
import dev.atlasrotator.retry.RetryPolicy;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.SecretVault.Reading;
import dev.atlasrotator.secretsmanager.SecretVault.Version;
import dev.atlasrotator.secretsmanager.SecretVault.VersionSelector;
import dev.atlasrotator.secretsmanager.StoredSecret;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Reads both services into a {@link Snapshot}. Secrets Manager comes first: what another run creates
 * meanwhile then shows as a new secret, never as an orphan or a foreign one. It reads no more than the
 * decision can turn on, since a whole rotation has seven calls to Secrets Manager.
 */
public final class SnapshotReader {
    /**
     * Secrets Manager is eventually consistent: what must be there is read again, for about
     * three seconds.
     */
    private static final RetryPolicy CONSISTENCY = new RetryPolicy(5, Duration.ofMillis(400), Duration.ofSeconds(2));

    /** Whom the snapshot is for. */
    public enum Purpose {
        /** A step that Secrets Manager called: it knows itself whether the attempt is under way. */
        STEP,
        /** A run of our own: whether an attempt is under way is told by when it began. */
        RUN,
        /**
         * A run of a sweep: it does not begin one rotation after the other, and tries the stored
         * value, since it is read closely for a reason.
         */
        SWEEP,
        /**
         * The same, only to see whether there is anything to do: an admin credential may read
         * without having to act.
         */
        SURVEY,
        /** A survey that tries the stored value as well. */
        TRIAL;

        /** Whether the stored value is tried also where one living secret is recorded with it. */
        boolean triesValue() {
            return this == RUN || this == SWEEP || this == TRIAL;
        }

        /** Whether the other stored secrets of an account are known, if there are any. */
        boolean seesFleet() {
            return this == SWEEP || this == SURVEY || this == TRIAL;
        }
    }

    /** What is read from. */
    record Sources(SecretVault vault, AccountReader accounts, AdminCredentials admins, InstantSource clock) {}

    /**
     * What is to be read.
     *
     * @param current the version under AWSCURRENT
     * @param copies the ARNs of the other stored secrets that hold the same account
     * @param began when the reading began, by our own clock
     */
    record Request(
            StoredSecret stored,
            Version current,
            Purpose purpose,
            List<String> copies,
            Instant began,
            Deadline deadline) {}

    private final Sources sources;
    private final Retrier retrier;

    public SnapshotReader(
            SecretVault vault, AccountReader accounts, AdminCredentials admins, Retrier retrier, InstantSource clock) {
        this.sources = new Sources(vault, accounts, admins, clock);
        this.retrier = retrier;
    }

    /**
     * Reads one stored secret, without the others.
     *
     * @param stored as described a moment ago
     * @throws RotatorException.Credential if what AWSCURRENT holds is not ours to understand
     */
    public Snapshot read(StoredSecret stored, Purpose purpose, Deadline deadline) {
        return read(stored, purpose, List.of(), deadline);
    }

    /**
     * Reads one stored secret, and at what others hold of the same account.
     *
     * @param stored as described a moment ago
     * @param copies the ARNs of the others
     * @throws RotatorException.Credential if what AWSCURRENT holds is not ours to understand
     */
    public Snapshot read(StoredSecret stored, Purpose purpose, List<String> copies, Deadline deadline) {
        var seen = readCurrent(stored, deadline);
        return snapshot(seen, purpose, copies, deadline);
    }

    /**
     * Reads from afar: a stored secret as it was listed and the value that came in a batch:
     * cheap, and a few minutes behind perhaps. Enough to see that nothing is to be done; whoever
     * acts reads again.
     *
     * @param purpose a survey, or a trial
     */
    public Snapshot survey(StoredSecret listed, Reading current, Purpose purpose, Deadline deadline) {
        return snapshot(new Labelled(listed, current), purpose, List.of(), deadline);
    }

    private Snapshot snapshot(Labelled seen, Purpose purpose, List<String> copies, Deadline deadline) {
        var current = version(seen.stored(), seen.current());
        var began = sources.clock().instant();
        return new SnapshotReading(sources, new Request(seen.stored(), current, purpose, copies, began, deadline))
                .snapshot();
    }

    /** A stored secret as it was described, and what was under AWSCURRENT right after that. */
    private record Labelled(StoredSecret stored, Reading current) {
        /** Whether both tell of the same version: AWSCURRENT may move between the two calls. */
        private boolean isConsistent() {
            return switch (current) {
                case Reading.Found(Version found) ->
                    stored.version(StoredSecret.CURRENT)
                            .filter(id -> !id.equals(found.id()))
                            .isEmpty();
                // A version that bears the label may just not be readable yet; without one there
                // is nothing to wait for.
                case Reading.Absent absent ->
                    stored.version(StoredSecret.CURRENT).isEmpty();
                case Reading.Binary binary -> true;
                case Reading.StageMoved moved -> true;
            };
        }

        private Labelled orConflict() {
            if (current instanceof Reading.Found) {
                throw new RotatorException.Conflict(
                        "AWSCURRENT of %s has moved while this run read it. Nothing was changed; try again."
                                .formatted(stored.name()));
            }
            return this;
        }
    }

    /** Reads the value under AWSCURRENT, and insists: it must be there, where the labels say. */
    private Labelled readCurrent(StoredSecret described, Deadline deadline) {
        return retrier.run(CONSISTENCY, deadline, attempt -> {
            var stored = attempt == 1 ? described : sources.vault().describe(described.arn(), deadline);
            var which = new VersionSelector.Staged(StoredSecret.CURRENT);
            var seen = new Labelled(stored, sources.vault().read(stored.arn(), which, deadline));
            return seen.isConsistent()
                    ? new Attempt.Done<>(seen)
                    : new Attempt.Retry<>(Optional.empty(), seen::orConflict);
        });
    }

    private static Version version(StoredSecret stored, Reading reading) {
        return switch (reading) {
            case Reading.Found(Version version) -> version;
            case Reading.Binary binary -> throw new RotatorException.Credential("""
                The value of %s is binary. Nothing was changed. Store a JSON object with clientId and groupId \
                or orgId as text.\
                """.formatted(stored.name()));
            case Reading.Absent _, Reading.StageMoved _ ->
                throw new RotatorException.Credential("""
                    Secret %s has no value under AWSCURRENT. Nothing was changed. Store a JSON object with clientId \
                    and groupId or orgId; clientSecret may be left out where an admin credential may act.\
                    """.formatted(stored.name()));
        };
    }
}
