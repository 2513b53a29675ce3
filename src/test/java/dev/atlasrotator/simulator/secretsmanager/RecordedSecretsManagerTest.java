package dev.atlasrotator.simulator.secretsmanager;

import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.atlasrotator.simulator.VirtualTime;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;

/** The stand-in answers the real SDK client as the real service did in each recorded scenario. */
class RecordedSecretsManagerTest {
    private static final Path RECORDED = Path.of("../shared/data/secrets-manager-recorded.json");
    private static final Instant START = Instant.parse("2026-11-01T09:00:00Z");

    @TestFactory
    Stream<DynamicTest> in_process_it_answers_as_recorded() throws IOException {
        return scenarios()
                .map(scenario -> dynamicTest(scenario.getKey(), () -> {
                    var time = new VirtualTime(START);
                    var model = new SecretsManagerModel(SecretsManagerSettings.at(time));
                    try (var http = new InProcessSecretsManager(model);
                            var replay =
                                    new Replay(model, time, http, URI.create("http://in-process"), answers(scenario))) {
                        new RecordedScenarios(replay).run(scenario.getKey());
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> over_http_it_answers_as_recorded() throws IOException {
        return scenarios()
                .map(scenario -> dynamicTest(scenario.getKey(), () -> {
                    var time = new VirtualTime(START);
                    var model = new SecretsManagerModel(SecretsManagerSettings.at(time));
                    try (var server = FakeSecretsManager.start(model);
                            var http = UrlConnectionHttpClient.create();
                            var replay = new Replay(model, time, http, server.uri(), answers(scenario))) {
                        new RecordedScenarios(replay).run(scenario.getKey());
                    }
                }));
    }

    private static Stream<Map.Entry<String, Object>> scenarios() throws IOException {
        assumeTrue(Files.exists(RECORDED), "the recorded answers are not here: " + RECORDED);
        return JSON.std.mapFrom(Files.readString(RECORDED)).entrySet().stream();
    }

    @SuppressWarnings("unchecked") // a JSON object's keys are always text
    private static RecordedAnswers answers(Map.Entry<String, Object> scenario) {
        return new RecordedAnswers((Map<String, Object>) scenario.getValue());
    }
}
