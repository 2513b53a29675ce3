package dev.atlasrotator.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.json.Json;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoredValueTest {
    private static final String CLIENT = "mdb_sa_id_0123456789abcdef01234567";
    private static final String PROJECT = "aaaaaaaaaaaaaaaaaaaaaaaa";
    private static final String ORGANIZATION = "bbbbbbbbbbbbbbbbbbbbbbbb";
    private static final String OLD = "cccccccccccccccccccccccc";
    private static final String NEW = "dddddddddddddddddddddddd";
    private static final String BINDING = NEW + ":cbc4d1fe4e5ba250bb21d4e11669d1f2";
    private static final AtlasSecret MADE = new AtlasSecret(
            new SecretId(NEW),
            Instant.parse("2026-06-01T08:00:00Z"),
            Instant.parse("2026-08-30T08:00:00Z"),
            Optional.empty(),
            Optional.empty());

    /** Quotes are written as ', for the sake of whoever reads this. */
    private static StoredValue parse(String text) {
        return StoredValue.parse(new Sensitive(text.replace('\'', '"')));
    }

    private static String updated(String text) {
        return parse(text)
                .with(MADE, new Sensitive("NEW-VALUE"))
                .text()
                .reveal()
                .replace('"', '\'');
    }

    private static void assertMalformed(String text, String... says) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(RotatorException.Credential.class)
                .satisfies(failure -> assertThat(failure.getMessage()).contains(says));
    }

    // ---- copies

    @Test
    void every_other_key_that_holds_the_client_secret_gets_the_new_one() {
        var value = "{'clientId':'" + CLIENT + "','clientSecret':'mdb_sa_sk_old','groupId':'" + PROJECT
                + "','MDB_MCP_API_CLIENT_SECRET':'mdb_sa_sk_old','password':'mdb_sa_sk_older','n':1}";

        assertThat(parse(value).copies()).containsExactly("MDB_MCP_API_CLIENT_SECRET");
        assertThat(updated(value))
                .contains("'MDB_MCP_API_CLIENT_SECRET':'NEW-VALUE'", "'password':'mdb_sa_sk_older'", "'n':1")
                .doesNotContain("'mdb_sa_sk_old'");
    }

    @Test
    void what_stands_beside_a_placeholder_by_chance_is_left_alone() {
        var value = "{'clientId':'" + CLIENT + "','clientSecret':'none','groupId':'" + PROJECT + "','mode':'none'}";

        assertThat(parse(value).copies()).isEmpty();
        assertThat(updated(value)).contains("'mode':'none'");
    }

    // ---- reading

    @ParameterizedTest
    @ValueSource(strings = {"groupId", "projectId", "group_id", "project_id"})
    void a_project_may_be_spelt_in_four_ways(String key) {
        assertThat(parse("{'clientId':'" + CLIENT + "','" + key + "':'" + PROJECT + "'}")
                        .account())
                .isEqualTo(new Account(new Scope.Project(PROJECT), new ClientId(CLIENT)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"orgId", "org_id"})
    void an_organization_in_two(String key) {
        assertThat(parse("{'client_id':'" + CLIENT + "','" + key + "':'" + ORGANIZATION + "'}")
                        .account())
                .isEqualTo(new Account(new Scope.Organization(ORGANIZATION), new ClientId(CLIENT)));
    }

    @Test
    void with_both_the_project_counts() {
        assertThat(parse("{'clientId':'" + CLIENT + "','orgId':'" + ORGANIZATION + "','group_id':'" + PROJECT + "'}")
                        .account()
                        .scope())
                .isEqualTo(new Scope.Project(PROJECT));
    }

    @Test
    void every_field_is_read_in_either_spelling() {
        for (String[] keys : new String[][] {
            {"clientSecret", "secretId", "secretExpiresAfterHours", "adminSecretArn", "expiresAt"},
            {"client_secret", "secret_id", "secret_expires_after_hours", "admin_secret_arn", "expires_at"}
        }) {
            var value = parse("{'clientId':'"
                    + CLIENT
                    + "','orgId':'"
                    + ORGANIZATION
                    + "','"
                    + keys[0]
                    + "':'s','"
                    + keys[1]
                    + "':'"
                    + OLD
                    + "','"
                    + keys[2]
                    + "':100,'"
                    + keys[3]
                    + "':'admin','"
                    + keys[4]
                    + "':'2026-06-01T08:00:00Z'}");
            assertThat(value.clientSecret()).hasValue(new Sensitive("s"));
            assertThat(value.key())
                    .hasValue(new AtlasCredential.ServiceAccountKey(new ClientId(CLIENT), new Sensitive("s")));
            assertThat(value.secretId()).hasValue(new SecretId(OLD));
            assertThat(value.ownTimes().lifetime()).hasValue(100);
            assertThat(value.adminSecretArn()).hasValue("admin");
            assertThat(value.expiresAt()).hasValue(Instant.parse("2026-06-01T08:00:00Z"));
        }
    }

    @Test
    void empty_texts_and_nulls_count_as_absent() {
        var value = parse("{'clientId':'"
                + CLIENT
                + "','groupId':'','orgId':'"
                + ORGANIZATION
                + "','clientSecret':'','secretId':null,'adminSecretArn':'',"
                + "'secretExpiresAfterHours':null}");
        assertThat(value.account().scope()).isEqualTo(new Scope.Organization(ORGANIZATION));
        assertThat(value.clientSecret()).isEmpty();
        assertThat(value.key()).isEmpty();
        assertThat(value.secretId()).isEmpty();
        assertThat(value.adminSecretArn()).isEmpty();
        assertThat(value.ownTimes().lifetime()).isEmpty();
        assertThat(value.expiresAt()).isEmpty();
    }

    @Test
    void a_date_written_by_hand_is_no_mistake() {
        assertThat(parse("{'clientId':'" + CLIENT + "','orgId':'" + ORGANIZATION + "','expiresAt':'next summer'}")
                        .expiresAt())
                .isEmpty();
    }

    @Test
    void what_people_record_of_a_secret_is_its_id_and_its_dates_and_nothing_else() {
        var stored = parse("{'clientId':'%s','orgId':'%s','clientSecret':'S','secretId':'%s'}"
                .formatted(CLIENT, ORGANIZATION, OLD));

        assertThat(stored.isSameButForItsRecord(parse(
                        "{'clientId':'%s','orgId':'%s','clientSecret':'S','secretId':'%s','createdAt':'a','expiresAt':'b'}"
                                .formatted(CLIENT, ORGANIZATION, NEW))))
                .isTrue();
        assertThat(stored.isSameButForItsRecord(
                        parse("{'clientId':'%s','orgId':'%s','clientSecret':'T','secretId':'%s'}"
                                .formatted(CLIENT, ORGANIZATION, OLD))))
                .isFalse();
        assertThat(stored.isSameButForItsRecord(
                        parse("{'clientId':'%s','orgId':'%s','clientSecret':'S','secretId':'%s','team':'payments'}"
                                .formatted(CLIENT, ORGANIZATION, OLD))))
                .isFalse();
    }

    @Test
    void an_id_is_bound_to_the_client_secret_that_it_was_stored_with() {
        var stored = parse("{'clientId':'" + CLIENT + "','orgId':'" + ORGANIZATION + "'}")
                .with(MADE, new Sensitive("NEW-VALUE"))
                .text()
                .reveal();
        var read = StoredValue.parse(new Sensitive(stored));
        assertThat(read.isBound()).isTrue();
        assertThat(read.secretId()).contains(new SecretId(NEW));

        var pasted = StoredValue.parse(new Sensitive(stored.replace("NEW-VALUE", "PASTED")));
        assertThat(pasted.isBound()).isFalse();
        assertThat(pasted.secretId()).as("it is that of the one before").isEmpty();
        assertThat(pasted.recordedId()).contains(new SecretId(NEW));

        var withId = StoredValue.parse(new Sensitive(
                stored.replace("NEW-VALUE", "PASTED").replace("\"secretId\":\"" + NEW, "\"secretId\":\"" + OLD)));
        assertThat(withId.secretId()).as("its writer's word").contains(new SecretId(OLD));

        var onlyId = StoredValue.parse(new Sensitive(stored.replace("\"secretId\":\"" + NEW, "\"secretId\":\"" + OLD)));
        assertThat(onlyId.secretId()).as("the value is not OLD's").contains(new SecretId(NEW));
    }

    @Test
    void a_binding_is_not_printed_and_one_that_cannot_be_read_is_none() {
        var binding = Binding.of(new SecretId(NEW), new Sensitive("NEW-VALUE"));
        assertThat(binding.toString()).doesNotContain(binding.digest().reveal());
        assertThat(binding.fits(new Sensitive("NEW-VALUE"))).isTrue();
        assertThat(binding.fits(new Sensitive("other"))).isFalse();
        var spoilt = parse("{'clientId':'"
                + CLIENT
                + "','orgId':'"
                + ORGANIZATION
                + "','clientSecret':'s','secretBinding':'mine','secretId':'"
                + OLD
                + "'}");
        assertThat(spoilt.binding()).isEmpty();
        assertThat(spoilt.secretId()).contains(new SecretId(OLD));
    }

    @Test
    void two_client_secrets_are_two_values_to_try_and_a_rotation_brings_them_together() {
        var value = parse("{'clientId':'"
                + CLIENT
                + "','orgId':'"
                + ORGANIZATION
                + "','clientSecret':'one','client_secret':'other'}");
        assertThat(value.disagreeingKeys()).containsExactly("clientSecret", "client_secret");
        assertThat(value.spellings())
                .extracting(StoredValue::clientSecret)
                .containsExactly(Optional.of(new Sensitive("one")), Optional.of(new Sensitive("other")));
        var next = value.spellings().getLast().with(MADE, new Sensitive("NEW"));
        assertThat(next.disagreeingKeys()).isEmpty();
        assertThat(next.clientSecret()).contains(new Sensitive("NEW"));
    }

    @Test
    void two_spellings_that_say_the_same_are_one_and_that_differ_are_refused() {
        assertThat(parse("{'clientId':'" + CLIENT + "','client_id':'" + CLIENT + "','orgId':'" + ORGANIZATION + "'}")
                        .account()
                        .clientId())
                .isEqualTo(new ClientId(CLIENT));
        assertMalformed(
                "{'clientId':'" + CLIENT + "','client_id':'" + CLIENT.replace('0', '1') + "','orgId':'" + ORGANIZATION
                        + "'}",
                "two different things about clientId");
    }

    @Test
    void two_projects_are_both_where_the_account_may_live_and_the_first_key_counts() {
        var value = parse("{'clientId':'" + CLIENT + "','projectId':'" + OLD + "','groupId':'" + PROJECT + "'}");

        assertThat(value.account().scope()).isEqualTo(new Scope.Project(PROJECT));
        assertThat(value.otherwise()).containsExactly(new Account(new Scope.Project(OLD), new ClientId(CLIENT)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "not JSON | not a JSON object",
                "[] | not a JSON object",
                "[] | it is an array",
                "{'a':1,'a':2} | each key once",
                "{'a':1,'a':2} | a key is there twice, again at line 1, column 8",
                "{'clientSecret':'s','clientSecret':'s'} | the key clientSecret is there twice",
                "{'clientSecret':'s',} | a trailing comma is at line 1, column 20",
                "{} | no clientId",
                "{'clientId':'mdb_sa_id_0123456789abcdef01234567'} | neither groupId",
                "{'clientId':5,'orgId':'bbbbbbbbbbbbbbbbbbbbbbbb'} | clientId that is not a text",
                "{'clientId':'mdb_sa_id_0123456789abcdef0123456','orgId':'bbbbbbbbbbbbbbbbbbbbbbbb'}"
                        + " | clientId is not",
                "{'clientId':'mdb_sa_id_0123456789abcdef01234567/../x','orgId':'bbbbbbbbbbbbbbbbbbbbbbbb'}"
                        + " | clientId is not",
                "{'clientId':'mdb_sa_id_0123456789abcdef01234567','orgId':'BBBBBBBBBBBBBBBBBBBBBBBB'}"
                        + " | orgId is not",
                "{'clientId':'mdb_sa_id_0123456789abcdef01234567','groupId':'../../groups/aaaaaaaa'}"
                        + " | groupId is not",
                "{'clientId':'mdb_sa_id_0123456789abcdef01234567','orgId':'bbbbbbbbbbbbbbbbbbbbbbbb','secretId':'x'}"
                        + " | secretId is not",
                "{'clientId':'mdb_sa_id_0123456789abcdef01234567','orgId':'bbbbbbbbbbbbbbbbbbbbbbbb','clientSecret':{}}"
                        + " | clientSecret that is not a text",
                "{'clientId':'mdb_sa_id_0123456789abcdef01234567','orgId':'bbbbbbbbbbbbbbbbbbbbbbbb','adminSecretArn':'a"
                    + " b'} | adminSecretArn",
                "{'clientId':'mdb_sa_id_0123456789abcdef01234567','orgId':'bbbbbbbbbbbbbbbbbbbbbbbb','secretExpiresAfterHours':8.5}"
                    + " | whole number",
                "{'clientId':'mdb_sa_id_0123456789abcdef01234567','orgId':'bbbbbbbbbbbbbbbbbbbbbbbb','secretExpiresAfterHours':'long'}"
                    + " | whole number"
            })
    void what_is_malformed_is_refused_with_the_name_of_the_field(String text, String says) {
        assertMalformed(text, says);
    }

    @ParameterizedTest
    @CsvSource({"24.0, 24", "-1, -1", "99999999999, 2147483647", "'''72''', 72"})
    void hours_far_out_of_bounds_are_read_and_clamped_later(String hours, int read) {
        assertThat(parse("{'clientId':'%s','orgId':'%s','overlapHours':%s}".formatted(CLIENT, ORGANIZATION, hours))
                        .ownTimes()
                        .overlap())
                .hasValue(read);
    }

    @Test
    void empty_hours_are_none() {
        assertThat(parse("{'clientId':'%s','orgId':'%s','overlapHours':''}".formatted(CLIENT, ORGANIZATION))
                        .ownTimes()
                        .overlap())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"clientId", "groupId", "orgId", "secretId", "client_id", "project_id"})
    void white_space_at_an_end_of_an_id_is_told(String key) {
        var value = new LinkedHashMap<String, Object>();
        value.put("clientId", CLIENT);
        value.put("orgId", ORGANIZATION);
        value.keySet().removeIf(other -> key.equals("client_id") && other.equals("clientId"));
        value.put(key, key.startsWith("client") ? CLIENT + "\n" : PROJECT + "\n");
        assertMalformed(Json.text(value), "; it ends with white space (U+000A)");
    }

    @Test
    void the_bounds_of_a_lifetime_are_within_it_and_a_text_with_a_number_counts() {
        for (String hours : new String[] {"8", "8760", "'100'"}) {
            assertThat(parse("{'clientId':'"
                                    + CLIENT
                                    + "','orgId':'"
                                    + ORGANIZATION
                                    + "','secretExpiresAfterHours':"
                                    + hours
                                    + "}")
                            .ownTimes()
                            .lifetime())
                    .hasValue(Integer.parseInt(hours.replace("'", "")));
        }
    }

    // ---- writing

    @Test
    void the_new_secret_takes_the_place_of_the_old_one_and_every_other_key_stays() {
        assertThat(updated("{'z':1,'clientSecret':'old','clientId':'"
                        + CLIENT
                        + "','a':[1,{'b':null}],'orgId':'"
                        + ORGANIZATION
                        + "','secretId':'"
                        + OLD
                        + "','y':true}"))
                .isEqualTo("{'z':1,'clientSecret':'NEW-VALUE','clientId':'"
                        + CLIENT
                        + "','a':[1,{'b':null}],'orgId':'"
                        + ORGANIZATION
                        + "','secretId':'"
                        + NEW
                        + "','y':true,'secretBinding':'"
                        + BINDING
                        + "','createdAt':'2026-06-01T08:00:00Z',"
                        + "'expiresAt':'2026-08-30T08:00:00Z'}");
    }

    @Test
    void snake_case_is_written_in_snake_case() {
        assertThat(updated("{'client_id':'" + CLIENT + "','client_secret':'old','org_id':'" + ORGANIZATION + "'}"))
                .isEqualTo("{'client_id':'"
                        + CLIENT
                        + "','client_secret':'NEW-VALUE','org_id':'"
                        + ORGANIZATION
                        + "','secret_id':'"
                        + NEW
                        + "','secret_binding':'"
                        + BINDING
                        + "','created_at':'2026-06-01T08:00:00Z',"
                        + "'expires_at':'2026-08-30T08:00:00Z'}");
    }

    @Test
    void a_value_with_both_spellings_gets_both() {
        assertThat(updated("{'clientId':'"
                        + CLIENT
                        + "','client_id':'"
                        + CLIENT
                        + "','clientSecret':'old','client_secret':'old','orgId':'"
                        + ORGANIZATION
                        + "'}"))
                .contains(
                        "'clientSecret':'NEW-VALUE'",
                        "'client_secret':'NEW-VALUE'",
                        "'secretId':'" + NEW + "'",
                        "'secret_id':'" + NEW + "'",
                        "'createdAt':",
                        "'created_at':",
                        "'expiresAt':",
                        "'expires_at':")
                .doesNotContain("old");
    }

    @Test
    void a_value_that_waits_for_its_first_secret_gets_one() {
        for (String waiting : new String[] {"", "'clientSecret':'',", "'clientSecret':null,"}) {
            assertThat(updated("{" + waiting + "'clientId':'" + CLIENT + "','orgId':'" + ORGANIZATION + "'}"))
                    .containsOnlyOnce("'clientSecret':'NEW-VALUE'");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.10",
                "1.0",
                "0.1",
                "12345678901234567890123456789",
                "1.00000000000000000000001",
                "9007199254740993",
                "{'b':[1.10,{'c':2.50}]}",
                "[]",
                "{}",
                "null",
                "false",
                "'Zürich 東京 🔑'",
                "'\\\\ \\/'"
            })
    void what_is_not_ours_comes_back_as_it_was(String foreign) {
        var text = updated("{'clientId':'" + CLIENT + "','orgId':'" + ORGANIZATION + "','x':" + foreign + "}");
        assertThat(text).contains("'x':" + foreign.replace("\\/", "/"));
    }

    @Test
    void a_value_can_be_updated_again_and_again() {
        var once = parse("{'clientId':'" + CLIENT + "','orgId':'" + ORGANIZATION + "'}")
                .with(MADE, new Sensitive("s1"));
        var twice = once.with(MADE, new Sensitive("s2"));
        assertThat(twice.clientSecret()).hasValue(new Sensitive("s2"));
        assertThat(StoredValue.parse(twice.text()).secretId()).hasValue(new SecretId(NEW));
        assertThat(once.clientSecret()).hasValue(new Sensitive("s1"));
    }

    @Test
    void a_value_prints_ids_and_nothing_else() {
        var value = parse(
                "{'clientId':'" + CLIENT + "','orgId':'" + ORGANIZATION + "','clientSecret':'hidden','note':'hidden'}");
        assertThat(value.toString())
                .contains(CLIENT, ORGANIZATION, "not recorded")
                .doesNotContain("hidden");
        assertThat(value.text()).hasToString("Sensitive[hidden]");
    }
}
