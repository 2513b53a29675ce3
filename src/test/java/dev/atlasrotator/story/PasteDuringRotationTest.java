package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.fake.AtlasModel;
import dev.atlasrotator.fake.IssuedCredential;
import dev.atlasrotator.fake.SecretsManagerSettings.AbandonedLabel;
import dev.atlasrotator.story.Breaking.How;
import dev.atlasrotator.story.Story.ManagedSecret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A rotation has failed and is still in progress; meanwhile a person makes a secret in Atlas and
 * pastes its value. It is unused, no version records its id, and it was made since the rotation
 * began: all that an orphan is, except that AWSCURRENT holds it. Whether AWSPENDING is still there
 * after the paste is not documented, and Atlas shows a use late.
 */
class PasteDuringRotationTest {
    private static final Duration SHOWN_LATE = Duration.ofHours(1);

    /** What the person leaves beside the clientSecret. */
    enum Paste {
        IDS_OF_THE_OLD_ONE,
        NO_IDS,
        NO_IDS_AS_BEFORE;

        ManagedSecret kept(Story story, Duration age) {
            return story.account("prod/atlas", age, AtlasModel.PROJECT_OWNER, this != NO_IDS_AS_BEFORE);
        }

        void into(Story story, ManagedSecret kept, IssuedCredential made) {
            var value = story.value(kept, "AWSCURRENT");
            value.put("clientSecret", made.value());
            if (this == NO_IDS) {
                value.remove("secretId");
            }
            story.storedByHand(kept, value, "AWSCURRENT");
        }
    }

    /** Where the rotation has stopped; a secret that it left at Atlas the person deletes first. */
    enum Stopped {
        BEFORE_ITS_CREATE,
        AFTER_ITS_CREATE,
        AFTER_ITS_STORE
    }

    record Case(Paste paste, Stopped stopped, AbandonedLabel label, boolean administered) {}

    static List<Case> cases() {
        var cases = new ArrayList<Case>();
        for (Paste paste : Paste.values()) {
            for (Stopped stopped : Stopped.values()) {
                for (AbandonedLabel label : AbandonedLabel.values()) {
                    cases.add(new Case(paste, stopped, label, false));
                    if (stopped == Stopped.BEFORE_ITS_CREATE) {
                        cases.add(new Case(paste, stopped, label, true));
                    }
                }
            }
        }
        return cases;
    }

    static List<Case> casesThatAreTold() {
        return cases().stream()
                .filter(one -> one.paste() != Paste.NO_IDS_AS_BEFORE)
                .toList();
    }

    private static Story begun(Case one) {
        var story = new Story(settings -> settings.with(one.label()));
        story.atlas.rules(rules -> rules.lastUsedLag(SHOWN_LATE));
        return story;
    }

    private static void stop(Story story, Stopped where, Runnable rotation, int puts) {
        switch (where) {
            case BEFORE_ITS_CREATE -> story.broken(Breaking.every("createSecret", How.ERROR_BEFORE::at), rotation);
            case AFTER_ITS_CREATE -> Death.after(story, "createSecret", 1, rotation);
            case AFTER_ITS_STORE -> Death.after(story, "PutSecretValue", puts, rotation);
        }
    }

    /** Makes a secret, and pastes it minutes later. */
    private static IssuedCredential paste(Story story, ManagedSecret kept, Case one) {
        story.after(Duration.ofMinutes(1));
        story.idsAtAtlas(kept).stream()
                .filter(id -> !id.equals(kept.first().id()))
                .forEach(id -> story.atlas.deleteSecret(kept.clientId(), id));
        var made = story.atlas.createSecret(kept.clientId(), 2160);
        story.after(Duration.ofMinutes(10));
        one.paste().into(story, kept, made);
        return made;
    }

    private static void bothAreThere(Story story, ManagedSecret kept, IssuedCredential made, String when) {
        assertThat(story.currentAtAtlas(kept))
                .as("what AWSCURRENT holds, %s", when)
                .isPresent();
        assertThat(story.idsAtAtlas(kept))
                .as("at Atlas, %s", when)
                .containsExactly(kept.first().id(), made.id());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void createSecret_that_comes_again_deletes_nothing_that_AWSCURRENT_holds(Case one) {
        var story = begun(one);
        var kept = one.paste().kept(story, Duration.ofDays(3));
        if (one.administered()) {
            story.administered(kept);
        }
        var token = story.begin(kept);
        stop(story, one.stopped(), () -> story.step("createSecret", kept, token), 1);
        var made = paste(story, kept, one);

        for (int minutes = 10; minutes <= 180; minutes += 10) {
            story.after(Duration.ofMinutes(10));
            try {
                story.step("createSecret", kept, token);
            } catch (RotatorException refused) {
                assertThat(refused.getMessage()).doesNotContain(made.id() + " was made");
            }
            bothAreThere(story, kept, made, minutes + " minutes after the paste");
        }
        assertThat(story.currentAtAtlas(kept)).contains(made.id());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_sweep_deletes_nothing_that_AWSCURRENT_holds(Case one) {
        var story = begun(one);
        var kept = one.paste().kept(story, Duration.ofDays(31));
        if (one.administered()) {
            story.administered(kept);
        }
        stop(story, one.stopped(), () -> Answer.rotate(story, kept), 2);
        var made = paste(story, kept, one);

        for (int minutes = 5; minutes <= 180; minutes += 5) {
            story.after(Duration.ofMinutes(5));
            var answer = Answer.sweep(story);
            bothAreThere(story, kept, made, minutes + " minutes after the paste");
            assertThat(Answer.asksToDelete(answer.told(kept)))
                    .as(answer.told(kept))
                    .isFalse();
        }
        assertThat(story.currentAtAtlas(kept)).contains(made.id());
        // It accounts for its orphan, so it stands until it is clear which secret is in use.
        boolean isConfirmed = !Answer.status(story).told(kept).contains("not confirmed");
        assertThat(story.attempt(kept).isEmpty() || !isConfirmed).as("given up").isTrue();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_rotation_and_a_revocation_by_hand_delete_nothing_that_AWSCURRENT_holds(Case one) {
        for (boolean revoke : new boolean[] {false, true}) {
            var story = begun(one);
            var kept = one.paste().kept(story, Duration.ofDays(3));
            if (one.administered()) {
                story.administered(kept);
            }
            stop(story, one.stopped(), () -> Answer.rotate(story, kept), 2);
            var made = paste(story, kept, one);

            for (int minutes = 10; minutes <= 40; minutes += 10) {
                story.after(Duration.ofMinutes(10));
                if (revoke) {
                    Answer.revoke(story, kept);
                } else {
                    Answer.rotate(story, kept);
                }
                assertThat(story.currentAtAtlas(kept)).contains(made.id());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("casesThatAreTold")
    void the_one_before_is_retired_after_its_overlap_where_a_version_tells_it(Case one) {
        var story = begun(one);
        var kept = one.paste().kept(story, Duration.ofDays(3));
        if (one.administered()) {
            story.administered(kept);
        }
        stop(story, one.stopped(), () -> Answer.rotate(story, kept), 2);
        var made = paste(story, kept, one);

        for (int hour = 0; hour < 26; hour++) {
            Answer.sweep(story);
            story.after(Duration.ofHours(1));
        }

        assertThat(story.idsAtAtlas(kept)).containsExactly(made.id());
        assertThat(story.currentAtAtlas(kept)).contains(made.id());
        assertThat(Answer.status(story).state(kept)).isEqualTo("fresh");
    }
}
