package dev.atlasrotator.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class OperatorTest {
    @Test
    void whatever_advice_the_operator_of_the_search_understands_the_product_gives() throws IOException {
        try (var files = Files.walk(Path.of("src/main/java/dev/atlasrotator/finding"))) {
            var said = files.filter(Files::isRegularFile)
                    .map(OperatorTest::text)
                    .collect(Collectors.joining("\n"))
                    .replaceAll("\\s+", " ");

            assertThat(Operator.UNDERSTOOD)
                    .allSatisfy(pattern -> assertThat(said).containsPattern(pattern))
                    .extracting(Pattern::pattern)
                    .doesNotHaveDuplicates();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
