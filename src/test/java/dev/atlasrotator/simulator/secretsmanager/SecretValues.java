package dev.atlasrotator.simulator.secretsmanager;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The operations on values and on the labels of their versions. */
record SecretValues(SecretsCore core) {
    private static final int LABELS_MAX = 20;
    private static final int VERSIONS_MAX = 100;

    /** Secrets Manager takes no version away that is less old than this. */
    private static final Duration VERSION_KEPT_AT_LEAST = Duration.ofHours(24);

    // --- GetSecretValue, BatchGetSecretValue ---

    Map<String, Object> get(SecretsRequest request, Instant asOf) {
        var id = request.secretId();
        var versionId = request.text("VersionId", 32, 64);
        var stage = request.text("VersionStage", 1, 256);
        var secret = core.readable(id, asOf);
        return read(secret, readableVersion(secret, versionId, stage));
    }

    /**
     * AWSCURRENT of up to 20 secrets; one that cannot be read is in {@code Errors} and stops no
     * other.
     */
    Map<String, Object> getBatch(SecretsRequest request, Instant asOf) {
        request.refuse("Filters", "MaxResults", "NextToken");
        var ids = request.texts("SecretIdList", 1, 20, 2048)
                .orElseThrow(() -> SecretsManagerErrors.invalidParameter(
                        "You must specify either" + " SecretIdList" + " or Filters.")); // own words
        var values = new ArrayList<Object>(ids.size());
        var errors = new ArrayList<Object>();
        for (var id : ids) {
            try {
                var secret = core.readable(SecretsRequest.checkedId(id), asOf);
                values.add(read(secret, readableVersion(secret, Optional.empty(), Optional.empty())));
            } catch (SecretsManagerError error) {
                errors.add(Map.of("SecretId", id, "ErrorCode", error.code(), "Message", error.text()));
            }
        }
        var answer = new LinkedHashMap<String, Object>();
        answer.put("SecretValues", values);
        answer.put("Errors", errors);
        return answer;
    }

    private static SecretVersion readableVersion(
            StoredSecret secret, Optional<String> versionId, Optional<String> stage) {
        if (versionId.isEmpty()) {
            var wanted = stage.orElse(SecretStages.CURRENT);
            return secret.under(wanted)
                    .filter(version -> version.value().isPresent())
                    .orElseThrow(() -> SecretsManagerErrors.noSuchStage(wanted));
        }
        var version =
                secret.version(versionId.get()).orElseThrow(() -> SecretsManagerErrors.noSuchVersion(versionId.get()));
        if (stage.isPresent() && !version.has(stage.get())) {
            throw SecretsManagerErrors.stageIsElsewhere();
        }
        if (version.value().isEmpty()) {
            throw SecretsManagerErrors.noSuchVersion(versionId.get());
        }
        return version;
    }

    private Map<String, Object> read(StoredSecret secret, SecretVersion version) {
        recordAccess(secret, version);
        var value = version.value().orElseThrow();
        var answer = SecretsCore.identity(secret);
        answer.put("VersionId", version.id());
        answer.put(value.member(), value.reveal());
        if (!version.stages().isEmpty()) {
            answer.put("VersionStages", version.stages());
        }
        answer.put("CreatedDate", SecretsManagerWire.date(version.created()));
        return answer;
    }

    /**
     * The service notes the day of the last read, not the time; so a second read on a day changes
     * nothing.
     */
    private void recordAccess(StoredSecret seen, SecretVersion version) {
        var today = core.now().truncatedTo(ChronoUnit.DAYS);
        if (version.lastAccessed().filter(today::equals).isPresent()
                && seen.accessed.filter(today::equals).isPresent()) {
            return;
        }
        core.state.find(seen.arn, core.now(), SecretsState.NOW).ifPresent(secret -> {
            var draft = secret.draft();
            draft.accessed = Optional.of(today);
            draft.change(version.id(), old -> old.accessed(today));
            core.state.publish(draft, core.now());
        });
    }

    // --- PutSecretValue, UpdateSecret ---

    Map<String, Object> put(SecretsRequest request) {
        var id = request.secretId();
        var token = request.token().orElseThrow(SecretValues::tokenMissing);
        var value = request.value()
                .orElseThrow(() -> SecretsManagerErrors.invalidRequest(
                        "You must provide either SecretString or" + " SecretBinary.")); // own words
        var stages = request.texts("VersionStages", 1, LABELS_MAX, 256).orElse(List.of(SecretStages.CURRENT));
        var rotationToken = request.text("RotationToken", 36, 256);
        var draft = core.writable(id);
        store(draft, token, value, stages);
        rotationToken.ifPresent(given -> core.rotationTokens.put(token, given));
        var answer = SecretsCore.identity(draft);
        answer.put("VersionId", token);
        answer.put("VersionStages", draft.version(token).orElseThrow().stages());
        return answer;
    }

    Map<String, Object> update(SecretsRequest request) {
        var id = request.secretId();
        var token = request.token().orElseThrow(SecretValues::tokenMissing);
        var description = request.text("Description", 0, 2048);
        var kmsKeyId = request.text("KmsKeyId", 0, 2048);
        var type = request.text("Type", 0, 256);
        var value = request.value();
        var draft = core.writable(id);
        draft.description = description.or(() -> draft.description);
        draft.kmsKeyId = kmsKeyId.or(() -> draft.kmsKeyId);
        draft.type = type.or(() -> draft.type);
        var answer = SecretsCore.identity(draft);
        if (value.isPresent()) {
            store(draft, token, value.get(), List.of(SecretStages.CURRENT));
            answer.put("VersionId", token);
        } else {
            core.change(draft);
        }
        return answer;
    }

    static SecretsManagerError tokenMissing() {
        return SecretsManagerErrors.invalidRequest(TOKEN_MISSING);
    }

    static final String TOKEN_MISSING = "You must provide a ClientRequestToken value. We recommend a UUID-type value.";

    /** Adds the version or fills a registered one; a version that has a value never changes. */
    void store(StoredSecret draft, String token, StoredValue value, List<String> stages) {
        var existing = draft.version(token);
        var held = existing.flatMap(SecretVersion::value);
        if (held.isPresent()) {
            if (held.get().sameAs(value)) {
                return;
            }
            throw SecretsManagerErrors.versionExists(token, draft.arn);
        }
        var first = draft.versions.isEmpty();
        if (existing.isPresent()) {
            draft.change(token, version -> version.withValue(value));
        } else {
            makeRoom(draft);
            draft.add(SecretVersion.holding(token, value, core.now()));
        }
        // The first version of all is the current one, whatever was asked for (PutSecretValue, API
        // reference).
        if (first) {
            SecretStages.attach(draft, SecretStages.CURRENT, token);
        }
        if (stages.contains(SecretStages.CURRENT)) {
            endRotationByHand(draft, token);
        }
        for (var stage : new LinkedHashSet<>(stages)) {
            SecretStages.attach(draft, stage, token);
        }
        if (draft.version(token).orElseThrow().stages().size() > LABELS_MAX) {
            throw SecretsManagerErrors.limitExceeded("A version can have at most 20 staging labels."); // own words
        }
        core.change(draft);
    }

    /**
     * A value that becomes current at once ends a rotation that is under way. Beside AWSCURRENT the
     * label goes in any case (recorded); on another version it depends, see {@link
     * SecretsManagerSettings.AbandonedLabel}.
     */
    private void endRotationByHand(StoredSecret draft, String token) {
        var goes = draft.under(SecretStages.PENDING)
                .filter(pending -> !pending.id().equals(token))
                .filter(pending -> pending.has(SecretStages.CURRENT)
                        || core.settings.abandonedLabel == SecretsManagerSettings.AbandonedLabel.GONE);
        if (goes.isPresent()) {
            SecretStages.detach(draft, SecretStages.PENDING);
        }
    }

    /**
     * Takes the oldest versions without a label away, a day after their making, once there are a
     * hundred.
     */
    private void makeRoom(StoredSecret draft) {
        var removableBefore = core.now().minus(VERSION_KEPT_AT_LEAST);
        while (draft.versions.size() >= VERSIONS_MAX) {
            var oldest = draft.versions.stream()
                    .filter(version ->
                            version.stages().isEmpty() && version.created().isBefore(removableBefore))
                    .findFirst()
                    .orElseThrow(() -> SecretsManagerErrors.limitExceeded(
                            "The secret has 100 versions, and none of them" + " can be removed yet.")); // own words
            draft.remove(oldest.id());
        }
    }

    // --- UpdateSecretVersionStage ---

    Map<String, Object> moveStage(SecretsRequest request) {
        var id = request.secretId();
        var stage = request.required("VersionStage", 1, 256);
        var from = request.text("RemoveFromVersionId", 32, 64);
        var to = request.text("MoveToVersionId", 32, 64);
        var draft = core.writable(id);
        if (from.isEmpty() && to.isEmpty()) {
            throw SecretsManagerErrors.invalidParameter(
                    "You must specify RemoveFromVersionId, MoveToVersionId or both."); // own words
        }
        from.ifPresent(version -> requireVersion(draft, version));
        to.ifPresent(version -> requireVersion(draft, version));
        checkHolder(draft, stage, from, to);
        if (to.isPresent()) {
            promoteOrAttach(draft, stage, to.get());
        } else if (stage.equals(SecretStages.CURRENT)) {
            throw SecretsManagerErrors.currentCannotBeRemoved();
        } else {
            SecretStages.detach(draft, stage);
        }
        core.change(draft);
        return SecretsCore.identity(draft);
    }

    private static void requireVersion(StoredSecret secret, String versionId) {
        if (secret.version(versionId).isEmpty()) {
            throw SecretsManagerErrors.noSuchVersion(versionId);
        }
    }

    /**
     * Who moves or removes a label must name its holder; that is the lock against a second mover.
     */
    private static void checkHolder(StoredSecret secret, String stage, Optional<String> from, Optional<String> to) {
        var holder = secret.under(stage).map(SecretVersion::id);
        if (from.isPresent() && !from.equals(holder)) {
            throw SecretsManagerErrors.stageHasAnotherHolder(stage);
        }
        if (from.isEmpty() && holder.isPresent() && !holder.equals(to)) {
            throw SecretsManagerErrors.stageHasAHolder(stage, holder.get());
        }
    }

    private void promoteOrAttach(StoredSecret draft, String stage, String versionId) {
        if (stage.equals(SecretStages.CURRENT)
                && draft.version(versionId).orElseThrow().value().isEmpty()) {
            throw SecretsManagerErrors.noSuchVersion(versionId); // undocumented; an empty version is none to readers
        }
        SecretStages.attach(draft, stage, versionId);
        var version = draft.version(versionId).orElseThrow();
        if (stage.equals(SecretStages.CURRENT) && version.registered() && version.has(SecretStages.PENDING)) {
            draft.change(versionId, promoted -> promoted.without(SecretStages.PENDING));
            // Undocumented whether at the promotion or when finishSecret has returned; never
            // earlier.
            draft.rotated = Optional.of(core.now());
        }
    }
}
