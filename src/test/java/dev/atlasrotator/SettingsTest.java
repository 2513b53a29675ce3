package dev.atlasrotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atlasrotator.failure.RotatorException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    private static void assertRefused(Map<String, String> environment, String... says) {
        assertThatThrownBy(() -> Settings.from(environment))
                .isInstanceOf(RotatorException.Configuration.class)
                .satisfies(failure -> assertThat(failure.getMessage()).contains(says));
    }

    @Test
    void without_any_setting_the_defaults_hold() {
        var settings = Settings.from(Map.of());
        assertThat(settings.atlasBaseUrl()).isEqualTo(URI.create("https://cloud.mongodb.com"));
        assertThat(settings.times().lifetimeHours()).isEqualTo(2160);
        assertThat(settings.times().rotateAfter()).isEqualTo(Duration.ofDays(30));
        assertThat(settings.times().overlap()).isEqualTo(Duration.ofDays(1));
        assertThat(settings.adminSecretId()).isEmpty();
        assertThat(settings.managedTag()).isEqualTo("atlas-secret-rotator");
        assertThat(settings.secretNamePrefix()).isEmpty();
        assertThat(settings.sweepConcurrency()).isEqualTo(64);
        assertThat(settings.workQueueUrl()).isEmpty();
        assertThat(settings.workQueueConcurrency()).isEqualTo(4);
        assertThat(settings.functionTimeout()).isEmpty();
    }

    @Test
    void runs_work_side_by_side_only_where_there_is_a_queue() {
        var sixteen = Map.of("WORK_QUEUE_CONCURRENCY", "16");
        assertThat(Settings.from(sixteen).runs()).isEqualTo(1);

        var queue = new HashMap<>(sixteen);
        queue.put("WORK_QUEUE_URL", "https://sqs.eu-central-1.amazonaws.com/1/q");
        assertThat(Settings.from(queue).runs()).isEqualTo(16);
    }

    @Test
    void an_empty_setting_counts_as_none_and_blanks_around_one_do_not_count() {
        var settings = Settings.from(Map.of(
                "ADMIN_SECRET_ID", "  ",
                "OVERLAP_HOURS", "",
                "SWEEP_CONCURRENCY", " 4 ",
                "MANAGED_TAG", " team ",
                "SECRET_NAME_PREFIX", " ",
                "FUNCTION_TIMEOUT_SECONDS", ""));
        assertThat(settings.adminSecretId()).isEmpty();
        assertThat(settings.times().overlap()).isEqualTo(Duration.ofDays(1));
        assertThat(settings.sweepConcurrency()).isEqualTo(4);
        assertThat(settings.managedTag()).isEqualTo("team");
        assertThat(settings.secretNamePrefix()).isEmpty();
        assertThat(settings.functionTimeout()).isEmpty();
    }

    @Test
    void each_setting_is_taken() {
        var settings = Settings.from(Map.of(
                "ATLAS_BASE_URL", "https://cloud.mongodbgov.com",
                "SECRET_EXPIRES_AFTER_HOURS", "8760",
                "ROTATE_AFTER_HOURS", "8592",
                "OVERLAP_HOURS", "168",
                "ADMIN_SECRET_ID", "admin",
                "MANAGED_TAG", "t",
                "SECRET_NAME_PREFIX", "team/prod_+=.@-9",
                "SWEEP_CONCURRENCY", "64",
                "WORK_QUEUE_URL", "https://sqs.eu-central-1.amazonaws.com/1/q",
                "FUNCTION_TIMEOUT_SECONDS", "900"));
        assertThat(settings.atlasBaseUrl()).hasHost("cloud.mongodbgov.com");
        assertThat(settings.times().lifetimeHours()).isEqualTo(8760);
        assertThat(settings.times().rotateAfter()).isEqualTo(Duration.ofDays(358));
        assertThat(settings.times().overlap()).isEqualTo(Duration.ofDays(7));
        assertThat(settings.adminSecretId()).hasValue("admin");
        assertThat(settings.managedTag()).isEqualTo("t");
        assertThat(settings.secretNamePrefix()).isEqualTo("team/prod_+=.@-9");
        assertThat(settings.functionTimeout()).hasValue(Duration.ofMinutes(15));
        assertThat(settings.sweepConcurrency()).isEqualTo(64);
        assertThat(settings.workQueueUrl()).hasValue("https://sqs.eu-central-1.amazonaws.com/1/q");
    }

    @ParameterizedTest
    @CsvSource({
        "SECRET_EXPIRES_AFTER_HOURS, 7, 8, 8760",
        "SECRET_EXPIRES_AFTER_HOURS, 8761, 8, 8760",
        "ROTATE_AFTER_HOURS, 3, 4, 8760",
        "ROTATE_AFTER_HOURS, 8761, 4, 8760",
        "OVERLAP_HOURS, -1, 0, 168",
        "OVERLAP_HOURS, 169, 0, 168",
        "WORK_QUEUE_CONCURRENCY, 1, 2, 1000",
        "WORK_QUEUE_CONCURRENCY, 1001, 2, 1000",
        "SWEEP_CONCURRENCY, 0, 1, 64",
        "SWEEP_CONCURRENCY, 65, 1, 64",
        "SWEEP_CONCURRENCY, 8.0, 1, 64",
        "SWEEP_CONCURRENCY, eight, 1, 64",
        "SWEEP_CONCURRENCY, 99999999999, 1, 64",
        "SWEEP_CONCURRENCY, ٨, 1, 64",
        "FUNCTION_TIMEOUT_SECONDS, 0, 1, 900",
        "FUNCTION_TIMEOUT_SECONDS, 901, 1, 900",
        "FUNCTION_TIMEOUT_SECONDS, 5m, 1, 900"
    })
    void a_number_out_of_its_bounds_refuses_the_start_and_names_them(String name, String value, int least, int most) {
        assertRefused(Map.of(name, value), name, "whole number from " + least + " to " + most);
    }

    @ParameterizedTest
    @CsvSource({"8, 4, 2", "8, 6, 0", "8, 4, 4", "8760, 8592, 168", "2160, 4, 0", "2160, 1992, 24"})
    void the_bounds_themselves_fit(String lifetime, String rotateAfter, String overlap) {
        assertThat(Settings.from(Map.of(
                                "SECRET_EXPIRES_AFTER_HOURS", lifetime,
                                "ROTATE_AFTER_HOURS", rotateAfter,
                                "OVERLAP_HOURS", overlap))
                        .times()
                        .lifetimeHours())
                .isEqualTo(Integer.parseInt(lifetime));
    }

    @ParameterizedTest
    @CsvSource({"8, 7, 0", "8, 5, 4", "2160, 1993, 24", "48, 24, 25", "8760, 8593, 0"})
    void what_does_not_fit_into_the_lifetime_refuses_the_start(String lifetime, String rotateAfter, String overlap) {
        assertRefused(
                Map.of(
                        "SECRET_EXPIRES_AFTER_HOURS", lifetime,
                        "ROTATE_AFTER_HOURS", rotateAfter,
                        "OVERLAP_HOURS", overlap),
                "ROTATE_AFTER_HOURS",
                rotateAfter);
    }

    @Test
    void an_overlap_longer_than_the_time_between_two_rotations_refuses_the_start() {
        assertRefused(
                Map.of("ROTATE_AFTER_HOURS", "24", "OVERLAP_HOURS", "25"),
                "OVERLAP_HOURS",
                "25",
                "ROTATE_AFTER_HOURS",
                "24");
        assertThat(Settings.from(Map.of("ROTATE_AFTER_HOURS", "24", "OVERLAP_HOURS", "24"))
                        .times()
                        .overlap())
                .isEqualTo(Duration.ofDays(1));
    }

    @Test
    void a_tag_key_has_128_characters_at_most() {
        assertThat(Settings.from(Map.of("MANAGED_TAG", "t".repeat(128))).managedTag())
                .hasSize(128);
        assertRefused(Map.of("MANAGED_TAG", "t".repeat(129)), "MANAGED_TAG", "128");
    }

    @ParameterizedTest
    @ValueSource(strings = {"prod *", "!prod", "prod,test", "prod\nx", "pröd"})
    void what_cannot_be_the_beginning_of_a_name_refuses_the_start(String prefix) {
        assertRefused(Map.of("SECRET_NAME_PREFIX", prefix), "SECRET_NAME_PREFIX", "letters");
    }

    @Test
    void the_beginning_of_a_name_is_no_longer_than_a_name() {
        var longest = "n".repeat(512);
        assertThat(Settings.from(Map.of("SECRET_NAME_PREFIX", longest)).secretNamePrefix())
                .isEqualTo(longest);
        assertRefused(Map.of("SECRET_NAME_PREFIX", longest + "n"), "SECRET_NAME_PREFIX", "512");
    }

    // ---- where Atlas is

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://cloud.mongodb.com",
                "https://cloud.mongodb.com/",
                "https://localhost:8443",
                "http://localhost:8080",
                "http://127.0.0.1:8080",
                "http://127.1.2.3",
                "http://[::1]:8080"
            })
    void https_and_http_to_a_loopback_address_are_taken(String url) {
        assertThat(Settings.from(Map.of("ATLAS_BASE_URL", url)).atlasBaseUrl().toString())
                .isEqualTo(url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://cloud.mongodb.com",
                "http://127.0.0.1.example.com",
                "http://localhost.example.com",
                "http://1127.0.0.1",
                "ftp://cloud.mongodb.com",
                "cloud.mongodb.com",
                "https://",
                "https://cloud.mongodb.com/path",
                "https://cloud.mongodb.com?query",
                "https://cloud.mongodb.com#fragment",
                "https://user@cloud.mongodb.com",
                "https://cloud.mongodb.com/%zz",
                "not a URL"
            })
    void every_other_address_refuses_the_start_and_is_not_quoted(String url) {
        assertRefused(Map.of("ATLAS_BASE_URL", url), "ATLAS_BASE_URL");
    }

    @Test
    void plain_http_needs_a_host_that_is_named() {
        var named = Map.of("ATLAS_BASE_URL", "http://atlas:8080", "ATLAS_INSECURE_HOSTS", "x, Atlas ,");
        assertThat(Settings.from(named).atlasBaseUrl()).hasHost("atlas");
        assertRefused(
                Map.of("ATLAS_BASE_URL", "http://atlas:8080", "ATLAS_INSECURE_HOSTS", "atlas2"),
                "ATLAS_INSECURE_HOSTS");
    }

    @ParameterizedTest
    @CsvSource({"HTTP://LOCALHOST:8080, none", "HTTPS://Cloud.MongoDB.com, none", "http://Atlas:8080, ATLAS"})
    void scheme_and_host_are_the_same_in_capitals(String url, String named) {
        assertThat(Settings.from(Map.of("ATLAS_BASE_URL", url, "ATLAS_INSECURE_HOSTS", named))
                        .atlasBaseUrl())
                .isEqualTo(URI.create(url));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ADMIN_SECRET_ID", "WORK_QUEUE_URL", "MANAGED_TAG", "SECRET_NAME_PREFIX"})
    void a_client_secret_in_the_place_of_a_setting_refuses_the_start_and_is_not_quoted(String name) {
        var secret = "mdb_sa_sk_0000000000000000000000000000000000000000";
        assertRefused(Map.of(name, secret), name);
        assertThatThrownBy(() -> Settings.from(Map.of(name, secret))).hasMessageNotContaining(secret);
    }
}
