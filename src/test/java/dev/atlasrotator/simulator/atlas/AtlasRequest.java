package dev.atlasrotator.simulator.atlas;

import java.util.Map;

/**
 * A request as Atlas sees it, without a socket.
 *
 * @param method in capitals
 * @param pathAndQuery as on the request line, percent-encoded as it came; digest signs exactly this
 * @param headers names in lower case, one value each
 * @param body empty where there is none; never changed by anybody
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and a copy for each call would cost the explorer
public record AtlasRequest(String method, String pathAndQuery, Map<String, String> headers, byte[] body) {
    /** The header's value, or an empty text. */
    public String header(String lowerCaseName) {
        return headers.getOrDefault(lowerCaseName, "");
    }

    /** Method and path only: headers, query and body may hold credentials. */
    @Override
    public String toString() {
        int query = pathAndQuery.indexOf('?');
        return method + " " + (query < 0 ? pathAndQuery : pathAndQuery.substring(0, query));
    }
}
