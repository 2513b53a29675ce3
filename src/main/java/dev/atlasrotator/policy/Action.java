package dev.atlasrotator.policy;

import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.policy.CreatePolicy.Overlap;
import dev.atlasrotator.policy.Decision.Removal;
import dev.atlasrotator.snapshot.Snapshot;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Something that was done, or in a dry run would be. Its text is what the report shows. */
public sealed interface Action {
    record Created(String id) implements Action {
        @Override
        public String toString() {
            return "created " + id;
        }
    }

    record Promoted(String id) implements Action {
        @Override
        public String toString() {
            return "promoted " + id;
        }
    }

    record Deleted(SecretId id, Decision.Removal.Why why) implements Action {
        @Override
        public String toString() {
            return "deleted " + id + " (" + why.name().toLowerCase(Locale.ROOT) + ")";
        }
    }

    /** Secrets Manager was asked to rotate. */
    record Requested() implements Action {
        @Override
        public String toString() {
            return "requested";
        }
    }

    /** An attempt that stood was taken up again. */
    record Resumed() implements Action {
        @Override
        public String toString() {
            return "resumed";
        }
    }

    /** An attempt that could never work was ended. */
    record Abandoned() implements Action {
        @Override
        public String toString() {
            return "gaveUp";
        }
    }

    /**
     * What a decision comes to. A dry run prints it; a run reports the same, one by one, as it does them.
     *
     * @param overlap whether superseded secrets go at once when another is promoted
     */
    static List<Action> of(Decision decision, Snapshot seen, Overlap overlap) {
        return switch (decision) {
            case Decision.Nothing nothing -> List.of();
            case Decision.Refuse refuse -> List.of();
            case Decision.RequestRotation request -> List.of(new Requested());
            case Decision.Delete(List<Removal> removals) -> deletions(removals);
            case Decision.Create create ->
                rotation(create.first(), List.of(new Created("a new one")), "the new one", seen, overlap);
            case Decision.Resume resume ->
                rotation(
                        resume.first(),
                        List.of(new Resumed()),
                        seen.pendingId().map(SecretId::value).orElse("the pending one"),
                        seen,
                        overlap);
            case Decision.Abandon abandon ->
                switch (abandon.next()) {
                    case NOTHING -> join(deletions(abandon.first()), List.of(new Abandoned()));
                    case REQUEST -> join(deletions(abandon.first()), List.of(new Abandoned(), new Requested()));
                    case ROTATE ->
                        rotation(
                                abandon.first(),
                                List.of(new Abandoned(), new Created("a new one")),
                                "the new one",
                                seen,
                                overlap);
                };
        };
    }

    private static List<Action> rotation(
            List<Removal> first, List<Action> begin, String promoted, Snapshot seen, Overlap overlap) {
        var revoked = overlap == Overlap.KEPT ? List.<Action>of() : deletions(RevocationPolicy.revocable(seen, first));
        return join(join(deletions(first), begin), join(List.of(new Promoted(promoted)), revoked));
    }

    private static List<Action> deletions(List<Removal> removals) {
        return removals.stream()
                .<Action>map(removal -> new Deleted(removal.id(), removal.why()))
                .toList();
    }

    private static List<Action> join(List<Action> one, List<Action> other) {
        return Stream.concat(one.stream(), other.stream()).toList();
    }
}
