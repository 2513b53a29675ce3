package dev.atlasrotator.simulation;

import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.simulator.cloudwatch.Template;
import dev.atlasrotator.testbed.Testbed;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * What a month costs: hourly sweeps of fleets in which all is well, and a rotation of each account every 30 days. Calls,
 * log and time are those of the real code over the stand-ins, whose calls take 5 ms (Secrets Manager) and 60 ms (Atlas).
 */
public final class SweepCost {
    private static final List<Integer> SIZES = List.of(10, 100, 1_000, 10_000);
    private static final int ACCOUNTS_A_PROJECT = 200;
    private static final String SCHEDULED = "{\"action\":\"sweep\",\"scheduled\":\"2026-06-01T08:00:00Z\"}";
    private static final String BY_HAND = "{\"action\":\"sweep\"}";
    private static final Duration RUN = Duration.ofMinutes(15);

    /** Hours of a month, as AWS's price lists have it. */
    private static final int SWEEPS = 730;

    private static final double ROTATIONS_OF_AN_ACCOUNT = SWEEPS / 720.0;

    /** Calls of a rotation by AWS's template, as the other part of the benchmark counts them. */
    private static final int CALLS_OF_THE_TEMPLATE = 11;

    // Prices of us-east-1 in dollars; docs/cost.md names the pages.
    private static final double SECRET = 0.40;
    private static final double SECRETS_MANAGER_CALL = 0.05 / 10_000;
    private static final double KMS_CALL = 0.03 / 10_000;
    private static final double GB_SECOND = 0.0000133334;
    private static final double LOG_BYTE = 0.50 / 1e9;
    private static final double METRIC = 0.30;
    private static final double ALARM_METRIC = 0.10;
    private static final double DASHBOARD = 3.00;

    /** The template's default. */
    private static final double MEMORY_GB = 1;

    /** Metrics of each scheduled sweep; two more where it has rotated and deleted. */
    private static final int METRICS_ALWAYS = 6;

    /** A sweep of a fleet in which nothing is to be done. */
    private record Swept(int size, Map<String, Integer> calls, long bytes, Duration took) {
        int toSecretsManager() {
            return of("ListSecrets") + of("BatchGetSecretValue") + of("GetSecretValue");
        }

        int toAtlas() {
            return calls.values().stream().mapToInt(Integer::intValue).sum() - toSecretsManager();
        }

        int of(String operation) {
            return calls.getOrDefault(operation, 0);
        }

        double rotations() {
            return size * ROTATIONS_OF_AN_ACCOUNT;
        }
    }

    /** What an account's rotation, and the end of its overlap, add to the sweeps. */
    private record Rotated(long toSecretsManager, long values, long toAtlas, long bytes) {
        double seconds() {
            return toSecretsManager * Fleet.SECRETS_MANAGER_CALL.toMillis() / 1e3
                    + toAtlas * Fleet.ATLAS_CALL.toMillis() / 1e3;
        }

        Rotated without(Rotated other) {
            return new Rotated(
                    toSecretsManager - other.toSecretsManager,
                    values - other.values,
                    toAtlas - other.toAtlas,
                    bytes - other.bytes);
        }
    }

    private SweepCost() {}

    /** Measures, which takes half a minute, and prints the tables. */
    public static void print() {
        var alone = SIZES.stream().map(size -> sweep(fleet(size), SCHEDULED)).toList();
        var admin = SIZES.stream()
                .map(size -> sweep(fleet(size).withAdmin(), SCHEDULED))
                .toList();
        var eachCall = SIZES.stream().map(size -> sweep(fleet(size), BY_HAND)).toList();
        var rotation = lived(Duration.ofDays(30)).without(lived(Duration.ofDays(3)));
        measured(alone, admin, eachCall, rotation);
        month(alone, rotation);
    }

    private static Fleet fleet(int size) {
        return new Fleet(new Fleet.Shape(
                Instant.parse("2026-06-01T08:00:00Z"),
                size,
                Math.ceilDiv(size, ACCOUNTS_A_PROJECT),
                size > 1_000 ? 4 : 1, // the machine's own time is stretched as well
                0,
                0,
                Fleet.SECRETS_MANAGER_CALL,
                Fleet.ATLAS_CALL));
    }

    private static Swept sweep(Fleet fleet, String event) {
        int size = fleet.members.size();
        var function = fleet.start(false, 1);
        var begun = fleet.time.instant();
        var report = fleet.handle(function, event, RUN);
        var took = Duration.between(begun, fleet.time.instant());
        if (!Integer.valueOf(size).equals(report.get("checked")) || fleet.throttles() > 0) {
            throw new IllegalStateException("Not a healthy sweep: " + report.get("summary"));
        }
        return new Swept(size, fleet.calls(), fleet.bytes(), took);
    }

    /** A day and two hours with two sweeps of one account: one of 30 days is rotated, and then its old secret deleted. */
    private static Rotated lived(Duration age) {
        var testbed = new Testbed();
        testbed.account("prod/atlas/00000", age);
        testbed.handle(SCHEDULED);
        testbed.after(Duration.ofHours(26));
        testbed.handle(SCHEDULED);
        return new Rotated(
                testbed.callsSince(0, Call.Service.SECRETS_MANAGER),
                testbed.calls.stream()
                        .filter(call ->
                                List.of("GetSecretValue", "PutSecretValue").contains(call.operation()))
                        .count(),
                testbed.callsSince(0, Call.Service.ATLAS),
                testbed.lines.stream()
                        .mapToLong(line -> line.getBytes(StandardCharsets.UTF_8).length + 1)
                        .sum());
    }

    private static void measured(List<Swept> alone, List<Swept> admin, List<Swept> eachCall, Rotated rotation) {
        System.out.printf("%nOne sweep in which all is well; each account signs in for itself.%n%n");
        header("accounts");
        row("`ListSecrets`", alone, one -> number(one.of("ListSecrets")));
        row("`BatchGetSecretValue`", alone, one -> number(one.of("BatchGetSecretValue")));
        row("calls of Atlas", alone, one -> number(one.toAtlas()));
        row("the same with an admin credential", admin, one -> number(one.toAtlas()));
        row("seconds", alone, one -> seconds(one.took()));
        row("the same with an admin credential", admin, one -> seconds(one.took()));
        row("bytes of log", alone, one -> number(one.bytes()));
        row("the same with a line for each call", eachCall, one -> number(one.bytes()));
        System.out.printf(
                "%nA rotation, and the end of its overlap, add %d calls of Secrets Manager (%d values), %d of Atlas,"
                        + " %,d bytes of log.%n",
                rotation.toSecretsManager(), rotation.values(), rotation.toAtlas(), rotation.bytes());
    }

    private static void month(List<Swept> all, Rotated rotation) {
        int alarmMetrics = Template.of(Path.of("template.yaml"), "atlas", Map.of()).alarms().stream()
                .mapToInt(alarm -> alarm.metrics().size())
                .sum();
        var items = new TreeMap<String, ToDoubleFunction<Swept>>(Map.of(
                "1 calls of Secrets Manager",
                one -> SECRETS_MANAGER_CALL
                        * (SWEEPS * one.toSecretsManager() + one.rotations() * rotation.toSecretsManager()),
                "2 Lambda, 1,024 MB",
                one -> GB_SECOND
                        * MEMORY_GB
                        * (SWEEPS * one.took().toMillis() / 1e3 + one.rotations() * rotation.seconds()),
                "3 logs",
                one -> LOG_BYTE * (SWEEPS * one.bytes() + one.rotations() * rotation.bytes()),
                "4 metrics",
                one -> METRIC * (METRICS_ALWAYS + 2 * Math.min(1, one.rotations() / SWEEPS)),
                "5 alarms",
                one -> ALARM_METRIC * alarmMetrics,
                "6 dashboard",
                one -> DASHBOARD));
        System.out.printf("%nA month, in dollars.%n%n");
        header("accounts");
        items.forEach((name, cost) -> row(name.substring(2), all, one -> dollars(cost.applyAsDouble(one))));
        row(
                "**together**",
                all,
                one -> dollars(items.values().stream()
                        .mapToDouble(cost -> cost.applyAsDouble(one))
                        .sum()));
        row(
                "more, with a KMS key of your own",
                all,
                one -> dollars(KMS_CALL * (SWEEPS * one.size() + one.rotations() * rotation.values())));
        row("the stored secrets, paid for anyway", all, one -> dollars(SECRET * one.size()));
        row(
                "AWS's template: its calls of Secrets Manager",
                all,
                one -> dollars(SECRETS_MANAGER_CALL * one.rotations() * CALLS_OF_THE_TEMPLATE));
        row(
                "more, if each value of a batch is a call",
                all,
                one -> dollars(SECRETS_MANAGER_CALL * SWEEPS * (one.size() - one.of("BatchGetSecretValue"))));
    }

    private static void header(String first) {
        System.out.println(
                SIZES.stream().map(SweepCost::number).collect(Collectors.joining(" | ", "| " + first + " | ", " |")));
        System.out.println(SIZES.stream().map(size -> "---:").collect(Collectors.joining(" | ", "| --- | ", " |")));
    }

    private static void row(String first, List<Swept> all, Function<Swept, String> cell) {
        System.out.println(all.stream().map(cell).collect(Collectors.joining(" | ", "| " + first + " | ", " |")));
    }

    private static String number(long number) {
        return "%,d".formatted(number);
    }

    private static String seconds(Duration time) {
        return "%.1f".formatted(time.toMillis() / 1e3);
    }

    private static String dollars(double dollars) {
        return "%.2f".formatted(dollars);
    }
}
