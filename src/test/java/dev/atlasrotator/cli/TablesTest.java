package dev.atlasrotator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.cli.Screen.Palette;
import dev.atlasrotator.json.Json;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The tables of check and discover, and what a report of another version comes to. */
class TablesTest {
    private static final Screen SCREEN = new Screen(90, Palette.NO_COLOURS);

    private static Map<String, Object> checked(String name, boolean ready, String what, Duration next) {
        var account = SampleReports.account(name, "fresh", Duration.ofDays(3), Duration.ofDays(87));
        account.put("ready", ready);
        account.put(
                "next", Map.of("what", what, "at", SampleReports.NOW.plus(next).toString()));
        account.put("readers", List.of("Atlas Kubernetes operator"));
        account.put("notChecked", List.of("permission to store a new value"));
        return account;
    }

    @Test
    void a_check_says_who_will_rotate_and_why_not() {
        var denied = SampleReports.with(
                checked("prod/billing", false, "nothing: IP_ACCESS_LIST", Duration.ZERO),
                "findings",
                SampleReports.finding("IP_ACCESS_LIST", "warning", "Atlas refuses calls from 203.0.113.7.", "Add it."));
        var report = SampleReports.view(SampleReports.report(
                "check", List.of(denied, checked("prod/orders", true, "create a secret", Duration.ofDays(27)))));

        assertThat(StatusTable.of(report, SCREEN)).isEqualTo("""
              NAME          READY  STATE  LEFT  NEXT
            ! prod/billing  no     fresh  87d   now
                IP_ACCESS_LIST: Atlas refuses calls from 203.0.113.7. Add it.
                The next rotation would do: nothing: IP_ACCESS_LIST.
                The value serves: Atlas Kubernetes operator.
              prod/orders   yes    fresh  87d   in 27d
                The next rotation would do: create a secret.
                The value serves: Atlas Kubernetes operator.

            2 accounts at 2026-06-01T08:00:00Z: 2 fresh.
            Not checked: permission to store a new value.
            1 needs attention: prod/billing (fresh).
            """);
        assertThat(report.needsAttention()).isTrue();
    }

    @Test
    void an_account_that_will_not_rotate_is_marked_whatever_its_findings() {
        var report = SampleReports.view(
                SampleReports.report("check", List.of(checked("prod/orders", false, "nothing", Duration.ofDays(1)))));

        assertThat(StatusTable.of(report, SCREEN)).contains("! prod/orders  no");
        assertThat(report.needsAttention()).isTrue();
    }

    @Test
    void what_nobody_manages_is_listed() {
        var found = DiscoveryTable.parse(Json.text(Map.of(
                "action", "discover",
                "at", SampleReports.NOW.toString(),
                "unmanaged",
                        List.of(
                                Map.of(
                                        "clientId", "mdb_sa_id_0123456789abcdef01234567",
                                        "groupId", "0123456789abcdef01234567",
                                        "name", "ci\u001B[2J",
                                        "expiresAt",
                                                SampleReports.NOW
                                                        .plus(Duration.ofDays(5))
                                                        .toString(),
                                        "secrets", 1),
                                Map.of("clientId", "mdb_sa_id_2", "orgId", "org", "secrets", 0)),
                "notTagged", List.of(Map.of("secretArn", "arn", "name", "prod/attached")),
                "unread", List.of("Atlas answered 403"))));

        assertThat(found.isWell()).isFalse();
        assertThat(found.text(new Screen(120, Palette.NO_COLOURS))).isEqualTo("""
              CLIENT ID                           NAME    LEFT  SECRETS  IN
              mdb_sa_id_0123456789abcdef01234567  ci\uFFFD[2J  5d    1        project 0123456789abcdef01234567
              mdb_sa_id_2                                 -     0        organization org

            No sweep reads these (2): nothing rotates them. Store the credential of each in Secrets Manager, with the management
            tag.
            Attached to this function and not tagged, so that no sweep reads them: prod/attached. Add the management tag.
            Could not be read: Atlas answered 403
            """);
    }

    @Test
    void a_fleet_that_is_managed_altogether_is_well() {
        var found = DiscoveryTable.parse("{\"at\":\"2026-06-01T08:00:00Z\",\"unmanaged\":[]}");

        assertThat(found.isWell()).isTrue();
        assertThat(found.text(SCREEN)).isEqualTo("2026-06-01T08:00:00Z: every account that was found is managed.\n");
    }

    @Test
    void members_that_are_missing_or_of_another_form_do_not_hide_the_rest() {
        var report = ReportView.parse("""
            {"at":"2026-06-01T08:00:00Z","checked":"many","severity":"catastrophic","findings":7,
             "accounts":[{"name":"a","state":"fresh","createdAt":"yesterday","others":[1,{"kind":"superseded"}],
               "findings":[{"code":"NEW_CODE","severity":"catastrophic","message":"m"}]}, "b"]}
            """);

        assertThat(StatusTable.of(report, SCREEN))
                .contains("! a     fresh  -       -    -     superseded", "NEW_CODE: m");
        assertThat(HtmlReport.of(report)).contains("NEW_CODE");
    }

    @Test
    void what_was_done_is_below_the_account() {
        var account = SampleReports.account("prod/orders", "overlap", Duration.ZERO, Duration.ofDays(90));
        for (var action : List.of(
                Map.<String, Object>of("type", "abandoned"),
                Map.<String, Object>of("type", "deleted", "secretId", SampleReports.OTHER, "reason", "orphan"),
                Map.<String, Object>of("type", "requested"),
                Map.<String, Object>of("type", "resumed"),
                Map.<String, Object>of("type", "promoted", "secretId", SampleReports.CURRENT),
                Map.<String, Object>of("type", "polished"))) {
            SampleReports.with(account, "actions", action);
        }

        assertThat(StatusTable.of(
                        SampleReports.view(SampleReports.report("sweep", List.of(account))),
                        new Screen(400, Palette.NO_COLOURS)))
                .contains("    Done: abandoned the rotation in progress; deleted 663e10aa0123456789fedcba at Atlas"
                        + " (orphan); asked Secrets Manager to rotate it, which begins at once; resumed the"
                        + " rotation in progress; moved AWSCURRENT to 665f3a1e0123456789abcdef; polished.\n");
    }
}
