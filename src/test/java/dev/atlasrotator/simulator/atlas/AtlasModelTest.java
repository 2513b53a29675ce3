package dev.atlasrotator.simulator.atlas;

import static dev.atlasrotator.simulator.atlas.AtlasCalls.code;
import static dev.atlasrotator.simulator.atlas.AtlasCalls.json;
import static dev.atlasrotator.simulator.atlas.AtlasCalls.secrets;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Fault.Moment;
import dev.atlasrotator.simulator.VirtualTime;
import dev.atlasrotator.simulator.atlas.AtlasEvent.What;
import dev.atlasrotator.simulator.atlas.AtlasRules.AccessList;
import dev.atlasrotator.simulator.atlas.AtlasRules.Mask;
import dev.atlasrotator.simulator.atlas.AtlasRules.RateLimits;
import dev.atlasrotator.simulator.atlas.AtlasRules.WideAccounts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules that Atlas keeps, one sentence each. */
class AtlasModelTest {
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration WEEK = Duration.ofDays(7);

    private final VirtualTime time = new VirtualTime(START);
    private final AtlasModel atlas = new AtlasModel(time);
    private final AtlasCalls calls = new AtlasCalls(atlas);
    private final String organizationId = atlas.addOrganization();
    private final AtlasScope organization = new AtlasScope.Organization(organizationId);
    private final AtlasScope project = new AtlasScope.Project(atlas.addProject(organizationId));
    private final String account = atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
    private final IssuedCredential first = atlas.secretFromThePast(account, START.minus(Duration.ofDays(10)), 2160);

    private String token() {
        return calls.token(account, first);
    }

    private String create() {
        return (String) json(calls.create(token(), project, account, 2160)).getOrDefault("id", "");
    }

    @Nested
    class Accounts {
        private static final String BODY =
                "{\"name\":\"shop\",\"description\":\"d\",\"roles\":[\"GROUP_OWNER\"],\"secretExpiresAfterHours\":24}";

        @Test
        void a_project_owner_creates_an_account_whose_first_secret_comes_with_it() {
            AtlasAnswer created = calls.createAccount(token(), project, BODY);
            assertThat(created.status()).isEqualTo(201);
            assertThat(json(created)).containsEntry("name", "shop").containsEntry("roles", List.of("GROUP_OWNER"));
            String clientId = (String) json(created).getOrDefault("clientId", "");
            String value = (String) secrets(created).getFirst().getOrDefault("secret", "");
            assertThat(atlas.auth(clientId, value)).isTrue();
            String own = calls.token(clientId, new IssuedCredential("", value));
            assertThat(calls.read(own, project, clientId).text())
                    .contains("\"name\":\"shop\"")
                    .doesNotContain(value);
            assertThat(calls.create(own, project, clientId, 24).status()).isEqualTo(201);
        }

        @Test
        void a_deleted_account_is_gone_with_its_secrets_and_tokens() {
            String clientId =
                    (String) json(calls.createAccount(token(), project, BODY)).getOrDefault("clientId", "");
            String own = calls.token(clientId, atlas.createSecret(clientId, 24));
            assertThat(calls.deleteAccount(token(), project, clientId).status()).isEqualTo(204);
            assertThat(calls.read(own, project, clientId).status()).isEqualTo(401);
            assertThat(calls.list(token(), project, "").text()).doesNotContain(clientId);
            assertThat(calls.deleteAccount(token(), project, clientId).status()).isEqualTo(404);
        }

        @Test
        void only_an_owner_creates_and_deletes_accounts() {
            String reader = atlas.addServiceAccount(project, AtlasModel.PROJECT_READ_ONLY);
            String token = calls.token(reader, atlas.createSecret(reader, 24));
            assertThat(calls.createAccount(token, project, BODY).status()).isEqualTo(403);
            assertThat(calls.deleteAccount(token, project, account).status()).isEqualTo(403);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{\"name\":\"shop\",\"description\":\"d\",\"roles\":[],\"secretExpiresAfterHours\":24}",
                    "{\"name\":\"shop\",\"description\":\"d\",\"roles\":[\"GROUP_OWNER\"],\"secretExpiresAfterHours\":7}",
                    "{\"name\":\"\",\"description\":\"d\",\"roles\":[\"GROUP_OWNER\"],\"secretExpiresAfterHours\":24}",
                    "{\"name\":\"shop\",\"roles\":[\"GROUP_OWNER\"],\"secretExpiresAfterHours\":24}"
                })
        void an_account_that_is_not_described_completely_is_refused(String body) {
            assertThat(calls.createAccount(token(), project, body).status()).isEqualTo(400);
            assertThat(calls.list(token(), project, "").text()).doesNotContain("shop");
        }

        @Test
        void a_project_tells_its_organization_and_its_number_of_clusters() {
            assertThat(json(calls.project(token(), project.id())))
                    .containsEntry("orgId", organizationId)
                    .containsEntry("clusterCount", 0);
        }
    }

    @Nested
    class Secrets {
        @Test
        void the_value_comes_with_the_create_and_never_again() {
            AtlasAnswer created = calls.create(token(), project, account, 2160);
            assertThat(created.status()).isEqualTo(201);
            String value = (String) json(created).getOrDefault("secret", "");
            assertThat(value).startsWith("mdb_sa_sk_");
            assertThat(json(created)).doesNotContainKey("maskedSecretValue").containsEntry("lastUsedAt", null);
            AtlasAnswer read = calls.read(token(), project, account);
            assertThat(read.text()).doesNotContain(value).contains("maskedSecretValue");
            assertThat(secrets(read)).hasSize(2).noneMatch(secret -> secret.containsKey("secret"));
            assertThat(atlas.auth(account, value)).isTrue();
        }

        @Test
        void a_create_cuts_the_other_secret_to_seven_days_at_once() {
            create();
            assertThat(atlas.secrets(account).getFirst().expiresAt()).isEqualTo(START.plus(WEEK));
            assertThat(atlas.secrets(account).getLast().expiresAt()).isEqualTo(START.plus(Duration.ofDays(90)));
        }

        @Test
        void what_had_less_than_seven_days_keeps_what_it_had() {
            time.advance(Duration.ofDays(77));
            Instant end = atlas.secrets(account).getFirst().expiresAt();
            create();
            assertThat(atlas.secrets(account).getFirst().expiresAt()).isEqualTo(end);
            assertThat(atlas.ledger()).noneMatch(event -> event.what() == What.SECRET_CUT);
        }

        @Test
        void nothing_gives_the_time_back() {
            String second = create();
            calls.delete(token(), project, account, second);
            assertThat(atlas.secrets(account).getFirst().expiresAt()).isEqualTo(START.plus(WEEK));
        }

        @Test
        void a_third_create_is_refused_and_changes_nothing() {
            create();
            String token = token();
            String before = atlas.fingerprint();
            assertThat(calls.create(token, project, account, 2160).status()).isEqualTo(400);
            assertThat(atlas.fingerprint()).isEqualTo(before);
        }

        @Test
        void what_a_third_create_answers_is_a_parameter() {
            atlas.rules(rules -> rules.thirdCreateAnswers(409, "SECRETS_FULL"));
            create();
            AtlasAnswer answer = calls.create(token(), project, account, 2160);
            assertThat(answer.status()).isEqualTo(409);
            assertThat(code(answer)).isEqualTo("SECRETS_FULL");
        }

        @Test
        void an_expired_secret_counts_until_somebody_deletes_it() {
            String other = atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
            atlas.secretFromThePast(other, START.minus(Duration.ofDays(100)), 24);
            IssuedCredential living = atlas.secretFromThePast(other, START.minus(Duration.ofDays(2)), 2160);
            String token = calls.token(other, living);
            assertThat(calls.create(token, project, other, 100).status()).isEqualTo(400);
            String expired = atlas.secrets(other).getFirst().id();
            assertThat(calls.delete(token, project, other, expired).status()).isEqualTo(204);
            assertThat(calls.create(token, project, other, 100).status()).isEqualTo(201);
        }

        @Test
        void an_expired_secret_does_not_sign_in() {
            time.advance(Duration.ofDays(80));
            assertThat(calls.mint(account, first.value()).status()).isEqualTo(401);
            assertThat(atlas.auth(account, first.value())).isFalse();
        }

        @Test
        void two_creates_at_once_conflict() {
            atlas.rules(rules -> rules.createsCollideWithin(Duration.ofSeconds(2)));
            create();
            atlas.deleteSecret(account, atlas.secrets(account).getLast().id());
            AtlasAnswer second = calls.create(token(), project, account, 100);
            assertThat(second.status()).isEqualTo(409);
            assertThat(code(second)).isEqualTo("DATA_CONCURRENCY_ERROR");
            time.advance(Duration.ofSeconds(2));
            assertThat(calls.create(token(), project, account, 100).status()).isEqualTo(201);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{}",
                    "{\"secretExpiresAfterHours\":7}",
                    "{\"secretExpiresAfterHours\":8761}",
                    "{\"secretExpiresAfterHours\":\"100\"}",
                    "{\"secretExpiresAfterHours\":null}",
                    "{\"secretExpiresAfterHours\":99999999999}",
                    "{\"secretExpiresAfterHours\":100,\"name\":\"x\"}",
                    "[100]",
                    "hours"
                })
        void a_body_that_is_not_exactly_right_is_a_400(String body) {
            assertThat(calls.create(token(), project, account, body).status()).isEqualTo(400);
            assertThat(atlas.secrets(account)).hasSize(1);
        }

        @ParameterizedTest
        @ValueSource(ints = {8, 8760})
        void the_bounds_of_a_lifetime_are_allowed(int hours) {
            assertThat(calls.create(token(), project, account, hours).status()).isEqualTo(201);
        }

        @Test
        void an_organization_may_set_a_lower_bound() {
            AtlasScope strict = new AtlasScope.Organization(atlas.addOrganization(48));
            String admin = atlas.addServiceAccount(strict, AtlasModel.ORG_OWNER);
            String token = calls.token(admin, atlas.createSecret(admin, 24));
            assertThat(calls.create(token, strict, admin, 49).status()).isEqualTo(400);
            assertThat(calls.create(token, strict, admin, 48).status()).isEqualTo(201);
        }

        @Test
        void a_delete_is_final_and_a_second_one_finds_nothing() {
            String second = create();
            assertThat(calls.delete(token(), project, account, second).status()).isEqualTo(204);
            assertThat(calls.delete(token(), project, account, second).status()).isEqualTo(404);
        }

        @Test
        void the_last_secret_may_be_deleted_and_then_nobody_authenticates() {
            String token = token();
            assertThat(calls.delete(token, project, account, first.id()).status())
                    .isEqualTo(204);
            assertThat(atlas.secrets(account)).isEmpty();
            assertThat(calls.mint(account, first.value()).status()).isEqualTo(401);
            assertThat(calls.read(token, project, account).status()).isEqualTo(401);
        }

        @Test
        void the_mask_tells_nothing_or_shows_an_end() {
            assertThat(secrets(calls.read(token(), project, account)).getFirst())
                    .containsEntry("maskedSecretValue", "mdb_sa_sk_********");
            atlas.rules(rules -> rules.mask(Mask.SHOWS_END));
            String end = first.value().substring(first.value().length() - 4);
            assertThat(secrets(calls.read(token(), project, account)).getFirst())
                    .containsEntry("maskedSecretValue", "mdb_sa_sk_****" + end);
        }

        @Test
        void last_used_moves_when_a_token_is_minted_and_not_when_it_is_used() {
            assertThat(atlas.secrets(account).getFirst().lastUsedAt()).isEmpty();
            String token = token();
            time.advance(Duration.ofMinutes(5));
            assertThat(secrets(calls.read(token, project, account)).getFirst())
                    .containsEntry("lastUsedAt", START.toString());
        }

        @Test
        void last_used_may_lag() {
            atlas.rules(rules -> rules.lastUsedLag(Duration.ofMinutes(10)));
            String token = token();
            time.advance(Duration.ofMinutes(9));
            assertThat(secrets(calls.read(token, project, account)).getFirst()).containsEntry("lastUsedAt", null);
            atlas.signIn(account, first.value());
            time.advance(Duration.ofMinutes(1));
            assertThat(secrets(calls.read(token, project, account)).getFirst())
                    .containsEntry("lastUsedAt", START.toString());
            time.advance(Duration.ofMinutes(9));
            assertThat(secrets(calls.read(token, project, account)).getFirst())
                    .containsEntry(
                            "lastUsedAt", START.plus(Duration.ofMinutes(9)).toString());
        }

        @Test
        void what_is_shown_lags_and_what_is_so_does_not() {
            atlas.rules(rules -> rules.lastUsedLag(Duration.ofMinutes(10)));
            atlas.signIn(account, first.value());
            assertThat(atlas.shown(account).getFirst().lastUsedAt()).isEmpty();
            assertThat(atlas.secrets(account).getFirst().lastUsedAt()).contains(START);
            time.advance(Duration.ofMinutes(10));
            assertThat(atlas.shown(account).getFirst().lastUsedAt()).contains(START);
        }

        @Test
        void a_person_may_create_and_delete_under_the_same_rules() {
            IssuedCredential second = atlas.createSecret(account, 100);
            assertThat(atlas.secrets(account).getFirst().expiresAt()).isEqualTo(START.plus(WEEK));
            assertThatIllegalStateException().isThrownBy(() -> atlas.createSecret(account, 100));
            assertThat(atlas.deleteSecret(account, second.id())).isTrue();
            assertThat(atlas.deleteSecret(account, second.id())).isFalse();
            assertThat(second).hasToString(second.id());
        }
    }

    @Nested
    class Tokens {
        @Test
        void a_token_lives_an_hour() {
            AtlasAnswer minted = calls.mint(account, first.value());
            assertThat(json(minted)).containsEntry("expires_in", 3600).containsEntry("token_type", "Bearer");
            String token = (String) json(minted).getOrDefault("access_token", "");
            time.advance(Duration.ofSeconds(3599));
            assertThat(calls.read(token, project, account).status()).isEqualTo(200);
            time.advance(Duration.ofSeconds(1));
            assertThat(calls.read(token, project, account).status()).isEqualTo(401);
        }

        @Test
        void deleting_a_secret_ends_its_tokens_and_no_others() {
            String old = token();
            IssuedCredential second = atlas.createSecret(account, 100);
            String recent = calls.token(account, second);
            calls.delete(recent, project, account, first.id());
            assertThat(atlas.tokenAlive(old)).isFalse();
            assertThat(atlas.tokenAlive(recent)).isTrue();
            assertThat(calls.read(old, project, account).status()).isEqualTo(401);
        }

        @Test
        void the_call_that_deletes_its_own_secret_is_the_last_of_its_token() {
            create();
            String own = token();
            assertThat(calls.delete(own, project, account, first.id()).status()).isEqualTo(204);
            assertThat(calls.read(own, project, account).status()).isEqualTo(401);
        }

        @Test
        void a_revoked_token_is_dead_and_the_answer_has_no_body() {
            String token = token();
            AtlasAnswer answer = calls.revoke(account, first.value(), token);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEmpty();
            assertThat(atlas.tokenAlive(token)).isFalse();
            assertThat(calls.revoke(account, first.value(), token).status()).isEqualTo(200);
        }

        @Test
        void nobody_revokes_the_token_of_another_account() {
            String other = atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
            IssuedCredential secret = atlas.createSecret(other, 100);
            String token = token();
            assertThat(calls.revoke(other, secret.value(), token).status()).isEqualTo(200);
            assertThat(atlas.tokenAlive(token)).isTrue();
        }

        @Test
        void wrong_credentials_get_an_oauth_error_whose_error_is_a_text() {
            AtlasAnswer answer = calls.mint(account, "mdb_sa_sk_wrong");
            assertThat(answer.status()).isEqualTo(401);
            assertThat(json(answer)).containsEntry("error", "invalid_client").containsKey("error_description");
        }

        @Test
        void percent_encoded_credentials_are_wrong_credentials() {
            String encoded = account.replace("_", "%5F");
            assertThat(calls.mint(encoded, first.value().replace("_", "%5F")).status())
                    .isEqualTo(401);
            assertThat(calls.mint(account, first.value().replace("_", "%5F")).status())
                    .isEqualTo(401);
        }

        @Test
        void a_grant_that_is_not_client_credentials_is_refused() {
            assertThat(json(calls.send(AtlasCalls.oauth("token", account, first.value(), "grant_type=password"))))
                    .containsEntry("error", "unsupported_grant_type");
            assertThat(json(calls.send(AtlasCalls.oauth("token", account, first.value(), ""))))
                    .containsEntry("error", "invalid_request");
        }

        @Test
        void the_fifty_first_token_in_a_minute_is_refused_in_the_shape_of_the_api() {
            for (int i = 0; i < 50; i++) {
                assertThat(calls.mint(account, first.value()).status()).isEqualTo(200);
                time.advance(Duration.ofSeconds(1));
            }
            AtlasAnswer refused = calls.mint(account, first.value());
            assertThat(refused.status()).isEqualTo(429);
            assertThat(json(refused)).containsEntry("error", 429);
            assertThat(refused.headers()).containsEntry("retry-after", "10");
            time.advance(Duration.ofSeconds(10));
            assertThat(calls.mint(account, first.value()).status()).isEqualTo(200);
        }

        @Test
        void at_most_a_hundred_tokens_live() {
            for (int i = 0; i < 100; i++) {
                assertThat(calls.mint(account, first.value()).status()).isEqualTo(200);
                time.advance(Duration.ofSeconds(2));
            }
            assertThat(calls.mint(account, first.value()).status()).isEqualTo(429);
            time.advance(Duration.ofSeconds(3500));
            assertThat(calls.mint(account, first.value()).status()).isEqualTo(200);
        }
    }

    @Nested
    class WhoMayDoWhat {
        @Test
        void a_reader_of_the_project_reads_and_may_not_create() {
            String reader = atlas.addServiceAccount(project, AtlasModel.PROJECT_READ_ONLY);
            String token = calls.token(reader, atlas.createSecret(reader, 100));
            assertThat(calls.read(token, project, account).status()).isEqualTo(200);
            assertThat(calls.create(token, project, account, 100).status()).isEqualTo(403);
            assertThat(calls.delete(token, project, account, first.id()).status())
                    .isEqualTo(403);
        }

        @Test
        void a_project_owner_rotates_itself_and_others_in_its_project() {
            String other = atlas.addServiceAccount(project, AtlasModel.PROJECT_READ_ONLY);
            assertThat(calls.create(token(), project, account, 100).status()).isEqualTo(201);
            assertThat(calls.create(token(), project, other, 100).status()).isEqualTo(201);
        }

        @Test
        void who_is_not_a_member_of_the_project_gets_a_401() {
            AtlasScope elsewhere = new AtlasScope.Project(atlas.addProject(organizationId));
            String other = atlas.addServiceAccount(elsewhere, AtlasModel.PROJECT_OWNER);
            assertThat(calls.read(token(), elsewhere, other).status()).isEqualTo(401);
        }

        @Test
        void an_organization_owner_manages_the_organization_and_its_projects() {
            String admin = atlas.addServiceAccount(organization, AtlasModel.ORG_OWNER);
            String token = calls.token(admin, atlas.createSecret(admin, 100));
            assertThat(calls.create(token, organization, admin, 100).status()).isEqualTo(201);
            assertThat(calls.create(token, project, account, 100).status()).isEqualTo(201);
        }

        @Test
        void a_member_of_the_organization_may_not_read_its_accounts() {
            String member = atlas.addServiceAccount(organization, AtlasModel.ORG_MEMBER);
            String token = calls.token(member, atlas.createSecret(member, 100));
            assertThat(calls.read(token, organization, member).status()).isEqualTo(403);
            atlas.grant(member, organizationId, AtlasModel.ORG_READ_ONLY);
            assertThat(calls.read(token, organization, member).status()).isEqualTo(200);
            assertThat(calls.create(token, organization, member, 100).status()).isEqualTo(403);
        }

        @Test
        void an_account_in_two_projects_may_need_an_organization_owner() {
            atlas.grant(account, atlas.addProject(organizationId), AtlasModel.PROJECT_READ_ONLY);
            atlas.rules(rules -> rules.wideAccounts(WideAccounts.ONLY_ORGANIZATION_OWNER_MAY));
            assertThat(calls.create(token(), project, account, 100).status()).isEqualTo(403);
            atlas.rules(rules -> rules.wideAccounts(WideAccounts.PROJECT_OWNER_MAY));
            assertThat(calls.create(token(), project, account, 100).status()).isEqualTo(201);
        }

        @Test
        void what_does_not_exist_is_a_404() {
            AtlasScope nowhere = new AtlasScope.Project("0".repeat(24));
            assertThat(code(calls.read(token(), nowhere, account))).isEqualTo("GROUP_NOT_FOUND");
            String noAccount = "mdb_sa_id_" + "0".repeat(24);
            assertThat(calls.read(token(), project, noAccount).status()).isEqualTo(404);
            assertThat(calls.delete(token(), project, account, "0".repeat(24)).status())
                    .isEqualTo(404);
        }

        @Test
        void an_access_list_concerns_the_use_of_a_token_and_not_its_minting() {
            atlas.rules(rules -> rules.accessList(AccessList.REFUSES_ADDRESS));
            AtlasAnswer refused = calls.read(token(), project, account);
            assertThat(refused.status()).isEqualTo(403);
            assertThat(code(refused)).isEqualTo("IP_ADDRESS_NOT_ON_ACCESS_LIST");
            atlas.rules(rules -> rules.accessList(AccessList.MISSING));
            assertThat(code(calls.read(token(), project, account))).isEqualTo("ORG_REQUIRES_ACCESS_LIST");
        }
    }

    @Nested
    class Wire {
        @ParameterizedTest
        @ValueSource(strings = {"application/json", "*/*", "text/html"})
        void without_a_version_nothing_is_acceptable(String accept) {
            AtlasRequest request = AtlasCalls.api("GET", AtlasCalls.path(project), token(), "");
            assertThat(calls.send(AtlasCalls.with(request, "accept", accept)).status())
                    .isEqualTo(406);
        }

        @ParameterizedTest
        @ValueSource(strings = {"2023-01-01", "2024-13-45", "latest"})
        void a_version_that_never_was_is_a_400(String version) {
            AtlasRequest request = AtlasCalls.api("GET", AtlasCalls.path(project), token(), "");
            AtlasAnswer answer =
                    calls.send(AtlasCalls.with(request, "accept", "application/vnd.atlas." + version + "+json"));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(code(answer)).isEqualTo("INVALID_VERSION_DATE");
        }

        @Test
        void the_token_endpoint_has_no_versions() {
            AtlasRequest mint = AtlasCalls.oauth("token", account, first.value(), "grant_type=client_credentials");
            assertThat(calls.send(AtlasCalls.with(mint, "accept", "application/json"))
                            .status())
                    .isEqualTo(200);
            assertThat(calls.send(AtlasCalls.with(mint, "accept", AtlasCalls.VERSION))
                            .status())
                    .isEqualTo(406);
        }

        @Test
        void a_later_version_resolves_downward() {
            AtlasRequest request = AtlasCalls.api("GET", AtlasCalls.path(project), token(), "");
            AtlasAnswer answer =
                    calls.send(AtlasCalls.with(request, "accept", "application/vnd.atlas.2025-03-12+json"));
            assertThat(answer.headers().getOrDefault("content-type", "")).contains("2024-08-05");
        }

        @Test
        void every_answer_has_the_time_of_atlas_in_whole_seconds() {
            atlas.skew(Duration.ofMillis(90_500));
            assertThat(calls.read(token(), project, account).headers())
                    .containsEntry("date", "Sun, 01 Mar 2026 12:01:30 GMT");
            assertThat(calls.mint(account, "wrong").headers()).containsKey("date");
        }

        @Test
        void secrets_are_dated_by_the_clock_of_atlas() {
            atlas.skew(Duration.ofSeconds(-30));
            create();
            assertThat(atlas.secrets(account).getLast().createdAt()).isEqualTo(START.minusSeconds(30));
        }

        @Test
        void accounts_are_listed_page_by_page() {
            for (int i = 0; i < 4; i++) {
                atlas.addServiceAccount(project, AtlasModel.PROJECT_READ_ONLY);
            }
            AtlasAnswer page = calls.list(token(), project, "?pageNum=2&itemsPerPage=2");
            assertThat(json(page)).containsEntry("totalCount", 5);
            assertThat((List<?>) json(page).getOrDefault("results", List.of())).hasSize(2);
            assertThat(page.text()).contains("\"self\"", "\"previous\"", "\"next\"");
            AtlasAnswer last = calls.list(token(), project, "?pageNum=3&itemsPerPage=2");
            assertThat((List<?>) json(last).getOrDefault("results", List.of())).hasSize(1);
            assertThat(last.text()).doesNotContain("\"next\"");
            assertThat(calls.list(token(), project, "?itemsPerPage=501").status())
                    .isEqualTo(400);
            assertThat(calls.list(token(), project, "?pageNum=0").status()).isEqualTo(400);
        }

        @Test
        void an_unknown_call_is_the_callers_mistake() {
            AtlasRequest request = AtlasCalls.api("GET", "/api/atlas/v2/clusters", token(), "");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> atlas.exchange(request))
                    .withMessageContaining("GET /api/atlas/v2/clusters");
        }

        @Test
        void a_project_has_a_bucket_of_1200_calls_and_500_a_minute_back() {
            atlas.rules(rules -> rules.rateLimits(RateLimits.ON));
            String token = token();
            for (int i = 0; i < 1200; i++) {
                assertThat(calls.read(token, project, account).status()).isEqualTo(200);
            }
            AtlasAnswer refused = calls.read(token, project, account);
            assertThat(refused.status()).isEqualTo(429);
            assertThat(code(refused)).isEqualTo("RATE_LIMITED_TOKEN_BUCKET");
            assertThat(refused.headers())
                    .containsEntry("retry-after", "1")
                    .containsEntry("ratelimit-limit", "1200")
                    .containsEntry("ratelimit-remaining", "0");
            time.advance(Duration.ofMinutes(1));
            int passed = 0;
            while (calls.read(token, project, account).status() == 200) {
                passed++;
            }
            assertThat(passed).isEqualTo(500);
        }

        @Test
        void an_organization_has_a_bucket_of_500_and_250_a_minute_back() {
            atlas.rules(rules -> rules.rateLimits(RateLimits.ON_WITHOUT_RETRY_AFTER));
            String admin = atlas.addServiceAccount(organization, AtlasModel.ORG_OWNER);
            String token = calls.token(admin, atlas.createSecret(admin, 100));
            int passed = 0;
            while (calls.list(token, organization, "").status() == 200) {
                passed++;
            }
            assertThat(passed).isEqualTo(500);
            assertThat(calls.list(token, organization, "").headers()).doesNotContainKey("retry-after");
        }
    }

    @Nested
    class Faulty {
        @Test
        void a_fault_before_the_effect_leaves_everything_as_it_was() {
            String token = token();
            String before = atlas.fingerprint();
            atlas.faults(call -> AtlasErrors.internalError(Moment.BEFORE_EFFECT));
            assertThat(calls.create(token, project, account, 100).status()).isEqualTo(500);
            assertThat(atlas.fingerprint()).isEqualTo(before);
        }

        @Test
        void a_fault_after_the_effect_hides_what_has_happened() {
            String token = token();
            atlas.faults(call -> new Fault.Close(Moment.AFTER_EFFECT));
            AtlasRequest create = AtlasCalls.api(
                    "POST",
                    AtlasCalls.path(project) + "/" + account + "/secrets",
                    token,
                    "{\"secretExpiresAfterHours\":100}");
            assertThat(atlas.exchange(create)).isInstanceOf(AtlasOutcome.Closed.class);
            assertThat(atlas.secrets(account)).hasSize(2);
        }

        @Test
        void faults_are_asked_once_a_call_with_its_name_subject_and_number() {
            List<Call> asked = new ArrayList<>();
            atlas.faults(call -> {
                asked.add(call);
                return new Fault.None();
            });
            String second = create();
            calls.delete(token(), project, account, second);
            calls.list(token(), project, "");
            assertThat(asked)
                    .extracting(Call::operation)
                    .containsExactly(
                            "mintToken", "createSecret", "mintToken", "deleteSecret", "mintToken", "listAccounts");
            assertThat(asked)
                    .extracting(Call::subject)
                    .containsExactly(account, account, account, second, account, project.id());
            assertThat(asked).extracting(Call::number).containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(atlas.calls())
                    .containsExactlyInAnyOrderEntriesOf(
                            Map.of("mintToken", 3, "createSecret", 1, "deleteSecret", 1, "listAccounts", 1));
        }
    }

    @Nested
    class Looking {
        @Test
        void the_ledger_tells_what_happened_by_whom_and_never_a_value() {
            String second = create();
            atlas.deleteSecret(account, second);
            assertThat(atlas.ledger())
                    .extracting(AtlasEvent::what)
                    .containsExactly(
                            What.SECRET_CREATED,
                            What.TOKEN_MINTED,
                            What.SECRET_CUT,
                            What.SECRET_CREATED,
                            What.SECRET_DELETED);
            assertThat(atlas.ledger().get(3).by()).isEqualTo(new AtlasActor.ServiceAccount(account, first.id()));
            assertThat(atlas.ledger().getLast().by()).isEqualTo(new AtlasActor.Person());
            assertThat(atlas.ledger().toString()).doesNotContain(first.value());
        }

        @Test
        void a_copy_goes_its_own_way_from_the_same_state() {
            token();
            AtlasModel copy = atlas.copy();
            assertThat(copy.fingerprint()).isEqualTo(atlas.fingerprint());
            assertThat(copy.createSecret(account, 100).id())
                    .isEqualTo(atlas.copy().createSecret(account, 100).id());
            assertThat(copy.fingerprint()).isNotEqualTo(atlas.fingerprint());
            assertThat(atlas.secrets(account)).hasSize(1);
            assertThat(atlas.ledger()).hasSize(2);
        }

        @Test
        void a_fingerprint_forgets_what_no_later_answer_depends_on() {
            token();
            String alive = atlas.fingerprint();
            time.advance(Duration.ofHours(1));
            assertThat(atlas.fingerprint()).isNotEqualTo(alive);
            String dead = atlas.fingerprint();
            time.advance(Duration.ofHours(1));
            assertThat(atlas.fingerprint()).isEqualTo(dead);
        }

        @Test
        void twenty_threads_at_once_leave_at_most_two_secrets() throws Exception {
            String token = token();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<Integer>> answers = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    answers.add(threads.submit(
                            () -> calls.create(token, project, account, 100).status()));
                }
                int created = 0;
                for (Future<Integer> answer : answers) {
                    created += answer.get() == 201 ? 1 : 0;
                }
                assertThat(created).isEqualTo(1);
            }
            assertThat(atlas.secrets(account)).hasSize(2);
        }

        @Test
        void asking_whether_a_value_signs_in_leaves_no_trace() {
            String before = atlas.fingerprint();
            assertThat(atlas.secretOf(account, first.value())).isEqualTo(Optional.of(first.id()));
            assertThat(atlas.auth(account, "wrong")).isFalse();
            assertThat(atlas.fingerprint()).isEqualTo(before);
            assertThat(atlas.callCount()).isZero();
        }
    }
}
