package dev.atlasrotator.failure;

import java.time.Duration;
import java.util.Optional;

/**
 * All the ways to fail. The type says who must act, and Lambda reports it as the error's type.
 *
 * <p>A message says what happened, what state things are in now and what to do. It names ids, never values. No other
 * exception is ever chained as a cause: Lambda prints causes, and a parser's message quotes the text that it failed on.
 */
public abstract sealed class RotatorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String message;

    private RotatorException(String message) {
        super(message);
        this.message = message;
    }

    /** What happened, what state things are in, and what to do. */
    @Override
    public final String getMessage() {
        return message;
    }

    /** The kind's name in the report. */
    public final String kind() {
        return getClass().getSimpleName();
    }

    /** The same with one more sentence at the end. */
    public final RotatorException and(String sentence) {
        var longer = message + " " + sentence;
        return switch (this) {
            case Configuration configuration -> new Configuration(longer);
            case Credential credential -> new Credential(longer);
            case Refused refused -> new Refused(longer);
            case Unavailable unavailable -> new Unavailable(longer, unavailable.retryAfter);
            case Conflict conflict -> new Conflict(longer);
        };
    }

    /** A setting or an event is wrong: whoever deploys or invokes the function acts. */
    public static final class Configuration extends RotatorException {
        private static final long serialVersionUID = 1L;

        public Configuration(String message) {
            super(message);
        }
    }

    /** A value is malformed, or Atlas does not accept it: the owner of the stored secret acts. */
    public static final class Credential extends RotatorException {
        private static final long serialVersionUID = 1L;

        public Credential(String message) {
            super(message);
        }
    }

    /** A rule does not allow it: an operator decides. */
    public static final class Refused extends RotatorException {
        private static final long serialVersionUID = 1L;

        public Refused(String message) {
            super(message);
        }
    }

    /** A service does not respond, throttles, or there is no time left: a retry helps. */
    public static final class Unavailable extends RotatorException {
        private static final long serialVersionUID = 1L;
        private final transient Optional<Duration> retryAfter;

        public Unavailable(String message) {
            this(message, Optional.empty());
        }

        /** With the wait that the service asked for, if it did. */
        public Unavailable(String message, Optional<Duration> retryAfter) {
            super(message);
            this.retryAfter = retryAfter;
        }

        /** The wait that the service asked for, if it did. */
        public Optional<Duration> retryAfter() {
            return retryAfter;
        }
    }

    /** Somebody else changed something at the same time: read again, then decide. */
    public static final class Conflict extends RotatorException {
        private static final long serialVersionUID = 1L;

        public Conflict(String message) {
            super(message);
        }
    }
}
