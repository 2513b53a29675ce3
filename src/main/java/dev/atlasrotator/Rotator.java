package dev.atlasrotator;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.log.Log;
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

/** The function without Lambda around it: an event's text in, an answer's text out. */
public final class Rotator {
    /**
     * Characters of a report in the log. A log event of CloudWatch's had at most 256 KB until 2025,
     * and has 1 MB since; below the smaller one no part of Lambda's way there cuts it. Half of a
     * report is no JSON.
     */
    private static final int LOG_LINE = 200_000;

    private final RotationSteps rotation;
    private final FleetSweep fleet;
    private final Log log;

    Rotator(RotationSteps rotation, FleetSweep fleet, Log log) {
        this.rotation = rotation;
        this.fleet = fleet;
        this.log = log;
    }

    /**
     * Does what an event asks for.
     *
     * @param function this function's ARN, where it runs as one
     * @return the answer, as JSON
     * @throws RotatorException and nothing else, if it could not
     */
    public String handle(String event, Optional<String> function, Deadline deadline) {
        var trigger = Trigger.parse(event);
        return Log.around(fields(trigger), () -> {
            try {
                return dispatch(trigger, function, deadline);
            } catch (RotatorException declared) {
                throw declared;
            } catch (RuntimeException defect) {
                throw log.defect(defect);
            }
        });
    }

    /**
     * The state of these stored secrets, or of the whole fleet, for whoever reads the report itself
     * and not its text. Nothing is changed.
     *
     * @throws RotatorException and nothing else, if it could not
     */
    public FleetReport status(Optional<List<String>> secretIds, Deadline deadline) {
        try {
            return fleet.status(secretIds, Optional.empty(), deadline);
        } catch (RotatorException declared) {
            throw declared;
        } catch (RuntimeException defect) {
            throw log.defect(defect);
        }
    }

    private String dispatch(Trigger trigger, Optional<String> function, Deadline deadline) {
        return switch (trigger) {
            case Trigger.RotationStep(Step step) -> step(step, function, deadline);
            case Trigger.Sweep sweep -> tell(fleet.sweep(sweep.secretIds(), sweep.dryRun(), function, deadline));
            case Trigger.Rotate rotate ->
                tell(fleet.rotate(
                        rotate.secretId(), rotate.overlap(), rotate.leaked(), rotate.dryRun(), function, deadline));
            case Trigger.Status status -> logged(fleet.status(status.secretIds(), function, deadline));
            case Trigger.Work work -> work(work, function, deadline);
        };
    }

    private String step(Step step, Optional<String> function, Deadline deadline) {
        try {
            boolean promoted = rotation.run(step, function, deadline);
            if (promoted) {
                log.raw(EmbeddedMetrics.line(deadline.clock().instant(), Map.of("Rotations", 1)));
            }
            return "null"; // Secrets Manager does not read it
        } catch (RotatorException failure) {
            log.raw(EmbeddedMetrics.line(deadline.clock().instant(), Map.of("RotationFailures", 1)));
            throw failure;
        }
    }

    /** The report is one log line, and the metrics are another. */
    private String tell(FleetReport report) {
        var answer = logged(report);
        log.raw(report.metrics());
        return answer;
    }

    /** The report, which is the answer, is one log line as well. */
    private String logged(FleetReport report) {
        var answer = report.json();
        log.raw(answer.length() <= LOG_LINE ? answer : report.json(LOG_LINE));
        return answer;
    }

    /** Works messages off, and answers with those that are worth coming back. */
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
                            instanceof Trigger.Sweep(Optional<List<String>> secretIds, boolean dryRun))
                    || secretIds.isEmpty()) {
                throw new RotatorException.Configuration(
                        "A message of the queue must have the form" + " {\"action\":\"sweep\",\"secretIds\":[…]}.");
            }
            var report = fleet.sweep(secretIds, dryRun, function, deadline);
            tell(report);
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
            case RotatorException.Unavailable unavailable -> true;
            case RotatorException.Conflict conflict -> true;
            case RotatorException.Configuration configuration -> false;
            case RotatorException.Credential credential -> false;
            case RotatorException.Refused refused -> false;
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
            case Trigger.Sweep sweep -> {}
            case Trigger.Status status -> {}
            case Trigger.Work work -> {}
        }
        return fields;
    }
}
