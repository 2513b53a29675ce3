package dev.atlasrotator.policy;

import static dev.atlasrotator.policy.Seen.NOW;
import static dev.atlasrotator.policy.Seen.PENDING;
import static dev.atlasrotator.policy.Seen.id;
import static dev.atlasrotator.policy.Seen.nothing;
import static dev.atlasrotator.policy.Seen.one;
import static dev.atlasrotator.policy.Seen.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.finding.SecretFinding.CurrentSecretGone;
import dev.atlasrotator.finding.SecretFinding.SharedAccount;
import dev.atlasrotator.finding.ValueFinding.ValueTooLong;
import dev.atlasrotator.policy.CreatePolicy.Overlap;
import dev.atlasrotator.policy.Decision.Abandon;
import dev.atlasrotator.policy.Decision.Create;
import dev.atlasrotator.policy.Decision.Refuse;
import dev.atlasrotator.policy.Decision.Removal;
import dev.atlasrotator.policy.Decision.Removal.Why;
import dev.atlasrotator.policy.Decision.Resume;
import dev.atlasrotator.policy.Decision.ToRotate;
import dev.atlasrotator.snapshot.AtlasAccess;
import dev.atlasrotator.snapshot.RotationTimes;
import dev.atlasrotator.snapshot.Snapshot;
import dev.atlasrotator.snapshot.Snapshot.Identity;
import dev.atlasrotator.snapshot.Snapshot.Kind;
import dev.atlasrotator.snapshot.Snapshot.Pending;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The decision table of createSecret, as a pure function of what is seen. */
class CreatePolicyTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration WEEK = Duration.ofDays(7);
    private static final Duration MONTH = Duration.ofDays(30);
    private static final Duration QUARTER_HOUR = Duration.ofMinutes(15);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final RotationTimes POLICY = new RotationTimes(2160, MONTH, DAY);
    private static final String LONG = "x".repeat(65_400);

    private static ToRotate decide(Seen seen) {
        return new CreatePolicy(POLICY).decide(seen.snapshot(), Overlap.KEPT);
    }

    private static ToRotate afterRejection(Seen seen) {
        return new CreatePolicy(POLICY).decideAfterRejection(seen.snapshot());
    }

    private static ToRotate revoking(Seen seen) {
        return new CreatePolicy(POLICY).decide(seen.snapshot(), Overlap.REVOKED);
    }

    private static Create create(Removal... first) {
        return new Create(List.of(first), 2160);
    }

    private static Resume resume(Removal... first) {
        return new Resume(PENDING, List.of(first));
    }

    private static Removal removal(char digit, Why why) {
        return new Removal(id(digit), why);
    }

    private static void assertStops(ToRotate decision, Class<? extends RotatorException> kind, String... says) {
        assertThat(decision).isInstanceOfSatisfying(Refuse.class, refusal -> {
            assertThat(refusal.exception()).isInstanceOf(kind);
            assertThat(refusal.exception().getMessage()).contains(says).contains("Nothing was changed");
        });
    }

    private static void assertGivesUp(ToRotate decision, String why, Removal... first) {
        assertThat(decision).isInstanceOfSatisfying(Abandon.class, up -> {
            assertThat(up.pending()).isEqualTo(PENDING);
            assertThat(up.why()).contains(why);
            assertThat(up.first()).containsExactly(first);
        });
    }

    // ---- pending

    @Test
    void what_is_closed_stops_with_the_reason() {
        assertThat(decide(one().closed("nothing gets in")))
                .isEqualTo(Refuse.because(Seen.unreadable(value('a').account(), "nothing gets in")));
    }

    @Test
    void a_pending_value_whose_secret_lives_is_resumed() {
        var seen = one().secret('b', QUARTER_HOUR, MONTH).holding(value('b'), QUARTER_HOUR);
        assertThat(decide(seen)).isEqualTo(resume());
    }

    @Test
    void a_pending_value_whose_secret_is_gone_is_given_up() {
        assertGivesUp(decide(one().holding(value('b'), DAY)), "Atlas no longer has its secret " + id('b'));
    }

    @Test
    void a_pending_value_that_is_what_is_current_is_resumed() {
        assertThat(decide(one().holding(value('a'), DAY))).isEqualTo(resume());
    }

    @Test
    void a_pending_value_expires_at_the_second() {
        assertThat(decide(one().secret('b', DAY, SECOND).holding(value('b'), DAY)))
                .isEqualTo(resume());
        assertGivesUp(
                decide(one().secret('b', DAY, Duration.ZERO).holding(value('b'), DAY)),
                "expired at " + NOW,
                removal('b', Why.EXPIRED));
    }

    @Test
    void a_pending_value_for_another_account_is_given_up() {
        assertGivesUp(decide(one().holding(Seen.ofAnotherAccount('b'), DAY)), "for another account");
    }

    @Test
    void a_pending_value_without_an_id_is_judged_by_its_sign_in() {
        assertThat(decide(one().holding(Seen.unrecorded(), AuthResult.ACCEPTED, DAY)))
                .isEqualTo(resume());
        assertGivesUp(
                decide(one().holding(Seen.unrecorded(), AuthResult.REJECTED, DAY)), "Atlas does not accept its value");
        assertGivesUp(decide(one().holding(Seen.unrecorded(), DAY)), "Atlas does not accept its value");
    }

    @Test
    void after_a_rejection_it_is_decided_as_if_that_had_been_known_before() {
        var settled = one().secret('b', QUARTER_HOUR, MONTH).holding(value('b'), QUARTER_HOUR);
        var fresh = one().secret('b', QUARTER_HOUR.minus(SECOND), MONTH).holding(value('b'), QUARTER_HOUR);

        assertGivesUp(
                afterRejection(settled), "does not accept the value that is stored for it", removal('b', Why.ORPHAN));
        assertThat(decide(settled)).isEqualTo(resume());
        assertThat(afterRejection(fresh)).isEqualTo(resume());
        assertGivesUp(afterRejection(one().attempt(new Pending.NoCredential(PENDING), DAY)), "holds no credential");
        assertStops(
                afterRejection(one().holding(value('b'), DAY).closed("why")), RotatorException.Credential.class, "why");
    }

    @Test
    void a_registration_without_a_credential_is_given_up() {
        assertGivesUp(decide(one().attempt(new Pending.NoCredential(PENDING), DAY)), "holds no credential");
    }

    @Test
    void a_value_that_its_living_secret_rejects_is_given_up_once_fifteen_minutes_have_passed() {
        Consumer<Seen> rejected = seen -> seen.holding(value('b'), AuthResult.REJECTED, QUARTER_HOUR);
        var settled = one().secret('b', QUARTER_HOUR, MONTH);
        var fresh = one().secret('b', QUARTER_HOUR.minus(SECOND), MONTH);
        var used = one().used('b', QUARTER_HOUR, MONTH, Duration.ofMinutes(1));
        List.of(settled, fresh, used).forEach(rejected);

        assertGivesUp(decide(settled), "does not accept the value that is stored for it", removal('b', Why.ORPHAN));
        assertThat(decide(fresh)).isEqualTo(resume());
        assertThat(decide(used)).isEqualTo(resume());
    }

    @Test
    void a_value_that_signs_in_is_resumed_however_old() {
        assertThat(decide(one().secret('b', DAY, MONTH).holding(value('b'), AuthResult.ACCEPTED, DAY)))
                .isEqualTo(resume());
    }

    @Test
    void a_revocation_waits_for_a_run_that_may_still_promote_what_is_younger_than_the_current_one() {
        var seen = one().secret('b', DAY, MONTH).known('b').currentAuth(Optional.of(AuthResult.ACCEPTED));
        assertThat(revoking(seen.lastChanged(SECOND))).isInstanceOfSatisfying(Refuse.class, stop -> {
            assertThat(stop.exception()).isInstanceOf(RotatorException.Unavailable.class);
            assertThat(stop.exception().getMessage())
                    .contains("may be about to promote it", "Try again after")
                    .doesNotContain("revokeOld");
        });
        assertThat(revoking(seen.lastChanged(RotationTimes.LONGEST_RUN))).isInstanceOf(Decision.Create.class);
    }

    @Test
    void what_was_made_since_the_labels_were_read_is_not_past_its_overlap() {
        var seen = one().secret('b', SECOND, MONTH)
                .known('b')
                .currentAuth(Optional.of(AuthResult.ACCEPTED))
                .lastChanged(MONTH);
        assertThat(decide(seen)).isInstanceOf(Refuse.class);
        assertThat(revoking(seen)).isInstanceOf(Refuse.class);
    }

    @Test
    void an_attempt_that_a_value_written_by_hand_has_overtaken_is_given_up() {
        var seen = one().secret('b', DAY, MONTH).holding(value('b'), DAY);
        assertThat(decide(seen.currentCreated(DAY))).isEqualTo(resume());
        assertThat(decide(seen.currentCreated(DAY.minus(MINUTE).minus(SECOND)))) // two clocks
                .isEqualTo(resume());
        assertGivesUp(
                decide(seen.currentCreated(DAY.minus(MINUTE).minus(SECOND).minus(SECOND))),
                "AWSCURRENT was given a new value after it began");
        // An attempt that had nothing yet is not overtaken: what it made since is the younger one.
        assertThat(decide(one().secret('b', DAY.minus(SECOND), MONTH)
                        .holding(value('b'), DAY)
                        .currentCreated(DAY.minus(SECOND))))
                .isEqualTo(resume());
        // Unless what was written does not work, or is the very same.
        assertThat(decide(seen.currentAuth(Optional.of(AuthResult.REJECTED)))).isEqualTo(resume());
        assertThat(decide(seen.currentAuth(Optional.empty()))).isEqualTo(resume());
        assertThat(decide(one().holding(value('a'), DAY).currentCreated(SECOND)))
                .isEqualTo(resume());
    }

    @Test
    void an_attempt_takes_its_orphans_with_it_and_waits_for_its_young() {
        var orphan = one().secret('b', QUARTER_HOUR, MONTH);
        var young = one().secret('b', QUARTER_HOUR.minus(SECOND), MONTH);

        assertThat(decide(orphan.holding(value('a'), DAY))).isEqualTo(resume(removal('b', Why.ORPHAN)));
        assertGivesUp(
                decide(orphan.attempt(new Pending.NoCredential(PENDING), DAY)),
                "holds no credential",
                removal('b', Why.ORPHAN));
        assertStops(decide(young.holding(value('a'), DAY)), RotatorException.Unavailable.class, id('b').value());
        assertStops(
                decide(young.attempt(new Pending.NoCredential(PENDING), DAY)),
                RotatorException.Unavailable.class,
                id('b').value());
    }

    // ---- room

    @Test
    void one_secret_that_is_current_leaves_room() {
        assertThat(decide(one())).isEqualTo(create());
        assertThat(decide(one().attempt(new Pending.Registered(PENDING), DAY))).isEqualTo(create());
    }

    @Test
    void no_secret_at_all_leaves_room_for_an_admin() {
        assertThat(decide(nothing().gone(AtlasAccess.By.ADMIN))).isEqualTo(create());
    }

    @Test
    void the_lifetime_in_the_value_goes_before_the_policys() {
        var value = Seen.parse(Seen.CLIENT, ",\"secretExpiresAfterHours\":100");
        assertThat(decide(one().current(value))).isEqualTo(new Create(List.of(), 100));
    }

    @Test
    void an_expired_one_makes_room_from_the_very_second() {
        assertThat(decide(one().secret('b', MONTH, Duration.ZERO))).isEqualTo(create(removal('b', Why.EXPIRED)));
        assertStops(decide(one().secret('b', MONTH, SECOND)), RotatorException.Refused.class, id('b').value());
    }

    @Test
    void an_expired_one_goes_even_where_there_is_room() {
        assertThat(decide(nothing().gone(AtlasAccess.By.ADMIN).secret('b', MONTH, Duration.ZERO)))
                .isEqualTo(create(removal('b', Why.EXPIRED)));
    }

    @Test
    void an_expired_current_one_makes_room_unless_it_was_seen_to_work() {
        var expired = nothing().secret('a', MONTH, Duration.ZERO).secret('b', DAY, MONTH);
        assertStops(decide(expired), RotatorException.Refused.class, id('b').value());
        assertThat(decide(expired.currentAuth(Optional.of(AuthResult.REJECTED))))
                .isEqualTo(create(removal('a', Why.EXPIRED)));
    }

    @Test
    void an_orphan_makes_room() {
        var seen = one().secret('b', QUARTER_HOUR, MONTH).attempt(new Pending.Registered(PENDING), QUARTER_HOUR);
        assertThat(decide(seen)).isEqualTo(create(removal('b', Why.ORPHAN)));
    }

    @Test
    void a_young_one_asks_to_wait_until_it_is_fifteen_minutes_old() {
        var seen =
                one().secret('b', Duration.ofMinutes(5), MONTH).attempt(new Pending.Registered(PENDING), QUARTER_HOUR);
        assertStops(
                decide(seen),
                RotatorException.Unavailable.class,
                id('b').value(),
                "was made at 2026-06-01T07:55:00Z",
                "Try again after 2026-06-01T08:10:00Z");
    }

    @Test
    void of_two_young_ones_the_younger_tells_how_long_to_wait() {
        var seen = nothing()
                .gone(AtlasAccess.By.ADMIN)
                .secret('b', Duration.ofMinutes(5), MONTH)
                .secret('d', Duration.ofMinutes(3), MONTH)
                .attempt(new Pending.Registered(PENDING), QUARTER_HOUR);
        assertStops(
                decide(seen),
                RotatorException.Unavailable.class,
                id('d').value(),
                "Try again after 2026-06-01T08:12:00Z");
    }

    @Test
    void a_clock_on_the_secret_in_use_is_told_to_whoever_waits() {
        Consumer<Seen> waiting = seen ->
                seen.secret('b', Duration.ofMinutes(5), MONTH).attempt(new Pending.Registered(PENDING), QUARTER_HOUR);
        var cut = nothing().secret('a', MONTH, WEEK.minus(SECOND));
        var whole = nothing().secret('a', MONTH, WEEK);
        List.of(cut, whole).forEach(waiting);

        assertStops(
                decide(cut),
                RotatorException.Unavailable.class,
                "is cleaned up. The secret in use, " + id('a') + ", expires at 2026-06-08T07:59:59Z.");
        assertThat(decide(whole).toString()).doesNotContain("The secret in use");
    }

    @Test
    void a_foreign_one_is_named_with_when_it_was_made_and_used_and_what_to_do() {
        assertStops(
                decide(one().used('b', DAY, MONTH, Duration.ofHours(1))),
                RotatorException.Refused.class,
                id('b').value(),
                "was made at 2026-05-31T08:00:00Z",
                "was last used at 2026-06-01T07:00:00Z",
                "delete it in Atlas");
        assertStops(decide(one().secret('b', DAY, MONTH)), RotatorException.Refused.class, "was never used");
    }

    @Test
    void a_superseded_one_is_kept_until_the_last_second_of_its_overlap() {
        var seen = one().secret('b', MONTH, DAY).known('b').currentCreated(DAY.minus(SECOND));
        assertStops(
                decide(seen),
                RotatorException.Refused.class,
                id('b') + " was superseded at 2026-05-31T08:00:01Z",
                "until 2026-06-01T08:00:01Z",
                "\"secretId\":\"prod/atlas\"",
                "\"revokeOld\":true");
        assertThat(decide(seen.currentCreated(DAY))).isEqualTo(create(removal('b', Why.SUPERSEDED)));
    }

    @Test
    void a_revocation_takes_a_superseded_one_within_its_overlap() {
        var seen = one().secret('b', MONTH, DAY).known('b').currentCreated(SECOND);
        assertThat(revoking(seen)).isEqualTo(create(removal('b', Why.REVOKED)));
        assertThat(revoking(seen.currentCreated(DAY))).isEqualTo(create(removal('b', Why.SUPERSEDED)));
    }

    @Test
    void a_revocation_takes_no_foreign_one() {
        assertStops(revoking(one().secret('b', DAY, MONTH)), RotatorException.Refused.class, id('b').value());
    }

    @Test
    void while_current_is_not_seen_to_work_no_superseded_one_makes_room() {
        var seen = one().secret('b', MONTH, DAY).known('b').lastChanged(WEEK);
        assertStops(
                decide(seen.currentAuth(Optional.of(AuthResult.REJECTED))),
                RotatorException.Refused.class,
                "already has two secrets",
                id('a').value(),
                id('b').value());
        assertStops(
                decide(seen.currentAuth(Optional.empty())), RotatorException.Refused.class, "already has two secrets");
    }

    @Test
    void the_one_that_signs_us_in_does_not_make_room() {
        var seen = one().secret('b', MONTH, DAY).known('b').lastChanged(WEEK);
        assertStops(
                decide(seen.by(AtlasAccess.By.PREVIOUS, Optional.of(id('b')))),
                RotatorException.Refused.class,
                "already has two secrets");
    }

    @Test
    void of_two_superseded_ones_the_older_makes_room() {
        var seen = nothing()
                .secret('d', DAY, MONTH)
                .secret('b', MONTH, MONTH)
                .known('b')
                .known('d')
                .lastChanged(WEEK)
                .identity(new Identity.Gone());
        assertThat(decide(seen)).isEqualTo(create(removal('b', Why.SUPERSEDED)));
    }

    @Test
    void an_account_whose_current_one_is_not_told_apart_is_refused() {
        assertStops(
                decide(one().secret('b', DAY, MONTH).identity(new Identity.Unclear(Set.of(id('a'), id('b'))))),
                RotatorException.Refused.class,
                "not confirmed",
                id('a') + ", " + id('b'),
                "Do not delete any of them. Store the value again with \"secretId\"");
    }

    @Test
    void a_value_without_room_for_a_new_secret_is_refused_before_one_is_made() {
        var value = Seen.parse(Seen.CLIENT, ",\"long\":\"" + LONG + "\"");
        assertStops(decide(one().current(value)), RotatorException.Credential.class, "prod/atlas", "Shorten it");
    }

    // ---- what others use

    @Test
    void an_account_in_two_stored_secrets_is_told_with_what_the_other_one_uses() {
        assertThat(Findings.shared(one().snapshot())).isEmpty();
        assertThat(Findings.shared(one().secret('b', DAY, MONTH)
                        .otherHolders(Seen.elsewhere('b'))
                        .snapshot()))
                .get()
                .isInstanceOfSatisfying(SharedAccount.class, shared -> {
                    assertThat(shared.others()).containsExactly("prod/other");
                    assertThat(shared.theirs())
                            .extracting(SharedAccount.InUse::secret)
                            .containsExactly(id('b'));
                    assertThat(shared.expires()).isPresent();
                });
    }

    @Test
    void what_another_stored_secret_uses_makes_no_room() {
        assertStops(
                decide(one().secret('b', DAY, MONTH).otherHolders(Seen.elsewhere('b'))),
                RotatorException.Refused.class,
                "already has two secrets",
                id('b').value(),
                "in use in another stored secret");
    }

    @Test
    void a_superseded_one_that_is_used_past_its_overlap_makes_no_room() {
        var seen = one().used('b', Duration.ofDays(60), WEEK, DAY)
                .known('b')
                .currentAuth(Optional.of(AuthResult.ACCEPTED));
        assertStops(decide(seen), RotatorException.Refused.class, "already has two secrets", "is still used");
        var unused = one().used('b', Duration.ofDays(60), WEEK, MONTH)
                .known('b')
                .currentAuth(Optional.of(AuthResult.ACCEPTED));
        assertThat(decide(unused)).isEqualTo(create(removal('b', Why.SUPERSEDED)));
    }

    // ---- the decision as a value

    @Test
    void a_refusal_becomes_an_error_that_says_each_finding_once() {
        var tooLong = new ValueTooLong("prod/atlas", 65_536);
        var error = new Refuse(List.of(tooLong, tooLong, new CurrentSecretGone())).exception();

        assertThat(error).isInstanceOf(RotatorException.Credential.class);
        assertThat(error).hasMessage("VALUE_TOO_LONG: " + tooLong.text() + " " + new CurrentSecretGone().text());
    }

    // ---- all of a small world

    private static final List<Duration> AGES =
            List.of(Duration.ofMinutes(1), Duration.ofMinutes(14), Duration.ofMinutes(16), DAY, MONTH);
    private static final List<Duration> LEFT = List.of(Duration.ofHours(-1), DAY, MONTH);

    @Test
    void whatever_is_seen_nothing_goes_that_must_stay() {
        int cases = 0;
        for (Seen seen : everything()) {
            for (Overlap overlap : Overlap.values()) {
                var snapshot = seen.snapshot();
                var decision = new CreatePolicy(POLICY).decide(snapshot, overlap);
                assertNothingGoesThatMustStay(snapshot, decision, overlap);
                cases++;
            }
        }
        assertThat(cases).isGreaterThan(10_000);
    }

    private static void assertNothingGoesThatMustStay(Snapshot seen, ToRotate decision, Overlap overlap) {
        List<Removal> first = switch (decision) {
            case Create create -> create.first();
            case Resume resume -> resume.first();
            case Abandon up -> up.first();
            case Refuse refusal -> List.of();
        };
        for (var one : seen.classified()) {
            boolean goes = first.stream()
                    .anyMatch(gone -> gone.id().equals(one.secret().id()));
            boolean expired = one.secret().isExpired(NOW);
            switch (one.kind()) {
                case FOREIGN, IN_FLIGHT, SHARED -> assertThat(goes).isFalse();
                case CURRENT -> {
                    if (goes) {
                        assertThat(expired && !seen.currentWorks()).isTrue();
                    }
                }
                case SUPERSEDED -> {
                    if (goes) {
                        assertThat(seen.currentWorks()).isTrue();
                        assertThat(overlap == Overlap.REVOKED
                                        || !NOW.isBefore(seen.promoted().plus(DAY)))
                                .isTrue();
                    }
                }
                case PENDING -> {
                    if (goes) {
                        assertThat(decision).isInstanceOf(Abandon.class);
                    }
                }
                case EXPIRED, ORPHAN -> {
                    if (decision instanceof Create) {
                        assertThat(goes).isTrue();
                    }
                }
            }
        }
        if (decision instanceof Create) {
            assertThat(seen.classified().size() - first.size()).isLessThan(2);
            assertThat(seen.all(Kind.IN_FLIGHT)).isEmpty();
        }
        if (decision instanceof Abandon || decision instanceof Resume) {
            assertThat(seen.pending()).isNotInstanceOf(Pending.None.class);
        }
    }

    private static List<Seen> everything() {
        var all = new ArrayList<Seen>();
        for (Duration age : AGES) {
            for (Duration left : LEFT) {
                for (boolean used : List.of(true, false)) {
                    for (boolean known : List.of(true, false)) {
                        for (Duration changed : List.of(SECOND, WEEK)) {
                            for (int pending = 0; pending < 4; pending++) {
                                for (int identity = 0; identity < 3; identity++) {
                                    for (Duration began : List.of(Duration.ofMinutes(5), Duration.ofHours(2))) {
                                        all.add(world(age, left, used, known, changed, pending, identity, began));
                                        all.add(world(age, left, used, known, changed, pending, identity, began)
                                                .currentAuth(Optional.of(AuthResult.REJECTED)));
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        return all;
    }

    private static Seen world(
            Duration age,
            Duration left,
            boolean used,
            boolean known,
            Duration changed,
            int pending,
            int identity,
            Duration began) {
        var seen = one().lastChanged(changed);
        if (used) {
            seen.used('b', age, left, Duration.ZERO);
        } else {
            seen.secret('b', age, left);
        }
        if (known) {
            seen.known('b');
        }
        switch (pending) {
            case 0 -> {}
            case 1 -> seen.attempt(new Pending.Registered(PENDING), began);
            case 2 -> seen.attempt(new Pending.NoCredential(PENDING), began);
            default -> seen.holding(value('b'), began);
        }
        return switch (identity) {
            case 0 -> seen;
            case 1 -> seen.identity(new Identity.Gone());
            default -> seen.identity(new Identity.Unclear(Set.of(id('a'), id('b'))));
        };
    }
}
