package dev.atlasrotator.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.simulator.atlas.FakeAtlas;
import dev.atlasrotator.simulator.http.SelfSigned;
import dev.atlasrotator.simulator.lambda.LambdaFunction;
import dev.atlasrotator.simulator.secretsmanager.FakeSecretsManager;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The largest fleet that one run rotates fits into a small function: ten thousand stored secrets,
 * 200 to a project, are swept by the function in a process of its own, with a heap that is given.
 * The list and the values of the fleet are kept, since what one stored secret holds tells of
 * another; so the heap grows with the fleet, by a bounded amount for each.
 *
 * <p>What else is kept depends on how accounts are read. One that signs in for itself leaves an
 * access token, of which 250 are kept; those that an admin credential reads are listed once, and
 * the lists are kept until the end. So the fleet is read in either way, and half and half.
 *
 * <p>Three in a thousand are due, and not three in a hundred: 300 rotations take a minute at the
 * pace that quotas allow, in each of the three fleets, and what a rotation holds is gone when it is
 * over.
 *
 * <p>That is the whole ({@code -Dtests.whole=true}, as {@code .ci/run} has it), and takes three minutes. Else the fleet of
 * 1,500 stands for the large one, read half and half: the same bound for each stored secret, by more of them
 * than access tokens are kept.
 */
@Isolated
class FleetMemoryIT {
    private static final Pattern FIGURES =
            Pattern.compile("peak=(\\d+) resident=(\\d+) milliseconds=(\\d+) cpu=(\\d+) (\\{.*)");

    /** A function of 512 MB has more than four times as much. */
    private static final String HEAP = "-Xmx96m";

    /** What a stored secret and its value take while a sweep runs. */
    private static final long BYTES_A_MEMBER_MAX = 4_096;

    private static final boolean WHOLE = Boolean.getBoolean("tests.whole");
    private static final int SMALL = WHOLE ? 1_000 : 500;
    private static final int LARGE = WHOLE ? 10_000 : 1_500;

    /** How many accounts there are for each millisecond between two collections, which take most of a part's time. */
    private static final int ACCOUNTS_A_MILLISECOND = WHOLE ? 100 : 4;

    private @TempDir Path directory = Path.of(".");

    static List<Integer> inTenByAdmin() {
        return WHOLE ? List.of(0, 5, 10) : List.of(5);
    }

    @ParameterizedTest(name = "{0} in ten read by an admin credential")
    @MethodSource("inTenByAdmin")
    void a_small_heap_sweeps_a_small_fleet_and_a_large_one(int byAdmin) throws Exception {
        long small = peakOfSweeping(SMALL, byAdmin);
        long large = peakOfSweeping(LARGE, byAdmin);
        System.out.printf(
                "Heap in use after a collection, at most, %d in ten by admin: %,d KB for %,d, %,d KB for %,d%n",
                byAdmin, small / 1024, SMALL, large / 1024, LARGE);
        assertThat(large - small).isLessThan((LARGE - SMALL) * BYTES_A_MEMBER_MAX);
    }

    /**
     * The large fleet, three in a hundred due, each account signing in for itself, by both services' quotas and with
     * calls that take as long as they do, in real time: as Lambda runs a function of 512 MB with the JVM's options that
     * the template sets, but on a whole processor.
     */
    @Test
    void the_large_fleet_is_swept_in_time_by_a_function_of_512_MB() throws Exception {
        var fleet = new Fleet(new Fleet.Shape(
                Instant.now(), LARGE, LARGE / 200, 1, 30, 0, Fleet.SECRETS_MANAGER_CALL, Fleet.ATLAS_CALL));
        // Lambda gives 435 MB of the 512 to the heap.
        var options = new ArrayList<>(List.of("-XX:MaxRAM=512m", "-Xmx435m", "-XX:+UseSerialGC"));
        options.addAll(List.of(LambdaFunction.javaToolOptions().strip().split(" ", -1)));
        var swept = sweep(fleet, options, List.of());
        System.out.printf(
                "Fleet of %,d in a function of 512 MB: %.1f s, %.1f s of CPU, %,d KB resident%n",
                LARGE, swept.milliseconds() / 1e3, swept.cpu() / 1e3, swept.resident());
        assertThat(fleet.throttles()).isZero();
        assertThat(fleet.calls("createSecret")).isEqualTo(LARGE * 3 / 100);
        assertThat(swept.resident()).isLessThan(512 * 1024);
        assertThat(swept.milliseconds()).isLessThan(86_000);
    }

    private long peakOfSweeping(int size, int byAdmin) throws Exception {
        var fleet = new Fleet(
                new Fleet.Shape(Instant.now(), size, size / 200, 1, 3, byAdmin, Duration.ZERO, Duration.ZERO));
        var options = List.of(
                HEAP,
                "-XX:+UseSerialGC",
                // Else a collection leaves some garbage where it is.
                "-XX:MarkSweepAlwaysCompactCount=1",
                "-XX:TieredStopAtLevel=1");
        // As many collections in either run, so that the two peaks compare.
        return sweep(fleet, options, List.of(String.valueOf(size / ACCOUNTS_A_MILLISECOND)))
                .peak();
    }

    /**
     * What a sweep took.
     *
     * @param peak bytes of heap
     * @param resident KB of memory
     * @param cpu milliseconds of processor time, the start of the process included
     */
    private record Swept(long peak, long resident, long milliseconds, long cpu) {}

    private Swept sweep(Fleet fleet, List<String> options, List<String> arguments) throws Exception {
        int size = fleet.members.size();
        var certificate = SelfSigned.make();
        var trusted = directory.resolve("trusted");
        certificate.writeTrustStore(trusted);
        try (var atlas = FakeAtlas.startTls(fleet.countedAtlas(), certificate);
                var secretsManager = FakeSecretsManager.startTls(fleet.secretsManager, certificate)) {
            var log = directory.resolve(size + ".out");
            var errors = directory.resolve(size + ".err").toFile();
            var command = new ArrayList<String>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(options);
            command.add("-Djavax.net.ssl.trustStore=" + trusted);
            command.addAll(
                    List.of("-classpath", classpath(), FunctionProcess.class.getName(), "{\"action\":\"sweep\"}"));
            command.addAll(arguments);
            var builder =
                    new ProcessBuilder(command).redirectOutput(log.toFile()).redirectError(errors);
            var environment = builder.environment();
            environment.keySet().removeIf(name -> name.startsWith("AWS_"));
            environment.put("AWS_REGION", "eu-central-1");
            environment.put("AWS_ACCESS_KEY_ID", "example");
            environment.put("AWS_SECRET_ACCESS_KEY", "example");
            environment.put("AWS_ENDPOINT_URL", secretsManager.uri().toString());
            environment.put("ATLAS_BASE_URL", atlas.baseUrl().toString());
            environment.put("ROTATIONS_PER_SWEEP", "10000");
            var process = builder.start();
            try {
                assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
            } finally {
                process.destroyForcibly();
            }
            Files.readAllLines(log).forEach(fleet::line);
            var said = Files.readString(errors.toPath(), UTF_8);
            var figures = FIGURES.matcher(said);
            assertThat(figures.find()).as(said).isTrue();
            assertThat(figures.group(5)).contains("\"checked\":" + size + ",").contains("\"unfinished\":0");
            assertThat(fleet.members).allMatch(fleet::currentWorks);
            return new Swept(
                    Long.parseLong(figures.group(1)),
                    Long.parseLong(figures.group(2)),
                    Long.parseLong(figures.group(3)),
                    Long.parseLong(figures.group(4)));
        }
    }

    /** The function's own jars, as they are deployed, where the build has listed them. */
    private static String classpath() throws IOException {
        var all = System.getProperty("java.class.path");
        var list = System.getProperty("function.dependencies");
        return list == null
                ? all
                : String.join(
                        File.pathSeparator,
                        "target/classes",
                        "target/test-classes",
                        Files.readString(Path.of(list)).strip());
    }
}
