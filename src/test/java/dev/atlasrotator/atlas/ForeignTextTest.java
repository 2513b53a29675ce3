package dev.atlasrotator.atlas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.credential.Sensitive;
import java.util.List;
import org.junit.jupiter.api.Test;

class ForeignTextTest {
    private static final List<Sensitive> SECRETS = List.of(new Sensitive("hunter2"), new Sensitive(""));

    @Test
    void one_line_of_printable_characters_is_left() {
        assertThat(ForeignText.clean("a\r\nb\tc\u0000d\u001b[31m\u00e9 ", SECRETS))
                .isEqualTo("a  b c?d?[31m?");
    }

    @Test
    void a_secret_in_use_is_hidden() {
        assertThat(ForeignText.clean("wrong: hunter2!", SECRETS)).isEqualTo("wrong: [hidden]!");
        assertThat(ForeignText.clean("p\u00e4ss", List.of(new Sensitive("p\u00e4ss"))))
                .isEqualTo("[hidden]");
    }

    @Test
    void what_looks_like_a_secret_of_somebody_else_is_hidden_too() {
        assertThat(ForeignText.clean("(mdb_sa_sk_AbC-1_2), Bearer eyJh.bGci.Oi-J_ end", SECRETS))
                .isEqualTo("([hidden]), Bearer [hidden] end");
    }

    @Test
    void two_hundred_characters_are_the_most() {
        assertThat(ForeignText.clean("x".repeat(1000), SECRETS)).hasSize(200).endsWith("...");
    }

    @Test
    void only_what_has_the_form_of_a_code_is_one() {
        assertThat(ForeignText.code("IP_ADDRESS_NOT_ON_ACCESS_LIST", SECRETS))
                .isEqualTo("IP_ADDRESS_NOT_ON_ACCESS_LIST");
        assertThat(ForeignText.code("invalid_client", SECRETS)).isEqualTo("invalid_client");
        assertThat(ForeignText.code("mdb_sa_sk_Ab1", SECRETS)).isEmpty();
        assertThat(ForeignText.code("two words", SECRETS)).isEmpty();
        assertThat(ForeignText.code("A".repeat(81), SECRETS)).isEmpty();
        assertThat(ForeignText.code("SECRET", List.of(new Sensitive("SECRET")))).isEmpty();
    }
}
