package dev.atlasrotator.explore;

import dev.atlasrotator.fake.AtlasSecret;
import dev.atlasrotator.json.Json;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A stored secret and its account, with the whole truth about them: who made which Atlas secret,
 * when it was superseded, who ended it.
 */
final class Stored {
    /** One Atlas secret from its making to its end. */
    static final class Life {
        final String id;
        final String value;
        final Instant born;

        /** The run that made it; empty for one that a person made. */
        final Optional<Run> maker;

        AtlasSecret last;
        boolean wasCurrent;

        /** After how many calls in all a person has gone back to it; -1 if nobody has. */
        long restoredAt = -1;

        /** Whether no living secret from before its attempt was there when it was made. */
        boolean besideNone;

        boolean ended;
        boolean endedByPerson;

        /** After how many calls in all a person has ended it; -1 if nobody has. */
        long endedAt = -1;

        /** Whether it had expired before anybody deleted it. */
        boolean endedByAtlas;

        /** Whether a run has deleted it that an operator had asked to revoke. */
        boolean revoked;

        /** Whether an operator has asked for a revocation since it was made. */
        boolean isWantedGone;

        Optional<Instant> superseded = Optional.empty();

        /** Whether neither service tells when it was superseded. */
        boolean supersededUnseen;

        Life copy() {
            var copy = new Life(last, value, maker, born);
            copy.wasCurrent = wasCurrent;
            copy.restoredAt = restoredAt;
            copy.ended = ended;
            copy.besideNone = besideNone;
            copy.endedByPerson = endedByPerson;
            copy.endedAt = endedAt;
            copy.endedByAtlas = endedByAtlas;
            copy.revoked = revoked;
            copy.isWantedGone = isWantedGone;
            copy.superseded = superseded;
            copy.supersededUnseen = supersededUnseen;
            return copy;
        }

        Life(AtlasSecret first, String value, Optional<Run> maker) {
            this(first, value, maker, first.createdAt());
        }

        private Life(AtlasSecret first, String value, Optional<Run> maker, Instant born) {
            this.id = first.id();
            this.value = value;
            this.born = born;
            this.maker = maker;
            this.last = first;
        }
    }

    /** The same truth, which goes its own way from now on. */
    Stored copy() {
        var copy = new Stored(name, arn, clientId, groupId, bySecretsManager, isStrangers);
        lives.forEach((id, life) -> copy.lives.put(id, life.copy()));
        copy.secretOfVersion.putAll(secretOfVersion);
        copy.there = there;
        copy.current = current;
        copy.currents.putAll(currents);
        copy.movedAt = movedAt;
        copy.movedByPersonAt = movedByPersonAt;
        copy.brokenByPerson = brokenByPerson;
        copy.attempt = attempt;
        copy.attemptBegan = attemptBegan;
        copy.attemptBeganBefore = attemptBeganBefore;
        copy.attemptEndedAt = attemptEndedAt;
        copy.attemptEndedByPersonAt = attemptEndedByPersonAt;
        copy.attemptPromotedAt = attemptPromotedAt;
        return copy;
    }

    final String name;
    final String arn;
    final String clientId;
    final String groupId;

    /** Whether Secrets Manager rotates it. */
    final boolean bySecretsManager;

    /** Whether a stranger may write it, who holds nothing of the other accounts. */
    final boolean isStrangers;

    final Map<String, Life> lives = new LinkedHashMap<>();
    private final Map<String, Optional<String>> secretOfVersion = new LinkedHashMap<>();
    List<AtlasSecret> there = List.of();
    @Nullable String current;

    /** The same from its beginning, by how many calls there had been in all. */
    final NavigableMap<Long, String> currents = new TreeMap<>();

    /** When AWSCURRENT moved last. */
    Instant movedAt = Instant.EPOCH;

    /** After how many calls in all a person moved it last; -1 if nobody did. */
    long movedByPersonAt = -1;

    /** Whether a person has written what does not sign in. */
    boolean brokenByPerson;

    Optional<String> attempt = Optional.empty();
    Instant attemptBegan = Instant.EPOCH;

    /** When the attempt before that one began. */
    Instant attemptBeganBefore = Instant.EPOCH;

    /** After how many calls in all the last attempt ended. */
    long attemptEndedAt = -1;

    /** After how many calls in all a person ended an attempt last; -1 if nobody did. */
    long attemptEndedByPersonAt = -1;

    /** After how many calls in all an attempt came to its end last; -1 if none did. */
    long attemptPromotedAt = -1;

    Stored(
            String name,
            String arn,
            String clientId,
            String groupId,
            boolean bySecretsManager,
            boolean isStrangers) {
        this.name = name;
        this.arn = arn;
        this.clientId = clientId;
        this.groupId = groupId;
        this.bySecretsManager = bySecretsManager;
        this.isStrangers = isStrangers;
    }

    /** What a value says of the Atlas secret in it. */
    static Optional<String> clientSecret(String text) {
        return Json.object(text)
                .map(json -> json.get("clientSecret"))
                .filter(String.class::isInstance)
                .map(String.class::cast);
    }

    /** The same of a version, which never changes once it has a value. */
    Optional<String> clientSecretOf(String version, Optional<String> text) {
        var known = secretOfVersion.get(version);
        if (known == null) {
            known = text.flatMap(Stored::clientSecret);
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

    Optional<Life> withValue(String value) {
        for (Life life : lives.values()) {
            if (life.value.equals(value)) {
                return Optional.of(life);
            }
        }
        return Optional.empty();
    }

    Optional<Life> life(String id) {
        return Optional.ofNullable(lives.get(id));
    }

    /** The lives that Atlas still has. */
    List<Life> living() {
        var living = new ArrayList<Life>(2);
        for (AtlasSecret one : there) {
            life(one.id()).ifPresent(living::add);
        }
        return living;
    }
}
