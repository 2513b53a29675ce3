package dev.atlasrotator.cli;

import static dev.atlasrotator.cli.TerminalText.printable;

import dev.atlasrotator.aws.AwsEnvironment;
import dev.atlasrotator.aws.AwsFailure;
import dev.atlasrotator.aws.OperatorSession;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.network.ConnectionFailure;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.TypeConversionException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.InvokeRequest;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;

/**
 * The deployed function: it acts with its own rights and settings, and from its own address. An event is sent once:
 * whether a call without an answer had an effect is for the operator to find out.
 */
final class DeployedFunction implements EventTarget {
    /** A function runs for at most 15 minutes (Lambda Developer Guide, "Lambda quotas"); the answer needs a moment. */
    private static final Duration ANSWER_MAX = Duration.ofMinutes(16);

    /** The alias that template.yaml gives the function. */
    private static final String ALIAS = "live";

    /** Lambda's own errors. The message of any other may quote anything, and is not shown. */
    private static final Pattern OF_LAMBDA = Pattern.compile("(Runtime|Sandbox|Extension|Function)\\..*");

    private static final int MESSAGE_MAX = 4000;

    private static final String NETWORK = "Check the network path from here, --region and HTTPS_PROXY.";

    /**
     * A function as its name or ARN says, with the alias or version at its end, if there is one.
     *
     * @param functionName what Lambda takes for a name: NAME, or an ARN
     */
    record Address(String functionName, String qualifier) {
        private static final Pattern FORM =
                Pattern.compile("(?<name>(arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:)?[A-Za-z0-9_-]{1,64})"
                        + "(:(?<qualifier>[A-Za-z0-9$_-]{1,128}))?");

        /** The alias {@value ALIAS}, where the text names none. */
        static Address of(String text) {
            var parts = FORM.matcher(text);
            if (!parts.matches() || Sensitive.isAtlasSecret(text)) {
                throw new TypeConversionException(
                        "expected the name or the ARN of a Lambda function, with or without" + " :ALIAS at its end");
            }
            var qualifier = parts.group("qualifier");
            return new Address(parts.group("name"), qualifier == null ? ALIAS : qualifier);
        }

        @Override
        public String toString() {
            return functionName + ":" + qualifier;
        }
    }

    private final Address address;
    private final LambdaClient lambda;
    private final Consumer<String> calls;

    /**
     * The function at this address.
     *
     * @param calls gets a line for each call
     */
    DeployedFunction(Address address, OperatorSession operator, Consumer<String> calls) {
        this.address = address;
        this.calls = calls;
        this.lambda = operator.aws()
                .configure(
                        LambdaClient.builder(),
                        new AwsEnvironment.Service("Lambda", "LAMBDA", LambdaClient::serviceMetadata),
                        ANSWER_MAX)
                .credentialsProvider(operator.credentials())
                .build();
    }

    @Override
    public String send(String event) {
        var request = InvokeRequest.builder()
                .functionName(address.functionName())
                .qualifier(address.qualifier())
                .payload(SdkBytes.fromUtf8String(event))
                .build();
        InvokeResponse response;
        try {
            response = lambda.invoke(request);
        } catch (RuntimeException thrown) { // the SDK's
            var failure = AwsFailure.of(thrown);
            calls.accept("Lambda Invoke %s: %s".formatted(address, failure.outcome()));
            throw new NotDone(isUnreachable(thrown) ? unreachable(failure, NETWORK) : explain(failure));
        }
        calls.accept("Lambda Invoke %s: version %s, request %s"
                .formatted(
                        address,
                        response.executedVersion(),
                        response.responseMetadata().requestId()));
        var payload = response.payload().asUtf8String();
        if (response.functionError() != null) {
            throw new NotDone(errorIn(payload));
        }
        return payload;
    }

    @Override
    public String actsAs() {
        return "The function %s acts, with its own rights and settings.".formatted(address);
    }

    @Override
    public String callsFrom() {
        return "Atlas was called from the address of the function %s, with its rights.".formatted(address);
    }

    private String explain(AwsFailure failure) {
        var outcome = failure.outcome();
        return switch (failure.kind()) {
            case NO_TIME, THROTTLED ->
                "Lambda did not accept the call to %s (%s). Nothing was done; try again, or sign in again if your credentials are old."
                        .formatted(address, outcome);
            case NOT_CONNECTED ->
                unreachable(
                        failure,
                        failure.connecting().map(ConnectionFailure::advice).orElse(NETWORK));
            case OUTCOME_UNKNOWN -> """
                The call to %s brought no answer (%s). It is not known whether the function changed anything or is \
                still running. See its log, then run status.\
                """.formatted(address, outcome);
            case REFUSED -> refused(outcome, failure.status());
        };
    }

    private static String unreachable(AwsFailure failure, String advice) {
        return "Lambda could not be reached (%s). Nothing was done. %s".formatted(failure.outcome(), advice);
    }

    /** No connection came about, so that nothing was sent. */
    private static boolean isUnreachable(Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                .limit(10)
                .anyMatch(cause -> cause instanceof ConnectException || cause instanceof UnknownHostException);
    }

    private String refused(String outcome, int status) {
        if (status == 404) {
            return """
                There is no function %s in this AWS account and region (%s), or no alias of that name. Nothing was \
                done. The stack's output FunctionName has its name; check --region and --profile.\
                """.formatted(address, outcome);
        }
        if (status == 403) {
            return """
                Lambda refuses you the call to %s (%s). Nothing was done. It needs lambda:InvokeFunction on the \
                function's ARN with its alias, and credentials that are valid.\
                """.formatted(address, outcome);
        }
        return "Lambda refuses the call to %s (%s). Nothing was done.".formatted(address, outcome);
    }

    /** What Lambda makes of a function's error: {"errorMessage","errorType",…}. */
    private String errorIn(String payload) {
        var error = Json.object(payload).orElse(Map.of());
        var type = error.get("errorType") instanceof String text ? text : "";
        var message = error.get("errorMessage") instanceof String text ? text : "";
        if (type.startsWith("dev.atlasrotator.failure.")) {
            return limited(message);
        }
        var shown = OF_LAMBDA.matcher(type).matches() || message.contains("Task timed out after")
                ? "%s %s".formatted(type, message).strip()
                : type;
        return "The function %s failed (%s). What it had done by then is in its log, and in what status says."
                .formatted(address, limited(shown.isEmpty() ? "no reason was given" : shown));
    }

    private static String limited(String text) {
        return printable(text.length() > MESSAGE_MAX ? text.substring(0, MESSAGE_MAX) + "…" : text);
    }
}
