package dev.atlasrotator.secretsmanager;

import static dev.atlasrotator.secretsmanager.StoredSecret.CURRENT;
import static dev.atlasrotator.secretsmanager.StoredSecret.PENDING;
import static dev.atlasrotator.secretsmanager.StoredSecret.PREVIOUS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.secretsmanager.SecretVault.PutAnswer;
import dev.atlasrotator.secretsmanager.SecretVault.Reading;
import dev.atlasrotator.secretsmanager.SecretVault.VersionSelector;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.Tag;

/**
 * What the rotator relies on, said once and held against whatever answers as Secrets Manager. Where
 * one of them is known to differ from the real service, its own class says so by name.
 */
abstract class SecretVaultContract {
    static final String FIRST = "{\"clientSecret\":\"mdb_sa_sk_first\"}";
    static final String SECOND = "{\"clientSecret\":\"mdb_sa_sk_second\"}";

    final List<String> lines = new ArrayList<>();
    final String name = "prod/atlas-" + UUID.randomUUID();
    SdkSecretVault vault;

    /** Whatever answers. */
    abstract SecretsManagerClient client();

    /** Registers a rotation as {@code RotateSecret} does: an empty version under AWSPENDING. */
    abstract VersionId register(String arn);

    SdkSecretVault vault(InstantSource clock) {
        return new SdkSecretVault(
                client(), new Retrier(pause -> {}, new Random(1)), new Log(lines::add, clock), clock, 1);
    }

    @BeforeEach
    void fresh() {
        vault = vault(InstantSource.system());
    }

    Deadline soon() {
        return Deadline.in(Duration.ofSeconds(60), InstantSource.system());
    }

    static VersionId newVersion() {
        return new VersionId(UUID.randomUUID().toString());
    }

    static Sensitive text(String value) {
        return new Sensitive(value);
    }

    String create(String named, String... tagKeys) {
        return client().createSecret(request -> request.name(named)
                        .secretString(FIRST)
                        .tags(List.of(tagKeys).stream()
                                .map(key -> Tag.builder().key(key).value("x").build())
                                .toList()))
                .arn();
    }

    VersionId current(String arn) {
        return vault.describe(arn, soon()).version(CURRENT).orElseThrow();
    }

    PutAnswer put(String arn, VersionId version, String value) {
        return vault.putPending(arn, version, text(value), Optional.empty(), soon());
    }

    @Test
    void describing_tells_name_tags_and_labels_but_no_rotation_where_there_is_none() {
        var arn = create(name, "atlas-secret-rotator");

        var seen = vault.describe(name, soon());

        assertThat(seen.arn()).isEqualTo(arn);
        assertThat(seen.name()).isEqualTo(name);
        assertThat(seen.tags()).containsExactly(Map.entry("atlas-secret-rotator", "x"));
        assertThat(seen.stages().values()).containsExactly(Set.of(CURRENT));
        assertThat(seen.rotationLambdaArn()).isEmpty();
        assertThat(seen.rotationEnabled().orElse(false)).isFalse();
        assertThat(seen.ownedBy()).isEmpty();
        assertThat(seen.isReplica()).isFalse();
        assertThat(seen.deleted()).isFalse();
    }

    @Test
    void a_name_that_nothing_has_is_a_configuration_error_that_says_the_name() {
        assertThatThrownBy(() -> vault.describe("prod/no-such", soon()))
                .isInstanceOf(RotatorException.Configuration.class)
                .hasMessageContaining("prod/no-such")
                .hasNoCause();
        assertThatThrownBy(() -> vault.read("prod/no-such", new VersionSelector.Staged(CURRENT), soon()))
                .isInstanceOf(RotatorException.Configuration.class)
                .hasMessageContaining("prod/no-such");
    }

    @Test
    void a_value_is_read_by_its_label_by_its_version_and_by_both() {
        var arn = create(name);
        var version = current(arn);

        for (var which : List.of(
                new VersionSelector.Staged(CURRENT),
                new VersionSelector.Exactly(version),
                new VersionSelector.StagedExactly(version, CURRENT))) {
            assertThat(vault.read(arn, which, soon())).isInstanceOfSatisfying(Reading.Found.class, found -> {
                assertThat(found.version().id()).isEqualTo(version);
                assertThat(found.version().stages()).containsExactly(CURRENT);
                assertThat(found.version().text()).isEqualTo(text(FIRST));
            });
        }
    }

    @Test
    void a_label_or_version_that_is_nowhere_is_absent() {
        var arn = create(name);

        assertThat(vault.read(arn, new VersionSelector.Staged(PENDING), soon())).isEqualTo(new Reading.Absent());
        assertThat(vault.read(arn, new VersionSelector.Exactly(newVersion()), soon()))
                .isEqualTo(new Reading.Absent());
    }

    @Test
    void a_label_that_is_on_another_version_has_moved_on() {
        var arn = create(name);

        assertThat(vault.read(arn, new VersionSelector.StagedExactly(current(arn), PENDING), soon()))
                .isEqualTo(new Reading.StageMoved());
    }

    @Test
    void bytes_are_told_from_a_text() {
        var arn = client().createSecret(request -> request.name(name).secretBinary(SdkBytes.fromUtf8String("bytes")))
                .arn();

        assertThat(vault.read(arn, new VersionSelector.Staged(CURRENT), soon())).isEqualTo(new Reading.Binary());
        assertThat(vault.readCurrent(List.of(arn), soon())).containsExactly(Map.entry(arn, new Reading.Binary()));
    }

    @Test
    void a_put_goes_under_awspending_and_leaves_awscurrent_alone() {
        var arn = create(name);
        var before = current(arn);
        var version = newVersion();

        assertThat(put(arn, version, SECOND)).isEqualTo(new PutAnswer.Stored());

        var seen = vault.describe(arn, soon());
        assertThat(seen.version(CURRENT)).contains(before);
        assertThat(seen.attempt()).contains(version);
        assertThat(vault.read(arn, new VersionSelector.StagedExactly(version, PENDING), soon()))
                .isInstanceOfSatisfying(
                        Reading.Found.class,
                        found -> assertThat(found.version().text()).isEqualTo(text(SECOND)));
    }

    @Test
    void the_same_put_again_changes_nothing() {
        var arn = create(name);
        var version = newVersion();
        put(arn, version, SECOND);

        assertThat(put(arn, version, SECOND)).isEqualTo(new PutAnswer.Stored());
        assertThat(vault.versions(arn, soon())).hasSize(2);
    }

    @Test
    void a_version_that_holds_another_value_is_taken() {
        var arn = create(name);
        var version = newVersion();
        put(arn, version, SECOND);

        assertThat(put(arn, version, FIRST)).isEqualTo(new PutAnswer.TakenByAnother());
    }

    @Test
    void promoting_moves_awscurrent_and_awsprevious_and_may_be_repeated() {
        var arn = create(name);
        var from = current(arn);
        var to = newVersion();
        put(arn, to, SECOND);

        assertThat(vault.promote(arn, to, from, soon())).isTrue();
        assertThat(vault.promote(arn, to, from, soon())).isTrue();

        var seen = vault.describe(arn, soon());
        assertThat(seen.version(CURRENT)).contains(to);
        assertThat(seen.version(PREVIOUS)).contains(from);
        assertThat(seen.attempt()).isEmpty();
    }

    @Test
    void of_two_that_register_at_the_same_time_one_gets_awspending() {
        var arn = create(name);
        var first = newVersion();
        var second = newVersion();

        assertThat(vault.register(arn, first, text("begins"), Optional.empty(), soon()))
                .isEqualTo(new PutAnswer.Stored());
        assertThat(vault.register(arn, second, text("begins"), Optional.empty(), soon()))
                .isEqualTo(new PutAnswer.TakenByAnother());
        assertThat(vault.register(arn, first, text("begins"), Optional.empty(), soon()))
                .isEqualTo(new PutAnswer.Stored());

        assertThat(vault.describe(arn, soon()).attempt()).contains(first);
    }

    @Test
    void who_registers_takes_awspending_from_the_version_that_was_named_only() {
        var arn = create(name);
        var before = newVersion();
        put(arn, before, SECOND);
        vault.promote(arn, before, current(arn), soon());
        var next = newVersion();

        // A version that was put by hand keeps AWSPENDING beside AWSCURRENT.
        var holder = vault.describe(arn, soon()).version(PENDING);
        assertThat(vault.register(arn, next, text("begins"), holder, soon())).isEqualTo(new PutAnswer.Stored());

        assertThat(vault.describe(arn, soon()).attempt()).contains(next);
    }

    @Test
    void promoting_fails_softly_where_awscurrent_has_moved_elsewhere() {
        var arn = create(name);
        var from = current(arn);
        var to = newVersion();
        put(arn, to, SECOND);
        client().putSecretValue(request -> request.secretId(arn).secretString("by hand"));

        assertThat(vault.promote(arn, to, from, soon())).isFalse();
        assertThat(current(arn)).isNotIn(from, to);
    }

    @Test
    void a_registered_rotation_has_a_pending_version_without_a_value_until_the_put() {
        var arn = create(name);
        var token = register(arn);

        assertThat(vault.describe(arn, soon()).attempt()).contains(token);
        assertThat(vault.read(arn, new VersionSelector.StagedExactly(token, PENDING), soon()))
                .isEqualTo(new Reading.Absent());
        assertThat(put(arn, token, SECOND)).isEqualTo(new PutAnswer.Stored());
        assertThat(vault.promote(arn, token, current(arn), soon())).isTrue();
        assertThat(vault.describe(arn, soon()).attempt()).isEmpty();
    }

    @Test
    void the_promoted_version_of_a_registered_rotation_bears_awscurrent_alone() {
        var arn = create(name);
        var token = register(arn);
        put(arn, token, SECOND);
        vault.promote(arn, token, current(arn), soon());

        assertThat(vault.describe(arn, soon()).stages()).containsEntry(token, Set.of(CURRENT));
    }

    @Test
    void awspending_is_dropped_and_dropping_it_again_is_fine() {
        var arn = create(name);
        var version = newVersion();
        put(arn, version, SECOND);

        vault.dropPending(arn, version, soon());
        vault.dropPending(arn, version, soon());

        assertThat(vault.describe(arn, soon()).version(PENDING)).isEmpty();
    }

    @Test
    void dropping_leaves_an_attempt_of_somebody_else_alone() {
        var arn = create(name);
        var version = newVersion();
        put(arn, version, SECOND);

        vault.dropPending(arn, current(arn), soon());

        assertThat(vault.describe(arn, soon()).attempt()).contains(version);
    }

    @Test
    void a_version_without_labels_is_listed_and_can_be_read_by_its_id() {
        var arn = create(name);
        var version = newVersion();
        put(arn, version, SECOND);
        vault.dropPending(arn, version, soon());

        assertThat(vault.versions(arn, soon())).anySatisfy(entry -> {
            assertThat(entry.id()).isEqualTo(version);
            assertThat(entry.stages()).isEmpty();
        });
        assertThat(vault.read(arn, new VersionSelector.Exactly(version), soon()))
                .isInstanceOf(Reading.Found.class);
    }

    @Test
    void a_list_tells_every_label_of_every_version() {
        var key = "managed-" + UUID.randomUUID();
        var arn = create(name, key);
        var version = newVersion();
        put(arn, version, SECOND);

        var listed = vault.list(Optional.of(key), "", Optional.empty(), soon())
                .secrets()
                .getFirst();

        assertThat(listed.attempt()).contains(version);
        assertThat(listed.stages()).isEqualTo(vault.describe(arn, soon()).stages());
    }

    @Test
    void listing_finds_the_tag_key_itself_and_not_what_begins_with_it() {
        var key = "managed-" + UUID.randomUUID();
        var arn = create(name, key);
        create(name + "-other", key + "-by");

        var page = vault.list(Optional.of(key), "", Optional.empty(), soon());

        assertThat(page.secrets()).extracting(StoredSecret::arn).containsExactly(arn);
        assertThat(page.secrets().getFirst().stages())
                .isEqualTo(vault.describe(arn, soon()).stages());
        assertThat(page.next()).isEmpty();
    }

    @Test
    void listing_by_the_beginning_of_a_name_finds_names_that_begin_so_with_case() {
        var key = "managed-" + UUID.randomUUID();
        var arn = create(name, key);
        create(name.toUpperCase(Locale.ROOT), key);
        create("other/" + name, key);

        assertThat(vault.list(Optional.of(key), name, Optional.empty(), soon()).secrets())
                .extracting(StoredSecret::arn)
                .containsExactly(arn);
        assertThat(vault.list(Optional.of(key), "", Optional.empty(), soon()).secrets())
                .hasSize(3);
    }

    @Test
    void listing_leaves_out_what_is_scheduled_for_deletion() {
        var key = "managed-" + UUID.randomUUID();
        var arn = create(name, key);
        client().deleteSecret(request -> request.secretId(arn));

        assertThat(vault.list(Optional.of(key), "", Optional.empty(), soon()).secrets())
                .isEmpty();
        assertThat(vault.describe(arn, soon()).deleted()).isTrue();
    }

    @Test
    void a_secret_that_is_scheduled_for_deletion_is_a_configuration_error_that_says_so() {
        var arn = create(name);
        var version = current(arn);
        client().deleteSecret(request -> request.secretId(arn));

        assertThatThrownBy(() -> vault.read(arn, new VersionSelector.StagedExactly(version, CURRENT), soon()))
                .isInstanceOf(RotatorException.Configuration.class)
                .hasMessageContaining("scheduled for deletion");
    }

    @Test
    void a_secret_that_is_scheduled_for_deletion_takes_no_put() {
        var arn = create(name);
        client().deleteSecret(request -> request.secretId(arn));

        assertThat(put(arn, newVersion(), SECOND))
                .isInstanceOfSatisfying(
                        PutAnswer.Rejected.class, no -> assertThat(no.why()).contains("scheduled for deletion"));
    }

    @Test
    void many_pages_are_walked_by_their_tokens() {
        var key = "managed-" + UUID.randomUUID();
        for (int number = 0; number < 101; number++) {
            create(name + "-" + number, key);
        }

        var first = vault.list(Optional.of(key), "", Optional.empty(), soon());
        var second = vault.list(Optional.of(key), "", first.next(), soon());

        assertThat(first.secrets()).hasSize(100);
        assertThat(second.secrets()).hasSize(1);
        assertThat(second.next()).isEmpty();
    }

    @Test
    void current_values_are_read_together_and_what_is_not_there_is_absent() {
        var one = create(name);
        var two = create(name + "-two");
        var gone = one.replace("prod/atlas-", "prod/gone-");

        var readings = vault.readCurrent(List.of(one, two, gone, one), soon());

        assertThat(readings.keySet()).containsExactlyInAnyOrder(one, two, gone);
        assertThat(readings.get(one)).isInstanceOf(Reading.Found.class);
        assertThat(readings.get(gone)).isEqualTo(new Reading.Absent());
    }

    @Test
    void asking_for_a_rotation_where_no_function_is_attached_is_a_configuration_error() {
        var arn = create(name);

        assertThatThrownBy(() -> vault.requestRotation(arn, soon()))
                .isInstanceOf(RotatorException.Configuration.class)
                .hasMessageContaining(arn);
    }
}
