package dev.atlasrotator.secretsmanager;

import dev.atlasrotator.aws.AwsFailure;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.network.ConnectionFailure;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * A call that failed, in our words. What the service wrote is looked at here and goes no further,
 * except for the ids in it: a validation message quotes the field that it complains about, and that
 * may be the value itself.
 *
 * @param operation the service's name for the call
 * @param outcome the error code, or what came instead of an answer; fit for a log
 * @param hint what the service's sentence is known to be about
 * @param ids the ARNs and actions that the service named
 * @param retryAfter how long it asked to be left alone
 * @param connecting what kept the call from being sent
 */
record ServiceFailure(
        String operation,
        Kind kind,
        String outcome,
        Hint hint,
        List<String> ids,
        Optional<Duration> retryAfter,
        Optional<ConnectionFailure> connecting) {
    /** What a failure means for whoever called. */
    enum Kind {
        /** No call was made, for want of time. */
        NO_TIME,
        /** It did nothing, and may do it the next time: throttled, clock askew, token run out. */
        BUSY,
        /** It was not sent: no connection that may be used came about. */
        NOT_CONNECTED,
        /** No answer, or one that does not say whether there was an effect. */
        SILENT,
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

    /** Sentences of the service that decide what to say or to do. */
    enum Hint {
        NONE,
        /** "can't find the specified secret.", without "value": the whole secret is unknown. */
        NO_SUCH_SECRET,
        MARKED_FOR_DELETION,
        /** An earlier rotation is not over, and is taken up again by this very call. */
        ROTATION_STANDS,
        NO_ROTATION_FUNCTION,
        FUNCTION_NOT_INVOCABLE,
        REPLICA,
        KMS
    }

    private static final Pattern ID =
            Pattern.compile("\\barn:[a-z-]{3,20}:[a-z0-9-]{1,30}:[a-z0-9-]{0,30}:\\d{0,12}:[\\w/+=.@:*-]{1,300}"
                    + "|\\b(?:secretsmanager|kms|lambda):[A-Z][A-Za-z]{2,40}\\b");
    private static final Set<String> KEY_TROUBLE = Set.of(
            "DecryptionFailure", "DecryptionFailureException", "EncryptionFailure", "EncryptionFailureException");

    /** Our own pace leaves no room for the call within the time of this run. */
    static ServiceFailure noRoom(String operation, Optional<Duration> wait) {
        return new ServiceFailure(
                operation, Kind.BUSY, "by our own pace", Hint.NONE, List.of(), wait, Optional.empty());
    }

    static ServiceFailure of(String operation, SdkException thrown) {
        return of(operation, AwsFailure.of(thrown));
    }

    static ServiceFailure of(String operation, AwsFailure failure) {
        var message = failure.message().reveal();
        var hint = hint(message);
        return new ServiceFailure(
                operation,
                kind(failure, hint),
                failure.outcome(),
                hint,
                ID.matcher(message)
                        .results()
                        .map(found -> found.group())
                        .limit(4)
                        .toList(),
                failure.retryAfter(),
                failure.connecting());
    }

    private static Kind kind(AwsFailure failure, Hint hint) {
        return switch (failure.kind()) {
            case NO_TIME -> Kind.NO_TIME;
            case BUSY -> Kind.BUSY;
            case NOT_CONNECTED -> Kind.NOT_CONNECTED;
            case SILENT -> Kind.SILENT;
            case REFUSED -> refused(failure, hint);
        };
    }

    private static Kind refused(AwsFailure failure, Hint hint) {
        var code = failure.outcome();
        if (KEY_TROUBLE.contains(code) || code.startsWith("KMS")) {
            return Kind.KEY;
        }
        return switch (code) {
            case "ResourceNotFoundException" -> Kind.NOT_FOUND;
            case "ResourceExistsException" -> Kind.EXISTS;
            case "LimitExceededException" -> Kind.LIMIT;
            case "InvalidRequestException", "InvalidParameterException", "PreconditionNotMetException" -> Kind.INVALID;
            case "AccessDeniedException", "AccessDenied" -> hint == Hint.KMS ? Kind.KEY : Kind.DENIED;
            default -> failure.status() == 403 ? Kind.DENIED : Kind.REJECTED;
        };
    }

    private static Hint hint(String message) {
        var said = message.toLowerCase(Locale.ROOT);
        if (said.contains("marked for deletion")
                || said.contains("marked deleted")
                || said.contains("scheduled for deletion")) {
            return Hint.MARKED_FOR_DELETION;
        }
        if (said.contains("find the specified secret") && !said.contains("secret value")) {
            return Hint.NO_SUCH_SECRET;
        }
        if (said.contains("previous rotation")) {
            return Hint.ROTATION_STANDS;
        }
        if (said.contains("no lambda rotation function")) {
            return Hint.NO_ROTATION_FUNCTION;
        }
        if (said.contains("cannot invoke the specified lambda")) {
            return Hint.FUNCTION_NOT_INVOCABLE;
        }
        if (said.contains("replica secret")) {
            return Hint.REPLICA;
        }
        return said.contains("kms") ? Hint.KMS : Hint.NONE;
    }

    /** Whether the same call may do better in a moment. */
    boolean mayPass() {
        return kind == Kind.BUSY || kind == Kind.NOT_CONNECTED || kind == Kind.SILENT;
    }

    /**
     * What happened and what to do. What state things are in is not in it: whoever made the call
     * knows what was done before it.
     */
    String explain(String subject) {
        var what = "Secrets Manager's " + operation + " on " + subject;
        var named = ids.isEmpty() ? "" : " The service named " + String.join(", ", ids) + ".";
        return switch (kind) {
            case NO_TIME -> what + " was not begun: no time of this run is left. Nothing was sent.";
            case BUSY -> what + " was put off (" + outcome + "). Try again later.";
            case NOT_CONNECTED ->
                "Secrets Manager "
                        + outcome
                        + " ("
                        + operation
                        + " on "
                        + subject
                        + "). "
                        + connecting.map(ConnectionFailure::advice).orElse("Try again later.");
            case SILENT ->
                what
                        + " brought no usable answer ("
                        + outcome
                        + "). Try again; if it comes back, look at the network path to"
                        + " Secrets Manager and at the role's credentials.";
            case NOT_FOUND ->
                what
                        + " found nothing ("
                        + outcome
                        + "): there is no such stored secret, or no such version of it, in"
                        + " this account and region; check the name.";
            case EXISTS -> what + ": that version already holds another value. It was left alone.";
            case INVALID -> invalid(what) + named;
            case DENIED -> denied(what, subject) + named;
            case KEY ->
                what
                        + " could not use its KMS key ("
                        + outcome
                        + "): allow this function's role kms:Decrypt and kms:GenerateDataKey on"
                        + " that key, with the encryption context SecretARN, and check that the"
                        + " key is enabled."
                        + named;
            // "Secrets Manager removes outdated versions when there are more than 100, but it does
            // not remove versions created less than 24 hours ago" (API reference, PutSecretValue).
            case LIMIT ->
                what
                        + " met a limit of the stored secret's ("
                        + outcome
                        + "): it takes about 100 new versions in 24 hours, and 20 labels. Find"
                        + " what stores so often (ListSecretVersionIds shows when), end it, and"
                        + " wait until those versions are a day old.";
            case REJECTED ->
                what
                        + " was rejected ("
                        + outcome
                        + "); see what Secrets Manager's API reference says of that."
                        + named;
        };
    }

    private String invalid(String what) {
        return switch (hint) {
            case MARKED_FOR_DELETION -> what + ": it is scheduled for deletion. Restore it (RestoreSecret) first.";
            case NO_ROTATION_FUNCTION -> what + ": no rotation function is attached to it. Attach this one.";
            case REPLICA -> what + ": it is a replica. Call the function in the primary's region instead.";
            case NONE, NO_SUCH_SECRET, ROTATION_STANDS, FUNCTION_NOT_INVOCABLE, KMS ->
                what
                        + " does not fit the state that it is in ("
                        + outcome
                        + "); look at its versions and labels (DescribeSecret).";
        };
    }

    private String denied(String what, String subject) {
        return hint == Hint.FUNCTION_NOT_INVOCABLE
                ? what
                        + ": Secrets Manager may not invoke its rotation function. Grant"
                        + " lambda:InvokeFunction on the very ARN that is attached (alias included)"
                        + " to the principal secretsmanager.amazonaws.com."
                : what
                        + " was denied ("
                        + outcome
                        + "): allow this function's role secretsmanager:"
                        + operation
                        + " on "
                        + subject
                        + ", in its policy, the stored secret's resource policy and any VPC"
                        + " endpoint's policy.";
    }

    /** This failure as the exception that ends the piece of work. */
    RotatorException exception(String subject) {
        var message = kind == Kind.NO_TIME ? explain(subject) : explain(subject) + " " + state();
        return switch (kind) {
            case NO_TIME -> new RotatorException.Unavailable(Code.OUT_OF_TIME, message, retryAfter);
            case BUSY -> new RotatorException.Unavailable(Code.THROTTLED, message, retryAfter);
            case NOT_CONNECTED, SILENT ->
                new RotatorException.Unavailable(Code.SECRETS_MANAGER_UNAVAILABLE, message, retryAfter);
            case NOT_FOUND -> new RotatorException.Configuration(Code.NOT_FOUND, message);
            case KEY -> new RotatorException.Configuration(Code.KMS_DENIED, message);
            case EXISTS, INVALID, DENIED, LIMIT, REJECTED ->
                new RotatorException.Configuration(Code.SECRETS_MANAGER_DENIED, message);
        };
    }

    /** What this call has done, and no more: a run may have done something before it. */
    private String state() {
        boolean certain = kind != Kind.SILENT;
        return switch (operation) {
            case "UpdateSecretVersionStage" ->
                certain ? "No label was moved." : "Whether a label was moved is not known.";
            case "RotateSecret" -> certain ? "No rotation was begun." : "Whether a rotation has begun is not known.";
            default -> "This call changed nothing.";
        };
    }
}
