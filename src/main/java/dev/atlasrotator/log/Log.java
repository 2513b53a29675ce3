package dev.atlasrotator.log;

import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.json.Json;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Writes one JSON object per line. Fields that all lines of a piece of work share (event, stored secret, step, version)
 * are bound once around that work with {@link #around}; threads started inside must bind them again.
 *
 * @param sink receives each complete line, without its line break
 */
public record Log(Consumer<String> sink, InstantSource clock) {
    /** The severity of a line. */
    public enum Level {
        INFO,
        WARN,
        ERROR
    }

    /**
     * What is bound around a piece of work.
     *
     * @param counts where calls that succeed are counted; without it each is a line
     */
    public record Bound(Map<String, Object> fields, Optional<CallCounts> counts) {
        private static final Bound NOTHING = new Bound(Map.of(), Optional.empty());
    }

    private static final ScopedValue<Bound> SHARED = ScopedValue.newInstance();

    /** Runs work whose lines all have these fields, in addition to those that are bound already. */
    public static <T> T around(Map<String, ?> fields, Supplier<T> work) {
        var all = new LinkedHashMap<>(bound().fields);
        all.putAll(fields);
        return around(new Bound(all, bound().counts), work);
    }

    /** What is bound now, to be bound again in a thread that is started from here. */
    public static Bound bound() {
        return SHARED.orElse(Bound.NOTHING);
    }

    /** Runs work with what was bound in another thread. */
    public static <T> T around(Bound bound, Supplier<T> work) {
        return ScopedValue.where(SHARED, bound).call(work::get);
    }

    /** Runs work whose calls are counted where they succeed: when it has ended, each operation is one line. */
    public <T> T countingCalls(Supplier<T> work) {
        var counts = new CallCounts();
        try {
            return around(new Bound(bound().fields, Optional.of(counts)), work);
        } finally {
            counts.lines().forEach(fields -> line(Level.INFO, "remote calls", fields));
        }
    }

    /** Runs work of which each call is a line, whatever is counted around it. */
    public static void withEachCall(Runnable work) {
        ScopedValue.where(SHARED, new Bound(bound().fields, Optional.empty())).run(work);
    }

    /**
     * Writes a line. Fields hold ids, labels, codes, decisions and durations: nothing that is not meant to be printed.
     */
    public void line(Level level, String message, Map<String, ?> fields) {
        var line = new LinkedHashMap<String, Object>();
        line.put("at", clock.instant().toString());
        line.put("level", level.name());
        line.put("message", message);
        line.putAll(bound().fields);
        fields.forEach((key, value) -> line.put(key, value instanceof Number ? value : String.valueOf(value)));
        sink.accept(Json.text(line));
    }

    /** A remote call that succeeded: a line, unless such calls are counted. */
    public void callSucceeded(String service, String operation, String outcome, Duration took) {
        bound().counts
                .ifPresentOrElse(
                        counts -> counts.add(service, operation, took), () -> call(service, operation, outcome, took));
    }

    /** A remote call and its outcome, as a line. */
    public void call(String service, String operation, String outcome, Duration took) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("service", service);
        fields.put("operation", operation);
        fields.put("outcome", outcome);
        fields.put("milliseconds", took.toMillis());
        line(Level.INFO, "remote call", fields);
    }

    /**
     * Logs an unexpected error without its message (which may quote anything), and returns it as an error of a declared
     * kind.
     */
    public RotatorException defect(RuntimeException defect) {
        var frames = Arrays.stream(defect.getStackTrace())
                .limit(8)
                .map(StackTraceElement::toString)
                .toList();
        var name = defect.getClass().getName();
        line(Level.ERROR, "unexpected error", Map.of("exception", name, "frames", frames));
        return new RotatorException.Unavailable(Code.UNEXPECTED_ERROR, """
            An unexpected %s ended this piece of work; the log says where. What had been done before remains, and \
            the next run finishes or undoes it. Please report it.\
            """.formatted(name));
    }

    /** Writes a line that is JSON already: the report, or the metrics that CloudWatch extracts. */
    public void raw(String json) {
        sink.accept(json);
    }
}
