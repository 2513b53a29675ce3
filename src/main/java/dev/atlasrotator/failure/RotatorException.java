package dev.atlasrotator.failure;

import java.time.Duration;
import java.util.Optional;

/**
 * All the ways to fail. Who must act decides the type, and the type is what Lambda reports as the
 * error's type.
 *
 * <p>A message says what happened, what state things are in now and what to do. It names ids, never
 * values. No other exception is ever chained as a cause: Lambda prints causes, and a parser's
 * message quotes the text it stumbles over.
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

    /** The kind's name as it stands in the report. */
    public final String kind() {
        return getClass().getSimpleName();
    }

    /** The same with one more sentence at its end. */
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

    /** A setting or an event is wrong: whoever deploys or calls the function acts. */
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

    /** A rule of ours says no: a person decides. */
    public static final class Refused extends RotatorException {
        private static final long serialVersionUID = 1L;

        public Refused(String message) {
            super(message);
        }
    }

    /** A service does not answer, throttles, or there is no time left: trying again helps. */
    public static final class Unavailable extends RotatorException {
        private static final long serialVersionUID = 1L;
        private final transient Optional<Duration> retryAfter;

        public Unavailable(String message) {
            this(message, Optional.empty());
        }

        /** The service has said how long it asks to be left alone, or not. */
        public Unavailable(String message, Optional<Duration> retryAfter) {
            super(message);
            this.retryAfter = retryAfter;
        }

        /** How long the service asks to be left alone, where it said so. */
        public Optional<Duration> retryAfter() {
            return retryAfter;
        }
    }

    /** Somebody else moved things meanwhile: look again, then decide. */
    public static final class Conflict extends RotatorException {
        private static final long serialVersionUID = 1L;

        public Conflict(String message) {
            super(message);
        }
    }
}
