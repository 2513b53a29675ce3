package dev.atlasrotator.benchmark;

import static dev.atlasrotator.simulator.lambda.LambdaFunction.Start.SNAP_START;

import dev.atlasrotator.simulation.SweepCost;
import dev.atlasrotator.simulator.atlas.FakeAtlas;
import dev.atlasrotator.simulator.http.SelfSigned;
import dev.atlasrotator.simulator.lambda.FakeLambdaRuntime;
import dev.atlasrotator.simulator.lambda.FakeLambdaRuntime.Answer;
import dev.atlasrotator.simulator.lambda.LambdaFunction;
import dev.atlasrotator.simulator.lambda.LambdaProcess.Moment;
import dev.atlasrotator.simulator.secretsmanager.FakeSecretsManager;
import dev.atlasrotator.testbed.BegunRotations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * What a start and a rotation cost, beside two other functions that do the same job: one in Java without a thought of
 * start-up, and AWS's rotation template in Python. All run with a runtime client that speaks Lambda's Runtime API, and
 * talk TLS with both stand-ins. The functions take turns, so that the machine's load meets all of them; every figure is
 * a median.
 */
public final class Benchmark {
    /** What 512 MB are given while an invocation runs: Lambda's memory is a whole vCPU at 1,769 MB. */
    private static final double VCPUS_AT_512_MB = 512 / 1769.0;

    /** Rotations before the one that is measured as warm. */
    private static final int ROTATIONS = 3;

    /** One environment, from its start through some rotations. Times in milliseconds, memory in megabytes. */
    private record Sample(
            double cold,
            double firstStep,
            double throttled,
            double warm,
            double vaultCalls,
            double atlasCalls,
            double memory) {}

    /** A column of the table. A runtime without SnapStart has no samples of a restored function. */
    private record Column(String name, Contestant contestant, List<Sample> started, List<Sample> restored) {
        Column(String name, Contestant contestant) {
            this(name, contestant, new ArrayList<>(), new ArrayList<>());
        }

        private List<Sample> firstSteps() {
            return restored.isEmpty() ? started : restored;
        }
    }

    private final BegunRotations rotations = new BegunRotations();

    private Benchmark() {}

    /**
     * Prints the table, and after it what a month costs.
     *
     * @param options how many rounds, 9 if not said
     */
    public static void main(String[] options) throws IOException, GeneralSecurityException, InterruptedException {
        // Else the JDK's server holds small answers back for 40 ms, which would be measured.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        new Benchmark().run(options.length == 0 ? 9 : Integer.parseInt(options[0]));
        SweepCost.print();
    }

    private void run(int rounds) throws IOException, GeneralSecurityException, InterruptedException {
        var certificate = SelfSigned.make();
        var folder = Files.createDirectories(Path.of("target", "benchmark"));
        var trust = folder.resolve("trust.jks").toAbsolutePath();
        var authorities = folder.resolve("trust.pem").toAbsolutePath();
        certificate.writeTrustStore(trust);
        certificate.writePemOfAuthorities(authorities);
        var columns = new ArrayList<Column>();
        columns.add(new Column("this function", Contestant.thisFunction(folder.resolve("this"))));
        columns.add(new Column("plain Java", Contestant.plainJava(folder.resolve("plain"))));
        Contestant.python(folder.resolve("python"))
                .ifPresent(python -> columns.add(new Column("AWS's template, Python", python)));
        try (var hereSecrets = FakeSecretsManager.startTls(rotations.secretsManager(), certificate);
                var hereAtlas = FakeAtlas.startTls(rotations.atlas(), certificate)) {
            for (int round = 0; round <= rounds; round++) {
                for (Column column : columns) {
                    var function = column.contestant()
                            .function()
                            .at(hereSecrets, hereAtlas)
                            .withJvmOption("-Djavax.net.ssl.trustStore=" + trust)
                            .with("AWS_CA_BUNDLE", authorities.toString());
                    column.started().add(measure(function));
                    if (function.bootstrap().isEmpty()) {
                        column.restored().add(measure(function.starting(SNAP_START)));
                    }
                    if (round == 0) { // only brings the files into the system's cache
                        column.started().clear();
                        column.restored().clear();
                    }
                }
            }
        }
        print(columns, rounds);
    }

    private Sample measure(LambdaFunction function) throws IOException, InterruptedException {
        try (var lambda = new FakeLambdaRuntime(function)) {
            var process = lambda.start();
            int vaultCalls = rotations.secretsManager().calls();
            int atlasCalls = rotations.atlas().callCount();
            rotate(lambda);
            vaultCalls =
                    rotations.secretsManager().calls() - vaultCalls - 1; // the first is RotateSecret, which is ours
            atlasCalls = rotations.atlas().callCount() - atlasCalls;
            for (int i = 1; i < ROTATIONS; i++) {
                rotate(lambda);
            }
            var event = rotations.begin().event("createSecret");
            long before = System.nanoTime();
            invoke(lambda, event);
            double warm = millis(System.nanoTime() - before);

            var started = process.at(Moment.STARTED).orElseThrow();
            var answered = process.at(Moment.ANSWERED).orElseThrow();
            var ready = process.at(function.start() == SNAP_START ? Moment.RESTORED : Moment.READY)
                    .orElseThrow();
            double init = millis(ready.nanoTime() - started.nanoTime());
            double stepCpu = answered.cpu().minus(ready.cpu()).toMillis();
            return new Sample(
                    millis(answered.nanoTime() - started.nanoTime()),
                    millis(answered.nanoTime() - ready.nanoTime()),
                    init + stepCpu / VCPUS_AT_512_MB,
                    warm,
                    vaultCalls,
                    atlasCalls,
                    process.memoryMax() / 1e6);
        }
    }

    private void rotate(FakeLambdaRuntime lambda) throws IOException, InterruptedException {
        var begun = rotations.begin();
        for (String step : BegunRotations.STEPS) {
            invoke(lambda, begun.event(step));
        }
    }

    private static void invoke(FakeLambdaRuntime lambda, String event) throws IOException, InterruptedException {
        var answer = lambda.invoke(event);
        if (!(answer instanceof Answer.Returned)) {
            throw new IllegalStateException(event + " failed: " + answer);
        }
    }

    private static double millis(long nanos) {
        return nanos / 1e6;
    }

    private static void print(List<Column> columns, int rounds) throws IOException {
        System.out.printf(
                "%n%s, %d processors, JDK %s. Medians of %d rounds, times in milliseconds.%n%n",
                processor(), Runtime.getRuntime().availableProcessors(), Runtime.version(), rounds);
        line(columns, "", Column::name);
        line(columns, "---", column -> "---:");
        figures(columns, "start without a snapshot, to the first step's answer", Column::started, Sample::cold);
        figures(columns, "the same with 0.29 vCPU after init", Column::started, Sample::throttled);
        figures(columns, "first step after a restore; Python: after init", Column::firstSteps, Sample::firstStep);
        figures(columns, "first step of a later rotation", Column::started, Sample::warm);
        figures(columns, "calls of a rotation to Secrets Manager", Column::started, Sample::vaultCalls);
        figures(columns, "calls of a rotation to Atlas", Column::started, Sample::atlasCalls);
        figures(columns, "most memory, MB", Column::started, Sample::memory);
        line(columns, "zip, MB", column -> "%.1f".formatted(column.contestant().zipBytes() / 1e6));
    }

    private static void figures(
            List<Column> columns, String what, Function<Column, List<Sample>> of, ToDoubleFunction<Sample> figure) {
        line(
                columns,
                what,
                column -> "%.0f".formatted(median(of.apply(column).stream().mapToDouble(figure))));
    }

    private static void line(List<Column> columns, String first, Function<Column, String> cell) {
        System.out.println(columns.stream().map(cell).collect(Collectors.joining(" | ", "| " + first + " | ", " |")));
    }

    private static double median(DoubleStream values) {
        var sorted = values.sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static String processor() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("an unnamed processor");
        }
    }
}
