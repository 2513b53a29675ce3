package dev.atlasrotator.network;

import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Hosts that are called without a proxy: loopback, and those that {@code NO_PROXY} names. There is no standard for that
 * variable. These are the rules of Go ({@code golang.org/x/net/http/httpproxy}), which Terraform and Docker follow too:
 * {@code example.com} means that host and its subdomains, {@code .example.com} or {@code *.example.com} only the
 * subdomains (curl and botocore include the host itself), {@code *} every host, an IP address only itself; a {@code
 * :port} at the end limits each of them. Networks such as {@code 10.0.0.0/8} match nothing here: Go and curl compare
 * them with addresses only, and our services are called by name.
 */
record NoProxy(List<String> entries) {
    static NoProxy of(String text) {
        return new NoProxy(Arrays.stream(text.split(",", -1))
                .map(entry -> entry.strip().toLowerCase(Locale.ROOT))
                .filter(entry -> !entry.isEmpty())
                .toList());
    }

    boolean covers(URI target) {
        var host = target.getHost().toLowerCase(Locale.ROOT);
        return host.matches("localhost|127(\\.[0-9]{1,3}){3}|\\[::1]")
                || entries.stream().anyMatch(entry -> names(entry, host, port(target)));
    }

    private static boolean names(String entry, String host, int port) {
        var end = ":" + port;
        var name = entry.endsWith(end) ? entry.substring(0, entry.length() - end.length()) : entry;
        if (name.equals("*")) {
            return true;
        }
        var below = name.startsWith("*.") ? name.substring(1) : name;
        return host.equals(name) || host.endsWith(below.startsWith(".") ? below : "." + below);
    }

    private static int port(URI target) {
        if (target.getPort() >= 0) {
            return target.getPort();
        }
        return "https".equals(target.getScheme()) ? 443 : 80;
    }
}
