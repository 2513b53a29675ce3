package dev.atlasrotator.atlas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.atlasrotator.atlas.ServiceAccounts.Answer;
import dev.atlasrotator.atlas.ServiceAccounts.CreateAnswer;
import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasCredential.ServiceAccountKey;
import dev.atlasrotator.credential.ClientId;
import dev.atlasrotator.credential.Scope;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.simulator.atlas.OpenApiCheck;
import dev.atlasrotator.testbed.AtlasFixture;
import org.junit.jupiter.api.Test;

/** What the adapter sends, and what it is answered, against MongoDB's description of the API. */
class DescriptionTest {
    private final AtlasFixture desk = new AtlasFixture();

    @Test
    void every_request_keeps_to_the_description() {
        var check = OpenApiCheck.inFrontOf(desk.atlas);
        assumeTrue(check.isPresent(), "skipped: no description of the API at " + OpenApiCheck.DESCRIPTION);
        var accounts = desk.through(check.orElseThrow());
        everything(accounts, desk.account, desk.key);
        var organization = new AtlasScope.Organization(desk.organizationId);
        var owner = desk.atlas.addServiceAccount(organization, AtlasModel.ORG_OWNER);
        var id = new ClientId(owner);
        everything(
                accounts,
                new Account(new Scope.Organization(desk.organizationId), id),
                new ServiceAccountKey(
                        id, new Sensitive(desk.atlas.createSecret(owner, 100).value())));
        assertThat(check.orElseThrow().violations()).isEmpty();
    }

    private void everything(HttpServiceAccounts accounts, Account account, ServiceAccountKey as) {
        assertThat(accounts.read(account, as, desk.deadline)).isInstanceOf(Answer.Given.class);
        assertThat(accounts.profiles(account.scope(), as, desk.deadline)).isInstanceOf(Answer.Given.class);
        assertThat(accounts.create(account, as, 8, desk.deadline))
                .isInstanceOfSatisfying(CreateAnswer.Made.class, made -> {
                    SecretId secret = made.created().secret().id();
                    assertThat(accounts.delete(account, secret, as, desk.deadline))
                            .isInstanceOf(Answer.Given.class);
                });
    }
}
