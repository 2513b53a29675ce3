package dev.atlasrotator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Opens what is deployed: Lambda's layout, the runtime's jars and nothing else, the same bytes
 * every time.
 */
class PackagedZipIT {
    private static List<? extends ZipEntry> entries = List.of();

    @BeforeAll
    static void open() throws IOException {
        try (var zip = new ZipFile(property("function.zip"))) {
            entries = zip.stream().toList();
        }
    }

    @Test
    void the_handler_is_where_lambda_looks_for_it() {
        assertThat(names()).contains("dev/atlasrotator/RotatorHandler.class");
    }

    @Test
    void lib_holds_every_jar_that_the_function_needs_and_no_other() throws IOException {
        var needed =
                runtimeJars().stream().map(jar -> "lib/" + jar.getFileName()).toList();
        assertThat(names().filter(name -> name.startsWith("lib/") && !name.endsWith("/")))
                .containsExactlyInAnyOrderElementsOf(needed);
    }

    @Test
    void every_jar_in_lib_holds_the_same_files_as_the_one_it_was_copied_from() throws IOException {
        try (var zip = new ZipFile(property("function.zip"))) {
            for (var jar : runtimeJars()) {
                var copy = zip.getInputStream(zip.getEntry("lib/" + jar.getFileName()));
                assertThat(files(copy)).as("%s", jar).isEqualTo(files(Files.newInputStream(jar)));
            }
        }
    }

    /** Lambda loads it at a cold start. With compressed jars in it, it would be larger. */
    @Test
    void it_is_small() {
        assertThat(Path.of(property("function.zip")))
                .satisfies(zip -> assertThat(Files.size(zip)).isLessThan(5_000_000));
    }

    @Test
    void there_is_no_second_http_stack_and_no_databind() {
        assertThat(names())
                .noneMatch(name ->
                        name.matches("lib/(netty|apache5?-client|httpc(ore|lient)|aws-crt|jackson-databind).*"));
    }

    @Test
    void nothing_of_the_command_line_is_packed() {
        assertThat(names())
                .noneMatch(name -> name.startsWith("dev/atlasrotator/cli/") || name.matches("lib/(picocli|lambda)-.*"));
    }

    @Test
    void nothing_of_the_tests_is_packed() throws IOException {
        var tests = Path.of(property("function.zip")).resolveSibling("test-classes");
        try (var files = Files.walk(tests)) {
            var ofTests = files.filter(Files::isRegularFile)
                    .map(file -> tests.relativize(file).toString().replace(File.separatorChar, '/'))
                    .toList();
            // Both trees have a package-info in the same package.
            assertThat(names().filter(name -> !name.endsWith("package-info.class")))
                    .doesNotContainAnyElementsOf(ofTests);
        }
        assertThat(names()).noneMatch(name -> name.matches("lib/(junit|assertj|archunit|testcontainers|jazzer).*"));
    }

    @Test
    void every_entry_carries_the_same_instant() {
        // A zip's own time has no zone; the build writes it as UTC.
        var expected = LocalDateTime.ofInstant(Instant.parse(property("function.timestamp")), ZoneOffset.UTC);
        assertThat(entries).isNotEmpty().allMatch(entry -> expected.equals(entry.getTimeLocal()));
    }

    private static List<Path> runtimeJars() throws IOException {
        var classpath = Files.readString(Path.of(property("function.dependencies")));
        return Stream.of(classpath.strip().split(File.pathSeparator))
                .map(Path::of)
                .toList();
    }

    /** The CRC-32 and the size of each file in a jar, by its name. */
    private static Map<String, List<Long>> files(InputStream jar) throws IOException {
        var files = new TreeMap<String, List<Long>>();
        try (var zip = new ZipInputStream(jar)) {
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                zip.skip(Long.MAX_VALUE); // Only then are both known.
                files.put(entry.getName(), List.of(entry.getCrc(), entry.getSize()));
            }
        }
        return files;
    }

    private static Stream<String> names() {
        return entries.stream().map(ZipEntry::getName);
    }

    /** Failsafe hands these in; see the build file. */
    private static String property(String name) {
        return Objects.requireNonNull(System.getProperty(name), name);
    }
}
