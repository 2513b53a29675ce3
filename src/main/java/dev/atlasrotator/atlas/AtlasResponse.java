package dev.atlasrotator.atlas;

import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.json.Json;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A whole answer of Atlas's, or of something that stands between.
 *
 * @param body hidden: a created secret and a token come in it
 * @param received by our own clock
 * @param error what can be told of an error; empty texts where there is none
 */
record AtlasResponse(int status, HttpHeaders headers, Sensitive body, Instant received, AtlasError error) {
    // Ours is right within minutes, else AWS would take none of our signatures. A date further off
    // comes from a broken proxy, and would make living secrets seem expired.
    private static final Duration ASKEW_MAX = Duration.ofHours(3);

    /** How an answer is to be taken, whoever asked. */
    enum Verdict {
        DONE,
        /** Not now, and nothing was done: asking again is safe for every request. */
        NOT_NOW,
        /** It may have been done or not. */
        FAILED,
        /** Another write was under way (409 {@code DATA_CONCURRENCY_ERROR}, undocumented). */
        BUSY,
        /** A redirect, which is never followed: whoever it names would get the credential. */
        REDIRECT,
        REFUSED
    }

    Verdict verdict() {
        if (status >= 200 && status < 300) {
            return Verdict.DONE;
        }
        if (status == 429 || (status == 405 && error.code().equals("WRITES_NOT_ALLOWED_DURING_APP_UPGRADES"))) {
            return Verdict.NOT_NOW;
        }
        if (status == 408 || status >= 500 || status < 200) {
            return Verdict.FAILED;
        }
        if (status == 409) {
            return Verdict.BUSY;
        }
        return status < 400 ? Verdict.REDIRECT : Verdict.REFUSED;
    }

    /** The object in the body, if it holds one. */
    Optional<Map<String, Object>> json() {
        return Json.object(body.reveal());
    }

    /** Atlas's clock; ours where the answer does not tell, or tells what cannot be. */
    Instant at() {
        return headers.firstValue("Date")
                .flatMap(text -> HttpDate.parse(text, received))
                .filter(told -> Duration.between(told, received).abs().compareTo(ASKEW_MAX) <= 0)
                .orElse(received);
    }

    /** How long Atlas asks to be left alone: seconds or a date (RFC 9110 section 10.2.3). */
    Optional<Duration> retryAfter() {
        return headers.firstValue("Retry-After").map(String::strip).flatMap(this::pause);
    }

    private Optional<Duration> pause(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (text.chars().allMatch(digit -> digit >= '0' && digit <= '9')) {
            // Nine digits are 31 years, which is as good as any longer time.
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
