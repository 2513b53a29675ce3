package dev.atlasrotator.secretsmanager;

import dev.atlasrotator.aws.AwsFailure;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.network.ConnectionFailure;
import dev.atlasrotator.retry.Retrier.Attempt;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A call that failed, in our words. What the service wrote is read here and goes no further,
 * except for the ids in it: a validation message quotes the field that it complains about, and that
 * may be the value itself.
 *
 * @param operation the service's name for the call
 * @param hint what the service's sentence is known to be about
 */
record ServiceFailure(String operation, Kind kind, Hint hint, AwsFailure failure) {
    /** What a failure means for the caller. */
    enum Kind {
        /** No call was made, for want of time. */
        NO_TIME,
        /** It did nothing, and may do it the next time: throttled, clock askew, token run out. */
        THROTTLED,
        /** It was not sent: no connection that may be used came about. */
        NOT_CONNECTED,
        /** No answer, or one that does not say whether there was an effect. */
        OUTCOME_UNKNOWN,
        NOT_FOUND,
        EXISTS,
        /** The request does not fit the state that things are in. */
        INVALID,
        DENIED,
        /** The KMS key can't be used. */
        KEY,
        /** Too many versions or labels. */
        LIMIT,
        /** Any other certain no. */
        REJECTED
    }

    /** Sentences of the service that decide what to say or to do (observed, undocumented). The first that fits counts. */
    enum Hint {
        MARKED_FOR_DELETION("marked for deletion|marked deleted|scheduled for deletion"),
        /** The whole secret is unknown, and not only one of its values. */
        NO_SUCH_SECRET("find the specified secret(?! value)"),
        /** An earlier rotation is in progress, and is resumed by this very call. */
        ROTATION_IN_PROGRESS("previous rotation"),
        NO_ROTATION_FUNCTION("no lambda rotation function"),
        FUNCTION_NOT_INVOCABLE("cannot invoke the specified lambda"),
        REPLICA("replica secret"),
        KMS("kms"),
        NONE("");

        private final Pattern sentence;

        Hint(String sentence) {
            this.sentence = Pattern.compile(sentence, Pattern.CASE_INSENSITIVE);
        }

        private static Hint in(String message) {
            return Arrays.stream(values())
                    .filter(hint -> hint.sentence.matcher(message).find())
                    .findFirst()
                    .orElse(NONE);
        }
    }

    private static final Pattern ID =
            Pattern.compile("\\barn:[a-z-]{3,20}:[a-z0-9-]{1,30}:[a-z0-9-]{0,30}:\\d{0,12}:[\\w/+=.@:*-]{1,300}"
                    + "|\\b(?:secretsmanager|kms|lambda):[A-Z][A-Za-z]{2,40}\\b");

    static ServiceFailure of(String operation, AwsFailure failure) {
        var hint = Hint.in(failure.message().reveal());
        return new ServiceFailure(operation, kind(failure, hint), hint, failure);
    }

    private static Kind kind(AwsFailure failure, Hint hint) {
        return switch (failure.kind()) {
            case NO_TIME -> Kind.NO_TIME;
            case THROTTLED -> Kind.THROTTLED;
            case NOT_CONNECTED -> Kind.NOT_CONNECTED;
            case OUTCOME_UNKNOWN -> Kind.OUTCOME_UNKNOWN;
            case REFUSED -> refused(failure, hint);
        };
    }

    private static Kind refused(AwsFailure failure, Hint hint) {
        return switch (failure.outcome()) {
            case "DecryptionFailure", "DecryptionFailureException", "EncryptionFailure", "EncryptionFailureException" ->
                Kind.KEY;
            case "ResourceNotFoundException" -> Kind.NOT_FOUND;
            case "ResourceExistsException" -> Kind.EXISTS;
            case "LimitExceededException" -> Kind.LIMIT;
            case "InvalidRequestException", "InvalidParameterException", "PreconditionNotMetException" -> Kind.INVALID;
            case "AccessDeniedException", "AccessDenied" -> hint == Hint.KMS ? Kind.KEY : Kind.DENIED;
            case String code when code.startsWith("KMS") -> Kind.KEY;
            default -> failure.status() == 403 ? Kind.DENIED : Kind.REJECTED;
        };
    }

    /** Whether the same call may do better in a moment. */
    boolean mayPass() {
        return kind == Kind.THROTTLED || kind == Kind.NOT_CONNECTED || kind == Kind.OUTCOME_UNKNOWN;
    }

    /** A retry where it may help; without one, this is the outcome. */
    <T> Attempt<T> attempt(Supplier<T> last) {
        return mayPass() ? new Attempt.Retry<>(failure.retryAfter(), last) : new Attempt.Done<>(last.get());
    }

    /** A retry; without one, this failure is thrown. */
    <T> Attempt<T> retry(String subject) {
        return Attempt.retry(failure.retryAfter(), exception(subject));
    }

    /**
     * What happened and what to do. What state things are in is not in it: the caller knows what
     * was done before it.
     */
    String explain(String subject) {
        var what = "Secrets Manager's %s on %s".formatted(operation, subject);
        var outcome = failure.outcome();
        var advice = failure.connecting().map(ConnectionFailure::advice).orElse("Try again later.");
        var named = named();
        return switch (kind) {
            case NO_TIME -> what + " was not begun: no time of this run is left. Nothing was sent.";
            case THROTTLED -> what + " was put off (%s). Try again later.".formatted(outcome);
            case NOT_CONNECTED -> "Secrets Manager %s (%s on %s). %s".formatted(outcome, operation, subject, advice);
            case OUTCOME_UNKNOWN -> what + """
                 brought no usable answer (%s). Try again; if it happens again, check the network path to Secrets \
                Manager and the role's credentials.\
                """.formatted(outcome);
            case NOT_FOUND -> what + """
                 found nothing (%s): there is no such stored secret, or no such version of it, in this account and \
                region; check the name.\
                """.formatted(outcome);
            case EXISTS -> what + ": that version already holds another value. It was left alone.";
            case INVALID -> what + invalid() + named;
            case DENIED -> what + denied(subject) + named;
            case KEY -> what + """
                 could not use its KMS key (%s): allow this function's role kms:Decrypt and kms:GenerateDataKey on \
                that key, with the encryption context SecretARN, and check that the key is enabled.\
                """.formatted(outcome) + named;
            // "Secrets Manager removes outdated versions when there are more than 100, but it does not remove versions
            // created less than 24 hours ago" (API reference, PutSecretValue,
            // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html).
            case LIMIT -> what + """
                 met a limit of the stored secret's (%s): it takes about 100 new versions in 24 hours, and 20 labels. \
                Find what stores so often (ListSecretVersionIds shows when), end it, and wait until those versions are \
                a day old.\
                """.formatted(outcome);
            case REJECTED ->
                "%s was rejected (%s); see what Secrets Manager's API reference says of that.%s"
                        .formatted(what, outcome, named);
        };
    }

    /** The ARNs and actions that the service named. */
    private String named() {
        var ids = ID.matcher(failure.message().reveal()).results().map(MatchResult::group);
        var list = ids.limit(4).collect(Collectors.joining(", "));
        return list.isEmpty() ? "" : " The service named %s.".formatted(list);
    }

    private String invalid() {
        return switch (hint) {
            case MARKED_FOR_DELETION -> ": it is scheduled for deletion. Restore it (RestoreSecret) first.";
            case NO_ROTATION_FUNCTION -> ": no rotation function is attached to it. Attach this one.";
            case REPLICA -> ": it is a replica. Call the function in the primary's region instead.";
            case NONE, NO_SUCH_SECRET, ROTATION_IN_PROGRESS, FUNCTION_NOT_INVOCABLE, KMS ->
                " does not fit the state that it is in (%s); see its versions and labels (DescribeSecret)."
                        .formatted(failure.outcome());
        };
    }

    private String denied(String subject) {
        return hint == Hint.FUNCTION_NOT_INVOCABLE ? """
            : Secrets Manager may not invoke its rotation function. Grant lambda:InvokeFunction on the very ARN \
            that is attached (alias included) to the principal secretsmanager.amazonaws.com.\
            """ : """
                 was denied (%s): allow this function's role secretsmanager:%s on %s, in its policy, the stored \
                secret's resource policy and any VPC endpoint's policy.\
                """.formatted(failure.outcome(), operation, subject);
    }

    /** What it is called in a report. */
    Code code() {
        return switch (kind) {
            case NO_TIME -> Code.OUT_OF_TIME;
            case THROTTLED -> Code.THROTTLED;
            case NOT_CONNECTED, OUTCOME_UNKNOWN ->
                failure.connecting().flatMap(ConnectionFailure::code).orElse(Code.SECRETS_MANAGER_UNAVAILABLE);
            case NOT_FOUND -> Code.NOT_FOUND;
            case KEY -> Code.KMS_DENIED;
            case EXISTS, INVALID, DENIED, LIMIT, REJECTED -> Code.SECRETS_MANAGER_DENIED;
        };
    }

    /** This failure as the exception that ends the piece of work. */
    RotatorException exception(String subject) {
        var message = kind == Kind.NO_TIME ? explain(subject) : explain(subject) + " " + state();
        return switch (kind) {
            case NO_TIME, THROTTLED, NOT_CONNECTED, OUTCOME_UNKNOWN ->
                new RotatorException.Unavailable(code(), message, failure.retryAfter());
            case NOT_FOUND, KEY, EXISTS, INVALID, DENIED, LIMIT, REJECTED ->
                new RotatorException.Configuration(code(), message);
        };
    }

    /** What this call has done, and no more: a run may have done something before it. */
    private String state() {
        boolean certain = kind != Kind.OUTCOME_UNKNOWN;
        return switch (operation) {
            case "UpdateSecretVersionStage" ->
                certain ? "No label was moved." : "Whether a label was moved is not known.";
            case "RotateSecret" -> certain ? "No rotation was begun." : "Whether a rotation has begun is not known.";
            default -> "This call changed nothing.";
        };
    }
}
