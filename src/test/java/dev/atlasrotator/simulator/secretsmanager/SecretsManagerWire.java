package dev.atlasrotator.simulator.secretsmanager;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** AWS JSON 1.1 as Secrets Manager speaks it: names of headers, dates, bodies. */
public final class SecretsManagerWire {
    static final String TARGET = "X-Amz-Target";
    static final String TARGET_PREFIX = "secretsmanager.";
    static final String REQUEST_ID = "x-amzn-RequestId";
    static final String ERROR_TYPE = "x-amzn-ErrorType";
    static final String CONTENT_TYPE = "application/x-amz-json-1.1";

    private SecretsManagerWire() {}

    /** A date of an answer, which the service gives in seconds since 1970 with three decimals. */
    public static Instant instant(Object date) {
        return Instant.ofEpochMilli(((BigDecimal) date).movePointRight(3).longValueExact());
    }

    static BigDecimal date(Instant instant) {
        return BigDecimal.valueOf(instant.toEpochMilli(), 3);
    }

    static String body(SecretsManagerError error) {
        var members = new LinkedHashMap<String, Object>();
        members.put("__type", error.code());
        members.put(error.messageMember(), error.text());
        return write(members);
    }

    static String write(Map<String, Object> members) {
        try {
            return JSON.std.asString(members);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Map<String, Object> read(byte[] body) {
        try {
            return body.length == 0 ? Map.of() : JSON.std.mapFrom(body);
        } catch (IOException e) {
            // The parser's own words quote the body, which may hold a value.
            throw new SecretsManagerError(400, "SerializationException", "Message", "The body is not a JSON object.");
        }
    }
}
