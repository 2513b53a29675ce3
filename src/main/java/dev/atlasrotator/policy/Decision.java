package dev.atlasrotator.policy;

import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.RotationFinding.RotationCannotWork;
import dev.atlasrotator.secretsmanager.VersionId;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What is done next. A value: it can be printed, compared and enumerated, and nothing has happened yet. Each way of
 * calling takes those that it can be told; {@link Action#of} says what they come to.
 */
public sealed interface Decision {
    /** Why, where an operator should know; the report says it. */
    default List<Finding> findings() {
        return List.of();
    }

    /** What a rotation can be told. */
    sealed interface ToRotate extends Decision {}

    /** One secret to delete at Atlas, and why it may be. */
    record Removal(SecretId id, Why why) {
        /** The ground on which it may go; the report names it. */
        public enum Why {
            EXPIRED,
            ORPHAN,
            SUPERSEDED,
            REVOKED;

            /** As the report names it. */
            public String text() {
                return name().toLowerCase(Locale.ROOT);
            }
        }

        /** All of these, for one reason. */
        static List<Removal> of(List<AtlasSecret> secrets, Why why) {
            return secrets.stream().map(one -> new Removal(one.id(), why)).toList();
        }

        @Override
        public String toString() {
            return id + " (" + why.text() + ")";
        }
    }

    /** The pending value was stored by an earlier run, and Atlas has it: nothing to create. */
    record Resume(VersionId pending, List<Removal> first) implements ToRotate {
        @Override
        public String toString() {
            return "resume version " + pending + after(first);
        }
    }

    /** Create a secret, after making room. */
    record Create(List<Removal> first, int lifetimeHours) implements ToRotate {
        @Override
        public String toString() {
            return "create a secret for " + lifetimeHours + " hours" + after(first);
        }
    }

    /**
     * What is pending can never work: take AWSPENDING off it, so that the next rotation can begin.
     *
     * @param next what follows in the same run
     */
    record Abandon(VersionId pending, List<Removal> first, String why, Next next) implements ToRotate {
        /** What follows once the rotation in progress has been abandoned. */
        public enum Next {
            NOTHING,
            /** Secrets Manager is asked for a new rotation. */
            REQUEST,
            /** The run reads again, and rotates. */
            ROTATE
        }

        @Override
        public List<Finding> findings() {
            return List.of(new RotationCannotWork(why));
        }

        /** The same with another continuation. */
        public Abandon then(Next other) {
            return new Abandon(pending, first, why, other);
        }

        @Override
        public String toString() {
            return "abandon version " + pending + after(first) + ": " + why;
        }
    }

    /** What is pending has leaked: abandon that rotation, then delete its secret. */
    record RevokePending(VersionId pending, SecretId leaked) implements Decision {
        @Override
        public String toString() {
            return "abandon version " + pending + ", then delete " + leaked;
        }
    }

    /** Old secrets may go: delete them. */
    record Delete(List<Removal> removals, List<Finding> findings) implements Decision {
        @Override
        public String toString() {
            return "delete " + removals;
        }
    }

    /** Ask Secrets Manager to rotate, or to resume what it has begun. */
    record RequestRotation() implements Decision {
        @Override
        public String toString() {
            return "request a rotation";
        }
    }

    /** Nothing is to be done. */
    record Nothing(List<Finding> findings) implements Decision {
        @Override
        public String toString() {
            return "nothing";
        }
    }

    /**
     * Do nothing, and fail.
     *
     * @param findings the reason first, then what else there is to say
     */
    record Refuse(List<Finding> findings) implements ToRotate {
        /** With the reason alone. */
        public static Refuse because(Finding reason) {
            return new Refuse(List.of(reason));
        }

        /** The error that says it. */
        public RotatorException exception() {
            return findings.getFirst().error(Finding.text(findings));
        }

        @Override
        public String toString() {
            return "refuse: " + Finding.text(findings);
        }
    }

    private static String after(List<Removal> first) {
        return first.isEmpty()
                ? ""
                : first.stream().map(Removal::toString).collect(Collectors.joining(", ", ", after deleting ", ""));
    }
}
