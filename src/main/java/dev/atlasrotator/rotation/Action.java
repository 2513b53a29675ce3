package dev.atlasrotator.rotation;

import dev.atlasrotator.credential.SecretId;
import java.util.Locale;

/** Something that was done, or in a dry run would be. Its text is what the report shows. */
public sealed interface Action {
    record Created(String id) implements Action {
        @Override
        public String toString() {
            return "created " + id;
        }
    }

    record Promoted(String id) implements Action {
        @Override
        public String toString() {
            return "promoted " + id;
        }
    }

    record Deleted(SecretId id, Decision.Removal.Why why) implements Action {
        @Override
        public String toString() {
            return "deleted " + id + " (" + why.name().toLowerCase(Locale.ROOT) + ")";
        }
    }

    /** Secrets Manager was asked to rotate. */
    record Requested() implements Action {
        @Override
        public String toString() {
            return "requested";
        }
    }

    /** An attempt that stood was taken up again. */
    record Resumed() implements Action {
        @Override
        public String toString() {
            return "resumed";
        }
    }

    /** An attempt that could never work was ended. */
    record GaveUp() implements Action {
        @Override
        public String toString() {
            return "gaveUp";
        }
    }
}
