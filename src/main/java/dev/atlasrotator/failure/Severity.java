package dev.atlasrotator.failure;

import java.util.Locale;

/** Who has to hear of it. */
public enum Severity {
    /** Goes by itself. */
    INFO,
    /** A person must do something within days. */
    WARNING,
    /** A consumer is locked out, or will be before somebody who reads mail daily would act. */
    CRITICAL;

    /** As the report shows it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
