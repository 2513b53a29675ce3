package dev.atlasrotator.secretsmanager;

import static dev.atlasrotator.secretsmanager.StoredSecret.CURRENT;
import static dev.atlasrotator.secretsmanager.StoredSecret.PENDING;

import dev.atlasrotator.aws.AwsFailure;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.retry.Retrier.Attempt;
import dev.atlasrotator.secretsmanager.ServiceFailure.Hint;
import dev.atlasrotator.secretsmanager.ServiceFailure.Kind;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.APIErrorType;
import software.amazon.awssdk.services.secretsmanager.model.Filter;
import software.amazon.awssdk.services.secretsmanager.model.FilterNameStringType;

/**
 * Secrets Manager through the AWS SDK. Retries are done here and not by the SDK, so that every
 * call is counted and logged, waits on our clock and keeps the deadline; give it a client of {@link
 * SecretsManagerClients}, which leaves that out.
 *
 * <p>No exception of the SDK leaves it, not even as a cause, and nothing that the service wrote but
 * the ids in it ({@link ServiceFailure}). Safe to use from several threads at once.
 */
public final class SdkSecretVault implements SecretVault {
    /**
     * How many stored secrets {@link #readCurrent} takes at once (API reference, BatchGetSecretValue,
     * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html).
     */
    public static final int BATCH_MAX = 20;

    /** Where a version is stored that has yet to get AWSPENDING. */
    private static final String BEGINNING = "ATLASROTATORBEGINS";

    private static final int PAGE = 100;

    // Secrets Manager keeps about 100 versions, a page ("AWS Secrets Manager quotas"); an endless list is not ours to
    // read.
    private static final int PAGES_MAX = 20;

    private final SecretsManagerClient client;
    private final Log log;
    private final VaultCalls calls;

    /**
     * The adapter.
     *
     * @param runs how many runs of this function work side by side
     */
    public SdkSecretVault(SecretsManagerClient client, Retrier retrier, Log log, InstantSource clock, int runs) {
        this.client = client;
        this.log = log;
        this.calls = new VaultCalls(retrier, log, clock, runs);
    }

    @Override
    public StoredSecret describe(String secretId, Deadline deadline) {
        return calls.answer(
                "DescribeSecret",
                secretId,
                deadline,
                limits -> Answers.stored(client.describeSecret(
                        request -> request.secretId(secretId).overrideConfiguration(limits))));
    }

    @Override
    public Reading read(String arn, VersionSelector which, Deadline deadline) {
        return calls.answerOr(
                "GetSecretValue",
                deadline,
                limits -> Answers.reading(client.getSecretValue(request -> {
                    request.secretId(arn).overrideConfiguration(limits);
                    switch (which) {
                        case VersionSelector.Staged(String stage) -> request.versionStage(stage);
                        case VersionSelector.Exactly(VersionId id) -> request.versionId(id.value());
                        case VersionSelector.StagedExactly(VersionId id, String stage) ->
                            request.versionId(id.value()).versionStage(stage);
                    }
                })),
                failure -> {
                    if (failure.kind() == Kind.NOT_FOUND && failure.hint() != Hint.NO_SUCH_SECRET) {
                        return new Reading.Absent();
                    }
                    if (failure.kind() == Kind.INVALID
                            && which instanceof VersionSelector.StagedExactly
                            && failure.hint() != Hint.MARKED_FOR_DELETION) {
                        return new Reading.StageMoved();
                    }
                    throw failure.exception(arn);
                });
    }

    @Override
    public List<VersionEntry> versions(String arn, Deadline deadline) {
        var all = new ArrayList<VersionEntry>();
        boolean ended = readPages(next -> calls.answer("ListSecretVersionIds", arn, deadline, limits -> {
            var answer = client.listSecretVersionIds(request -> {
                request.secretId(arn).includeDeprecated(true).maxResults(PAGE).overrideConfiguration(limits);
                next.ifPresent(request::nextToken);
            });
            all.addAll(answer.versions().stream().map(Answers::version).toList());
            return Answers.text(answer.nextToken());
        }));
        if (!ended) {
            throw new RotatorException.Configuration(
                    Code.SECRETS_MANAGER_UNAVAILABLE, """
                        %s has more than %d versions, and Secrets Manager keeps about 100. This call changed nothing; \
                        check what answers at the endpoint.\
                        """.formatted(arn, PAGES_MAX * PAGE));
        }
        return List.copyOf(all);
    }

    /**
     * Reads page after page.
     *
     * @param page reads one, given its token, and answers the token of the next one
     * @return whether the last one was reached
     */
    private static boolean readPages(UnaryOperator<Optional<String>> page) {
        var next = Optional.<String>empty();
        for (int number = 0; number < PAGES_MAX; number++) {
            next = page.apply(next);
            if (next.isEmpty()) {
                return true;
            }
        }
        return false;
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
        // One try that may have stored it makes every later "no" uncertain.
        var maybeStored = new AtomicBoolean();
        return calls.run(
                "PutSecretValue",
                deadline,
                limits -> {
                    client.putSecretValue(request -> {
                        // Without a stage AWSCURRENT itself would move to the new value (API reference, PutSecretValue,
                        // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html).
                        request.secretId(arn)
                                .clientRequestToken(version.value())
                                .secretString(text.reveal())
                                .versionStages(stage)
                                .overrideConfiguration(limits);
                        rotationToken.ifPresent(token -> request.rotationToken(token.reveal()));
                    });
                    return new PutAnswer.Stored();
                },
                failure -> {
                    maybeStored.compareAndSet(false, failure.kind() == Kind.OUTCOME_UNKNOWN);
                    PutAnswer answer = failure.kind() == Kind.EXISTS
                            ? new PutAnswer.TakenByAnother()
                            : maybeStored.get()
                                    ? new PutAnswer.Unknown(failure.explain(arn))
                                    : new PutAnswer.Rejected(failure.code(), failure.explain(arn));
                    return failure.attempt(() -> answer);
                });
    }

    /**
     * A put takes its label from whichever version has it; only the move of a label fails if another version has got it
     * meanwhile. So the version is stored under a label without a meaning, which the next one takes, and AWSPENDING is
     * moved.
     */
    @Override
    public PutAnswer register(
            String arn, VersionId version, Sensitive text, Optional<VersionId> holder, Deadline deadline) {
        var stored = put(arn, version, text, BEGINNING, Optional.empty(), deadline);
        if (stored instanceof PutAnswer.Stored
                && !move(arn, new Move(PENDING, Optional.of(version), holder), deadline)) {
            return new PutAnswer.TakenByAnother();
        }
        return stored;
    }

    @Override
    public boolean promote(String arn, VersionId to, VersionId from, Deadline deadline) {
        return move(arn, new Move(CURRENT, Optional.of(to), Optional.of(from)), deadline);
    }

    @Override
    public void dropPending(String arn, VersionId version, Deadline deadline) {
        move(arn, new Move(PENDING, Optional.empty(), Optional.of(version)), deadline);
    }

    /**
     * The move of a label, which the service refuses if the label is not, or no longer, where it is taken from (API
     * reference, UpdateSecretVersionStage,
     * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html).
     */
    private record Move(String stage, Optional<VersionId> to, Optional<VersionId> from) {
        /** Whether it has happened; empty where the label is still at its old place. */
        Optional<Boolean> outcome(StoredSecret seen) {
            var holder = seen.version(stage);
            return holder.equals(from) ? Optional.empty() : Optional.of(to.isEmpty() || holder.equals(to));
        }
    }

    /**
     * Moves a label. A call that failed without a word may have moved it, and a refusal does not say
     * where it is: either is settled by one DescribeSecret, and the call is repeated only if the
     * label is seen where it was.
     */
    private boolean move(String arn, Move move, Deadline deadline) {
        return calls.run(
                "UpdateSecretVersionStage",
                deadline,
                limits -> {
                    client.updateSecretVersionStage(request -> {
                        request.secretId(arn).versionStage(move.stage()).overrideConfiguration(limits);
                        move.to().map(VersionId::value).ifPresent(request::moveToVersionId);
                        move.from().map(VersionId::value).ifPresent(request::removeFromVersionId);
                    });
                    return true;
                },
                failure -> afterNoMove(arn, failure, move, deadline));
    }

    private Attempt<Boolean> afterNoMove(String arn, ServiceFailure failure, Move move, Deadline deadline) {
        return switch (failure.kind()) {
            case THROTTLED, NOT_CONNECTED -> failure.retry(arn);
            case OUTCOME_UNKNOWN, INVALID, NOT_FOUND -> {
                if (failure.hint() == Hint.MARKED_FOR_DELETION || failure.hint() == Hint.NO_SUCH_SECRET) {
                    throw failure.exception(arn);
                }
                // A refusal while the label is seen at its old place: a read may lag behind, so the
                // two disagree for a moment only, or the new version is not visible yet.
                yield move.outcome(describe(arn, deadline))
                        .<Attempt<Boolean>>map(Attempt.Done::new)
                        .orElseGet(() -> failure.retry(arn));
            }
            case NO_TIME, EXISTS, DENIED, KEY, LIMIT, REJECTED -> throw failure.exception(arn);
        };
    }

    @Override
    public void requestRotation(String arn, Deadline deadline) {
        // One token for all tries: a repeat after a lost answer then means the same rotation.
        var token = UUID.randomUUID().toString();
        calls.answerOr(
                "RotateSecret",
                deadline,
                limits -> {
                    client.rotateSecret(request ->
                            request.secretId(arn).clientRequestToken(token).overrideConfiguration(limits));
                    return true;
                },
                failure -> {
                    if (failure.hint() == Hint.ROTATION_IN_PROGRESS) {
                        return true;
                    }
                    throw failure.exception(arn);
                });
    }

    @Override
    public Page list(Optional<String> tagKey, String namePrefix, Optional<String> page, Deadline deadline) {
        var filters = new ArrayList<Filter>();
        tagKey.ifPresent(key -> filters.add(filter(FilterNameStringType.TAG_KEY, key)));
        if (!namePrefix.isEmpty()) {
            filters.add(filter(FilterNameStringType.NAME, namePrefix));
        }
        // Read inside of the call: an answer that cannot be read is none.
        return calls.answer("ListSecrets", "*", deadline, limits -> {
            var answer = client.listSecrets(request -> {
                request.filters(filters)
                        .includePlannedDeletion(false)
                        .maxResults(PAGE)
                        .overrideConfiguration(limits);
                page.ifPresent(request::nextToken);
            });
            // Both filters are prefix matches, with case (Secrets Manager's API reference, Filter): the tag key
            // "managed" finds what is tagged "managed-by" as well. The beginning of a name is checked again, since not
            // everything that answers in the service's place keeps to case.
            var secrets = answer.secretList().stream()
                    .map(Answers::stored)
                    .filter(secret -> tagKey.filter(key -> !secret.tags().containsKey(key))
                            .isEmpty())
                    .filter(secret -> secret.name().startsWith(namePrefix))
                    .filter(secret -> !secret.deleted())
                    .toList();
            return new Page(secrets, Answers.text(answer.nextToken()));
        });
    }

    private static Filter filter(FilterNameStringType key, String value) {
        return Filter.builder().key(key).values(value).build();
    }

    /**
     * The values under AWSCURRENT, by ARN.
     *
     * @throws IllegalArgumentException if more than {@value #BATCH_MAX} are asked for
     */
    @Override
    public Map<String, Reading> readCurrent(List<String> arns, Deadline deadline) {
        var asked = arns.stream().distinct().toList();
        if (asked.size() > BATCH_MAX) {
            throw new IllegalArgumentException(asked.size() + " ids; BatchGetSecretValue takes " + BATCH_MAX);
        }
        if (asked.isEmpty()) {
            return Map.of();
        }
        var readings = new HashMap<String, Reading>();
        readPages(next -> calls.answer("BatchGetSecretValue", String.join(", ", asked), deadline, limits -> {
            var answer = client.batchGetSecretValue(request -> {
                request.secretIdList(asked).overrideConfiguration(limits);
                next.ifPresent(request::nextToken);
            });
            answer.secretValues().forEach(one -> readings.put(one.arn(), Answers.reading(one)));
            answer.errors()
                    .forEach(error -> readError(error).ifPresent(arn -> readings.put(arn, new Reading.Absent())));
            return Answers.text(answer.nextToken());
        }));
        return Map.copyOf(readings);
    }

    /** The ARN, if there is no value. Every error is logged, since the answer as a whole counts as a success. */
    private Optional<String> readError(APIErrorType error) {
        var arn = Answers.text(error.secretId());
        var code = AwsFailure.code(error.errorCode()).orElse("?");
        var fields = Map.of("secretArn", arn.orElse("?"), "error", code);
        log.line(Log.Level.WARN, "a stored secret could not be read", fields);
        return arn.filter(one -> code.equals("ResourceNotFoundException"));
    }
}
