package dev.atlasrotator.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atlasrotator.failure.RotatorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminCredentialTest {
    private static final String CLIENT = "mdb_sa_id_0123456789abcdef01234567";

    private static AtlasCredential parse(String text) {
        return AdminCredential.parse(new Sensitive(text.replace('\'', '"')));
    }

    @ParameterizedTest
    @CsvSource({
        "clientId, clientSecret",
        "client_id, client_secret",
        "clientId, client_secret",
        "MONGODB_ATLAS_CLIENT_ID, MONGODB_ATLAS_CLIENT_SECRET"
    })
    void a_service_account_is_read_in_each_spelling(String id, String secret) {
        assertThat(parse("{'" + id + "':'" + CLIENT + "','" + secret + "':'s','more':1}"))
                .isEqualTo(new AtlasCredential.ServiceAccountKey(new ClientId(CLIENT), new Sensitive("s")));
    }

    @ParameterizedTest
    @CsvSource({
        "publicKey, privateKey",
        "public_key, private_key",
        "PublicKey, PrivateKey",
        "publicApiKey, privateApiKey",
        "MONGODB_ATLAS_PUBLIC_API_KEY, MONGODB_ATLAS_PRIVATE_API_KEY"
    })
    void an_API_key_is_read_in_each_spelling(String open, String hidden) {
        assertThat(parse("{'" + open + "':'abcdefgh','" + hidden + "':'s'}"))
                .isEqualTo(new AtlasCredential.ApiKey("abcdefgh", new Sensitive("s")));
    }

    @Test
    void a_value_with_both_kinds_is_taken_for_the_service_account() {
        assertThat(parse("{'publicKey':'p','privateKey':'k','clientId':'" + CLIENT + "','clientSecret':'s'}"))
                .isInstanceOf(AtlasCredential.ServiceAccountKey.class);
    }

    @Test
    void half_of_one_kind_does_not_stand_in_the_way_of_the_other() {
        assertThat(parse("{'clientId':'" + CLIENT + "','publicKey':'p','privateKey':'k'}"))
                .isInstanceOf(AtlasCredential.ApiKey.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "s3cret",
                "[]",
                "{}",
                "{'publicKey':'p'}",
                "{'privateKey':'s3cret'}",
                "{'publicKey':'','privateKey':'s3cret'}",
                "{'publicKey':1,'privateKey':'s3cret'}",
                "{'clientSecret':'s3cret'}",
                "{'clientId':'s3cret','clientSecret':'s3cret'}"
            })
    void what_holds_neither_is_refused_and_not_quoted(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(RotatorException.Credential.class)
                .hasMessageNotContaining("s3cret");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "s3cret | it does not begin with an opening brace",
                "[] | it is an array",
                "{'privateKey':'s3cret',} | a trailing comma is at line 1, column" + " 23",
                "{'privateKey':'s3cret','privateKey':'s3cret'} | the key privateKey is there twice",
                "{'s3cret':1,'s3cret':2} | a key is there twice, again at line 1, column 13"
            })
    void what_is_no_object_is_told_with_the_place_and_not_quoted(String text, String says) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(RotatorException.Credential.class)
                .hasMessageStartingWith("VALUE_MALFORMED: the admin credential is not a JSON object")
                .hasMessageContaining(says)
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void neither_kind_prints_its_secret() {
        assertThat(parse("{'publicKey':'p','privateKey':'s3cret'}").toString())
                .contains("p")
                .doesNotContain("s3cret");
        assertThat(parse("{'clientId':'" + CLIENT + "','clientSecret':'s3cret'}")
                        .toString())
                .contains(CLIENT)
                .doesNotContain("s3cret");
    }
}
