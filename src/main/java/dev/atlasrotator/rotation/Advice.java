package dev.atlasrotator.rotation;

import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.rotation.Picture.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a person should know or do, in sentences. Whoever does what they say, at once or an hour
 * later, locks nobody out: what may be in use is never advised away, and whatever is to be deleted
 * by hand is to be looked at again right before.
 */
public final class Advice {
    private Advice() {}

    /** A secret that no rotation of ours accounts for. */
    public static String foreign(Picture seen, AtlasSecret secret, Duration overlap) {
        var until = seen.overlapEnds(overlap);
        if (seen.mayBeHeld().contains(secret.id()) && !seen.isPastOverlap(overlap)) {
            return "Secret "
                    + secret.id()
                    + " may be what an earlier version of "
                    + seen.stored().name()
                    + " holds, without its id. It is left alone: its consumers have until "
                    + seconds(until)
                    + ".";
        }
        return "Secret "
                + secret.id()
                + " was made at "
                + secret.createdAt()
                + " outside of any rotation, and "
                + secret.lastUsedAt().map(used -> "was last used at " + used).orElse("was never used")
                + ". It takes the account's second slot. Find out who made it, and who uses it. If"
                + " it is a day old, nobody uses it, and a status that you ask for right before"
                + " still calls it foreign, delete it in Atlas.";
    }

    /** Which secret AWSCURRENT holds is not confirmed. */
    public static String unclear(Picture seen, List<SecretId> candidates) {
        return "It is not confirmed which secret of account "
                + seen.account()
                + " AWSCURRENT of "
                + seen.stored().name()
                + " holds: "
                + ids(candidates.stream())
                + ". Do not delete any of them. Store the value again with \"secretId\" set to the"
                + " id of the one that its clientSecret belongs to; if that is not known, make a"
                + " new secret in Atlas where there is room for one, and store it with its id.";
    }

    /** Superseded, past its overlap, and used. */
    public static String stillUsed(Picture seen, AtlasSecret secret) {
        return "Secret "
                + secret.id()
                + " was superseded at "
                + seconds(seen.promoted())
                + " and is still used, last at "
                + secret.lastUsedAt().map(Object::toString).orElse("an unknown time")
                + "; Atlas ends it at "
                + secret.expiresAt()
                + ". Find the consumer that still holds it and restart it, or call rotate with"
                + " \"revokeOld\":true if it has leaked.";
    }

    /** Several stored secrets hold the account; empty where only one in sight does. */
    public static Optional<String> shared(Picture seen) {
        var copies = seen.elsewhere().copies();
        if (copies.isEmpty()) {
            return Optional.empty();
        }
        var names = String.join(", ", copies.stream().map(Elsewhere.Copy::name).toList());
        var own = seen.currentSecret();
        var theirs = seen.all(Kind.SHARED).stream()
                .map(secret -> " Secret "
                        + secret.id()
                        + " is in use in "
                        + String.join(", ", seen.elsewhere().inUse().getOrDefault(secret.id(), List.of()))
                        + " and expires at "
                        + secret.expiresAt()
                        + ".")
                .toList();
        var ends = own.filter(secret -> !theirs.isEmpty())
                .map(secret -> " The value of " + seen.stored().name() + " expires at " + secret.expiresAt() + ".")
                .orElse("");
        return Optional.of("The same account is also in "
                + names
                + ". A rotation of one shortens the life of what the others hold to seven"
                + " days. Keep one and replicate it, or leave one managed and let the"
                + " others be copies of it."
                + String.join("", theirs)
                + ends);
    }

    /**
     * A sentence that says how long the secret in use still works, where it is near its end; else
     * empty.
     */
    public static String urgency(Picture seen) {
        if (!seen.isNearItsEnd()) {
            return "";
        }
        return seen.inUse().stream()
                .min(Comparator.comparing(AtlasSecret::expiresAt))
                .map(first ->
                        "This is urgent: the secret in use, " + first.id() + ", ends at " + first.expiresAt() + ".")
                .orElse("This is urgent: the secret in use does not work any more.");
    }

    /** The same after another sentence. */
    static String andUrgency(Picture seen) {
        var urgency = urgency(seen);
        return urgency.isEmpty() ? urgency : " " + urgency;
    }

    static String ids(Stream<SecretId> ids) {
        return String.join(", ", ids.map(SecretId::value).sorted().toList());
    }

    static Instant seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS);
    }
}
