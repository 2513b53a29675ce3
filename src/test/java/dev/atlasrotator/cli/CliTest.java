package dev.atlasrotator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.Wiring;
import dev.atlasrotator.cli.Screen.Palette;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.simulator.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that only read, and the command line itself. */
class CliTest extends CommandScene {
    @TempDir
    Path folder;

    @Test
    void a_fleet_that_is_well_is_a_table_and_status_0() {
        account("prod/search", Duration.ofDays(3).plusHours(1));
        account("prod/orders", Duration.ofDays(31).plusHours(1));

        assertThat(run("status")).isZero();

        assertThat(out())
                .containsPattern("(?m)^  prod/orders  due    [0-9a-f]{8}  31d  58d   -$")
                .containsPattern("(?m)^  prod/search  fresh  [0-9a-f]{8}  3d   86d   -$")
                .endsWith("Nothing needs attention.\n");
        assertThat(err()).isEmpty();
    }

    @Test
    void accounts_in_trouble_stand_first_with_what_to_do_and_the_status_is_1() {
        account("prod/search", Duration.ofDays(3));
        var expiring = account("prod/expiring", Duration.ofDays(88));
        var foreign = account("prod/foreign", Duration.ofDays(3));
        var broken = account("prod/broken", Duration.ofDays(3));
        values.add(atlas.createSecret(foreign, 2160).value());
        atlas.deleteSecret(broken, atlas.secrets(broken).getFirst().id());
        secretsManager.seed("prod/garbled", "not JSON, and a secret", Map.of(TAG, ""));
        values.add("not JSON, and a secret");

        assertThat(run("status")).isEqualTo(1);

        assertThat(out().lines().filter(line -> line.startsWith("! ")).map(CliTest::nameAndState))
                .startsWith("prod/broken lockedOut", "prod/expiring expiring")
                .contains("prod/garbled failed")
                .hasSize(4);
        assertThat(out().replaceAll("\\s+", " "))
                .contains("It takes one of the account's two slots")
                .contains("4 need attention: prod/broken (lockedOut), prod/expiring (expiring), ");
        assertThat(atlas.secrets(expiring)).hasSize(1);
        assertThat(err()).isEmpty();
    }

    private static String nameAndState(String row) {
        var cells = row.substring(2).split(" +", -1);
        return cells[0] + " " + cells[1];
    }

    @Test
    void json_is_what_the_function_answers() {
        account("prod/search", Duration.ofDays(3));
        var expected = Wiring.production(environment, line -> {})
                .rotator()
                .handle(
                        "{\"action\":\"status\"}",
                        Optional.empty(),
                        Deadline.in(Duration.ofMinutes(5), InstantSource.system()));

        assertThat(run("status", "--json")).isZero();

        assertThat(withoutTime(out())).isEqualTo(withoutTime(expected));
    }

    private static Map<String, Object> withoutTime(String report) {
        var json = new LinkedHashMap<>(Json.object(report).orElseThrow());
        json.remove("at");
        return json;
    }

    @Test
    void names_narrow_it_down_and_one_that_is_not_there_is_told() {
        account("prod/search", Duration.ofDays(3));
        account("prod/orders", Duration.ofDays(3));

        assertThat(run("status", "prod/search", "prod/serach")).isEqualTo(1);

        assertThat(out())
                .contains("  prod/search  fresh")
                .contains("! prod/serach  failed")
                .contains("check the name")
                .doesNotContain("prod/orders");
    }

    @Test
    void an_empty_fleet_is_well_and_says_what_would_be_in_it() {
        assertThat(run("status")).isZero();

        assertThat(out()).startsWith("No account found").contains("MANAGED_TAG");
    }

    @Test
    void who_may_not_list_gets_the_permission_named_and_status_3() {
        deny("ListSecrets");

        assertThat(run("status")).isEqualTo(3);

        assertThat(out()).isEmpty();
        assertThat(err())
                .startsWith("SECRETS_MANAGER_DENIED: ")
                .contains("secretsmanager:ListSecrets")
                .hasLineCount(1);
    }

    @Test
    void who_may_not_read_in_batches_sees_every_account_failed_and_the_reason_once() {
        account("prod/search", Duration.ofDays(3));
        account("prod/orders", Duration.ofDays(3));
        deny("BatchGetSecretValue");

        assertThat(run("status")).isEqualTo(1);

        assertThat(out())
                .contains("! prod/orders  failed", "! prod/search  failed")
                .containsOnlyOnce("secretsmanager:BatchGetSecretValue");
    }

    @Test
    void a_value_that_may_not_be_read_is_told_from_one_that_is_not_there() {
        account("prod/search", Duration.ofDays(3));
        secretsManager.inject(call -> switch (call.operation()) {
            // As the service does without kms:Decrypt on one secret's own key.
            case "BatchGetSecretValue" ->
                answer(
                        200,
                        "{\"SecretValues\":[],\"Errors\":[{\"SecretId\":\""
                                + "prod/search\",\"ErrorCode\":\"AccessDeniedException\",\"Message\":\"Access"
                                + " to KMS is not allowed\"}]}");
            case "GetSecretValue" ->
                answer(400, "{\"__type\":\"AccessDeniedException\",\"Message\":" + "\"Access to KMS is not allowed\"}");
            default -> new Fault.None();
        });

        assertThat(run("status")).isEqualTo(1);

        assertThat(out()).contains("! prod/search  failed").contains("kms:Decrypt");
    }

    @Test
    void no_region_and_a_setting_out_of_bounds_are_status_3() {
        environment.put("OVERLAP_HOURS", "1000");
        assertThat(run("status")).isEqualTo(3);
        assertThat(err()).contains("OVERLAP_HOURS").hasLineCount(1);

        environment.remove("OVERLAP_HOURS");
        environment.remove("AWS_REGION");
        assertThat(run("status")).isEqualTo(3);
        assertThat(err()).contains("AWS_REGION is not set").hasLineCount(2);
    }

    @Test
    void verbose_shows_each_call_on_the_error_output_and_nothing_secret() {
        account("prod/search", Duration.ofDays(3));

        assertThat(run("status", "--verbose", "--json")).isZero();

        assertThat(err()).contains("BatchGetSecretValue").contains("\"service\"");
        assertThat(Json.object(out())).isPresent();
    }

    @Test
    void what_is_not_understood_is_told_with_the_usage_and_status_2() {
        assertThat(run()).isEqualTo(2);
        assertThat(run("rotat", "prod/search")).isEqualTo(2);
        assertThat(run("rotate", "--yes")).isEqualTo(2);
        assertThat(run("rotate", "prod/search", "--leaked", "665f")).isEqualTo(2);
        assertThat(run("status", "")).isEqualTo(2);
        assertThat(run("status", "--function", "not a name")).isEqualTo(2);
        assertThat(run("status", "--jsno")).isEqualTo(2);

        assertThat(err()).contains("Usage: atlas-secret-rotator status");
        assertThat(out()).isEmpty();
    }

    @Test
    void a_client_secret_in_the_place_of_a_name_is_not_sent_nor_printed() {
        var secret = "mdb_sa_sk_" + "0".repeat(40);
        assertThat(run("rotate", secret, "--yes")).isEqualTo(2);
        assertThat(run("status", "prod/search", secret)).isEqualTo(2);
        assertThat(run("status", "--function", secret)).isEqualTo(2);

        assertThat(err())
                .contains("A client secret is no name of a stored secret.")
                .doesNotContain(secret);
        assertThat(out()).isEmpty();
    }

    @Test
    void help_and_version_are_answered_without_aws() {
        environment.clear();

        assertThat(run("--help")).isZero();
        assertThat(run("status", "-h")).isZero();
        assertThat(run("--version")).isZero();

        assertThat(out()).contains("Exit status:").endsWith("atlas-secret-rotator 0.1.0\n");
    }

    @Test
    void each_command_has_examples_and_the_exit_status_in_its_help() {
        for (var command : List.of("status", "check", "discover", "rotate", "sweep", "completion")) {
            int before = out().length();
            assertThat(run(command, "--help")).isZero();
            assertThat(out().substring(before))
                    .as(command)
                    .contains("Usage: atlas-secret-rotator " + command, "Examples:\n", "Exit status:\n", "--function");
        }
    }

    @Test
    void the_page_is_written_beside_the_table() throws IOException {
        account("prod/search", Duration.ofDays(3));
        var file = folder.resolve("status.html");

        assertThat(run("status", "--html", file.toString())).isZero();

        assertThat(out()).contains("  prod/search  fresh");
        assertThat(Files.readString(file)).contains("<!DOCTYPE html>", "prod/search");
        assertThat(run("status", "--html", folder.toString())).isEqualTo(3);
        assertThat(err()).contains("The page could not be written").hasLineCount(1);
    }

    @Test
    void completion_is_a_script_that_knows_the_commands() {
        environment.clear();

        assertThat(run("completion")).isZero();

        assertThat(out()).startsWith("#!/usr/bin/env bash").contains("rotate", "--revoke-old", "compinit");
    }

    @Test
    void a_check_says_who_will_rotate_and_from_which_address_it_was_tried() {
        account("prod/search", Duration.ofDays(3));
        account("prod/expiring", Duration.ofDays(88));

        assertThat(run("check")).isEqualTo(1);
        assertThat(run("check", "prod/search", "--json")).isZero();

        assertThat(out())
                .contains("! prod/expiring  yes    expiring", "  prod/search    yes    fresh")
                .contains("The value serves: code that reads clientId and clientSecret.", "Not checked: ");
        assertThat(err())
                .contains("from this machine's address", "--function NAME")
                .hasLineCount(2);
    }

    @Test
    void discover_without_an_admin_credential_says_what_is_needed() {
        account("prod/search", Duration.ofDays(3));

        assertThat(run("discover")).isEqualTo(3);

        assertThat(err())
                .startsWith("CONFIGURATION: ")
                .contains("ADMIN_SECRET_ID")
                .hasLineCount(1);
    }

    @Test
    void colour_is_for_terminals_that_want_it() {
        assertThat(Screen.terminal(Map.of("COLUMNS", "132", "TERM", "xterm"))).isEqualTo(new Screen(132, Palette.ANSI));
        assertThat(Screen.terminal(Map.of("NO_COLOR", "1")).palette()).isEqualTo(Palette.NO_COLOURS);
        assertThat(Screen.terminal(Map.of("NO_COLOR", "")).palette()).isEqualTo(Palette.ANSI);
        assertThat(Screen.terminal(Map.of("TERM", "dumb")).palette()).isEqualTo(Palette.NO_COLOURS);
        assertThat(Screen.terminal(Map.of("COLUMNS", "wide")).columns()).isEqualTo(100);
        assertThat(Screen.NO_TERMINAL).isEqualTo(new Screen(100, Palette.NO_COLOURS));
    }
}
