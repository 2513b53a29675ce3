package dev.atlasrotator.alarm;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.cloudwatch.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A month of a deployment for the picture of its dashboard: forty accounts, and what happens to some of them. Writes the
 * lines that {@code scripts/dashboard.py} draws.
 */
final class DashboardMonth {
    private static final Path LINES = Path.of("target/dashboard.jsonl");

    private DashboardMonth() {}

    public static void main(String[] arguments) throws IOException {
        var region = new Region();
        var deployment = new Deployment(region, "rotator", Map.of("FunctionName", "rotator"));
        for (int i = 0; i < 40; i++) {
            deployment.account("prod/service-%02d".formatted(i), Duration.ofHours(18L * i));
        }
        deployment.run(Duration.ofDays(9));
        var denied = deployment.kept("prod/service-07");
        var wrong = Map.of("clientSecret", "mdb_sa_sk_" + "0".repeat(40));
        deployment.testbed.changedByHand(denied, wrong);
        deployment.testbed.changedByHand(denied, wrong);
        deployment.run(Duration.ofHours(30));
        var made = deployment.testbed.atlas.secrets(denied.clientId()).getFirst();
        var value =
                deployment.testbed.atlas.valueOf(denied.clientId(), made.id()).orElseThrow();
        deployment.testbed.changedByHand(denied, Map.of("clientSecret", value, "secretId", made.id()));
        deployment.run(Duration.ofDays(7));
        var foreign = deployment.kept("prod/service-21");
        deployment.testbed.atlas.createSecret(foreign.clientId(), 2160);
        deployment.run(Duration.ofDays(2));
        deployment.schedule = Deployment.Schedule.OFF;
        deployment.run(Duration.ofHours(9));
        deployment.schedule = Deployment.Schedule.ON;
        deployment.run(Duration.ofDays(10));
        deployment.end();

        var lines = new ArrayList<String>(deployment.findingLines);
        region.metrics.keys().forEach(key -> lines.addAll(points(region.metrics, key)));
        Files.write(LINES, lines);
    }

    private static List<String> points(Metrics metrics, Metrics.Key key) {
        var lines = new ArrayList<String>();
        metrics.each(
                key,
                (Instant at, Double value) -> lines.add(Json.text(Map.of(
                        "namespace",
                        key.namespace(),
                        "name",
                        key.name(),
                        "dimensions",
                        key.dimensions(),
                        "at",
                        at.toEpochMilli(),
                        "value",
                        value))));
        return lines;
    }
}
