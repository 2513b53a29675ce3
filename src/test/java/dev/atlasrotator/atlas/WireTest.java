package dev.atlasrotator.atlas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.atlasrotator.atlas.ServiceAccounts.Answer;
import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.atlas.ServiceAccounts.CreateAnswer;
import dev.atlasrotator.failure.RotatorException.Unavailable;
import dev.atlasrotator.network.ConnectionFailure;
import dev.atlasrotator.network.Proxies;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Fault.Moment;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasRequest;
import dev.atlasrotator.simulator.atlas.FakeAtlas;
import dev.atlasrotator.simulator.http.RawServer;
import dev.atlasrotator.simulator.http.RawServer.Behaviour;
import dev.atlasrotator.simulator.http.SelfSigned;
import dev.atlasrotator.testbed.AtlasFixture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The production client over real connections, with servers that keep to HTTP and that do not. */
class WireTest {
    private static final HttpClient CLIENT = HttpServiceAccounts.client(Proxies.NONE);
    private static final String NO_SECRETS = "{\"secrets\":[]}";

    private final AtlasFixture desk = new AtlasFixture();

    // Real time passes on the wire while the clock stands still: each try may take this long.
    private final Deadline soon = Deadline.in(Duration.ofMillis(700), desk.time);

    @AfterAll
    static void close() {
        CLIENT.shutdownNow();
    }

    /** What a server was asked, beside what came of it. */
    private record Seen<T>(T result, List<AtlasRequest> requests) {
        long calls(String end) {
            return requests.stream()
                    .filter(asked -> asked.pathAndQuery().endsWith(end))
                    .count();
        }
    }

    @FunctionalInterface
    private interface Work<T> {
        T with(HttpServiceAccounts accounts);
    }

    /** Tokens are handed out properly; everything else is answered like this. */
    private <T> Seen<T> against(Behaviour behaviour, Work<T> work) throws IOException {
        var token = RawServer.body(200, "application/json", "{\"access_token\":\"t\"}");
        var self = new CompletableFuture<RawServer>();
        try (var server = RawServer.start(out -> {
            var last = self.join().requests().getLast().pathAndQuery();
            (last.equals("/api/oauth/token") ? token : behaviour).answer(out);
        })) {
            self.complete(server);
            var result = work.with(desk.over(CLIENT, server.baseUrl()));
            return new Seen<>(result, server.requests());
        }
    }

    private Answer<?> read(HttpServiceAccounts accounts) {
        return accounts.read(desk.account, desk.key, soon);
    }

    private CreateAnswer create(HttpServiceAccounts accounts) {
        return accounts.create(desk.account, desk.key, 100, soon);
    }

    private void readIsUnavailable(Behaviour behaviour) throws IOException {
        var seen = against(behaviour, accounts -> {
            assertThatExceptionOfType(Unavailable.class)
                    .isThrownBy(() -> read(accounts))
                    .withNoCause();
            return true;
        });
        assertThat(seen.requests()).isNotEmpty();
    }

    @Test
    void a_whole_life_over_real_http() throws Exception {
        try (var server = FakeAtlas.start(desk.atlas)) {
            var accounts = desk.over(CLIENT, server.baseUrl());
            assertThat(read(accounts)).isInstanceOf(Answer.Given.class);
            assertThat(create(accounts)).isInstanceOfSatisfying(CreateAnswer.Made.class, made -> {
                var value = made.created().value().reveal();
                var id = made.created().secret().id();
                assertThat(accounts.verify(desk.key(value), soon)).isEqualTo(AuthResult.ACCEPTED);
                assertThat(accounts.delete(desk.account, id, desk.key, soon)).isInstanceOf(Answer.Given.class);
                assertThat(accounts.verify(desk.key(value), soon)).isEqualTo(AuthResult.REJECTED);
            });
            var key = desk.apiKey(AtlasModel.PROJECT_OWNER);
            assertThat(accounts.profiles(desk.account.scope(), key, soon)).isInstanceOf(Answer.Given.class);
        }
    }

    @Test
    void each_request_says_who_calls_and_which_version_it_means() throws Exception {
        var asked = new CopyOnWriteArrayList<AtlasRequest>();
        try (var server = FakeAtlas.start(request -> {
            asked.add(request);
            return desk.atlas.exchange(request);
        })) {
            var accounts = desk.over(CLIENT, server.baseUrl());
            create(accounts);
            accounts.verify(desk.key, soon);
        }
        assertThat(asked).hasSize(4).allSatisfy(request -> {
            var headers = request.headers();
            boolean auth = request.pathAndQuery().startsWith("/api/oauth/");
            assertThat(headers)
                    .containsEntry("accept", auth ? "application/json" : "application/vnd.atlas.2024-08-05+json")
                    .containsEntry("user-agent", "atlas-secret-rotator/0.1.0 (Linux;aarch64)")
                    .doesNotContainKey("cookie")
                    .doesNotContainKey("upgrade");
        });
        var basic = Base64.getEncoder()
                .encodeToString((desk.clientId + ":" + desk.secret.value()).getBytes(StandardCharsets.UTF_8));
        assertThat(asked.getFirst().headers().get("authorization")).isEqualTo("Basic " + basic);
        assertThat(new String(asked.getFirst().body(), StandardCharsets.UTF_8))
                .isEqualTo("grant_type=client_credentials");
        assertThat(new String(asked.get(1).body(), StandardCharsets.UTF_8))
                .isEqualTo("{\"secretExpiresAfterHours\":100}");
    }

    @Test
    void an_answer_that_ends_early_is_lost() throws Exception {
        readIsUnavailable(RawServer.truncated(NO_SECRETS));
        var seen = against(RawServer.truncated("{}"), this::create);
        assertThat(seen.result()).isInstanceOf(CreateAnswer.Unknown.class);
        assertThat(seen.calls("/secrets")).isOne();
    }

    @Test
    void lying_chunks_and_a_wrong_encoding_are_not_read() throws Exception {
        readIsUnavailable(RawServer.lyingChunks(NO_SECRETS));
        readIsUnavailable(RawServer.wrongCharset(NO_SECRETS));
        readIsUnavailable(RawServer.bytes("HTTP/1.1 banana\r\n\r\n"));
        readIsUnavailable(RawServer.bytes(""));
    }

    @Test
    void an_answer_without_end_is_cut_off() throws Exception {
        readIsUnavailable(RawServer.endless());
        var seen = against(RawServer.endless(), this::create);
        assertThat(seen.result()).isInstanceOf(CreateAnswer.Unknown.class);
    }

    @Test
    void an_answer_that_drips_is_not_waited_for() throws Exception {
        readIsUnavailable(RawServer.drip(NO_SECRETS, Duration.ofMillis(200), Thread::sleep));
    }

    @Test
    void a_server_that_says_nothing_is_not_waited_for() throws Exception {
        var seen = against(RawServer.silent(), this::create);
        assertThat(seen.result())
                .isInstanceOfSatisfying(
                        CreateAnswer.Unknown.class,
                        unknown -> assertThat(unknown.why())
                                .contains("did not answer in time")
                                .contains("A secret may have been created."));
        assertThat(seen.calls("/secrets")).isOne();
    }

    @Test
    void words_in_between_are_passed_over() throws Exception {
        for (int status : new int[] {102, 103}) {
            var seen = against(RawServer.informational(status, 2, NO_SECRETS), this::read);
            assertThat(seen.result()).isInstanceOf(Answer.Given.class);
        }
    }

    @Test
    void html_with_a_good_status_is_not_an_answer() throws Exception {
        readIsUnavailable(RawServer.body(200, "text/html", "<html>Welcome</html>"));
    }

    @Test
    void a_redirect_is_not_followed() throws Exception {
        try (var elsewhere = RawServer.start(RawServer.body(200, "application/json", NO_SECRETS))) {
            var seen = against(RawServer.redirect(301, elsewhere.baseUrl()), this::read);
            assertThat(seen.result()).isInstanceOf(Answer.Denied.class);
            assertThat(elsewhere.requests()).isEmpty();
        }
    }

    @Test
    void a_port_where_nobody_listens_means_that_nothing_was_created() throws Exception {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        var accounts = desk.over(CLIENT, URI.create("http://localhost:" + port));
        assertThatExceptionOfType(Unavailable.class)
                .isThrownBy(() -> create(accounts))
                .withMessageContaining("could not be reached");
    }

    @Test
    void a_name_that_is_not_known_is_told() {
        var accounts = desk.over(CLIENT, URI.create("http://atlas.invalid"));
        assertThatExceptionOfType(Unavailable.class)
                .isThrownBy(() -> read(accounts))
                .withMessageContaining("could not be reached");
    }

    @Test
    void a_connection_that_closes_after_a_create_is_unknown_and_made_once() throws Exception {
        try (var server = FakeAtlas.start(desk.atlas)) {
            desk.once("createSecret", new Fault.Close(Moment.AFTER_EFFECT));
            assertThat(create(desk.over(CLIENT, server.baseUrl()))).isInstanceOf(CreateAnswer.Unknown.class);
        }
        assertThat(desk.calls("createSecret")).isOne();
        assertThat(desk.atlas.secrets(desk.clientId)).hasSize(2);
    }

    @Test
    void tls_is_spoken_and_a_certificate_that_nobody_vouches_for_is_refused() throws Exception {
        var certificate = SelfSigned.make();
        try (var server = FakeAtlas.startTls(desk.atlas, certificate);
                var trusting = HttpClient.newBuilder()
                        .sslContext(certificate.context())
                        .build()) {
            assertThat(desk.over(trusting, server.baseUrl()).verify(desk.key, soon))
                    .isEqualTo(AuthResult.ACCEPTED);
            var wary = desk.over(CLIENT, server.baseUrl());
            assertThatExceptionOfType(Unavailable.class)
                    .isThrownBy(() -> wary.create(desk.account, desk.key, 100, soon))
                    .withNoCause()
                    .withMessage("CERTIFICATE_NOT_TRUSTED: Atlas showed a certificate that this function does not trust"
                            + " (mintToken, "
                            + desk.clientId
                            + "). This call changed nothing. "
                            + ConnectionFailure.CERTIFICATE_NOT_TRUSTED.advice());
        }
        assertThat(desk.calls("mintToken")).isOne();
    }
}
