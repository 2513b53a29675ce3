package dev.atlasrotator.explore;

import dev.atlasrotator.simulator.atlas.AtlasSecret;
import java.time.Instant;
import java.util.Optional;

/** One Atlas secret from its making to its end, with the whole truth about it. */
final class Life implements Cloneable {
    AtlasAccount account;
    final String id;
    final String value;
    final Instant born;

    /** The run that made it; empty for one that a person made. */
    final Optional<Run> maker;

    AtlasSecret last;

    /** At which observation it was seen first. */
    long bornAtObservation = -1;

    boolean wasCurrent;

    /** After how many calls in all a person has put it under AWSCURRENT last; -1 if nobody has. */
    long restoredAt = -1;

    /** When that was, by Atlas's clock. */
    Instant restoredAtTime = Instant.EPOCH;

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

    /** When AWSCURRENT of a managed stored secret last moved off it. */
    Optional<Instant> superseded = Optional.empty();

    /** Whether it was a run that moved AWSCURRENT off it. */
    boolean supersededByRun;

    /** Whether neither service tells when it was superseded. */
    boolean supersededUnseen;

    /** The ARN of the stored secret that has let go of it last. */
    String supersededIn = "";

    Life(AtlasAccount account, AtlasSecret first, String value, Optional<Run> maker) {
        this.account = account;
        this.id = first.id();
        this.value = value;
        this.born = first.createdAt();
        this.maker = maker;
        this.last = first;
    }

    /** The same in a copy of its account. */
    Life copy(AtlasAccount into) {
        try {
            var copy = (Life) clone();
            copy.account = into;
            return copy;
        } catch (CloneNotSupportedException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Whether it signs in at this time. */
    boolean works(Instant now) {
        return !ended && now.isBefore(last.expiresAt());
    }
}
