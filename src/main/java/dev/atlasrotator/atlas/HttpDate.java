package dev.atlasrotator.atlas;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the three forms of a date in HTTP (RFC 9110 section 5.6.7). Without a formatter, which would lengthen the cold
 * start and does not read the two obsolete forms.
 */
final class HttpDate {
    private static final List<String> MONTHS =
            List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");

    private static final String TIME = "(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)";

    // Sun, 06 Nov 1994 08:49:37 GMT; Sunday, 06-Nov-94 08:49:37 GMT; Sun Nov  6 08:49:37 1994
    private static final List<Pattern> FORMS = List.of(
            form("\\w+, *(?<day>\\d\\d?)[ -](?<month>\\w{3})[ -](?<year>\\d{4}|\\d\\d) +" + TIME + " +GMT"),
            form("\\w+ +(?<month>\\w{3}) +(?<day>\\d\\d?) +" + TIME + " +(?<year>\\d{4})"));

    private HttpDate() {}

    private static Pattern form(String regex) {
        return Pattern.compile(regex, Pattern.CASE_INSENSITIVE);
    }

    /**
     * The instant, or empty if the text has none of the three forms.
     *
     * @param now determines the century of a year of two digits
     */
    static Optional<Instant> parse(String text, Instant now) {
        return FORMS.stream()
                .map(form -> form.matcher(text))
                .filter(Matcher::matches)
                .findFirst()
                .flatMap(date -> instant(date, now));
    }

    private static Optional<Instant> instant(Matcher date, Instant now) {
        int year = number(date, "year");
        try {
            return Optional.of(LocalDateTime.of(
                            year < 100 ? century(year, now) : year,
                            MONTHS.indexOf(date.group("month").toLowerCase(Locale.ROOT)) + 1,
                            number(date, "day"),
                            number(date, "hour"),
                            number(date, "minute"),
                            Math.min(number(date, "second"), 59)) // A leap second is written as 60.
                    .toInstant(ZoneOffset.UTC));
        } catch (DateTimeException noSuchDay) {
            return Optional.empty();
        }
    }

    /** A year that seems to be more than 50 years ahead is the last one with these digits. */
    private static int century(int twoDigits, Instant now) {
        int thisYear = now.atOffset(ZoneOffset.UTC).getYear();
        int year = thisYear / 100 * 100 + twoDigits;
        return year > thisYear + 50 ? year - 100 : year;
    }

    private static int number(Matcher date, String group) {
        return Integer.parseInt(date.group(group));
    }
}
