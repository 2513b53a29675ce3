package dev.atlasrotator.explore;

import dev.atlasrotator.json.Json;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A stored secret, with the whole truth about it: what was current when, and who moved it. */
final class Stored {
    final String name;
    final String arn;

    /** The account that it began with; people may write another one's credential into it. */
    final AtlasAccount home;

    /** Whether Secrets Manager rotates it. */
    final boolean bySecretsManager;

    /** Whether an attacker may write it, who holds nothing of the other accounts. */
    final boolean isAttackers;

    private final Map<String, Optional<String>> secretOfVersion = new LinkedHashMap<>();

    /** Whether it has the tag that puts it into the sweep. */
    boolean isManaged = true;

    @Nullable
    String current;

    /** The same from its beginning, by how many calls there had been in all. */
    final NavigableMap<Long, String> currents = new TreeMap<>();

    /** Whatever has been there. */
    final Set<String> wereCurrent = new HashSet<>();

    /** When AWSCURRENT moved last. */
    Instant movedAt = Instant.EPOCH;

    /** At which observation that was seen. */
    long movedAtObservation = -1;

    /** Whether a person has moved it last, by its label: no version's date tells when. */
    boolean movedByLabel;

    /** After how many calls in all a person moved it last; -1 if nobody did. */
    long movedByPersonAt = -1;

    /** Whether a person has written what does not sign in. */
    boolean brokenByPerson;

    Optional<String> attempt = Optional.empty();
    Instant rotationBegan = Instant.EPOCH;

    /** When the attempt before that one began. */
    Instant attemptBeganBefore = Instant.EPOCH;

    /** After how many calls in all the last attempt ended. */
    long attemptEndedAt = -1;

    /** After how many calls in all a person ended an attempt last; -1 if nobody did. */
    long attemptEndedByPersonAt = -1;

    /** After how many calls in all an attempt came to its end last; -1 if none did. */
    long attemptPromotedAt = -1;

    Stored(String name, String arn, AtlasAccount home, boolean bySecretsManager, boolean isAttackers) {
        this.name = name;
        this.arn = arn;
        this.home = home;
        this.bySecretsManager = bySecretsManager;
        this.isAttackers = isAttackers;
    }

    /** The same truth over the copy of its account, which goes its own way from now on. */
    Stored copy(AtlasAccount copiedHome) {
        var copy = new Stored(name, arn, copiedHome, bySecretsManager, isAttackers);
        copy.secretOfVersion.putAll(secretOfVersion);
        copy.isManaged = isManaged;
        copy.current = current;
        copy.currents.putAll(currents);
        copy.wereCurrent.addAll(wereCurrent);
        copy.movedAt = movedAt;
        copy.movedAtObservation = movedAtObservation;
        copy.movedByLabel = movedByLabel;
        copy.movedByPersonAt = movedByPersonAt;
        copy.brokenByPerson = brokenByPerson;
        copy.attempt = attempt;
        copy.rotationBegan = rotationBegan;
        copy.attemptBeganBefore = attemptBeganBefore;
        copy.attemptEndedAt = attemptEndedAt;
        copy.attemptEndedByPersonAt = attemptEndedByPersonAt;
        copy.attemptPromotedAt = attemptPromotedAt;
        return copy;
    }

    /** What a value says of the Atlas secret in it. */
    static Optional<String> clientSecret(String text) {
        return Json.object(text)
                .map(json -> json.get("clientSecret"))
                .filter(String.class::isInstance)
                .map(String.class::cast);
    }

    /** The same of a version, which never changes once it has a value. */
    Optional<String> clientSecretOf(
            String version, Optional<String> text, Function<String, Optional<String>> credential) {
        var known = secretOfVersion.get(version);
        if (known == null) {
            known = text.flatMap(credential);
            if (text.isPresent()) {
                secretOfVersion.put(version, known);
            }
        }
        return known;
    }

    /** Whether it was under AWSCURRENT at any time between these numbers of calls in all. */
    boolean wasCurrent(String version, long from, long to) {
        return currents.floorEntry(from).getValue().equals(version)
                || currents.subMap(from, true, to, true).containsValue(version);
    }

    /** Whether the function looks after it for somebody who holds what it holds. */
    boolean isOurs() {
        return isManaged && !isAttackers;
    }
}
