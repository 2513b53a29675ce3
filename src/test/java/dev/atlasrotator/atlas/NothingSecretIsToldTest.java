package dev.atlasrotator.atlas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.atlas.ServiceAccounts.CreateAnswer;
import dev.atlasrotator.credential.AtlasCredential;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.simulator.atlas.AtlasAnswer;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasOutcome;
import dev.atlasrotator.simulator.atlas.AtlasOutcome.Answered;
import dev.atlasrotator.simulator.atlas.AtlasRequest;
import dev.atlasrotator.testbed.AtlasFixture;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An Atlas that answers everything with all that it was told, and no word of that comes out. */
class NothingSecretIsToldTest {
    private final AtlasFixture desk = new AtlasFixture();
    private final List<String> told = new ArrayList<>();
    private final Set<String> secrets = new LinkedHashSet<>();

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 302, 400, 401, 402, 403, 404, 405, 409, 429, 500, 503})
    void whatever_atlas_echoes(int status) {
        var key = desk.apiKey(AtlasModel.PROJECT_OWNER);
        secrets.addAll(List.of(desk.secret.value(), key.privateKey().reveal()));
        var echoing = desk.through(request -> echo(request, status));
        var signing = desk.through(request -> signingIn(request, status));
        for (var accounts : List.of(desk.accounts, echoing, signing)) {
            for (var as : List.<AtlasCredential>of(desk.key, key, desk.key("hunter-2-wrong"))) {
                everything(accounts, as);
            }
        }
        secrets.add("hunter-2-wrong");
        assertThat(secrets).hasSizeGreaterThan(3);
        told.addAll(desk.lines);
        assertThat(told).hasSizeGreaterThan(20);
        for (String secret : secrets) {
            assertThat(told).noneMatch(line -> line.contains(secret));
        }
    }

    private void everything(HttpServiceAccounts accounts, AtlasCredential as) {
        var secret = new SecretId("66b0c0deffffffffffffffff");
        tell(() -> accounts.read(desk.account, as, desk.deadline));
        tell(() -> accounts.profiles(desk.account.scope(), as, desk.deadline));
        tell(() -> {
            var answer = accounts.create(desk.account, as, 100, desk.deadline);
            if (answer instanceof CreateAnswer.Made made) {
                secrets.add(made.created().value().reveal());
            }
            return answer;
        });
        tell(() -> accounts.delete(desk.account, secret, as, desk.deadline));
        if (as instanceof AtlasCredential.ServiceAccountKey key) {
            tell(() -> accounts.verify(key, desk.deadline));
        }
    }

    private void tell(Supplier<Object> call) {
        try {
            told.add(call.get().toString());
        } catch (RotatorException failed) {
            assertThat(failed).hasNoCause();
            told.add(failed.toString());
        }
    }

    /** Tokens are handed out by the real rules, so that calls get further. */
    private AtlasOutcome signingIn(AtlasRequest request, int status) {
        return request.pathAndQuery().equals("/api/oauth/token")
                ? noting(desk.atlas.exchange(request))
                : echo(request, status);
    }

    private AtlasOutcome noting(AtlasOutcome outcome) {
        if (outcome instanceof Answered answered) {
            var text = answered.answer().text();
            int from = text.indexOf("\"access_token\":\"") + 16;
            if (from > 16) {
                secrets.add(text.substring(from, text.indexOf('"', from)));
            }
        }
        return outcome;
    }

    private AtlasOutcome echo(AtlasRequest request, int status) {
        var sent = request.headers().getOrDefault("authorization", "none");
        var value = sent.substring(sent.indexOf(' ') + 1);
        if (sent.startsWith("Basic ")) {
            secrets.add(value);
        }
        var all = value
                + " "
                + (sent.startsWith("Basic ")
                        ? new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)
                        : "")
                + " "
                + new String(request.body(), StandardCharsets.UTF_8)
                + " "
                + desk.secret.value();
        var quoted = all.replace("\\", "\\\\").replace("\"", "\\\"");
        var body = "{\"error\":"
                + status
                + ",\"errorCode\":\""
                + quoted
                + "\",\"detail\":\""
                + quoted
                + "\",\"id\":\""
                + quoted
                + "\",\"createdAt\":\""
                + quoted
                + "\",\"secrets\":[{\"id\":\""
                + quoted
                + "\"}]}";
        return new Answered(
                new AtlasAnswer(
                        status,
                        Map.of("content-type", "application/json", "location", "/" + value.length()),
                        body.getBytes(StandardCharsets.UTF_8)),
                Duration.ZERO,
                AtlasOutcome.Author.FAULT);
    }
}
