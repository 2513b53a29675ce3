package dev.atlasrotator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.atlasrotator.Wiring;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.simulator.lambda.FakeLambda;
import dev.atlasrotator.simulator.lambda.FakeLambda.Answer;
import dev.atlasrotator.simulator.lambda.FakeLambda.Invocation;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands that the deployed function does, by Lambda's Invoke. */
class DeployedFunctionTest extends CommandScene {
    private static final String ARN = "arn:aws:lambda:eu-central-1:111111111111:function:rotator";

    private Optional<FakeLambda> lambda = Optional.empty();

    @AfterEach
    void stop() {
        lambda.ifPresent(FakeLambda::close);
    }

    private FakeLambda lambda(Function<Invocation, Answer> function) throws IOException {
        var started = FakeLambda.start(function);
        lambda = Optional.of(started);
        environment.put("AWS_ENDPOINT_URL_LAMBDA", started.uri().toString());
        return started;
    }

    /** The function as it is deployed, with settings of its own. */
    private Function<Invocation, Answer> deployed(Map<String, String> settings) {
        var own = new HashMap<>(environment);
        own.putAll(settings);
        var wiring = Wiring.production(own, line -> {});
        return call -> {
            try {
                var deadline = Deadline.in(Duration.ofMinutes(5), InstantSource.system());
                return Answer.returned(wiring.rotator().handle(call.event(), Optional.of(ARN), deadline));
            } catch (RotatorException failure) {
                return Answer.functionError(Json.text(Map.of(
                        "errorMessage", failure.getMessage(),
                        "errorType", failure.getClass().getName(),
                        "stackTrace", List.of("dev.atlasrotator.Rotator.handle"))));
            }
        };
    }

    @Test
    void it_acts_with_its_own_settings_and_the_answer_is_printed() throws Exception {
        var account = account("prod/orders", Duration.ofDays(40));
        var server = lambda(deployed(Map.of("ROTATE_AFTER_HOURS", "1100")));
        environment.remove("ATLAS_BASE_URL");

        assertThat(run("sweep", "--yes", "--function", "rotator")).isZero();

        assertThat(out()).contains("  prod/orders  fresh");
        assertThat(err())
                .startsWith("The function rotator:live acts, with its own rights")
                .hasLineCount(1);
        assertThat(atlas.secrets(account))
                .as("after 40 days it is not due for it")
                .hasSize(1);
        assertThat(server.invocations())
                .singleElement()
                .satisfies(call -> assertThat(List.of(call.function(), call.qualifier(), call.event()))
                        .containsExactly("rotator", "live", "{\"action\":\"sweep\"}"));
    }

    @Test
    void a_name_an_arn_an_alias_and_a_region_are_as_aws_writes_them() throws Exception {
        var server = lambda(call -> Answer.returned(Json.text(SampleReports.report("status", List.of()))));

        assertThat(run("status", "--function", ARN)).isZero();
        assertThat(run("status", "--function", ARN + ":blue")).isZero();
        assertThat(run("status", "--function", "rotator:7", "--region", "us-east-2"))
                .isZero();
        assertThat(run("--function", "rotator", "status")).isZero();

        assertThat(server.invocations())
                .extracting(Invocation::function, Invocation::qualifier)
                .containsExactly(
                        tuple(ARN, "live"), tuple(ARN, "blue"), tuple("rotator", "7"), tuple("rotator", "live"));
        assertThat(server.invocations().get(0).scope()).contains("/eu-central-1/lambda/");
        assertThat(server.invocations().get(2).scope()).contains("/us-east-2/lambda/");
    }

    @Test
    void each_command_sends_its_event() throws Exception {
        var server = lambda(call -> Answer.returned(
                call.event().contains("discover")
                        ? "{\"action\":\"discover\",\"at\":\"2026-06-01T08:00:00Z\",\"unmanaged\":[]}"
                        : Json.text(SampleReports.report("status", List.of()))));

        run("status", "a", "b", "a", "--function", "f");
        run("check", "a", "--function", "f");
        run("discover", "--function", "f");
        run("rotate", "a", "--yes", "--function", "f");
        run("rotate", "a", "--revoke-old", "--dry-run", "--function", "f");
        run("rotate", "a", "--leaked", "0123456789abcdef01234567", "-y", "--function", "f");
        run("sweep", "a", "--dry-run", "--function", "f");

        assertThat(server.invocations())
                .extracting(Invocation::event)
                .containsExactly(
                        "{\"action\":\"status\",\"secretIds\":[\"a\",\"b\"]}",
                        "{\"action\":\"check\",\"secretIds\":[\"a\"]}",
                        "{\"action\":\"discover\"}",
                        "{\"action\":\"rotate\",\"secretId\":\"a\"}",
                        "{\"action\":\"rotate\",\"secretId\":\"a\",\"revokeOld\":true,\"dryRun\":true}",
                        "{\"action\":\"rotate\",\"secretId\":\"a\",\"leaked\":\"0123456789abcdef01234567\"}",
                        "{\"action\":\"sweep\",\"secretIds\":[\"a\"],\"dryRun\":true}");
    }

    @Test
    void its_error_is_printed_as_it_words_it() throws Exception {
        lambda(deployed(Map.of()));
        deny("ListSecrets");

        assertThat(run("status", "--function", "rotator")).isEqualTo(3);

        assertThat(out()).isEmpty();
        assertThat(err())
                .startsWith("SECRETS_MANAGER_DENIED: ")
                .contains("secretsmanager:ListSecrets")
                .doesNotContain("stackTrace", "Rotator.handle")
                .hasLineCount(1);
    }

    @Test
    void an_error_that_is_not_the_rotators_is_named_and_never_quoted() throws Exception {
        lambda(call -> Answer.functionError("{\"errorMessage\":\"cannot parse:"
                + " mdb_sa_sk_abc\",\"errorType\":\"java.lang.IllegalStateException\"}"));

        assertThat(run("status", "--function", "rotator")).isEqualTo(3);

        assertThat(err())
                .contains("rotator:live failed (java.lang.IllegalStateException)")
                .hasLineCount(1);
    }

    @Test
    void lambdas_own_errors_say_what_happened() throws Exception {
        lambda(call -> Answer.functionError(
                "{\"errorMessage\":\"2026-06-01T08:00:00Z 5a1e Task timed out after 900.00 seconds\"}"));
        assertThat(run("sweep", "-y", "--function", "rotator")).isEqualTo(3);
        assertThat(err()).contains("Task timed out after 900.00 seconds", "is in its log");
    }

    @ParameterizedTest
    @CsvSource({
        "404, ResourceNotFoundException, There is no function rotator:live",
        "403, AccessDeniedException, lambda:InvokeFunction",
        "403, ExpiredTokenException, sign in again",
        "429, TooManyRequestsException, Nothing was done; try again",
        "409, SnapStartNotReadyException, (SnapStartNotReadyException). Nothing was done",
        "500, ServiceException, is not known"
    })
    void what_lambda_refuses_is_explained_and_sent_only_once(int status, String code, String explanation)
            throws Exception {
        var server = lambda(call -> Answer.refused(status, code));

        assertThat(run("rotate", "prod/orders", "--yes", "--function", "rotator"))
                .isEqualTo(3);

        assertThat(err()).contains(explanation).doesNotContain("quoted by nobody");
        assertThat(server.invocations()).hasSize(1);
    }

    @Test
    void an_address_that_does_not_answer_and_an_answer_that_is_no_report_are_told() throws Exception {
        environment.put("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:1");
        assertThat(run("status", "--function", "rotator")).isEqualTo(3);
        assertThat(err()).contains("Lambda could not be reached");

        lambda(call -> Answer.returned("\"hello\""));
        assertThat(run("status", "--function", "rotator")).isEqualTo(3);
        assertThat(run("discover", "--function", "rotator")).isEqualTo(3);
        assertThat(err()).contains("not a report of this function", "does not say what was found");
    }

    @Test
    void verbose_names_the_version_and_the_request() throws Exception {
        lambda(call -> Answer.returned(Json.text(SampleReports.report("status", List.of()))));

        assertThat(run("status", "-v", "--function", "rotator")).isZero();

        assertThat(err())
                .isEqualTo("Lambda Invoke rotator:live: version 7, request 5a1e0000-0000-4000-8000-00000000cafe\n");
    }
}
