package dev.atlasrotator.simulator.atlas;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer of Atlas, without a socket.
 *
 * @param status 200 to 599
 * @param headers names in lower case, one value each
 * @param body empty where there is none; never changed by anybody
 */
@SuppressWarnings("ArrayRecordComponent") // as in AtlasRequest
public record AtlasAnswer(int status, Map<String, String> headers, byte[] body) {
    static AtlasAnswer of(int status, Map<String, String> headers, String body) {
        return new AtlasAnswer(status, headers, body.getBytes(StandardCharsets.UTF_8));
    }

    AtlasAnswer with(String lowerCaseName, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(lowerCaseName, value);
        return new AtlasAnswer(status, more, body);
    }

    /** The body as text; what is asked here may hold a secret value. */
    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    /** The status only: the body may hold a secret value. */
    @Override
    public String toString() {
        return "HTTP " + status;
    }
}
