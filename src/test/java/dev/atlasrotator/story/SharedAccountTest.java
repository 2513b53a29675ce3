package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.atlas.AtlasEvent.What;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Death;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One account in several managed stored secrets: two applications, or a replica that was promoted
 * "to turn on rotation", as AWS's guide has it. Whatever one of them holds is in use, whatever
 * another one makes of it.
 */
class SharedAccountTest {
    private static final Duration MONTH = Duration.ofDays(30);

    private final Testbed testbed = new Testbed().setting("SWEEP_CONCURRENCY", "1");

    /** Stored secrets with the same value, all managed; an admin credential acts for them, or each for itself. */
    private List<ManagedSecret> shared(int count, Duration age, boolean admin) {
        var all = new ArrayList<ManagedSecret>();
        all.add(testbed.account("app-1", age));
        for (int i = 2; i <= count; i++) {
            all.add(testbed.keep(
                    "app-" + i,
                    all.getFirst().first(),
                    testbed.value(all.getFirst(), "AWSCURRENT"),
                    Map.of(Testbed.TAG, "true")));
        }
        if (admin) { // so that no read of ours counts as a use
            testbed.adminByKey();
            all.forEach(kept -> testbed.tagged(kept, Testbed.TAG, kept.clientId()));
        }
        return all;
    }

    private ManagedSecret theOneThatWasRotated(List<ManagedSecret> all) {
        var rotated = all.stream()
                .filter(kept -> !testbed.currentAtAtlas(kept)
                        .equals(Optional.of(kept.first().id())))
                .toList();
        assertThat(rotated)
                .as("one is rotated, and its new secret takes the second slot")
                .hasSize(1);
        return rotated.getFirst();
    }

    private void everyOneWorksAndNoneIsForeign(List<ManagedSecret> all, Answer answer, String when) {
        for (ManagedSecret kept : all) {
            assertThat(testbed.currentAtAtlas(kept))
                    .as(kept.name() + ", " + when)
                    .isPresent();
            assertThat(answer.kinds(kept)).as(kept.name() + ", " + when).doesNotContain("foreign");
            assertThat(answer.told(kept)).doesNotContainPattern(Answer.ASKS_TO_DELETE);
        }
    }

    // ---- each has its own end

    /** Which of them Secrets Manager rotates. */
    enum RotatedBySecretsManager {
        NONE,
        FIRST,
        LAST,
        ALL;

        List<ManagedSecret> of(List<ManagedSecret> all) {
            return switch (this) {
                case NONE -> List.of();
                case FIRST -> List.of(all.getFirst());
                case LAST -> List.of(all.getLast());
                case ALL -> all;
            };
        }
    }

    @ParameterizedTest
    @CsvSource({
        "2, false, NONE, 1",
        "2, true, NONE, 1",
        "3, false, NONE, 1",
        "3, true, NONE, 1",
        "3, true, NONE, 8",
        "2, false, ALL, 1",
        "2, true, ALL, 1",
        "2, true, FIRST, 1",
        "2, true, LAST, 1"
    })
    void what_one_of_them_holds_is_never_foreign_nor_advised_away_nor_deleted(
            int count, boolean admin, RotatedBySecretsManager rotated, String concurrency) {
        testbed.setting("SWEEP_CONCURRENCY", concurrency);
        var all = shared(count, rotated == RotatedBySecretsManager.NONE ? MONTH : Duration.ofDays(84), admin);
        rotated.of(all).forEach(testbed::rotatedBySecretsManager);

        for (int hour = 0; hour < 5 * 24; hour++) {
            everyOneWorksAndNoneIsForeign(all, Answer.sweep(testbed), "hour " + hour);
            testbed.secretsManager.runRotations();
            if (concurrency.equals("1")) {
                theOneThatWasRotated(all);
            }
            testbed.after(Duration.ofHours(1));
        }

        everyOneWorksAndNoneIsForeign(all, Answer.status(testbed), "at the end");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void with_a_queue_it_is_the_same_whatever_a_message_names(boolean oneEach) {
        var all = shared(3, MONTH, true);
        var queued = new ArrayList<String>();
        testbed.queue((accounts, deadline) -> accounts.forEach(queued::addAll));
        for (int hour = 0; hour < 3 * 24; hour++) {
            var answer = Answer.sweep(testbed);
            for (ManagedSecret kept : all) {
                assertThat(testbed.currentAtAtlas(kept)).as("hour " + hour).isPresent();
            }
            assertThat(answer.toString()).doesNotContainPattern(Answer.ASKS_TO_DELETE);
            if (oneEach) {
                queued.forEach(arn -> process(List.of(arn)));
            } else if (!queued.isEmpty()) {
                process(queued);
            }
            queued.clear();
            for (ManagedSecret kept : all) {
                assertThat(testbed.currentAtAtlas(kept)).as("hour " + hour).isPresent();
            }
            theOneThatWasRotated(all);
            testbed.after(Duration.ofHours(1));
        }
    }

    private void process(List<String> arns) {
        var body = Json.text(Map.of("action", "sweep", "secretIds", arns));
        testbed.handle(Json.text(
                Map.of("Records", List.of(Map.of("eventSource", "aws:sqs", "messageId", "1", "body", body)))));
    }

    // ---- it is told

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_report_names_those_that_share_an_account(boolean admin) {
        var all = shared(2, Duration.ofDays(3), admin);
        var other = testbed.account("app-9", Duration.ofDays(3));

        for (var answer : List.of(Answer.sweep(testbed), Answer.status(testbed))) {
            assertThat(answer.told(all.getFirst())).contains("app-2").doesNotContain("app-9");
            assertThat(answer.told(all.getLast())).contains("app-1").doesNotContain("app-9");
            assertThat(answer.told(other)).doesNotContain("app-1", "app-2");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_was_rotated_in_one_is_told_of_the_other_with_the_end_of_its_value(boolean admin) {
        var all = shared(2, MONTH, admin);
        Answer.sweep(testbed);
        var rotated = theOneThatWasRotated(all);
        var other = rotated.equals(all.getFirst()) ? all.getLast() : all.getFirst();
        var end = testbed.expiryAtAtlas(other, other.first().id());
        assertThat(end).isBefore(Testbed.START.plus(Duration.ofDays(8)));
        testbed.after(Duration.ofHours(1));

        for (var answer : List.of(Answer.sweep(testbed), Answer.status(testbed))) {
            assertThat(answer.of(other))
                    .containsEntry("secretId", other.first().id())
                    .containsEntry("expiresAt", end.toString());
            assertThat(answer.told(other)).contains(rotated.name(), end.toString());
            assertThat(answer.told(rotated)).contains(other.name(), end.toString());
            assertThat(answer.state(other)).isEqualTo("due");
        }
    }

    @Test
    void a_secret_that_none_of_them_holds_is_foreign_still() {
        var all = shared(2, Duration.ofDays(3), false);
        var foreign = testbed.atlas.createSecret(all.getFirst().clientId(), 2160);

        var answer = Answer.sweep(testbed);

        for (ManagedSecret kept : all) {
            assertThat(answer.kinds(kept)).containsExactly("foreign");
            assertThat(answer.told(kept)).contains(foreign.id());
        }
    }

    // ---- the second one gets the first one's new value by hand

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void where_the_other_one_was_given_the_new_value_the_old_secret_is_retired_in_both(
            boolean clientSecretOnly, boolean admin) {
        var all = shared(2, MONTH, admin);
        Answer.sweep(testbed);
        var rotated = theOneThatWasRotated(all);
        var other = rotated.equals(all.getFirst()) ? all.getLast() : all.getFirst();
        var second = testbed.currentAtAtlas(rotated).orElseThrow();
        testbed.after(Duration.ofHours(2));
        var value = testbed.value(rotated, "AWSCURRENT");
        if (clientSecretOnly) {
            testbed.changedByHand(other, Map.of("clientSecret", String.valueOf(value.get("clientSecret"))));
        } else {
            testbed.storedByHand(other, value, "AWSCURRENT");
        }

        for (int hour = 0; hour < 24; hour++) {
            everyOneWorksAndNoneIsForeign(all, Answer.sweep(testbed), "hour " + hour);
            testbed.after(Duration.ofHours(1));
        }
        testbed.after(Duration.ofHours(2));
        Answer.sweep(testbed);

        assertThat(testbed.idsAtAtlas(other)).containsExactly(second);
        var answer = Answer.status(testbed);
        for (ManagedSecret kept : all) {
            assertThat(testbed.currentAtAtlas(kept)).contains(second);
            assertThat(answer.of(kept)).containsEntry("secretId", second);
            assertThat(answer.kinds(kept)).isEmpty();
        }
    }

    @Test
    void within_the_overlap_of_the_one_that_was_changed_last_the_old_secret_is_kept_for_both() {
        var all = shared(2, MONTH, true);
        Answer.sweep(testbed);
        var rotated = theOneThatWasRotated(all);
        var other = rotated.equals(all.getFirst()) ? all.getLast() : all.getFirst();
        testbed.after(Duration.ofHours(20));
        testbed.storedByHand(other, testbed.value(rotated, "AWSCURRENT"), "AWSCURRENT");

        // Consumers of the other one have had the old value until a moment ago.
        for (int hour = 0; hour < 23; hour++) {
            Answer.sweep(testbed);
            assertThat(testbed.idsAtAtlas(other)).contains(other.first().id());
            testbed.after(Duration.ofHours(1));
        }
    }

    // ---- what one has just been given looks like the other one's orphan

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_one_has_just_been_given_is_no_orphan_of_the_other_ones_failed_rotation(boolean admin) {
        testbed.atlas.rules(rules -> rules.lastUsedLag(Duration.ofHours(6)));
        var all = shared(2, Duration.ofDays(3), admin);
        var failed = all.getFirst();
        var other = all.getLast();
        Death.before(testbed, "createSecret", 1, () -> Answer.rotate(testbed, failed));
        assertThat(testbed.attempt(failed)).isPresent();
        testbed.after(Duration.ofMinutes(1));
        Answer.rotate(testbed, other);
        var second = testbed.currentAtAtlas(other).orElseThrow();
        assertThat(second).isNotEqualTo(other.first().id());

        for (int minutes = 0; minutes < 180; minutes += 10) {
            testbed.after(Duration.ofMinutes(10));
            everyOneWorksAndNoneIsForeign(all, Answer.sweep(testbed), minutes + " minutes");
        }
        assertThat(testbed.idsAtAtlas(other)).containsExactly(other.first().id(), second);
        assertThat(testbed.attempt(failed)).as("the failed one is given up").isEmpty();
    }

    @Test
    void what_one_has_in_hand_to_promote_is_no_orphan_of_the_other_ones_failed_rotation() {
        testbed.atlas.rules(rules -> rules.lastUsedLag(Duration.ofHours(6)));
        var all = shared(2, Duration.ofDays(3), true);
        var failed = all.getFirst();
        var other = all.getLast();
        Death.before(testbed, "createSecret", 1, () -> Answer.rotate(testbed, failed));
        testbed.after(Duration.ofMinutes(1));
        Death.after(testbed, "PutSecretValue", 2, () -> Answer.rotate(testbed, other));
        var pending = testbed.stored(other, "AWSPENDING", "secretId").orElseThrow();

        for (int minutes = 0; minutes < 60; minutes += 10) {
            testbed.after(Duration.ofMinutes(10));
            Answer.sweep(testbed);
            all.forEach(kept -> assertThat(testbed.currentWorks(kept)).isTrue());
        }
        assertThat(testbed.happened(other, What.SECRET_DELETED))
                .extracting(event -> event.secretId())
                .doesNotContain(pending);
        assertThat(testbed.currentAtAtlas(other)).contains(pending);
    }

    // ---- who does not see the fleet has the use to go by

    @Test
    void a_revocation_acts_for_what_has_leaked_has_leaked_in_both() {
        var all = shared(2, MONTH, false);

        assertThat(Answer.revoke(testbed, all.getFirst()).failed()).isEmpty();

        assertThat(testbed.idsAtAtlas(all.getFirst()))
                .containsExactly(testbed.currentAtAtlas(all.getFirst()).orElseThrow());
        assertThat(testbed.currentWorks(all.getLast())).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_superseded_one_that_was_used_since_an_hour_after_the_promotion_is_kept_and_the_use_named(boolean step) {
        var kept = testbed.account("app-1", MONTH);
        var token = new String[1];
        testbed.rotate(kept, step);
        var second = testbed.current(kept);
        testbed.after(Duration.ofHours(20));
        testbed.atlas.signIn(kept.clientId(), kept.first().value());
        var used = testbed.time.instant();
        testbed.after(Duration.ofHours(10));

        String refused;
        if (step) {
            token[0] = testbed.begin(kept);
            var failure = Testbed.failureOf(() -> testbed.step("createSecret", kept, token[0]));
            assertThat(failure).isInstanceOf(RotatorException.Refused.class);
            refused = failure.getMessage();
        } else {
            refused = Answer.rotate(testbed, kept).failure(kept);
            assertThat(refused).startsWith("OLD_SECRET_IN_USE");
        }

        assertThat(refused)
                .contains(
                        kept.first().id(), used.truncatedTo(ChronoUnit.SECONDS).toString());
        assertThat(refused).doesNotContainPattern(Answer.ASKS_TO_DELETE);
        assertThat(testbed.idsAtAtlas(kept)).containsExactly(kept.first().id(), second);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void one_that_was_used_within_that_hour_only_makes_room(boolean step) {
        usedAndThenRotated(step, Duration.ofMinutes(50), Duration.ofHours(30));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void one_that_is_used_still_makes_room_where_the_one_in_use_is_about_to_expire(boolean step) {
        testbed.setting("SECRET_EXPIRES_AFTER_HOURS", "48")
                .setting("ROTATE_AFTER_HOURS", "24")
                .setting("OVERLAP_HOURS", "12");
        usedAndThenRotated(step, Duration.ofHours(39), Duration.ofHours(1));
    }

    private void usedAndThenRotated(boolean step, Duration untilUse, Duration afterUse) {
        var kept = testbed.account("app-1", MONTH);
        testbed.rotate(kept, step);
        var second = testbed.current(kept);
        testbed.after(untilUse);
        testbed.atlas.signIn(kept.clientId(), kept.first().value());
        testbed.after(afterUse);

        testbed.rotate(kept, step);

        assertThat(testbed.current(kept)).isNotEqualTo(second);
        assertThat(testbed.idsAtAtlas(kept))
                .hasSize(2)
                .contains(second)
                .doesNotContain(kept.first().id());
    }

    @Test
    void a_tag_after_a_rollback_does_not_make_a_use_by_another_stored_secret_look_old_to_a_step() {
        testbed.setting("OVERLAP_HOURS", "0");
        var kept = testbed.account("app-1", Duration.ofDays(3));
        testbed.rotatedBySecretsManager(kept);
        testbed.rotate(kept, testbed.begin(kept));
        var second = testbed.value(kept, "AWSCURRENT");
        testbed.after(Duration.ofHours(1));
        testbed.rolledBack(kept);
        testbed.keep("app-2", kept.first(), second, Map.of());
        testbed.after(Duration.ofHours(3));
        testbed.atlas.signIn(kept.clientId(), String.valueOf(second.get("clientSecret")));
        testbed.after(Duration.ofHours(30));
        testbed.tagged(kept, "team", "payments");
        var token = testbed.begin(kept);
        testbed.after(Duration.ofMinutes(20));

        var failure = testbed.failure("createSecret", kept, token);

        assertThat(failure).hasMessageContaining("is still used");
        assertThat(testbed.idsAtAtlas(kept)).contains(String.valueOf(second.get("secretId")));
    }
}
