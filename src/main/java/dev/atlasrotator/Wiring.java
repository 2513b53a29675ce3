package dev.atlasrotator;

import dev.atlasrotator.atlas.HttpServiceAccounts;
import dev.atlasrotator.atlas.ServiceAccounts;
import dev.atlasrotator.aws.OperatorSession;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.network.Proxies;
import dev.atlasrotator.policy.CheckPolicy;
import dev.atlasrotator.policy.CreatePolicy;
import dev.atlasrotator.report.Reporting;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.retry.Sleeper;
import dev.atlasrotator.rotation.DirectRotation;
import dev.atlasrotator.rotation.RotationParts;
import dev.atlasrotator.rotation.RotationSteps;
import dev.atlasrotator.secretsmanager.SdkSecretVault;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.SecretsManagerClients;
import dev.atlasrotator.secretsmanager.VersionId;
import dev.atlasrotator.snapshot.AdminCredentials;
import dev.atlasrotator.snapshot.Permissions;
import dev.atlasrotator.snapshot.SnapshotReader;
import dev.atlasrotator.sqs.SqsWorkQueue;
import dev.atlasrotator.sweep.AccountCheck;
import dev.atlasrotator.sweep.AccountSweep;
import dev.atlasrotator.sweep.CachedAccountLists;
import dev.atlasrotator.sweep.Discovery;
import dev.atlasrotator.sweep.FleetSweep;
import dev.atlasrotator.sweep.SweepParts;
import dev.atlasrotator.sweep.WorkQueue;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * The object graph, read from top to bottom.
 *
 * @param rotator the function
 * @param clock the clock that its deadlines use
 * @param clearCredentials clears every token and credential that was read: none may be in a snapshot of the memory
 * @param connections one for each service: connects to it without credentials, and fails if it does not answer
 * @param close closes the connections to Atlas
 */
public record Wiring(
        Rotator rotator, InstantSource clock, Runnable clearCredentials, List<Runnable> connections, Runnable close) {
    /** The version in the User-Agent. */
    public static final String VERSION = "0.1.0";

    /** What differs between production and tests: time, waiting, random numbers and the log's sink. */
    public record Platform(
            InstantSource clock,
            Sleeper sleeper,
            RandomGenerator random,
            Supplier<VersionId> newVersion,
            Consumer<String> logSink) {
        /** Real time, and random numbers that stay unpredictable after a restore from a snapshot. */
        static Platform real(Consumer<String> logSink) {
            return new Platform(
                    InstantSource.system(),
                    Thread::sleep,
                    new SecureRandom(),
                    () -> new VersionId(UUID.randomUUID().toString()),
                    logSink);
        }
    }

    /** The function in production. */
    public static Wiring production(Map<String, String> environment, Consumer<String> logSink) {
        return real(
                environment, logSink, () -> SecretsManagerClients.production(environment), Reporting.KEPT_BY_FUNCTION);
    }

    /**
     * The same on an operator's machine: with the operator's AWS credentials and region, and with a report that leaves
     * no account out.
     */
    public static Wiring command(OperatorSession operator, Consumer<String> logSink) {
        return real(
                operator.environment(),
                logSink,
                () -> SecretsManagerClients.command(operator),
                Reporting.KEPT_BY_COMMAND);
    }

    private static Wiring real(
            Map<String, String> environment,
            Consumer<String> logSink,
            Supplier<SecretsManagerClient> client,
            int kept) {
        var proxies = Proxies.from(environment); // before any client is loaded
        var settings = Settings.from(environment);
        var platform = Platform.real(logSink);
        var log = new Log(platform.logSink(), platform.clock());
        var retrier = new Retrier(platform.sleeper(), platform.random());
        var userAgent = HttpServiceAccounts.userAgent(
                VERSION, System.getProperty("os.name", "unknown"), System.getProperty("os.arch", "unknown"));
        // Side by side, since each loads hundreds of classes.
        var http = CompletableFuture.supplyAsync(() -> HttpServiceAccounts.client(proxies));
        var secretsManager = client.get();
        var accounts = new HttpServiceAccounts(
                new HttpServiceAccounts.Endpoint(http.join(), settings.atlasBaseUrl(), userAgent),
                retrier,
                log,
                platform.clock(),
                platform.random());
        var vault = new SdkSecretVault(secretsManager, retrier, log, platform.clock(), settings.runs());
        var queue = settings.workQueueUrl()
                .map(url -> SqsWorkQueue.production(environment, url, retrier, log, platform.clock()));
        var wired = of(settings, vault, accounts, queue, platform, kept);
        return new Wiring(
                wired.rotator(),
                platform.clock(),
                () -> {
                    wired.clearCredentials().run();
                    accounts.clearTokens();
                },
                List.of(() -> SecretsManagerClients.connect(environment), accounts::connect),
                () -> http.join().close());
    }

    /** The function with these two services. */
    public static Wiring of(
            Settings settings,
            SecretVault vault,
            ServiceAccounts accounts,
            Optional<WorkQueue> queue,
            Platform platform) {
        return of(settings, vault, accounts, queue, platform, Reporting.KEPT_BY_FUNCTION);
    }

    private static Wiring of(
            Settings settings,
            SecretVault vault,
            ServiceAccounts accounts,
            Optional<WorkQueue> queue,
            Platform platform,
            int kept) {
        var clock = platform.clock();
        var log = new Log(platform.logSink(), clock);
        var retrier = new Retrier(platform.sleeper(), platform.random());
        var admins = new AdminCredentials(vault, settings.adminSecretId(), settings.managedTag(), clock);
        var snapshots = new SnapshotReader(vault, accounts, admins, retrier, clock);
        var parts = new RotationParts(vault, accounts, snapshots, new CreatePolicy(settings.times()), retrier, log);
        var direct = new DirectRotation(parts, platform.newVersion());
        var work = new AccountSweep(vault, snapshots, settings.times(), direct, log);
        Supplier<SnapshotReader> surveyor =
                () -> new SnapshotReader(vault, new CachedAccountLists(accounts), admins, retrier, clock);
        Supplier<AccountCheck> check = () -> new AccountCheck(
                new Permissions.Reader(accounts), new CheckPolicy(settings.times(), settings.managedTag()));
        var bounds = new SweepParts.Bounds(
                settings.managedTag(),
                settings.secretNamePrefix(),
                settings.rotationsPerSweep(),
                settings.sweepConcurrency(),
                new Reporting(settings.sweepMode(), settings.sweepInterval(), kept),
                settings.functionTimeout());
        var fleet = new FleetSweep(new SweepParts(
                vault, surveyor, work, check, new Discovery(vault, accounts, admins, bounds), queue, bounds, log));
        return new Wiring(
                new Rotator(new RotationSteps(parts), fleet, log),
                clock,
                admins::clearCredentials,
                List.of(),
                () -> {});
    }
}
