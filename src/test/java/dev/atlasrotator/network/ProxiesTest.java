package dev.atlasrotator.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.failure.RotatorException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxiesTest {
    private static final URI ATLAS = URI.create("https://cloud.mongodb.com");

    private static String chosen(Map<String, String> environment, URI target) {
        var proxy = Proxies.from(environment).select(target).getFirst();
        return proxy.address() instanceof InetSocketAddress address
                ? address.getHostString() + ":" + address.getPort()
                : "none";
    }

    @Test
    void each_scheme_has_its_proxy() {
        var both = Map.of("HTTPS_PROXY", "http://one:3128", "HTTP_PROXY", "http://two:8080/");
        assertThat(chosen(both, ATLAS)).isEqualTo("one:3128");
        assertThat(chosen(both, URI.create("http://atlas.test"))).isEqualTo("two:8080");
        assertThat(chosen(Map.of("HTTP_PROXY", "http://two:8080"), ATLAS)).isEqualTo("none");
    }

    @Test
    void either_case_is_read_and_the_upper_one_counts_where_both_are_there() {
        assertThat(chosen(Map.of("https_proxy", "http://lower:1"), ATLAS)).isEqualTo("lower:1");
        assertThat(chosen(
                        Map.of(
                                "https_proxy", "http://lower:1",
                                "HTTPS_PROXY", "http://upper:1"),
                        ATLAS))
                .isEqualTo("upper:1");
        assertThat(chosen(Map.of("HTTPS_PROXY", "http://one:1", "no_proxy", "mongodb.com"), ATLAS))
                .isEqualTo("none");
    }

    @Test
    void an_empty_variable_counts_as_none() {
        assertThat(chosen(Map.of("HTTPS_PROXY", " ", "https_proxy", "http://lower:1"), ATLAS))
                .isEqualTo("lower:1");
        assertThat(chosen(Map.of("HTTPS_PROXY", "", "NO_PROXY", ""), ATLAS)).isEqualTo("none");
    }

    @Test
    void scheme_and_port_may_be_left_out() {
        assertThat(chosen(Map.of("HTTPS_PROXY", "proxy.example:3128"), ATLAS)).isEqualTo("proxy.example:3128");
        assertThat(chosen(Map.of("HTTPS_PROXY", "http://proxy.example"), ATLAS)).isEqualTo("proxy.example:80");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        *                                 | https://cloud.mongodb.com      | true
        cloud.mongodb.com                 | https://cloud.mongodb.com      | true
        mongodb.com                       | https://cloud.mongodb.com      | true
        .mongodb.com                      | https://cloud.mongodb.com      | true
        *.mongodb.com                     | https://cloud.mongodb.com      | true
        .cloud.mongodb.com                | https://cloud.mongodb.com      | false
        CLOUD.MongoDB.com                 | https://cloud.mongodb.com      | true
        mongodb.com                       | https://CLOUD.MONGODB.COM      | true
        oud.mongodb.com                   | https://cloud.mongodb.com      | false
        loud.mongodb.com                  | https://cloud.mongodb.com      | false
        mongodb.com.example               | https://cloud.mongodb.com      | false
        other, .amazonaws.com ,x          | https://sqs.x.amazonaws.com    | true
        other,,                           | https://sqs.x.amazonaws.com    | false
        cloud.mongodb.com:443             | https://cloud.mongodb.com      | true
        cloud.mongodb.com:8443            | https://cloud.mongodb.com      | false
        cloud.mongodb.com:8443            | https://cloud.mongodb.com:8443 | true
        .mongodb.com:80                   | http://cloud.mongodb.com       | true
        *:443                             | https://cloud.mongodb.com      | true
        10.1.2.3                          | https://10.1.2.3               | true
        10.1.2.3:8443                     | https://10.1.2.3:8443          | true
        10.1.2.3                          | https://10.1.2.30              | false
        [fd00::1]                         | https://[fd00::1]              | true
        10.0.0.0/8                        | https://cloud.mongodb.com      | false
        """)
    void whom_no_proxy_names_is_called_directly(String noProxy, URI target, boolean directly) {
        var environment = Map.of(
                "HTTPS_PROXY", "http://one:3128",
                "HTTP_PROXY", "http://one:3128",
                "NO_PROXY", noProxy);
        assertThat(chosen(environment, target)).isEqualTo(directly ? "none" : "one:3128");
        assertThat(Proxies.from(environment).hasProxyFor(target)).isNotEqualTo(directly);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://localhost:8080", "http://127.0.0.1", "http://127.1.2.3:1", "http://[::1]:80"})
    void loopback_is_never_called_through_a_proxy(URI target) {
        assertThat(chosen(Map.of("HTTP_PROXY", "http://one:3128"), target)).isEqualTo("none");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://user:swordfish@host name",
                "http://user:sword@fish@host:3128",
                "http://user:swordfish%zz@host:3128",
                "http://user:swordfish@host:99999",
                "http://user:swordfish@host:port",
                "http://user:swordfish@",
                "https://user:swordfish@host:3128",
                "socks5://user:swordfish@host:1080",
                "://swordfish"
            })
    void what_is_no_url_of_a_proxy_is_refused_and_not_quoted(String text) {
        for (var name : new String[] {"HTTPS_PROXY", "HTTP_PROXY"}) {
            assertThatExceptionOfType(RotatorException.Configuration.class)
                    .isThrownBy(() -> Proxies.from(Map.of(name, text)))
                    .withNoCause()
                    .withMessageContaining(name)
                    .withMessageContaining("http://HOST:PORT")
                    .satisfies(refused -> assertThat(trace(refused)).doesNotContain("swordfish"));
        }
    }

    private static String trace(Throwable thrown) {
        var text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @Test
    void user_and_password_are_percent_decoded_and_sign_in_by_basic() {
        assertThat(authorization("http://user:p%40ss%3A%25@one:3128", ATLAS))
                .contains(new Sensitive("Basic dXNlcjpwQHNzOiU=")); // user:p@ss:%
        assertThat(authorization("http://user@one:3128", ATLAS)).contains(new Sensitive("Basic dXNlcjo="));
        assertThat(authorization("http://one:3128", ATLAS)).isEmpty();
    }

    @Test
    void a_password_is_for_its_proxy_alone() {
        assertThat(authorization("http://user:password@one:3128", URI.create("http://atlas.test")))
                .isEmpty();
        assertThat(authorization("http://user:password@one:3128", URI.create("https://localhost:1")))
                .isEmpty();
    }

    private static Optional<Sensitive> authorization(String proxy, URI target) {
        return Proxies.from(Map.of("HTTPS_PROXY", proxy)).authorization(target);
    }

    @Test
    void nothing_prints_the_password() throws Exception {
        var proxy = "http://user:swordfish@one:3128";
        var proxies = Proxies.from(Map.of("HTTPS_PROXY", proxy, "HTTP_PROXY", proxy));
        var tunnel = proxies.open(ATLAS);
        var plain = proxies.open(URI.create("http://atlas.test"));

        var printed = List.of(
                proxies,
                proxies.select(ATLAS),
                proxies.authorization(ATLAS),
                tunnel,
                tunnel.getRequestProperties(),
                plain,
                plain.getRequestProperties());

        assertThat(printed.toString())
                .contains("one/<unresolved>:3128")
                .doesNotContain("swordfish")
                .doesNotContain("c3dvcmRmaXNo"); // the same in Base64
    }
}
