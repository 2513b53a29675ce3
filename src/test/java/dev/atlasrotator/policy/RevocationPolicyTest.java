package dev.atlasrotator.policy;

import static dev.atlasrotator.policy.Seen.NOW;
import static dev.atlasrotator.policy.Seen.id;
import static dev.atlasrotator.policy.Seen.nothing;
import static dev.atlasrotator.policy.Seen.one;
import static dev.atlasrotator.policy.Seen.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.policy.CreatePolicy.Overlap;
import dev.atlasrotator.policy.Decision.Refuse;
import dev.atlasrotator.policy.Decision.Removal;
import dev.atlasrotator.policy.Decision.Removal.Why;
import dev.atlasrotator.snapshot.AtlasAccess;
import dev.atlasrotator.snapshot.RotationTimes;
import dev.atlasrotator.snapshot.Snapshot.Identity;
import dev.atlasrotator.snapshot.Snapshot.Pending;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A revocation may come twice, and may name what has leaked. */
class RevocationPolicyTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration QUARTER_HOUR = Duration.ofMinutes(15);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration MONTH = Duration.ofDays(30);

    private static final CreatePolicy CREATE =
            new CreatePolicy(new RotationTimes(2160, Duration.ofHours(720), Duration.ofHours(24)));
    private static final RevocationPolicy RULES = new RevocationPolicy(CREATE);

    private static Decision revoke(Seen seen) {
        return RULES.decide(seen.snapshot(), Optional.empty());
    }

    private static Decision leaked(Seen seen, char which) {
        return RULES.decide(seen.snapshot(), Optional.of(id(which)));
    }

    private static void assertRotates(Seen seen, Decision decision) {
        assertThat(decision)
                .isInstanceOf(Decision.Create.class)
                .isEqualTo(CREATE.decide(seen.snapshot(), Overlap.REVOKED));
    }

    /** An account whose current secret is so old, beside a superseded one. */
    private static Seen two(Duration age) {
        return nothing()
                .secret('a', age, MONTH)
                .secret('b', MONTH, DAY)
                .known('b')
                .currentCreated(age);
    }

    private static void assertRefused(Decision decision, Class<? extends RotatorException> kind, String... says) {
        assertThat(decision)
                .isInstanceOfSatisfying(
                        Refuse.class,
                        refused -> assertThat(refused.exception())
                                .isInstanceOf(kind)
                                .extracting(Throwable::getMessage, STRING)
                                .contains(says));
    }

    private static void assertDeletes(Decision decision, Removal... removals) {
        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Delete.class,
                        delete -> assertThat(delete.removals()).containsExactly(removals));
    }

    private static String remark(Decision decision) {
        return Finding.text(decision.findings());
    }

    @Test
    void where_the_secret_in_use_is_an_hour_old_it_is_rotated() {
        assertRotates(two(HOUR), revoke(two(HOUR)));
        assertRotates(one(), revoke(one()));
    }

    @Test
    void within_an_hour_only_what_is_superseded_goes_and_the_other_is_named() {
        var plan = revoke(two(HOUR.minus(SECOND)));
        assertDeletes(plan, new Removal(id('b'), Why.REVOKED));
        assertThat(remark(plan))
                .contains(
                        id('a').value(),
                        "was not revoked",
                        NOW.minus(HOUR.minus(SECOND)) + "",
                        "\"leaked\":\"" + id('a') + "\"");
        assertDeletes(revoke(nothing().secret('a', SECOND, MONTH).currentCreated(SECOND)));
    }

    @Test
    void where_nothing_works_any_more_a_new_one_is_made() {
        assertRotates(one().gone(AtlasAccess.By.ADMIN), revoke(one().gone(AtlasAccess.By.ADMIN)));
    }

    @Test
    void an_account_that_cannot_be_read_is_refused() {
        assertRefused(revoke(one().closed("why")), RotatorException.Credential.class, "why");
    }

    @Test
    void the_one_in_use_is_rotated_whatever_its_age() {
        assertRotates(two(SECOND), leaked(two(SECOND), 'a'));
    }

    @Test
    void a_superseded_one_goes_and_nothing_is_made() {
        var plan = leaked(two(DAY), 'b');
        assertDeletes(plan, new Removal(id('b'), Why.REVOKED));
        assertThat(remark(plan)).isEmpty();
    }

    @Test
    void one_that_is_gone_is_said_to_be() {
        var plan = leaked(two(DAY), 'c');
        assertDeletes(plan);
        assertThat(remark(plan))
                .contains(id('c').value(), "was deleted before, or is of another account", "Nothing was done");
    }

    @Test
    void an_expired_one_and_an_orphan_go_for_what_they_are() {
        assertDeletes(leaked(one().secret('b', MONTH, Duration.ZERO), 'b'), new Removal(id('b'), Why.EXPIRED));
        assertDeletes(
                leaked(one().secret('b', QUARTER_HOUR, MONTH).attempt(new Pending.Registered(Seen.PENDING), DAY), 'b'),
                new Removal(id('b'), Why.ORPHAN));
    }

    @Test
    void what_is_pending_is_abandoned_once_no_run_can_be_at_it() {
        var seen = one().secret('b', DAY, MONTH);
        assertRefused(
                leaked(seen.holding(value('b'), QUARTER_HOUR.minus(SECOND)), 'b'),
                RotatorException.Conflict.class,
                "belongs to a rotation that is in progress",
                "15 minutes");
        assertThat(leaked(seen.holding(value('b'), QUARTER_HOUR), 'b'))
                .isEqualTo(new Decision.RevokePending(Seen.PENDING, id('b')));
    }

    @Test
    void one_that_another_run_may_store_is_waited_for() {
        assertRefused(
                leaked(one().secret('b', SECOND, MONTH).attempt(new Pending.Registered(Seen.PENDING), SECOND), 'b'),
                RotatorException.Unavailable.class,
                "Try again after " + NOW.minus(SECOND).plus(QUARTER_HOUR));
    }

    @Test
    void one_that_a_run_may_promote_again_is_waited_for() {
        var back = nothing()
                .secret('a', MONTH, MONTH)
                .secret('b', SECOND, MONTH)
                .known('b')
                .currentCreated(MONTH);
        assertRefused(leaked(back, 'b'), RotatorException.Unavailable.class, "may be about to promote");
        var expired = nothing()
                .secret('a', MONTH, MONTH)
                .secret('b', DAY, Duration.ZERO)
                .known('b')
                .currentCreated(MONTH)
                .previousCreated(DAY)
                .lastChanged(SECOND);
        assertRefused(leaked(expired, 'b'), RotatorException.Unavailable.class, "may be about to promote");
    }

    @Test
    void a_foreign_and_a_shared_one_are_refused() {
        assertRefused(
                leaked(one().used('b', DAY, MONTH, SECOND), 'b'),
                RotatorException.Refused.class,
                id('b').value(),
                "Nothing was changed");
        assertRefused(
                leaked(one().secret('b', DAY, MONTH).otherHolders(Seen.elsewhere('b')), 'b'),
                RotatorException.Refused.class,
                "in use in another stored secret");
    }

    @Test
    void where_it_is_not_confirmed_which_one_is_in_use_neither_goes() {
        var seen = one().secret('b', DAY, MONTH).identity(new Identity.Unclear(Set.of(id('a'), id('b'))));
        assertRefused(leaked(seen, 'a'), RotatorException.Refused.class, "not confirmed");
    }

    @Test
    void the_last_one_that_may_work_does_not_go() {
        var rejected = two(DAY).currentAuth(Optional.of(AuthResult.REJECTED));
        assertRefused(leaked(rejected, 'b'), RotatorException.Refused.class, "does not work");
        var gone = two(DAY).gone(AtlasAccess.By.PREVIOUS);
        assertRefused(leaked(gone, 'b'), RotatorException.Refused.class, "does not work");
    }
}
