package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.IssuedCredential;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings.AbandonedLabel;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Breaking;
import dev.atlasrotator.testbed.Breaking.How;
import dev.atlasrotator.testbed.Death;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
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

        ManagedSecret kept(Testbed testbed, Duration age) {
            return testbed.account("prod/atlas", age, AtlasModel.PROJECT_OWNER, this != NO_IDS_AS_BEFORE);
        }

        void into(Testbed testbed, ManagedSecret kept, IssuedCredential made) {
            var value = testbed.value(kept, "AWSCURRENT");
            value.put("clientSecret", made.value());
            if (this == NO_IDS) {
                value.remove("secretId");
            }
            testbed.storedByHand(kept, value, "AWSCURRENT");
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

    private static Testbed begun(Case one) {
        var testbed = new Testbed(settings -> settings.with(one.label()));
        testbed.atlas.rules(rules -> rules.lastUsedLag(SHOWN_LATE));
        return testbed;
    }

    private static ManagedSecret kept(Testbed testbed, Case one, Duration age) {
        var kept = one.paste().kept(testbed, age);
        if (one.administered()) {
            testbed.administered(kept);
        }
        return kept;
    }

    private static void stop(Testbed testbed, Stopped where, Runnable rotation, int puts) {
        switch (where) {
            case BEFORE_ITS_CREATE -> testbed.broken(Breaking.every("createSecret", How.ERROR_BEFORE::at), rotation);
            case AFTER_ITS_CREATE -> Death.after(testbed, "createSecret", 1, rotation);
            case AFTER_ITS_STORE -> Death.after(testbed, "PutSecretValue", puts, rotation);
        }
    }

    /** Makes a secret, and pastes it minutes later. */
    private static IssuedCredential paste(Testbed testbed, ManagedSecret kept, Case one) {
        testbed.after(Duration.ofMinutes(1));
        testbed.idsAtAtlas(kept).stream()
                .filter(id -> !id.equals(kept.first().id()))
                .forEach(id -> testbed.atlas.deleteSecret(kept.clientId(), id));
        var made = testbed.atlas.createSecret(kept.clientId(), 2160);
        testbed.after(Duration.ofMinutes(10));
        one.paste().into(testbed, kept, made);
        return made;
    }

    private static void bothAreThere(Testbed testbed, ManagedSecret kept, IssuedCredential made, String when) {
        assertThat(testbed.currentAtAtlas(kept))
                .as("what AWSCURRENT holds, %s", when)
                .isPresent();
        assertThat(testbed.idsAtAtlas(kept))
                .as("at Atlas, %s", when)
                .containsExactly(kept.first().id(), made.id());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void createSecret_that_comes_again_deletes_nothing_that_AWSCURRENT_holds(Case one) {
        var testbed = begun(one);
        var kept = kept(testbed, one, Duration.ofDays(3));
        var token = testbed.begin(kept);
        stop(testbed, one.stopped(), () -> testbed.step("createSecret", kept, token), 1);
        var made = paste(testbed, kept, one);

        for (int minutes = 10; minutes <= 180; minutes += 10) {
            testbed.after(Duration.ofMinutes(10));
            try {
                testbed.step("createSecret", kept, token);
            } catch (RotatorException refused) {
                assertThat(refused.getMessage()).doesNotContain(made.id() + " was made");
            }
            bothAreThere(testbed, kept, made, minutes + " minutes after the paste");
        }
        assertThat(testbed.currentAtAtlas(kept)).contains(made.id());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_sweep_deletes_nothing_that_AWSCURRENT_holds(Case one) {
        var testbed = begun(one);
        var kept = kept(testbed, one, Duration.ofDays(31));
        stop(testbed, one.stopped(), () -> Answer.rotate(testbed, kept), 2);
        var made = paste(testbed, kept, one);

        for (int minutes = 5; minutes <= 180; minutes += 5) {
            testbed.after(Duration.ofMinutes(5));
            var answer = Answer.sweep(testbed);
            bothAreThere(testbed, kept, made, minutes + " minutes after the paste");
            assertThat(answer.told(kept)).doesNotContainPattern(Answer.ASKS_TO_DELETE);
        }
        assertThat(testbed.currentAtAtlas(kept)).contains(made.id());
        // It accounts for its orphan, so it is in progress until it is clear which secret is in use.
        boolean isConfirmed = !Answer.status(testbed).told(kept).contains("not confirmed");
        assertThat(testbed.attempt(kept).isEmpty() || !isConfirmed)
                .as("given up")
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_rotation_and_a_revocation_by_hand_delete_nothing_that_AWSCURRENT_holds(Case one) {
        for (boolean revoke : new boolean[] {false, true}) {
            var testbed = begun(one);
            var kept = kept(testbed, one, Duration.ofDays(3));
            stop(testbed, one.stopped(), () -> Answer.rotate(testbed, kept), 2);
            var made = paste(testbed, kept, one);

            for (int minutes = 10; minutes <= 40; minutes += 10) {
                testbed.after(Duration.ofMinutes(10));
                if (revoke) {
                    Answer.revoke(testbed, kept);
                } else {
                    Answer.rotate(testbed, kept);
                }
                assertThat(testbed.currentAtAtlas(kept)).contains(made.id());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("casesThatAreTold")
    void the_one_before_is_retired_after_its_overlap_where_a_version_tells_it(Case one) {
        var testbed = begun(one);
        var kept = kept(testbed, one, Duration.ofDays(3));
        stop(testbed, one.stopped(), () -> Answer.rotate(testbed, kept), 2);
        var made = paste(testbed, kept, one);

        for (int hour = 0; hour < 26; hour++) {
            Answer.sweep(testbed);
            testbed.after(Duration.ofHours(1));
        }

        assertThat(testbed.idsAtAtlas(kept)).containsExactly(made.id());
        assertThat(testbed.currentAtAtlas(kept)).contains(made.id());
        assertThat(Answer.status(testbed).state(kept)).isEqualTo("fresh");
    }
}
