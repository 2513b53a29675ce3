package dev.atlasrotator.atlas;

import dev.atlasrotator.credential.Sensitive;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Collects the body of a response up to a maximum. Beyond it the connection is closed and the body counts as empty, but
 * the status is kept. The JDK's own limiting subscriber would fail the whole response, and a rejection with a long HTML
 * page is still a rejection.
 */
final class BoundedBody implements BodySubscriber<Sensitive> {
    private final CompletableFuture<Sensitive> whole = new CompletableFuture<>();
    private final ByteArrayOutputStream seen = new ByteArrayOutputStream();
    private final int bytesMax;
    private Flow.@Nullable Subscription source;

    BoundedBody(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    @Override
    public CompletionStage<Sensitive> getBody() {
        return whole;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        source = subscription;
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> pieces) {
        if (whole.isDone()) {
            return; // Some buffers may still arrive after the subscription was cancelled.
        }
        for (ByteBuffer piece : pieces) {
            if (seen.size() + piece.remaining() > bytesMax) {
                whole.complete(new Sensitive(""));
                if (source != null) {
                    source.cancel();
                }
                return;
            }
            var bytes = new byte[piece.remaining()];
            piece.get(bytes);
            seen.writeBytes(bytes);
        }
    }

    @Override
    public void onError(Throwable failure) {
        whole.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        whole.complete(new Sensitive(seen.toString(StandardCharsets.UTF_8)));
    }
}
