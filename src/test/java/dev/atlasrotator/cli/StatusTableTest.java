package dev.atlasrotator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.cli.Screen.Palette;
import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.ClientId;
import dev.atlasrotator.credential.Scope;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.Margin;
import dev.atlasrotator.finding.SecretFinding.CurrentSecretGone;
import dev.atlasrotator.finding.SecretFinding.Expiring;
import dev.atlasrotator.finding.SecretFinding.ForeignSecret;
import dev.atlasrotator.finding.SecretFinding.LeakedIsForeign;
import dev.atlasrotator.finding.SecretFinding.OldSecretInUse;
import dev.atlasrotator.policy.AccountState;
import dev.atlasrotator.report.AccountReport;
import dev.atlasrotator.report.Asked;
import dev.atlasrotator.report.FleetReport;
import dev.atlasrotator.report.Reporting;
import dev.atlasrotator.snapshot.Snapshot.Classified;
import dev.atlasrotator.snapshot.Snapshot.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StatusTableTest {
    private static final Instant NOW = Instant.parse("2026-06-01T08:00:00Z");
    private static final String ARN = "arn:aws:secretsmanager:eu-central-1:111111111111:secret:";

    private static final SecretId OTHER = new SecretId("665f3a1effffffffffffffff");
    private static final Account ACCOUNT = new Account(
            new Scope.Project("0123456789abcdef01234567"), new ClientId("mdb_sa_id_0123456789abcdef01234567"));

    private final FleetReport report = new FleetReport(
            new Asked(Asked.Type.STATUS, new Asked.Origin.Operator(), false, NOW),
            new Reporting(Reporting.Mode.ACT, Duration.ofHours(1), 1000));

    private static Instant ago(Duration age) {
        return NOW.minus(age);
    }

    private static Instant in(Duration time) {
        return NOW.plus(time);
    }

    private static AccountReport account(
            String name, AccountState state, Duration age, Duration left, List<Finding> findings, Kind... others) {
        return new AccountReport(
                ARN + name + "-AbCdEf",
                name,
                Optional.of(ACCOUNT),
                state,
                Optional.of(new SecretId("665f3a1e0123456789abcdef")),
                Optional.of(ago(age)),
                Optional.of(ago(age)),
                Optional.of(in(left)),
                Stream.of(others).map(StatusTableTest::other).toList(),
                List.of(),
                findings,
                Optional.empty(),
                Optional.empty());
    }

    private static AccountReport fresh(String name) {
        return account(name, AccountState.FRESH, Duration.ofDays(3), Duration.ofDays(87), List.of());
    }

    private static Classified other(Kind kind) {
        return new Classified(
                new AtlasSecret(
                        OTHER, ago(Duration.ofDays(30)), in(Duration.ofDays(5)), Optional.empty(), Optional.empty()),
                kind);
    }

    private static Finding expiring(Duration left) {
        return new Expiring(new SecretId("665f3a1e0123456789abcdef"), in(left), Margin.LOW);
    }

    /** As the command line reads it. */
    private ReportView view() {
        return ReportView.parse(report.json());
    }

    private String table(int width) {
        return StatusTable.of(view(), new Screen(width, Palette.NO_COLOURS));
    }

    @Test
    void what_is_urgent_comes_first_and_the_last_lines_name_it() {
        report.add(fresh("prod/search"));
        report.add(account(
                "prod/orders",
                AccountState.FOREIGN,
                Duration.ofDays(3),
                Duration.ofDays(6),
                List.of(new LeakedIsForeign(OTHER)),
                Kind.FOREIGN));
        report.add(account(
                "prod/billing",
                AccountState.EXPIRING,
                Duration.ofDays(84),
                Duration.ofHours(30),
                List.of(expiring(Duration.ofHours(30)))));
        report.add(account(
                "prod/mail",
                AccountState.OVERLAP,
                Duration.ofHours(20),
                Duration.ofDays(89),
                List.of(),
                Kind.SUPERSEDED));
        report.add(AccountReport.failed(
                ARN + "prod/payments-XyZ123",
                new RotatorException.Credential("Atlas does not accept it."),
                Margin.AMPLE));

        assertThat(table(80)).isEqualTo("""
              NAME           STATE     SECRET    AGE  LEFT  OTHERS
            ! prod/billing   expiring  89abcdef  84d  30h   -
                EXPIRING: The secret in use, 665f3a1e0123456789abcdef, expires at
                2026-06-02T14:00:00Z.
            ! prod/payments  failed    -         -    -     -
                VALUE_MALFORMED: Atlas does not accept it.
            ! prod/orders    foreign   89abcdef  3d   6d    foreign
                FOREIGN_SECRET: Secret 665f3a1effffffffffffffff was made outside of any
                rotation, and who uses it is not known here. Nothing was changed. Give its
                consumers another secret first.
              prod/mail      overlap   89abcdef  20h  89d   superseded
              prod/search    fresh     89abcdef  3d   87d   -

            5 accounts at 2026-06-01T08:00:00Z: 1 expiring, 1 failed, 1 foreign, 1 overlap,
            1 fresh.
            3 need attention: prod/billing (expiring), prod/payments (failed), prod/orders
            (foreign).
            """);
        assertThat(view().needsAttention()).isTrue();
    }

    @Test
    void a_fleet_that_is_well_says_so() {
        report.add(fresh("prod/search"));

        assertThat(table(80)).isEqualTo("""
              NAME         STATE  SECRET    AGE  LEFT  OTHERS
              prod/search  fresh  89abcdef  3d   87d   -

            1 account at 2026-06-01T08:00:00Z: 1 fresh.
            Nothing needs attention.
            """);
        assertThat(view().needsAttention()).isFalse();
    }

    @Test
    void an_empty_fleet_says_what_would_be_in_it() {
        assertThat(table(80)).isEqualTo("""
            No account found: no stored secret of this AWS account and region bears the tag
            that MANAGED_TAG names (atlas-secret-rotator, if it is not set).
            """);
        assertThat(view().needsAttention()).isFalse();
    }

    @Test
    void what_many_share_is_said_once() {
        for (String name : List.of("a", "b", "c")) {
            report.add(AccountReport.failed(
                    ARN + name + "-XyZ123",
                    new RotatorException.Configuration("BatchGetSecretValue was denied."),
                    Margin.AMPLE));
        }

        assertThat(table(80)).isEqualTo("""
              NAME  STATE   SECRET  AGE  LEFT  OTHERS
            ! a     failed  -       -    -     -
            ! b     failed  -       -    -     -
            ! c     failed  -       -    -     -
                CONFIGURATION: BatchGetSecretValue was denied.

            3 accounts at 2026-06-01T08:00:00Z: 3 failed.
            3 need attention: a (failed), b (failed), c (failed).
            """);
    }

    @Test
    void a_name_that_is_wider_than_its_column_gets_a_line_to_itself_and_stays_whole() {
        report.add(fresh("prod/a-team-with-a-very-long-name/atlas"));
        report.add(fresh("prod/search"));

        assertThat(table(60)).startsWith("""
              NAME                    STATE  SECRET    AGE  LEFT  OTHERS
              prod/a-team-with-a-very-long-name/atlas
                                      fresh  89abcdef  3d   87d   -
              prod/search             fresh  89abcdef  3d   87d   -
            """);
    }

    @Test
    void columns_stand_straight_under_wide_letters_and_accents() {
        report.add(fresh("支払い"));
        report.add(fresh("cafe\u0301"));
        report.add(fresh("prod/x"));

        assertThat(table(80)).startsWith("""
              NAME    STATE  SECRET    AGE  LEFT  OTHERS
              cafe\u0301    fresh  89abcdef  3d   87d   -
              prod/x  fresh  89abcdef  3d   87d   -
              支払い  fresh  89abcdef  3d   87d   -
            """);
    }

    @Test
    void nothing_from_outside_steers_the_terminal() {
        report.add(fresh("prod/\033[2Jx\u202Ey\nz"));

        assertThat(table(80)).contains("prod/\uFFFD[2Jx\uFFFDy z  fresh");
    }

    @Test
    void colour_marks_the_state_and_shifts_no_column() {
        report.add(account(
                "a",
                AccountState.LOCKED_OUT,
                Duration.ofDays(9),
                Duration.ofDays(1),
                List.of(new CurrentSecretGone())));
        report.add(fresh("b"));

        var coloured = StatusTable.of(view(), new Screen(80, Palette.ANSI));

        assertThat(coloured)
                .contains("\033[1;31m!\033[0m a     \033[1;31mlockedOut\033[0m  89abcdef")
                .contains("  b     fresh      89abcdef");
        assertThat(coloured.replaceAll("\033\\[[0-9;]*m", "")).isEqualTo(table(80));
    }

    @Test
    void only_so_many_are_named_below_and_the_rest_is_counted() {
        for (int i = 1; i <= 7; i++) {
            report.add(account(
                    "a" + i,
                    AccountState.EXPIRING,
                    Duration.ofDays(9),
                    Duration.ofDays(1),
                    List.of(expiring(Duration.ofDays(1)))));
        }

        assertThat(table(100)).endsWith("""
            7 need attention: a1 (expiring), a2 (expiring), a3 (expiring), a4 (expiring), a5 (expiring), and 2
            more, marked ! above.
            """);
    }

    @Test
    void what_was_not_reached_is_not_passed_off_as_well() {
        report.add(fresh("prod/search"));
        report.unfinished(4);

        assertThat(table(100)).endsWith("""
            5 accounts at 2026-06-01T08:00:00Z: 1 fresh, 4 not reached.
            UNFINISHED: This run did not reach 4 accounts: what is not in the report is not known. The next
            sweep begins at another place.
            """);
        assertThat(view().needsAttention()).isTrue();
    }

    @Test
    void a_foreign_secret_and_one_still_used_need_somebody_whatever_the_state_says() {
        report.add(account(
                "a",
                AccountState.DUE,
                Duration.ofDays(31),
                Duration.ofDays(6),
                List.of(new ForeignSecret(OTHER, NOW, Optional.empty(), Margin.AMPLE)),
                Kind.FOREIGN));
        report.add(account(
                "b",
                AccountState.OVERLAP,
                Duration.ofDays(2),
                Duration.ofDays(88),
                List.of(new OldSecretInUse(OTHER, ago(Duration.ofDays(2)), Optional.empty(), NOW)),
                Kind.SUPERSEDED));
        report.add(account("c", AccountState.DUE, Duration.ofDays(31), Duration.ofDays(59), List.of()));

        assertThat(table(80).lines())
                .contains(
                        "  NAME  STATE    SECRET    AGE  LEFT  OTHERS",
                        "! a     due      89abcdef  31d  6d    foreign",
                        "! b     overlap  89abcdef  2d   88d   superseded",
                        "  c     due      89abcdef  31d  59d   -");
    }

    @Test
    void times_are_rounded_down_and_an_end_that_has_come_is_said() {
        report.add(account(
                "a", AccountState.LOCKED_OUT, Duration.ofDays(2).minusSeconds(1), Duration.ofSeconds(-1), List.of()));
        report.add(account(
                "b",
                AccountState.EXPIRING,
                Duration.ofSeconds(-3),
                Duration.ofHours(1).minusSeconds(1),
                List.of()));

        assertThat(table(80)).startsWith("""
              NAME  STATE      SECRET    AGE  LEFT     OTHERS
              a     lockedOut  89abcdef  47h  expired  -
              b     expiring   89abcdef  0m   59m      -
            """);
    }
}
