package dev.atlasrotator.aws;

import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.network.ConnectionFailure;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/**
 * Why a call to an AWS service failed, in our words.
 *
 * @param outcome the error's code, or what came instead of an answer; fit for a log
 * @param status of the answer; zero where there is none
 * @param message what the service wrote: it quotes the field that it complains about, and that may
 *     be a secret value
 * @param retryAfter how long the service asked to be left alone
 * @param connecting what kept the call from being sent
 */
public record AwsFailure(
        Kind kind,
        String outcome,
        int status,
        Sensitive message,
        Optional<Duration> retryAfter,
        Optional<ConnectionFailure> connecting) {
    /** What a failure means, whichever service it is of. */
    public enum Kind {
        /** No call was made, for want of time. */
        NO_TIME,
        /** It did nothing, and may do it the next time: throttled, clock askew, token run out. */
        THROTTLED,
        /** It was not sent: no connection that may be used came about. */
        NOT_CONNECTED,
        /** No answer, or one that does not say whether there was an effect. */
        OUTCOME_UNKNOWN,
        /** A certain no. */
        REFUSED
    }

    private static final Pattern CODE = Pattern.compile("[A-Za-z][A-Za-z0-9.]{0,79}");
    private static final Set<String> SAYS_NOTHING = Set.of(
            "InternalServiceError",
            "InternalServiceErrorException",
            "InternalFailure",
            "InternalServerError",
            "ServiceUnavailable",
            "ServiceUnavailableException",
            "RequestTimeout",
            "RequestTimeoutException");
    private static final Set<String> TOKEN_RAN_OUT = Set.of("ExpiredToken", "ExpiredTokenException", "RequestExpired");

    static AwsFailure noTime() {
        return unanswered(Kind.NO_TIME, "not sent", Optional.empty());
    }

    /** Our own rate limit leaves no room for the call within the time of this run. */
    public static AwsFailure noRoom(Optional<Duration> wait) {
        return new AwsFailure(Kind.THROTTLED, "by our own pace", 0, new Sensitive(""), wait, Optional.empty());
    }

    /** What an exception says, of the SDK or of the code that reads an answer. */
    public static AwsFailure of(RuntimeException thrown) {
        return thrown instanceof AwsServiceException answered ? answered(answered) : silent(thrown);
    }

    /**
     * Nothing but names of classes: a client-side message may quote the body that it could not read.
     */
    private static AwsFailure silent(Throwable thrown) {
        var root = thrown;
        for (int depth = 0; depth < 10 && root.getCause() != null; depth++) {
            root = root.getCause();
        }
        var connecting = ConnectionFailure.in(thrown);
        return unanswered(
                connecting.isPresent() ? Kind.NOT_CONNECTED : Kind.OUTCOME_UNKNOWN,
                connecting
                        .map(ConnectionFailure::what)
                        .orElse("no answer: " + root.getClass().getSimpleName()),
                connecting);
    }

    private static AwsFailure unanswered(Kind kind, String outcome, Optional<ConnectionFailure> connecting) {
        return new AwsFailure(kind, outcome, 0, new Sensitive(""), Optional.empty(), connecting);
    }

    private static AwsFailure answered(AwsServiceException answer) {
        var details = Optional.ofNullable(answer.awsErrorDetails());
        var code = details.flatMap(error -> code(error.errorCode())).orElse("");
        return new AwsFailure(
                kind(answer, code),
                code.isEmpty() ? "HTTP " + answer.statusCode() : code,
                answer.statusCode(),
                new Sensitive(details.map(AwsErrorDetails::errorMessage).orElse("")),
                details.map(AwsErrorDetails::sdkHttpResponse)
                        .flatMap(response -> response.firstMatchingHeader("Retry-After"))
                        .flatMap(AwsFailure::seconds),
                Optional.empty());
    }

    private static Kind kind(AwsServiceException answer, String code) {
        int status = answer.statusCode();
        if (answer.isThrottlingException() || answer.isClockSkewException() || TOKEN_RAN_OUT.contains(code)) {
            return Kind.THROTTLED;
        }
        return status < 400 || status >= 500 || status == 408 || SAYS_NOTHING.contains(code)
                ? Kind.OUTCOME_UNKNOWN
                : Kind.REFUSED;
    }

    /** An error's code; empty where there is none, or where it is not fit for a log. */
    public static Optional<String> code(@Nullable String text) {
        return Optional.ofNullable(text).filter(code -> CODE.matcher(code).matches());
    }

    private static Optional<Duration> seconds(String header) {
        return header.matches("\\d{1,5}") ? Optional.of(Duration.ofSeconds(Long.parseLong(header))) : Optional.empty();
    }
}
