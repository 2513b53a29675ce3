package dev.atlasrotator.atlas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.atlasrotator.credential.AtlasCredential.ApiKey;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.network.Proxies;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.simulator.http.RawServer;
import dev.atlasrotator.testbed.AtlasFixture;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read by hand out of Atlas's answers, against texts that nobody sane would send. */
class HostileAnswersTest {
    private static final int CASES = Integer.getInteger("hostile.parses", 20_000);
    private static final List<String> PIECES = List.of(
            "Digest",
            "Basic",
            "Bearer",
            "Negotiate abc==",
            " ",
            "\t",
            ",",
            "=",
            "\"",
            "\\",
            "\\\"",
            "realm=",
            "nonce=",
            "opaque=",
            "algorithm=",
            "qop=",
            "stale=true",
            "MD5",
            "SHA-256",
            "SHA-256-sess",
            "auth",
            "auth-int",
            "\"a\"",
            "\"\"",
            "x",
            "\u00e9",
            "\0",
            "\r\n",
            "realm=\"r\"",
            "nonce=\"n\"",
            "qop=\"auth,auth-int\"");
    private static final List<String> DATE_PIECES = List.of(
            "Sun",
            ",",
            " ",
            "-",
            "06",
            "6",
            "Nov",
            "nov",
            "1994",
            "94",
            "08:49:37",
            ":",
            "GMT",
            "UTC",
            "99999999999",
            "\u0661",
            "+1",
            "",
            "60",
            "Xyz",
            "00:00:60");

    private static String text(Random chance, List<String> pieces, int most) {
        var text = new StringBuilder();
        for (int i = chance.nextInt(most); i >= 0; i--) {
            text.append(pieces.get(chance.nextInt(pieces.size())));
        }
        return text.toString();
    }

    @Test
    void any_challenge_is_read_or_passed_over_and_its_answer_fits_a_header() {
        var key = new ApiKey("abcdefgh", new Sensitive("private"));
        int readable = 0;
        for (int seed = 0; seed < CASES; seed++) {
            var chance = new Random(seed);
            var begun = chance.nextBoolean() ? "Digest realm=\"r\", nonce=\"n\"," : "";
            var headers = List.of(begun + text(chance, PIECES, 25), text(chance, PIECES, 8));
            var challenge = DigestChallenge.strongest(headers);
            if (challenge.isPresent()) {
                readable++;
                var header = new DigestAnswer(challenge.get(), 1, "c").to("GET", "/a?b=\"c\"", key);
                assertThat(header).as("seed %d", seed).matches("[ -~]+").doesNotContain("private");
            }
        }
        assertThat(readable).isPositive();
    }

    @Test
    @Timeout(10)
    void a_header_of_a_megabyte_takes_no_longer_than_its_length() {
        for (String piece : PIECES) {
            assertThatNoException()
                    .isThrownBy(() -> DigestChallenge.strongest(List.of("Digest " + piece.repeat(1 << 17))));
        }
    }

    @Test
    void any_date_is_read_or_passed_over() {
        var now = Instant.parse("2026-06-01T00:00:00Z");
        for (int seed = 0; seed < CASES; seed++) {
            var text = text(new Random(seed), DATE_PIECES, 16);
            try {
                HttpDate.parse(text, now);
            } catch (RuntimeException thrown) {
                throw new AssertionError("seed " + seed + ": " + text, thrown);
            }
        }
    }

    @Test
    @Timeout(10)
    void foreign_text_of_a_megabyte_becomes_one_short_line_without_secrets() {
        var secrets = List.of(new Sensitive("s3cret"), new Sensitive("a"), new Sensitive(""));
        for (String piece : List.of("mdb_sa_sk_", "eyJ", "s3cret", "a", "\n", "\u2028", "\u001b[31m", "s3\0cret")) {
            var clean = ForeignText.clean(piece.repeat(1 << 16), secrets);
            assertThat(clean).hasSizeLessThanOrEqualTo(200).matches("[ -~]*").doesNotContain("s3cret");
        }
    }

    private static Map<String, Object> secret(String id, String key, Object value) {
        var fields = new HashMap<String, Object>(Map.of(
                "id", id,
                "createdAt", "2026-06-01T00:00:00Z",
                "expiresAt", "2026-07-01T00:00:00Z"));
        fields.put(key, value);
        return fields;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "+1000000000-12-31T23:59:59.999999999Z",
                "-1000000000-01-01T00:00:00Z",
                "+999999-01-01T00:00:00Z",
                "1969-12-31T23:59:59Z",
                "",
                "soon"
            })
    void a_date_that_cannot_be_reckoned_with_makes_the_answer_unusable(String date) {
        for (String key : List.of("createdAt", "expiresAt", "lastUsedAt")) {
            assertThatExceptionOfType(AccountAnswer.Unusable.class)
                    .isThrownBy(() -> AccountAnswer.secret(secret("66b0c0de0000000000000001", key, date)));
        }
    }

    @Test
    void a_list_that_holds_one_secret_twice_is_unusable() {
        var one = secret("66b0c0de0000000000000001", "lastUsedAt", "2026-06-01T00:00:00Z");
        var again = secret("66b0c0de0000000000000001", "createdAt", "2026-06-02T00:00:00Z");
        assertThatExceptionOfType(AccountAnswer.Unusable.class)
                .isThrownBy(() -> AccountAnswer.secrets(Map.of("secrets", List.of(one, again))));
    }

    @Test
    void the_longest_wait_that_atlas_may_ask_for_is_some_thirty_years() {
        for (String asked : List.of("9".repeat(5000), "999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "-1", "1e9")) {
            var headers = HttpHeaders.of(Map.of("Retry-After", List.of(asked)), (name, value) -> true);
            var reply = new AtlasResponse(
                    429,
                    headers,
                    new Sensitive(""),
                    Instant.parse("2026-06-01T00:00:00Z"),
                    new AtlasError("", "", List.of()));
            assertThat(reply.retryAfter().orElse(Duration.ZERO)).isBetween(Duration.ZERO, Duration.ofDays(366L * 8000));
        }
    }

    @Test
    void a_body_beyond_its_bound_is_neither_kept_nor_asked_for_any_further() {
        var cancelled = new AtomicBoolean();
        var body = new BoundedBody(1000);
        body.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long n) {}

            @Override
            public void cancel() {
                cancelled.set(true);
            }
        });
        for (int i = 0; i < 1000; i++) {
            body.onNext(List.of(ByteBuffer.wrap(new byte[900])));
        }
        assertThat(cancelled).isTrue();
        assertThat(body.getBody().toCompletableFuture()).isCompletedWithValue(new Sensitive(""));
    }

    @Test
    @Timeout(20)
    void headers_and_informational_answers_without_end_are_not_listened_to_for_longer_than_the_run() throws Exception {
        var desk = new AtlasFixture();
        for (String piece : List.of("HTTP/1.1 103 -\r\nlink: a\r\n\r\n", "x-more: " + "a".repeat(500) + "\r\n")) {
            var line = piece.getBytes(StandardCharsets.ISO_8859_1);
            try (var client = HttpServiceAccounts.client(Proxies.NONE);
                    var server = RawServer.start(out -> {
                        out.write("HTTP/1.1 103 -\r\n".getBytes(StandardCharsets.ISO_8859_1));
                        if (piece.startsWith("HTTP")) {
                            out.write("\r\n".getBytes(StandardCharsets.ISO_8859_1));
                        }
                        while (true) {
                            out.write(line);
                        }
                    })) {
                var soon = Deadline.in(Duration.ofMillis(300), desk.time);
                assertThatExceptionOfType(RotatorException.Unavailable.class)
                        .isThrownBy(() -> desk.over(client, server.baseUrl()).read(desk.account, desk.key, soon))
                        .withNoCause();
                client.shutdownNow();
            }
        }
    }
}
