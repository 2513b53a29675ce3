package dev.atlasrotator.snapshot;

import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.Binding;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.credential.StoredValue;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which Atlas id belongs to which client secret, as far as the versions that were read tell. People
 * edit one key of a value and leave the others, so what is recorded is weighed:
 *
 * <ul>
 *   <li>A binding is certain, wherever it is: it was stored together with its client secret.
 *   <li>An id beside two client secrets belongs to the one in the older version: whoever pasted the
 *       other one later has left the id as it was.
 *   <li>A client secret beside two ids belongs to the one that more versions hold; where as many
 *       hold the one as the other, nothing is recorded of it.
 *   <li>An id that was written beside a client secret which an earlier version already held is not
 *       its id, if its secret was made after that: whoever has written it means another value.
 *   <li>An id that was written ahead, beside a client secret that is bound to another one, is not
 *       believed of what is pasted over that, until somebody stores that value again with it, as
 *       {@code CURRENT_SECRET_UNCONFIRMED} advises.
 * </ul>
 *
 * Pure.
 */
final class RecordedIds {
    /**
     * A value that was read, and when its version was created.
     *
     * @param arn the stored secret's
     * @param created by Secrets Manager's clock
     */
    record Held(String arn, StoredValue value, Instant created) {}

    private record Pair(SecretId id, Sensitive clientSecret) {}

    private final Map<SecretId, Binding> bound = new HashMap<>();

    /** Since when a version holds each client secret. */
    private final Map<Sensitive, Instant> firstHeld = new HashMap<>();

    /** What people's versions say, with the number of versions that say it. */
    private final Map<Pair, Integer> written = new LinkedHashMap<>();

    /** What people's versions say, and cannot be. */
    private final Set<Pair> refuted = new HashSet<>();

    /** The ids that were beside a client secret which is bound to another one. */
    private final Set<SecretId> misplaced = new HashSet<>();

    /** The ids that people's versions hold beside several client secrets, with the one it was. */
    private final Map<SecretId, Sensitive> doubtful = new HashMap<>();

    private final boolean contradictory;

    /**
     * Weighs them.
     *
     * @param wasMadeAfter whether the secret with this id was made at Atlas after this time of
     *     Secrets Manager's, for all that is known
     */
    RecordedIds(Collection<Held> versions, BiPredicate<SecretId, Instant> wasMadeAfter) {
        for (Held held : versions) {
            held.value().binding().ifPresent(one -> bound.putIfAbsent(one.id(), one));
        }
        var before = new HashMap<String, StoredValue>();
        var inOrder =
                versions.stream().sorted(Comparator.comparing(Held::created)).toList();
        for (Held held : inOrder) {
            write(held, Optional.ofNullable(before.put(held.arn(), held.value())), wasMadeAfter);
        }
        contradictory = hasTwoOfOne(Pair::id) || hasTwoOfOne(Pair::clientSecret);
        settle();
    }

    private void write(Held held, Optional<StoredValue> valueBefore, BiPredicate<SecretId, Instant> wasMadeAfter) {
        var value = held.value();
        if (value.clientSecret().isEmpty()) {
            return;
        }
        var clientSecret = value.clientSecret().get();
        // Of the first version nothing is said: RotateSecret may have registered it long before.
        var before = Optional.ofNullable(firstHeld.putIfAbsent(clientSecret, held.created()));
        var own = boundId(clientSecret);
        if (own.isPresent()) {
            value.recordedId().filter(id -> !own.equals(Optional.of(id))).ifPresent(misplaced::add);
        }
        if (own.isPresent() || value.secretId().isEmpty()) {
            return;
        }
        var pair = new Pair(value.secretId().get(), clientSecret);
        boolean isFirst = !written.containsKey(pair);
        boolean isRepeated = valueBefore.filter(value::isSameButForItsRecord).isPresent();
        // A binding has decided it, whichever way; and who wrote it ahead of its value may have pasted yet another one.
        if (bound.containsKey(pair.id()) || (isFirst && !isRepeated && misplaced.contains(pair.id()))) {
            return;
        }
        if (isFirst && before.filter(at -> wasMadeAfter.test(pair.id(), at)).isPresent()) {
            refuted.add(pair);
        } else {
            written.merge(pair, 1, Integer::sum);
        }
    }

    /** Whether people's versions hold an id beside two client secrets, or the other way round. */
    private boolean hasTwoOfOne(Function<Pair, Object> part) {
        return written.keySet().stream().map(part).distinct().count() < written.size();
    }

    /**
     * Leaves one client secret to each id: the first that it was beside while neither had another.
     * So a paste leaves the id with the client secret before, and an id that was edited ahead of
     * its client secret waits for that. Then leaves the id that more versions hold to each client
     * secret.
     */
    private void settle() {
        var first = new HashMap<SecretId, Sensitive>();
        for (Pair pair : written.keySet()) { // the oldest first
            if (!first.containsKey(pair.id()) && !first.containsValue(pair.clientSecret())) {
                first.put(pair.id(), pair.clientSecret());
            }
        }
        written.keySet().removeIf(pair -> {
            var own = first.getOrDefault(pair.id(), pair.clientSecret());
            boolean isAnothers = !own.equals(pair.clientSecret());
            if (isAnothers) {
                doubtful.put(pair.id(), own);
            }
            return isAnothers;
        });
        written.keySet()
                .removeIf(pair -> of(pair.clientSecret())
                        .filter(id -> !id.equals(pair.id()))
                        .isPresent());
    }

    private Optional<SecretId> boundId(Sensitive clientSecret) {
        return bound.values().stream()
                .filter(one -> one.fits(clientSecret))
                .map(Binding::id)
                .findFirst();
    }

    /** The id that belongs to this client secret, where one is recorded. */
    Optional<SecretId> of(Sensitive clientSecret) {
        return boundId(clientSecret).or(() -> writtenId(clientSecret));
    }

    private Optional<SecretId> writtenId(Sensitive clientSecret) {
        var byVersions = written.keySet().stream()
                .filter(pair -> pair.clientSecret().equals(clientSecret))
                .collect(Collectors.groupingBy(written::get, TreeMap::new, Collectors.toList()));
        return Optional.ofNullable(byVersions.lastEntry())
                .map(Map.Entry::getValue)
                .filter(most -> most.size() == 1)
                .map(most -> most.getFirst().id());
    }

    /** Whether this id belongs to another client secret than this one. */
    boolean isOfAnother(SecretId id, Sensitive clientSecret) {
        var binding = Optional.ofNullable(bound.get(id));
        return binding.isPresent()
                ? binding.filter(one -> one.fits(clientSecret)).isEmpty()
                : written.keySet().stream()
                        .filter(pair -> !pair.clientSecret().equals(clientSecret))
                        .anyMatch(pair -> of(pair.clientSecret()).equals(Optional.of(id)));
    }

    /** The ids that belong to a client secret of these values; one that is contradicted belongs to none. */
    Set<SecretId> known(Collection<StoredValue> values) {
        var known = new HashSet<>(VersionHistory.ids(values));
        known.retainAll(ids());
        values.forEach(value -> value.supersededId().ifPresent(known::add));
        return known;
    }

    /** All ids that belong to a client secret. */
    Set<SecretId> ids() {
        var ofTheirs = written.keySet().stream()
                .filter(pair -> of(pair.clientSecret()).equals(Optional.of(pair.id())))
                .map(Pair::id);
        return Stream.concat(bound.keySet().stream(), ofTheirs).collect(Collectors.toSet());
    }

    /**
     * The ids that people have written beside several client secrets, each with the one that it is
     * taken to belong to. Where that one does not authenticate although the secret lives, it was a
     * mistake.
     */
    Map<SecretId, Sensitive> doubtful() {
        return Map.copyOf(doubtful);
    }

    /** Whether an id is bound: then no version that was not read can say otherwise. */
    boolean isBound(SecretId id) {
        return bound.containsKey(id);
    }

    /**
     * Those of the living secrets that a client secret can be: the one that it is recorded to be,
     * where that lives; else all that are not recorded to be another.
     *
     * @param living those that were made before the client secret was stored
     */
    List<AtlasSecret> candidates(Sensitive clientSecret, List<AtlasSecret> living) {
        var recorded = of(clientSecret);
        var itself = living.stream()
                .filter(one -> recorded.equals(Optional.of(one.id())))
                .toList();
        if (!itself.isEmpty() || recorded.filter(this::isBound).isPresent()) {
            return itself;
        }
        return living.stream()
                .filter(one -> !isOfAnother(one.id(), clientSecret))
                .filter(one -> !refuted.contains(new Pair(one.id(), clientSecret)))
                .toList();
    }

    /**
     * Whether no version that was not read can change which of the living secrets a client secret
     * is.
     *
     * @param living those that were made before the client secret was stored
     */
    boolean isSettled(Sensitive clientSecret, List<AtlasSecret> living) {
        var candidates = candidates(clientSecret, living);
        if (candidates.size() != 1) {
            return false;
        }
        var id = candidates.getFirst().id();
        if (isBound(id)) {
            return true;
        }
        var others = living.stream()
                .map(AtlasSecret::id)
                .filter(one -> !one.equals(id))
                .filter(one -> !refuted.contains(new Pair(one, clientSecret)));
        return of(clientSecret).equals(Optional.of(id))
                ? !contradictory && others.allMatch(one -> isOfAnother(one, clientSecret))
                : others.allMatch(this::isBound);
    }
}
