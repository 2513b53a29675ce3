package dev.atlasrotator;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.report.Asked.Origin;
import dev.atlasrotator.report.EmbeddedMetrics;
import dev.atlasrotator.report.FleetReport;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.rotation.RotationSteps;
import dev.atlasrotator.rotation.Step;
import dev.atlasrotator.sweep.FleetSweep;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The function without Lambda: takes an event's text and returns the answer's text. */
public record Rotator(RotationSteps rotation, FleetSweep fleet, Log log) {
    /**
     * Maximum bytes of a report in the log, and of a scheduled sweep's answer. A CloudWatch log event could have 256 KB
     * until 2025, and can have 1 MB since; half a report is not JSON. An event with which Lambda sends an answer to a
     * destination has 256 KB (EventBridge User Guide, "Calculating PutEvents event entry size"), of which Lambda's own
     * fields take some.
     */
    private static final int REPORT_BYTES_MAX = 200_000;

    /**
     * Does what an event asks for.
     *
     * @param function this function's ARN, if it runs in Lambda
     * @return the answer, as JSON
     * @throws RotatorException and nothing else, if it fails
     */
    public String handle(String event, Optional<String> function, Deadline deadline) {
        var trigger = Trigger.parse(event);
        return Log.around(fields(trigger), () -> {
            try {
                return isRoutine(trigger)
                        ? log.countingCalls(() -> dispatch(trigger, function, deadline))
                        : dispatch(trigger, function, deadline);
            } catch (RotatorException declared) {
                throw declared;
            } catch (RuntimeException defect) {
                throw log.defect(defect);
            }
        });
    }

    /** Whether it comes by itself, again and again, and mostly finds nothing to do. */
    private static boolean isRoutine(Trigger trigger) {
        return trigger instanceof Trigger.Work
                || (trigger instanceof Trigger.Sweep sweep && sweep.origin() instanceof Origin.Schedule);
    }

    private String dispatch(Trigger trigger, Optional<String> function, Deadline deadline) {
        return switch (trigger) {
            case Trigger.RotationStep(Step step) -> step(step, function, deadline);
            case Trigger.Sweep(Optional<List<String>> secretIds, boolean dryRun, Origin origin) ->
                tell(fleet.sweep(secretIds, dryRun, origin, function, deadline), function);
            case Trigger.Rotate rotate ->
                tell(
                        fleet.rotate(
                                rotate.secretId(),
                                rotate.overlap(),
                                rotate.leaked(),
                                rotate.dryRun(),
                                function,
                                deadline),
                        function);
            case Trigger.Status status -> logged(fleet.status(status.secretIds(), function, deadline));
            case Trigger.Check check -> logged(fleet.check(check.secretIds(), function, deadline));
            case Trigger.Discover discover -> fleet.discover(function, deadline).json();
            case Trigger.Work work -> work(work, function, deadline);
        };
    }

    private String step(Step step, Optional<String> function, Deadline deadline) {
        try {
            boolean promoted = rotation.run(step, function, deadline);
            if (promoted) {
                log.raw(EmbeddedMetrics.line(deadline.clock().instant(), function, Map.of("Rotations", 1)));
            }
            return "null"; // Secrets Manager ignores a step's answer
        } catch (RotatorException failure) {
            log.raw(EmbeddedMetrics.line(deadline.clock().instant(), function, Map.of("RotationFailures", 1)));
            throw failure;
        }
    }

    /** Logs the report as one line and, unless it was a dry run, what there is of metrics as another. */
    private String tell(FleetReport report, Optional<String> function) {
        var answer = logged(report);
        if (!report.asked().dryRun()) {
            report.metrics(function).ifPresent(log::raw);
        }
        return answer;
    }

    /** Logs the report as one line, and answers it. */
    private String logged(FleetReport report) {
        var line = report.json(REPORT_BYTES_MAX);
        log.raw(line);
        return report.asked().origin() instanceof Origin.Schedule ? line : report.json();
    }

    /** Processes messages. Returns the ids of those that should be delivered again. */
    private String work(Trigger.Work work, Optional<String> function, Deadline deadline) {
        var again = new ArrayList<Map<String, String>>();
        for (Trigger.Work.Message message : work.messages()) {
            if (!isDone(message, function, deadline)) {
                again.add(Map.of("itemIdentifier", message.id()));
            }
        }
        return Json.text(Map.of("batchItemFailures", again));
    }

    private boolean isDone(Trigger.Work.Message message, Optional<String> function, Deadline deadline) {
        try {
            if (!(Trigger.parse(message.body())
                            instanceof Trigger.Sweep(Optional<List<String>> secretIds, boolean dryRun, Origin sender))
                    || secretIds.isEmpty()) {
                throw new RotatorException.Configuration(
                        "A message of the queue must have the form" + " {\"action\":\"sweep\",\"secretIds\":[…]}.");
            }
            var report = fleet.sweep(secretIds, dryRun, new Origin.Queue(), function, deadline);
            tell(report, function);
            return report.unfinished() == 0
                    && report.accounts().stream()
                            .flatMap(account -> account.failure().stream())
                            .noneMatch(Rotator::isWorthRepeating);
        } catch (RotatorException malformed) { // it ends in the dead-letter queue, where somebody sees it
            log.line(
                    Log.Level.ERROR,
                    malformed.getMessage(),
                    Map.of("error", malformed.kind(), "messageId", message.id()));
            return false;
        }
    }

    private static boolean isWorthRepeating(RotatorException failure) {
        return switch (failure) {
            case RotatorException.Unavailable _, RotatorException.Conflict _ -> true;
            case RotatorException.Configuration _, RotatorException.Credential _, RotatorException.Refused _ -> false;
        };
    }

    private static Map<String, Object> fields(Trigger trigger) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("event", trigger.kind());
        switch (trigger) {
            case Trigger.RotationStep(Step step) -> {
                fields.put("secret", step.secretId());
                fields.put("version", step.token().value());
            }
            case Trigger.Rotate rotate -> fields.put("secret", rotate.secretId());
            case Trigger.Sweep _, Trigger.Status _, Trigger.Check _, Trigger.Discover _, Trigger.Work _ -> {}
        }
        return fields;
    }
}
