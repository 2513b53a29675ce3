package dev.atlasrotator.simulator.http;

import dev.atlasrotator.simulator.atlas.AtlasAnswer;
import dev.atlasrotator.simulator.atlas.AtlasRequest;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * As much of HTTP/1.1 on a socket as the stand-ins need: plain and chunked requests, answers with a
 * length.
 */
public final class WireHttp {
    private static final int LONGEST_LINE = 16 * 1024;
    private static final int LARGEST_BODY = 1024 * 1024;

    private WireHttp() {}

    /** The next request, or nothing if the client has hung up before it. */
    public static Optional<AtlasRequest> read(InputStream in) throws IOException {
        String line = line(in);
        if (line.isEmpty()) {
            return Optional.empty();
        }
        String[] parts = line.split(" ", -1);
        if (parts.length != 3) {
            throw new IOException("not a request line");
        }
        Map<String, String> headers = headers(in);
        byte[] body;
        if (headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")) {
            body = chunks(in);
        } else {
            body = exactly(in, Integer.parseInt(headers.getOrDefault("content-length", "0")));
        }
        return Optional.of(new AtlasRequest(parts[0], parts[1], headers, body));
    }

    private static Map<String, String> headers(InputStream in) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new IOException("not a header line");
            }
            String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
            headers.merge(name, line.substring(colon + 1).strip(), (a, b) -> a + ", " + b);
        }
        return headers;
    }

    private static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = Integer.parseInt(line(in), 16); size > 0; size = Integer.parseInt(line(in), 16)) {
            body.write(exactly(in, size));
            line(in);
        }
        line(in);
        return body.toByteArray();
    }

    private static byte[] exactly(InputStream in, int length) throws IOException {
        if (length < 0 || length > LARGEST_BODY) {
            throw new IOException("a request of " + length + " bytes");
        }
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("the client hung up inside its request");
        }
        return body;
    }

    /** Without its end; empty at the end of the stream too. */
    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
            if (line.length() > LONGEST_LINE) {
                throw new IOException("a line without end");
            }
        }
        int last = line.length() - 1;
        return last >= 0 && line.charAt(last) == '\r' ? line.substring(0, last) : line.toString();
    }

    public static void write(OutputStream out, AtlasAnswer answer) throws IOException {
        StringBuilder head =
                new StringBuilder("HTTP/1.1 ").append(answer.status()).append(" -\r\n");
        answer.headers()
                .forEach((name, value) ->
                        head.append(name).append(": ").append(value).append("\r\n"));
        if (answer.status() != 204) {
            head.append("content-length: ").append(answer.body().length).append("\r\n");
        }
        head.append("\r\n");
        // One write: a client that hangs up between head and body would be a fault that nobody
        // asked for.
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        whole.writeBytes(answer.body());
        out.write(whole.toByteArray());
        out.flush();
    }
}
