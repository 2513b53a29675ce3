package dev.atlasrotator.rotation;

import dev.atlasrotator.atlas.ServiceAccounts.SignIn;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.rotation.Decision.Removal;
import dev.atlasrotator.rotation.Decision.Removal.Why;
import dev.atlasrotator.rotation.Decision.Stop;
import dev.atlasrotator.rotation.Picture.AtlasView;
import dev.atlasrotator.rotation.Picture.Classified;
import dev.atlasrotator.rotation.Picture.Identity;
import dev.atlasrotator.rotation.Picture.Kind;
import dev.atlasrotator.rotation.Picture.Pending;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a revocation does. It may come twice, since command lines and SDKs repeat a call whose
 * answer is late: what consumers were just given is not taken from them again. Pure.
 */
public final class RevocationRules {
    /** A secret in use that is younger than this was made by the call before, for all one knows. */
    private static final Duration REPEATED_WITHIN = Duration.ofHours(1);

    /** What is to be done. */
    public sealed interface Plan {
        /** Rotate; once the new secret is promoted, the old ones go. */
        record Rotate() implements Plan {}

        /**
         * Delete these and make nothing.
         *
         * @param remark what was not revoked, and why
         */
        record Delete(List<Removal> removals, String remark) implements Plan {}

        /** What is pending has leaked: end that rotation, then delete it. */
        record Abandon(Decision.GiveUp attempt) implements Plan {}

        /** Do nothing, and say why. */
        record Refuse(Stop stop) implements Plan {}
    }

    private RevocationRules() {}

    /**
     * Decides.
     *
     * @param leaked the Atlas secret that has leaked, where the operator names it
     */
    public static Plan decide(Picture seen, Optional<SecretId> leaked) {
        if (seen.atlas() instanceof AtlasView.Closed(String why)) {
            return new Plan.Refuse(new Stop(Stop.Kind.CREDENTIAL, why));
        }
        return leaked.map(id -> named(seen, id)).orElseGet(() -> unnamed(seen));
    }

    private static Plan unnamed(Picture seen) {
        var current = seen.currentSecret();
        var repeated =
                current.filter(secret -> seen.now().isBefore(secret.createdAt().plus(REPEATED_WITHIN)));
        return repeated.map(secret -> onlySuperseded(seen, secret)).orElseGet(Plan.Rotate::new);
    }

    private static Plan onlySuperseded(Picture seen, AtlasSecret current) {
        var remark = "Secret "
                + current.id()
                + ", which is in use, was made at "
                + current.createdAt()
                + ", less than an hour ago: it was not revoked. If it has leaked itself,"
                + " call rotate with \"leaked\":\""
                + current.id()
                + "\".";
        return delete(seen, seen.all(Kind.SUPERSEDED), Why.REVOKED, remark);
    }

    private static Plan named(Picture seen, SecretId leaked) {
        if (seen.identity() instanceof Identity.Unclear(Set<SecretId> candidates) && candidates.contains(leaked)) {
            return refuse(Stop.Kind.REFUSED, Advice.unclear(seen, List.copyOf(candidates)) + " Nothing was changed.");
        }
        return seen.classified().stream()
                .filter(one -> one.secret().id().equals(leaked))
                .findFirst()
                .map(one -> named(seen, one))
                .orElseGet(() -> new Plan.Delete(
                        List.of(),
                        "Secret "
                                + leaked
                                + " is not among the secrets of account "
                                + seen.account()
                                + ": it is gone, and nothing was done."));
    }

    private static Plan named(Picture seen, Classified leaked) {
        var secret = leaked.secret();
        return switch (leaked.kind()) {
            case CURRENT -> new Plan.Rotate();
            case PENDING -> pending(seen, secret);
            case SUPERSEDED -> delete(seen, List.of(secret), Why.REVOKED, "");
            case ORPHAN -> delete(seen, List.of(secret), Why.ORPHAN, "");
            case EXPIRED -> delete(seen, List.of(secret), Why.EXPIRED, "");
            case YOUNG ->
                refuse(
                        Stop.Kind.UNAVAILABLE,
                        "Secret "
                                + secret.id()
                                + " was made at "
                                + secret.createdAt()
                                + ", and another run may be about to store it. Nothing was"
                                + " changed. Try again after "
                                + secret.createdAt().plus(Policy.LONGEST_RUN)
                                + ".");
            case SHARED ->
                refuse(
                        Stop.Kind.REFUSED,
                        "Secret "
                                + secret.id()
                                + " is in use in another stored secret. Nothing was changed."
                                + " Revoke it there.");
            case FOREIGN ->
                refuse(
                        Stop.Kind.REFUSED,
                        "Secret "
                                + secret.id()
                                + " was made outside of any rotation, and who uses it is not"
                                + " known here. Nothing was changed. Give its consumers another"
                                + " secret first.");
        };
    }

    private static Plan pending(Picture seen, AtlasSecret secret) {
        if (!seen.attemptIsAbandoned()) {
            return refuse(
                    Stop.Kind.CONFLICT,
                    "Secret "
                            + secret.id()
                            + " is being rotated in, since "
                            + seen.attemptBegan().map(Object::toString).orElse("a moment")
                            + ". Nothing was changed. Revoke it when that rotation is over, or"
                            + " after 15 minutes.");
        }
        if (currentIsOver(seen)) {
            return mayBeTheLast(seen, "the pending secret");
        }
        return seen.pending() instanceof Pending.Holds holds
                ? new Plan.Abandon(new Decision.GiveUp(
                        holds.version(), List.of(new Removal(secret.id(), Why.REVOKED)), "its secret has leaked"))
                : new Plan.Rotate();
    }

    private static Plan delete(Picture seen, List<AtlasSecret> secrets, Why why, String remark) {
        var mayBePromoted = seen.mayBePromotedUntil().filter(seen.now()::isBefore);
        if (mayBePromoted.isPresent()) {
            return refuse(
                    Stop.Kind.UNAVAILABLE,
                    "A secret of account "
                            + seen.account()
                            + " is younger than the one in use, and another run may be about to"
                            + " promote it. Nothing was changed. Try again after "
                            + Advice.seconds(mayBePromoted.get())
                            + ".");
        }
        if (why == Why.REVOKED && currentIsOver(seen)) {
            return mayBeTheLast(seen, "a superseded secret");
        }
        return new Plan.Delete(
                secrets.stream().map(one -> new Removal(one.id(), why)).toList(), remark);
    }

    private static boolean currentIsOver(Picture seen) {
        return seen.currentSignsIn().filter(SignIn.REJECTED::equals).isPresent()
                || seen.currentSecret().isEmpty();
    }

    private static Plan mayBeTheLast(Picture seen, String which) {
        return refuse(
                Stop.Kind.REFUSED,
                "What AWSCURRENT of "
                        + seen.stored().name()
                        + " holds does not work, so "
                        + which
                        + " may be the last one that does. Nothing was changed. Store a"
                        + " clientSecret that works, then ask again.");
    }

    private static Plan refuse(Stop.Kind kind, String why) {
        return new Plan.Refuse(new Stop(kind, why));
    }
}
