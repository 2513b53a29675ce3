package dev.atlasrotator.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Runs the first command of the README and checks what it prints. */
class DemoIT {
    @Test
    void it_shows_both_rotations_and_a_crash_and_ends_well() throws Exception {
        var shown = shown();

        assertThat(shown)
                .contains(
                        "Secrets Manager -> function         finishSecret",
                        "it took 7 calls to Secrets Manager",
                        "report: billing/atlas: state due, actions [created ",
                        "report: shop/atlas: state overlap, actions [deleted ",
                        "the function's process is killed",
                        "DONE: 15 of 15 checks hold")
                .doesNotContain("[FAILED]");
        assertThat(shown.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(101));
    }

    private static String shown() throws IOException, InterruptedException {
        var zip = Objects.requireNonNull(System.getProperty("function.zip"), "function.zip");
        var out = new ByteArrayOutputStream();
        int failures = Demo.run(new PrintStream(out, true, UTF_8), Path.of(zip));
        var shown = out.toString(UTF_8);
        assertThat(failures).as(shown).isZero();
        return shown;
    }
}
