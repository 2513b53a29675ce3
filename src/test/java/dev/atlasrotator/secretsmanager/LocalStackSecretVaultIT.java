package dev.atlasrotator.secretsmanager;

import static dev.atlasrotator.secretsmanager.StoredSecret.CURRENT;
import static dev.atlasrotator.secretsmanager.StoredSecret.PENDING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.aws.AwsEnvironment;
import dev.atlasrotator.secretsmanager.SecretVault.PutAnswer;
import dev.atlasrotator.simulator.LocalStack;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.SecretsManagerException;

/** The contract against LocalStack, whose Secrets Manager is moto with changes. */
class LocalStackSecretVaultIT extends SecretVaultContract {
    private static Optional<LocalStack> localStack = Optional.empty();
    private static Optional<SecretsManagerClient> client = Optional.empty();

    @BeforeAll
    static void start() {
        var started = LocalStack.with("secretsmanager", "lambda");
        localStack = Optional.of(started);
        client = Optional.of(started.client(AwsEnvironment.withoutRetries(SecretsManagerClient.builder())));
    }

    @AfterAll
    static void stop() {
        client.ifPresent(SecretsManagerClient::close);
        localStack.ifPresent(LocalStack::close);
    }

    @Override
    SecretsManagerClient client() {
        return client.orElseThrow();
    }

    @Override
    VersionId register(String arn) {
        var token = newVersion();
        try {
            client().rotateSecret(request -> request.secretId(arn)
                    .clientRequestToken(token.value())
                    .rotationLambdaARN("arn:aws:lambda:us-east-1:000000000000:function:none"));
        } catch (SecretsManagerException noSuchFunction) {
            assertThat(noSuchFunction.statusCode()).isBetween(400, 499);
        }
        return token;
    }

    // --- where LocalStack differs from the real service: each difference has a test of its own, so
    // that a newer LocalStack without it is noticed

    @Test
    void localstack_registers_nothing_for_a_function_that_it_does_not_know() {
        var arn = create(name);
        register(arn);

        assertThat(vault.describe(arn, soon()).attempt()).isEmpty();
    }

    @Test
    void localstack_overwrites_a_pending_value() {
        var arn = create(name);
        var version = newVersion();
        put(arn, version, SECOND);

        assertThat(put(arn, version, FIRST)).isEqualTo(new PutAnswer.Stored());
    }

    @Test
    void localstack_leaves_awspending_on_the_promoted_version() {
        var arn = create(name);
        var token = register(arn);
        put(arn, token, SECOND);
        vault.promote(arn, token, current(arn), soon());

        assertThat(vault.describe(arn, soon()).stages()).containsEntry(token, Set.of(CURRENT, PENDING));
    }

    @Test
    void localstack_forgets_a_version_that_loses_its_last_label() {
        var arn = create(name);
        var version = newVersion();
        put(arn, version, SECOND);
        vault.dropPending(arn, version, soon());

        assertThat(vault.versions(arn, soon()))
                .extracting(SecretVault.VersionEntry::id)
                .doesNotContain(version);
    }

    @Test
    void localstack_takes_a_put_on_a_secret_that_is_scheduled_for_deletion() {
        var arn = create(name);
        client().deleteSecret(request -> request.secretId(arn));

        assertThat(put(arn, newVersion(), SECOND)).isEqualTo(new PutAnswer.Stored());
    }

    @Test
    void localstack_puts_a_label_on_a_second_version_where_its_holder_is_not_named() {
        var arn = create(name);
        var first = newVersion();
        vault.register(arn, first, text("begins"), Optional.empty(), soon());
        var second = newVersion();

        assertThat(vault.register(arn, second, text("begins"), Optional.empty(), soon()))
                .isEqualTo(new PutAnswer.Stored());
        assertThat(vault.describe(arn, soon()).stages())
                .hasEntrySatisfying(first, labels -> assertThat(labels).contains(PENDING))
                .hasEntrySatisfying(second, labels -> assertThat(labels).contains(PENDING));
    }

    @Override
    @Test
    @Disabled("see localstack_puts_a_label_on_a_second_version_where_its_holder_is_not_named")
    void of_two_that_register_at_the_same_time_one_gets_awspending() {}

    @Override
    @Test
    @Disabled("see localstack_registers_nothing_for_a_function_that_it_does_not_know")
    void a_registered_rotation_has_a_pending_version_without_a_value_until_the_put() {}

    @Override
    @Test
    @Disabled("see localstack_overwrites_a_pending_value")
    void a_version_that_holds_another_value_is_taken() {}

    @Override
    @Test
    @Disabled("see localstack_leaves_awspending_on_the_promoted_version")
    void the_promoted_version_of_a_registered_rotation_bears_awscurrent_alone() {}

    @Override
    @Test
    @Disabled("see localstack_forgets_a_version_that_loses_its_last_label")
    void a_version_without_labels_is_listed_and_can_be_read_by_its_id() {}

    @Override
    @Test
    @Disabled("see localstack_takes_a_put_on_a_secret_that_is_scheduled_for_deletion")
    void a_secret_that_is_scheduled_for_deletion_takes_no_put() {}
}
