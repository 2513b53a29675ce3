package dev.atlasrotator.secretsmanager;

import static dev.atlasrotator.secretsmanager.StoredSecret.CURRENT;
import static dev.atlasrotator.secretsmanager.StoredSecret.PENDING;
import static dev.atlasrotator.simulator.Fault.Moment.AFTER_EFFECT;
import static dev.atlasrotator.simulator.Fault.Moment.BEFORE_EFFECT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.secretsmanager.SecretVault.PutAnswer;
import dev.atlasrotator.secretsmanager.SecretVault.Reading;
import dev.atlasrotator.secretsmanager.SecretVault.VersionSelector;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.VirtualTime;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerErrors;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerModel;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What the adapter makes of each way to fail, and that it gives nothing away. */
class SdkSecretVaultFailuresTest {
    private static final String VALUE = "{\"clientSecret\":\"mdb_sa_sk_neverPrintMe\"}";
    private static final String TOKEN = "rotation-token-that-must-never-be-printed";
    private static final VersionId VERSION = new VersionId("11111111-2222-4333-8444-555555555555");
    private static final String FUNCTION = "arn:aws:lambda:eu-central-1:111111111111:function:rotator:live";

    private final VirtualTime time = new VirtualTime(Instant.parse("2026-11-24T12:00:00Z"));
    private final SecretsManagerModel model = new SecretsManagerModel(SecretsManagerSettings.at(time));
    private final List<String> lines = new ArrayList<>();
    private final SdkSecretVault vault = new SdkSecretVault(
            StandInSecretVaultTest.over(model), new Retrier(time, new Random(1)), new Log(lines::add, time), time, 1);
    private final String arn = model.seed("prod/atlas", VALUE, Map.of("managed", "x"));

    private Deadline soon() {
        return Deadline.in(Duration.ofSeconds(60), time);
    }

    private VersionId current() {
        return new VersionId(model.versionUnder(arn, CURRENT).orElseThrow());
    }

    private PutAnswer put() {
        return vault.putPending(arn, VERSION, new Sensitive(VALUE), Optional.of(new Sensitive(TOKEN)), soon());
    }

    /** The first so many calls of an operation fail like this. */
    private void fail(String operation, int times, Fault fault) {
        var left = new AtomicInteger(times);
        model.inject(
                call -> call.operation().equals(operation) && left.getAndDecrement() > 0 ? fault : new Fault.None());
    }

    private static Fault answer(Fault.Moment moment, int status, String code, String message) {
        return new Fault.Answer(
                moment,
                status,
                Map.of("x-amzn-ErrorType", code),
                "{\"__type\":\"" + code + "\",\"Message\":\"" + message + "\"}");
    }

    private static Fault answer(int status, String code, String message) {
        return answer(BEFORE_EFFECT, status, code, message);
    }

    private Reading readCurrent() {
        return vault.read(arn, new VersionSelector.Staged(CURRENT), soon());
    }

    // --- reads ---

    @TestFactory
    Stream<DynamicTest> a_read_is_repeated_after_what_may_pass() {
        return passing().entrySet().stream()
                .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> {
                    int before = model.calls("GetSecretValue");
                    fail("GetSecretValue", 3, each.getValue());
                    assertThat(readCurrent()).isInstanceOf(Reading.Found.class);
                    assertThat(model.calls("GetSecretValue") - before).isEqualTo(4);
                }));
    }

    @TestFactory
    Stream<DynamicTest> what_does_not_pass_ends_in_unavailable_after_four_tries() {
        return passing().entrySet().stream()
                .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> {
                    int before = model.calls("DescribeSecret");
                    fail("DescribeSecret", 99, each.getValue());
                    assertThat(failure(RotatorException.Unavailable.class, () -> vault.describe(arn, soon())))
                            .hasMessageContainingAll("DescribeSecret", arn)
                            .hasNoCause();
                    assertThat(model.calls("DescribeSecret") - before).isEqualTo(4);
                }));
    }

    private static Map<String, Fault> passing() {
        var faults = new LinkedHashMap<String, Fault>();
        faults.put("throttled", SecretsManagerErrors.throttling());
        faults.put("too many requests", answer(429, "TooManyRequestsException", "slow down"));
        faults.put("500", SecretsManagerErrors.internal(BEFORE_EFFECT));
        faults.put("503", SecretsManagerErrors.unavailable(AFTER_EFFECT));
        faults.put("an internal error with status 400", answer(400, "InternalServiceError", "oops"));
        faults.put("connection closed", new Fault.Close(BEFORE_EFFECT));
        faults.put("a gateway's page", new Fault.Answer(BEFORE_EFFECT, 502, Map.of(), "<html>"));
        faults.put("200 that is no JSON", new Fault.Answer(AFTER_EFFECT, 200, Map.of(), "<html>"));
        faults.put("session token ran out", answer(400, "ExpiredTokenException", "expired"));
        faults.put("clock askew", answer(400, "RequestTimeTooSkewed", "skewed"));
        return faults;
    }

    @Test
    void a_missing_permission_is_named_with_what_it_is_needed_on() {
        fail("GetSecretValue", 99, SecretsManagerErrors.accessDenied());

        assertThat(failure(RotatorException.Configuration.class, this::readCurrent))
                .hasMessageContaining("secretsmanager:GetSecretValue on " + arn)
                .hasNoCause();
        assertThat(model.calls("GetSecretValue")).isEqualTo(1);
    }

    @Test
    void the_role_that_the_service_names_is_passed_on_and_its_sentence_is_not() {
        fail(
                "DescribeSecret",
                1,
                answer(
                        400,
                        "AccessDeniedException",
                        "User: arn:aws:sts::111111111111:assumed-role/rotator/x is not allowed,"
                                + " says mdb_sa_sk_neverPrintMe"));

        assertThat(failure(RotatorException.Configuration.class, () -> vault.describe(arn, soon())))
                .hasMessageContaining("arn:aws:sts::111111111111:assumed-role/rotator/x")
                .hasMessageNotContaining("neverPrintMe");
    }

    @Test
    void trouble_with_the_key_names_the_permissions_that_a_key_needs() {
        for (var fault : List.of(
                SecretsManagerErrors.decryptionFailure(),
                answer(400, "AccessDeniedException", "Access to KMS is not allowed"),
                answer(400, "EncryptionFailure", "no"),
                answer(400, "KMSDisabledException", "disabled"))) {
            fail("GetSecretValue", 1, fault);
            assertThat(failure(RotatorException.Configuration.class, this::readCurrent))
                    .hasMessageContaining("kms:Decrypt");
        }
    }

    @Test
    void a_wait_that_the_service_asks_for_is_kept() {
        fail("DescribeSecret", 1, new Fault.Answer(BEFORE_EFFECT, 503, Map.of("Retry-After", "7"), "{}"));
        var begun = time.instant();

        vault.describe(arn, soon());

        assertThat(Duration.between(begun, time.instant())).isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void without_time_nothing_is_sent() {
        var deadline = Deadline.in(Duration.ofMillis(100), time);

        assertThat(failure(RotatorException.Unavailable.class, () -> vault.describe(arn, deadline)))
                .hasMessageContaining("Nothing was sent");
        assertThat(vault.putPending(arn, VERSION, new Sensitive(VALUE), Optional.empty(), deadline))
                .isInstanceOf(PutAnswer.Rejected.class);
        assertThat(model.calls()).isZero();
    }

    @Test
    void trying_again_ends_with_the_deadline() {
        fail("DescribeSecret", 99, SecretsManagerErrors.throttling());
        var deadline = Deadline.in(Duration.ofMillis(400), time);

        failure(RotatorException.Unavailable.class, () -> vault.describe(arn, deadline));

        assertThat(model.calls("DescribeSecret")).isLessThanOrEqualTo(3);
    }

    // --- put ---

    @TestFactory
    Stream<DynamicTest> a_put_without_an_answer_is_repeated_and_stored_once() {
        return Stream.of(
                        SecretsManagerErrors.internal(AFTER_EFFECT),
                        SecretsManagerErrors.internal(BEFORE_EFFECT),
                        new Fault.Close(AFTER_EFFECT),
                        new Fault.Close(BEFORE_EFFECT),
                        SecretsManagerErrors.throttling())
                .map(fault -> DynamicTest.dynamicTest(fault.toString().replaceAll("body=.*", ""), () -> {
                    fail("PutSecretValue", 1, fault);
                    assertThat(put()).isEqualTo(new PutAnswer.Stored());
                    assertThat(model.valueUnder(arn, PENDING)).contains(VALUE);
                    assertThat(model.valueUnder(arn, CURRENT)).contains(VALUE);
                    assertThat(model.rotationTokenOf(VERSION.value())).contains(TOKEN);
                }));
    }

    @Test
    void a_put_that_never_gets_an_answer_is_unknown_whether_it_was_stored_or_not() {
        for (var moment : Fault.Moment.values()) {
            fail("PutSecretValue", 99, new Fault.Close(moment));
            assertThat(put()).isInstanceOf(PutAnswer.Unknown.class);
        }
        assertThat(model.calls("PutSecretValue")).isEqualTo(8);
    }

    @Test
    void a_put_that_is_throttled_to_the_end_is_certainly_not_stored() {
        fail("PutSecretValue", 99, SecretsManagerErrors.throttling());

        assertThat(put()).isInstanceOf(PutAnswer.Rejected.class);
        assertThat(model.valueUnder(arn, PENDING)).isEmpty();
    }

    @Test
    void a_denied_put_is_rejected_with_the_missing_permission() {
        fail("PutSecretValue", 99, SecretsManagerErrors.accessDenied());

        assertThat(put())
                .isInstanceOfSatisfying(
                        PutAnswer.Rejected.class,
                        no -> assertThat(no.why()).contains("secretsmanager:PutSecretValue on " + arn));
        assertThat(model.calls("PutSecretValue")).isEqualTo(1);
    }

    @Test
    void a_no_after_a_lost_answer_is_unknown_since_the_first_try_may_have_stored_it() {
        var number = new AtomicInteger();
        model.inject(call ->
                number.incrementAndGet() == 1 ? new Fault.Close(AFTER_EFFECT) : SecretsManagerErrors.accessDenied());

        assertThat(put()).isInstanceOf(PutAnswer.Unknown.class);
        assertThat(model.valueUnder(arn, PENDING)).contains(VALUE);
    }

    // --- labels ---

    @Test
    void a_promotion_whose_answer_is_lost_is_found_out_by_one_look() {
        put();
        fail("UpdateSecretVersionStage", 1, new Fault.Close(AFTER_EFFECT));

        assertThat(vault.promote(arn, VERSION, current(), soon())).isTrue();
        assertThat(model.calls("UpdateSecretVersionStage")).isEqualTo(1);
        assertThat(model.calls("DescribeSecret")).isEqualTo(1);
    }

    @Test
    void a_promotion_that_was_lost_on_the_way_is_repeated() {
        put();
        var from = current();
        fail("UpdateSecretVersionStage", 1, new Fault.Close(BEFORE_EFFECT));

        assertThat(vault.promote(arn, VERSION, from, soon())).isTrue();
        assertThat(current()).isEqualTo(VERSION);
        assertThat(model.calls("UpdateSecretVersionStage")).isEqualTo(2);
    }

    @Test
    void a_promotion_survives_a_look_that_shows_the_past() {
        put();
        var from = current();
        time.advance(Duration.ofSeconds(5));
        var first = new AtomicInteger();
        model.inject(call -> switch (call.operation()) {
            case "UpdateSecretVersionStage" ->
                first.getAndIncrement() == 0 ? new Fault.Close(AFTER_EFFECT) : new Fault.None();
            case "DescribeSecret" ->
                first.getAndIncrement() == 1 ? new Fault.Stale(Duration.ofSeconds(3)) : new Fault.None();
            default -> new Fault.None();
        });

        assertThat(vault.promote(arn, VERSION, from, soon())).isTrue();
        assertThat(current()).isEqualTo(VERSION);
    }

    @Test
    void a_denied_promotion_names_the_missing_permission_and_changes_nothing() {
        put();
        var from = current();
        fail("UpdateSecretVersionStage", 99, SecretsManagerErrors.accessDenied());

        assertThat(failure(RotatorException.Configuration.class, () -> vault.promote(arn, VERSION, from, soon())))
                .hasMessageContaining("secretsmanager:UpdateSecretVersionStage on " + arn);
        assertThat(current()).isEqualTo(from);
    }

    @Test
    void a_promotion_that_never_gets_an_answer_is_unavailable() {
        put();
        var from = current();
        fail("UpdateSecretVersionStage", 99, new Fault.Close(BEFORE_EFFECT));

        failure(RotatorException.Unavailable.class, () -> vault.promote(arn, VERSION, from, soon()));
        assertThat(model.calls("UpdateSecretVersionStage")).isEqualTo(4);
    }

    @Test
    void giving_up_survives_a_lost_answer() {
        for (var moment : Fault.Moment.values()) {
            put();
            fail("UpdateSecretVersionStage", 1, new Fault.Close(moment));
            vault.dropPending(arn, VERSION, soon());
            assertThat(model.versionUnder(arn, PENDING)).isEmpty();
        }
    }

    // --- rotation by Secrets Manager ---

    @Test
    void a_rotation_asked_for_twice_because_of_a_lost_answer_is_one_rotation() {
        model.configureRotation(arn, FUNCTION);
        fail("RotateSecret", 1, new Fault.Close(AFTER_EFFECT));

        vault.requestRotation(arn, soon());

        assertThat(model.calls("RotateSecret")).isEqualTo(2);
        assertThat(vault.versions(arn, soon())).hasSize(2);
    }

    @Test
    void a_rotation_that_stands_is_resumed_though_the_service_calls_that_an_error() {
        model.configureRotation(arn, FUNCTION);
        vault.requestRotation(arn, soon());
        var pending = model.versionUnder(arn, PENDING);

        vault.requestRotation(arn, soon());

        assertThat(model.versionUnder(arn, PENDING)).isEqualTo(pending);
    }

    @Test
    void a_function_that_may_not_be_invoked_is_a_configuration_error_that_says_how_to_allow_it() {
        model.configureRotation(arn, FUNCTION);
        model.refuseToInvoke(FUNCTION);

        assertThat(failure(RotatorException.Configuration.class, () -> {
                    vault.requestRotation(arn, soon());
                    return arn;
                }))
                .hasMessageContainingAll("lambda:InvokeFunction", "secretsmanager.amazonaws.com");
    }

    // --- what belongs to others ---

    @Test
    void owners_types_replicas_and_functions_are_seen_by_describe_and_list_alike() {
        model.configureRotation(arn, FUNCTION);
        model.markPrimaryRegion(arn, "us-east-1");
        model.markType(arn, "MongoDBAtlasServiceAccount");
        var owned = model.seed("other", VALUE, Map.of("managed", "y"));
        model.markOwnedBy(owned, "rds");

        var listed =
                vault.list(Optional.of("managed"), "", Optional.empty(), soon()).secrets();

        assertThat(listed).containsExactlyInAnyOrder(vault.describe(arn, soon()), vault.describe(owned, soon()));
        var one = vault.describe(arn, soon());
        assertThat(one.rotationLambdaArn()).contains(FUNCTION);
        assertThat(one.rotationEnabled()).contains(true);
        assertThat(one.ownedBy()).contains("MongoDBAtlasServiceAccount");
        assertThat(one.isReplica()).isTrue();
        assertThat(vault.describe(owned, soon()).ownedBy()).contains("rds");
    }

    @Test
    void one_value_that_may_not_be_read_is_missing_and_logged_while_the_others_are_there() {
        fail(
                "BatchGetSecretValue",
                1,
                new Fault.Answer(
                        BEFORE_EFFECT,
                        200,
                        Map.of(),
                        "{\"SecretValues\":[],\"Errors\":[{\"SecretId\":\""
                                + arn
                                + "\",\"ErrorCode\":\"DecryptionFailure\",\"Message\":\"mdb_sa_sk_neverPrintMe\"}]}"));

        assertThat(vault.readCurrent(List.of(arn), soon())).isEmpty();
        assertThat(lines).anyMatch(line -> line.contains("DecryptionFailure") && line.contains(arn));
        assertThat(String.join("\n", lines)).doesNotContain("neverPrintMe");
    }

    @Test
    void nothing_is_asked_for_an_empty_batch_and_more_than_twenty_are_refused() {
        assertThat(vault.readCurrent(List.of(), soon())).isEmpty();
        assertThat(model.calls()).isZero();
        var many = IntStream.range(0, 21).mapToObj(String::valueOf).toList();
        assertThat(catchThrowableOfType(IllegalArgumentException.class, () -> vault.readCurrent(many, soon())))
                .hasMessageContaining("20");
    }

    // --- names ---

    @Test
    void the_service_itself_narrows_a_list_by_the_beginning_of_names() {
        for (int number = 0; number < 150; number++) {
            model.seed("else/" + number, VALUE, Map.of("managed", "x"));
        }

        var page = vault.list(Optional.of("managed"), "prod/", Optional.empty(), soon());

        // On our side alone the first page would be short, and a second one would follow.
        assertThat(page.secrets()).extracting(StoredSecret::arn).containsExactly(arn);
        assertThat(page.next()).isEmpty();
    }

    @Test
    void what_answers_without_regard_to_case_brings_no_other_names_in() {
        model.inject(call -> new Fault.Answer(
                BEFORE_EFFECT,
                200,
                Map.of(),
                "{\"SecretList\":[%s,%s]}".formatted(listed("prod/a"), listed("PROD/b"))));

        assertThat(vault.list(Optional.of("managed"), "prod/", Optional.empty(), soon())
                        .secrets())
                .extracting(StoredSecret::name)
                .containsExactly("prod/a");
    }

    private static String listed(String name) {
        return """
            {"ARN":"arn:aws:secretsmanager:eu-central-1:111111111111:secret:%s-AbCdEf",
             "Name":"%s","Tags":[{"Key":"managed","Value":"x"}]}\
            """.formatted(name, name);
    }

    // --- logs and secrecy ---

    @Test
    void each_call_is_one_line_with_its_operation_outcome_and_duration() {
        var first = new AtomicBoolean(true);
        model.inject(call ->
                first.getAndSet(false) ? SecretsManagerErrors.throttling() : new Fault.Slow(Duration.ofMillis(120)));

        readCurrent();

        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).contains("\"operation\":\"GetSecretValue\"", "\"outcome\":\"ThrottlingException\"");
        assertThat(lines.get(1))
                .contains("\"service\":\"secretsmanager\"", "\"outcome\":\"ok\"", "\"milliseconds\":120");
    }

    @TestFactory
    Stream<DynamicTest> no_answer_however_strange_brings_a_secret_into_a_message_or_a_log_line() {
        var echo = VALUE.replace("\"", "\\\"") + " " + TOKEN;
        var faults = List.of(
                answer(400, "ValidationException", "Value '" + echo + "' is too long"),
                answer(400, "InvalidRequestException", echo),
                answer(400, "ResourceNotFoundException", echo),
                answer(400, "AccessDeniedException", echo),
                answer(500, "InternalServiceError", echo),
                answer(400, "mdb_sa_sk_neverPrintMe", echo),
                new Fault.Answer(BEFORE_EFFECT, 400, Map.of(), VALUE + TOKEN),
                new Fault.Answer(BEFORE_EFFECT, 200, Map.of(), VALUE + TOKEN),
                new Fault.Answer(BEFORE_EFFECT, 200, Map.of(), "\"" + VALUE + TOKEN),
                new Fault.Close(AFTER_EFFECT),
                new Fault.None());
        return operations().entrySet().stream()
                .map(each -> DynamicTest.dynamicTest(
                        each.getKey(), () -> faults.forEach(fault -> givesNothingAway(each, fault))));
    }

    private void givesNothingAway(Map.Entry<String, Function<SecretVault, Object>> operation, Fault fault) {
        model.inject(call -> fault);
        var said = new ArrayList<>(lines);
        try {
            said.add(String.valueOf(operation.getValue().apply(vault)));
        } catch (RotatorException failure) {
            said.add(failure.toString());
            assertThat(failure).hasNoCause();
        }
        said.addAll(lines);
        assertThat(String.join("\n", said)).doesNotContain("neverPrintMe").doesNotContain(TOKEN);
    }

    private Map<String, Function<SecretVault, Object>> operations() {
        return Map.of(
                "describe", port -> port.describe(arn, soon()),
                "read", port -> port.read(arn, new VersionSelector.StagedExactly(VERSION, PENDING), soon()),
                "versions", port -> port.versions(arn, soon()),
                "putPending", port -> put(),
                "promote", port -> port.promote(arn, VERSION, VERSION, soon()),
                "dropPending",
                        port -> {
                            port.dropPending(arn, VERSION, soon());
                            return "";
                        },
                "requestRotation",
                        port -> {
                            port.requestRotation(arn, soon());
                            return "";
                        },
                "list", port -> port.list(Optional.of("managed"), "", Optional.empty(), soon()),
                "readCurrent", port -> port.readCurrent(List.of(arn), soon()));
    }

    private static <T extends RotatorException> T failure(Class<T> kind, Callable<?> call) {
        return catchThrowableOfType(kind, call::call);
    }
}
