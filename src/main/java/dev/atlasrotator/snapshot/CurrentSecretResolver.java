package dev.atlasrotator.snapshot;

import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.snapshot.Snapshot.Identity;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds which of the account's secrets AWSCURRENT holds, from what was read. Pure. */
record CurrentSecretResolver(CurrentValue current, ListedSecrets listed, RecordedIds recorded) {
    Identity identity() {
        if (listed.isTheOnlyOne(current) && !current.isRejected()) {
            return new Identity.Is(current.value().secretId().orElseThrow());
        }
        var clientSecret = current.value().clientSecret();
        if (clientSecret.isEmpty() || !current.isAccepted()) {
            // Whatever id is beside a value that is not accepted: it holds none that lives.
            return new Identity.Gone();
        }
        var candidates = recorded.candidates(clientSecret.get(), possible());
        return switch (candidates.size()) {
            // It authenticates, so Atlas's list lags behind.
            case 0 -> new Identity.Unclear(ListedSecrets.ids(listed.living()));
            case 1 -> new Identity.Is(candidates.getFirst().id());
            default ->
                byMask(clientSecret.get(), candidates)
                        .<Identity>map(Identity.Is::new)
                        .orElseGet(() -> new Identity.Unclear(ListedSecrets.ids(candidates)));
        };
    }

    /**
     * Whether it is clear what each living secret is, and no version that was not read could change that.
     *
     * @param confirmed the ids of which no other version can say anything else
     */
    boolean isExplained(Set<SecretId> confirmed) {
        var living = ListedSecrets.ids(listed.living());
        var secret = current.value().clientSecret().filter(some -> !current.isRejected());
        if (secret.isEmpty()) {
            return confirmed.containsAll(living);
        }
        var itself = ListedSecrets.ids(recorded.candidates(secret.get(), possible()));
        return recorded.isSettled(secret.get(), possible())
                && living.stream().allMatch(id -> confirmed.contains(id) || itself.contains(id));
    }

    /** Those that the value can be. */
    private List<AtlasSecret> possible() {
        return listed.createdBefore(current.storedAt(), listed.mayLive(current::records));
    }

    /** The one whose mask shows the value's end, where each mask shows one and only one fits. */
    private static Optional<SecretId> byMask(Sensitive value, List<AtlasSecret> candidates) {
        boolean everyMaskShows =
                candidates.stream().noneMatch(one -> shownEnd(one.mask()).isEmpty());
        var fitting = candidates.stream()
                .filter(one -> value.reveal().endsWith(shownEnd(one.mask())))
                .toList();
        return everyMaskShows && fitting.size() == 1
                ? Optional.of(fitting.getFirst().id())
                : Optional.empty();
    }

    /**
     * What a mask shows of a value's end: the letters and digits after its last asterisk, dot or bullet. A mask
     * without a masked part is no mask.
     */
    private static String shownEnd(Optional<String> shown) {
        var mask = shown.orElse("");
        int from = mask.length();
        while (from > 0 && Character.isLetterOrDigit(mask.charAt(from - 1))) {
            from--;
        }
        return from == 0 ? "" : mask.substring(from);
    }
}
