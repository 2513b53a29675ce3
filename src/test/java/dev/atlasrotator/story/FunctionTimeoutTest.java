package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Testbed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the template says of the function's time-out, against what a sweep needs to act. */
class FunctionTimeoutTest {
    /** What the handler keeps for its answer. */
    private static final Duration ANSWER = Duration.ofSeconds(2);

    private final Testbed testbed = new Testbed();

    /** A time-out that the template allows, and the last second at which it says a sweep acts. */
    record Promise(int timeout, int lastSecond) {}

    static List<Promise> promises() throws IOException {
        return Pattern.compile("second (\\d+) of (\\d+)")
                .matcher(parameter())
                .results()
                .map(said -> new Promise(Integer.parseInt(said.group(2)), Integer.parseInt(said.group(1))))
                .toList();
    }

    private static String parameter() throws IOException {
        var template = Files.readString(Path.of("template.yaml"));
        int begin = template.indexOf("\n  TimeoutSeconds:\n");
        return template.substring(begin, template.indexOf("\n  UseSnapStart:\n", begin));
    }

    @Test
    void the_template_says_of_every_time_out_that_it_allows_how_long_a_sweep_acts() throws IOException {
        var timeouts =
                promises().stream().map(said -> "\"" + said.timeout() + "\"").toList();
        assertThat(timeouts).isNotEmpty();
        assertThat(parameter()).contains("AllowedValues: " + timeouts + "\n");
    }

    @ParameterizedTest
    @MethodSource("promises")
    void a_sweep_acts_up_to_the_second_that_the_template_says_and_no_longer(Promise promise) {
        var due = testbed.account("prod/atlas", Duration.ofDays(30));
        var timeout = Duration.ofSeconds(promise.timeout());
        var late = timeout.minus(ANSWER).minusSeconds(promise.lastSecond());

        testbed.handle("{\"action\":\"sweep\"}", late.minusMillis(1));
        assertThat(Answer.created(testbed, due)).isZero();

        testbed.handle("{\"action\":\"sweep\"}", late);
        assertThat(Answer.created(testbed, due)).isEqualTo(1);
    }
}
