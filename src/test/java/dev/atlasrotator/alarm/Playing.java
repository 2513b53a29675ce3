package dev.atlasrotator.alarm;

import dev.atlasrotator.simulator.cloudwatch.Alarm;
import dev.atlasrotator.simulator.cloudwatch.AlarmEvaluator;
import dev.atlasrotator.simulator.cloudwatch.AlarmEvaluator.State;
import dev.atlasrotator.simulator.cloudwatch.AlarmEvaluator.Transition;
import dev.atlasrotator.simulator.cloudwatch.Template;
import dev.atlasrotator.simulator.cloudwatch.Timing;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Plays a scene, and evaluates the alarms of its deployment in every way in which CloudWatch may do so.
 *
 * @param latest for each alarm that spoke, after how long it did so at the latest
 * @param wrong what did not come out as it must; empty if all did
 */
record Playing(Scene scene, Map<String, Duration> latest, List<String> wrong) {
    private record Spoken(String alarm, Timing timing, List<Transition> history) {
        List<Instant> times() {
            return history.stream()
                    .filter(one -> one.to() == State.ALARM)
                    .map(Transition::at)
                    .toList();
        }

        boolean isOn(Instant at) {
            return history.stream()
                    .filter(one -> !one.at().isAfter(at))
                    .reduce((earlier, later) -> later)
                    .filter(one -> one.to() == State.ALARM)
                    .isPresent();
        }
    }

    static Playing of(Scene scene) {
        var region = new Region();
        var mails = new ArrayList<String>();
        var deployment = new Deployment(region, "atlas", scene.parameters);
        mailing(deployment).forEach((rule, pattern) -> region.rule(rule, pattern, (at, event) -> mails.add(event)));
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
        var all = spoken(deployment, start);
        scene.beside.ifPresent(what -> {
            var other = new Deployment(region, "atlas-2", Map.of("FunctionName", "rotator-2"));
            scene.fleet.accept(other);
            other.run(well(scene, other));
            what.accept(other);
            other.run(scene.lasts.plus(scene.endsWithin));
            other.end();
            all.clear();
            all.addAll(spoken(deployment, start));
            if (scene.isIncident()) {
                all.addAll(spoken(other, start).stream()
                        .map(one -> new Spoken("the other's " + one.alarm(), one.timing(), one.history()))
                        .toList());
            }
        });
        var wrong = new ArrayList<String>();
        var latest = new TreeMap<String, Duration>();
        for (var one : all) {
            one.times().stream()
                    .findFirst()
                    .map(first -> Duration.between(trouble, first))
                    .ifPresent(after -> latest.merge(one.alarm(), after, (a, b) -> a.compareTo(b) > 0 ? a : b));
            problems(scene, one, trouble, mended).forEach(text -> wrong.add(text + " (" + one.timing() + ")"));
        }
        scene.alarm.map(latest::get).ifPresent(after -> {
            if (scene.within.minus(after).compareTo(Duration.ofMinutes(10).plus(scene.within.dividedBy(10))) > 0) {
                wrong.add("takes only " + after + ", and is said to take " + scene.within);
            }
        });
        scene.also.stream().filter(one -> !latest.containsKey(one)).forEach(one -> wrong.add(one + " is silent, too"));
        // Of an incident a mail tells; of what goes by itself it is enough that it was there.
        var texts = scene.isIncident()
                ? mails
                : deployment.reports.stream().map(Deployment.Report::json).toList();
        if (!scene.told.isEmpty()
                && texts.stream().noneMatch(text -> scene.told.stream().allMatch(text::contains))) {
            wrong.add((scene.isIncident() ? "no mail" : "no report") + " says " + scene.told);
        }
        return new Playing(scene, latest, wrong);
    }

    private static List<Spoken> spoken(Deployment deployment, Instant start) {
        var all = new ArrayList<Spoken>();
        for (var timing : Timing.corners()) {
            var evaluator = new AlarmEvaluator(deployment.region.metrics, timing);
            for (Alarm alarm : deployment.template.alarms()) {
                if (timing.unseen() == Timing.Unseen.IS_FILLED && !alarm.usesMath()) {
                    continue; // as before
                }
                all.add(new Spoken(alarm.name(), timing, evaluator.history(alarm, start, deployment.now())));
            }
        }
        return all;
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
    private static Map<String, String> mailing(Deployment deployment) {
        return Template.of(
                        Path.of("examples/notify/template.yaml"),
                        "mails",
                        Map.of("FunctionArn", deployment.functionArn(), "MailAddress", "on-call@example.com"))
                .eventPatterns();
    }

    private static List<String> problems(Scene scene, Spoken one, Instant trouble, Instant mended) {
        var wrong = new ArrayList<String>();
        var times = one.times();
        boolean must = scene.alarm.filter(one.alarm()::equals).isPresent();
        if (!must && !scene.also.contains(one.alarm()) && !times.isEmpty()) {
            wrong.add(one.alarm() + " speaks, at " + times);
        }
        if (times.stream().anyMatch(time -> time.isBefore(trouble))) {
            wrong.add(one.alarm() + " speaks before anything has happened, at " + times);
        }
        if (must && times.stream().noneMatch(time -> !time.isAfter(trouble.plus(scene.within)))) {
            wrong.add(one.alarm() + " is silent for " + scene.within + ", and speaks at " + times);
        }
        if (must && times.size() > scene.times) {
            wrong.add(one.alarm() + " speaks more than once, at " + times);
        }
        if (one.isOn(mended.plus(scene.endsWithin))) {
            wrong.add(one.alarm() + " is on " + scene.endsWithin + " after the trouble has ended");
        }
        return wrong;
    }
}
