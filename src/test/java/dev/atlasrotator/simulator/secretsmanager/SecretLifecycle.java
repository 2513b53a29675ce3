package dev.atlasrotator.simulator.secretsmanager;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The operations that make, mark, tag and end a secret. */
record SecretLifecycle(SecretsCore core, SecretValues values) {
    private static final int TAGS_MAX = 50;

    Map<String, Object> create(SecretsRequest request) {
        request.refuse("AddReplicaRegions");
        var name = request.name();
        var token = request.token().orElseThrow(SecretValues::tokenMissing);
        var value = request.value();
        var description = request.text("Description", 0, 2048);
        var tags = request.tags("Tags");
        var existing = core.state.find(name, core.now(), SecretsState.NOW);
        if (existing.isPresent()) {
            return createdBefore(existing.get(), token, value);
        }
        var draft = new StoredSecret(name, core.newArn(name), core.now());
        draft.description = description.filter(text -> !text.isEmpty());
        draft.kmsKeyId = request.text("KmsKeyId", 0, 2048);
        draft.type = request.text("Type", 0, 256);
        draft.tags = tags;
        checkTagCount(draft);
        value.ifPresentOrElse(
                given -> values.store(draft, token, given, List.of(SecretStages.CURRENT)), () -> core.change(draft));
        return created(draft, value.map(given -> token));
    }

    /** The same request again is no error if token and value are the same; any other is. */
    private static Map<String, Object> createdBefore(StoredSecret secret, String token, Optional<StoredValue> value) {
        if (secret.deletion.isPresent()) {
            throw SecretsManagerErrors.nameMarkedForDeletion();
        }
        var held = secret.version(token).flatMap(SecretVersion::value);
        if (held.isPresent() && value.isPresent() && held.get().sameAs(value.get())) {
            return created(secret, Optional.of(token));
        }
        throw SecretsManagerErrors.secretExists(secret.name);
    }

    private static Map<String, Object> created(StoredSecret secret, Optional<String> versionId) {
        var answer = SecretsCore.identity(secret);
        SecretsCore.put(answer, "VersionId", versionId);
        return answer;
    }

    Map<String, Object> tag(SecretsRequest request) {
        var id = request.secretId();
        var added = request.tags("Tags")
                .orElseThrow(() -> SecretsManagerErrors.invalidParameter("You must specify Tags.")); // own words
        var draft = core.writable(id);
        var tags = new LinkedHashMap<>(draft.tags.orElse(Map.of()));
        tags.putAll(added);
        draft.tags = Optional.of(tags);
        checkTagCount(draft);
        core.change(draft);
        return Map.of();
    }

    Map<String, Object> untag(SecretsRequest request) {
        var id = request.secretId();
        var keys = request.texts("TagKeys", 0, Integer.MAX_VALUE, 128)
                .orElseThrow(() -> SecretsManagerErrors.invalidParameter("You must specify TagKeys.")); // own words
        var draft = core.writable(id);
        draft.tags = draft.tags.map(old -> {
            var left = new LinkedHashMap<>(old);
            left.keySet().removeAll(keys);
            return left;
        });
        core.change(draft);
        return Map.of();
    }

    private static void checkTagCount(StoredSecret draft) {
        if (draft.tags.filter(tags -> tags.size() > TAGS_MAX).isPresent()) {
            throw SecretsManagerErrors.limitExceeded("A secret can have at most 50 tags."); // own words
        }
    }

    Map<String, Object> delete(SecretsRequest request) {
        var id = request.secretId();
        var window = request.number("RecoveryWindowInDays");
        var force = request.flag("ForceDeleteWithoutRecovery").orElse(false);
        if (force && window.isPresent()) {
            throw SecretsManagerErrors.invalidParameter(
                    "You can't use ForceDeleteWithoutRecovery in conjunction with" + " RecoveryWindowInDays.");
        }
        if (window.filter(days -> days < 7 || days > 30).isPresent()) {
            throw SecretsManagerErrors.invalidParameter(
                    "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
        }
        return force ? deleteNow(id) : markForDeletion(id, Duration.ofDays(window.orElse(30L)));
    }

    private Map<String, Object> markForDeletion(String id, Duration window) {
        var draft = core.writable(id);
        draft.deletion = Optional.of(core.now().plus(window));
        core.change(draft);
        return deleted(SecretsCore.identity(draft), draft);
    }

    /** Takes effect at once; the service says success even of a secret that it never had. */
    private Map<String, Object> deleteNow(String id) {
        var found = core.state.find(id, core.now(), SecretsState.NOW);
        var draft = found.map(StoredSecret::draft).orElseGet(() -> new StoredSecret(id, core.newArn(id), core.now()));
        draft.deletion = Optional.of(core.now());
        found.ifPresent(secret -> core.state.erase(secret.name, core.now()));
        return deleted(SecretsCore.identity(draft), draft);
    }

    private static Map<String, Object> deleted(Map<String, Object> answer, StoredSecret secret) {
        SecretsCore.put(answer, "DeletionDate", secret.deletion.map(SecretsManagerWire::date));
        return answer;
    }

    Map<String, Object> restore(SecretsRequest request) {
        var draft = core.find(request.secretId(), SecretsState.NOW).draft();
        draft.deletion = Optional.empty();
        core.change(draft);
        return SecretsCore.identity(draft);
    }

    Map<String, Object> putPolicy(SecretsRequest request) {
        var id = request.secretId();
        var policy = request.required("ResourcePolicy", 1, 20_480);
        var draft = core.writable(id);
        draft.resourcePolicy = Optional.of(policy);
        core.change(draft);
        return SecretsCore.identity(draft);
    }

    Map<String, Object> getPolicy(SecretsRequest request) {
        var secret = core.readable(request.secretId(), SecretsState.NOW);
        var answer = SecretsCore.identity(secret);
        SecretsCore.put(answer, "ResourcePolicy", secret.resourcePolicy);
        return answer;
    }

    /** Checks the id only; the stand-in knows nothing of policies. */
    Map<String, Object> validatePolicy(SecretsRequest request) {
        request.text("SecretId", 1, 2048).ifPresent(SecretsRequest::checkedId);
        request.required("ResourcePolicy", 1, 20_480);
        return Map.of("PolicyValidationPassed", true, "ValidationErrors", List.of());
    }
}
