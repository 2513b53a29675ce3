package dev.atlasrotator.simulator.atlas;

import dev.atlasrotator.retry.Sleeper;
import dev.atlasrotator.simulator.Faults;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;

/**
 * The JDK's HTTP client with Atlas in place of the network: the client's real code runs, no socket
 * is opened, and time passes on the given sleeper only. Requests go to Atlas whatever their host
 * is.
 */
public final class InProcessAtlas extends HttpClient {
    private static final int CHUNK = 16 * 1024;

    private final AtlasService service;
    private final Sleeper sleeper;

    /**
     * In front of this Atlas.
     *
     * @param sleeper makes the time of slow calls pass
     */
    public InProcessAtlas(AtlasService service, Sleeper sleeper) {
        this.service = service;
        this.sleeper = sleeper;
    }

    /**
     * One call. What {@link Faults} throw passes through, so that an explorer can end a run here.
     *
     * @throws HttpTimeoutException if the answer takes as long as the request allows, or longer
     * @throws IOException if the connection is closed without an answer, or the body handler fails
     */
    @Override
    public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        return switch (service.exchange(seen(request))) {
            case AtlasOutcome.Closed() -> throw new IOException("HTTP/1.1 header parser received no bytes");
            case AtlasOutcome.Answered answered -> {
                pass(answered.after(), request.timeout());
                yield delivered(request, answered.answer(), handler);
            }
        };
    }

    /** Waits on the client's side: no longer than its time-out. */
    private void pass(Duration after, Optional<Duration> timeout) throws HttpTimeoutException, InterruptedException {
        if (timeout.isPresent() && after.compareTo(timeout.get()) >= 0) {
            sleeper.sleep(timeout.get());
            throw new HttpTimeoutException("request timed out");
        }
        if (after.isPositive()) {
            sleeper.sleep(after);
        }
    }

    private static AtlasRequest seen(HttpRequest request) {
        Map<String, String> headers = new LinkedHashMap<>();
        request.headers()
                .map()
                .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(", ", values)));
        byte[] body = request.bodyPublisher().map(InProcessAtlas::bytes).orElseGet(() -> new byte[0]);
        headers.put("host", request.uri().getRawAuthority());
        if (body.length > 0) {
            headers.put("content-length", Integer.toString(body.length));
        }
        URI uri = request.uri();
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String target = uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
        return new AtlasRequest(request.method(), target, headers, body);
    }

    private static byte[] bytes(HttpRequest.BodyPublisher publisher) {
        Collector collector = new Collector();
        publisher.subscribe(collector);
        return collector.bytes.join();
    }

    private static final class Collector implements Flow.Subscriber<ByteBuffer> {
        private final ByteArrayOutputStream collected = new ByteArrayOutputStream();
        private final CompletableFuture<byte[]> bytes = new CompletableFuture<>();

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ByteBuffer item) {
            byte[] chunk = new byte[item.remaining()];
            item.get(chunk);
            collected.writeBytes(chunk);
        }

        @Override
        public void onError(Throwable error) {
            bytes.completeExceptionally(error);
        }

        @Override
        public void onComplete() {
            bytes.complete(collected.toByteArray());
        }
    }

    private static <T> HttpResponse<T> delivered(
            HttpRequest request, AtlasAnswer answer, HttpResponse.BodyHandler<T> handler) throws IOException {
        Map<String, List<String>> map = new LinkedHashMap<>();
        answer.headers().forEach((name, value) -> map.put(name, List.of(value)));
        if (answer.status() != 204) {
            map.putIfAbsent("content-length", List.of(Integer.toString(answer.body().length)));
        }
        HttpHeaders headers = HttpHeaders.of(map, (name, value) -> true);
        HttpResponse.BodySubscriber<T> subscriber = handler.apply(new Info(answer.status(), headers));
        subscriber.onSubscribe(new Delivery(subscriber, answer.body()));
        try {
            T body = subscriber.getBody().toCompletableFuture().join();
            return new Response<>(answer.status(), request, headers, body);
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IOException(failed.getCause());
        }
    }

    /** Hands the body out as it is asked for, and not after a cancellation. */
    private static final class Delivery implements Flow.Subscription {
        private final Flow.Subscriber<List<ByteBuffer>> subscriber;
        private final byte[] body;
        private int position;
        private long wanted;
        private boolean delivering;
        private boolean over;

        Delivery(Flow.Subscriber<List<ByteBuffer>> subscriber, byte[] body) {
            this.subscriber = subscriber;
            this.body = body;
        }

        @Override
        public synchronized void request(long n) {
            wanted = wanted + n < 0 ? Long.MAX_VALUE : wanted + n;
            if (delivering) {
                return; // asked from inside onNext: the loop below goes on
            }
            delivering = true;
            while (!over && wanted > 0 && position < body.length) {
                int length = Math.min(CHUNK, body.length - position);
                ByteBuffer chunk =
                        ByteBuffer.wrap(body, position, length).slice().asReadOnlyBuffer();
                position += length;
                wanted--;
                subscriber.onNext(List.of(chunk));
            }
            delivering = false;
            if (!over && position == body.length) {
                over = true;
                subscriber.onComplete();
            }
        }

        @Override
        public synchronized void cancel() {
            over = true;
        }
    }

    private record Info(int statusCode, HttpHeaders headers) implements HttpResponse.ResponseInfo {
        @Override
        public Version version() {
            return Version.HTTP_1_1;
        }
    }

    private record Response<T>(int statusCode, HttpRequest request, HttpHeaders headers, T body)
            implements HttpResponse<T> {
        @Override
        public Optional<HttpResponse<T>> previousResponse() {
            return Optional.empty();
        }

        @Override
        public Optional<SSLSession> sslSession() {
            return Optional.empty();
        }

        @Override
        public URI uri() {
            return request.uri();
        }

        @Override
        public Version version() {
            return Version.HTTP_1_1;
        }

        /** The body may hold a secret value. */
        @Override
        public String toString() {
            return "HTTP " + statusCode;
        }
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            return CompletableFuture.completedFuture(send(request, handler));
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            return CompletableFuture.failedFuture(ended);
        } catch (IOException | RuntimeException | Error failed) {
            return CompletableFuture.failedFuture(failed);
        }
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request, HttpResponse.BodyHandler<T> handler, HttpResponse.PushPromiseHandler<T> pushes) {
        return sendAsync(request, handler);
    }

    @Override
    public Optional<CookieHandler> cookieHandler() {
        return Optional.empty();
    }

    @Override
    public Optional<Duration> connectTimeout() {
        return Optional.empty();
    }

    @Override
    public Redirect followRedirects() {
        return Redirect.NEVER;
    }

    @Override
    public Optional<ProxySelector> proxy() {
        return Optional.empty();
    }

    @Override
    public SSLContext sslContext() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException everyJdkHasOne) {
            throw new IllegalStateException(everyJdkHasOne);
        }
    }

    @Override
    public SSLParameters sslParameters() {
        return new SSLParameters();
    }

    @Override
    public Optional<Authenticator> authenticator() {
        return Optional.empty();
    }

    @Override
    public Version version() {
        return Version.HTTP_1_1;
    }

    @Override
    public Optional<Executor> executor() {
        return Optional.empty();
    }
}
