package dev.atlasrotator.snapshot;

import dev.atlasrotator.credential.SecretId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the other stored secrets that hold the same account have of it, as far as this run reads them: a sweep and a
 * status read the fleet, a step and a rotation by hand do not. A value whose spellings disagree counts as two.
 *
 * @param isInSight whether this run knows the other stored secrets of the account, if there are any
 * @param copies those stored secrets
 * @param inUse which of the account's secrets they hold under AWSCURRENT or AWSPENDING, or may hold
 * @param known the ids in any of their versions
 * @param promoted when AWSCURRENT of one of them moved last, by Secrets Manager's clock
 * @param rotationBegan when the first of their rotations in progress began
 */
public record OtherHolders(
        boolean isInSight,
        List<Copy> copies,
        Map<SecretId, List<String>> inUse,
        Set<SecretId> known,
        Optional<Instant> promoted,
        Optional<Instant> rotationBegan) {
    /** Another stored secret with the same account. */
    public record Copy(String arn, String name) {}

    /** The ARNs of those stored secrets. */
    public List<String> arns() {
        return copies.stream().map(Copy::arn).toList();
    }
}
