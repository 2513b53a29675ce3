package dev.atlasrotator.finding;

import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.failure.Severity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One thing that somebody should know of an account: why nothing was done, or what needs a person.
 *
 * <p>Whoever does what a remedy says, at once or an hour later, locks nobody out: what may be in use is never advised
 * away, and whatever is to be deleted by hand is to be looked at again right before.
 */
public sealed interface Finding permits AccessFinding, Failed, RotationFinding, SecretFinding, ValueFinding {
    /**
     * What a program reads of a finding.
     *
     * @param secretId the Atlas secret that it is about
     * @param retryAt when trying again can help
     * @param until when it ends by itself, or gets worse
     */
    record Facts(Optional<SecretId> secretId, Optional<Instant> retryAt, Optional<Instant> until) {
        static final Facts NONE = new Facts(Optional.empty(), Optional.empty(), Optional.empty());

        static Facts of(SecretId secret) {
            return new Facts(Optional.of(secret), Optional.empty(), Optional.empty());
        }

        Facts retryAt(Instant time) {
            return new Facts(secretId, Optional.of(time), until);
        }

        Facts until(Instant time) {
            return new Facts(secretId, retryAt, Optional.of(time));
        }
    }

    Code code();

    default Severity severity() {
        return code().usual();
    }

    /** What was seen, and what state things are in. */
    String message();

    /** What to do; empty where there is nothing. */
    default String remedy() {
        return "";
    }

    default Facts facts() {
        return Facts.NONE;
    }

    /** The error with which a step or a run by hand says it, where it ends with it. */
    default RotatorException error(String text) {
        return new RotatorException.Refused(code(), text);
    }

    /** The error that says this alone. */
    default RotatorException error() {
        return error(text());
    }

    /** Message and remedy. */
    default String text() {
        return remedy().isEmpty() ? message() : message() + " " + remedy();
    }

    /** The texts of several, in their order, each said once. */
    static String text(List<Finding> findings) {
        return findings.stream().distinct().map(Finding::text).collect(Collectors.joining(" "));
    }

    /** A time as a person reads it. */
    static Instant seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS);
    }
}
