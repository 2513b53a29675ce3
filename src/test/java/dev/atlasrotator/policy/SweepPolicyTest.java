package dev.atlasrotator.policy;

import static dev.atlasrotator.policy.Seen.NOW;
import static dev.atlasrotator.policy.Seen.PENDING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.finding.AccessFinding.RotatesBySecretsManager;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.Margin;
import dev.atlasrotator.finding.RotationFinding.NextRotationWaits;
import dev.atlasrotator.finding.RotationFinding.OwnedElsewhere;
import dev.atlasrotator.finding.RotationFinding.RotationInProgress;
import dev.atlasrotator.finding.RotationFinding.RotationStalled;
import dev.atlasrotator.finding.SecretFinding.Expiring;
import dev.atlasrotator.finding.SecretFinding.ForeignSecret;
import dev.atlasrotator.finding.SecretFinding.OldSecretInUse;
import dev.atlasrotator.finding.ValueFinding.CandidateExpiring;
import dev.atlasrotator.finding.ValueFinding.SettingClamped;
import dev.atlasrotator.policy.Decision.Abandon.Next;
import dev.atlasrotator.policy.Decision.Removal;
import dev.atlasrotator.policy.Decision.Removal.Why;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.snapshot.AtlasAccess;
import dev.atlasrotator.snapshot.RotationTimes;
import dev.atlasrotator.snapshot.Snapshot;
import dev.atlasrotator.snapshot.Snapshot.Pending;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What an account needs today, from a snapshot alone: each rule at its very second. */
class SweepPolicyTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration LIFE = Duration.ofDays(90);
    private static final RotationTimes POLICY = new RotationTimes(2160, Duration.ofHours(720), Duration.ofHours(24));
    private static final CreatePolicy CREATE_RULES = new CreatePolicy(POLICY);
    private static final SweepPolicy RULES = new SweepPolicy(POLICY, CREATE_RULES);

    private static final RotationOwner BY_RUN = new RotationOwner.Direct();
    private static final RotationOwner BY_SECRETS_MANAGER = new RotationOwner.BySecretsManager();

    private static final SecretId CURRENT = Seen.id('a');
    private static final SecretId OTHER = Seen.id('b');

    /** A snapshot in the making; by itself it shows one fresh secret that works. */
    private static final class Scene {
        private final Seen account = Seen.nothing()
                .by(AtlasAccess.By.ADMIN, Optional.empty())
                .currentCreated(Duration.ofDays(40))
                .lastChanged(Duration.ofDays(10));

        private Scene() {
            current(Duration.ofDays(10), LIFE);
        }

        Scene current(Duration age, Duration life) {
            account.without('a').used('a', age, life.minus(age), Duration.ZERO);
            return this;
        }

        Scene noCurrent() {
            account.without('a').gone(AtlasAccess.By.ADMIN);
            return this;
        }

        private Scene other(Duration age, Duration left, Optional<Duration> usedAgo) {
            usedAgo.ifPresentOrElse(ago -> account.used('b', age, left, ago), () -> account.secret('b', age, left));
            return this;
        }

        Scene expired() {
            return other(LIFE, Duration.ZERO, Optional.empty());
        }

        /** Superseded, promoted so long ago, and used last so long after the promotion. */
        Scene superseded(Duration sincePromotion, Optional<Duration> usedAfter) {
            account.currentCreated(sincePromotion).known('b');
            return other(Duration.ofDays(40), Duration.ofDays(1), usedAfter.map(sincePromotion::minus));
        }

        Scene foreign(Optional<Instant> used) {
            return other(Duration.ofDays(5), LIFE, used.map(at -> Duration.between(at, NOW)));
        }

        /** Made so long ago by the attempt that stands. */
        Scene made(Duration ago) {
            return other(ago, LIFE, Optional.empty());
        }

        Scene registered(Duration ago) {
            account.attempt(new Pending.Registered(PENDING), ago);
            return this;
        }

        Scene noCredential(Duration ago) {
            account.attempt(new Pending.NoCredential(PENDING), ago);
            return this;
        }

        /** A pending value for the other secret, whether Atlas has that or not. */
        Scene holds(Duration ago) {
            account.holding(Seen.value('b'), ago);
            return this;
        }

        /** What a run promoted bears its label still, and somebody has gone back. */
        Scene goneBack() {
            account.labelled(PENDING, StoredSecret.PENDING, StoredSecret.PREVIOUS);
            return this;
        }

        /** A run has registered a rotation so long ago. */
        Scene lastBegun(Duration ago) {
            account.lastBegun(ago);
            return this;
        }

        /** After whatever lives is there: it could be any of these. */
        Scene unclear() {
            account.unclear();
            return this;
        }

        Scene auth(Optional<AuthResult> answer) {
            account.currentAuth(answer);
            return this;
        }

        /** What AWSCURRENT holds is as long as it may be. */
        Scene full() {
            var note = "x".repeat(StoredValue.BYTES_MAX - 200);
            account.current(Seen.parse(Seen.CLIENT, ",\"secretId\":\"" + CURRENT + "\",\"note\":\"" + note + "\""));
            return this;
        }

        Scene closed(String why) {
            account.closed(why);
            return this;
        }

        Snapshot seen() {
            return account.snapshot();
        }

        Assessment assess(RotationOwner owner) {
            return SweepPolicyTest.assess(seen(), owner);
        }
    }

    /** All that the rules say of one snapshot; the findings of the decision are among the findings. */
    private record Assessment(AccountState state, Decision decision, List<Finding> findings) {}

    private static Assessment assess(Snapshot seen, RotationOwner owner) {
        var decision = RULES.decide(seen, owner);
        var findings = RULES.findings(seen, owner, decision);
        assertThat(findings.subList(0, decision.findings().size())).isEqualTo(decision.findings());
        return new Assessment(
                RULES.state(seen, owner),
                switch (decision) {
                    case Decision.Nothing _ -> nothing();
                    case Decision.Delete delete -> new Decision.Delete(delete.removals(), List.of());
                    default -> decision;
                },
                findings);
    }

    private static String said(Assessment assessment) {
        return Finding.text(assessment.findings());
    }

    private static Stream<RotationOwner> ours() {
        return Stream.of(BY_RUN, BY_SECRETS_MANAGER);
    }

    private static Decision nothing() {
        return new Decision.Nothing(List.of());
    }

    private static Decision retire(Why why) {
        return new Decision.Delete(List.of(new Removal(OTHER, why)), List.of());
    }

    private static Decision plan(Scene scene) {
        return CREATE_RULES.decide(scene.seen(), CreatePolicy.Overlap.KEPT);
    }

    // ---- due

    @Test
    void an_orphan_goes_also_where_nothing_new_can_be_stored() {
        var began = RotationTimes.LONGEST_RUN;
        var assessment = new Scene().full().registered(began).made(began).assess(BY_SECRETS_MANAGER);
        assertThat(assessment.decision()).isEqualTo(retire(Why.ORPHAN));
        assertThat(said(assessment)).contains("Shorten it");
    }

    @Test
    void a_sweep_begins_no_second_rotation_within_the_hour() {
        var due = new Scene().current(Duration.ofDays(40), LIFE);
        var begun = Duration.ofMinutes(59);
        assertThat(due.lastBegun(begun).assess(BY_RUN).decision()).isEqualTo(nothing());
        assertThat(due.lastBegun(begun).assess(BY_RUN).state()).isEqualTo(AccountState.DUE);
        assertThat(said(due.lastBegun(begun).assess(BY_RUN)))
                .contains("after " + NOW.plus(Duration.ofMinutes(1)), "by hand at any time");
        assertThat(due.lastBegun(Duration.ofHours(1)).assess(BY_RUN).decision()).isInstanceOf(Decision.ToRotate.class);
        assertThat(due.lastBegun(begun).assess(BY_SECRETS_MANAGER).decision()).isEqualTo(nothing());
    }

    @Test
    void after_an_abandoned_rotation_the_report_says_when_a_sweep_begins_the_next_one() {
        var abandoned = new Scene().noCredential(Duration.ofMinutes(20)).lastBegun(Duration.ofMinutes(20));
        var next = new NextRotationWaits(NOW.plus(Duration.ofMinutes(40)));

        assertThat(abandoned.assess(BY_RUN).findings()).contains(next);
        assertThat(abandoned.assess(BY_SECRETS_MANAGER).findings()).doesNotContain(next);
        assertThat(new Scene().lastBegun(Duration.ofMinutes(20)).assess(BY_RUN).findings())
                .isEmpty();
    }

    @Test
    void what_a_create_has_done_to_the_secret_in_use_is_said_where_there_is_one() {
        var error = new RotatorException.Conflict("It was not stored.");

        assertThat(Findings.andSevenDays(new Scene().seen(), error).text()).endsWith("expires within seven days.");
        assertThat(Findings.andSevenDays(new Scene().noCurrent().seen(), error)).isSameAs(error);
    }

    @Test
    void an_age_of_thirty_days_is_due_to_the_second_where_the_run_rotates() {
        var due = new Scene().current(Duration.ofDays(30), LIFE);
        var young = new Scene().current(Duration.ofDays(30).minus(SECOND), LIFE);

        assertThat(due.assess(BY_RUN)).isEqualTo(new Assessment(AccountState.DUE, plan(due), List.of()));
        assertThat(young.assess(BY_RUN)).isEqualTo(new Assessment(AccountState.FRESH, nothing(), List.of()));
        assertThat(due.assess(BY_SECRETS_MANAGER))
                .isEqualTo(new Assessment(
                        AccountState.FRESH, nothing(), List.of(new RotatesBySecretsManager("prod/atlas"))));
        assertThat(young.assess(BY_SECRETS_MANAGER))
                .isEqualTo(new Assessment(AccountState.FRESH, nothing(), List.of()));
    }

    @ParameterizedTest
    @MethodSource("ours")
    void less_than_seven_days_of_a_long_life_are_near_its_end_to_the_second(RotationOwner owner) {
        var at = new Scene().current(Duration.ofDays(83), LIFE).assess(BY_SECRETS_MANAGER);
        var below = new Scene().current(Duration.ofDays(83).plus(SECOND), LIFE);

        assertThat(at.state()).isEqualTo(AccountState.FRESH);
        var assessed = below.assess(owner);
        assertThat(assessed.state()).isEqualTo(AccountState.DUE);
        assertThat(assessed.decision()).isEqualTo(owner.equals(BY_RUN) ? plan(below) : new Decision.RequestRotation());
        assertThat(said(assessed)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("ours")
    void below_nine_tenths_of_the_margin_a_rotation_was_due_and_has_not_come(RotationOwner owner) {
        var tenth = Duration.ofDays(7).dividedBy(10);
        var at = new Scene().current(Duration.ofDays(83).plus(tenth), LIFE);
        var below = new Scene().current(Duration.ofDays(83).plus(tenth).plus(SECOND), LIFE);

        assertThat(at.assess(owner).state()).isEqualTo(AccountState.DUE);
        assertThat(at.assess(owner).findings()).isEmpty();
        assertThat(below.assess(owner).state()).isEqualTo(AccountState.EXPIRING);
        assertThat(below.assess(owner).findings())
                .containsExactly(new Expiring(
                        CURRENT, NOW.plus(Duration.ofDays(7)).minus(tenth).minus(SECOND), Margin.SHORT));
    }

    @Test
    void where_it_is_not_confirmed_which_secret_is_in_use_the_report_says_which_one_may_expire_soon() {
        var scene = new Scene()
                .current(Duration.ofDays(84), LIFE)
                .foreign(Optional.empty())
                .unclear();

        assertThat(scene.assess(BY_RUN).findings())
                .hasAtLeastOneElementOfType(CandidateExpiring.class)
                .noneMatch(Expiring.class::isInstance);
    }

    @ParameterizedTest
    @MethodSource("ours")
    void less_than_a_quarter_of_a_short_life_is_near_its_end_to_the_second(RotationOwner owner) {
        var life = Duration.ofHours(200);

        assertThat(new Scene()
                        .current(Duration.ofHours(150), life)
                        .assess(owner)
                        .state())
                .isEqualTo(AccountState.FRESH);
        assertThat(new Scene()
                        .current(Duration.ofHours(150).plus(SECOND), life)
                        .assess(owner)
                        .state())
                .isEqualTo(AccountState.DUE);
    }

    @ParameterizedTest
    @MethodSource("ours")
    void what_atlas_does_not_have_or_does_not_accept_is_locked_out_and_due(RotationOwner owner) {
        var gone = new Scene().noCurrent();
        var rejected = new Scene().auth(Optional.of(AuthResult.REJECTED));

        for (Scene scene : List.of(gone, rejected)) {
            var assessed = scene.assess(owner);
            assertThat(assessed.state()).isEqualTo(AccountState.LOCKED_OUT);
            assertThat(assessed.decision())
                    .isEqualTo(owner.equals(BY_RUN) ? plan(scene) : new Decision.RequestRotation());
        }
        assertThat(said(gone.assess(BY_SECRETS_MANAGER))).isEqualTo("AWSCURRENT holds no secret that works.");
        assertThat(new Scene().auth(Optional.empty()).assess(owner).state()).isEqualTo(AccountState.FRESH);
    }

    // ---- what cannot be

    @ParameterizedTest
    @MethodSource("ours")
    void an_account_that_cannot_be_read_has_failed_and_its_finding_says_why(RotationOwner owner) {
        assertThat(new Scene().closed("no way in").assess(owner))
                .isEqualTo(new Assessment(
                        AccountState.FAILED,
                        nothing(),
                        List.of(Seen.unreadable(Seen.value('a').account(), "no way in"))));
        assertThat(new Scene().closed("no way in").holds(Duration.ofDays(1)).assess(owner))
                .isEqualTo(new Assessment(
                        AccountState.FAILED,
                        nothing(),
                        List.of(Seen.unreadable(Seen.value('a').account(), "no way in"))));
    }

    @Test
    void what_another_rotates_is_left_alone_whatever_its_state() {
        var another = new RotationOwner.External("a replica");

        assertThat(new Scene().current(Duration.ofDays(85), LIFE).assess(another))
                .isEqualTo(new Assessment(
                        AccountState.EXPIRING, nothing(), List.of(new OwnedElsewhere("prod/atlas", "a replica"))));
        assertThat(new Scene()
                        .current(Duration.ofDays(40), LIFE)
                        .assess(another)
                        .state())
                .isEqualTo(AccountState.EXTERNAL);
        assertThat(new Scene().expired().assess(another).decision()).isEqualTo(nothing());
    }

    @ParameterizedTest
    @MethodSource("ours")
    void due_and_no_room_says_why_and_how_urgent_it_is(RotationOwner owner) {
        var scene = new Scene().current(Duration.ofDays(85), LIFE).foreign(Optional.empty());

        var assessed = scene.assess(owner);

        assertThat(assessed.state()).isEqualTo(AccountState.EXPIRING);
        assertThat(assessed.decision()).isEqualTo(nothing());
        assertThat(said(assessed))
                .startsWith("Account ")
                .contains(OTHER.value(), "Nothing was changed.")
                .endsWith("After that, the next rotation or sweep continues without your help. The secret in use, "
                        + CURRENT
                        + ", expires at "
                        + NOW.plus(Duration.ofDays(5))
                        + ".");
    }

    @Test
    void due_and_within_the_overlap_of_the_old_one_says_until_when() {
        var scene = new Scene()
                .current(Duration.ofDays(30), LIFE)
                .superseded(Duration.ofHours(24).minus(SECOND), Optional.empty());

        var assessed = scene.assess(BY_RUN);

        assertThat(assessed.state()).isEqualTo(AccountState.DUE);
        assertThat(assessed.decision()).isEqualTo(nothing());
        assertThat(said(assessed)).contains("kept for its overlap until").doesNotContain("expires at");
    }

    // ---- attempts

    @ParameterizedTest
    @MethodSource("ours")
    void an_attempt_under_way_is_left_alone_for_fifteen_minutes_to_the_second(RotationOwner owner) {
        var began = RotationTimes.LONGEST_RUN.minus(SECOND);
        var under = List.of(new Scene().registered(began), new Scene().noCredential(began), new Scene().holds(began));

        for (Scene scene : under) {
            assertThat(scene.assess(owner))
                    .isEqualTo(new Assessment(
                            AccountState.ROTATING,
                            nothing(),
                            List.of(new RotationInProgress("prod/atlas", Optional.of(NOW.minus(began)), List.of()))));
        }
        assertThat(new Scene()
                        .registered(RotationTimes.LONGEST_RUN)
                        .assess(owner)
                        .state())
                .isEqualTo(AccountState.STALLED);
    }

    @Test
    void an_attempt_of_which_nobody_knows_when_it_began_is_under_way() {
        var scene = new Scene();
        scene.account.pending(new Pending.Registered(PENDING));

        var assessed = scene.assess(BY_RUN);

        assertThat(assessed.state()).isEqualTo(AccountState.ROTATING);
        assertThat(said(assessed)).contains("has just begun");
    }

    @Test
    void under_way_while_current_is_near_its_end_is_expiring_and_urgent() {
        var assessed = new Scene()
                .current(Duration.ofDays(85), LIFE)
                .registered(Duration.ofMinutes(2))
                .assess(BY_SECRETS_MANAGER);

        assertThat(assessed.state()).isEqualTo(AccountState.EXPIRING);
        assertThat(assessed.decision()).isEqualTo(nothing());
        assertThat(said(assessed)).contains("in progress").endsWith("expires at 2026-06-06T08:00:00Z.");
    }

    @ParameterizedTest
    @MethodSource("ours")
    void a_young_secret_is_named_and_waited_for(RotationOwner owner) {
        var under = new Scene().registered(Duration.ofMinutes(5)).made(Duration.ofMinutes(4));
        var stuck = new Scene().registered(Duration.ofMinutes(20)).made(Duration.ofMinutes(4));

        assertThat(said(under.assess(owner)))
                .endsWith("Secret "
                        + OTHER
                        + " was made at "
                        + NOW.minus(Duration.ofMinutes(4))
                        + " and is not stored yet.");
        var assessed = stuck.assess(owner);
        assertThat(assessed.state()).isEqualTo(AccountState.STALLED);
        assertThat(assessed.decision()).isEqualTo(nothing());
        assertThat(said(assessed)).contains("Try again after");
    }

    @Test
    void what_is_said_to_be_urgent_is_said_so_once() {
        var assessed = new Scene()
                .current(Duration.ofDays(85), LIFE)
                .registered(Duration.ofMinutes(20))
                .made(Duration.ofMinutes(4))
                .assess(BY_RUN);

        assertThat(said(assessed)).containsOnlyOnce("The secret in use");
    }

    @Test
    void an_attempt_left_empty_is_finished_by_whoever_rotates() {
        var scene = new Scene().registered(RotationTimes.LONGEST_RUN);

        assertThat(scene.assess(BY_RUN))
                .isEqualTo(new Assessment(
                        AccountState.STALLED,
                        plan(scene),
                        List.of(new RotationStalled(NOW.minus(RotationTimes.LONGEST_RUN), NOW, false))));
        assertThat(scene.assess(BY_SECRETS_MANAGER))
                .isEqualTo(new Assessment(
                        AccountState.STALLED,
                        new Decision.RequestRotation(),
                        List.of(new RotationStalled(NOW.minus(RotationTimes.LONGEST_RUN), NOW, false))));
    }

    @Test
    void an_attempt_left_empty_while_current_is_near_its_end_is_urgent() {
        var scene = new Scene().current(Duration.ofDays(85), LIFE).registered(RotationTimes.LONGEST_RUN);

        assertThat(said(scene.assess(BY_RUN))).contains("The secret in use");
        assertThat(said(scene.assess(BY_SECRETS_MANAGER))).contains("The secret in use");
    }

    @Test
    void an_attempt_with_its_secret_stored_is_resumed_by_whoever_rotates() {
        var scene = new Scene().holds(RotationTimes.LONGEST_RUN).made(Duration.ofMinutes(14));
        var plan = new Decision.Resume(PENDING, List.of());

        assertThat(scene.assess(BY_RUN))
                .isEqualTo(new Assessment(
                        AccountState.STALLED,
                        plan,
                        List.of(new RotationStalled(NOW.minus(RotationTimes.LONGEST_RUN), NOW, true))));
        assertThat(scene.assess(BY_SECRETS_MANAGER))
                .isEqualTo(new Assessment(
                        AccountState.STALLED,
                        new Decision.RequestRotation(),
                        List.of(new RotationStalled(NOW.minus(RotationTimes.LONGEST_RUN), NOW, true))));
        scene.current(Duration.ofDays(85), LIFE);
        assertThat(said(scene.assess(BY_RUN))).contains("The secret in use");
    }

    @Test
    void an_attempt_that_can_never_work_is_given_up_and_begun_anew_only_where_one_is_due() {
        var fresh = new Scene().holds(RotationTimes.LONGEST_RUN);
        var old = new Scene().holds(RotationTimes.LONGEST_RUN).current(Duration.ofDays(40), LIFE);
        var near = new Scene().holds(RotationTimes.LONGEST_RUN).current(Duration.ofDays(85), LIFE);
        var plan = (Decision.Abandon) plan(fresh);

        assertThat(fresh.assess(BY_RUN).decision()).isEqualTo(plan.then(Next.NOTHING));
        assertThat(fresh.assess(BY_SECRETS_MANAGER).decision()).isEqualTo(plan.then(Next.NOTHING));
        assertThat(old.assess(BY_RUN).decision()).isEqualTo(plan);
        assertThat(old.assess(BY_SECRETS_MANAGER).decision()).isEqualTo(plan.then(Next.NOTHING));
        assertThat(near.assess(BY_RUN).decision()).isEqualTo(plan);
        assertThat(near.assess(BY_SECRETS_MANAGER).decision()).isEqualTo(plan.then(Next.REQUEST));
        assertThat(said(fresh.assess(BY_RUN)))
                .startsWith("The rotation in progress can never work: Atlas no longer has its secret " + OTHER + ".");
        assertThat(said(near.assess(BY_SECRETS_MANAGER)))
                .startsWith("The rotation in progress can never work: ")
                .contains("The secret in use");
    }

    @ParameterizedTest
    @MethodSource("ours")
    void what_may_be_the_one_in_use_is_no_orphan(RotationOwner owner) {
        var scene = new Scene()
                .registered(Duration.ofHours(1))
                .made(RotationTimes.LONGEST_RUN)
                .unclear();

        assertThat(scene.assess(owner).decision()).isEqualTo(nothing());
        assertThat(said(scene.assess(owner))).contains("not confirmed");
    }

    @ParameterizedTest
    @MethodSource("ours")
    void what_is_over_goes_also_where_a_rotation_cannot_go_on(RotationOwner owner) {
        var scene = new Scene().registered(Duration.ofHours(1)).expired().unclear();

        assertThat(scene.assess(owner).decision()).isEqualTo(retire(Why.EXPIRED));
    }

    // ---- after a way back

    @Test
    void a_label_that_was_left_beside_awsprevious_is_taken_off() {
        var over = new Decision.Abandon(
                PENDING, List.of(), "it had ended, and AWSCURRENT was moved back since", Next.NOTHING);
        var fresh = new Scene().goneBack();
        var near = new Scene().current(Duration.ofDays(85), LIFE).goneBack();

        assertThat(fresh.assess(BY_RUN).decision()).isEqualTo(over.then(Next.NOTHING));
        assertThat(fresh.assess(BY_SECRETS_MANAGER).decision()).isEqualTo(over.then(Next.NOTHING));
        assertThat(near.assess(BY_SECRETS_MANAGER).decision()).isEqualTo(over.then(Next.REQUEST));
        // A run that rotates takes the label with it.
        assertThat(near.assess(BY_RUN).decision()).isInstanceOf(Decision.Create.class);
    }

    // ---- what is over

    @ParameterizedTest
    @MethodSource("ours")
    void an_expired_one_is_deleted(RotationOwner owner) {
        assertThat(new Scene().expired().assess(owner))
                .isEqualTo(new Assessment(AccountState.FRESH, retire(Why.EXPIRED), List.of()));
        assertThat(new Scene().expired().auth(Optional.empty()).assess(owner).decision())
                .isEqualTo(retire(Why.EXPIRED));
    }

    @ParameterizedTest
    @MethodSource("ours")
    void a_superseded_one_is_kept_through_its_overlap_to_the_second(RotationOwner owner) {
        var overlap = Duration.ofHours(24);

        assertThat(new Scene()
                        .superseded(overlap.minus(SECOND), Optional.empty())
                        .assess(owner))
                .isEqualTo(new Assessment(AccountState.OVERLAP, nothing(), List.of()));
        assertThat(new Scene().superseded(overlap, Optional.empty()).assess(owner))
                .isEqualTo(new Assessment(AccountState.OVERLAP, retire(Why.SUPERSEDED), List.of()));
    }

    @ParameterizedTest
    @MethodSource("ours")
    void a_superseded_one_is_idle_if_it_was_not_used_after_the_first_hour(RotationOwner owner) {
        var past = Duration.ofHours(30);
        // An hour, less the minute by which the clocks of the two services may be apart.
        var hour = Optional.of(Duration.ofMinutes(59));
        var later = Optional.of(Duration.ofMinutes(59).plus(SECOND));

        var idle = new Scene().superseded(past, hour);
        assertThat(idle.assess(owner).decision()).isEqualTo(retire(Why.SUPERSEDED));
        assertThat(idle.assess(owner).findings()).isEmpty();
        var used = new Scene().superseded(past, later);
        var promoted = NOW.minus(past);
        assertThat(used.assess(owner))
                .isEqualTo(new Assessment(
                        AccountState.OVERLAP,
                        nothing(),
                        List.of(new OldSecretInUse(
                                OTHER,
                                promoted,
                                Optional.of(promoted.plus(later.get())),
                                NOW.plus(Duration.ofDays(1))))));
    }

    @Test
    void within_the_overlap_use_is_as_it_should_be() {
        var scene = new Scene().superseded(Duration.ofHours(23), Optional.of(Duration.ofHours(20)));

        assertThat(scene.assess(BY_RUN).findings()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("ours")
    void a_superseded_one_is_kept_while_nobody_knows_that_current_works(RotationOwner owner) {
        var past = Duration.ofHours(30);

        assertThat(new Scene()
                        .superseded(past, Optional.empty())
                        .auth(Optional.empty())
                        .assess(owner)
                        .decision())
                .isEqualTo(nothing());
        assertThat(new Scene()
                        .superseded(past, Optional.empty())
                        .unclear()
                        .assess(owner)
                        .decision())
                .isEqualTo(nothing());
    }

    // ---- what is somebody else's

    @ParameterizedTest
    @MethodSource("ours")
    void a_foreign_one_is_reported_with_its_use(RotationOwner owner) {
        var made = NOW.minus(Duration.ofDays(5));

        assertThat(new Scene().foreign(Optional.empty()).assess(owner))
                .isEqualTo(new Assessment(
                        AccountState.FOREIGN,
                        nothing(),
                        List.of(new ForeignSecret(OTHER, made, Optional.empty(), Margin.AMPLE))));
        assertThat(said(new Scene().foreign(Optional.of(NOW)).assess(owner)))
                .contains("and was last used at " + NOW + ".");
    }

    @Test
    void where_nothing_tells_which_one_is_current_it_is_for_a_person_to_say() {
        assertThat(new Scene().unclear().assess(BY_RUN).state()).isEqualTo(AccountState.FOREIGN);
    }

    // ---- all of it together

    @Test
    void in_no_snapshot_at_all_is_anything_deleted_that_is_current_pending_young_or_foreign() {
        int snapshots = 0;
        for (RotationOwner owner : List.of(BY_RUN, BY_SECRETS_MANAGER)) {
            for (int age : new int[] {1, 30, 84}) {
                for (Scene scene : scenes(Duration.ofDays(age))) {
                    snapshots++;
                    var seen = scene.seen();
                    var assessed = assess(seen, owner);
                    for (Removal removal : removals(assessed.decision())) {
                        var kind = seen.classified().stream()
                                .filter(one -> one.secret().id().equals(removal.id()))
                                .findFirst()
                                .orElseThrow()
                                .kind();
                        assertThat(kind)
                                .as("%s by %s in %s", assessed, owner, seen.classified())
                                .isIn(
                                        Snapshot.Kind.EXPIRED,
                                        Snapshot.Kind.ORPHAN,
                                        Snapshot.Kind.SUPERSEDED,
                                        // Only with the attempt that is given up, and checked next.
                                        Snapshot.Kind.PENDING);
                        if (kind == Snapshot.Kind.PENDING) {
                            assertThat(removal.why()).isEqualTo(Why.EXPIRED);
                        }
                        assertThat(removal.id()).isNotEqualTo(CURRENT);
                    }
                    boolean near = age == 84;
                    if (near && !assessed.state().equals(AccountState.LOCKED_OUT)) {
                        assertThat(said(assessed).contains("expires at")
                                        || assessed.decision() instanceof Decision.ToRotate)
                                .as("%s by %s in %s", assessed, owner, seen.classified())
                                .isTrue();
                    }
                }
            }
        }
        assertThat(snapshots).isGreaterThan(500);
    }

    private static List<Removal> removals(Decision decision) {
        return switch (decision) {
            case Decision.Nothing _, Decision.RequestRotation _ -> List.of();
            case Decision.RevokePending _ -> throw new AssertionError("planned to revoke");
            case Decision.Delete delete -> delete.removals();
            case Decision.Abandon abandon -> abandon.first();
            case Decision.Create create -> create.first();
            case Decision.Resume resume -> resume.first();
            case Decision.Refuse refusal -> throw new AssertionError("planned to refuse");
        };
    }

    @Test
    void a_time_of_the_value_s_own_that_is_out_of_bounds_is_told() {
        var seen = Seen.one()
                .current(Seen.parse(Seen.CLIENT, ",\"overlapHours\":999"))
                .snapshot();

        assertThat(RULES.findings(seen, BY_RUN, RULES.decide(seen, BY_RUN)))
                .contains(new SettingClamped(Map.of("overlapHours", 168L)));
    }

    @Test
    void an_account_that_nothing_can_read_is_told_to_be_shared_as_well() {
        var seen = Seen.one()
                .closed("none of its credentials works")
                .otherHolders(Seen.elsewhere())
                .snapshot();

        assertThat(RULES.findings(seen, BY_RUN, RULES.decide(seen, BY_RUN)))
                .extracting(Finding::code)
                .containsExactly(Code.ACCESS_DENIED, Code.SHARED_ACCOUNT);
    }

    /** Each other secret, with each attempt, with each answer to a sign-in. */
    private static List<Scene> scenes(Duration age) {
        var scenes = new ArrayList<Scene>();
        for (int other = 0; other < 7; other++) {
            for (int attempt = 0; attempt < 7; attempt++) {
                for (int sign = 0; sign < 4; sign++) {
                    var scene = new Scene().current(age, LIFE);
                    switch (other) {
                        case 0 -> {}
                        case 1 -> scene.expired();
                        case 2 -> scene.superseded(Duration.ofHours(30), Optional.empty());
                        case 3 -> scene.superseded(Duration.ofHours(30), Optional.of(Duration.ofHours(20)));
                        case 4 -> scene.foreign(Optional.empty());
                        case 5 -> scene.made(Duration.ofMinutes(20));
                        default -> scene.made(Duration.ofMinutes(2));
                    }
                    var ago = Duration.ofMinutes(attempt % 2 == 0 ? 25 : 5);
                    switch (attempt) {
                        case 0 -> {}
                        case 1, 2 -> scene.registered(ago);
                        case 3, 4 -> scene.noCredential(ago);
                        default -> scene.holds(ago);
                    }
                    switch (sign) {
                        case 0 -> {}
                        case 1 -> scene.auth(Optional.empty());
                        case 2 -> scene.auth(Optional.of(AuthResult.REJECTED));
                        default -> scene.unclear();
                    }
                    scenes.add(scene);
                }
            }
        }
        return scenes;
    }
}
