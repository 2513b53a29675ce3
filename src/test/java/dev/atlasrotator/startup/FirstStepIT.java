package dev.atlasrotator.startup;

import static dev.atlasrotator.simulator.lambda.LambdaFunction.Start.SNAP_START;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.simulator.atlas.FakeAtlas;
import dev.atlasrotator.simulator.http.SelfSigned;
import dev.atlasrotator.simulator.lambda.FakeLambdaRuntime;
import dev.atlasrotator.simulator.lambda.FakeLambdaRuntime.Answer;
import dev.atlasrotator.simulator.lambda.LambdaFunction;
import dev.atlasrotator.simulator.lambda.LambdaProcess;
import dev.atlasrotator.simulator.secretsmanager.FakeSecretsManager;
import dev.atlasrotator.testbed.BegunRotations;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the packaged function has ready when its first step comes, over TLS to both services. */
class FirstStepIT {
    /** Half of them are the runtime client's own; the others only a live connection brings. */
    private static final int CLASSES_MAX = 20;

    /** What the JDK's cache of names holds. */
    private static final String CACHED_ADDRESS = "java.net.InetAddress$CachedLookup";

    private final BegunRotations rotations = new BegunRotations();

    @TempDir
    private Path folder;

    /** A scene with the function and both services. */
    @FunctionalInterface
    private interface Scene {
        void play(FakeLambdaRuntime lambda, LambdaProcess process, Set<Integer> ports) throws Exception;
    }

    @Test
    void after_a_restore_a_first_step_loads_hardly_a_class() throws Exception {
        var log = folder.resolve("classes.log");
        play(
                function -> function.starting(SNAP_START).withJvmOption("-Xlog:class+load:file=" + log),
                (lambda, process, ports) -> {
                    int before = Files.readAllLines(log).size();

                    assertThat(lambda.invoke(rotations.begin().event("createSecret")))
                            .isInstanceOf(Answer.Returned.class);

                    var loaded = Files.readAllLines(log);
                    assertThat(loaded.subList(before, loaded.size())).hasSizeLessThanOrEqualTo(CLASSES_MAX);
                });
    }

    @Test
    void nothing_secret_is_in_memory_where_the_snapshot_would_be_taken() throws Exception {
        var begun = rotations.begin();
        play(function -> function.starting(SNAP_START), (lambda, process, ports) -> {
            var snapshot = memory(process, "snapshot.hprof");
            assertThat(snapshot.contains(LambdaProcess.ROLE_KEY))
                    .as("the role's key")
                    .isFalse();
            assertThat(snapshot.contains(begun.clientSecret()))
                    .as("a client secret")
                    .isFalse();
            assertThat(snapshot.contains("access_token\":\"ey")).as("a token").isFalse();

            assertThat(lambda.invoke(begun.event("createSecret"))).isInstanceOf(Answer.Returned.class);

            // The search finds what is there.
            var later = memory(process, "later.hprof");
            assertThat(later.contains(LambdaProcess.ROLE_KEY)).isTrue();
            assertThat(later.contains(begun.clientSecret())).isTrue();
        });
    }

    @Test
    void a_snapshot_has_no_connection_and_no_address_and_a_first_step_connects() throws Exception {
        play(function -> function.starting(SNAP_START), (lambda, process, ports) -> {
            assertThat(connected(ports)).isEmpty();
            assertThat(process.diagnose("GC.class_histogram")).doesNotContain(CACHED_ADDRESS);

            assertThat(lambda.invoke(rotations.begin().event("createSecret"))).isInstanceOf(Answer.Returned.class);

            assertThat(connected(ports)).isEqualTo(ports);
        });
    }

    @Test
    void without_a_snapshot_init_connects_for_the_first_step() throws Exception {
        play(function -> function, (lambda, process, ports) -> {
            assertThat(connected(ports)).isEqualTo(ports);
            assertThat(process.diagnose("GC.class_histogram")).contains(CACHED_ADDRESS);
        });
    }

    private void play(UnaryOperator<LambdaFunction> configured, Scene scene) throws Exception {
        var certificate = SelfSigned.make();
        var trust = folder.resolve("trust.jks").toAbsolutePath();
        certificate.writeTrustStore(trust);
        try (var secretsManager = FakeSecretsManager.startTls(rotations.secretsManager(), certificate);
                var atlas = FakeAtlas.startTls(rotations.atlas(), certificate)) {
            var zip = Path.of(Objects.requireNonNull(System.getProperty("function.zip")));
            var function = LambdaFunction.unpacked(zip, folder.resolve("task"))
                    // By name, so that there is an address to keep.
                    .with("AWS_ENDPOINT_URL_SECRETS_MANAGER", byName(secretsManager.uri()))
                    .with("ATLAS_BASE_URL", byName(atlas.baseUrl()))
                    .withJvmOption("-Djavax.net.ssl.trustStore=" + trust);
            try (var lambda = new FakeLambdaRuntime(configured.apply(function))) {
                scene.play(
                        lambda,
                        lambda.start(),
                        Set.of(secretsManager.uri().getPort(), atlas.baseUrl().getPort()));
            }
        }
    }

    private static String byName(URI service) {
        return "https://localhost:" + service.getPort();
    }

    /** A dump of the heap, with what nothing refers to any more: a snapshot has that too. */
    private String memory(LambdaProcess process, String name) throws IOException, InterruptedException {
        var file = folder.resolve(name);
        process.diagnose("GC.heap_dump", "-all", file.toString());
        return Files.readString(file, ISO_8859_1);
    }

    /** Those of the ports to which there is a connection, as Linux lists them (proc_net(5), state 01). */
    private static Set<Integer> connected(Set<Integer> ports) throws IOException {
        var lines = new ArrayList<String>();
        for (String list : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            lines.addAll(Files.readAllLines(Path.of(list)));
        }
        return ports.stream()
                .filter(port -> lines.stream()
                        .map(line -> line.strip().split("\\s+"))
                        .anyMatch(fields -> fields[2].endsWith(":%04X".formatted(port)) && fields[3].equals("01")))
                .collect(toSet());
    }
}
