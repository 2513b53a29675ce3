package dev.atlasrotator.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.Binding;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.snapshot.RecordedIds.Held;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** People edit one key of a value, and leave the others: what each version then is worth. */
class RecordedIdsTest {
    private static final Instant NOW = Instant.parse("2026-06-01T08:00:00Z");
    private static final Sensitive ONE = new Sensitive("value-one");
    private static final Sensitive TWO = new Sensitive("value-two");
    private static final SecretId A = id('a');
    private static final SecretId B = id('b');
    private static final SecretId C = id('c');

    private final List<Held> versions = new ArrayList<>();
    private String arn = "prod/atlas";
    private final Map<SecretId, Instant> made = new HashMap<>();

    private static SecretId id(char digit) {
        return new SecretId(String.valueOf(digit).repeat(24));
    }

    private static AtlasSecret secret(SecretId id) {
        return new AtlasSecret(id, NOW, NOW.plus(Duration.ofDays(90)), Optional.empty(), Optional.empty());
    }

    /** One more version, a minute younger than the one before. */
    private RecordedIdsTest version(Sensitive clientSecret, SecretId id) {
        return stored(clientSecret, Optional.of(id), Optional.empty());
    }

    private RecordedIdsTest withoutId(Sensitive clientSecret) {
        return stored(clientSecret, Optional.empty(), Optional.empty());
    }

    /** What a rotation stored for another client secret, with this one pasted over it. */
    private RecordedIdsTest pastedOver(Sensitive clientSecret, SecretId id, Sensitive before) {
        return stored(clientSecret, Optional.of(id), Optional.of(Binding.of(id, before)));
    }

    private RecordedIdsTest rotated(Sensitive clientSecret, SecretId id) {
        return stored(clientSecret, Optional.of(id), Optional.of(Binding.of(id, clientSecret)));
    }

    private RecordedIdsTest stored(Sensitive clientSecret, Optional<SecretId> id, Optional<Binding> binding) {
        var json = new LinkedHashMap<String, Object>();
        json.put("clientId", "mdb_sa_id_0123456789abcdef01234567");
        json.put("groupId", "fedcba987654321001234567");
        json.put("clientSecret", clientSecret.reveal());
        id.ifPresent(one -> json.put("secretId", one.value()));
        binding.ifPresent(
                one -> json.put("secretBinding", one.id() + ":" + one.digest().reveal()));
        versions.add(new Held(
                arn, StoredValue.parse(new Sensitive(Json.text(json))), NOW.plus(Duration.ofMinutes(versions.size()))));
        return this;
    }

    private RecordedIds ids() {
        // The order of reading does not matter.
        return new RecordedIds(
                versions.reversed(),
                (id, at) ->
                        Optional.ofNullable(made.get(id)).filter(at::isBefore).isPresent());
    }

    private List<SecretId> candidates(Sensitive clientSecret, SecretId... living) {
        return ids().candidates(clientSecret, secrets(living)).stream()
                .map(AtlasSecret::id)
                .toList();
    }

    private boolean settled(Sensitive clientSecret, SecretId... living) {
        return ids().isSettled(clientSecret, secrets(living));
    }

    private static List<AtlasSecret> secrets(SecretId... ids) {
        return List.of(ids).stream().map(RecordedIdsTest::secret).toList();
    }

    @Test
    void an_id_that_no_older_version_holds_is_its_writers_word() {
        version(ONE, A);
        assertThat(ids().of(ONE)).contains(A);
        assertThat(ids().of(TWO)).isEmpty();
        assertThat(ids().isOfAnother(A, ONE)).isFalse();
        assertThat(ids().isOfAnother(A, TWO)).isTrue();
        assertThat(ids().isOfAnother(B, TWO)).isFalse();
        assertThat(ids().ids()).containsExactly(A);
        assertThat(candidates(ONE, A, B)).containsExactly(A);
    }

    @Test
    void known_is_what_belongs_to_a_client_secret_and_what_a_rotation_says_it_superseded() {
        version(ONE, A);
        assertThat(ids().known(List.of(versions.getFirst().value().superseding(C))))
                .containsExactlyInAnyOrder(A, C);
    }

    @Test
    void an_id_beside_two_client_secrets_belongs_to_the_older_one() {
        version(ONE, A).version(TWO, A);
        assertThat(ids().of(ONE)).contains(A);
        assertThat(ids().of(TWO)).isEmpty();
        assertThat(candidates(TWO, A, B)).containsExactly(B);
        assertThat(candidates(TWO, A, B, C)).containsExactly(B, C);
    }

    @Test
    void further_edits_after_a_paste_do_not_make_the_old_id_true() {
        version(ONE, A).version(TWO, A).version(TWO, A).version(TWO, A);
        assertThat(candidates(TWO, A, B)).containsExactly(B);
    }

    @Test
    void what_is_pasted_back_is_what_it_was() {
        version(ONE, A).version(TWO, B).version(ONE, B);
        assertThat(ids().of(ONE)).contains(A);
        assertThat(ids().of(TWO)).contains(B);
        assertThat(candidates(ONE, A, B)).containsExactly(A);
    }

    @Test
    void an_edit_in_two_steps_ends_well_whichever_key_comes_first() {
        version(ONE, A).version(ONE, B).version(TWO, B);
        assertThat(candidates(TWO, A, B)).containsExactly(B);
        assertThat(ids().of(ONE)).contains(A);
        versions.clear();
        version(ONE, A).version(TWO, A).version(TWO, B);
        assertThat(candidates(TWO, A, B)).containsExactly(B);
    }

    @Test
    void a_paste_whose_id_is_put_right_later_is_known_through_the_next_paste() {
        var three = new Sensitive("value-three");
        version(ONE, A).version(TWO, A).version(TWO, B).version(three, B).version(TWO, A);
        assertThat(ids().of(TWO)).contains(B);
        assertThat(candidates(TWO, B, C)).containsExactly(B);
        assertThat(candidates(three, B, C)).containsExactly(C);
    }

    @Test
    void a_client_secret_beside_two_ids_belongs_to_the_one_that_more_versions_hold() {
        version(ONE, A).version(ONE, B);
        assertThat(ids().of(ONE)).isEmpty();
        assertThat(candidates(ONE, A, B)).containsExactly(A, B);
        version(ONE, B);
        assertThat(ids().of(ONE)).contains(B);
        assertThat(candidates(ONE, A, B)).containsExactly(B);
    }

    @Test
    void a_binding_is_certain_however_the_version_was_edited_since() {
        pastedOver(TWO, A, ONE);
        assertThat(ids().isBound(A)).isTrue();
        assertThat(ids().of(ONE)).contains(A);
        assertThat(ids().isOfAnother(A, TWO)).isTrue();
        assertThat(ids().isOfAnother(A, ONE)).isFalse();
        assertThat(candidates(TWO, A, B)).containsExactly(B);
        assertThat(ids().ids()).containsExactly(A);
    }

    @Test
    void a_binding_goes_before_what_people_write_older_or_not() {
        version(TWO, A).rotated(ONE, A);
        assertThat(ids().of(ONE)).contains(A);
        assertThat(ids().of(TWO)).isEmpty();
        version(ONE, B);
        assertThat(ids().of(ONE)).contains(A);
        assertThat(ids().isBound(B)).isFalse();
        assertThat(ids().ids()).containsExactly(A);
    }

    @Test
    void a_bound_one_that_is_not_there_leaves_no_other_candidate() {
        rotated(ONE, A);
        assertThat(candidates(ONE, B)).isEmpty();
    }

    @Test
    void a_written_one_that_is_not_there_was_wrong() {
        version(ONE, A);
        assertThat(candidates(ONE, B)).containsExactly(B);
    }

    @Test
    void reading_ends_where_no_older_version_could_tell_otherwise() {
        rotated(ONE, A);
        assertThat(settled(ONE, A, B)).as("bound").isTrue();
        assertThat(settled(TWO, A, B)).as("the other one is bound").isTrue();
        assertThat(settled(TWO, A, B, C)).as("two are left").isFalse();
    }

    @Test
    void a_written_id_is_settled_where_each_other_one_is_explained() {
        version(ONE, A);
        assertThat(settled(ONE, A, B)).isFalse();
        version(TWO, B);
        assertThat(settled(TWO, A, B)).isTrue();
        version(TWO, A); // somebody contradicts what was written
        assertThat(settled(TWO, A, B)).isFalse();
    }

    @Test
    void what_is_found_by_elimination_of_what_people_wrote_is_not_settled() {
        version(ONE, A);
        assertThat(candidates(TWO, A, B)).containsExactly(B);
        assertThat(settled(TWO, A, B)).isFalse();
    }

    @Test
    void a_secret_that_was_made_after_a_value_was_stored_is_not_what_it_holds() {
        withoutId(ONE).version(ONE, B);
        assertThat(ids().of(ONE)).contains(B);
        made.put(B, NOW.plus(Duration.ofSeconds(30))); // between the two versions
        assertThat(ids().of(ONE)).isEmpty();
        assertThat(ids().ids()).isEmpty();
        versions.removeFirst();
        assertThat(ids().of(ONE))
                .as("the first version may have been registered before")
                .contains(B);
    }

    @Test
    void a_value_without_an_id_says_nothing() {
        withoutId(ONE);
        assertThat(ids().ids()).isEmpty();
        assertThat(ids().of(ONE)).isEmpty();
        assertThat(candidates(ONE, A, B)).containsExactly(A, B);
    }

    @Test
    void an_id_that_was_written_beside_a_bound_value_decides_nothing_of_a_later_one() {
        rotated(ONE, A).stored(ONE, Optional.of(B), Optional.of(Binding.of(A, ONE)));
        version(TWO, B);

        assertThat(ids().of(TWO)).isEmpty();
        assertThat(ids().candidates(TWO, List.of(secret(B), secret(C)))).hasSize(2);
        assertThat(ids().candidates(TWO, List.of(secret(A), secret(B))))
                .extracting(AtlasSecret::id)
                .containsExactly(B);
    }

    @Test
    void an_id_written_ahead_is_believed_once_the_value_is_stored_again_with_it() {
        rotated(ONE, A).stored(ONE, Optional.of(B), Optional.of(Binding.of(A, ONE)));
        version(TWO, B).version(TWO, B);

        assertThat(ids().of(TWO)).contains(B);
        assertThat(candidates(TWO, B, C)).containsExactly(B);
    }

    @Test
    void an_id_written_ahead_is_not_believed_for_a_copy_of_the_value_in_another_stored_secret() {
        rotated(ONE, A).stored(ONE, Optional.of(B), Optional.of(Binding.of(A, ONE)));
        version(TWO, B);
        arn = "prod/copy";
        version(TWO, B);

        assertThat(ids().of(TWO)).isEmpty();
        assertThat(candidates(TWO, B, C)).containsExactly(B, C);
    }

    @Test
    void an_id_written_ahead_is_believed_once_somebody_puts_it_beside_the_value_by_itself() {
        rotated(ONE, A).stored(ONE, Optional.of(B), Optional.of(Binding.of(A, ONE)));
        withoutId(TWO).version(TWO, B);

        assertThat(candidates(TWO, B, C)).containsExactly(B);
    }

    @Test
    void an_id_written_ahead_is_not_believed_for_an_edit_of_another_key() {
        rotated(ONE, A).stored(ONE, Optional.of(B), Optional.of(Binding.of(A, ONE)));
        version(TWO, B).stored(TWO, Optional.of(B), Optional.of(Binding.of(A, ONE)));

        assertThat(ids().of(TWO)).isEmpty();
        assertThat(candidates(TWO, B, C)).containsExactly(B, C);
    }

    @Test
    void an_id_beside_two_client_secrets_is_doubtful_and_told_with_the_one_it_was_first_with() {
        version(ONE, A).version(TWO, A);

        assertThat(ids().doubtful()).containsExactly(Map.entry(A, ONE));
    }

    @Test
    void an_id_with_one_client_secret_is_not_doubtful() {
        version(ONE, A).version(ONE, A).version(TWO, B);

        assertThat(ids().doubtful()).isEmpty();
    }
}
