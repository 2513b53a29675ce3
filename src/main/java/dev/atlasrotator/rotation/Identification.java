package dev.atlasrotator.rotation;

import dev.atlasrotator.atlas.ServiceAccounts;
import dev.atlasrotator.atlas.ServiceAccounts.Answer;
import dev.atlasrotator.atlas.ServiceAccounts.SignIn;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.rotation.Picture.AtlasView;
import dev.atlasrotator.rotation.Picture.Identity;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Finds out which of an account's secrets AWSCURRENT holds, where its value signs in and no living
 * secret is recorded with it: by what other versions record, by what is left over, by a mask, and
 * last by the trace that a sign-in leaves.
 */
final class Identification {
    /** A secret that ended so lately may live after all, since it is a clock that says so. */
    private static final Duration CLOCKS_ASKEW = Duration.ofHours(3);

    private final ServiceAccounts accounts;
    private final StoredValue current;
    private final Instant now;
    private final Deadline deadline;

    Identification(ServiceAccounts accounts, StoredValue current, Instant now, Deadline deadline) {
        this.accounts = accounts;
        this.current = current;
        this.now = now;
        this.deadline = deadline;
    }

    /**
     * Finds out.
     *
     * @param older what other versions hold
     * @param elsewhere the ids that stand in other versions, pending included
     */
    Identity of(AtlasView.Open open, Collection<StoredValue> older, Set<SecretId> elsewhere) {
        var living = open.secrets().stream().filter(this::mayLive).toList();
        var sameValue =
                older.stream()
                        .filter(value -> value.clientSecret().equals(current.clientSecret()))
                        .flatMap(value -> value.secretId().stream())
                        .filter(id -> living.stream().anyMatch(secret -> secret.id().equals(id)))
                        .findFirst();
        if (sameValue.isPresent()) {
            return new Identity.Is(sameValue.get());
        }
        var candidates =
                living.stream().filter(secret -> !elsewhere.contains(secret.id())).toList();
        return switch (candidates.size()) {
            case 0 -> new Identity.Unclear(); // it signs in, so Atlas's list lags behind
            case 1 -> new Identity.Is(candidates.getFirst().id());
            default -> tellApart(candidates, open);
        };
    }

    /**
     * The one that is recorded signs in, so it may live although a clock says that it has just
     * ended.
     */
    private boolean mayLive(AtlasSecret secret) {
        boolean recorded = current.secretId().filter(secret.id()::equals).isPresent();
        return !secret.isExpired(recorded ? now.minus(CLOCKS_ASKEW) : now);
    }

    /** By the end that a mask shows; else by the use that a new sign-in leaves. */
    private Identity tellApart(List<AtlasSecret> candidates, AtlasView.Open open) {
        var value = current.clientSecret().map(Sensitive::reveal).orElse("");
        var byMask =
                candidates.stream()
                        .filter(
                                secret ->
                                        secret.mask()
                                                .map(Identification::shownEnd)
                                                .filter(
                                                        end ->
                                                                !end.isEmpty()
                                                                        && value.endsWith(end))
                                                .isPresent())
                        .toList();
        boolean everyMaskShows =
                candidates.stream()
                        .allMatch(
                                secret ->
                                        !secret.mask()
                                                .map(Identification::shownEnd)
                                                .orElse("")
                                                .isEmpty());
        if (everyMaskShows && byMask.size() == 1) {
            return new Identity.Is(byMask.getFirst().id());
        }
        var before = now.truncatedTo(ChronoUnit.SECONDS);
        var proof = current.key().map(key -> accounts.prove(key, deadline)).orElse(SignIn.REJECTED);
        if (proof == SignIn.REJECTED
                || !(accounts.read(current.account(), open.access().credential(), deadline)
                        instanceof
                        Answer.Given<List<AtlasSecret>>(List<AtlasSecret> after, Instant at))) {
            return new Identity.Unclear();
        }
        var moved =
                after.stream()
                        .filter(
                                secret ->
                                        candidates.stream()
                                                .anyMatch(one -> one.id().equals(secret.id())))
                        .filter(
                                secret ->
                                        secret.lastUsedAt()
                                                .filter(used -> !used.isBefore(before))
                                                .isPresent())
                        .toList();
        return moved.size() == 1 ? new Identity.Is(moved.getFirst().id()) : new Identity.Unclear();
    }

    /**
     * What a mask shows of a value's end: the letters and digits after its last asterisk, dot or
     * bullet.
     */
    static String shownEnd(String mask) {
        int from = mask.length();
        while (from > 0 && Character.isLetterOrDigit(mask.charAt(from - 1))) {
            from--;
        }
        // A mask without a masked part is no mask.
        return from == 0 ? "" : mask.substring(from);
    }
}
