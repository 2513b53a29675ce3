package dev.atlasrotator.rotation;

import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.secretsmanager.VersionId;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a rotation does next. A value: it can be printed, compared and enumerated, and nothing has
 * happened yet.
 */
public sealed interface Decision {
    /** One secret to delete at Atlas, and why it may be. */
    record Removal(SecretId id, Why why) {
        /** The ground on which it may go; the report names it. */
        public enum Why {
            EXPIRED,
            ORPHAN,
            SUPERSEDED,
            REVOKED
        }

        @Override
        public String toString() {
            return id + " (" + why.name().toLowerCase(Locale.ROOT) + ")";
        }
    }

    /** The pending value was stored by an earlier run, and Atlas has it: nothing to create. */
    record Resume(VersionId pending, List<Removal> first) implements Decision {
        @Override
        public String toString() {
            return "resume version " + pending + after(first);
        }
    }

    /** Create a secret, after making room. */
    record Create(List<Removal> first, int lifetimeHours) implements Decision {
        @Override
        public String toString() {
            return "create a secret for " + lifetimeHours + " hours" + after(first);
        }
    }

    /**
     * What is pending can never work: take AWSPENDING off it, so that the next rotation can begin.
     */
    record GiveUp(VersionId pending, List<Removal> first, String why) implements Decision {
        @Override
        public String toString() {
            return "give version " + pending + " up" + after(first) + ": " + why;
        }
    }

    /**
     * Do nothing, and say why.
     *
     * @param findings the reason first, then what else there is to say
     */
    record Refuse(List<Finding> findings) implements Decision {
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
