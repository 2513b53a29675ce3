package dev.atlasrotator.hostile;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.atlas.AtlasAnswer;
import dev.atlasrotator.simulator.atlas.AtlasOutcome;
import dev.atlasrotator.simulator.atlas.AtlasRequest;
import dev.atlasrotator.simulator.atlas.AtlasService;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Stands before Atlas and spoils some of its answers; it remembers whatever was secret in them. */
final class HostileAtlas implements AtlasService {
    private static final List<Integer> STATUSES = List.of(
            200, 201, 202, 204, 206, 299, 300, 301, 302, 304, 307, 308, 400, 401, 402, 403, 404, 405, 406, 408, 409,
            410, 413, 418, 425, 429, 451, 500, 501, 502, 503, 504, 520, 599, 199);
    private static final List<String> DATES = List.of(
            "",
            "yesterday",
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "Fri, 31 Dec 9999 23:59:59 GMT",
            "Fri, 31 Dec 999999999 23:59:59 GMT",
            "Wed, 01 Jul 2026 08:00:00 GMT",
            "Sun, 31 May 2026 08:00:00 GMT",
            "Mon, 31 Feb 2026 25:61:61 GMT",
            "Mon, 99-Xyz-26 08:00:00 GMT",
            "Mon Jun  1 08:00:00 2036");
    private static final List<String> WAITS = List.of(
            "",
            "0",
            "-1",
            "3",
            "1.5",
            "99999999999999999999999",
            "2147483648",
            "soon",
            "Fri, 31 Dec 9999 23:59:59 GMT",
            "Thu, 01 Jan 1970 00:00:00 GMT");
    private static final List<String> CHALLENGES = List.of(
            "Digest",
            "Digest realm=\"a\", nonce=\"\\",
            "Digest realm=\"MMS Public API\", nonce=\"n\", qop=\"auth\", stale=true",
            "Digest realm=\"a\", nonce=\"b\", algorithm=SHA-512-256",
            "Basic realm=\"" + "a".repeat(9000) + "\"",
            "Digest realm=\"a\r\nX: y\", nonce=\"\u00e9\"",
            "Digest " + "a=b,".repeat(3000));
    private static final String TOO_LONG = " ".repeat(5 << 20);
    private static final List<String> SECRET_KEYS = List.of("secret", "access_token");
    private static final Set<String> FACTS =
            Set.of("id", "clientId", "createdAt", "expiresAt", "lastUsedAt", "maskedSecretValue");

    private final AtlasService atlas;
    private final FaultSchedule whims;
    private final Corruptor mangle;
    private final List<AtlasOutcome> earlier = new ArrayList<>();
    final Set<String> secrets = new LinkedHashSet<>();
    boolean open = true;
    int spoilt;

    HostileAtlas(AtlasService atlas, FaultSchedule whims) {
        this.atlas = atlas;
        this.whims = whims;
        this.mangle = new Corruptor(whims.chance());
    }

    @Override
    public synchronized AtlasOutcome exchange(AtlasRequest request) {
        if (!open || !whims.strikes()) {
            return heard(atlas.exchange(request));
        }
        spoilt++;
        var chance = whims.chance();
        if (chance.nextInt(8) == 0) { // without an effect
            return chance.nextBoolean()
                    ? new AtlasOutcome.Closed()
                    : answered(spoil(request, nothing()), Duration.ZERO);
        }
        return switch (heard(atlas.exchange(request))) {
            case AtlasOutcome.Closed closed -> closed;
            case AtlasOutcome.Answered(AtlasAnswer answer, Duration after, var author) ->
                chance.nextInt(10) == 0
                        ? new AtlasOutcome.Closed()
                        : answered(spoil(request, answer), chance.nextInt(10) == 0 ? Duration.ofSeconds(20) : after);
        };
    }

    private static AtlasOutcome answered(AtlasAnswer answer, Duration after) {
        return new AtlasOutcome.Answered(answer, after, AtlasOutcome.Author.FAULT);
    }

    private static AtlasAnswer nothing() {
        return new AtlasAnswer(500, Map.of("content-type", "application/json"), "{}".getBytes(StandardCharsets.UTF_8));
    }

    private AtlasOutcome heard(AtlasOutcome outcome) {
        if (outcome instanceof AtlasOutcome.Answered(AtlasAnswer answer, var after, var author)) {
            var json = Json.object(answer.text()).orElse(Map.of());
            for (String key : SECRET_KEYS) {
                if (json.get(key) instanceof String value) {
                    secrets.add(value);
                }
            }
        }
        if (earlier.size() < 50) {
            earlier.add(outcome);
        }
        return outcome;
    }

    private AtlasAnswer spoil(AtlasRequest request, AtlasAnswer answer) {
        var chance = whims.chance();
        return switch (chance.nextInt(14)) {
            case 0, 1 -> new AtlasAnswer(one(STATUSES), answer.headers(), answer.body());
            case 2 -> with(answer, "date", one(DATES));
            case 3 -> without(answer, "date");
            case 4 ->
                with(
                        new AtlasAnswer(chance.nextBoolean() ? 429 : 503, answer.headers(), answer.body()),
                        "retry-after",
                        one(WAITS));
            case 5 -> with(answer, "content-encoding", "gzip");
            case 6 -> with(new AtlasAnswer(401, answer.headers(), answer.body()), "www-authenticate", one(CHALLENGES));
            case 7 ->
                with(new AtlasAnswer(302, answer.headers(), answer.body()), "location", "https://elsewhere.example/");
            case 8 -> echo(request, answer);
            case 9 ->
                new AtlasAnswer(
                        answer.status(),
                        answer.headers(),
                        Arrays.copyOf(answer.body(), chance.nextInt(answer.body().length + 1)));
            case 10 -> body(answer, "<!doctype html><title>Sign in</title>" + answer.text());
            case 11 -> body(answer, (chance.nextInt(10) == 0 ? TOO_LONG : " ") + answer.text());
            default -> whims.lies() ? body(answer, mangled(answer.text())) : body(answer, answer.text() + "}");
        };
    }

    /** A lie about which secret was made could never be found out, so that one is not told. */
    private String mangled(String text) {
        var spoilt = mangle.text(text);
        var before = Json.object(text);
        var after = Json.object(spoilt);
        if (before.filter(json -> json.containsKey("secret")).isPresent() && after.isPresent()) {
            var honest = new LinkedHashMap<>(after.get());
            FACTS.forEach(fact ->
                    Optional.ofNullable(before.get().get(fact)).ifPresent(value -> honest.replace(fact, value)));
            return Json.text(honest);
        }
        return spoilt;
    }

    /** An error that repeats all it was sent, as bad proxies do. */
    private AtlasAnswer echo(AtlasRequest request, AtlasAnswer answer) {
        var all =
                request.headers() + " " + new String(request.body(), StandardCharsets.UTF_8) + "\n{\"level\":\"INFO\"}";
        var json = Json.text(Map.of(
                "error",
                400,
                "errorCode",
                "A\nB",
                "detail",
                all,
                "reason",
                all,
                "badRequestDetail",
                Map.of("fields", List.of(Map.of("field", all, "description", List.of(all))))));
        return body(new AtlasAnswer(400 + whims.chance().nextInt(5), answer.headers(), new byte[0]), json);
    }

    private static AtlasAnswer body(AtlasAnswer answer, String text) {
        return new AtlasAnswer(answer.status(), answer.headers(), text.getBytes(StandardCharsets.UTF_8));
    }

    private static AtlasAnswer with(AtlasAnswer answer, String name, String value) {
        var headers = new LinkedHashMap<>(answer.headers());
        headers.put(name, value);
        return new AtlasAnswer(answer.status(), headers, answer.body());
    }

    private static AtlasAnswer without(AtlasAnswer answer, String name) {
        var headers = new LinkedHashMap<>(answer.headers());
        headers.remove(name);
        return new AtlasAnswer(answer.status(), headers, answer.body());
    }

    private <T> T one(List<T> of) {
        return of.get(whims.chance().nextInt(of.size()));
    }
}
