package dev.atlasrotator.alarm;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.cloudwatch.Metrics;
import dev.atlasrotator.simulator.cloudwatch.Template;
import dev.atlasrotator.simulator.secretsmanager.RotationOutcome;
import dev.atlasrotator.simulator.sqs.InProcessSqs;
import dev.atlasrotator.sqs.SqsWorkQueue;
import dev.atlasrotator.testbed.Testbed;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * A stack of template.yaml in a simulated region: the schedule invokes the function, which is the real one over both
 * stand-ins; Lambda repeats an asynchronous invocation that failed, and sends what became of it on; the work queue is
 * processed; Secrets Manager rotates. Settings, schedule, queues, rules and alarms are those of the template. What our
 * code cannot answer (out of memory, a time-out) is an invocation that fails without it.
 */
final class Deployment {
    /** What becomes of the schedule's invocations. */
    enum Schedule {
        ON,
        OFF,
        /** The schedule's role may not invoke the function any more. */
        REFUSED
    }

    /** What becomes of an invocation. */
    enum Function {
        WORKS,
        /** Ends without an answer, after half of its time. */
        CRASHES,
        /** Ends at its time-out. */
        TIMES_OUT,
        /** Lambda does not start it: there is no concurrency for it. */
        THROTTLED
    }

    /** A scheduled sweep's report. */
    record Report(Instant at, String json) {}

    private record Planned(Instant at, int order, Runnable work) {}

    private static final Path TEMPLATE = Path.of("template.yaml");
    private static final Pattern RATE = Pattern.compile("rate\\((\\d+) (minute|hour|day)s?\\)");

    /** Lambda's pauses before it repeats an asynchronous invocation ("How Lambda handles errors and retries"). */
    private static final List<Duration> RETRIES = List.of(Duration.ofMinutes(1), Duration.ofMinutes(2));

    final Region region;
    final Template template;
    final Testbed testbed = new Testbed(settings -> settings.withoutLedger());
    final List<Report> reports = new ArrayList<>();

    /** What the function's log has said of findings. */
    final List<String> findingLines = new ArrayList<>();

    private final Map<String, Testbed.ManagedSecret> accounts = new HashMap<>();

    Schedule schedule = Schedule.ON;
    Function function = Function.WORKS;

    /** On which events what is wrong with the function shows. */
    Predicate<String> strikes = event -> true;

    boolean workerRuns = true;
    boolean writesLog = true;

    /** Whether a trail of CloudTrail logs management events: without one no event tells of a rotation that failed. */
    boolean hasTrail = true;

    /** How long a sweep takes, where its calls do not take longer. */
    Duration sweepTakes = Duration.ofSeconds(40);

    private final String functionArn;
    private final String functionName;
    private final Duration timeout;
    private final Duration interval;
    private final String scheduleInput;
    private final SimulatedQueue failures;
    private final SimulatedQueue failedRotations;
    private final Optional<Work> work;
    private final Random chance = new Random(7);
    private final PriorityQueue<Planned> plan =
            new PriorityQueue<>(Comparator.comparing(Planned::at).thenComparingInt(Planned::order));
    private int planned;

    /** The work queue with its dead letters. */
    private record Work(
            InProcessSqs wire,
            SimulatedQueue queue,
            SimulatedQueue deadLetters,
            Duration hidden,
            int mostReceives,
            int batch) {}

    Deployment(Region region, String stack, Map<String, String> parameters) {
        this.region = region;
        this.template = Template.of(TEMPLATE, stack, parameters);
        this.functionName = template.ref("RotatorFunction");
        this.functionArn =
                "arn:aws:lambda:%s:%s:function:%s".formatted(Template.REGION, Template.ACCOUNT, functionName);
        var properties = properties("RotatorFunction");
        this.timeout = Duration.ofSeconds(number(properties.get("Timeout")));
        var sweep = map(map(map(properties.get("Events")).get("Sweep")).get("Properties"));
        this.interval = interval(String.valueOf(sweep.get("ScheduleExpression")));
        this.scheduleInput = String.valueOf(sweep.get("Input"));
        this.failures = queue("FailureQueue");
        this.failedRotations = queue("RotationFailedEvents");
        this.work = template.resource("WorkQueue").map(queue -> work(queue.properties()));
        map(map(properties.get("Environment")).get("Variables"))
                .forEach((name, value) -> testbed.setting(name, String.valueOf(value)));
        work.ifPresent(this::enqueues);
        testbed.secretsManager.attach(functionArn + ":live", event -> invokeOrThrow(Json.text(event)));
        template.eventPatterns()
                .forEach((rule, pattern) -> region.rule(template.ref(rule), pattern, (at, event) -> {
                    if (rule.equals("RotationFailedRule")) {
                        failedRotations.send(event, at);
                    }
                }));
        // The schedule's time is the stack's: not at the full hour.
        testbed.time.advance(Duration.ofMinutes(23));
        at(interval, this::tick);
    }

    private SimulatedQueue queue(String logicalId) {
        var url = template.ref(logicalId);
        return new SimulatedQueue(url.substring(url.lastIndexOf('/') + 1));
    }

    private Work work(Map<String, Object> queue) {
        var redrive = map(queue.get("RedrivePolicy"));
        return new Work(
                new InProcessSqs(Integer.MAX_VALUE),
                queue("WorkQueue"),
                queue("WorkDeadLetters"),
                Duration.ofSeconds(number(queue.get("VisibilityTimeout"))),
                number(redrive.get("maxReceiveCount")),
                number(properties("WorkSource").get("BatchSize")));
    }

    private void enqueues(Work work) {
        var client = SqsClient.builder()
                .region(software.amazon.awssdk.regions.Region.EU_CENTRAL_1)
                .credentialsProvider(AnonymousCredentialsProvider.create())
                .httpClient(work.wire())
                .build();
        testbed.queue(new SqsWorkQueue(
                () -> client,
                work.queue().name(),
                new Retrier(testbed.time, new Random(7)),
                new Log(testbed.lines::add, testbed.time),
                testbed.time));
    }

    private static Duration interval(String expression) {
        var rate = RATE.matcher(expression);
        if (!rate.matches()) {
            throw new AssertionError("only rates can be simulated: " + expression);
        }
        int count = Integer.parseInt(rate.group(1));
        return switch (rate.group(2)) {
            case "minute" -> Duration.ofMinutes(count);
            case "hour" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }

    // ---- accounts

    /** An account whose secret lives 90 days and is so old. */
    Testbed.ManagedSecret account(String name, Duration age) {
        return account(name, age, Duration.ofDays(90), Map.of());
    }

    /**
     * An account with one secret, managed.
     *
     * @param more what its stored value has beside the credential
     */
    Testbed.ManagedSecret account(String name, Duration age, Duration life, Map<String, ?> more) {
        var clientId = testbed.atlas.addServiceAccount(testbed.project(), AtlasModel.PROJECT_OWNER);
        var first = testbed.atlas.secretFromThePast(clientId, now().minus(age), (int) life.toHours());
        var value = new LinkedHashMap<String, Object>();
        value.put("clientId", clientId);
        value.put("clientSecret", first.value());
        value.put("groupId", testbed.project().id());
        value.put("secretId", first.id());
        value.put("createdAt", now().minus(age).truncatedTo(ChronoUnit.SECONDS).toString());
        value.put(
                "expiresAt",
                now().minus(age).plus(life).truncatedTo(ChronoUnit.SECONDS).toString());
        value.putAll(more);
        var kept = testbed.keep(name, first, value, Map.of(Testbed.TAG, clientId));
        accounts.put(name, kept);
        return kept;
    }

    Testbed.ManagedSecret kept(String name) {
        return Optional.ofNullable(accounts.get(name)).orElseThrow();
    }

    // ---- time

    Instant now() {
        return testbed.time.instant();
    }

    /** The time between two sweeps. */
    Duration interval() {
        return interval;
    }

    /** Plans something for so long after now. */
    void at(Duration after, Runnable work) {
        plan.add(new Planned(now().plus(after), planned++, work));
    }

    /** Plans something for so long after now, and again and again. */
    void every(Duration pause, Runnable work) {
        at(pause, () -> {
            every(pause, work);
            work.run();
        });
    }

    /** Lets time pass. What is planned for a time at which the function was at work comes after that. */
    void run(Duration time) {
        var end = now().plus(time);
        for (var next = plan.peek(); next != null && !next.at().isAfter(end); next = plan.peek()) {
            plan.remove(next);
            waitUntil(next.at());
            next.work().run();
        }
        waitUntil(end);
    }

    private void waitUntil(Instant time) {
        if (time.isAfter(now())) {
            testbed.time.advance(Duration.between(now(), time));
        }
    }

    /** Publishes what the queues have to say of the time until now. */
    void end() {
        failures.publish(region.metrics, now());
        failedRotations.publish(region.metrics, now());
        work.ifPresent(one -> {
            one.queue().publish(region.metrics, now());
            one.deadLetters().publish(region.metrics, now());
        });
    }

    // ---- what happens

    /** EventBridge Scheduler invokes within the minute (its User Guide: a precision of 60 seconds). */
    private void tick() {
        var scheduled = now();
        at(interval, this::tick);
        switch (schedule) {
            case ON ->
                at(Duration.ofSeconds(chance.nextInt(50)), () -> {
                    var event = scheduleInput.replace("<aws.scheduler.scheduled-time>", scheduled.toString());
                    deliver(event, 0, now());
                });
            case REFUSED -> at(Duration.ofMinutes(30), () -> failures.send(scheduleInput, now()));
            case OFF -> {}
        }
    }

    /** Lambda's queue of asynchronous events: two more tries, each event for an hour at most. */
    private void deliver(String event, int tries, Instant since) {
        if (function == Function.THROTTLED && strikes.test(event)) {
            lambda("Throttles", now(), 1, Duration.ZERO);
            if (Duration.between(since, now()).compareTo(Duration.ofHours(1)) >= 0) {
                failures.send(event, now());
            } else {
                at(Duration.ofMinutes(5), () -> deliver(event, tries, since));
            }
            return;
        }
        var answer = invoke(event);
        if (answer.isPresent()) {
            reports.add(new Report(now(), answer.get()));
            if (hasReports()) {
                region.event(
                        now(), "lambda", "Lambda Function Invocation Result - Success", success(event, answer.get()));
            }
        } else if (tries < RETRIES.size()) {
            at(RETRIES.get(tries), () -> deliver(event, tries + 1, since));
        } else {
            failures.send(event, now());
        }
    }

    private boolean hasReports() {
        return template.resource("RotatorInvokeConfig")
                .map(one -> map(one.properties().get("DestinationConfig")).containsKey("OnSuccess"))
                .orElse(false);
    }

    /** Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations". */
    private Map<String, Object> success(String event, String answer) {
        return Map.of(
                "version",
                "1.0",
                "timestamp",
                now().toString(),
                "requestContext",
                Map.of("functionArn", functionArn + ":live", "condition", "Success", "approximateInvokeCount", 1),
                "requestPayload",
                Json.object(event).orElseThrow(),
                "responseContext",
                Map.of("statusCode", 200, "executedVersion", "1"),
                "responsePayload",
                Json.object(answer).orElseThrow());
    }

    /** Somebody invokes the function by hand. */
    void byHand(String event) {
        invoke(event);
    }

    private void invokeOrThrow(String event) {
        if (invoke(event).isEmpty()) {
            throw new IllegalStateException("the step failed");
        }
    }

    /** One invocation; answers nothing if it failed. Rotations that it has asked for run right after it. */
    private Optional<String> invoke(String event) {
        var start = now();
        var answer = Optional.<String>empty();
        var took = sweepTakes;
        switch (strikes.test(event) ? function : Function.WORKS) {
            case WORKS -> {
                try {
                    answer = Optional.of(testbed.handle(event, functionArn, timeout.minusSeconds(2)));
                } catch (RotatorException failed) {
                    testbed.restart();
                }
            }
            case CRASHES -> took = timeout.dividedBy(2);
            case TIMES_OUT -> took = timeout;
            case THROTTLED -> {
                lambda("Throttles", start, 1, Duration.ZERO);
                return answer;
            }
        }
        var calls = Duration.between(start, now());
        took = calls.compareTo(took) > 0 ? calls : took;
        // A metric's timestamp is the invocation's begin (Lambda Developer Guide, "Types of metrics for Lambda
        // functions").
        lambda("Invocations", start, 1, took);
        lambda("Errors", start, answer.isPresent() ? 0 : 1, took);
        lambda("Duration", start, (double) took.toMillis(), took);
        lambda("Throttles", start, 0, took);
        for (var line : writesLog ? List.copyOf(testbed.lines) : List.<String>of()) {
            region.metrics.read(line, start.plus(took));
            if (line.contains("\"severity\":") && line.contains("\"code\":") && !line.contains("\"accounts\":")) {
                findingLines.add(line);
            }
        }
        testbed.lines.clear();
        testbed.calls.clear();
        work.ifPresent(this::poll);
        if (!event.contains("\"Step\"")) {
            testbed.secretsManager.runRotations().forEach(this::ended);
        }
        return answer;
    }

    private void lambda(String metric, Instant at, double value, Duration took) {
        for (var dimensions : List.of(
                Map.of("FunctionName", functionName),
                Map.of("FunctionName", functionName, "Resource", functionName + ":live"))) {
            region.metrics.put(
                    new Metrics.Key("AWS/Lambda", metric, dimensions), at, value, at.plus(took), Duration.ZERO);
        }
    }

    // ---- the work queue

    private void poll(Work work) {
        work.wire().receive(Integer.MAX_VALUE).forEach(sent -> {
            work.queue().send(sent.body(), now());
            at(Duration.ofSeconds(2), () -> handOut(work));
        });
    }

    private void handOut(Work work) {
        if (!workerRuns || function == Function.THROTTLED) {
            return;
        }
        var batch = work.queue().receive(work.batch(), work.hidden(), now());
        // What was received as often as it may be is not received again: it moves to the dead letters.
        batch.stream().filter(one -> one.received() > work.mostReceives()).forEach(one -> {
            work.queue().delete(one, now());
            work.deadLetters().send(one.body, now());
        });
        var messages = batch.stream()
                .filter(one -> one.received() <= work.mostReceives())
                .toList();
        if (messages.isEmpty()) {
            return;
        }
        at(work.hidden(), () -> handOut(work));
        var wire = new ArrayList<InProcessSqs.Message>();
        for (int i = 0; i < messages.size(); i++) {
            wire.add(new InProcessSqs.Message("message-" + i, messages.get(i).body, 1));
        }
        var failed = invoke(InProcessSqs.event(wire))
                .map(answer -> String.valueOf(Json.object(answer).orElseThrow().get("batchItemFailures")));
        for (int i = 0; i < messages.size(); i++) {
            var id = wire.get(i).id() + "}";
            if (failed.filter(text -> !text.contains(id)).isPresent()) {
                work.queue().delete(messages.get(i), now());
            }
        }
    }

    /** The event source mapping is on again: it finds what has waited. */
    void workerStarts() {
        workerRuns = true;
        work.ifPresent(one -> {
            for (int i = 0; i < one.queue().bodies().size(); i++) {
                at(Duration.ofSeconds(2), () -> handOut(one));
            }
        });
    }

    Optional<InProcessSqs> wire() {
        return work.map(Work::wire);
    }

    List<String> deadLetters() {
        return work.map(one -> one.deadLetters().bodies()).orElse(List.of());
    }

    /** Somebody has read what is in the queues of failed events and of dead letters, and empties them. */
    void queuesAreEmptied() {
        failures.purge(now());
        work.ifPresent(one -> one.deadLetters().purge(now()));
    }

    List<String> failedRotations() {
        return failedRotations.bodies();
    }

    // ---- Secrets Manager

    /** Secrets Manager rotates this one by this function, each time that so long has passed, beginning then. */
    void rotates(Testbed.ManagedSecret kept, Duration every) {
        testbed.secretsManager.configureRotation(kept.arn(), functionArn + ":live");
        every(every, () -> rotateSecret(kept));
    }

    /** Secrets Manager begins or repeats a rotation of its own accord. */
    void rotateSecret(Testbed.ManagedSecret kept) {
        try {
            testbed.secretsManager.call(
                    "RotateSecret",
                    Map.of(
                            "SecretId",
                            kept.arn(),
                            "ClientRequestToken",
                            testbed.newVersion().value()));
        } catch (RuntimeException refused) {
            // An earlier rotation is not over: it is run again.
        }
        testbed.secretsManager.runRotations().forEach(this::ended);
    }

    private void ended(RotationOutcome outcome) {
        if (outcome.end() == RotationOutcome.End.FAILED || outcome.end() == RotationOutcome.End.ABANDONED) {
            rotationEvent(
                    outcome.end() == RotationOutcome.End.FAILED ? "RotationFailed" : "RotationAbandoned",
                    outcome.secret(),
                    Optional.of("Pending secret version %s for Secret %s was not made current by Lambda %s"
                            .formatted(outcome.versionId(), outcome.secret(), functionArn + ":live")));
        }
    }

    /** CloudTrail's event about a rotation. */
    void rotationEvent(String name, String secretArn, Optional<String> error) {
        if (!hasTrail) {
            return;
        }
        var detail = new HashMap<String, Object>();
        detail.put("eventSource", "secretsmanager.amazonaws.com");
        detail.put("eventName", name);
        detail.put("eventType", "AwsServiceEvent");
        detail.put("additionalEventData", Map.of("SecretId", secretArn));
        error.ifPresent(text -> detail.put("errorMessage", text));
        region.event(now(), "aws.secretsmanager", "AWS Service Event via CloudTrail", detail);
    }

    String functionArn() {
        return functionArn;
    }

    // ---- the template

    private Map<String, Object> properties(String logicalId) {
        return template.resource(logicalId).orElseThrow().properties();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(@Nullable Object value) {
        return (Map<String, Object>) Objects.requireNonNull(value);
    }

    private static int number(@Nullable Object value) {
        return Integer.parseInt(String.valueOf(value));
    }
}
