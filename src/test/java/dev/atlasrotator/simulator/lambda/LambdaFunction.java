package dev.atlasrotator.simulator.lambda;

import dev.atlasrotator.simulator.atlas.FakeAtlas;
import dev.atlasrotator.simulator.cloudwatch.Template;
import dev.atlasrotator.simulator.secretsmanager.FakeSecretsManager;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipInputStream;

/**
 * A function as it is deployed: its unpacked zip and how it is configured.
 *
 * @param taskRoot where the zip is unpacked; the process's working directory
 * @param handler class and method, as Lambda's configuration names it
 * @param environment the variables that whoever deploys it sets
 * @param jvmOptions options beside those that Lambda's own start has
 * @param start whether it starts for each new environment, or from a snapshot
 * @param timeout how long an invocation may take
 * @param bootstrap the command of a function that is not Java's and speaks the Runtime API by itself; else empty
 */
public record LambdaFunction(
        Path taskRoot,
        String handler,
        Map<String, String> environment,
        List<String> jvmOptions,
        Start start,
        Duration timeout,
        List<String> bootstrap) {
    /** Qualified, as an invocation through an alias has it. */
    public static final String ARN = "arn:aws:lambda:eu-central-1:111111111111:function:atlas-secret-rotator:live";

    /** Without the alias. */
    public static final String UNQUALIFIED_ARN = ARN.substring(0, ARN.length() - ":live".length());

    /** How an execution environment comes to life. */
    public enum Start {
        ON_DEMAND,
        SNAP_START
    }

    /**
     * Unpacks what the build has made, to run it with the JVM's options that the template sets.
     *
     * @param taskRoot is emptied first: a jar of an earlier build must not be on the class path
     */
    public static LambdaFunction unpacked(Path zip, Path taskRoot) throws IOException {
        var function = at(taskRoot, "dev.atlasrotator.RotatorHandler::handleRequest")
                .with("JAVA_TOOL_OPTIONS", javaToolOptions());
        try (var entries = new ZipInputStream(Files.newInputStream(zip))) {
            for (var entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                var file = taskRoot.resolve(entry.getName()).normalize();
                if (!file.startsWith(taskRoot.normalize())) {
                    throw new IOException("an entry of " + zip + " leads out of it");
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                } else {
                    copy(entries, file);
                }
            }
        }
        return function;
    }

    /** What the template sets, without a trust store of the user's. */
    public static String javaToolOptions() {
        return Template.of(Path.of("template.yaml"), "atlas", Map.of())
                .variables("RotatorFunction")
                .getOrDefault("JAVA_TOOL_OPTIONS", "");
    }

    /**
     * One whose code is put into its folder by hand.
     *
     * @param taskRoot is emptied first
     */
    public static LambdaFunction at(Path taskRoot, String handler) throws IOException {
        empty(taskRoot);
        Files.createDirectories(taskRoot);
        return new LambdaFunction(
                taskRoot.toAbsolutePath(),
                handler,
                Map.of(),
                List.of(),
                Start.ON_DEMAND,
                Duration.ofMinutes(5),
                List.of());
    }

    private static void copy(InputStream from, Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.copy(from, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void empty(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** The same with one more variable. */
    public LambdaFunction with(String name, String value) {
        var more = new LinkedHashMap<>(environment);
        more.put(name, value);
        return new LambdaFunction(taskRoot, handler, more, jvmOptions, start, timeout, bootstrap);
    }

    /** The same with its two services at these stand-ins. */
    public LambdaFunction at(FakeSecretsManager secretsManager, FakeAtlas atlas) {
        return with("AWS_ENDPOINT_URL_SECRETS_MANAGER", secretsManager.uri().toString())
                .with("ATLAS_BASE_URL", atlas.baseUrl().toString());
    }

    /** The same with one more option for its JVM. */
    public LambdaFunction withJvmOption(String option) {
        var more = new ArrayList<>(jvmOptions);
        more.add(option);
        return new LambdaFunction(taskRoot, handler, environment, more, start, timeout, bootstrap);
    }

    /** The same, started in this way. */
    public LambdaFunction starting(Start how) {
        return new LambdaFunction(taskRoot, handler, environment, jvmOptions, how, timeout, bootstrap);
    }

    /** The same, run by this command. */
    public LambdaFunction runBy(List<String> command) {
        return new LambdaFunction(taskRoot, handler, environment, jvmOptions, start, timeout, command);
    }
}
