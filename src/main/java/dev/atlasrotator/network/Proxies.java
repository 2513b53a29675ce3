package dev.atlasrotator.network;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.failure.RotatorException;
import java.io.IOException;
import java.net.Authenticator;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.HttpsURLConnection;
import org.jspecify.annotations.Nullable;

/**
 * Which proxy each service is called through: {@code HTTPS_PROXY} for https, {@code HTTP_PROXY} for http, none for
 * hosts that {@code NO_PROXY} names. The variables may be in lower case; upper case takes precedence. One object for
 * every client, so that all follow the same rules and no other source: neither the JVM's properties nor what the AWS
 * SDK reads.
 */
public final class Proxies extends ProxySelector {
    /** A proxy, and how to authenticate there. */
    private record HttpProxy(Proxy address, Optional<Login> login) {}

    /** Basic is the only scheme that both of the JDK's clients support. */
    private static final class Login extends Authenticator {
        private final String user;
        private final Sensitive password;

        Login(String user, Sensitive password) {
            this.user = user;
            this.password = password;
        }

        Sensitive header() {
            var pair = user + ":" + password.reveal();
            return new Sensitive("Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)));
        }

        @Override
        protected @Nullable PasswordAuthentication getPasswordAuthentication() {
            return getRequestorType() == RequestorType.PROXY && "basic".equalsIgnoreCase(getRequestingScheme())
                    ? new PasswordAuthentication(user, password.reveal().toCharArray())
                    : null;
        }
    }

    /** Every host is called directly. */
    public static final Proxies NONE = from(Map.of());

    private final Optional<HttpProxy> https;
    private final Optional<HttpProxy> http;
    private final NoProxy noProxy;

    private Proxies(Optional<HttpProxy> https, Optional<HttpProxy> http, NoProxy noProxy) {
        this.https = https;
        this.http = http;
        this.noProxy = noProxy;
    }

    /**
     * Reads the variables; an empty one counts as none. Must be called before any other HTTP class of the JDK is used:
     * if a proxy has a password, its clients must send it, and they read that setting only once.
     *
     * @throws RotatorException.Configuration if one is not the URL of a proxy; without the text, which may hold a
     *     password
     */
    public static Proxies from(Map<String, String> environment) {
        var https = proxy(environment, "HTTPS_PROXY");
        var http = proxy(environment, "HTTP_PROXY");
        if (Stream.of(https, http)
                .flatMap(Optional::stream)
                .anyMatch(proxy -> proxy.login().isPresent())) {
            sendPasswords();
        }
        return new Proxies(
                https, http, NoProxy.of(variable(environment, "NO_PROXY").orElse("")));
    }

    /**
     * Both properties are read when the JDK's clients are loaded ("Networking Properties" of the JDK). Basic is off by
     * default for tunnels, since the password is sent to the proxy unencrypted; whoever writes it into the URL has
     * accepted that. And HttpURLConnection would repeat a rejected password as often as it follows redirects, twenty
     * times, where once is enough; no redirect is followed here.
     */
    private static void sendPasswords() {
        System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
        System.setProperty("http.maxRedirects", "2");
    }

    private static Optional<HttpProxy> proxy(Map<String, String> environment, String name) {
        return variable(environment, name)
                .map(text -> text.contains("://") ? text : "http://" + text)
                .map(text -> parse(text).orElseThrow(() -> noUrlOfProxy(name)));
    }

    private static RotatorException noUrlOfProxy(String name) {
        return new RotatorException.Configuration("""
            %s is not the URL of a proxy: it must be http://HOST:PORT, perhaps with USER:PASSWORD@ before the \
            host, where whatever is not a letter or a digit is percent-encoded. Nothing was called; correct it or \
            leave it out.\
            """.formatted(name));
    }

    private static Optional<HttpProxy> parse(String text) {
        try {
            var url = new URI(text);
            int port = url.getPort() < 0 ? 80 : url.getPort();
            // To the proxy itself the JDK does not use TLS; what passes through it is encrypted anyway.
            if (!"http".equalsIgnoreCase(url.getScheme()) || url.getHost() == null || port > 65535) {
                return Optional.empty();
            }
            // The client resolves its name, again for each connection.
            var address = InetSocketAddress.createUnresolved(url.getHost(), port);
            return Optional.of(new HttpProxy(
                    new Proxy(Proxy.Type.HTTP, address),
                    Optional.ofNullable(url.getUserInfo()).map(Proxies::login)));
        } catch (URISyntaxException notEvenAUri) { // its message quotes the text
            return Optional.empty();
        }
    }

    private static Login login(String userInfo) {
        var parts = userInfo.split(":", 2);
        return new Login(parts[0], new Sensitive(parts.length > 1 ? parts[1] : ""));
    }

    private static Optional<String> variable(Map<String, String> environment, String name) {
        return Stream.of(name, name.toLowerCase(Locale.ROOT))
                .map(spelling -> environment.getOrDefault(spelling, "").strip())
                .filter(text -> !text.isEmpty())
                .findFirst();
    }

    private Optional<HttpProxy> proxyFor(URI target) {
        return ("https".equalsIgnoreCase(target.getScheme()) ? https : http).filter(proxy -> !noProxy.covers(target));
    }

    @Override
    public List<Proxy> select(URI target) {
        return List.of(proxyFor(target).map(HttpProxy::address).orElse(Proxy.NO_PROXY));
    }

    /** Nothing to do: there is no second proxy to choose. */
    @Override
    public void connectFailed(URI target, SocketAddress address, IOException failure) {}

    /** Whether this function calls the service through a proxy. */
    public boolean hasProxyFor(URI target) {
        return proxyFor(target).isPresent();
    }

    /**
     * The header {@code Proxy-Authorization} for java.net.http, which sends it only to the proxy. An Authenticator
     * would also answer Atlas's own 401.
     */
    public Optional<Sensitive> authorization(URI target) {
        return proxyFor(target).flatMap(HttpProxy::login).map(Login::header);
    }

    /**
     * A connection for the AWS SDK; nothing is sent yet. The SDK's own proxy support does not authenticate for tunnels:
     * UrlConnectionHttpClient 2.57 sets a header that HttpURLConnection sends with the request inside the tunnel, so
     * AWS would get the password, and the proxy none.
     */
    public HttpURLConnection open(URI target) throws IOException {
        var proxy = proxyFor(target);
        var connection = (HttpURLConnection)
                target.toURL().openConnection(proxy.map(HttpProxy::address).orElse(Proxy.NO_PROXY));
        proxy.flatMap(HttpProxy::login).ifPresent(login -> authenticate(login, connection));
        return connection;
    }

    private static void authenticate(Login login, HttpURLConnection connection) {
        if (connection instanceof HttpsURLConnection) {
            connection.setAuthenticator(login);
        } else {
            // Without a tunnel, the proxy handles the request itself, and its body cannot be sent twice.
            connection.setRequestProperty("Proxy-Authorization", login.header().reveal());
        }
    }
}
