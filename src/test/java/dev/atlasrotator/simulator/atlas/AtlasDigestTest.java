package dev.atlasrotator.simulator.atlas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.simulator.VirtualTime;
import dev.atlasrotator.simulator.atlas.AtlasRules.DigestAlgorithm;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The server's side of HTTP Digest. */
class AtlasDigestTest {
    private final VirtualTime time = new VirtualTime(Instant.parse("2026-03-01T12:00:00Z"));
    private final AtlasModel atlas = new AtlasModel(time);
    private final AtlasCalls calls = new AtlasCalls(atlas);
    private final AtlasScope project = new AtlasScope.Project(atlas.addProject(atlas.addOrganization()));
    private final IssuedCredential key = atlas.addApiKey(project, AtlasModel.PROJECT_OWNER);

    /** RFC 7616, section 3.9.1. */
    @Test
    void the_responses_of_rfc_7616_are_the_ones_we_expect() {
        Map<String, String> given = Map.of(
                "username", "Mufasa",
                "realm", "http-auth@example.org",
                "uri", "/dir/index.html",
                "nonce", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
                "nc", "00000001",
                "cnonce", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
                "qop", "auth");
        assertThat(AtlasDigest.response(DigestAlgorithm.MD5, "GET", "Circle of Life", given))
                .isEqualTo("8ca523f5e9506fed4657c9700eebdbec");
        assertThat(AtlasDigest.response(DigestAlgorithm.SHA_256, "GET", "Circle of Life", given))
                .isEqualTo("753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
    }

    @Test
    void the_challenge_looks_as_recorded() {
        AtlasAnswer answer = calls.send(plain());
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.headers().getOrDefault("www-authenticate", ""))
                .matches("Digest realm=\"MMS Public API\", domain=\"\", nonce=\"[A-Za-z0-9+/]+=*\","
                        + " algorithm=MD5, qop=\"auth\", stale=false");
    }

    @ParameterizedTest
    @EnumSource(DigestAlgorithm.class)
    void a_right_response_is_let_in(DigestAlgorithm algorithm) {
        atlas.rules(rules -> rules.digest(algorithm));
        assertThat(calls.send(signed(plain(), challenge(), key.value(), algorithm, 1))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void both_algorithms_may_be_offered_at_once() {
        atlas.rules(rules -> rules.digest(DigestAlgorithm.SHA_256, DigestAlgorithm.MD5));
        String header = calls.send(plain()).headers().getOrDefault("www-authenticate", "");
        assertThat(header).containsSubsequence("algorithm=SHA-256", "Digest realm", "algorithm=MD5");
    }

    @Test
    void a_wrong_key_looks_like_the_first_challenge() {
        AtlasAnswer answer = calls.send(signed(plain(), challenge(), "wrong", DigestAlgorithm.MD5, 1));
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.headers().getOrDefault("www-authenticate", "")).contains("stale=false");
    }

    @Test
    void a_nonce_may_be_used_again_with_a_higher_count_only() {
        Map<String, String> challenge = challenge();
        assertThat(calls.send(signed(plain(), challenge, key.value(), DigestAlgorithm.MD5, 1))
                        .status())
                .isEqualTo(200);
        assertThat(calls.send(signed(plain(), challenge, key.value(), DigestAlgorithm.MD5, 2))
                        .status())
                .isEqualTo(200);
        AtlasAnswer replay = calls.send(signed(plain(), challenge, key.value(), DigestAlgorithm.MD5, 2));
        assertThat(replay.status()).isEqualTo(401);
        assertThat(replay.headers().getOrDefault("www-authenticate", "")).contains("stale=true");
    }

    @Test
    void an_old_nonce_with_the_right_key_is_stale() {
        Map<String, String> challenge = challenge();
        time.advance(Duration.ofMinutes(5));
        AtlasAnswer old = calls.send(signed(plain(), challenge, key.value(), DigestAlgorithm.MD5, 1));
        assertThat(old.status()).isEqualTo(401);
        Map<String, String> again = parameters(old);
        assertThat(again).containsEntry("stale", "true");
        assertThat(calls.send(signed(plain(), again, key.value(), DigestAlgorithm.MD5, 1))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void a_response_for_another_target_is_a_400() {
        AtlasRequest signed = signed(plain(), challenge(), key.value(), DigestAlgorithm.MD5, 1);
        AtlasRequest moved =
                new AtlasRequest("GET", signed.pathAndQuery() + "?pageNum=2", signed.headers(), signed.body());
        assertThat(calls.send(moved).status()).isEqualTo(400);
    }

    @Test
    void a_deleted_key_is_a_wrong_key() {
        Map<String, String> challenge = challenge();
        atlas.deleteApiKey(key.id());
        assertThat(calls.send(signed(plain(), challenge, key.value(), DigestAlgorithm.MD5, 1))
                        .status())
                .isEqualTo(401);
    }

    private AtlasRequest plain() {
        return new AtlasRequest("GET", AtlasCalls.path(project), Map.of("accept", AtlasCalls.VERSION), new byte[0]);
    }

    private Map<String, String> challenge() {
        return parameters(calls.send(plain()));
    }

    private static Map<String, String> parameters(AtlasAnswer answer) {
        return AtlasDigest.parameters(answer.headers().getOrDefault("www-authenticate", ""));
    }

    private AtlasRequest signed(
            AtlasRequest request,
            Map<String, String> challenge,
            String password,
            DigestAlgorithm algorithm,
            int count) {
        Map<String, String> given = new LinkedHashMap<>();
        given.put("username", key.id());
        given.put("realm", challenge.getOrDefault("realm", ""));
        given.put("nonce", challenge.getOrDefault("nonce", ""));
        given.put("uri", request.pathAndQuery());
        given.put("cnonce", "our\\\"own");
        given.put("nc", String.format(Locale.ROOT, "%08x", count));
        given.put("qop", "auth");
        given.put("algorithm", algorithm.wireName);
        Map<String, String> unquoted = new HashMap<>(given);
        unquoted.put("cnonce", "our\"own");
        given.put("response", AtlasDigest.response(algorithm, request.method(), password, unquoted));
        StringBuilder header = new StringBuilder("Digest ");
        given.forEach(
                (name, value) -> header.append(name).append("=\"").append(value).append("\", "));
        return AtlasCalls.with(request, "authorization", header.substring(0, header.length() - 2));
    }
}
