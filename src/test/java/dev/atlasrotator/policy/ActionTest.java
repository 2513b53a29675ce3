package dev.atlasrotator.policy;

import static dev.atlasrotator.policy.Seen.PENDING;
import static dev.atlasrotator.policy.Seen.id;
import static dev.atlasrotator.policy.Seen.one;
import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.finding.SecretFinding.CurrentSecretGone;
import dev.atlasrotator.policy.Action.Abandoned;
import dev.atlasrotator.policy.Action.Created;
import dev.atlasrotator.policy.Action.Deleted;
import dev.atlasrotator.policy.Action.Promoted;
import dev.atlasrotator.policy.Action.Requested;
import dev.atlasrotator.policy.Action.Resumed;
import dev.atlasrotator.policy.CreatePolicy.Overlap;
import dev.atlasrotator.policy.Decision.Abandon;
import dev.atlasrotator.policy.Decision.Abandon.Next;
import dev.atlasrotator.policy.Decision.Create;
import dev.atlasrotator.policy.Decision.Delete;
import dev.atlasrotator.policy.Decision.Nothing;
import dev.atlasrotator.policy.Decision.Refuse;
import dev.atlasrotator.policy.Decision.Removal;
import dev.atlasrotator.policy.Decision.Removal.Why;
import dev.atlasrotator.policy.Decision.RequestRotation;
import dev.atlasrotator.policy.Decision.Resume;
import dev.atlasrotator.policy.Decision.RevokePending;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What each decision comes to: a dry run prints it, and a run does the same. */
class ActionTest {
    private static final Removal OLD = new Removal(id('b'), Why.SUPERSEDED);
    private static final Deleted OLD_DELETED = new Deleted(id('b'), Why.SUPERSEDED);
    private static final Created NEW = new Created(Optional.empty(), List.of());
    private static final Promoted NEW_PROMOTED = new Promoted(Optional.empty());

    private static List<Action> of(Decision decision, Overlap overlap) {
        return Action.of(
                decision,
                one().secret('b', Duration.ofDays(40), Duration.ofDays(3))
                        .known('b')
                        .snapshot(),
                overlap);
    }

    @Test
    void nothing_and_a_refusal_come_to_nothing() {
        assertThat(of(new Nothing(List.of()), Overlap.KEPT)).isEmpty();
        assertThat(of(Refuse.because(new CurrentSecretGone()), Overlap.KEPT)).isEmpty();
    }

    @Test
    void room_is_made_first_and_what_is_new_is_promoted_last() {
        assertThat(of(new Create(List.of(OLD), 2160), Overlap.KEPT)).containsExactly(OLD_DELETED, NEW, NEW_PROMOTED);
        assertThat(of(new Resume(PENDING, List.of(OLD)), Overlap.KEPT))
                .containsExactly(OLD_DELETED, new Resumed(), NEW_PROMOTED);
    }

    @Test
    void a_revocation_deletes_the_others_once_what_is_new_is_promoted() {
        assertThat(of(new Create(List.of(OLD), 2160), Overlap.REVOKED))
                .containsExactly(OLD_DELETED, NEW, NEW_PROMOTED, new Deleted(id('a'), Why.REVOKED));
    }

    @Test
    void an_abandoned_rotation_is_followed_by_nothing_by_a_request_or_by_another_rotation() {
        var abandon = new Abandon(PENDING, List.of(OLD), "Atlas no longer has its secret", Next.NOTHING);

        assertThat(of(abandon, Overlap.KEPT)).containsExactly(OLD_DELETED, new Abandoned());
        assertThat(of(abandon.then(Next.REQUEST), Overlap.KEPT))
                .containsExactly(OLD_DELETED, new Abandoned(), new Requested());
        assertThat(of(abandon.then(Next.ROTATE), Overlap.KEPT))
                .containsExactly(OLD_DELETED, new Abandoned(), NEW, NEW_PROMOTED);
    }

    @Test
    void the_others_come_to_what_they_say() {
        assertThat(of(new Delete(List.of(OLD), List.of()), Overlap.KEPT)).containsExactly(OLD_DELETED);
        assertThat(of(new RequestRotation(), Overlap.KEPT)).containsExactly(new Requested());
        assertThat(of(new RevokePending(PENDING, id('b')), Overlap.REVOKED))
                .containsExactly(new Abandoned(), new Deleted(id('b'), Why.REVOKED));
    }

    @Test
    void a_report_names_an_action_by_type_secret_and_reason() {
        var made = Optional.of(id('c'));

        assertThat(NEW.fields()).isEqualTo(Map.of("type", "created"));
        assertThat(new Created(made, List.of()).fields())
                .isEqualTo(Map.of("type", "created", "secretId", id('c').value()));
        assertThat(new Promoted(made).fields()).isEqualTo(Map.of("type", "promoted", "secretId", id('c').value()));
        assertThat(OLD_DELETED.fields())
                .isEqualTo(Map.of("type", "deleted", "secretId", id('b').value(), "reason", "superseded"));
        assertThat(new Requested().fields()).isEqualTo(Map.of("type", "requested"));
        assertThat(new Resumed().fields()).isEqualTo(Map.of("type", "resumed"));
        assertThat(new Abandoned().fields()).isEqualTo(Map.of("type", "abandoned"));
    }

    @Test
    void a_log_line_says_what_was_decided() {
        assertThat(new Create(List.of(OLD), 2160))
                .hasToString("create a secret for 2160 hours, after deleting " + id('b') + " (superseded)");
        assertThat(new Resume(PENDING, List.of())).hasToString("resume version " + PENDING);
        assertThat(new Abandon(PENDING, List.of(), "it holds no credential", Next.NOTHING))
                .hasToString("abandon version " + PENDING + ": it holds no credential");
        assertThat(new Delete(List.of(OLD), List.of())).hasToString("delete [" + id('b') + " (superseded)]");
        assertThat(new RequestRotation()).hasToString("request a rotation");
        assertThat(new RevokePending(PENDING, id('b')))
                .hasToString("abandon version " + PENDING + ", then delete " + id('b'));
        assertThat(new Nothing(List.of())).hasToString("nothing");
        assertThat(Refuse.because(new CurrentSecretGone()))
                .hasToString("refuse: AWSCURRENT holds no secret that works.");
    }

    @Test
    void every_state_is_named_in_camel_case() {
        assertThat(List.of(AccountState.values()))
                .extracting(AccountState::text)
                .containsExactly(
                        "failed",
                        "lockedOut",
                        "stalled",
                        "expiring",
                        "rotating",
                        "due",
                        "foreign",
                        "overlap",
                        "external",
                        "fresh");
    }
}
