package dev.atlasrotator.explore;

import dev.atlasrotator.Settings;
import dev.atlasrotator.Wiring;
import dev.atlasrotator.atlas.HttpServiceAccounts;
import dev.atlasrotator.atlas.ServiceAccounts;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.retry.Sleeper;
import dev.atlasrotator.secretsmanager.SdkSecretVault;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.VersionId;
import dev.atlasrotator.simulator.atlas.InProcessAtlas;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One execution environment of the function: what it remembers, it remembers here, and it serves
 * one run at a time.
 */
final class Environment {
    /** What stands between the function and the stand-ins. */
    enum Ports {
        /** The ports are answered from the models: fast, one decision a port call. */
        DIRECT,
        /** The product's adapters, with the SDK and the HTTP client, over in-process transports. */
        REAL
    }

    /** The longest that Lambda lets a run last. */
    static final Duration TIME = Duration.ofMinutes(15);

    private static final String FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:rotator";

    final Simulation simulation;
    final int number;
    private final Wiring wiring;
    private int versions;
    private @Nullable Run run;

    Environment(Simulation simulation, int number, Ports ports, Settings settings) {
        this.simulation = simulation;
        this.number = number;
        Sleeper sleeper = pause -> {
            run().dieIfDead();
            simulation.sleep(pause);
        };
        var chance = new Random(number);
        var platform = new Wiring.Platform(
                simulation.time, sleeper, chance, this::newVersion, line -> simulation.printed(this, line));
        SecretVault vault;
        ServiceAccounts accounts;
        switch (ports) {
            case DIRECT -> {
                vault = new DirectVault(this);
                accounts = new DirectAccounts(this);
            }
            case REAL -> {
                var log = new Log(platform.logSink(), platform.clock());
                var retrier = new Retrier(sleeper, chance);
                vault = new SdkSecretVault(simulation.client(), retrier, log, simulation.time, 1);
                accounts = new HttpServiceAccounts(
                        new HttpServiceAccounts.Endpoint(
                                new InProcessAtlas(simulation.atlas, sleeper),
                                URI.create("https://cloud.mongodb.com"),
                                HttpServiceAccounts.userAgent("test", "Linux", "amd64")),
                        retrier,
                        log,
                        simulation.time,
                        chance);
            }
            default -> throw new IllegalStateException();
        }
        wiring = Wiring.of(settings, vault, accounts, Optional.empty(), platform);
    }

    static String function() {
        return FUNCTION;
    }

    /** The run that this environment serves. */
    Run run() {
        var serving = run;
        if (serving == null) {
            throw new IllegalStateException("environment " + number + " serves no run");
        }
        return serving;
    }

    boolean isIdle() {
        var serving = run;
        return serving == null || serving.isOver();
    }

    boolean isDead() {
        var serving = run;
        return serving != null && serving.isDead();
    }

    void serve(Run next) {
        run = next;
    }

    /** One invocation. */
    String handle(String event) {
        var deadline = Deadline.in(TIME, simulation.time);
        run().within(deadline);
        return wiring.rotator().handle(event, Optional.of(FUNCTION + ":live"), deadline);
    }

    private VersionId newVersion() {
        return new VersionId("00000000-0000-4000-8%03x-%012x".formatted(number & 0xfff, ++versions));
    }
}
