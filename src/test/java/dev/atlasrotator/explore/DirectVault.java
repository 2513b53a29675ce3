package dev.atlasrotator.explore;

import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.secretsmanager.VersionId;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerError;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerReply;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerWire;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Secrets Manager's port over the model, without the SDK in between: one decision of the scheduler
 * a port call. It keeps the port's contract; what the adapter does to keep it is tested where the
 * adapter is.
 */
final class DirectVault implements SecretVault {
    private final Environment environment;

    DirectVault(Environment environment) {
        this.environment = environment;
    }

    @Override
    public StoredSecret describe(String secretId, Deadline deadline) {
        environment.run().looksAgain();
        environment.run().describes(secretId);
        return read("DescribeSecret", () -> stored(call("DescribeSecret", Map.of("SecretId", secretId)), true));
    }

    @Override
    public Reading read(String arn, VersionSelector which, Deadline deadline) {
        var members = new HashMap<String, Object>(Map.of("SecretId", arn));
        boolean both = switch (which) {
            case VersionSelector.Staged(String stage) -> {
                members.put("VersionStage", stage);
                yield false;
            }
            case VersionSelector.Exactly(VersionId id) -> {
                members.put("VersionId", id.value());
                yield false;
            }
            case VersionSelector.StagedExactly(VersionId id, String stage) -> {
                members.put("VersionId", id.value());
                members.put("VersionStage", stage);
                yield true;
            }
        };
        return read("GetSecretValue " + shown(which), () -> {
            try {
                return reading(call("GetSecretValue", members));
            } catch (SecretsManagerError error) {
                return switch (error.code()) {
                    case "ResourceNotFoundException" -> new Reading.Absent();
                    case "InvalidRequestException" -> {
                        if (both) {
                            yield new Reading.StageMoved();
                        }
                        throw configuration(error);
                    }
                    default -> throw configuration(error);
                };
            }
        });
    }

    private static String shown(VersionSelector which) {
        return switch (which) {
            case VersionSelector.Staged(String stage) -> stage;
            case VersionSelector.Exactly(VersionId id) -> end(id.value());
            case VersionSelector.StagedExactly(VersionId id, String stage) -> stage + " " + end(id.value());
        };
    }

    private static String end(String id) {
        return id.substring(id.length() - 8);
    }

    @Override
    public List<VersionEntry> versions(String arn, Deadline deadline) {
        return read("ListSecretVersionIds", () -> {
            var all = new ArrayList<VersionEntry>();
            for (Object one : list(call("ListSecretVersionIds", Map.of("SecretId", arn, "IncludeDeprecated", true))
                    .get("Versions"))) {
                var version = (Map<?, ?>) one;
                all.add(new VersionEntry(
                        new VersionId(text(version.get("VersionId"))),
                        texts(version.get("VersionStages")),
                        SecretsManagerWire.instant(version.get("CreatedDate"))));
            }
            return List.copyOf(all);
        });
    }

    @Override
    public PutAnswer putPending(
            String arn, VersionId version, Sensitive text, Optional<Sensitive> rotationToken, Deadline deadline) {
        var members = new HashMap<String, Object>();
        members.put("SecretId", arn);
        members.put("ClientRequestToken", version.value());
        members.put("SecretString", text.reveal());
        members.put("VersionStages", List.of(StoredSecret.PENDING));
        rotationToken.ifPresent(token -> members.put("RotationToken", token.reveal()));
        Supplier<PutAnswer> effect = () -> {
            try {
                call("PutSecretValue", members);
                return new PutAnswer.Stored();
            } catch (SecretsManagerError error) {
                return error.code().equals("ResourceExistsException")
                        ? new PutAnswer.TakenByAnother()
                        : new PutAnswer.Rejected(Code.SECRETS_MANAGER_DENIED, error.code());
            }
        };
        return put("PutSecretValue " + end(version.value()), effect);
    }

    private PutAnswer put(String what, Supplier<PutAnswer> effect) {
        return switch (environment.run().before(Remote.PUT, what)) {
            case PASSES, IS_SLOW, IS_STALE -> learn(effect.get());
            case FAILS -> learn(new PutAnswer.Unknown("no answer"));
            case IS_LOST -> {
                var _ = effect.get();
                yield learn(new PutAnswer.Unknown("no answer"));
            }
            case IS_REFUSED -> learn(new PutAnswer.Rejected(Code.SECRETS_MANAGER_DENIED, "AccessDeniedException"));
            case KILLS, KILLS_AFTERWARDS -> throw afterwards(effect);
        };
    }

    @Override
    public PutAnswer register(
            String arn, VersionId version, Sensitive text, Optional<VersionId> holder, Deadline deadline) {
        Supplier<PutAnswer> effect = () -> {
            var move = new HashMap<String, Object>();
            move.put("SecretId", arn);
            move.put("VersionStage", StoredSecret.PENDING);
            move.put("MoveToVersionId", version.value());
            holder.ifPresent(bearer -> move.put("RemoveFromVersionId", bearer.value()));
            try {
                call(
                        "PutSecretValue",
                        Map.of(
                                "SecretId",
                                arn,
                                "ClientRequestToken",
                                version.value(),
                                "SecretString",
                                text.reveal(),
                                "VersionStages",
                                List.of("BEGINS")));
                call("UpdateSecretVersionStage", move);
                return new PutAnswer.Stored();
            } catch (SecretsManagerError refused) {
                return new PutAnswer.TakenByAnother();
            }
        };
        return put("register " + end(version.value()), effect);
    }

    @Override
    public boolean promote(String arn, VersionId to, VersionId from, Deadline deadline) {
        return moved("UpdateSecretVersionStage AWSCURRENT to " + end(to.value()), () -> {
            try {
                call(
                        "UpdateSecretVersionStage",
                        Map.of(
                                "SecretId",
                                arn,
                                "VersionStage",
                                StoredSecret.CURRENT,
                                "MoveToVersionId",
                                to.value(),
                                "RemoveFromVersionId",
                                from.value()));
                return true;
            } catch (SecretsManagerError refused) {
                var current = holder(arn, StoredSecret.CURRENT);
                if (current.filter(from.value()::equals).isPresent()) {
                    throw configuration(refused);
                }
                return current.filter(to.value()::equals).isPresent();
            }
        });
    }

    @Override
    public void dropPending(String arn, VersionId version, Deadline deadline) {
        moved("UpdateSecretVersionStage AWSPENDING off " + end(version.value()), () -> {
            try {
                call(
                        "UpdateSecretVersionStage",
                        Map.of(
                                "SecretId",
                                arn,
                                "VersionStage",
                                StoredSecret.PENDING,
                                "RemoveFromVersionId",
                                version.value()));
            } catch (SecretsManagerError refused) {
                if (holder(arn, StoredSecret.PENDING)
                        .filter(version.value()::equals)
                        .isPresent()) {
                    throw configuration(refused);
                }
            }
            return true;
        });
    }

    private Optional<String> holder(String arn, String stage) {
        return environment.simulation.secretsManager.versionUnder(arn, stage);
    }

    private boolean moved(String what, Supplier<Boolean> effect) {
        return switch (environment.run().before(Remote.MOVE, what)) {
            case PASSES, IS_SLOW, IS_STALE, IS_REFUSED -> learn(effect.get());
            case FAILS -> throw unavailable(what);
            case IS_LOST -> {
                var _ = effect.get();
                throw unavailable(what);
            }
            case KILLS, KILLS_AFTERWARDS -> throw afterwards(effect);
        };
    }

    @Override
    public void requestRotation(String arn, Deadline deadline) {
        var token = environment.simulation.newToken();
        Supplier<Boolean> effect = () -> {
            try {
                call("RotateSecret", Map.of("SecretId", arn, "ClientRequestToken", token));
            } catch (SecretsManagerError refused) {
                if (!refused.text().contains("previous rotation")) {
                    throw configuration(refused);
                }
            }
            return true;
        };
        switch (environment.run().before(Remote.REQUEST, "RotateSecret")) {
            case PASSES, IS_SLOW, IS_STALE, IS_REFUSED -> learn(effect.get());
            case FAILS -> throw unavailable("RotateSecret");
            case IS_LOST -> {
                var _ = effect.get();
                throw unavailable("RotateSecret");
            }
            case KILLS, KILLS_AFTERWARDS -> throw afterwards(effect);
        }
    }

    @Override
    public Page list(Optional<String> tagKey, String namePrefix, Optional<String> page, Deadline deadline) {
        return read("ListSecrets", () -> {
            var secrets = new ArrayList<StoredSecret>();
            for (Object one : list(call("ListSecrets", Map.of()).get("SecretList"))) {
                var secret = stored((Map<?, ?>) one, false);
                boolean isTagged =
                        tagKey.filter(key -> !secret.tags().containsKey(key)).isEmpty();
                if (isTagged && secret.name().startsWith(namePrefix)) {
                    secrets.add(secret);
                }
            }
            return new Page(List.copyOf(secrets), Optional.empty());
        });
    }

    @Override
    public Map<String, Reading> readCurrent(List<String> arns, Deadline deadline) {
        return read("BatchGetSecretValue", () -> {
            var readings = new LinkedHashMap<String, Reading>();
            for (Object one : list(
                    call("BatchGetSecretValue", Map.of("SecretIdList", arns)).get("SecretValues"))) {
                var value = (Map<?, ?>) one;
                readings.put(text(value.get("ARN")), reading(value));
            }
            return readings;
        });
    }

    private <T> T read(String what, Supplier<T> effect) {
        var verdict = environment.run().before(Remote.READ_VAULT, what);
        return switch (verdict) {
            case PASSES, IS_SLOW, IS_LOST, IS_REFUSED -> declared(effect);
            case IS_STALE -> {
                environment.simulation.readsAreStale(true);
                try {
                    yield declared(effect);
                } finally {
                    environment.simulation.readsAreStale(false);
                }
            }
            case FAILS -> throw unavailable(what);
            case KILLS, KILLS_AFTERWARDS -> throw afterwards(effect);
        };
    }

    private <T> T declared(Supplier<T> effect) {
        try {
            return learn(effect.get());
        } catch (SecretsManagerError refused) {
            throw configuration(refused);
        }
    }

    private <T> T learn(T answer) {
        environment.run().learn(environment.simulation.inWords(answer));
        return answer;
    }

    private RotatorException unavailable(String what) {
        environment.run().learn("unavailable");
        return new RotatorException.Unavailable(
                Code.SECRETS_MANAGER_UNAVAILABLE, "Secrets Manager does not answer " + what);
    }

    private RotatorException configuration(SecretsManagerError refused) {
        environment.run().learn(refused.code());
        return new RotatorException.Configuration("Secrets Manager: " + refused.code());
    }

    private Error afterwards(Supplier<?> effect) {
        var _ = effect.get();
        environment.run().die();
        return new AssertionError("it is dead");
    }

    private Map<String, Object> call(String operation, Map<String, Object> members) {
        return switch (environment.simulation.secretsManager.handle(operation, members)) {
            case SecretsManagerReply.Success(Map<String, Object> body) -> body;
            case SecretsManagerReply.Failure(SecretsManagerError error) -> throw error;
            case SecretsManagerReply.Canned canned -> throw new IllegalStateException();
            case SecretsManagerReply.Closed closed -> throw new IllegalStateException();
        };
    }

    private static Reading reading(Map<?, ?> value) {
        if (!(value.get("SecretString") instanceof String text)) {
            return new Reading.Binary();
        }
        return new Reading.Found(new Version(
                new VersionId(text(value.get("VersionId"))),
                texts(value.get("VersionStages")),
                SecretsManagerWire.instant(value.get("CreatedDate")),
                new Sensitive(text)));
    }

    private static StoredSecret stored(Map<?, ?> secret, boolean described) {
        var tags = new LinkedHashMap<String, String>();
        for (Object one : list(secret.get("Tags"))) {
            var tag = (Map<?, ?>) one;
            tags.put(text(tag.get("Key")), text(tag.get("Value")));
        }
        var stages = new LinkedHashMap<VersionId, Set<String>>();
        if (secret.get(described ? "VersionIdsToStages" : "SecretVersionsToStages") instanceof Map<?, ?> versions) {
            versions.forEach((id, labels) -> stages.put(new VersionId(text(id)), texts(labels)));
        }
        return new StoredSecret(
                text(secret.get("ARN")),
                text(secret.get("Name")),
                Optional.ofNullable(secret.get("RotationLambdaARN")).map(DirectVault::text),
                Optional.ofNullable(secret.get("RotationEnabled")).map(Boolean.class::cast),
                Optional.ofNullable(secret.get("OwningService")).map(DirectVault::text),
                Optional.ofNullable(secret.get("PrimaryRegion")).map(DirectVault::text),
                tags,
                stages,
                date(secret, "LastRotatedDate"),
                date(secret, "LastChangedDate"),
                secret.get("DeletedDate") != null);
    }

    private static Optional<Instant> date(Map<?, ?> secret, String member) {
        return Optional.ofNullable(secret.get(member)).map(SecretsManagerWire::instant);
    }

    private static List<?> list(@org.jspecify.annotations.Nullable Object list) {
        return list instanceof List<?> some ? some : List.of();
    }

    private static Set<String> texts(@org.jspecify.annotations.Nullable Object list) {
        var texts = new java.util.TreeSet<String>();
        list(list).forEach(one -> texts.add(text(one)));
        return texts;
    }

    private static String text(@org.jspecify.annotations.Nullable Object text) {
        return String.valueOf(text);
    }
}
