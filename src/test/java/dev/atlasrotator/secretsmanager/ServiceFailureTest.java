package dev.atlasrotator.secretsmanager;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.aws.AwsFailure;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.secretsmanager.ServiceFailure.Hint;
import dev.atlasrotator.secretsmanager.ServiceFailure.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.secretsmanager.model.SecretsManagerException;

class ServiceFailureTest {
    private static final String ARN = "arn:aws:secretsmanager:eu-central-1:111111111111:secret:prod/atlas-AbCdEf";
    private static final List<String> OPERATIONS = List.of(
            "DescribeSecret",
            "GetSecretValue",
            "PutSecretValue",
            "UpdateSecretVersionStage",
            "RotateSecret",
            "ListSecrets");

    private static List<String> sentences(String message) {
        return List.of(message.split("(?<=[.:)]) (?=[A-Z])", -1));
    }

    private static AwsFailure refused(String message) {
        return new AwsFailure(
                AwsFailure.Kind.REFUSED, "Code", 400, new Sensitive(message), Optional.empty(), Optional.empty());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void no_sentence_is_said_twice_and_none_is_about_more_than_this_call(Kind kind) {
        for (String operation : OPERATIONS) {
            for (Hint hint : Hint.values()) {
                var failure = new ServiceFailure(operation, kind, hint, refused(ARN));
                var thrown = String.valueOf(failure.exception(ARN).getMessage());

                assertThat(thrown)
                        .matches("(?s)[A-Z_]+: .*")
                        .contains(": " + failure.explain(ARN))
                        .doesNotContain("..", "  ");
                assertThat(sentences(thrown)).doesNotHaveDuplicates();
                assertThat(thrown).doesNotContain("Nothing was changed", "othing was done");
                assertThat(failure.explain(ARN)).doesNotContain("This call changed nothing");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"UpdateSecretVersionStage", "RotateSecret"})
    void what_is_not_known_of_a_call_that_writes_is_not_claimed(String operation) {
        var told = Arrays.stream(new Kind[] {Kind.OUTCOME_UNKNOWN, Kind.DENIED})
                .map(kind -> new ServiceFailure(operation, kind, Hint.NONE, refused("")))
                .map(failure -> String.valueOf(failure.exception(ARN).getMessage()))
                .toList();

        assertThat(told.getFirst()).endsWith(" is not known.");
        assertThat(told.getLast()).doesNotContain("not known").contains(" No ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PutSecretValue", "UpdateSecretVersionStage"})
    void a_limit_is_explained_with_its_numbers_and_with_what_to_do(String operation) {
        var failure = ServiceFailure.of(
                operation,
                AwsFailure.of(SecretsManagerException.builder()
                        .statusCode(400)
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .errorCode("LimitExceededException")
                                .errorMessage("You have too many versions.")
                                .build())
                        .build()));

        assertThat(failure.kind()).isEqualTo(Kind.LIMIT);
        assertThat(failure.mayPass()).isFalse();
        assertThat(failure.explain(ARN))
                .contains(
                        operation,
                        ARN,
                        "LimitExceededException",
                        "100 new versions in 24 hours",
                        "20 labels",
                        "wait until those versions are a day old");
    }
}
