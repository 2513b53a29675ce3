package dev.atlasrotator.benchmark;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.simulator.atlas.FakeAtlas;
import dev.atlasrotator.simulator.http.SelfSigned;
import dev.atlasrotator.simulator.lambda.FakeLambdaRuntime;
import dev.atlasrotator.simulator.lambda.FakeLambdaRuntime.Answer;
import dev.atlasrotator.simulator.lambda.LambdaFunction;
import dev.atlasrotator.simulator.lambda.LambdaFunction.Start;
import dev.atlasrotator.simulator.lambda.LambdaProcess;
import dev.atlasrotator.simulator.lambda.LambdaProcess.Moment;
import dev.atlasrotator.simulator.secretsmanager.FakeSecretsManager;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerModel;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/**
 * How long the packaged function takes from the start of its process to the answer of its first
 * step, {@code createSecret}, which is the longest; and from a snapshot. It runs with AWS's own
 * runtime client, and talks TLS with both stand-ins. Times are this machine's and move with its
 * load; CPU times are steadier.
 */
public final class ColdStart {
    private static final Path ZIP = Path.of("target", "atlas-secret-rotator.zip");

    /**
     * What 512 MB are given while an invocation runs: Lambda's memory is a whole vCPU at 1,769 MB.
     */
    private static final double VCPUS_AT_512_MB = 512 / 1769.0;

    /** One start. All in milliseconds. */
    private record Sample(long answered, long init, long initCpu, long stepCpu) {}

    private final SecretsManagerModel secretsManager =
            new SecretsManagerModel(SecretsManagerSettings.at(InstantSource.system()));
    private final AtlasModel atlas = new AtlasModel(InstantSource.system());
    private final AtlasScope.Project project = new AtlasScope.Project(atlas.addProject(atlas.addOrganization()));
    private int secrets;

    private ColdStart() {}

    /**
     * Prints the figures.
     *
     * @param options how many starts of each kind, 9 if not said; then options for the function's
     *     JVM, for whoever looks for what costs
     */
    public static void main(String[] options) throws IOException, GeneralSecurityException, InterruptedException {
        // Else the JDK's server holds small answers back for 40 ms, which would be measured.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        int runs = options.length == 0 ? 9 : Integer.parseInt(options[0]);
        new ColdStart().run(runs, Arrays.asList(options).subList(Math.min(1, options.length), options.length));
    }

    private void run(int runs, List<String> jvmOptions)
            throws IOException, GeneralSecurityException, InterruptedException {
        var certificate = SelfSigned.make();
        var folder = Files.createDirectories(Path.of("target", "benchmark"));
        var trust = folder.resolve("trust.jks").toAbsolutePath();
        certificate.writeTrustStore(trust);
        var zipped = Files.size(ZIP);
        try (var hereSecrets = FakeSecretsManager.startTls(secretsManager, certificate);
                var hereAtlas = FakeAtlas.startTls(atlas, certificate)) {
            var function = LambdaFunction.unpacked(ZIP, folder.resolve("task"))
                    .at(hereSecrets, hereAtlas)
                    .withJvmOption("-Djavax.net.ssl.trustStore=" + trust);
            for (String option : jvmOptions) {
                function = function.withJvmOption(option);
            }
            System.out.printf(
                    Locale.ROOT,
                    "%nDeployed zip: %.2f MB. Processors here: %d. Medians of %d starts (least to" + " most), in ms.%n",
                    zipped / 1e6,
                    Runtime.getRuntime().availableProcessors(),
                    runs);
            tell("On demand (C1 only, as Lambda sets it)", measure(function, Start.ON_DEMAND, runs));
            tell(
                    "From a snapshot (the time before it is spent once, when a version is" + " published)",
                    measure(function, Start.SNAP_START, runs));
        }
    }

    private List<Sample> measure(LambdaFunction function, Start start, int runs)
            throws IOException, InterruptedException {
        var samples = new ArrayList<Sample>();
        measureOne(function.starting(start)); // the files get into the system's cache
        for (int run = 0; run < runs; run++) {
            samples.add(measureOne(function.starting(start)));
        }
        return samples;
    }

    private Sample measureOne(LambdaFunction function) throws IOException, InterruptedException {
        var event = createSecret();
        try (var lambda = new FakeLambdaRuntime(function)) {
            var process = lambda.start();
            var answer = lambda.invoke(event);
            if (!(answer instanceof Answer.Returned)) {
                throw new IllegalStateException("the step failed: " + answer);
            }
            return switch (function.start()) {
                case ON_DEMAND -> sample(process, Moment.READY, Moment.STARTED);
                case SNAP_START -> sample(process, Moment.SNAPSHOT, Moment.RESTORED);
            };
        }
    }

    private static Sample sample(LambdaProcess process, Moment initEnd, Moment from) {
        var end = process.at(Moment.ANSWERED).orElseThrow();
        var init = process.at(initEnd).orElseThrow();
        return new Sample(
                millis(end.nanoTime() - process.at(from).orElseThrow().nanoTime()),
                millis(init.nanoTime()
                        - process.at(Moment.STARTED).orElseThrow().nanoTime()),
                init.cpu().toMillis(),
                end.cpu().minus(init.cpu()).toMillis());
    }

    private static long millis(long nanos) {
        return Duration.ofNanos(nanos).toMillis();
    }

    /** A stored secret whose rotation has begun, and the event that Secrets Manager sends then. */
    private String createSecret() {
        var clientId = atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
        var first = atlas.secretFromThePast(clientId, atlas.instant().minus(Duration.ofDays(30)), 2160);
        var value = new LinkedHashMap<String, Object>();
        value.put("clientId", clientId);
        value.put("clientSecret", first.value());
        value.put("groupId", project.id());
        value.put("secretId", first.id());
        secrets++;
        var arn = secretsManager.seed("benchmark/" + secrets, Json.text(value), Map.of());
        secretsManager.configureRotation(arn, LambdaFunction.UNQUALIFIED_ARN);
        var token = UUID.randomUUID().toString();
        secretsManager.call("RotateSecret", Map.of("SecretId", arn, "ClientRequestToken", token));
        return Json.text(Map.of("Step", "createSecret", "SecretId", arn, "ClientRequestToken", token));
    }

    private static void tell(String title, List<Sample> samples) {
        System.out.println();
        System.out.println(title);
        row(
                "start to first answered step",
                samples.stream().map(Sample::answered).toList());
        row("init, elapsed", samples.stream().map(Sample::init).toList());
        row("init, CPU", samples.stream().map(Sample::initCpu).toList());
        var step = samples.stream().map(Sample::stepCpu).toList();
        row("first step, CPU", step);
        System.out.printf(
                Locale.ROOT, "  %-34s %6.0f%n", "the same on 512 MB's 0.29 vCPU", median(step) / VCPUS_AT_512_MB);
    }

    private static void row(String what, List<Long> values) {
        var sorted = values.stream().sorted().toList();
        System.out.printf(
                Locale.ROOT, "  %-34s %6.0f   (%d to %d)%n", what, median(values), sorted.getFirst(), sorted.getLast());
    }

    private static double median(List<Long> values) {
        var sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2.0;
    }
}
