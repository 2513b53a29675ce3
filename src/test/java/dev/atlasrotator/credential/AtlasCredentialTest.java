package dev.atlasrotator.credential;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AtlasCredentialTest {
    private static final ClientId CLIENT = new ClientId("mdb_sa_id_0123456789abcdef01234567");
    private static final String SECRET = "mdb_sa_sk_s3cret";

    private static AtlasCredential account(String secret) {
        return new AtlasCredential.ServiceAccountKey(CLIENT, new Sensitive(secret));
    }

    @ParameterizedTest
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "'S\n',ends with white space (U+000A)",
                "'S\r\n',ends with white space (U+000A)",
                "'S ',ends with white space (U+0020)",
                "'S\t',ends with white space (U+0009)",
                "' S',begins with white space (U+0020)",
                "' S\n',begins and ends with white space (U+0020)",
                "'S\u200b',ends with white space (U+200B)",
                "'\u00a0S',begins with white space (U+00A0)",
                "'\ufeffS',begins with white space (U+FEFF)",
                "'S\u2028',ends with white space (U+2028)",
                "'S\0',ends with white space (U+0000)",
                "'mdb_sa_sk_\ns3cret',holds white space (U+000A)",
                "'\n',begins and ends with white space (U+000A)"
            })
    void white_space_in_a_secret_is_told_with_its_end_and_without_the_secret(String text, String says) {
        var secret = text.replace("S", SECRET);
        assertThat(account(secret).whitespace()).hasValue("Its clientSecret " + says + "; store it without.");
        assertThat(new AtlasCredential.ApiKey("abcdefgh", new Sensitive(secret)).whitespace())
                .hasValue("Its privateKey " + says + "; store it without.");
        assertThat(new AtlasCredential.ApiKey(secret, new Sensitive("s")).whitespace())
                .hasValue("Its publicKey " + says + "; store it without.");
        assertThat(account(secret).andWhitespace()).startsWith(" Its ").doesNotContain("s3cret");
    }

    @Test
    void a_secret_without_white_space_has_nothing_to_be_told() {
        for (String secret : new String[] {SECRET, "", "\u00e9\ud83d\ude00"}) {
            assertThat(account(secret).whitespace()).isEmpty();
            assertThat(account(secret).andWhitespace()).isEmpty();
        }
    }
}
