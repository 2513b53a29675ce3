package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.fake.AtlasModel;
import dev.atlasrotator.fake.AtlasRules.Mask;
import dev.atlasrotator.fake.IssuedCredential;
import dev.atlasrotator.story.Story.ManagedSecret;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two secrets at Atlas, and a stored value that does not say which one it holds. */
class IdentificationTest {
    private static final Duration MONTH = Duration.ofDays(30);
    private final Story story = new Story();
    private final ManagedSecret kept = story.account("prod/atlas", MONTH, AtlasModel.PROJECT_OWNER, false);

    private IssuedCredential another() {
        return story.atlas.secretFromThePast(kept.clientId(), Story.START.minus(Duration.ofDays(10)), 2160);
    }

    @Test
    void what_was_used_last_is_not_taken_for_the_current_one() {
        var other = another();
        story.atlas.signIn(kept.clientId(), other.value());
        story.after(Duration.ofMinutes(1));
        var token = story.begin(kept);

        // The date lags, and a consumer may use either: it protects a secret, and names none.
        assertThat(Story.failureOf(() -> story.step("createSecret", kept, token)))
                .isInstanceOf(RotatorException.Refused.class)
                .hasMessageContaining("Do not delete any of them")
                .hasMessageContaining(other.id())
                .hasMessageContaining(kept.first().id());
    }

    @Test
    void a_mask_that_shows_an_end_tells_it_without_waiting_for_lastUsedAt() {
        story.atlas.rules(rules -> rules.mask(Mask.SHOWS_END).lastUsedLag(Duration.ofDays(1)));
        var other = another();
        var token = story.begin(kept);

        assertThat(Story.failureOf(() -> story.step("createSecret", kept, token)))
                .isInstanceOf(RotatorException.Refused.class)
                .hasMessageContaining("Secret " + other.id());
    }

    @Test
    void where_nothing_tells_it_refuses_and_says_how_to_record_the_id() {
        story.atlas.rules(rules -> rules.lastUsedLag(Duration.ofDays(1)));
        var other = another();
        var token = story.begin(kept);

        assertThat(Story.failureOf(() -> story.step("createSecret", kept, token)))
                .isInstanceOf(RotatorException.Refused.class)
                .hasMessageContaining(kept.first().id())
                .hasMessageContaining(other.id())
                .hasMessageContaining("Nothing was changed")
                .hasMessageContaining("Store the value again with \"secretId\"");
        assertThat(story.idsAtAtlas(kept)).hasSize(2);
    }

    @Test
    void where_both_were_used_in_that_second_it_refuses_rather_than_guesses() {
        var other = another();
        var token = story.begin(kept);
        story.atlas.signIn(kept.clientId(), other.value());

        assertThat(Story.failureOf(() -> story.step("createSecret", kept, token)))
                .isInstanceOf(RotatorException.Refused.class)
                .hasMessageContaining("Store the value again with \"secretId\"");
    }

    @Test
    void recording_the_id_by_hand_as_it_says_lets_the_next_try_go_on() {
        story.atlas.rules(rules -> rules.lastUsedLag(Duration.ofDays(1)));
        var other = another();
        story.changedByHand(kept, Map.of("secretId", kept.first().id()));
        var token = story.begin(kept);

        assertThat(Story.failureOf(() -> story.step("createSecret", kept, token)))
                .hasMessageContaining("Secret " + other.id());
        story.atlas.deleteSecret(kept.clientId(), other.id());
        story.rotate(kept, token);

        assertThat(story.currentWorks(kept)).isTrue();
    }

    @Test
    void an_older_version_that_records_the_id_of_the_other_one_tells_too() {
        var other = another();
        var older = new LinkedHashMap<String, Object>(story.value(kept, "AWSCURRENT"));
        older.put("clientSecret", other.value());
        older.put("secretId", other.id());
        var current = story.value(kept, "AWSCURRENT");
        story.storedByHand(kept, older, "AWSCURRENT");
        story.storedByHand(kept, current, "AWSCURRENT");
        story.atlas.rules(rules -> rules.lastUsedLag(Duration.ofDays(1)));
        var token = story.begin(kept);
        // Secrets Manager has never rotated it: its last change is what tells the promotion.
        story.after(Duration.ofHours(25));

        story.rotate(kept, token);

        assertThat(story.idsAtAtlas(kept))
                .hasSize(2)
                .contains(kept.first().id())
                .doesNotContain(other.id());
    }

    @Test
    void a_value_pasted_by_hand_beside_the_id_of_an_ended_one_is_known_by_its_sign_in() {
        story.changedByHand(kept, Map.of("secretId", kept.first().id()));
        story.after(Duration.ofDays(61)); // the recorded one has ended at Atlas, and was not deleted there
        var pasted = story.atlas.createSecret(kept.clientId(), 2160);
        story.changedByHand(kept, Map.of("clientSecret", pasted.value()));
        story.after(Duration.ofHours(1));

        story.rotate(kept, story.begin(kept));

        assertThat(story.currentWorks(kept)).isTrue();
        assertThat(story.idsAtAtlas(kept))
                .as("the pasted one is kept for its overlap, the ended one has made room")
                .hasSize(2)
                .contains(pasted.id())
                .doesNotContain(kept.first().id());
    }
}
