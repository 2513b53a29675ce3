package dev.atlasrotator.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.policy.RotationOwner.BySecretsManager;
import dev.atlasrotator.policy.RotationOwner.Direct;
import dev.atlasrotator.policy.RotationOwner.External;
import dev.atlasrotator.secretsmanager.StoredSecret;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RotationOwnerTest {
    private static final String US = "arn:aws:lambda:eu-central-1:123456789012:function:rotator";

    private static StoredSecret stored(
            Optional<String> function,
            Optional<Boolean> enabled,
            Optional<String> ownedBy,
            Optional<String> primary,
            boolean deleted) {
        return new StoredSecret(
                "arn:aws:secretsmanager:eu-central-1:111111111111:secret:prod/atlas-abcdef",
                "prod/atlas",
                function,
                enabled,
                ownedBy,
                primary,
                Map.of(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                deleted);
    }

    private static StoredSecret attached(String function, boolean enabled) {
        return stored(Optional.of(function), Optional.of(enabled), Optional.empty(), Optional.empty(), false);
    }

    @Test
    void nobody_rotates_what_has_no_rotation() {
        var plain = stored(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), false);
        assertThat(RotationOwner.of(plain, Optional.of(US))).isEqualTo(new Direct());
    }

    @Test
    void nobody_rotates_what_was_switched_off_whosever_function_is_attached() {
        assertThat(RotationOwner.of(attached(US, false), Optional.of(US))).isEqualTo(new Direct());
    }

    @ParameterizedTest
    @CsvSource({"'',''", "'',:live", ":live,''", ":7,:live", ":live,:$LATEST"})
    void this_function_is_this_function_under_whatever_version_or_alias(String theirs, String ours) {
        assertThat(RotationOwner.of(attached(US + theirs, true), Optional.of(US + ours)))
                .isEqualTo(new BySecretsManager());
    }

    @ParameterizedTest
    @CsvSource({
        "arn:aws:lambda:eu-central-1:123456789012:function:rotator2",
        "arn:aws:lambda:eu-west-1:123456789012:function:rotator",
        "arn:aws:lambda:eu-central-1:123456789013:function:rotator",
        "arn:aws:lambda:eu-central-1:123456789012:function:another:rotator"
    })
    void another_function_is_named(String another) {
        assertThat(RotationOwner.of(attached(another, true), Optional.of(US)))
                .isEqualTo(new External("another function rotates it: " + another));
    }

    @Test
    void where_the_code_is_no_function_an_attached_one_cannot_be_told_from_it() {
        assertThat(RotationOwner.of(attached(US, true), Optional.empty())).isEqualTo(new BySecretsManager());
    }

    @Test
    void what_belongs_to_AWS_a_replica_or_what_is_deleted_is_left_alone() {
        assertThat(RotationOwner.of(
                        stored(
                                Optional.of(US),
                                Optional.of(true),
                                Optional.of("MongoDBAtlasServiceAccount"),
                                Optional.empty(),
                                false),
                        Optional.of(US)))
                .isInstanceOfSatisfying(
                        External.class, why -> assertThat(why.why()).contains("MongoDBAtlasServiceAccount"));
        assertThat(RotationOwner.of(
                        stored(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of("us-east-1"), false),
                        Optional.of(US)))
                .isInstanceOfSatisfying(
                        External.class, why -> assertThat(why.why()).contains("replica", "us-east-1"));
        assertThat(RotationOwner.of(
                        stored(
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of("eu-central-1"),
                                false),
                        Optional.of(US)))
                .isEqualTo(new Direct());
        assertThat(RotationOwner.of(
                        stored(Optional.of(US), Optional.of(true), Optional.empty(), Optional.empty(), true),
                        Optional.of(US)))
                .isInstanceOfSatisfying(
                        External.class, why -> assertThat(why.why()).contains("deletion"));
    }
}
