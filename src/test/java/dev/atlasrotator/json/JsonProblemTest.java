package dev.atlasrotator.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonProblemTest {
    private static final Set<String> NAMES = Set.of("clientId", "clientSecret");
    private static final String SECRET = "mdb_sa_sk_neverPrintMe";

    private static String problem(String text) {
        assertThat(Json.object(text)).as(text).isEmpty();
        var problem = JsonProblem.of(text, NAMES).toString();
        assertThat(problem)
                .matches("[ -~]+")
                .hasSizeLessThan(200)
                .doesNotContain(SECRET, "neverPrint", "mdb_sa", "cannot be read");
        return problem;
    }

    /** In the texts S is a secret, a bar a line break, and @ stands before what is wrong. */
    private static String typed(String text) {
        return text.replace("S", SECRET).replace('|', '\n');
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '^',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                // commas
                "{\"clientId\":\"S\"@,}~a trailing comma is@",
                "{|  \"clientId\": \"S\"@,| }~a trailing comma is@",
                "{\"a\":[1,2@,]}~a trailing comma is@",
                "{\"a\":1,@,\"b\":2}~a key is missing@",
                "{@,}~a key is missing@",
                "{\"clientId\":\"S\" @\"b\":2}~a comma is missing, or a quotation mark before it,@",
                "{\"clientId\":\"S, \"@b\":2}~a comma is missing, or a quotation mark before it,@",
                // quotation marks
                "{@“clientId”:“S”}~a typographic quotation mark (U+201C) is@",
                "{\"clientId\":@“S”}~a typographic quotation mark (U+201C) is@",
                "{\"clientId@”:\"S\"}~a typographic quotation mark (U+201D) is@",
                "{\"clientId\":\"S@”}~a typographic quotation mark (U+201D) is@",
                "{\"clientId\":\"S@”,|\"b\":1}~a typographic quotation mark (U+201D) is@",
                "{@„clientId“:1}~a typographic quotation mark (U+201E) is@",
                "{@«clientId»:1}~a typographic quotation mark (U+00AB) is@",
                "{@'clientId':'S'}~a single quotation mark is@",
                "{\"clientId\":@'S'}~a single quotation mark is@",
                "{@`clientId`:1}~a single quotation mark is@",
                "{@clientId:\"S\"}~a key is@ without quotation marks",
                "{\"clientId\":@S}~a value is@ without quotation marks",
                "{\"a\":@66b0c0de}~a value is@ without quotation marks",
                "{\"a\":@None}~a value is@ without quotation marks",
                "{\"a\":@01}~a value is@ without quotation marks",
                "{\"a\":@NaN}~a value is@ without quotation marks",
                "{\"a\":@tru}~a value is@ without quotation marks",
                // encoded twice, or for something else
                "\"{\\\"clientSecret\\\":\\\"S\\\"}\"~it is JSON text inside of a JSON string," + " encoded twice",
                " \" {\\\"clientSecret\\\":\\\"S~it is JSON text inside of a JSON string, encoded" + " twice",
                "'{\"clientSecret\":\"S\"}'~it is an object within quotation marks",
                "\"{\"clientSecret\":\"S\"}\"~it is JSON text inside of a JSON string, encoded" + " twice",
                "{@\\\"clientSecret\\\":\\\"S\\\"}~a backslash is@ before a quotation mark",
                "{@&quot;clientSecret&quot;:&quot;S&quot;}~it is encoded for HTML@",
                "%7B%22clientSecret%22%3A%22S%22%7D~it is an object encoded for a URL",
                // another syntax
                "clientId=S~it has the form key=value",
                "# ours|export CLIENT_SECRET=S|~it has the form key=value",
                "{@clientId=S, clientSecret=S}~it has the form key=value@",
                "clientSecret: S~it has the form key: value",
                "---|atlas:|  clientSecret: S~it has the form key: value",
                "{\"clientId\"@=\"S\"}~a colon is missing, or a quotation mark before it,@",
                "{\"clientId\"@,\"S\"}~a colon is missing, or a quotation mark before it,@",
                "{| @// ours| \"clientId\":\"S\"}~a comment is@",
                "{\"clientId\":\"S\"@/* S */}~a comment is@",
                "{\"clientId\":\"S\"} @# S~a comment is@",
                "@<clientId>S</clientId>~it does not begin with an opening brace@",
                "@\"clientId\":\"S\"~it does not begin with an opening brace@",
                "@Here it is: {\"clientId\":\"S\"}~it does not begin with an opening brace@",
                // no object, or more than one
                "[{\"clientId\":\"S\"}]~it is an array",
                "@\"S\"~it does not begin with an opening brace@",
                "@S~it does not begin with an opening brace@",
                "null~it is a single value",
                "-1.5e3~it is a single value",
                "{\"clientId\":\"S\"}@{\"b\":1}~a second object begins@",
                "{\"clientId\":\"S\"}|@{\"b\":1}~a second object begins@",
                "{\"clientId\":\"S\"}@}~something follows the object@",
                "{\"clientId\":\"S\"}| @S~something follows the object@",
                "{\"clientId\":\"S\"}@,~something follows the object@",
                // keys twice
                "{\"clientId\":\"S\",\"b\":1,@\"clientId\":\"S\"}~the key clientId is there twice," + " again@",
                "{\"clientId\":1,@\"client\\u0049d\":2}~the key clientId is there twice, again@",
                "{\"S\":1,|@\"S\":2}~a key is there twice, again@",
                "{\"a\":{\"b\":1,@\"b\":2}}~a key is there twice, again@",
                // cut off
                "{@~it ends too early,@",
                "{\"clientId@~it ends too early within a text,@",
                "{\"clientId\"@~it ends too early,@",
                "{\"clientId\":@~it ends too early,@",
                "{\"clientId\":\"S@~it ends too early within a text,@",
                "{\"clientId\":\"S\\@~it ends too early within a text,@",
                "{\"clientId\":\"S\"@~it ends too early,@",
                "{\"clientId\":\"S\",@~it ends too early,@",
                "{\"clientId\":\"S\",|@~it ends too early,@",
                "{\"a\":[1@~it ends too early,@",
                "{\"a\":[1@}~a closing brace or bracket is@ in the other one's place",
                "{\"a\":1@]~a closing brace or bracket is@ in the other one's place",
                "{\"a\":@}~a value is missing@",
                "{\"a\":[1,@,2]}~a value is missing@",
                // in a text
                "{\"clientSecret\":\"S@|\"}~a line break is within a text@",
                "{\"clientSecret\":\"S@\t\"}~a control character (U+0009) is in a text@",
                "{\"clientSecret\":\"S@\\x\"}~a backslash is in a text@ and begins no escape",
                "{\"clientSecret\":\"S@\\u12\"}~a backslash is in a text@ and begins no escape",
                // what nobody sees
                "{@\u00a0\"clientId\":\"S\"}~an invisible character (U+00A0) is@",
                "@\u200b{\"clientId\":\"S\"}~an invisible character (U+200B) is@",
                "{\"clientId\":@\u2003\"S\"}~an invisible character (U+2003) is@",
                "{\"clientId\":\"S\"}@\0~an invisible character (U+0000) is@",
                // columns are characters, whatever they take in memory
                "{\"\ud83d\ude00\ud83d\ude00\":1@,}~a trailing comma is@"
            })
    void what_is_wrong_is_named_with_its_place(String text, String says) {
        var marked = typed(text);
        int at = Math.max(0, marked.indexOf('@'));
        var before = marked.substring(0, at).split("\n", -1);
        var column = before[before.length - 1];
        var place = " at line %d, column %d".formatted(before.length, column.codePointCount(0, column.length()) + 1);
        assertThat(problem(marked.replace("@", ""))).startsWith(says.replace("@", place) + "; ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\n\t \r\n"})
    void an_empty_text_is_empty(String text) {
        assertThat(problem(text)).isEqualTo("it is empty; store an object");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ufeff", "\u00ef\u00bb\u00bf"})
    void a_byte_order_mark_is_named_whatever_comes_behind_it(String mark) {
        for (String text : new String[] {"{\"clientId\":\"" + SECRET + "\"}", "", "{'a':1}"}) {
            assertThat(problem(mark + text))
                    .isEqualTo("it begins with a byte-order mark (U+FEFF); save it as UTF-8 without" + " one");
        }
    }

    @Test
    void an_object_in_base64_is_told_apart_from_other_words() {
        var encoded = Base64.getMimeEncoder()
                .encodeToString(typed("{| \"clientSecret\":\"S\",\"note\":\"of more than a line\"}")
                        .getBytes(StandardCharsets.UTF_8));
        assertThat(problem(encoded)).startsWith("it is an object encoded in Base64");
        assertThat(problem("export clientId")).startsWith("it does not begin with an opening brace");
    }

    @Test
    void each_problem_comes_with_a_remedy() {
        assertThat(problem("{\"clientId\":1,}")).endsWith("; take it out");
        assertThat(problem("{\u201cclientId\u201d:1}")).endsWith("; use the straight one (U+0022)");
    }

    @Test
    void an_object_that_is_read_has_no_problem_that_could_be_named() {
        for (String text : new String[] {
            "{}",
            " {\"a\" : [ ] , \"b\":{ },\"c\":[1,-2.5e+3,true,false,null,\"\"]}\r\n",
            "{\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\":\"\u201cquoted\u201d\u00a0\u200b//#'\"}"
        }) {
            assertThat(Json.object(text)).isPresent();
            assertThat(JsonProblem.of(text, NAMES).what()).isEqualTo("it cannot be read");
        }
    }

    @Test
    @Timeout(20)
    void depth_and_length_overflow_nothing() {
        assertThat(problem("{\"a\":".repeat(13_000))).startsWith("it is nested deeper than 100 ");
        assertThat(problem("{\"a\":" + "[".repeat(65_000))).startsWith("it is nested deeper");
        assertThat(problem("{\"a\":\"" + "\\u0041".repeat(10_000))).startsWith("it ends too early within a text");
        assertThat(problem("{\"a\":[" + "\"\\n\\n\",".repeat(9_000))).startsWith("it ends too early");
        assertThat(problem("{\n".repeat(30_000))).startsWith("a key is missing at line 2");
    }
}
