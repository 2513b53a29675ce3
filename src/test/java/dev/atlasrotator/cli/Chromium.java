package dev.atlasrotator.cli;

import dev.atlasrotator.json.Json;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A headless Chromium that is told what to do by the DevTools protocol, over one page. */
final class Chromium implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final WebSocket socket;
    private final LinkedBlockingQueue<Map<String, Object>> messages;
    private final List<Map<String, Object>> events = new ArrayList<>();
    private int calls;

    private Chromium(Process process, WebSocket socket, LinkedBlockingQueue<Map<String, Object>> messages) {
        this.process = process;
        this.socket = socket;
        this.messages = messages;
    }

    /** Where it is installed, if it is. */
    static Optional<Path> installed() {
        return Stream.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator))
                .flatMap(folder -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Starts it. Without the flags about the background it looks for updates, which a closed network answers late.
     *
     * @param profile an empty folder
     */
    static Chromium start(Path program, Path profile) throws IOException, InterruptedException {
        var process = new ProcessBuilder(
                        program.toString(),
                        "--headless",
                        "--no-sandbox", // which root has not; the page is our own
                        "--disable-gpu",
                        "--disable-quic",
                        "--disable-dev-shm-usage",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--hide-scrollbars",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(profile.resolve("chromium.log").toFile())
                .start();
        var messages = new LinkedBlockingQueue<Map<String, Object>>();
        var socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(address(profile.resolve("DevToolsActivePort")), new Receiver(messages))
                .join();
        var chromium = new Chromium(process, socket, messages);
        var target = chromium.call("", "Target.createTarget", Map.of("url", "about:blank"));
        var attached = chromium.call(
                "", "Target.attachToTarget", Map.of("targetId", text(target, "targetId"), "flatten", true));
        chromium.session = text(attached, "sessionId");
        for (var domain : List.of("Page", "Runtime", "Network", "Log")) {
            chromium.call(domain + ".enable", Map.of());
        }
        return chromium;
    }

    private String session = "";

    /** The browser's own address, which it writes as soon as it listens. */
    private static URI address(Path file) throws IOException, InterruptedException {
        var until = Instant.now().plus(PATIENCE);
        while (Instant.now().isBefore(until)) {
            var lines = Files.exists(file) ? Files.readAllLines(file) : List.<String>of();
            if (lines.size() >= 2) {
                return URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1));
            }
            Thread.sleep(50);
        }
        throw new IOException("Chromium does not listen");
    }

    /** Opens a page and waits until it is loaded. */
    void open(URI page) throws InterruptedException {
        events.clear();
        call("Page.navigate", Map.of("url", page.toString()));
        var until = Instant.now().plus(PATIENCE);
        while (Instant.now().isBefore(until)) {
            if (evaluate("location.href + document.readyState").equals(page + "complete")) {
                return;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("not loaded: " + page);
    }

    /** The value of an expression of JavaScript, as a text. */
    String evaluate(String expression) throws InterruptedException {
        var answer = call("Runtime.evaluate", Map.of("expression", "String(" + expression + ")"));
        return text(map(answer.get("result")), "value");
    }

    /** A screen this wide, on which light or dark is preferred. */
    void screen(int width, String scheme) throws InterruptedException {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", width < 500));
        call(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    /** Whether scripts run. */
    void scripts(boolean run) throws InterruptedException {
        call("Emulation.setScriptExecutionDisabled", Map.of("value", !run));
    }

    /** The whole page as a PNG file. */
    void picture(Path file) throws InterruptedException, IOException {
        var answer = call("Page.captureScreenshot", Map.of("captureBeyondViewport", true));
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, Base64.getDecoder().decode(text(answer, "data")));
    }

    /** What it asked of any server, and what it complained of, since the page was opened. */
    List<String> complaints() throws InterruptedException {
        evaluate("1"); // events that came before the answer have been received
        return events.stream()
                .filter(event -> switch (text(event, "method")) {
                    case "Log.entryAdded", "Runtime.exceptionThrown" -> true;
                    case "Network.requestWillBeSent" ->
                        !text(map(map(event.get("params")).get("request")), "url")
                                .startsWith("file:");
                    default -> false;
                })
                .map(Json::text)
                .toList();
    }

    private Map<String, Object> call(String method, Map<String, Object> parameters) throws InterruptedException {
        return call(session, method, parameters);
    }

    private Map<String, Object> call(String session, String method, Map<String, Object> parameters)
            throws InterruptedException {
        var request = new LinkedHashMap<String, Object>();
        request.put("id", ++calls);
        request.put("method", method);
        request.put("params", parameters);
        if (!session.isEmpty()) {
            request.put("sessionId", session);
        }
        socket.sendText(Json.text(request), true).join();
        while (true) {
            var message = messages.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (message == null) {
                throw new AssertionError("no answer to " + method);
            }
            if (Integer.valueOf(calls).equals(message.get("id"))) {
                if (message.containsKey("error")) {
                    throw new AssertionError(method + ": " + message.get("error"));
                }
                return map(message.get("result"));
            }
            events.add(message);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    private static String text(Map<String, Object> map, String key) {
        return String.valueOf(map.get(key));
    }

    @Override
    public void close() {
        socket.abort();
        process.destroy();
        if (process.onExit()
                .completeOnTimeout(process, 10, TimeUnit.SECONDS)
                .join()
                .isAlive()) {
            process.destroyForcibly().onExit().join();
        }
    }

    /** Puts the pieces of each message together. */
    private static final class Receiver implements WebSocket.Listener {
        private final LinkedBlockingQueue<Map<String, Object>> messages;
        private final StringBuilder begun = new StringBuilder();

        Receiver(LinkedBlockingQueue<Map<String, Object>> messages) {
            this.messages = messages;
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence piece, boolean last) {
            begun.append(piece);
            if (last) {
                messages.add(Json.object(begun.toString()).orElse(Map.of()));
                begun.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedStage(null);
        }
    }
}
