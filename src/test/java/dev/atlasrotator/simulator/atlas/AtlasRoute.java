package dev.atlasrotator.simulator.atlas;

import dev.atlasrotator.simulator.Call;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which operation a request asks for, and on what. Texts that the operation does not have are
 * empty.
 *
 * @param scopeId project or organization, as it came
 * @param query decoded; of a parameter that comes twice the last one counts
 */
record AtlasRoute(
        Operation operation, Space space, String scopeId, String clientId, String secretId, Map<String, String> query) {
    /** Operations that the stand-in was taught. */
    enum Operation {
        MINT_TOKEN("mintToken"),
        REVOKE_TOKEN("revokeToken"),
        READ_PROJECT("readProject"),
        LIST_ACCOUNTS("listAccounts"),
        READ_ACCOUNT("readAccount"),
        CREATE_ACCOUNT("createAccount"),
        DELETE_ACCOUNT("deleteAccount"),
        READ_SETTINGS("readSettings"),
        CREATE_SECRET("createSecret"),
        DELETE_SECRET("deleteSecret");

        /** As {@link Call#operation} has it. */
        final String label;

        Operation(String label) {
            this.label = label;
        }
    }

    /** First part of the path after the version. */
    enum Space {
        NONE,
        GROUPS,
        ORGS
    }

    private static final Pattern ADMIN_API = Pattern.compile(
            "/api/atlas/v2/(groups|orgs)/([^/]+)/serviceAccounts(?:/([^/:]+)(/secrets(?:/([^/]+))?)?)?");

    private static final Pattern PROJECT = Pattern.compile("/api/atlas/v2/groups/([^/]+)");

    private static final Pattern SETTINGS = Pattern.compile("/api/atlas/v2/orgs/([^/]+)/settings");

    static AtlasRoute of(AtlasRequest request) {
        String target = request.pathAndQuery();
        int mark = target.indexOf('?');
        String path = mark < 0 ? target : target.substring(0, mark);
        Map<String, String> query = mark < 0 ? Map.of() : form(target.substring(mark + 1));
        if (request.method().equals("POST") && path.equals("/api/oauth/token")) {
            return new AtlasRoute(Operation.MINT_TOKEN, Space.NONE, "", basicUser(request), "", query);
        }
        if (request.method().equals("POST") && path.equals("/api/oauth/revoke")) {
            return new AtlasRoute(Operation.REVOKE_TOKEN, Space.NONE, "", basicUser(request), "", query);
        }
        Matcher project = PROJECT.matcher(path);
        if (request.method().equals("GET") && project.matches()) {
            return new AtlasRoute(Operation.READ_PROJECT, Space.GROUPS, decoded(project.group(1)), "", "", query);
        }
        Matcher settings = SETTINGS.matcher(path);
        if (request.method().equals("GET") && settings.matches()) {
            return new AtlasRoute(Operation.READ_SETTINGS, Space.ORGS, decoded(settings.group(1)), "", "", query);
        }
        Matcher match = ADMIN_API.matcher(path);
        if (!match.matches()) {
            throw unknown(request);
        }
        return new AtlasRoute(
                operation(request, match),
                match.group(1).equals("groups") ? Space.GROUPS : Space.ORGS,
                decoded(match.group(2)),
                match.group(3) == null ? "" : decoded(match.group(3)),
                match.group(5) == null ? "" : decoded(match.group(5)),
                query);
    }

    private static Operation operation(AtlasRequest request, Matcher match) {
        boolean account = match.group(3) != null;
        boolean secrets = match.group(4) != null;
        boolean secret = match.group(5) != null;
        if (request.method().equals("GET") && !secrets) {
            return account ? Operation.READ_ACCOUNT : Operation.LIST_ACCOUNTS;
        }
        if (request.method().equals("POST") && !account) {
            return Operation.CREATE_ACCOUNT;
        }
        if (request.method().equals("DELETE") && account && !secrets) {
            return Operation.DELETE_ACCOUNT;
        }
        if (request.method().equals("POST") && secrets && !secret) {
            return Operation.CREATE_SECRET;
        }
        if (request.method().equals("DELETE") && secret) {
            return Operation.DELETE_SECRET;
        }
        throw unknown(request);
    }

    private static IllegalArgumentException unknown(AtlasRequest request) {
        return new IllegalArgumentException(
                "The Atlas stand-in does not know " + request + ": fix the call or teach the stand-in");
    }

    /** Whom the call is about, for {@link Call#subject}. */
    String subject() {
        return switch (operation) {
            case READ_PROJECT, LIST_ACCOUNTS, CREATE_ACCOUNT, READ_SETTINGS -> scopeId;
            case DELETE_SECRET -> secretId;
            case MINT_TOKEN, REVOKE_TOKEN, READ_ACCOUNT, DELETE_ACCOUNT, CREATE_SECRET -> clientId;
        };
    }

    /**
     * User name of Basic credentials; empty where there are none. The password is nobody's business
     * here.
     */
    private static String basicUser(AtlasRequest request) {
        String pair = basic(request);
        int colon = pair.indexOf(':');
        return colon < 0 ? "" : pair.substring(0, colon);
    }

    /**
     * Basic credentials, decoded once and not percent-decoded: Atlas takes them raw. Empty where
     * there are none.
     */
    static String basic(AtlasRequest request) {
        String header = request.header("authorization");
        if (!header.regionMatches(true, 0, "Basic ", 0, 6)) {
            return "";
        }
        try {
            return new String(Base64.getDecoder().decode(header.substring(6).strip()), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notBase64) {
            return "";
        }
    }

    static Map<String, String> form(String text) {
        Map<String, String> fields = new HashMap<>();
        for (String pair : text.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                fields.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
            }
        }
        return fields;
    }

    private static String decoded(String text) {
        return text.indexOf('%') < 0 && text.indexOf('+') < 0 ? text : URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
