package dev.atlasrotator.alarm;

import dev.atlasrotator.simulator.cloudwatch.Alarm;
import dev.atlasrotator.simulator.cloudwatch.AlarmEvaluator;
import dev.atlasrotator.simulator.cloudwatch.AlarmEvaluator.State;
import dev.atlasrotator.simulator.cloudwatch.AlarmEvaluator.Transition;
import dev.atlasrotator.simulator.cloudwatch.Metrics;
import dev.atlasrotator.simulator.cloudwatch.Template;
import dev.atlasrotator.simulator.cloudwatch.Timing;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A scene that was played: the metrics that it has left, when the trouble began and ended, and what was told of it.
 *
 * @param told the mails of an incident, the reports of a healthy month
 */
record Played(
        Scene scene,
        Metrics metrics,
        List<Alarm> alarms,
        List<Alarm> othersAlarms,
        Instant start,
        Instant trouble,
        Instant mended,
        Instant end,
        List<String> told) {
    /**
     * What an alarm does in a scene.
     *
     * @param latest after how long it spoke, at the latest; empty if it never did
     * @param wrong what did not come out as it must; empty if all did
     */
    record Verdict(String alarm, Optional<Duration> latest, List<String> wrong) {}

    static Played of(Scene scene) {
        var region = new Region();
        var told = new ArrayList<String>();
        var deployment = new Deployment(region, "atlas", scene.parameters);
        mailing(deployment).forEach((rule, pattern) -> region.rule(rule, pattern, (at, event) -> told.add(event)));
        var start = deployment.now();
        scene.fleet.accept(deployment);
        deployment.run(well(scene, deployment));
        var trouble = deployment.now();
        scene.trouble.accept(deployment);
        deployment.run(scene.lasts);
        var mended = deployment.now();
        scene.mended.accept(deployment);
        deployment.run(scene.endsWithin.plusHours(2));
        deployment.end();
        var others = scene.beside.map(what -> beside(scene, region, what)).orElse(List.of());
        if (!scene.isIncident()) {
            deployment.reports.forEach(report -> told.add(report.json()));
        }
        return new Played(
                scene,
                region.metrics,
                deployment.template.alarms(),
                others,
                start,
                trouble,
                mended,
                deployment.now(),
                told);
    }

    /** Plays the other deployment of the region; answers its alarms. */
    private static List<Alarm> beside(Scene scene, Region region, Consumer<Deployment> what) {
        var other = new Deployment(region, "atlas-2", Map.of("FunctionName", "rotator-2"));
        scene.fleet.accept(other);
        other.run(well(scene, other));
        what.accept(other);
        other.run(scene.lasts.plus(scene.endsWithin));
        other.end();
        return other.template.alarms();
    }

    /** All is well for six hours, or two sweeps: the trouble begins right after one, and the next is an interval off. */
    private static Duration well(Scene scene, Deployment deployment) {
        if (scene.atOnce) {
            return Duration.ZERO;
        }
        var sweeps = Math.max(2, Duration.ofHours(6).dividedBy(deployment.interval()));
        return deployment.interval().multipliedBy(sweeps).plusMinutes(2);
    }

    /** The rule of examples/notify. */
    static Map<String, String> mailing(Deployment deployment) {
        return Template.of(
                        Path.of("examples/notify/template.yaml"),
                        "mails",
                        Map.of("FunctionArn", deployment.functionArn(), "MailAddress", "on-call@example.com"))
                .eventPatterns();
    }

    /** What each alarm of the deployment does. */
    List<Verdict> verdicts() {
        return alarms.stream().map(this::verdict).toList();
    }

    /** What this alarm does, in every way in which CloudWatch may evaluate it. */
    Verdict verdict(Alarm alarm) {
        var latest = Optional.<Duration>empty();
        var wrong = new ArrayList<String>();
        boolean must = scene.alarm.filter(alarm.name()::equals).isPresent();
        for (var timing : timings(alarm)) {
            var history = history(alarm, timing);
            var first = times(history).findFirst().map(time -> Duration.between(trouble, time));
            latest = Stream.concat(latest.stream(), first.stream()).max(Duration::compareTo);
            if (must) {
                checkThatItSpeaksInTime(first, timing, wrong);
                if (!isOn(history, mended)) {
                    wrong.add("is over before the trouble is (%s)".formatted(timing));
                }
            } else if (!scene.also.contains(alarm.name()) && first.isPresent()) {
                wrong.add("speaks after %s (%s)".formatted(first.get(), timing));
            }
            check(history, timing, wrong);
        }
        if (scene.also.contains(alarm.name()) && latest.isEmpty()) {
            wrong.add("is silent, and is said to speak as well");
        }
        latest.filter(after -> must && isFarBelow(after, scene.within))
                .ifPresent(after -> wrong.add("takes only %s, and is said to take %s".formatted(after, scene.within)));
        return new Verdict(alarm.name(), latest, wrong);
    }

    /** FILL, of which one is about, is in expressions only. */
    private static List<Timing> timings(Alarm alarm) {
        return Timing.corners().stream()
                .filter(timing -> alarm.usesMath() || timing.unseen() == Timing.Unseen.STAYS_EMPTY)
                .toList();
    }

    private List<Transition> history(Alarm alarm, Timing timing) {
        return new AlarmEvaluator(metrics, timing).history(alarm, start, end);
    }

    private static Stream<Instant> times(List<Transition> history) {
        return history.stream().filter(one -> one.to() == State.ALARM).map(Transition::at);
    }

    private void checkThatItSpeaksInTime(Optional<Duration> first, Timing timing, List<String> wrong) {
        if (first.filter(after -> after.compareTo(scene.within) <= 0).isEmpty()) {
            wrong.add("is silent for %s, and speaks after %s (%s)".formatted(scene.within, first, timing));
        }
    }

    private void check(List<Transition> history, Timing timing, List<String> wrong) {
        var times = times(history).toList();
        if (times.size() > 1) {
            wrong.add("speaks more than once, at %s (%s)".formatted(times, timing));
        }
        if (times.stream().anyMatch(time -> time.isBefore(trouble))) {
            wrong.add("speaks before anything has happened, at %s (%s)".formatted(times, timing));
        }
        if (isOn(history, mended.plus(scene.endsWithin))) {
            wrong.add("is on %s after the trouble has ended (%s)".formatted(scene.endsWithin, timing));
        }
    }

    private static boolean isOn(List<Transition> history, Instant at) {
        return history.stream()
                .filter(one -> !one.at().isAfter(at))
                .reduce((earlier, later) -> later)
                .filter(one -> one.to() == State.ALARM)
                .isPresent();
    }

    private static boolean isFarBelow(Duration after, Duration within) {
        return within.minus(after).compareTo(Duration.ofMinutes(10).plus(within.dividedBy(10))) > 0;
    }

    /** All that is wrong with the scene, of whose alarms these are the verdicts. */
    List<String> wrong(List<Verdict> verdicts) {
        var wrong = new ArrayList<String>();
        verdicts.forEach(one -> one.wrong().forEach(what -> wrong.add(one.alarm() + " " + what)));
        if (scene.isIncident()) {
            for (var alarm : othersAlarms) {
                timings(alarm).stream()
                        .filter(timing ->
                                times(history(alarm, timing)).findAny().isPresent())
                        .forEach(timing ->
                                wrong.add("%s of the other deployment speaks (%s)".formatted(alarm.name(), timing)));
            }
        }
        if (!scene.told.isEmpty()
                && told.stream().noneMatch(text -> scene.told.stream().allMatch(text::contains))) {
            wrong.add((scene.isIncident() ? "no mail" : "no report") + " says " + scene.told);
        }
        return wrong;
    }
}
