package dev.atlasrotator.alarm;

import dev.atlasrotator.simulator.Faults;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * What happens to a deployment: a fleet that is well for some hours, trouble that lasts, and how it ends. An incident
 * has an alarm that must speak; a healthy month has none.
 */
final class Scene {
    final String name;
    final Map<String, String> parameters = new HashMap<>();
    final Set<String> also = new TreeSet<>();
    final List<String> told = new ArrayList<>();
    final Optional<String> alarm;
    final Duration within;
    Consumer<Deployment> fleet = Scene::threeAccounts;
    Consumer<Deployment> trouble = deployment -> {};
    Consumer<Deployment> mended = deployment -> {};
    Optional<Consumer<Deployment>> beside = Optional.empty();
    Duration lasts = Duration.ofHours(30);
    Duration endsWithin = Duration.ofHours(4);
    boolean atOnce;

    private Scene(String name, Optional<String> alarm, Duration within) {
        this.name = name;
        this.alarm = alarm;
        this.within = within;
        this.parameters.put("FunctionName", "rotator");
        // One account after the other, so that a scene comes out the same each time.
        this.parameters.put("SweepConcurrency", "1");
    }

    /** An incident, with the alarm that must speak of it and how soon. */
    static Scene incident(String name, String alarm, Duration within) {
        return new Scene(name, Optional.of(alarm), within);
    }

    /** A month in which nobody is to be told anything. */
    static Scene healthy(String name) {
        var scene = new Scene(name, Optional.empty(), Duration.ZERO);
        scene.lasts = Duration.ofDays(30);
        return scene;
    }

    Scene with(String parameter, String value) {
        parameters.put(parameter, value);
        return this;
    }

    /** Work goes through the queue. */
    Scene withQueue() {
        return with("UseWorkQueue", "true").with("TimeoutSeconds", "300");
    }

    /** The same with secrets that live for 32 hours, so that the queue has work each hour. */
    Scene withBusyQueue() {
        return withQueue()
                .with("SecretExpiresAfterHours", "32")
                .with("RotateAfterHours", "4")
                .with("OverlapHours", "1");
    }

    Scene fleet(Consumer<Deployment> what) {
        fleet = what;
        return this;
    }

    Scene trouble(Consumer<Deployment> what) {
        trouble = what;
        return this;
    }

    /** The trouble is that calls go wrong. */
    Scene faults(Faults what) {
        return trouble(d -> d.testbed.faults(what)).mended(d -> d.testbed.faults(Faults.none()));
    }

    /** Another deployment in the same region, with the same fleet, and what happens to that. */
    Scene beside(Consumer<Deployment> what) {
        beside = Optional.of(what);
        return this;
    }

    Scene mended(Consumer<Deployment> what) {
        mended = what;
        return this;
    }

    Scene lasts(Duration time) {
        lasts = time;
        return this;
    }

    /** The alarm is over so long after the trouble is. */
    Scene endsWithin(Duration time) {
        endsWithin = time;
        return this;
    }

    /** Other alarms that speak of the same, later or from another side. */
    Scene also(String... alarms) {
        also.addAll(List.of(alarms));
        return this;
    }

    /** What the summary of a report must say while the trouble lasts: an account, a code. */
    Scene told(String... texts) {
        told.addAll(List.of(texts));
        return this;
    }

    /** The trouble is there before the first sweep. */
    Scene atOnce() {
        atOnce = true;
        return this;
    }

    boolean isIncident() {
        return alarm.isPresent();
    }

    /** Three accounts of different age, none of them due. */
    static void threeAccounts(Deployment deployment) {
        deployment.account("prod/billing", Duration.ofDays(3));
        deployment.account("prod/orders", Duration.ofDays(10));
        deployment.account("prod/search", Duration.ofDays(20));
    }
}
