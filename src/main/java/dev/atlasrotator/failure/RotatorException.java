package dev.atlasrotator.failure;

import java.time.Duration;
import java.util.Optional;

/**
 * All the ways to fail. Who must act decides the type, and the type is what Lambda reports as the error's type.
 *
 * <p>A message begins with the code of its finding and says what happened, what state things are in now and what to do.
 * It names ids, never values. No other exception is ever chained as a cause: Lambda prints causes, and a parser's
 * message quotes the text that it cannot read.
 */
public abstract sealed class RotatorException extends RuntimeException {
    private final Code code;
    private final String text;

    private RotatorException(Code code, String text) {
        super(text);
        this.code = code;
        this.text = text;
    }

    /** The code, and what happened, what state things are in, and what to do. */
    @Override
    public final String getMessage() {
        return code + ": " + text;
    }

    /** The message without its code. */
    public final String text() {
        return text;
    }

    /** The runbook's heading. */
    public final Code code() {
        return code;
    }

    /** The kind's name, as a log line shows it. */
    public final String kind() {
        return getClass().getSimpleName();
    }

    /** The same with one more sentence at the end. */
    public final RotatorException and(String sentence) {
        var longer = text + " " + sentence;
        return switch (this) {
            case Configuration configuration -> new Configuration(code, longer);
            case Credential credential -> new Credential(code, longer);
            case Refused refused -> new Refused(code, longer);
            case Unavailable unavailable -> new Unavailable(code, longer, unavailable.retryAfter);
            case Conflict conflict -> new Conflict(code, longer);
        };
    }

    /** A setting or an event is wrong: an operator of the function acts. */
    public static final class Configuration extends RotatorException {
        public Configuration(String text) {
            this(Code.CONFIGURATION, text);
        }

        public Configuration(Code code, String text) {
            super(code, text);
        }
    }

    /** A value is malformed, or Atlas does not accept it: the owner of the stored secret acts. */
    public static final class Credential extends RotatorException {
        /** A value is malformed. */
        public Credential(String text) {
            this(Code.VALUE_MALFORMED, text);
        }

        public Credential(Code code, String text) {
            super(code, text);
        }
    }

    /** A rule does not allow it: an operator decides. */
    public static final class Refused extends RotatorException {
        public Refused(Code code, String text) {
            super(code, text);
        }
    }

    /** A service does not respond, throttles, or there is no time left: a retry helps. */
    public static final class Unavailable extends RotatorException {
        private final Optional<Duration> retryAfter;

        public Unavailable(Code code, String text) {
            this(code, text, Optional.empty());
        }

        /** The service has said how long it asks to be left alone, or not. */
        public Unavailable(Code code, String text, Optional<Duration> retryAfter) {
            super(code, text);
            this.retryAfter = retryAfter;
        }

        /** The wait that the service asked for, if it did. */
        public Optional<Duration> retryAfter() {
            return retryAfter;
        }
    }

    /** Somebody else changed something at the same time: read again, then decide. */
    public static final class Conflict extends RotatorException {
        public Conflict(String text) {
            this(Code.CHANGED_MEANWHILE, text);
        }

        public Conflict(Code code, String text) {
            super(code, text);
        }
    }
}
