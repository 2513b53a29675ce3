package dev.atlasrotator.atlas;

import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.json.Json;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A complete response of Atlas, or of a proxy before it.
 *
 * @param body hidden: it may hold a created secret or a token
 * @param received by our own clock
 * @param error the error; empty if there is none
 */
record AtlasResponse(int status, HttpHeaders headers, Sensitive body, Instant received, AtlasError error) {
    // Our own clock is right within minutes, or AWS would reject our signatures. A date that differs by more comes from
    // a broken proxy, and would make living secrets seem expired.
    private static final Duration ASKEW_MAX = Duration.ofHours(3);

    /** What a response means, whatever the request was. */
    enum Verdict {
        DONE,
        /** Not now, and nothing was done: every request may be repeated. */
        THROTTLED,
        /** It may have been done or not. */
        FAILED,
        /** Another write was in progress (409 {@code DATA_CONCURRENCY_ERROR}, undocumented). */
        CONCURRENT_WRITE,
        /** A redirect, which is never followed: its target would get the credential. */
        REDIRECT,
        REFUSED
    }

    Verdict verdict() {
        if (status >= 200 && status < 300) {
            return Verdict.DONE;
        }
        if (status == 429 || (status == 405 && error.code().equals("WRITES_NOT_ALLOWED_DURING_APP_UPGRADES"))) {
            return Verdict.THROTTLED;
        }
        if (status == 408 || status >= 500 || status < 200) {
            return Verdict.FAILED;
        }
        if (status == 409) {
            return Verdict.CONCURRENT_WRITE;
        }
        return status < 400 ? Verdict.REDIRECT : Verdict.REFUSED;
    }

    /** The object in the body, if it holds one. */
    Optional<Map<String, Object>> json() {
        return Json.object(body.reveal());
    }

    /** Atlas's clock; ours if the response has no date or an impossible one. */
    Instant at() {
        return headers.firstValue("Date")
                .flatMap(text -> HttpDate.parse(text, received))
                .filter(told -> Duration.between(told, received).abs().compareTo(ASKEW_MAX) <= 0)
                .orElse(received);
    }

    /** The wait that Atlas asked for: seconds or a date (RFC 9110 section 10.2.3). */
    Optional<Duration> retryAfter() {
        return headers.firstValue("Retry-After").map(String::strip).flatMap(this::pause);
    }

    private Optional<Duration> pause(String text) {
        if (text.matches("[0-9]+")) {
            // Nine digits of seconds are 31 years, as good as any longer time.
            return Optional.of(Duration.ofSeconds(text.length() > 9 ? 999_999_999L : Long.parseLong(text)));
        }
        return HttpDate.parse(text, received)
                .map(end -> Duration.between(at(), end))
                .map(pause -> pause.isNegative() ? Duration.ZERO : pause);
    }

    @Override
    public String toString() {
        return "AtlasResponse[" + status + " " + error.code() + "]";
    }
}
