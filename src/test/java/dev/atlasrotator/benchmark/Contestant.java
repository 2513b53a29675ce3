package dev.atlasrotator.benchmark;

import dev.atlasrotator.simulator.lambda.LambdaFunction;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A function that rotates, as it is deployed.
 *
 * @param zipBytes what is uploaded
 */
record Contestant(LambdaFunction function, long zipBytes) {
    private static final Path ZIP = Path.of("target", "atlas-secret-rotator.zip");

    /** Where Maven keeps the jars of a function that takes the SDK and databind as they come. */
    private static final List<String> PLAIN_JARS = List.of(
            "/software/amazon/awssdk/",
            "/org/reactivestreams/",
            "/org/slf4j/",
            "/org/apache/httpcomponents/client5/",
            "/org/apache/httpcomponents/core5/",
            "/com/fasterxml/jackson/core/",
            "/com/amazonaws/aws-lambda-java-core/");

    static Contestant thisFunction(Path folder) throws IOException {
        return new Contestant(LambdaFunction.unpacked(ZIP, folder), Files.size(ZIP));
    }

    static Contestant plainJava(Path folder) throws IOException {
        var function = LambdaFunction.at(folder, PlainRotation.class.getName());
        for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
            if (PLAIN_JARS.stream().anyMatch(entry::contains)) {
                copy(Path.of(entry), folder.resolve("lib"));
            }
        }
        var classes = Path.of("target", "test-classes", "dev", "atlasrotator", "benchmark");
        try (var files = Files.newDirectoryStream(classes, "PlainRotation*.class")) {
            for (Path file : files) {
                copy(file, folder.resolve("dev").resolve("atlasrotator").resolve("benchmark"));
            }
        }
        return new Contestant(function, zipped(folder));
    }

    /** Nothing, where this machine has no Python with boto3. */
    static Optional<Contestant> python(Path folder) throws IOException, InterruptedException {
        if (!hasBoto3()) {
            return Optional.empty();
        }
        var function = LambdaFunction.at(folder, "rotation.lambda_handler");
        copy(Path.of("target", "test-classes", "dev", "atlasrotator", "benchmark", "rotation.py"), folder);
        return Optional.of(new Contestant(function.runBy(List.of("python3", "rotation.py")), zipped(folder)));
    }

    private static boolean hasBoto3() throws InterruptedException {
        try {
            var python = new ProcessBuilder("python3", "-c", "import boto3")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return python.waitFor(1, TimeUnit.MINUTES) && python.exitValue() == 0;
        } catch (IOException noPython) {
            return false;
        }
    }

    private static void copy(Path file, Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.copy(file, folder.resolve(file.getFileName()));
    }

    private static long zipped(Path folder) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes);
                var files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                zip.putNextEntry(new ZipEntry(folder.relativize(file).toString()));
                Files.copy(file, zip);
            }
        }
        return bytes.size();
    }
}
