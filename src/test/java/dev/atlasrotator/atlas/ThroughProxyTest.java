package dev.atlasrotator.atlas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.atlasrotator.atlas.ServiceAccounts.Answer;
import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.atlas.ServiceAccounts.CreateAnswer;
import dev.atlasrotator.failure.RotatorException.Unavailable;
import dev.atlasrotator.network.Proxies;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.simulator.atlas.FakeAtlas;
import dev.atlasrotator.simulator.http.ForwardProxy;
import dev.atlasrotator.simulator.http.SelfSigned;
import dev.atlasrotator.testbed.AtlasFixture;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Atlas behind a proxy, over real connections, under a name that only the proxy knows. How a
 * password gets to a proxy that is asked to connect is seen in a process of its own: {@code
 * dev.atlasrotator.ProxyIT}.
 */
class ThroughProxyTest {
    private static final URI PLAIN = URI.create("http://atlas.test");
    private static final URI SECURED = URI.create("https://atlas.test");

    private final AtlasFixture desk = new AtlasFixture();
    private final Deadline soon = Deadline.in(Duration.ofSeconds(20), desk.time);

    private static Proxies proxies(String... variables) {
        return Proxies.from(
                variables.length == 2
                        ? Map.of(variables[0], variables[1])
                        : Map.of(variables[0], variables[1], variables[2], variables[3]));
    }

    @Test
    void a_plain_request_goes_to_the_proxy_whole_with_the_password() throws Exception {
        try (var server = FakeAtlas.start(desk.atlas);
                var proxy = ForwardProxy.to(Map.of("atlas.test", server.baseUrl()), "user", "sword:fish");
                var client = HttpServiceAccounts.client(
                        proxies("HTTP_PROXY", "http://user:sword%3Afish@" + proxy.address()))) {
            var accounts = desk.over(client, PLAIN);

            assertThat(accounts.verify(desk.key, soon)).isEqualTo(AuthResult.ACCEPTED);
            assertThat(accounts.create(desk.account, desk.key, 100, soon)).isInstanceOf(CreateAnswer.Made.class);

            assertThat(proxy.requests()).hasSize(desk.atlas.callCount());
        }
        assertThat(String.join("\n", desk.lines)).doesNotContain("fish");
    }

    @Test
    void by_tls_the_proxy_is_asked_to_connect_and_sees_nothing_but_the_name() throws Exception {
        var certificate = SelfSigned.make();
        try (var server = FakeAtlas.startTls(desk.atlas, certificate);
                var proxy = ForwardProxy.to(Map.of("atlas.test:443", server.baseUrl()));
                var client = HttpClient.newBuilder()
                        .proxy(proxies("HTTPS_PROXY", "http://" + proxy.address()))
                        .sslContext(certificate.context())
                        .build()) {
            assertThat(desk.over(client, SECURED).read(desk.account, desk.key, soon))
                    .isInstanceOf(Answer.Given.class);

            assertThat(proxy.requests()).isNotEmpty().allSatisfy(request -> {
                assertThat(request).hasToString("CONNECT atlas.test:443");
                assertThat(request.headers()).doesNotContainKey("authorization");
            });
        }
    }

    @Test
    void whom_no_proxy_names_is_not_called_through_it() throws Exception {
        try (var server = FakeAtlas.start(desk.atlas);
                var proxy = ForwardProxy.to(Map.of("atlas.test", server.baseUrl()));
                var client = HttpServiceAccounts.client(
                        proxies("HTTP_PROXY", "http://" + proxy.address(), "NO_PROXY", ".test"))) {
            assertThatExceptionOfType(Unavailable.class)
                    .isThrownBy(() -> desk.over(client, PLAIN).verify(desk.key, soon))
                    .withMessageContaining("could not be reached");
            assertThat(proxy.requests()).isEmpty();
        }
    }

    @Test
    void a_proxy_that_does_not_let_the_function_through_is_told() throws Exception {
        try (var proxy = ForwardProxy.to(Map.of());
                var wary = ForwardProxy.to(Map.of(), "user", "password")) {
            for (var base : new URI[] {SECURED, PLAIN}) {
                var name = base.getScheme().toUpperCase(Locale.ROOT) + "_PROXY";
                refusedBy(proxies(name, "http://" + wary.address()), base);
                refusedBy(proxies(name, "http://user:swordfish@" + wary.address()), base);
            }
            refusedBy(proxies("HTTPS_PROXY", "http://" + proxy.address()), SECURED);
        }
    }

    private void refusedBy(Proxies proxies, URI base) {
        try (var client = HttpServiceAccounts.client(proxies)) {
            var accounts = desk.over(client, base);
            assertThatExceptionOfType(Unavailable.class)
                    .isThrownBy(() -> accounts.verify(desk.key, soon))
                    .withNoCause()
                    .withMessageStartingWith(
                            "ATLAS_UNAVAILABLE: Atlas could not be reached, since the proxy did not connect to it"
                                    + " (mintToken, ")
                    .withMessageContaining("This call changed nothing. Check HTTPS_PROXY")
                    .withMessageNotContaining("swordfish");
        }
    }
}
