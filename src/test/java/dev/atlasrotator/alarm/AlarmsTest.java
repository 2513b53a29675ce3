package dev.atlasrotator.alarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.atlasrotator.simulator.cloudwatch.Alarm;
import dev.atlasrotator.simulator.cloudwatch.AlarmChanges;
import dev.atlasrotator.simulator.cloudwatch.Template;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Each incident is told by its alarm, in time and once; a healthy month by none. docs/alarms.md has the same as tables.
 * {@code mvn test -Dtest=AlarmsTest -Dalarms.write=true} writes them anew.
 */
class AlarmsTest {
    private static final Path DOCUMENT = Path.of("docs/alarms.md");
    private static final String BEGIN = "<!-- AlarmsTest writes from here: -->\n";
    private static final String END = "<!-- to here -->\n";

    /** Its metric exists only where it is not zero (EventBridge User Guide, "Monitoring Amazon EventBridge"). */
    private static final Set<String> MAKES_NO_DIFFERENCE = Set.of("RotationFailedAlarm: compares GREATER_OR_EQUAL");

    /** Evaluating the alarms takes as long as playing the scene, so it is done once. */
    private record Outcome(Played played, List<Played.Verdict> verdicts) {
        static Outcome of(Scene scene) {
            var played = Played.of(scene);
            return new Outcome(played, played.verdicts());
        }
    }

    private static List<Outcome> incidents = List.of();
    private static List<Outcome> months = List.of();
    private static String tables = "";

    @BeforeAll
    static void play() {
        var all = Stream.concat(Incidents.incidents().stream(), Incidents.healthyMonths().stream())
                .parallel()
                .map(Outcome::of)
                .collect(Collectors.partitioningBy(
                        outcome -> outcome.played().scene().isIncident()));
        incidents = all.getOrDefault(true, List.of());
        months = all.getOrDefault(false, List.of());
        tables = tables();
        System.out.println(tables);
    }

    @TestFactory
    Stream<DynamicTest> an_incident_is_told_by_its_alarm_in_time_and_once() {
        return incidents.stream().map(AlarmsTest::comesOutRight);
    }

    @TestFactory
    Stream<DynamicTest> a_healthy_month_is_silent() {
        return months.stream().map(AlarmsTest::comesOutRight);
    }

    private static DynamicTest comesOutRight(Outcome outcome) {
        var played = outcome.played();
        return dynamicTest(
                played.scene().name,
                () -> assertThat(played.wrong(outcome.verdicts())).isEmpty());
    }

    /** What must be noticed of an alarm, or the scenes do not tell whether it is right. */
    @Test
    void whatever_is_changed_of_an_alarm_some_scene_comes_out_wrong() {
        var hourly = Map.of("FunctionName", "rotator", "UseWorkQueue", "true", "TimeoutSeconds", "300");
        var unnoticed = Template.of(Path.of("template.yaml"), "atlas", hourly).alarms().stream()
                .parallel()
                .flatMap(alarm -> AlarmChanges.of(alarm).entrySet().stream()
                        .filter(change -> isUnnoticed(alarm, change.getValue()))
                        .map(change -> alarm.name() + ": " + change.getKey()))
                .toList();

        assertThat(unnoticed).isSubsetOf(MAKES_NO_DIFFERENCE);
    }

    private static boolean isUnnoticed(Alarm alarm, Alarm changed) {
        return played().filter(one -> one.alarms().contains(alarm))
                .allMatch(one -> one.verdict(changed).wrong().isEmpty());
    }

    private static Stream<Played> played() {
        return Stream.concat(incidents.stream(), months.stream()).map(Outcome::played);
    }

    @Test
    void there_are_enough_of_both_and_no_two_have_one_name() {
        assertThat(incidents).hasSizeGreaterThanOrEqualTo(30);
        assertThat(months).hasSizeGreaterThanOrEqualTo(10);
        assertThat(played().map(one -> one.scene().name)).doesNotHaveDuplicates();
    }

    @Test
    void the_document_says_what_was_played() throws IOException {
        var text = Files.readString(DOCUMENT);
        int begin = text.indexOf(BEGIN) + BEGIN.length();
        int end = text.indexOf(END);
        if (Boolean.getBoolean("alarms.write")) {
            Files.writeString(DOCUMENT, text.substring(0, begin) + tables + text.substring(end));
            return;
        }
        assertThat(text.substring(begin, end))
                .as("write it anew: mvn test -Dtest=AlarmsTest -Dalarms.write=true")
                .isEqualTo(tables);
    }

    private static String tables() {
        return """

            | incident | alarm | after, at most | other alarms |
            |---|---|---|---|
            %s
            | healthy month | alarms |
            |---|---|
            %s
            """.formatted(rows(incidents, AlarmsTest::incident), rows(months, AlarmsTest::month));
    }

    private static String rows(List<Outcome> all, Function<Outcome, String> row) {
        return all.stream().map(row).map(text -> text + "\n").collect(Collectors.joining());
    }

    private static String incident(Outcome outcome) {
        var scene = outcome.played().scene();
        var others = outcome.verdicts().stream()
                .filter(one -> scene.also.contains(one.alarm()))
                .sorted(Comparator.comparing(one -> one.latest().orElseThrow()))
                .map(one -> "%s (%s)"
                        .formatted(one.alarm(), text(roundedUp(one.latest().orElseThrow()))))
                .collect(Collectors.joining(", "));
        return "| %s | %s | %s | %s |".formatted(scene.name, scene.alarm.orElseThrow(), text(scene.within), others);
    }

    private static String month(Outcome outcome) {
        var alarms = outcome.verdicts().stream()
                .filter(one -> one.latest().isPresent())
                .map(Played.Verdict::alarm)
                .toList();
        return "| %s | %s |"
                .formatted(outcome.played().scene().name, alarms.isEmpty() ? "none" : String.join(", ", alarms));
    }

    /** To a quarter of an hour, so that the document does not change with each second that a sweep takes. */
    private static Duration roundedUp(Duration time) {
        return Duration.ofMinutes(Math.ceilDiv(time.toMinutes(), 15) * 15);
    }

    private static String text(Duration time) {
        long hours = time.toHours();
        var minutes = time.toMinutesPart() == 0 ? "" : time.toMinutesPart() + " min";
        var whole = hours == 0 ? "" : hours >= 48 ? "%d d %d h".formatted(hours / 24, hours % 24) : hours + " h";
        return (whole + " " + minutes).strip();
    }
}
