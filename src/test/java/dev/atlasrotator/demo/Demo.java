package dev.atlasrotator.demo;

import dev.atlasrotator.simulator.Call;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Rotations from end to end, on one machine: the packaged function runs as Lambda runs it, and both
 * services are stand-ins that keep the services' rules. The exit status is 1 if a check fails.
 */
public final class Demo {
    private final Narrator narrator;
    private final Stage stage;

    private Demo(Narrator narrator, Stage stage) {
        this.narrator = narrator;
        this.stage = stage;
    }

    /** Runs the demo on the terminal. */
    public static void main(String[] none) throws IOException, InterruptedException {
        // Otherwise the JDK's HTTP server delays small responses by 40 ms.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.exit(run(System.out, Path.of("target", "atlas-secret-rotator.zip")) == 0 ? 0 : 1);
    }

    /** Runs the demo, and returns the number of failed checks. */
    static int run(PrintStream out, Path zip) throws IOException, InterruptedException {
        long start = System.nanoTime();
        var narrator = new Narrator(out);
        try (var stage = new Stage(narrator, zip, zip.toAbsolutePath().resolveSibling("demo/task"))) {
            new Demo(narrator, stage).play();
        }
        var seconds = Duration.ofNanos(System.nanoTime() - start).toMillis() / 1000.0;
        narrator.line("");
        narrator.line(String.format(
                Locale.ROOT,
                "%s: %d of %d checks hold; 3 rotations, one of them through a crash; %.1f s.",
                narrator.failures() == 0 ? "DONE" : "FAILED",
                narrator.checks() - narrator.failures(),
                narrator.checks(),
                seconds));
        return narrator.failures();
    }

    private void play() throws IOException, InterruptedException {
        narrator.line("Atlas secret rotator: rotations from end to end, on this machine only.");
        narrator.explain(
                "The function is the zip file that is deployed to Lambda. It runs in its own process, with AWS's"
                        + " Lambda runtime interface client. Atlas and Secrets Manager are stand-ins with an HTTP API"
                        + " that keep the services' rules.");
        narrator.explain("A MongoDB Atlas service account authenticates with a client secret. It can have two. Atlas"
                + " generates the value and shows it once. Creating one limits the remaining lifetime of the"
                + " other to 7 days. Applications read the value from AWS Secrets Manager: the version with the"
                + " staging label AWSCURRENT.");
        var shop = stage.account("shop/atlas", Duration.ofDays(30));
        var billing = stage.account("billing/atlas", Duration.ofDays(31));
        var oldOfShop = rotatedBySecretsManager(shop);
        var oldOfBilling = rotatedBySchedule(billing);
        afterTheOverlap(shop, oldOfShop, billing, oldOfBilling);
        crash(shop);
        noSecretWasPrinted();
    }

    private String rotatedBySecretsManager(Stage.ManagedSecret shop) throws IOException, InterruptedException {
        narrator.title("1. Secrets Manager rotates shop/atlas, in its four steps");
        stage.rotatedBySecretsManager(shop);
        var old = stage.credential(shop);
        stage.auth(shop, old);
        stage.show(shop);
        stage.rotate(shop);
        stage.show(shop);
        narrator.explain(
                "The new secret was stored first, and verified by authenticating at Atlas before AWSCURRENT was moved."
                    + " An application that still holds the old one keeps working: the old secret is kept for 24 hours"
                    + " (OVERLAP_HOURS).");
        narrator.line("");
        var made = stage.credential(shop);
        narrator.check("AWSCURRENT holds a new credential", !made.equals(old));
        narrator.check("the new credential authenticates at Atlas", stage.auth(shop, made));
        narrator.check("the old credential still authenticates", stage.auth(shop, old));
        int secretsManager = stage.callsOf(Call.Service.SECRETS_MANAGER);
        int atlas = stage.callsOf(Call.Service.ATLAS);
        narrator.check(
                "it took %d calls to Secrets Manager (at most 7) and %d to Atlas (at most 5)"
                        .formatted(secretsManager, atlas),
                secretsManager <= 7 && atlas <= 5);
        return old;
    }

    private String rotatedBySchedule(Stage.ManagedSecret billing) throws IOException, InterruptedException {
        narrator.title("2. The schedule finds that billing/atlas is due");
        narrator.explain("billing/atlas has no rotation configured in Secrets Manager. It only has the tag"
                + " atlas-secret-rotator, and its secret is older than 30 days (ROTATE_AFTER_HOURS). The sweep"
                + " reads shop/atlas as well, and changes nothing there.");
        var old = stage.credential(billing);
        stage.auth(billing, old);
        stage.show(billing);
        stage.sweep().forEach(done -> narrator.line("    report: " + done));
        stage.show(billing);
        narrator.explain(
                "The same rules, in one run. The rotation is registered first, as an AWSPENDING version without a"
                    + " credential. If the run crashes, the next run can tell that an unused secret at Atlas belongs"
                    + " to it.");
        narrator.line("");
        var made = stage.credential(billing);
        narrator.check("AWSCURRENT holds a new credential", !made.equals(old));
        narrator.check("the new credential authenticates at Atlas", stage.auth(billing, made));
        narrator.check("the old credential still authenticates", stage.auth(billing, old));
        return old;
    }

    private void afterTheOverlap(
            Stage.ManagedSecret shop, String oldOfShop, Stage.ManagedSecret billing, String oldOfBilling)
            throws IOException, InterruptedException {
        narrator.title("3. A day later: the overlap is over");
        narrator.explain(
                "The clocks of both services and of the function's JVM are 25 hours ahead now. Lambda has stopped"
                        + " the idle process in the meantime.");
        narrator.line("");
        stage.later(Duration.ofHours(25));
        stage.sweep().forEach(done -> narrator.line("    report: " + done));
        stage.show(shop);
        stage.show(billing);
        narrator.explain(
                "Nothing has used the old secrets since the applications read the new ones, so they were deleted."
                        + " A superseded secret that is still used is kept until it expires, and reported with its last"
                        + " use.");
        narrator.line("");
        for (var kept : new Stage.ManagedSecret[] {shop, billing}) {
            narrator.check(
                    "the new credential of " + kept.name() + " authenticates",
                    stage.auth(kept, stage.credential(kept)));
        }
        narrator.check(
                "the old credentials no longer authenticate",
                !stage.auth(shop, oldOfShop) && !stage.auth(billing, oldOfBilling));
    }

    private void crash(Stage.ManagedSecret shop) throws IOException, InterruptedException {
        narrator.title("4. A crash after creating a secret, before storing it");
        var before = stage.credential(shop);
        stage.killAtTheNextCreate();
        stage.rotate(shop);
        stage.show(shop);
        narrator.explain(
                "The value of that secret is lost: Atlas shows it only once. The next run found a secret that no"
                    + " version holds. It waited, since another run might still be about to store it. After 15"
                    + " minutes, the longest time that a run can take, nobody can store it any more: the run deleted"
                    + " it and created another.");
        narrator.line("");
        var made = stage.credential(shop);
        narrator.check("the rotation was finished", !made.equals(before));
        narrator.check("the new credential authenticates", stage.auth(shop, made));
        narrator.check("the previous credential still authenticates", stage.auth(shop, before));
        narrator.check("Atlas has these two secrets and no orphan", stage.secretsAtAtlas(shop) == 2);
    }

    private void noSecretWasPrinted() {
        narrator.title("5. What the function has logged");
        var lines = stage.functionsLines();
        narrator.explain("One JSON object per line, with ids and never a secret value. For example (wrapped here):");
        narrator.line("");
        lines.stream()
                .filter(line -> line.contains("\"decision\""))
                .limit(1)
                .flatMap(line -> Stream.of(Narrator.brief(line).split("(?<=\\G.{88})", -1)))
                .forEach(piece -> narrator.line("    " + piece));
        narrator.line("");
        boolean silent = stage.confidential().stream()
                .noneMatch(
                        value -> narrator.hasPrinted(value) || lines.stream().anyMatch(line -> line.contains(value)));
        narrator.check(
                "none of %d confidential values is in its %d log lines, nor above"
                        .formatted(stage.confidential().size(), lines.size()),
                silent && !lines.isEmpty());
    }
}
