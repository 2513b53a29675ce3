package dev.atlasrotator.testbed;

import dev.atlasrotator.atlas.HttpServiceAccounts;
import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasCredential.ApiKey;
import dev.atlasrotator.credential.AtlasCredential.ServiceAccountKey;
import dev.atlasrotator.credential.ClientId;
import dev.atlasrotator.credential.Scope;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.VirtualTime;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.simulator.atlas.AtlasService;
import dev.atlasrotator.simulator.atlas.InProcessAtlas;
import dev.atlasrotator.simulator.atlas.IssuedCredential;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** An Atlas with one project account that owns its project, and the adapter in front of it. */
public final class AtlasFixture {
    public static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    public static final String AGENT = HttpServiceAccounts.userAgent("0.1.0", "Linux", "aarch64");

    public final VirtualTime time = new VirtualTime(START);
    public final AtlasModel atlas = new AtlasModel(time);
    public final String organizationId = atlas.addOrganization();
    public final String projectId = atlas.addProject(organizationId);
    public final AtlasScope project = new AtlasScope.Project(projectId);
    public final String clientId = atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
    public final IssuedCredential secret = atlas.createSecret(clientId, 2160);
    public final List<String> lines = Collections.synchronizedList(new ArrayList<>());
    public final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());
    public final Log log = new Log(lines::add, time);
    public final Account account = new Account(new Scope.Project(projectId), new ClientId(clientId));
    public final ServiceAccountKey key = key(secret.value());
    public final Deadline deadline = Deadline.in(Duration.ofMinutes(5), time);
    public final Retrier retrier = new Retrier(
            pause -> {
                pauses.add(pause);
                time.sleep(pause);
            },
            new Random(7));
    public final HttpServiceAccounts accounts = through(atlas);

    public HttpServiceAccounts through(AtlasService service) {
        return over(new InProcessAtlas(service, time), URI.create("https://cloud.mongodb.com"));
    }

    public HttpServiceAccounts over(HttpClient client, URI base) {
        return new HttpServiceAccounts(
                new HttpServiceAccounts.Endpoint(client, base, AGENT), retrier, log, time, new Random(7));
    }

    public ServiceAccountKey key(String value) {
        return new ServiceAccountKey(new ClientId(clientId), new Sensitive(value));
    }

    public ApiKey apiKey(String... roles) {
        var issued = atlas.addApiKey(project, roles);
        return new ApiKey(issued.id(), new Sensitive(issued.value()));
    }

    public int calls(String operation) {
        return atlas.calls().getOrDefault(operation, 0);
    }

    /** From now on this call gets this answer instead, and has no effect. */
    public void answering(String operation, int status, String body) {
        answering(operation, Fault.Moment.BEFORE_EFFECT, status, body);
    }

    /** From now on this call gets this answer instead; the effect has happened or not. */
    public void answering(String operation, Fault.Moment moment, int status, String body) {
        answering(operation, moment, status, Map.of(), body);
    }

    public void answering(String operation, Fault.Moment moment, int status, Map<String, String> headers, String body) {
        atlas.faults(call -> call.operation().equals(operation)
                ? new Fault.Answer(moment, status, headers, body)
                : new Fault.None());
    }

    /** The first such call meets this, the next ones pass. */
    public void once(String operation, Fault fault) {
        var left = new ArrayList<>(List.of(fault));
        atlas.faults(
                call -> call.operation().equals(operation) && !left.isEmpty() ? left.removeFirst() : new Fault.None());
    }
}
