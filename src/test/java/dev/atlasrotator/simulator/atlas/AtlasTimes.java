package dev.atlasrotator.simulator.atlas;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** How Atlas writes times: whole seconds, everywhere. */
final class AtlasTimes {
    /**
     * IMF-fixdate of RFC 9110, section 5.6.7: two digits for the day, which RFC_1123_DATE_TIME does
     * not promise.
     */
    private static final DateTimeFormatter IMF_FIXDATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private AtlasTimes() {}

    static Instant toSeconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS);
    }

    static String httpDate(Instant time) {
        return IMF_FIXDATE.format(time);
    }

    /** As in bodies. */
    static String json(Instant time) {
        return toSeconds(time).toString();
    }
}
