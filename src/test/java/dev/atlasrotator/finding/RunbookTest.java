package dev.atlasrotator.finding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.Code;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever is on call finds each code and each alarm in the runbook, and what to do in the same order. */
class RunbookTest {
    private static final Pattern SECTION = Pattern.compile("(?ms)^### (\\w+)\n(.*?)(?=^##|\\z)");
    private static final Pattern ALARM = Pattern.compile("(?m)^  (\\w+):\n    Type: AWS::CloudWatch::Alarm$");

    private static final Map<String, String> SECTIONS = SECTION.matcher(text("docs/runbook.md"))
            .results()
            .collect(Collectors.toMap(one -> one.group(1), one -> one.group(2)));

    private static String text(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    static List<String> codesAndAlarms() {
        var alarms = ALARM.matcher(text("template.yaml")).results().map(one -> one.group(1));
        return Stream.concat(Stream.of(Code.values()).map(Code::name), alarms).toList();
    }

    @Test
    void each_code_and_each_alarm_has_a_section_and_nothing_else_has() {
        assertThat(SECTIONS.keySet()).containsExactlyInAnyOrderElementsOf(codesAndAlarms());
    }

    @ParameterizedTest
    @MethodSource("codesAndAlarms")
    void a_section_says_what_it_means_how_to_diagnose_it_how_to_fix_it_and_when_it_is_resolved(String heading) {
        assertThat(SECTIONS.get(heading))
                .containsSubsequence("**Means.** ", "**Diagnose.** ", "**Fix.** ", "**Resolved when** ");
    }
}
