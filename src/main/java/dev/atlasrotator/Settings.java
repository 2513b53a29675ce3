package dev.atlasrotator;

import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.finding.Margin;
import dev.atlasrotator.report.Reporting.Mode;
import dev.atlasrotator.snapshot.RotationTimes;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Every setting, validated on construction: if one is out of bounds, startup fails with a message that names the bound.
 *
 * @param atlasBaseUrl base URL of Atlas; never taken from a stored value
 * @param adminSecretId name or ARN of the stored secret with the admin credential for all accounts
 * @param managedTag key of the tag that makes a stored secret part of the sweep
 * @param secretNamePrefix prefix of the names of the sweep's stored secrets; empty for any name
 * @param sweepMode whether a sweep acts, or only says what it would do
 * @param sweepInterval the time between two scheduled sweeps
 * @param rotationsPerSweep how many accounts a sweep rotates for their age alone
 * @param sweepConcurrency how many accounts a sweep works on concurrently
 * @param workQueueUrl the SQS queue to which a sweep enqueues its work
 * @param workQueueConcurrency how many runs process that queue at once
 * @param functionTimeout the function's time-out, if it is configured
 */
public record Settings(
        URI atlasBaseUrl,
        RotationTimes times,
        Optional<String> adminSecretId,
        String managedTag,
        String secretNamePrefix,
        Mode sweepMode,
        Duration sweepInterval,
        int rotationsPerSweep,
        int sweepConcurrency,
        Optional<String> workQueueUrl,
        int workQueueConcurrency,
        Optional<Duration> functionTimeout) {
    private static final String BASE_URL = "ATLAS_BASE_URL";
    private static final String INSECURE_HOSTS = "ATLAS_INSECURE_HOSTS";
    private static final String EXPIRES = "SECRET_EXPIRES_AFTER_HOURS";
    private static final String ROTATE_AFTER = "ROTATE_AFTER_HOURS";
    private static final String OVERLAP = "OVERLAP_HOURS";
    private static final String ADMIN = "ADMIN_SECRET_ID";
    private static final String TAG = "MANAGED_TAG";
    private static final String PREFIX = "SECRET_NAME_PREFIX";
    private static final String MODE = "SWEEP_MODE";
    private static final String INTERVAL = "SWEEP_INTERVAL_MINUTES";
    private static final String ROTATIONS = "ROTATIONS_PER_SWEEP";
    private static final String CONCURRENCY = "SWEEP_CONCURRENCY";
    private static final String QUEUE = "WORK_QUEUE_URL";
    private static final String QUEUE_RUNS = "WORK_QUEUE_CONCURRENCY";
    private static final String TIMEOUT = "FUNCTION_TIMEOUT_SECONDS";

    /** The characters of a stored secret's name (Secrets Manager's API reference, CreateSecret). */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9/_+=.@-]{1,512}");

    /**
     * Reads the settings.
     *
     * @param environment the process's environment; an empty value counts as none
     * @throws RotatorException.Configuration if one is out of bounds, or they do not fit together
     */
    public static Settings from(Map<String, String> environment) {
        int lifetime = number(environment, EXPIRES, RotationTimes.LIFETIME_HOURS_MIN, RotationTimes.LIFETIME_HOURS_MAX)
                .orElse(2160);
        int rotateAfter = number(
                        environment,
                        ROTATE_AFTER,
                        RotationTimes.ROTATE_AFTER_HOURS_MIN,
                        RotationTimes.ROTATE_AFTER_HOURS_MAX)
                .orElse(720);
        int overlap =
                number(environment, OVERLAP, 0, RotationTimes.OVERLAP_HOURS_MAX).orElse(24);
        var times = new RotationTimes(lifetime, Duration.ofHours(rotateAfter), Duration.ofHours(overlap));
        checkThatTheyFit(times);
        var tag = text(environment, TAG).orElse("atlas-secret-rotator");
        if (tag.length() > 128) { // Secrets Manager's API reference, Tag
            throw wrong(TAG, "has %d characters; a tag's key has 1 to 128".formatted(tag.length()));
        }
        return new Settings(
                baseUrl(environment),
                times,
                text(environment, ADMIN),
                tag,
                namePrefix(environment),
                mode(environment),
                Duration.ofMinutes(number(environment, INTERVAL, 1, 20_160).orElse(60)),
                number(environment, ROTATIONS, 1, 10_000).orElse(25),
                number(environment, CONCURRENCY, 1, 64).orElse(64),
                text(environment, QUEUE),
                number(environment, QUEUE_RUNS, 2, 1000).orElse(4),
                number(environment, TIMEOUT, 1, 900).map(Duration::ofSeconds));
    }

    /** How many runs work side by side: one sweep, or those that process its queue. */
    public int runs() {
        return workQueueUrl.isPresent() ? workQueueConcurrency : 1;
    }

    private static String namePrefix(Map<String, String> environment) {
        var prefix = text(environment, PREFIX).orElse("");
        if (!prefix.isEmpty() && !NAME.matcher(prefix).matches()) {
            throw wrong(PREFIX, "must be letters, digits and /_+=.@- only, 512 at most");
        }
        return prefix;
    }

    private static Mode mode(Map<String, String> environment) {
        var text = text(environment, MODE).orElse(Mode.ACT.text());
        return Arrays.stream(Mode.values())
                .filter(mode -> mode.text().equals(text))
                .findFirst()
                .orElseThrow(() -> wrong(MODE, "must be act or observe"));
    }

    private static void checkThatTheyFit(RotationTimes times) {
        if (times.overlap().compareTo(times.rotateAfter()) > 0) {
            throw wrong(
                    OVERLAP,
                    "is %d; it cannot be longer than %s, which is %d"
                            .formatted(
                                    times.overlap().toHours(),
                                    ROTATE_AFTER,
                                    times.rotateAfter().toHours()));
        }
        var life = Duration.ofHours(times.lifetimeHours());
        var margin = Margin.of(life);
        var kept = margin.compareTo(times.overlap()) > 0 ? margin : times.overlap();
        if (times.rotateAfter().plus(kept).compareTo(life) > 0) {
            throw wrong(
                    ROTATE_AFTER,
                    "is %d; with the longer of overlap and margin (%d hours) it must fit into %s, which is %d"
                            .formatted(times.rotateAfter().toHours(), kept.toHours(), EXPIRES, life.toHours()));
        }
    }

    private static URI baseUrl(Map<String, String> environment) {
        var text = text(environment, BASE_URL).orElse("https://cloud.mongodb.com");
        URI url;
        try {
            url = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
        } catch (IllegalArgumentException notOne) {
            throw wrong(BASE_URL, "is not a URL");
        }
        // Scheme and host are case-insensitive (RFC 3986 section 6.2.2.1).
        var scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
        var host = String.valueOf(url.getHost()).toLowerCase(Locale.ROOT);
        boolean bare = (url.getPath() == null || url.getPath().isEmpty())
                && url.getQuery() == null
                && url.getFragment() == null
                && url.getUserInfo() == null;
        if (url.getHost() == null || !bare) {
            throw wrong(BASE_URL, "must be a scheme and a host, like https://cloud.mongodb.com");
        }
        if (scheme.equals("https")) {
            return url;
        }
        if (scheme.equals("http")
                && (isLoopback(host) || insecureHosts(environment).contains(host))) {
            return url;
        }
        throw wrong(
                BASE_URL,
                "must begin with https; plain http is only for a loopback address or a host named in %s"
                        .formatted(INSECURE_HOSTS));
    }

    /**
     * Decided by the name alone: a name that resolves to a loopback address now could resolve to another one later.
     */
    private static boolean isLoopback(String host) {
        return host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.[0-9]{1,3}){3}");
    }

    private static List<String> insecureHosts(Map<String, String> environment) {
        return Stream.of(text(environment, INSECURE_HOSTS).orElse("").split(",", -1))
                .map(host -> host.strip().toLowerCase(Locale.ROOT))
                .toList();
    }

    private static Optional<Integer> number(Map<String, String> environment, String name, int least, int most) {
        var number = text(environment, name).map(text -> text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : -1);
        if (number.filter(value -> value < least || value > most).isPresent()) {
            throw wrong(name, "must be a whole number from %d to %d".formatted(least, most));
        }
        return number;
    }

    private static Optional<String> text(Map<String, String> environment, String name) {
        var text = Optional.ofNullable(environment.get(name)).map(String::strip).filter(some -> !some.isEmpty());
        if (text.filter(Sensitive::isAtlasSecret).isPresent()) {
            throw wrong(name, "holds a client secret; store that in Secrets Manager, and replace it: it was readable");
        }
        return text;
    }

    private static RotatorException wrong(String name, String what) {
        return new RotatorException.Configuration("%s %s.".formatted(name, what));
    }
}
