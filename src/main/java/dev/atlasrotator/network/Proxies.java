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
 * Through which proxy each service is called: {@code HTTPS_PROXY} for https, {@code HTTP_PROXY} for
 * http, nobody whom {@code NO_PROXY} names. Each may be written in lower case; where both are
 * there, the upper case counts. One object for every client, so that all obey the same rules, and
 * nothing else does: neither the JVM's own properties nor what the AWS SDK reads for itself.
 */
public final class Proxies extends ProxySelector {
    /** A proxy, and how one signs in there. */
    private record HttpProxy(Proxy address, Optional<Login> login) {}

    /** Basic is the one scheme that both of the JDK's clients know. */
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

    /** Everybody is called directly. */
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
     * Reads the variables; an empty one counts as none. To be called before anything else of the
     * JDK's HTTP is used: if a proxy has a password, its clients are told to send it, and they
     * listen once.
     *
     * @throws RotatorException.Configuration if one is not the URL of a proxy; the text is not
     *     told, since it may hold a password
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
     * Both properties are read when the JDK's clients are loaded ("Networking Properties" of the
     * JDK). Basic is off by default where a proxy is asked to connect, as the password goes to the
     * proxy in the open; whoever writes it into the URL has decided that. And HttpURLConnection
     * would try a password that is refused as often as it follows redirects, twenty times, where
     * once is enough to know; no redirect is followed here.
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
            // To the proxy itself the JDK speaks no TLS; what goes through it is encrypted anyway.
            if (!"http".equalsIgnoreCase(url.getScheme()) || url.getHost() == null || port > 65535) {
                return Optional.empty();
            }
            // Its name is for the client to look up, each time anew.
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

    /** Nothing is to be learned: there is no second proxy to choose. */
    @Override
    public void connectFailed(URI target, SocketAddress address, IOException failure) {}

    /** Whether a proxy stands between this function and the service. */
    public boolean hasProxyFor(URI target) {
        return proxyFor(target).isPresent();
    }

    /**
     * The header {@code Proxy-Authorization} for java.net.http, which sends it to the proxy and to
     * nobody behind it. An Authenticator would take Atlas's own 401 for its business as well.
     */
    public Optional<Sensitive> authorization(URI target) {
        return proxyFor(target).flatMap(HttpProxy::login).map(Login::header);
    }

    /**
     * A connection for the AWS SDK; nothing is sent yet. Its own support for proxies does not sign
     * in where one is asked to connect: UrlConnectionHttpClient 2.57 sets a header, and
     * HttpURLConnection keeps that for the request inside of the tunnel, so that AWS would get the
     * password, and the proxy none.
     */
    public HttpURLConnection open(URI target) throws IOException {
        var proxy = proxyFor(target);
        var connection = (HttpURLConnection)
                target.toURL().openConnection(proxy.map(HttpProxy::address).orElse(Proxy.NO_PROXY));
        proxy.flatMap(HttpProxy::login).ifPresent(login -> signIn(login, connection));
        return connection;
    }

    private static void signIn(Login login, HttpURLConnection connection) {
        if (connection instanceof HttpsURLConnection) {
            connection.setAuthenticator(login);
        } else {
            // Without a tunnel the request is the proxy's own, and its body can't be sent twice.
            connection.setRequestProperty("Proxy-Authorization", login.header().reveal());
        }
    }
}
