package dev.atlasrotator.snapshot;

import static dev.atlasrotator.policy.Seen.NOW;
import static dev.atlasrotator.policy.Seen.PENDING;
import static dev.atlasrotator.policy.Seen.id;
import static dev.atlasrotator.policy.Seen.one;
import static dev.atlasrotator.policy.Seen.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.finding.Margin;
import dev.atlasrotator.policy.Decision.Removal;
import dev.atlasrotator.policy.Decision.Removal.Why;
import dev.atlasrotator.policy.RevocationPolicy;
import dev.atlasrotator.policy.Seen;
import dev.atlasrotator.snapshot.Snapshot.Identity;
import dev.atlasrotator.snapshot.Snapshot.Kind;
import dev.atlasrotator.snapshot.Snapshot.Pending;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SnapshotTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration MONTH = Duration.ofDays(30);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration QUARTER_HOUR = Duration.ofMinutes(15);
    private static final Pending REGISTERED = new Pending.Registered(PENDING);

    private static Kind kindOfB(Seen seen) {
        return seen.snapshot().classified().stream()
                .filter(one -> one.secret().id().equals(id('b')))
                .findFirst()
                .orElseThrow()
                .kind();
    }

    // ---- kinds

    @Test
    void what_is_identified_is_current_even_if_it_is_pending_known_or_expired_too() {
        var seen = one().known('a').holding(value('a'), DAY);
        assertThat(seen.snapshot().classified().getFirst().kind()).isEqualTo(Kind.CURRENT);
        assertThat(seen.snapshot().currentSecret()).isPresent();
    }

    @Test
    void what_the_pending_value_records_is_pending_even_if_expired() {
        assertThat(kindOfB(one().secret('b', DAY, MONTH).holding(value('b'), DAY)))
                .isEqualTo(Kind.PENDING);
        assertThat(kindOfB(one().secret('b', DAY, Duration.ZERO).holding(value('b'), DAY)))
                .isEqualTo(Kind.PENDING);
    }

    @Test
    void what_Atlas_has_ended_is_expired_from_the_very_second() {
        assertThat(kindOfB(one().secret('b', DAY, Duration.ZERO).known('b'))).isEqualTo(Kind.EXPIRED);
        assertThat(kindOfB(one().secret('b', DAY, SECOND).known('b'))).isEqualTo(Kind.SUPERSEDED);
    }

    @Test
    void what_a_version_records_is_superseded_however_unused_and_young() {
        assertThat(kindOfB(one().secret('b', SECOND, MONTH).known('b').attempt(REGISTERED, DAY)))
                .isEqualTo(Kind.SUPERSEDED);
    }

    @Test
    void what_was_made_up_to_61_seconds_before_the_attempt_is_put_down_to_it() {
        var minute = Duration.ofSeconds(61);
        assertThat(kindOfB(one().secret('b', DAY.plus(minute), MONTH).attempt(REGISTERED, DAY)))
                .isEqualTo(Kind.ORPHAN);
        assertThat(kindOfB(
                        one().secret('b', DAY.plus(minute).plus(SECOND), MONTH).attempt(REGISTERED, DAY)))
                .isEqualTo(Kind.FOREIGN);
    }

    @Test
    void the_young_become_orphans_at_fifteen_minutes() {
        assertThat(kindOfB(one().secret('b', QUARTER_HOUR, MONTH).attempt(REGISTERED, DAY)))
                .isEqualTo(Kind.ORPHAN);
        assertThat(kindOfB(one().secret('b', QUARTER_HOUR.minus(SECOND), MONTH).attempt(REGISTERED, DAY)))
                .isEqualTo(Kind.IN_FLIGHT);
    }

    @Test
    void what_was_used_or_made_without_an_attempt_is_foreign() {
        assertThat(kindOfB(one().used('b', SECOND, MONTH, SECOND).attempt(REGISTERED, DAY)))
                .isEqualTo(Kind.FOREIGN);
        assertThat(kindOfB(one().secret('b', SECOND, MONTH))).isEqualTo(Kind.FOREIGN);
    }

    @Test
    void nobody_is_current_where_the_current_one_is_gone_or_not_told_apart() {
        for (Identity which : List.of(new Identity.Gone(), new Identity.Unclear(Set.of(id('a'))))) {
            var snapshot = one().identity(which).snapshot();
            assertThat(snapshot.currentSecret()).isEmpty();
            assertThat(snapshot.all(Kind.FOREIGN)).hasSize(1);
        }
    }

    @Test
    void while_Atlas_is_closed_nothing_is_seen() {
        var snapshot = one().closed("why").snapshot();
        assertThat(snapshot.classified()).isEmpty();
        assertThat(snapshot.currentSecret()).isEmpty();
        assertThat(snapshot.all(Kind.CURRENT)).isEmpty();
    }

    @Test
    void all_of_a_kind_are_those_of_that_kind() {
        var snapshot = one().secret('b', DAY, MONTH).snapshot();
        assertThat(snapshot.all(Kind.CURRENT)).extracting(AtlasSecret::id).containsExactly(id('a'));
        assertThat(snapshot.all(Kind.FOREIGN)).extracting(AtlasSecret::id).containsExactly(id('b'));
        assertThat(snapshot.currentSecret()).map(AtlasSecret::id).hasValue(id('a'));
    }

    // ---- the promotion

    @Test
    void without_Secrets_Managers_rotation_the_creation_of_the_version_is_the_promotion() {
        var seen = one().lastChanged(SECOND).currentCreated(DAY); // somebody has set a tag since
        assertThat(seen.snapshot().promoted()).isEqualTo(NOW.minus(DAY));
        assertThat(seen.lastRotated(MONTH).snapshot().promoted()).isEqualTo(NOW.minus(DAY));
        assertThat(seen.rotationEnabled(false).snapshot().promoted()).isEqualTo(NOW.minus(DAY));
    }

    @Test
    void with_it_the_last_rotation_is() {
        var seen = one().rotationEnabled(true).lastChanged(SECOND).lastRotated(DAY);
        assertThat(seen.snapshot().promoted()).isEqualTo(NOW.minus(DAY));
    }

    @Test
    void a_value_that_a_person_has_put_there_since_was_promoted_when_it_was_made() {
        var seen = one().rotationEnabled(true).lastChanged(SECOND).lastRotated(DAY.plus(SECOND));
        assertThat(seen.currentCreated(DAY).snapshot().promoted()).isEqualTo(NOW.minus(DAY));
        assertThat(seen.currentCreated(MONTH).snapshot().promoted()).isEqualTo(NOW.minus(DAY.plus(SECOND)));
    }

    @Test
    void whoever_goes_back_to_an_older_version_promotes_it_at_the_last_change() {
        var seen =
                one().rotationEnabled(true).lastChanged(SECOND).lastRotated(DAY).currentCreated(MONTH);
        assertThat(seen.previousCreated(DAY).snapshot().promoted()).isEqualTo(NOW.minus(SECOND));
        assertThat(seen.previousCreated(MONTH).snapshot().promoted()).isEqualTo(NOW.minus(DAY));
    }

    @Test
    void a_version_that_was_registered_long_before_it_was_filled_was_not_promoted_before_that() {
        var seen = one().rotationEnabled(true).lastChanged(SECOND).lastRotated(MONTH.plus(DAY));
        assertThat(seen.currentCreated(MONTH.plus(SECOND)).snapshot().promoted())
                .isEqualTo(NOW.minus(MONTH)); // when Atlas made the secret
    }

    @Test
    void a_superseded_secret_that_is_younger_than_the_current_one_tells_of_a_way_back() {
        var seen = one().rotationEnabled(true)
                .lastChanged(SECOND)
                .lastRotated(DAY)
                .currentCreated(MONTH)
                .known('b');
        assertThat(seen.secret('b', MONTH, MONTH).snapshot().promoted()).isEqualTo(NOW.minus(DAY));
        assertThat(seen.secret('b', MONTH.minus(SECOND), MONTH).snapshot().promoted())
                .isEqualTo(NOW.minus(SECOND));
    }

    @Test
    void an_overlap_is_counted_from_the_promotion() {
        var seen =
                one().rotationEnabled(true).lastChanged(SECOND).lastRotated(DAY).snapshot();
        assertThat(seen.overlapEnds(Duration.ZERO)).isEqualTo(NOW.minus(DAY));
        assertThat(seen.overlapEnds(DAY)).isEqualTo(NOW);
    }

    @Test
    void after_a_way_back_the_younger_secret_lives_as_long_as_a_run_could_still_promote_it() {
        var seen = one().rotationEnabled(true)
                .lastChanged(DAY)
                .currentCreated(MONTH)
                .previousCreated(DAY)
                .snapshot();
        var back = NOW.minus(DAY);
        assertThat(seen.overlapEnds(Duration.ZERO)).isEqualTo(back.plus(RotationTimes.LONGEST_RUN));
        assertThat(seen.overlapEnds(RotationTimes.LONGEST_RUN.minus(SECOND)))
                .isEqualTo(back.plus(RotationTimes.LONGEST_RUN));
        assertThat(seen.overlapEnds(DAY)).isEqualTo(NOW);
    }

    @Test
    void a_run_may_promote_what_was_made_after_the_labels_were_read() {
        assertThat(mayBePromotedUntil(SECOND)).contains(NOW.minus(SECOND).plus(RotationTimes.LONGEST_RUN));
        assertThat(mayBePromotedUntil(MONTH.minus(SECOND)))
                .contains(NOW.minus(DAY).plus(RotationTimes.LONGEST_RUN));
        assertThat(mayBePromotedUntil(MONTH)).isEmpty();
    }

    private static Optional<Instant> mayBePromotedUntil(Duration age) {
        return one().lastChanged(DAY)
                .known('b')
                .secret('b', age, MONTH)
                .snapshot()
                .mayBePromotedUntil();
    }

    @Test
    void what_was_never_rotated_was_promoted_when_its_version_was_made() {
        assertThat(one().rotationEnabled(true).currentCreated(DAY).snapshot().promoted())
                .isEqualTo(NOW.minus(DAY));
        var back = one().currentCreated(MONTH).previousCreated(DAY);
        assertThat(back.neverChanged().snapshot().promoted()).isEqualTo(NOW);
    }

    // ---- the attempt

    @Test
    void an_attempt_is_abandoned_at_fifteen_minutes() {
        assertThat(one().attempt(REGISTERED, QUARTER_HOUR).snapshot().rotationIsStalled())
                .isTrue();
        assertThat(one().attempt(REGISTERED, QUARTER_HOUR.minus(SECOND))
                        .snapshot()
                        .rotationIsStalled())
                .isFalse();
        assertThat(one().pending(REGISTERED).snapshot().rotationIsStalled()).isFalse();
    }

    @Test
    void the_pending_id_is_the_one_that_the_pending_value_records() {
        assertThat(one().holding(value('b'), DAY).snapshot().pendingId()).hasValue(id('b'));
        assertThat(one().snapshot().pendingId()).isEmpty();
    }

    @Test
    void only_an_accepted_sign_in_shows_that_current_works() {
        assertThat(one().snapshot().currentWorks()).isTrue();
        assertThat(one().currentAuth(Optional.of(AuthResult.REJECTED))
                        .snapshot()
                        .currentWorks())
                .isFalse();
        assertThat(one().currentAuth(Optional.empty()).snapshot().currentWorks())
                .isFalse();
    }

    @Test
    void a_revocation_takes_current_and_superseded_unless_they_went_already() {
        var snapshot = one().secret('b', MONTH, DAY).known('b').snapshot();
        assertThat(RevocationPolicy.revocable(snapshot, List.of()))
                .containsExactly(new Removal(id('a'), Why.REVOKED), new Removal(id('b'), Why.REVOKED));
        assertThat(RevocationPolicy.revocable(snapshot, List.of(new Removal(id('b'), Why.SUPERSEDED))))
                .containsExactly(new Removal(id('a'), Why.REVOKED));
        assertThat(RevocationPolicy.revocable(one().secret('b', DAY, MONTH).snapshot(), List.of()))
                .as("foreign ones stay")
                .containsExactly(new Removal(id('a'), Why.REVOKED));
    }

    // ---- use after a rollback

    /** AWSCURRENT went back a day ago or so; a tag has moved LastChangedDate since. */
    private static Snapshot goneBack(boolean seesTheOthers, Duration used) {
        return one().used('b', Duration.ofDays(3), MONTH, used)
                .known('b')
                .previousCreated(Duration.ofDays(2))
                .lastChanged(Duration.ofHours(2))
                .otherHolders(new OtherHolders(
                        seesTheOthers, List.of(), Map.of(), Set.of(), Optional.empty(), Optional.empty()))
                .snapshot();
    }

    private static boolean isStillUsed(Snapshot seen) {
        return seen.isStillUsed(seen.all(Kind.SUPERSEDED).getFirst());
    }

    @Test
    void who_sees_no_other_stored_secret_counts_a_use_from_the_earliest_time_of_a_rollback() {
        assertThat(isStillUsed(goneBack(false, DAY))).isTrue();
        assertThat(isStillUsed(goneBack(false, Duration.ofDays(2)))).isFalse();
        assertThat(isStillUsed(goneBack(true, DAY))).isFalse();
        assertThat(isStillUsed(goneBack(true, SECOND))).isTrue();
    }

    // ---- margin

    @Test
    void nothing_is_left_of_the_margin_of_a_secret_that_is_gone() {
        assertThat(one().gone(AtlasAccess.By.ADMIN).snapshot().margin()).isEqualTo(Margin.LOW);
        assertThat(one().snapshot().margin()).isEqualTo(Margin.AMPLE);
        assertThat(one().snapshot().isNearItsEnd()).isFalse();
    }

    @Test
    void it_is_unclear_only_where_it_is_not_confirmed() {
        assertThat(one().identity(new Identity.Unclear(Set.of(id('a'))))
                        .snapshot()
                        .isUnclear())
                .isTrue();
        assertThat(one().snapshot().isUnclear()).isFalse();
    }

    @Test
    void every_kind_is_named_in_camel_case() {
        assertThat(List.of(Snapshot.Kind.values()))
                .extracting(Snapshot.Kind::text)
                .containsExactly(
                        "current", "pending", "expired", "superseded", "shared", "orphan", "inFlight", "foreign");
    }
}
