package dev.atlasrotator.secretsmanager;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A secret in Secrets Manager, without its values: what {@code DescribeSecret} and {@code
 * ListSecrets} tell.
 *
 * @param rotationLambdaArn the function that rotates it, where one is attached; it may carry a
 *     version or an alias
 * @param rotationEnabled whether rotation is switched on; empty where rotation was never configured
 * @param ownedBy the AWS service, or the kind of managed external secret, that it belongs to
 * @param primaryRegion where its primary lives; empty where it has no replicas
 * @param tags by key
 * @param stages the staging labels of each version
 */
public record StoredSecret(
        String arn,
        String name,
        Optional<String> rotationLambdaArn,
        Optional<Boolean> rotationEnabled,
        Optional<String> ownedBy,
        Optional<String> primaryRegion,
        Map<String, String> tags,
        Map<VersionId, Set<String>> stages,
        Optional<Instant> lastRotated,
        Optional<Instant> lastChanged,
        boolean deleted) {
    // What each label means: API reference, DescribeSecret, VersionIdsToStages,
    // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
    public static final String CURRENT = "AWSCURRENT";
    public static final String PENDING = "AWSPENDING";
    public static final String PREVIOUS = "AWSPREVIOUS";

    /** The version that has this label. */
    public Optional<VersionId> version(String stage) {
        return stages.entrySet().stream()
                .filter(entry -> entry.getValue().contains(stage))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /**
     * The version of a rotation in progress: under AWSPENDING, while AWSCURRENT is elsewhere. A version under AWSPREVIOUS
     * has been current: the label was left on it, and AWSCURRENT was moved back since.
     */
    public Optional<VersionId> attempt() {
        return version(PENDING).filter(pending -> {
            var labels = stages.getOrDefault(pending, Set.of());
            return !labels.contains(CURRENT) && !labels.contains(PREVIOUS);
        });
    }

    /**
     * The version of a rotation that was finished before AWSCURRENT was moved back: it has AWSPENDING beside
     * AWSPREVIOUS. {@code RotateSecret} takes it for a rotation in progress.
     */
    public Optional<VersionId> pendingBesidePrevious() {
        return version(PENDING)
                .filter(pending -> stages.getOrDefault(pending, Set.of()).contains(PREVIOUS));
    }

    /** The same, as if this version did not have this label. */
    public StoredSecret withoutLabel(VersionId version, String label) {
        var left = new HashMap<>(stages);
        left.computeIfPresent(
                version,
                (id, labels) ->
                        labels.stream().filter(one -> !one.equals(label)).collect(Collectors.toSet()));
        return new StoredSecret(
                arn,
                name,
                rotationLambdaArn,
                rotationEnabled,
                ownedBy,
                primaryRegion,
                tags,
                left,
                lastRotated,
                lastChanged,
                deleted);
    }

    /** Whether this is a copy that Secrets Manager keeps of a primary in another region. */
    public boolean isReplica() {
        var parts = arn.split(":", -1);
        return primaryRegion
                .filter(region -> parts.length > 3 && !parts[3].equals(region))
                .isPresent();
    }
}
