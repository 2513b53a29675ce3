package dev.atlasrotator.secretsmanager;

import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.secretsmanager.model.DescribeSecretResponse;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueResponse;
import software.amazon.awssdk.services.secretsmanager.model.SecretListEntry;
import software.amazon.awssdk.services.secretsmanager.model.SecretValueEntry;
import software.amazon.awssdk.services.secretsmanager.model.SecretVersionsListEntry;
import software.amazon.awssdk.services.secretsmanager.model.Tag;

/** What the SDK's answers say, in our words: absent fields become empty ones here. */
final class Answers {
    private Answers() {}

    static StoredSecret stored(DescribeSecretResponse secret) {
        return new StoredSecret(
                required(secret.arn(), "ARN"),
                required(secret.name(), "Name"),
                text(secret.rotationLambdaARN()),
                Optional.ofNullable(secret.rotationEnabled()),
                owner(secret.owningService(), secret.type()),
                text(secret.primaryRegion()),
                tags(secret.tags()),
                stages(secret.versionIdsToStages()),
                Optional.ofNullable(secret.lastRotatedDate()),
                Optional.ofNullable(secret.lastChangedDate()),
                secret.deletedDate() != null);
    }

    static StoredSecret stored(SecretListEntry secret) {
        return new StoredSecret(
                required(secret.arn(), "ARN"),
                required(secret.name(), "Name"),
                text(secret.rotationLambdaARN()),
                Optional.ofNullable(secret.rotationEnabled()),
                owner(secret.owningService(), secret.type()),
                text(secret.primaryRegion()),
                tags(secret.tags()),
                stages(secret.secretVersionsToStages()),
                Optional.ofNullable(secret.lastRotatedDate()),
                Optional.ofNullable(secret.lastChangedDate()),
                secret.deletedDate() != null);
    }

    static SecretVault.Reading reading(GetSecretValueResponse one) {
        return reading(one.versionId(), one.versionStages(), one.createdDate(), one.secretString(), one.secretBinary());
    }

    static SecretVault.Reading reading(SecretValueEntry one) {
        return reading(one.versionId(), one.versionStages(), one.createdDate(), one.secretString(), one.secretBinary());
    }

    private static SecretVault.Reading reading(
            @Nullable String version,
            List<String> stages,
            @Nullable Instant created,
            @Nullable String text,
            @Nullable SdkBytes binary) {
        if (text == null) {
            return binary == null ? new SecretVault.Reading.Absent() : new SecretVault.Reading.Binary();
        }
        return new SecretVault.Reading.Found(new SecretVault.Version(
                new VersionId(required(version, "VersionId")),
                Set.copyOf(stages),
                required(created, "CreatedDate"),
                new Sensitive(text)));
    }

    static SecretVault.VersionEntry version(SecretVersionsListEntry version) {
        return new SecretVault.VersionEntry(
                new VersionId(required(version.versionId(), "VersionId")),
                Set.copyOf(version.versionStages()),
                required(version.createdDate(), "CreatedDate"));
    }

    /** An empty text is no text. */
    static Optional<String> text(@Nullable String text) {
        return Optional.ofNullable(text).filter(some -> !some.isEmpty());
    }

    private static Optional<String> owner(@Nullable String service, @Nullable String type) {
        return text(service).or(() -> text(type));
    }

    private static Map<String, String> tags(List<Tag> tags) {
        return tags.stream()
                .collect(Collectors.toUnmodifiableMap(
                        Tag::key, tag -> text(tag.value()).orElse(""), (first, again) -> again));
    }

    private static Map<VersionId, Set<String>> stages(Map<String, List<String>> stages) {
        return stages.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        entry -> new VersionId(entry.getKey()), entry -> Set.copyOf(entry.getValue())));
    }

    private static <T> T required(@Nullable T field, String name) {
        if (field == null) {
            throw new RotatorException.Unavailable(
                    Code.SECRETS_MANAGER_UNAVAILABLE,
                    "Secrets Manager's answer has no %s. This call changed nothing; check what answers at the endpoint."
                            .formatted(name));
        }
        return field;
    }
}
