package dev.atlasrotator.atlas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.atlas.DigestChallenge.Algorithm;
import dev.atlasrotator.credential.AtlasCredential.ApiKey;
import dev.atlasrotator.credential.Sensitive;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DigestAnswerTest {
    private static final ApiKey MUFASA = new ApiKey("Mufasa", new Sensitive("Circle of Life"));

    // The values of RFC 7616 section 3.9.1.
    private static final String NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
    private static final String CLIENT_NONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    private static final String OPAQUE = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS";

    private static String challenge(String algorithm) {
        return "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm="
                + algorithm
                + ", nonce=\""
                + NONCE
                + "\", opaque=\""
                + OPAQUE
                + "\"";
    }

    private static DigestChallenge read(String... headers) {
        return DigestChallenge.strongest(List.of(headers)).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "MD5, 8ca523f5e9506fed4657c9700eebdbec",
        "SHA-256, 753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
    })
    void the_examples_of_the_specification_come_out(String algorithm, String response) {
        var answer = new DigestAnswer(read(challenge(algorithm)), 1, CLIENT_NONCE);
        assertThat(answer.to("GET", "/dir/index.html", MUFASA))
                .startsWith("Digest username=\"Mufasa\", realm=\"http-auth@example.org\"")
                .contains(
                        "uri=\"/dir/index.html\"",
                        "algorithm=" + algorithm + ",",
                        "nonce=\"" + NONCE + "\"",
                        "nc=00000001, cnonce=\"" + CLIENT_NONCE + "\"",
                        "qop=auth,",
                        "response=\"" + response + "\"")
                .endsWith("opaque=\"" + OPAQUE + "\"")
                .doesNotContain("Circle of Life");
    }

    @Test
    void without_quality_of_protection_the_older_answer_is_given() {
        // The example of RFC 2617 section 3.5, with qop taken away: md5(HA1:nonce:HA2).
        var challenge = read("Digest realm=\"testrealm@host.com\"," + " nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"");
        assertThat(new DigestAnswer(challenge, 1, "unused")
                        .to("GET", "/dir/index.html", new ApiKey("Mufasa", new Sensitive("Circle Of Life"))))
                .contains("response=\"670fd8c2df070c60b045671b8b24ff02\"")
                .doesNotContain("qop", "cnonce");
    }

    @Test
    void the_challenge_that_was_recorded_is_read() {
        var challenge = read("Digest realm=\"MMS Public API\", domain=\"\","
                + " nonce=\"a/b+c==\", algorithm=MD5, qop=\"auth\", stale=false");
        assertThat(challenge)
                .isEqualTo(
                        new DigestChallenge("MMS Public API", "a/b+c==", Optional.empty(), Algorithm.MD5, true, false));
    }

    @Test
    void the_stronger_algorithm_is_taken_wherever_it_stands() {
        assertThat(read(challenge("MD5"), challenge("SHA-256")).algorithm()).isEqualTo(Algorithm.SHA_256);
        assertThat(read(challenge("SHA-256") + ", " + challenge("MD5")).algorithm())
                .isEqualTo(Algorithm.SHA_256);
    }

    @Test
    void other_schemes_beside_it_are_passed_over() {
        var headers = "Basic realm=\"a, Digest b\", Negotiate dGVzdA==, "
                + challenge("MD5")
                + ", Bearer realm=\"x\", error=\"invalid_token\"";
        var challenge = read(headers);
        assertThat(challenge.realm()).isEqualTo("http-auth@example.org");
        assertThat(challenge.nonce()).isEqualTo(NONCE);
    }

    @Test
    void quotes_and_backslashes_survive_there_and_back() {
        var challenge = read("digest realm=\"a \\\"b\\\" \\\\ c\", nonce = \"n\"");
        assertThat(challenge.realm()).isEqualTo("a \"b\" \\ c");
        assertThat(new DigestAnswer(challenge, 1, "c").to("GET", "/", MUFASA)).contains("realm=\"a \\\"b\\\" \\\\ c\"");
    }

    @Test
    void stale_is_told_apart() {
        assertThat(read("Digest realm=\"r\", nonce=\"n\", stale=TRUE").stale()).isTrue();
        assertThat(read("Digest realm=\"r\", nonce=\"n\", stale=\"true\"").stale())
                .isTrue();
        assertThat(read("Digest realm=\"r\", nonce=\"n\", stale=maybe").stale()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Digest",
                "Basic realm=\"r\"",
                "Digest realm=\"r\"",
                "Digest nonce=\"n\"",
                "Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess",
                "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256",
                "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"",
                "Digest realm=\"r\", nonce=\"not ended",
                "Digest realm=\"r\", nonce=\"n\\",
                "Digest realm=\"r\u00e9\", nonce=\"n\"",
                "realm=\"r\", nonce=\"n\"",
                "=,=,\"\"",
                "\"Digest realm=r, nonce=n"
            })
    void what_cannot_be_answered_is_no_challenge(String header) {
        assertThat(DigestChallenge.strongest(List.of(header))).isEmpty();
    }

    @Test
    void the_count_is_eight_hexadecimal_digits() {
        assertThat(new DigestAnswer(read(challenge("MD5")), 300, "c").to("GET", "/", MUFASA))
                .contains("nc=0000012c");
    }
}
