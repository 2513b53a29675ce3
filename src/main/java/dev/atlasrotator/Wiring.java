package dev.atlasrotator;

import dev.atlasrotator.atlas.HttpServiceAccounts;
import dev.atlasrotator.atlas.ServiceAccounts;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.network.Proxies;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.retry.Sleeper;
import dev.atlasrotator.rotation.AdminCredentials;
import dev.atlasrotator.rotation.CreateRules;
import dev.atlasrotator.rotation.DirectRotation;
import dev.atlasrotator.rotation.Rotation;
import dev.atlasrotator.rotation.SnapshotReader;
import dev.atlasrotator.secretsmanager.SdkSecretVault;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.SecretsManagerClients;
import dev.atlasrotator.secretsmanager.VersionId;
import dev.atlasrotator.sqs.SqsWorkQueue;
import dev.atlasrotator.sweep.AccountWork;
import dev.atlasrotator.sweep.CachedAccountLists;
import dev.atlasrotator.sweep.FleetSweep;
import dev.atlasrotator.sweep.Report;
import dev.atlasrotator.sweep.SweepRules;
import dev.atlasrotator.sweep.WorkQueue;
import java.net.URI;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * How the parts are put together, read from top to bottom.
 *
 * @param rotator the function
 * @param clock the clock that its deadlines are held against
 * @param forget lets go of every token and credential that was read: none may be in a snapshot of
 *     the memory
 */
public record Wiring(Rotator rotator, InstantSource clock, Runnable forget) {
    /** The version that goes into the User-Agent. */
    static final String VERSION = "0.1.0";

    /**
     * What differs between a function in production and one that is tried out: time, waiting,
     * chance and the way out.
     */
    public record World(
            InstantSource clock,
            Sleeper sleeper,
            RandomGenerator chance,
            Supplier<VersionId> newVersion,
            Consumer<String> out) {
        /** Real time, and chance that is worth its name after a restore from a snapshot as well. */
        static World real(Consumer<String> out) {
            return new World(
                    InstantSource.system(),
                    Thread::sleep,
                    new SecureRandom(),
                    () -> new VersionId(UUID.randomUUID().toString()),
                    out);
        }
    }

    /** The function in production. */
    static Wiring production(Map<String, String> environment, Consumer<String> out) {
        return real(environment, out, () -> SecretsManagerClients.production(environment), Report.KEPT_BY_FUNCTION);
    }

    /**
     * The same on a person's machine: with that person's AWS credentials and region, and with a
     * report that leaves nobody out.
     */
    static Wiring command(Map<String, String> environment, Consumer<String> out) {
        return real(environment, out, () -> SecretsManagerClients.command(environment), Report.KEPT_BY_COMMAND);
    }

    /**
     * The same with both services at this address, an account that does not exist, and nothing
     * written: for use before a snapshot.
     */
    static Wiring rehearsal(URI services) {
        return real(
                Map.of("ATLAS_BASE_URL", services.toString()),
                line -> {},
                () -> SecretsManagerClients.rehearsal(services),
                Report.KEPT_BY_FUNCTION);
    }

    private static Wiring real(
            Map<String, String> environment, Consumer<String> out, Supplier<SecretsManagerClient> client, int kept) {
        var proxies = Proxies.from(environment); // before any client is loaded
        var settings = Settings.from(environment);
        var world = World.real(out);
        var log = new Log(world.out(), world.clock());
        var retrier = new Retrier(world.sleeper(), world.chance());
        var userAgent = HttpServiceAccounts.userAgent(
                VERSION, System.getProperty("os.name", "unknown"), System.getProperty("os.arch", "unknown"));
        var accounts = new HttpServiceAccounts(
                HttpServiceAccounts.client(proxies),
                settings.atlasBaseUrl(),
                userAgent,
                retrier,
                log,
                world.clock(),
                world.chance());
        var vault = new SdkSecretVault(client.get(), retrier, log, world.clock());
        var queue = settings.workQueueUrl()
                .map(url -> SqsWorkQueue.production(environment, url, retrier, log, world.clock()));
        var wired = of(settings, vault, accounts, queue, world, kept);
        return new Wiring(wired.rotator(), world.clock(), () -> {
            wired.forget().run();
            accounts.forgetTokens();
        });
    }

    /** The function over these two services. */
    public static Wiring of(
            Settings settings, SecretVault vault, ServiceAccounts accounts, Optional<WorkQueue> queue, World world) {
        return of(settings, vault, accounts, queue, world, Report.KEPT_BY_FUNCTION);
    }

    private static Wiring of(
            Settings settings,
            SecretVault vault,
            ServiceAccounts accounts,
            Optional<WorkQueue> queue,
            World world,
            int kept) {
        var clock = world.clock();
        var log = new Log(world.out(), clock);
        var retrier = new Retrier(world.sleeper(), world.chance());
        var admins = new AdminCredentials(vault, settings.adminSecretId(), settings.managedTag(), clock);
        var observer = new SnapshotReader(vault, accounts, admins, retrier, clock);
        var createRules = new CreateRules(settings.times());
        var sweepRules = new SweepRules(settings.times(), createRules);
        var rotation = new Rotation(vault, accounts, observer, createRules, retrier, log);
        var direct = new DirectRotation(vault, accounts, observer, createRules, retrier, world.newVersion(), log);
        var work = new AccountWork(vault, observer, sweepRules, createRules, direct, log);
        Supplier<SnapshotReader> surveyor =
                () -> new SnapshotReader(vault, new CachedAccountLists(accounts), admins, retrier, clock);
        var bounds = new FleetSweep.Bounds(
                settings.managedTag(),
                settings.secretNamePrefix(),
                settings.sweepConcurrency(),
                kept,
                settings.functionTimeout());
        var fleet = new FleetSweep(vault, surveyor, work, queue, bounds, log);
        return new Wiring(new Rotator(rotation, fleet, log), clock, admins::forget);
    }
}
