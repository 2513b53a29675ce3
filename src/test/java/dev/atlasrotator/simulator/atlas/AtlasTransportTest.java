package dev.atlasrotator.simulator.atlas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Fault.Moment;
import dev.atlasrotator.simulator.VirtualTime;
import dev.atlasrotator.simulator.http.RawServer;
import dev.atlasrotator.simulator.http.SelfSigned;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The three ways to reach the stand-in, and the server that lies. */
class AtlasTransportTest {
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    private static final URI ATLAS = URI.create("https://cloud.mongodb.com");

    private final VirtualTime time = new VirtualTime(START);
    private final AtlasModel atlas = new AtlasModel(time);
    private final AtlasScope project = new AtlasScope.Project(atlas.addProject(atlas.addOrganization()));
    private final String account = atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
    private final IssuedCredential secret = atlas.createSecret(account, 100);
    private final String token = atlas.signIn(account, secret.value()).orElseThrow();

    private HttpRequest.Builder read(URI base) {
        return HttpRequest.newBuilder(base.resolve(AtlasCalls.path(project) + "/" + account))
                .header("Accept", AtlasCalls.VERSION)
                .header("Authorization", "Bearer " + token)
                .timeout(Duration.ofSeconds(10));
    }

    private HttpRequest create(URI base) {
        return HttpRequest.newBuilder(base.resolve(AtlasCalls.path(project) + "/" + account + "/secrets"))
                .header("Accept", AtlasCalls.VERSION)
                .header("Content-Type", AtlasCalls.VERSION)
                .header("Authorization", "Bearer " + token)
                .timeout(Duration.ofSeconds(10))
                .POST(HttpRequest.BodyPublishers.ofString("{\"secretExpiresAfterHours\":100}"))
                .build();
    }

    @Test
    void in_process_a_call_gives_what_the_model_gives() throws Exception {
        try (HttpClient client = new InProcessAtlas(atlas, time)) {
            HttpResponse<String> answer = client.send(create(ATLAS), BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(201);
            assertThat(answer.headers().firstValue("Date")).contains("Sun, 01 Mar 2026 12:00:00 GMT");
            assertThat(answer).hasToString("HTTP 201");
            HttpResponse<InputStream> streamed = client.send(read(ATLAS).build(), BodyHandlers.ofInputStream());
            try (InputStream in = streamed.body()) {
                assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .contains(account);
            }
            assertThat(client.sendAsync(read(ATLAS).build(), BodyHandlers.discarding())
                            .join()
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void in_process_a_large_body_comes_in_pieces_as_it_is_asked_for() throws Exception {
        String large = "x".repeat(100_000);
        atlas.faults(call -> new Fault.Answer(Moment.BEFORE_EFFECT, 200, Map.of(), large));
        try (HttpClient client = new InProcessAtlas(atlas, time)) {
            assertThat(client.send(read(ATLAS).build(), BodyHandlers.ofString()).body())
                    .isEqualTo(large);
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() ->
                            client.send(read(ATLAS).build(), BodyHandlers.limiting(BodyHandlers.ofString(), 50_000)));
        }
    }

    @Test
    void in_process_a_slow_call_takes_virtual_time_and_at_most_the_time_out() throws Exception {
        try (HttpClient client = new InProcessAtlas(atlas, time)) {
            atlas.faults(call -> new Fault.Slow(Duration.ofSeconds(4)));
            assertThat(client.send(read(ATLAS).build(), BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(200);
            assertThat(time.instant()).isEqualTo(START.plusSeconds(4));
            atlas.faults(call -> new Fault.Slow(Duration.ofSeconds(40)));
            assertThatExceptionOfType(HttpTimeoutException.class)
                    .isThrownBy(() -> client.send(create(ATLAS), BodyHandlers.discarding()));
            assertThat(time.instant()).isEqualTo(START.plusSeconds(14));
            assertThat(atlas.secrets(account)).hasSize(2);
        }
    }

    @Test
    void in_process_a_closed_connection_is_an_io_exception_and_what_faults_throw_passes() {
        try (HttpClient client = new InProcessAtlas(atlas, time)) {
            atlas.faults(call -> new Fault.Close(Moment.AFTER_EFFECT));
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> client.send(create(ATLAS), BodyHandlers.discarding()));
            assertThat(atlas.secrets(account)).hasSize(2);
            AssertionError killed = new AssertionError("killed");
            atlas.faults(call -> {
                throw killed;
            });
            assertThatThrownBy(() -> client.send(create(ATLAS), BodyHandlers.discarding()))
                    .isSameAs(killed);
        }
    }

    @Test
    void over_http_a_call_gives_what_the_model_gives_and_its_date() throws Exception {
        try (FakeAtlas server = FakeAtlas.start(atlas);
                HttpClient client = HttpClient.newHttpClient()) {
            assertThat(client.send(create(server.baseUrl()), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(201);
            HttpResponse<String> answer = client.send(read(server.baseUrl()).build(), BodyHandlers.ofString());
            assertThat(answer.body()).contains(account);
            assertThat(answer.headers().allValues("Date")).containsExactly("Sun, 01 Mar 2026 12:00:00 GMT");
            atlas.faults(call -> new Fault.Close(Moment.BEFORE_EFFECT));
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> client.send(create(server.baseUrl()), BodyHandlers.discarding()));
        }
    }

    @Test
    void over_tls_a_client_that_trusts_the_certificate_gets_through() throws Exception {
        SelfSigned certificate = SelfSigned.make();
        try (FakeAtlas server = FakeAtlas.startTls(atlas, certificate);
                HttpClient client = HttpClient.newBuilder()
                        .sslContext(certificate.context())
                        .build()) {
            assertThat(server.baseUrl()).hasScheme("https");
            assertThat(client.send(read(server.baseUrl()).build(), BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void what_goes_wrong_in_the_server_is_thrown_when_it_is_closed() throws Exception {
        FakeAtlas server = FakeAtlas.start(atlas);
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest unknown = HttpRequest.newBuilder(server.baseUrl().resolve("/nobody/knows"))
                    .build();
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> client.send(unknown, BodyHandlers.discarding()));
        }
        assertThatThrownBy(server::close)
                .isInstanceOf(IllegalStateException.class)
                .satisfies(error -> assertThat(error.getSuppressed()[0]).hasMessageContaining("GET /nobody/knows"));
    }

    @Test
    void the_raw_server_lies_as_it_was_told() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            assertBroken(client, RawServer.truncated("{}"));
            assertBroken(client, RawServer.lyingChunks("{}"));
            assertThat(got(client, RawServer.tooLong("{\"a\":1}", 2)).body()).hasSize(2);
            assertThat(got(client, RawServer.wrongCharset("{}")).body()).isNotEqualTo("{}");
            assertThat(got(client, RawServer.body(200, "text/html", "<p>")).body())
                    .isEqualTo("<p>");
            assertThat(got(client, RawServer.informational(103, 3, "{}")).body())
                    .isEqualTo("{}");
            assertThat(got(client, RawServer.redirect(301, ATLAS)).statusCode()).isEqualTo(301);
            assertThat(got(client, RawServer.drip("{}", Duration.ofMinutes(1), time))
                            .body())
                    .isEqualTo("{}");
            assertThat(time.instant()).isEqualTo(START.plus(Duration.ofMinutes(2)));
        }
    }

    @Test
    void the_raw_server_can_be_endless_or_silent() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient();
                RawServer endless = RawServer.start(RawServer.endless());
                RawServer silent = RawServer.start(RawServer.silent())) {
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> client.send(
                            read(endless.baseUrl()).build(), BodyHandlers.limiting(BodyHandlers.ofString(), 100_000)));
            assertThat(endless.requests())
                    .singleElement()
                    .satisfies(r -> assertThat(r.headers()).containsKey("authorization"));
            assertThatExceptionOfType(HttpTimeoutException.class)
                    .isThrownBy(() -> client.send(
                            read(silent.baseUrl())
                                    .timeout(Duration.ofMillis(50))
                                    .build(),
                            BodyHandlers.discarding()));
        }
    }

    private HttpResponse<String> got(HttpClient client, RawServer.Behaviour behaviour) throws Exception {
        try (RawServer server = RawServer.start(behaviour)) {
            return client.send(read(server.baseUrl()).build(), BodyHandlers.ofString());
        }
    }

    private void assertBroken(HttpClient client, RawServer.Behaviour behaviour) throws Exception {
        try (RawServer server = RawServer.start(behaviour)) {
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> client.send(read(server.baseUrl()).build(), BodyHandlers.ofString()));
        }
    }
}
