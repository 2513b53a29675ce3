package dev.atlasrotator.secretsmanager;

import static dev.atlasrotator.secretsmanager.StoredSecret.CURRENT;
import static dev.atlasrotator.secretsmanager.StoredSecret.PENDING;

import dev.atlasrotator.aws.AwsCalls;
import dev.atlasrotator.aws.AwsCalls.Called;
import dev.atlasrotator.aws.AwsFailure;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.RateLimiter;
import dev.atlasrotator.retry.RateLimiter.Rate;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.retry.Retrier.Attempt;
import dev.atlasrotator.retry.RetryPolicy;
import dev.atlasrotator.secretsmanager.ServiceFailure.Hint;
import dev.atlasrotator.secretsmanager.ServiceFailure.Kind;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.APIErrorType;
import software.amazon.awssdk.services.secretsmanager.model.BatchGetSecretValueRequest;
import software.amazon.awssdk.services.secretsmanager.model.BatchGetSecretValueResponse;
import software.amazon.awssdk.services.secretsmanager.model.DescribeSecretRequest;
import software.amazon.awssdk.services.secretsmanager.model.Filter;
import software.amazon.awssdk.services.secretsmanager.model.FilterNameStringType;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueRequest;
import software.amazon.awssdk.services.secretsmanager.model.ListSecretVersionIdsRequest;
import software.amazon.awssdk.services.secretsmanager.model.ListSecretsRequest;
import software.amazon.awssdk.services.secretsmanager.model.ListSecretsResponse;
import software.amazon.awssdk.services.secretsmanager.model.PutSecretValueRequest;
import software.amazon.awssdk.services.secretsmanager.model.RotateSecretRequest;
import software.amazon.awssdk.services.secretsmanager.model.UpdateSecretVersionStageRequest;

/**
 * Secrets Manager through the AWS SDK. Trying again is done here and not by the SDK, so that every
 * call is counted and logged, waits on our clock and keeps the deadline; give it a client of {@link
 * SecretsManagerClients}, which leaves that out.
 *
 * <p>No exception of the SDK gets out, not even as a cause, and nothing that the service wrote but
 * the ids in it ({@link ServiceFailure}). Safe to use from several threads at once.
 */
public final class SdkSecretVault implements SecretVault {
    /** How many stored secrets {@link #readCurrent} takes at once (BatchGetSecretValue's bound). */
    public static final int BATCH_MAX = 20;

    private static final RetryPolicy PATIENCE = new RetryPolicy(4, Duration.ofMillis(200), Duration.ofSeconds(2));

    /** Where a version is stored that has yet to get AWSPENDING. */
    private static final String BEGINNING = "ATLASROTATORBEGINS";

    private static final int PAGE = 100;

    // Secrets Manager keeps about 100 versions, a page; an endless list is not ours to read.
    private static final int PAGES_MAX = 20;

    private final SecretsManagerClient client;
    private final Retrier retrier;
    private final Log log;
    private final AwsCalls calls;
    private final RateLimiter pace;

    public SdkSecretVault(SecretsManagerClient client, Retrier retrier, Log log, InstantSource clock) {
        this.client = client;
        this.retrier = retrier;
        this.log = log;
        this.calls = new AwsCalls("secretsmanager", log, clock);
        this.pace = new RateLimiter(clock, retrier);
    }

    @Override
    public StoredSecret describe(String secretId, Deadline deadline) {
        return callWithRetry(
                "DescribeSecret",
                deadline,
                limits -> Answers.stored(client.describeSecret(DescribeSecretRequest.builder()
                        .secretId(secretId)
                        .overrideConfiguration(limits)
                        .build())),
                failure -> {
                    throw failure.exception(secretId);
                });
    }

    @Override
    public Reading read(String arn, VersionSelector which, Deadline deadline) {
        var request = GetSecretValueRequest.builder().secretId(arn);
        boolean labelAndVersion = switch (which) {
            case VersionSelector.Staged(String stage) -> {
                request.versionStage(stage);
                yield false;
            }
            case VersionSelector.Exactly(VersionId id) -> {
                request.versionId(id.value());
                yield false;
            }
            case VersionSelector.StagedExactly(VersionId id, String stage) -> {
                request.versionId(id.value()).versionStage(stage);
                yield true;
            }
        };
        return callWithRetry(
                "GetSecretValue",
                deadline,
                limits -> Answers.reading(client.getSecretValue(
                        request.copy().overrideConfiguration(limits).build())),
                failure -> {
                    if (failure.kind() == Kind.NOT_FOUND && failure.hint() != Hint.NO_SUCH_SECRET) {
                        return new Reading.Absent();
                    }
                    if (failure.kind() == Kind.INVALID
                            && labelAndVersion
                            && failure.hint() != Hint.MARKED_FOR_DELETION) {
                        return new Reading.StageMoved();
                    }
                    throw failure.exception(arn);
                });
    }

    private record VersionPage(List<VersionEntry> versions, Optional<String> next) {}

    @Override
    public List<VersionEntry> versions(String arn, Deadline deadline) {
        var all = new ArrayList<VersionEntry>();
        var request = ListSecretVersionIdsRequest.builder()
                .secretId(arn)
                .includeDeprecated(true)
                .maxResults(PAGE);
        for (int page = 0; page < PAGES_MAX; page++) {
            var answer = callWithRetry(
                    "ListSecretVersionIds",
                    deadline,
                    limits -> {
                        var seen = client.listSecretVersionIds(
                                request.copy().overrideConfiguration(limits).build());
                        return new VersionPage(
                                seen.versions().stream().map(Answers::version).toList(),
                                Answers.text(seen.nextToken()));
                    },
                    failure -> {
                        throw failure.exception(arn);
                    });
            all.addAll(answer.versions());
            var next = answer.next();
            if (next.isEmpty()) {
                return List.copyOf(all);
            }
            request.nextToken(next.get());
        }
        throw new RotatorException.Configuration(
                Code.SECRETS_MANAGER_UNAVAILABLE,
                arn
                        + " has more than "
                        + PAGES_MAX * PAGE
                        + " versions, and Secrets Manager keeps about 100. This call changed"
                        + " nothing; check what answers at the endpoint.");
    }

    @Override
    public PutAnswer putPending(
            String arn, VersionId version, Sensitive text, Optional<Sensitive> rotationToken, Deadline deadline) {
        return put(arn, version, text, PENDING, rotationToken, deadline);
    }

    private PutAnswer put(
            String arn,
            VersionId version,
            Sensitive text,
            String stage,
            Optional<Sensitive> rotationToken,
            Deadline deadline) {
        // Without a stage AWSCURRENT itself would move to the new value.
        var request = PutSecretValueRequest.builder()
                .secretId(arn)
                .clientRequestToken(version.value())
                .versionStages(stage);
        // One try that may have stored it makes every later "no" uncertain.
        var maybeStored = new AtomicBoolean();
        return retrier.run(PATIENCE, deadline, number -> switch (this.<PutAnswer>call(
                "PutSecretValue", deadline, limits -> {
                    var secret = request.copy().secretString(text.reveal());
                    rotationToken.ifPresent(token -> secret.rotationToken(token.reveal()));
                    client.putSecretValue(secret.overrideConfiguration(limits).build());
                    return new PutAnswer.Stored();
                })) {
            case Called.Answered<PutAnswer, ServiceFailure>(PutAnswer answer) -> new Attempt.Done<>(answer);
            case Called.Failed<PutAnswer, ServiceFailure>(ServiceFailure failure) -> {
                if (failure.kind() == Kind.SILENT) {
                    maybeStored.set(true);
                }
                var answer = notStored(failure, arn, maybeStored.get());
                yield failure.mayPass()
                        ? new Attempt.Again<>(failure.retryAfter(), () -> answer)
                        : new Attempt.Done<>(answer);
            }
        });
    }

    private static PutAnswer notStored(ServiceFailure failure, String arn, boolean maybeStored) {
        if (failure.kind() == Kind.EXISTS) {
            return new PutAnswer.TakenByAnother();
        }
        return maybeStored ? new PutAnswer.Unknown(failure.explain(arn)) : new PutAnswer.Rejected(failure.explain(arn));
    }

    /**
     * A put takes its label from whoever bears it, and only the move of a label fails where another
     * has got it. So the version is stored under a label of no meaning, which the next one takes
     * over, and AWSPENDING is moved.
     */
    @Override
    public PutAnswer register(
            String arn, VersionId version, Sensitive text, Optional<VersionId> holder, Deadline deadline) {
        var stored = put(arn, version, text, BEGINNING, Optional.empty(), deadline);
        if (!(stored instanceof PutAnswer.Stored)) {
            return stored;
        }
        var request = UpdateSecretVersionStageRequest.builder()
                .secretId(arn)
                .versionStage(PENDING)
                .moveToVersionId(version.value());
        holder.map(VersionId::value).ifPresent(request::removeFromVersionId);
        boolean moved = moveStage(
                arn,
                request,
                deadline,
                seen -> seen.version(PENDING).equals(holder)
                        ? Optional.empty()
                        : Optional.of(
                                seen.version(PENDING).filter(version::equals).isPresent()));
        return moved ? stored : new PutAnswer.TakenByAnother();
    }

    /**
     * Moves AWSCURRENT, if it is still on {@code from}. A call that failed without a word may have
     * moved it, and a refusal does not say where it is: either is settled by one DescribeSecret,
     * and the call is repeated only if AWSCURRENT is seen where it was.
     */
    @Override
    public boolean promote(String arn, VersionId to, VersionId from, Deadline deadline) {
        var request = UpdateSecretVersionStageRequest.builder()
                .secretId(arn)
                .versionStage(CURRENT)
                .moveToVersionId(to.value())
                .removeFromVersionId(from.value());
        return moveStage(
                arn,
                request,
                deadline,
                seen -> seen.version(CURRENT).filter(from::equals).isPresent()
                        ? Optional.empty()
                        : Optional.of(seen.version(CURRENT).filter(to::equals).isPresent()));
    }

    @Override
    public void dropPending(String arn, VersionId version, Deadline deadline) {
        var request = UpdateSecretVersionStageRequest.builder()
                .secretId(arn)
                .versionStage(PENDING)
                .removeFromVersionId(version.value());
        moveStage(
                arn,
                request,
                deadline,
                seen -> seen.stages().getOrDefault(version, Set.of()).contains(PENDING)
                        ? Optional.empty()
                        : Optional.of(true));
    }

    /**
     * Moves a label.
     *
     * @param settled what the stored secret says of the outcome; empty where the label is still at
     *     its old place
     */
    private boolean moveStage(
            String arn,
            UpdateSecretVersionStageRequest.Builder request,
            Deadline deadline,
            Function<StoredSecret, Optional<Boolean>> settled) {
        return retrier.run(PATIENCE, deadline, number -> switch (call("UpdateSecretVersionStage", deadline, limits -> {
            client.updateSecretVersionStage(
                    request.copy().overrideConfiguration(limits).build());
            return true;
        })) {
            case Called.Answered<Boolean, ServiceFailure>(Boolean moved) -> new Attempt.Done<>(moved);
            case Called.Failed<Boolean, ServiceFailure>(ServiceFailure failure) ->
                afterNoMove(arn, failure, deadline, settled);
        });
    }

    private Attempt<Boolean> afterNoMove(
            String arn, ServiceFailure failure, Deadline deadline, Function<StoredSecret, Optional<Boolean>> settled) {
        return switch (failure.kind()) {
            case BUSY, NOT_CONNECTED -> again(failure, arn);
            case SILENT, INVALID, NOT_FOUND -> {
                if (failure.hint() == Hint.MARKED_FOR_DELETION || failure.hint() == Hint.NO_SUCH_SECRET) {
                    throw failure.exception(arn);
                }
                // A refusal while the label is seen at its old place: a read may lag behind, so the
                // two disagree for a moment only, or the new version is not visible yet.
                yield settled.apply(describe(arn, deadline))
                        .<Attempt<Boolean>>map(Attempt.Done::new)
                        .orElseGet(() -> again(failure, arn));
            }
            case NO_TIME, EXISTS, DENIED, KEY, LIMIT, REJECTED -> throw failure.exception(arn);
        };
    }

    @Override
    public void requestRotation(String arn, Deadline deadline) {
        // One token for all tries: a repeat after a lost answer then means the same rotation.
        var request = RotateSecretRequest.builder()
                .secretId(arn)
                .clientRequestToken(UUID.randomUUID().toString());
        callWithRetry(
                "RotateSecret",
                deadline,
                limits -> {
                    client.rotateSecret(
                            request.copy().overrideConfiguration(limits).build());
                    return true;
                },
                failure -> {
                    if (failure.hint() == Hint.ROTATION_STANDS) {
                        return true;
                    }
                    throw failure.exception(arn);
                });
    }

    @Override
    public Page list(String tagKey, String namePrefix, Optional<String> page, Deadline deadline) {
        var filters = new ArrayList<Filter>();
        filters.add(filter(FilterNameStringType.TAG_KEY, tagKey));
        if (!namePrefix.isEmpty()) {
            filters.add(filter(FilterNameStringType.NAME, namePrefix));
        }
        var request = ListSecretsRequest.builder()
                .filters(filters)
                .includePlannedDeletion(false)
                .maxResults(PAGE);
        page.ifPresent(request::nextToken);
        // Read inside of the call: an answer that cannot be read is none.
        return callWithRetry(
                "ListSecrets",
                deadline,
                limits -> page(
                        client.listSecrets(
                                request.copy().overrideConfiguration(limits).build()),
                        tagKey,
                        namePrefix),
                failure -> {
                    throw failure.exception("*");
                });
    }

    private static Filter filter(FilterNameStringType key, String value) {
        return Filter.builder().key(key).values(value).build();
    }

    /**
     * Both filters are prefix matches, with case (Secrets Manager's API reference, Filter): the tag
     * key "managed" finds what is tagged "managed-by" as well. That a name begins as it must is
     * looked at once more, since not everything that answers in the service's place keeps to case.
     */
    private static Page page(ListSecretsResponse answer, String tagKey, String namePrefix) {
        return new Page(
                answer.secretList().stream()
                        .map(Answers::stored)
                        .filter(secret -> secret.tags().containsKey(tagKey))
                        .filter(secret -> secret.name().startsWith(namePrefix))
                        .filter(secret -> !secret.deleted())
                        .toList(),
                Answers.text(answer.nextToken()));
    }

    /**
     * The values under AWSCURRENT, by ARN.
     *
     * @throws IllegalArgumentException if more than {@value #BATCH_MOST} are asked for
     */
    @Override
    public Map<String, Reading> readCurrent(List<String> arns, Deadline deadline) {
        var asked = arns.stream().distinct().toList();
        if (asked.size() > BATCH_MAX) {
            throw new IllegalArgumentException(asked.size() + " ids; BatchGetSecretValue takes " + BATCH_MAX);
        }
        var readings = new HashMap<String, Reading>();
        var request = BatchGetSecretValueRequest.builder().secretIdList(asked);
        for (int page = 0; page < PAGES_MAX && !asked.isEmpty(); page++) {
            var answer = callWithRetry(
                    "BatchGetSecretValue",
                    deadline,
                    limits -> {
                        var seen = client.batchGetSecretValue(
                                request.copy().overrideConfiguration(limits).build());
                        return new BatchPage(
                                readings(seen), List.copyOf(seen.errors()), Answers.text(seen.nextToken()));
                    },
                    failure -> {
                        throw failure.exception(String.join(", ", asked));
                    });
            readings.putAll(answer.readings());
            logMissing(answer.errors());
            var next = answer.next();
            if (next.isEmpty()) {
                break;
            }
            request.nextToken(next.get());
        }
        return Map.copyOf(readings);
    }

    private record BatchPage(Map<String, Reading> readings, List<APIErrorType> errors, Optional<String> next) {}

    private static Map<String, Reading> readings(BatchGetSecretValueResponse answer) {
        var readings = new HashMap<String, Reading>();
        answer.secretValues().forEach(one -> readings.put(one.arn(), Answers.reading(one)));
        answer.errors().stream()
                .filter(error -> "ResourceNotFoundException".equals(error.errorCode()))
                .forEach(error -> readings.put(error.secretId(), new Reading.Absent()));
        return Map.copyOf(readings);
    }

    /** Who is missing and why: the answer as a whole counts as a success. */
    private void logMissing(List<APIErrorType> errors) {
        for (var error : errors) {
            log.line(
                    Log.Level.WARN,
                    "a stored secret could not be read",
                    Map.of(
                            "secretArn",
                            Answers.text(error.secretId()).orElse("?"),
                            "error",
                            AwsFailure.code(error.errorCode()).orElse("?")));
        }
    }

    /** Calls until there is an answer, or a failure that no repeat would mend. */
    private <T> T callWithRetry(
            String operation,
            Deadline deadline,
            Function<AwsRequestOverrideConfiguration, T> request,
            Function<ServiceFailure, T> otherwise) {
        return retrier.run(PATIENCE, deadline, number -> switch (call(operation, deadline, request)) {
            case Called.Answered<T, ServiceFailure>(T answer) -> new Attempt.Done<>(answer);
            case Called.Failed<T, ServiceFailure>(ServiceFailure failure) ->
                failure.mayPass()
                        ? new Attempt.Again<>(failure.retryAfter(), () -> otherwise.apply(failure))
                        : new Attempt.Done<>(otherwise.apply(failure));
        });
    }

    private static Attempt<Boolean> again(ServiceFailure failure, String arn) {
        return new Attempt.Again<>(failure.retryAfter(), () -> {
            throw failure.exception(arn);
        });
    }

    /**
     * Operations that share a quota, and its calls a second (AWS's "Secrets Manager quotas"). We
     * take a fifth, at once and in the long run: the template lets four runs of this function work
     * side by side, and none of them knows of the others.
     */
    private record Quota(String key, Rate rate) {
        static final Quota READ = of("reads", 10_000);
        static final Quota DESCRIBE = of("descriptions", 40_000);
        static final Quota LIST = of("lists", 100);
        static final Quota BATCH = of("batches", 100);
        static final Quota WRITE = of("writes", 50);
        static final Quota ROTATE = of("rotations", 50);
        static final Quota OTHER = of("others", 50);

        private static Quota of(String key, int perSecond) {
            return new Quota(key, new Rate(perSecond / 5, perSecond / 5.0));
        }

        static Quota of(String operation) {
            return switch (operation) {
                case "GetSecretValue" -> READ;
                case "DescribeSecret" -> DESCRIBE;
                case "ListSecrets" -> LIST;
                case "BatchGetSecretValue" -> BATCH;
                case "PutSecretValue", "UpdateSecretVersionStage" -> WRITE;
                case "RotateSecret" -> ROTATE;
                default -> OTHER;
            };
        }
    }

    /** One call: bounded, paced, measured, logged. */
    private <T> Called<T, ServiceFailure> call(
            String operation, Deadline deadline, Function<AwsRequestOverrideConfiguration, T> request) {
        var quota = Quota.of(operation);
        try {
            pace.take(quota.key(), quota.rate(), deadline);
        } catch (RotatorException.Unavailable noRoom) {
            // A failure like any other, so that what an earlier try may have done is not forgotten.
            return new Called.Failed<>(ServiceFailure.noRoom(operation, noRoom.retryAfter()));
        }
        var called = calls.call(operation, deadline, request, answer -> "ok", why -> ServiceFailure.of(operation, why));
        if (called instanceof Called.Failed<T, ServiceFailure>(var failure) && failure.kind() == Kind.BUSY) {
            pace.hold(quota.key(), quota.rate(), failure.retryAfter().orElse(Duration.ZERO));
        }
        return called;
    }
}
