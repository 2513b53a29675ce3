package dev.atlasrotator.policy;

import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.policy.CreatePolicy.Overlap;
import dev.atlasrotator.policy.Decision.Removal;
import dev.atlasrotator.snapshot.Snapshot;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Something that was done, or in a dry run would be. */
public sealed interface Action {
    /** As the report names it: "created", "promoted" and so on. */
    default String type() {
        return getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    /** The Atlas secret that it is about, where it is about one and its id is known. */
    default Optional<SecretId> secretId() {
        return Optional.empty();
    }

    /** The same as the report and the log name it. */
    default Map<String, Object> fields() {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("type", type());
        secretId().ifPresent(id -> fields.put("secretId", id.value()));
        if (this instanceof Deleted deleted) {
            fields.put("reason", deleted.why().text());
        }
        if (this instanceof Created created && !created.keys().isEmpty()) {
            fields.put("keys", created.keys());
        }
        return fields;
    }

    /**
     * A secret was created at Atlas.
     *
     * @param secretId in a dry run it has none yet
     * @param keys the other keys of the stored value that held the old client secret, and get the new one
     */
    record Created(Optional<SecretId> secretId, List<String> keys) implements Action {}

    /** AWSCURRENT was moved to a new value. */
    record Promoted(Optional<SecretId> secretId) implements Action {}

    /** A secret was deleted at Atlas. */
    record Deleted(SecretId id, Removal.Why why) implements Action {
        @Override
        public Optional<SecretId> secretId() {
            return Optional.of(id);
        }
    }

    /** Secrets Manager was asked to rotate. */
    record Requested() implements Action {}

    /** A rotation in progress was taken up again. */
    record Resumed() implements Action {}

    /** A rotation in progress that could never work was ended. */
    record Abandoned() implements Action {}

    /**
     * What a decision comes to. A dry run prints it; a run reports the same, one by one, as it does them.
     *
     * @param overlap whether superseded secrets go at once when another is promoted
     */
    static List<Action> of(Decision decision, Snapshot seen, Overlap overlap) {
        return switch (decision) {
            case Decision.Nothing _, Decision.Refuse _ -> List.of();
            case Decision.RequestRotation _ -> List.of(new Requested());
            case Decision.Delete delete -> deletions(delete.removals());
            case Decision.RevokePending(var pending, SecretId leaked) ->
                List.of(new Abandoned(), new Deleted(leaked, Removal.Why.REVOKED));
            case Decision.Create create ->
                rotation(
                        create.first(),
                        List.of(new Created(Optional.empty(), seen.current().copies())),
                        Optional.empty(),
                        seen,
                        overlap);
            case Decision.Resume resume ->
                rotation(resume.first(), List.of(new Resumed()), seen.pendingId(), seen, overlap);
            case Decision.Abandon abandon ->
                switch (abandon.next()) {
                    case NOTHING -> join(deletions(abandon.first()), List.of(new Abandoned()));
                    case REQUEST -> join(deletions(abandon.first()), List.of(new Abandoned(), new Requested()));
                    case ROTATE ->
                        rotation(
                                abandon.first(),
                                List.of(
                                        new Abandoned(),
                                        new Created(
                                                Optional.empty(), seen.current().copies())),
                                Optional.empty(),
                                seen,
                                overlap);
                };
        };
    }

    private static List<Action> rotation(
            List<Removal> first, List<Action> begin, Optional<SecretId> promoted, Snapshot seen, Overlap overlap) {
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
