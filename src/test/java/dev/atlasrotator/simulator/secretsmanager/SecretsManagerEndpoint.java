package dev.atlasrotator.simulator.secretsmanager;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Turns a request's target and body into status, headers and body; the same for HTTP and in
 * process.
 */
final class SecretsManagerEndpoint {
    /** What goes back to the client. */
    record Answer(int status, Map<String, List<String>> headers, String body) {}

    private final SecretsManagerModel model;
    private final Queue<Throwable> wentWrong = new ConcurrentLinkedQueue<>();
    private final AtomicLong requests = new AtomicLong();

    SecretsManagerEndpoint(SecretsManagerModel model) {
        this.model = model;
    }

    /** Empty if the connection is to be closed without an answer. */
    Optional<Answer> answer(String target, byte[] body) {
        try {
            return switch (reply(target, body)) {
                case SecretsManagerReply.Success(Map<String, Object> members) ->
                    Optional.of(answer(200, Map.of(), SecretsManagerWire.write(members)));
                case SecretsManagerReply.Failure(SecretsManagerError error) ->
                    Optional.of(answer(
                            error.status(),
                            Map.of(SecretsManagerWire.ERROR_TYPE, error.code()),
                            SecretsManagerWire.body(error)));
                case SecretsManagerReply.Canned(int status, Map<String, String> headers, String text) ->
                    Optional.of(answer(status, headers, text));
                case SecretsManagerReply.Closed closed -> Optional.empty();
            };
        } catch (RuntimeException | Error e) {
            // A server's thread would swallow it; kept for close().
            wentWrong.add(e);
            return Optional.empty();
        }
    }

    private SecretsManagerReply reply(String target, byte[] body) {
        if (!target.startsWith(SecretsManagerWire.TARGET_PREFIX)) {
            throw new UnsupportedOperationException("not a call of Secrets Manager: target '" + target + "'");
        }
        try {
            var members = SecretsManagerWire.read(body);
            return model.handle(target.substring(SecretsManagerWire.TARGET_PREFIX.length()), members);
        } catch (SecretsManagerError unreadable) {
            return new SecretsManagerReply.Failure(unreadable);
        }
    }

    private Answer answer(int status, Map<String, String> given, String body) {
        var headers = new HashMap<String, List<String>>();
        headers.put("Content-Type", List.of(SecretsManagerWire.CONTENT_TYPE));
        headers.put(
                SecretsManagerWire.REQUEST_ID,
                List.of("00000000-0000-4000-8000-%012x".formatted(requests.incrementAndGet())));
        given.forEach((name, value) -> headers.put(name, List.of(value)));
        return new Answer(status, headers, body);
    }

    void throwWhatWentWrong() {
        var first = wentWrong.poll();
        if (first != null) {
            var error = new AssertionError("the Secrets Manager stand-in was asked what it cannot answer", first);
            wentWrong.forEach(error::addSuppressed);
            throw error;
        }
    }
}
