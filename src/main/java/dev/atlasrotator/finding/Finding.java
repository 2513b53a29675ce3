package dev.atlasrotator.finding;

import static java.util.stream.Collectors.joining;

import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.failure.Severity;
import dev.atlasrotator.finding.AccessFinding.AccountUnreadable;
import dev.atlasrotator.finding.RotationFinding.CreateInFlight;
import dev.atlasrotator.finding.RotationFinding.PromotionInFlight;
import dev.atlasrotator.finding.RotationFinding.RotationInProgress;
import dev.atlasrotator.finding.SecretFinding.LeakedIsPending;
import dev.atlasrotator.finding.ValueFinding.ValueTooLong;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * One thing that an operator should know of an account: why nothing was done, or what needs a person.
 *
 * <p>Whoever does what a remedy says, at once or an hour later, locks nobody out: a remedy never deletes what may be in
 * use, and has whatever is to be deleted by hand checked again right before.
 */
public sealed interface Finding permits AccessFinding, Failed, RotationFinding, SecretFinding, ValueFinding {
    /**
     * What the catalogue says of a finding.
     *
     * @param message what was seen, and what state things are in
     * @param remedy what to do; empty where there is nothing
     */
    record Entry(Code code, Severity severity, String message, String remedy, Facts facts) {
        static Entry of(Code code) {
            return new Entry(
                    code, code.usual(), "", "", new Facts(Optional.empty(), Optional.empty(), Optional.empty()));
        }

        Entry severity(Severity other) {
            return new Entry(code, other, message, remedy, facts);
        }

        Entry message(String template, Object... values) {
            return new Entry(code, severity, sentence(template, values), remedy, facts);
        }

        Entry remedy(String template, Object... values) {
            return new Entry(code, severity, message, sentence(template, values), facts);
        }

        Entry about(SecretId secret) {
            return with(new Facts(Optional.of(secret), facts.retryAt, facts.until));
        }

        Entry retryAt(Instant time) {
            return with(new Facts(facts.secretId, Optional.of(time), facts.until));
        }

        Entry until(Instant time) {
            return with(new Facts(facts.secretId, facts.retryAt, Optional.of(time)));
        }

        Entry with(Facts others) {
            return new Entry(code, severity, message, remedy, others);
        }
    }

    /**
     * What a program reads of a finding.
     *
     * @param secretId the Atlas secret that it is about
     * @param retryAt when trying again can help
     * @param until when it ends by itself, or gets worse
     */
    record Facts(Optional<SecretId> secretId, Optional<Instant> retryAt, Optional<Instant> until) {}

    Entry entry();

    default Code code() {
        return entry().code();
    }

    default Severity severity() {
        return entry().severity();
    }

    default String message() {
        return entry().message();
    }

    /** Message and remedy. */
    default String text() {
        return (message() + " " + entry().remedy()).strip();
    }

    /** The error with which a step or a run by hand says it, where it ends with it. */
    default RotatorException error(String text) {
        return switch (this) {
            case AccountUnreadable _, ValueTooLong _ -> new RotatorException.Credential(code(), text);
            case CreateInFlight _, PromotionInFlight _ -> new RotatorException.Unavailable(code(), text);
            case LeakedIsPending _, RotationInProgress _ -> new RotatorException.Conflict(code(), text);
            default -> new RotatorException.Refused(code(), text);
        };
    }

    /** The error that says this alone. */
    default RotatorException error() {
        return error(text());
    }

    /** The texts of several, in their order, each said once. */
    static String text(List<Finding> findings) {
        return findings.stream().distinct().map(Finding::text).collect(joining(" "));
    }

    /** A template, which may be a text block of several lines, with its values. */
    static String sentence(String template, Object... values) {
        return template.replace('\n', ' ').formatted(values).strip();
    }

    /** A time as a person reads it. */
    static Instant seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS);
    }

    /** Ids as a person reads them. */
    static String list(Collection<SecretId> ids) {
        return ids.stream().map(SecretId::value).sorted().collect(joining(", "));
    }
}
