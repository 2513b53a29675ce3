package dev.atlasrotator.atlas;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.StringTokenizer;

/**
 * Reads the three forms of a date in HTTP (RFC 9110 section 5.6.7). Without a formatter, which would lengthen the cold
 * start and does not read the two obsolete forms.
 */
final class HttpDate {
    private static final List<String> MONTHS =
            List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");

    private HttpDate() {}

    /**
     * The instant, or empty if the text has none of the three forms.
     *
     * @param now determines the century of a year of two digits
     */
    static Optional<Instant> parse(String text, Instant now) {
        var parts = new StringTokenizer(text, " ,-");
        if (parts.countTokens() < 5 || text.length() > 64) {
            return Optional.empty();
        }
        parts.nextToken(); // The day of the week adds nothing to the date.
        var second = parts.nextToken();
        try {
            return Optional.of(Character.isLetter(second.charAt(0)) ? asctime(second, parts) : day(second, parts, now));
        } catch (DateTimeException | IllegalArgumentException unreadable) {
            return Optional.empty();
        }
    }

    /** {@code Sun, 06 Nov 1994 08:49:37 GMT} or {@code Sunday, 06-Nov-94 08:49:37 GMT}. */
    private static Instant day(String day, StringTokenizer rest, Instant now) {
        var month = rest.nextToken();
        var year = rest.nextToken();
        var time = rest.nextToken();
        if (!rest.hasMoreTokens() || !rest.nextToken().equalsIgnoreCase("GMT")) {
            throw new IllegalArgumentException();
        }
        return at(year.length() == 2 ? century(number(year), now) : number(year), month, day, time);
    }

    /** {@code Sun Nov 6 08:49:37 1994}. */
    private static Instant asctime(String month, StringTokenizer rest) {
        var day = rest.nextToken();
        var time = rest.nextToken();
        return at(number(rest.nextToken()), month, day, time);
    }

    /** A year that seems to be more than 50 years ahead is the last one with these digits. */
    private static int century(int twoDigits, Instant now) {
        int thisYear = now.atOffset(ZoneOffset.UTC).getYear();
        int year = thisYear / 100 * 100 + twoDigits;
        return year > thisYear + 50 ? year - 100 : year;
    }

    private static Instant at(int year, String month, String day, String time) {
        var clock = new StringTokenizer(time, ":");
        if (clock.countTokens() != 3) {
            throw new IllegalArgumentException();
        }
        int hour = number(clock.nextToken());
        int minute = number(clock.nextToken());
        int second = number(clock.nextToken());
        return LocalDateTime.of(
                        year,
                        MONTHS.indexOf(month.toLowerCase(Locale.ROOT)) + 1,
                        number(day),
                        hour,
                        minute,
                        Math.min(second, 59)) // A leap second is written as 60.
                .toInstant(ZoneOffset.UTC);
    }

    private static int number(String digits) {
        return Integer.parseInt(digits);
    }
}
