package dev.atlasrotator.simulator.atlas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.atlasrotator.simulator.VirtualTime;
import dev.atlasrotator.simulator.atlas.AtlasRules.AccessList;
import dev.atlasrotator.simulator.atlas.AtlasRules.RateLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The stand-in against MongoDB's published description of the API, where that is at hand. */
class AtlasOpenApiTest {
    private final VirtualTime time = new VirtualTime(Instant.parse("2026-03-01T12:00:00Z"));
    private final AtlasModel atlas = new AtlasModel(time);
    private final String organizationId = atlas.addOrganization();
    private final AtlasScope organization = new AtlasScope.Organization(organizationId);
    private final AtlasScope project = new AtlasScope.Project(atlas.addProject(organizationId));
    private final String admin = atlas.addServiceAccount(organization, AtlasModel.ORG_OWNER);
    private final IssuedCredential adminSecret = atlas.createSecret(admin, 2160);

    private OpenApiCheck check() {
        Optional<OpenApiCheck> check = OpenApiCheck.inFrontOf(atlas);
        assumeTrue(check.isPresent(), "skipped: no description of the API at " + OpenApiCheck.DESCRIPTION);
        return check.orElseThrow();
    }

    @Test
    void every_operation_keeps_to_the_description_both_ways() {
        OpenApiCheck check = check();
        AtlasCalls calls = new AtlasCalls(check);
        String token = calls.token(admin, adminSecret);
        for (AtlasScope scope : new AtlasScope[] {project, organization}) {
            String account = atlas.addServiceAccount(scope, role(scope));
            assertThat(calls.list(token, scope, "?pageNum=1&itemsPerPage=1").status())
                    .isEqualTo(200);
            assertThat(calls.list(token, scope, "").status()).isEqualTo(200);
            AtlasAnswer created = calls.create(token, scope, account, 2160);
            assertThat(created.status()).isEqualTo(201);
            String id = (String) AtlasCalls.json(created).getOrDefault("id", "");
            assertThat(calls.create(token, scope, account, 8).status()).isEqualTo(201);
            atlas.signIn(account, (String) AtlasCalls.json(created).getOrDefault("secret", ""));
            assertThat(calls.read(token, scope, account).status()).isEqualTo(200);
            assertThat(calls.delete(token, scope, account, id).status()).isEqualTo(204);
            AtlasAnswer made = calls.createAccount(
                    token,
                    scope,
                    "{\"name\":\"n\",\"description\":\"d\",\"roles\":[\"" + role(scope)
                            + "\"],\"secretExpiresAfterHours\":8}");
            assertThat(made.status()).isEqualTo(201);
            String clientId = (String) AtlasCalls.json(made).getOrDefault("clientId", "");
            assertThat(calls.deleteAccount(token, scope, clientId).status()).isEqualTo(204);
        }
        assertThat(calls.revoke(admin, adminSecret.value(), token).status()).isEqualTo(200);
        assertThat(check.violations()).isEmpty();
    }

    private static String role(AtlasScope scope) {
        return switch (scope) {
            case AtlasScope.Project project -> AtlasModel.PROJECT_OWNER;
            case AtlasScope.Organization organization -> AtlasModel.ORG_READ_ONLY;
        };
    }

    @Test
    void errors_keep_to_the_description_too() {
        OpenApiCheck check = check();
        AtlasCalls calls = new AtlasCalls(check);
        String token = calls.token(admin, adminSecret);
        String account = atlas.addServiceAccount(project, AtlasModel.PROJECT_READ_ONLY);
        String own = calls.token(account, atlas.createSecret(account, 100));
        assertThat(calls.read("dead", project, account).status()).isEqualTo(401);
        assertThat(calls.create(own, project, account, 100).status()).isEqualTo(403);
        assertThat(calls.create(token, project, account, 9000).status()).isEqualTo(400);
        assertThat(calls.create(token, project, account, 100).status()).isEqualTo(201);
        assertThat(calls.create(token, project, account, 100).status()).isEqualTo(400);
        assertThat(calls.delete(token, project, account, "0".repeat(24)).status())
                .isEqualTo(404);
        atlas.rules(rules -> rules.thirdCreateAnswers(409, "FULL"));
        assertThat(calls.create(token, project, account, 100).status()).isEqualTo(409);
        atlas.rules(rules -> rules.accessList(AccessList.REFUSES_ADDRESS));
        assertThat(calls.read(token, project, account).status()).isEqualTo(403);
        atlas.rules(rules -> rules.accessList(AccessList.ALLOWS).rateLimits(RateLimits.ON));
        while (calls.read(token, project, account).status() == 200) {
            time.advance(Duration.ofMillis(1));
        }
        AtlasRequest unsigned =
                new AtlasRequest("GET", AtlasCalls.path(project), Map.of("accept", AtlasCalls.VERSION), new byte[0]);
        assertThat(calls.send(unsigned).status()).isEqualTo(401);
        // The description wants a credential; the unsigned request of a digest begins without one.
        assertThat(check.violations()).isEmpty();
    }

    @Test
    void a_wrong_request_is_seen() {
        OpenApiCheck check = check();
        AtlasCalls calls = new AtlasCalls(check);
        String token = calls.token(admin, adminSecret);
        calls.create(token, organization, admin, "{\"secretExpiresAfterHours\":\"soon\"}");
        calls.list(token, organization, "?itemsPerPage=many");
        assertThat(check.violations()).hasSizeGreaterThanOrEqualTo(2);
        assertThat(check.violations().toString()).doesNotContain(token);
    }

    @Test
    void a_wrong_answer_is_seen() {
        Optional<OpenApiCheck> check = OpenApiCheck.inFrontOf(request -> new AtlasOutcome.Answered(
                AtlasAnswer.of(200, Map.of("content-type", AtlasCalls.VERSION), "{\"clientId\":\"nobody\"}"),
                Duration.ZERO,
                AtlasOutcome.Author.ATLAS));
        assumeTrue(check.isPresent(), "skipped: no description of the API at " + OpenApiCheck.DESCRIPTION);
        new AtlasCalls(check.orElseThrow()).read("any", organization, admin);
        assertThat(check.orElseThrow().violations()).isNotEmpty();
    }
}
