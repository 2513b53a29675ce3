package dev.atlasrotator.simulator.secretsmanager;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The operations that list and describe; none of them shows a value. */
record SecretListing(SecretsCore core) {
    private static final String DEFAULT_KEY = "DefaultEncryptionKey";
    private static final int PAGE_MAX = 100;

    Map<String, Object> describe(SecretsRequest request, Instant asOf) {
        var secret = core.find(request.secretId(), asOf);
        return description(secret, "VersionIdsToStages");
    }

    private static Map<String, Object> description(StoredSecret secret, String stagesMember) {
        var answer = SecretsCore.identity(secret);
        SecretsCore.put(answer, "Type", secret.type);
        SecretsCore.put(answer, "Description", secret.description);
        SecretsCore.put(answer, "KmsKeyId", secret.kmsKeyId);
        SecretsCore.put(answer, "RotationEnabled", secret.rotationEnabled);
        SecretsCore.put(answer, "RotationLambdaARN", secret.rotationFunctionArn);
        SecretsCore.put(answer, "RotationRules", secret.rotationRules);
        SecretsCore.put(answer, "LastRotatedDate", secret.rotated.map(SecretsManagerWire::date));
        answer.put("LastChangedDate", SecretsManagerWire.date(secret.changed));
        SecretsCore.put(answer, "LastAccessedDate", secret.accessed.map(SecretsManagerWire::date));
        SecretsCore.put(answer, "DeletedDate", secret.deletion.map(SecretsManagerWire::date));
        SecretsCore.put(answer, "NextRotationDate", secret.nextRotation.map(SecretsManagerWire::date));
        SecretsCore.put(answer, "Tags", secret.tags.map(SecretListing::tags));
        var stages = new LinkedHashMap<String, Object>();
        for (var version : secret.versions) {
            if (!version.stages().isEmpty()) {
                stages.put(version.id(), version.stages());
            }
        }
        if (!stages.isEmpty()) {
            answer.put(stagesMember, stages);
        }
        SecretsCore.put(answer, "OwningService", secret.owningService);
        answer.put("CreatedDate", SecretsManagerWire.date(secret.created));
        SecretsCore.put(answer, "PrimaryRegion", secret.primaryRegion);
        return answer;
    }

    private static List<Object> tags(Map<String, String> tags) {
        var list = new ArrayList<Object>(tags.size());
        tags.forEach((key, value) -> list.add(Map.of("Key", key, "Value", value)));
        return list;
    }

    Map<String, Object> versions(SecretsRequest request, Instant asOf) {
        var id = request.secretId();
        var size = request.number("MaxResults", 1, PAGE_MAX, PAGE_MAX);
        var start = start(request);
        var withUnlabelled = request.flag("IncludeDeprecated").orElse(false);
        var secret = core.find(id, asOf);
        var shown = secret.versions.stream()
                .filter(version -> withUnlabelled || !version.stages().isEmpty())
                .map(version -> version(secret, version))
                .toList();
        var answer = new LinkedHashMap<String, Object>();
        addPage(answer, "Versions", shown, start, size);
        answer.putAll(SecretsCore.identity(secret));
        return answer;
    }

    private static Map<String, Object> version(StoredSecret secret, SecretVersion version) {
        var answer = new LinkedHashMap<String, Object>();
        answer.put("VersionId", version.id());
        if (!version.stages().isEmpty()) {
            answer.put("VersionStages", version.stages());
        }
        SecretsCore.put(answer, "LastAccessedDate", version.lastAccessed().map(SecretsManagerWire::date));
        answer.put("CreatedDate", SecretsManagerWire.date(version.created()));
        answer.put("KmsKeyIds", List.of(secret.kmsKeyId.orElse(DEFAULT_KEY)));
        return answer;
    }

    Map<String, Object> list(SecretsRequest request, Instant asOf) {
        var size = request.number("MaxResults", 1, PAGE_MAX, PAGE_MAX);
        var start = start(request);
        var withDeleted = request.flag("IncludePlannedDeletion").orElse(false);
        request.refuse("SortBy", "SortOrder");
        var filters = request.objects("Filters").stream().map(Filter::of).toList();
        if (filters.size() > 10) {
            throw SecretsManagerErrors.validation("1 validation error detected: Value at 'filters' failed to satisfy"
                    + " constraint: Member must have length less than or equal to 10");
        }
        var shown = core.state.all(core.now(), asOf).stream()
                .filter(secret -> withDeleted || secret.deletion.isEmpty())
                .filter(secret -> filters.stream().allMatch(filter -> filter.accepts(secret)))
                .sorted(Comparator.comparing(secret -> secret.created))
                .toList();
        var answer = new LinkedHashMap<String, Object>();
        addPage(answer, "SecretList", shown, start, size);
        answer.computeIfPresent(
                "SecretList",
                (member, page) -> ((List<?>) page)
                        .stream()
                                .map(secret -> description((StoredSecret) secret, "SecretVersionsToStages"))
                                .toList());
        return answer;
    }

    /**
     * The stand-in's page tokens are the index of the next item; callers must not look into them
     * anyway.
     */
    private static int start(SecretsRequest request) {
        var token = request.text("NextToken", 1, 4096).orElse("page-0");
        try {
            return Integer.parseInt(token.substring(token.indexOf('-') + 1));
        } catch (NumberFormatException e) {
            throw new SecretsManagerError(
                    400, "InvalidNextTokenException", "Message", "Invalid NextToken."); // own words
        }
    }

    private static void addPage(Map<String, Object> answer, String member, List<?> all, int start, int size) {
        var end = Math.min(all.size(), start + size);
        answer.put(member, all.subList(Math.min(start, end), end));
        if (end < all.size()) {
            answer.put("NextToken", "page-" + end);
        }
    }

    /**
     * One filter of {@code ListSecrets}, by names or tag keys: these match by their beginning, with case. All filters
     * must accept a secret; of the values in one, any.
     */
    private record Filter(Function<StoredSecret, Collection<String>> texts, List<String> values) {
        static Filter of(SecretsRequest request) {
            var values = request.texts("Values", 1, 10, 512)
                    .orElseThrow(() -> SecretsManagerErrors.invalidParameter("A filter needs Values.")); // own words
            var key = request.required("Key", 1, 32);
            return switch (key) {
                case "name" -> new Filter(secret -> List.of(secret.name), values);
                case "tag-key" ->
                    new Filter(secret -> secret.tags.orElse(Map.of()).keySet(), values);
                default ->
                    throw new UnsupportedOperationException("the Secrets Manager stand-in does not know the filter "
                            + key + ": leave it out or teach it");
            };
        }

        boolean accepts(StoredSecret secret) {
            return texts.apply(secret).stream().anyMatch(text -> values.stream().anyMatch(text::startsWith));
        }
    }
}
