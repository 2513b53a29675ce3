package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasRules.Mask;
import dev.atlasrotator.simulator.atlas.IssuedCredential;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two secrets at Atlas, and a stored value that does not say which one it holds. */
class IdentificationTest {
    private static final Duration MONTH = Duration.ofDays(30);
    private final Testbed testbed = new Testbed();
    private final ManagedSecret kept = testbed.account("prod/atlas", MONTH, AtlasModel.PROJECT_OWNER, false);

    private IssuedCredential another() {
        return testbed.atlas.secretFromThePast(kept.clientId(), Testbed.START.minus(Duration.ofDays(10)), 2160);
    }

    @Test
    void what_was_used_last_is_not_taken_for_the_current_one() {
        var other = another();
        testbed.atlas.signIn(kept.clientId(), other.value());
        testbed.after(Duration.ofMinutes(1));
        var token = testbed.begin(kept);

        // The date lags, and a consumer may use either: it protects a secret, and names none.
        assertThat(Testbed.failureOf(() -> testbed.step("createSecret", kept, token)))
                .isInstanceOf(RotatorException.Refused.class)
                .hasMessageContaining("Do not delete any of them")
                .hasMessageContaining(other.id())
                .hasMessageContaining(kept.first().id());
    }

    @Test
    void a_mask_that_shows_an_end_tells_it_without_waiting_for_lastUsedAt() {
        testbed.atlas.rules(rules -> rules.mask(Mask.SHOWS_END).lastUsedLag(Duration.ofDays(1)));
        var other = another();
        var token = testbed.begin(kept);

        assertThat(Testbed.failureOf(() -> testbed.step("createSecret", kept, token)))
                .isInstanceOf(RotatorException.Refused.class)
                .hasMessageContaining("Secret " + other.id());
    }

    @Test
    void where_nothing_tells_it_refuses_and_says_how_to_record_the_id() {
        testbed.atlas.rules(rules -> rules.lastUsedLag(Duration.ofDays(1)));
        var other = another();
        var token = testbed.begin(kept);

        assertThat(Testbed.failureOf(() -> testbed.step("createSecret", kept, token)))
                .isInstanceOf(RotatorException.Refused.class)
                .hasMessageContaining(kept.first().id())
                .hasMessageContaining(other.id())
                .hasMessageContaining("Nothing was changed")
                .hasMessageContaining("Store the value again with \"secretId\"");
        assertThat(testbed.idsAtAtlas(kept)).hasSize(2);
    }

    @Test
    void where_both_were_used_in_that_second_it_refuses_rather_than_guesses() {
        var other = another();
        var token = testbed.begin(kept);
        testbed.atlas.signIn(kept.clientId(), other.value());

        assertThat(Testbed.failureOf(() -> testbed.step("createSecret", kept, token)))
                .isInstanceOf(RotatorException.Refused.class)
                .hasMessageContaining("Store the value again with \"secretId\"");
    }

    @Test
    void recording_the_id_by_hand_as_it_says_lets_the_next_try_go_on() {
        testbed.atlas.rules(rules -> rules.lastUsedLag(Duration.ofDays(1)));
        var other = another();
        testbed.changedByHand(kept, Map.of("secretId", kept.first().id()));
        var token = testbed.begin(kept);

        assertThat(Testbed.failureOf(() -> testbed.step("createSecret", kept, token)))
                .hasMessageContaining("Secret " + other.id());
        testbed.atlas.deleteSecret(kept.clientId(), other.id());
        testbed.rotate(kept, token);

        assertThat(testbed.currentWorks(kept)).isTrue();
    }

    @Test
    void an_older_version_that_records_the_id_of_the_other_one_tells_too() {
        var other = another();
        var older = new LinkedHashMap<String, Object>(testbed.value(kept, "AWSCURRENT"));
        older.put("clientSecret", other.value());
        older.put("secretId", other.id());
        var current = testbed.value(kept, "AWSCURRENT");
        testbed.storedByHand(kept, older, "AWSCURRENT");
        testbed.storedByHand(kept, current, "AWSCURRENT");
        testbed.atlas.rules(rules -> rules.lastUsedLag(Duration.ofDays(1)));
        var token = testbed.begin(kept);
        // Secrets Manager has never rotated it: its last change is what tells the promotion.
        testbed.after(Duration.ofHours(25));

        testbed.rotate(kept, token);

        assertThat(testbed.idsAtAtlas(kept))
                .hasSize(2)
                .contains(kept.first().id())
                .doesNotContain(other.id());
    }

    @Test
    void a_value_pasted_by_hand_beside_the_id_of_an_ended_one_is_known_by_its_sign_in() {
        testbed.changedByHand(kept, Map.of("secretId", kept.first().id()));
        testbed.after(Duration.ofDays(61)); // the recorded one has ended at Atlas, and was not deleted there
        var pasted = testbed.atlas.createSecret(kept.clientId(), 2160);
        testbed.changedByHand(kept, Map.of("clientSecret", pasted.value()));
        testbed.after(Duration.ofHours(1));

        testbed.rotate(kept, testbed.begin(kept));

        assertThat(testbed.currentWorks(kept)).isTrue();
        assertThat(testbed.idsAtAtlas(kept))
                .as("the pasted one is kept for its overlap, the ended one has made room")
                .hasSize(2)
                .contains(pasted.id())
                .doesNotContain(kept.first().id());
    }
}
