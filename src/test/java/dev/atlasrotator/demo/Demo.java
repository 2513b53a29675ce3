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
 * services are stand-ins that keep the services' rules. Ends with an exit code other than 0 if
 * anything is not as it should be.
 */
public final class Demo {
    private final Narrator narrator;
    private final Stage stage;

    private Demo(Narrator narrator, Stage stage) {
        this.narrator = narrator;
        this.stage = stage;
    }

    /** Shows it on the terminal. */
    public static void main(String[] none) throws IOException, InterruptedException {
        // Else the JDK's server holds small answers back for 40 ms.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.exit(run(System.out, Path.of("target", "atlas-secret-rotator.zip")) == 0 ? 0 : 1);
    }

    /** Shows it, and answers how many checks have failed. */
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
                "%s: %d of %d checks hold; 3 rotations, one of them through a crash;" + " %.1f s.",
                narrator.failures() == 0 ? "DONE" : "FAILED",
                narrator.checks() - narrator.failures(),
                narrator.checks(),
                seconds));
        return narrator.failures();
    }

    private void play() throws IOException, InterruptedException {
        narrator.line("Atlas secret rotator: rotations from end to end, on this machine alone.");
        narrator.explain("The function is the zip that would be deployed, in a process of its own, run by"
                + " AWS's Lambda runtime client. Atlas and Secrets Manager are stand-ins"
                + " behind HTTP that keep the services' rules.");
        narrator.explain("A service account of MongoDB Atlas signs in with a client secret. It can have two"
                + " of them; Atlas makes the value and shows it once; and creating one cuts"
                + " what the other has left to 7 days. Applications read the value from AWS"
                + " Secrets Manager, where the version they get is labelled AWSCURRENT.");
        var shop = stage.account("shop/atlas", Duration.ofDays(30));
        var billing = stage.account("billing/atlas", Duration.ofDays(31));
        var oldOfShop = rotatedBySecretsManager(shop);
        var oldOfBilling = rotatedBySchedule(billing);
        afterTheOverlap(shop, oldOfShop, billing, oldOfBilling);
        crash(shop);
        nothingWasTold();
    }

    private String rotatedBySecretsManager(Stage.Kept shop) throws IOException, InterruptedException {
        narrator.title("1. Secrets Manager rotates shop/atlas, in its four steps");
        stage.rotatedBySecretsManager(shop);
        var old = stage.credential(shop);
        stage.auth(shop, old);
        stage.show(shop);
        stage.rotate(shop);
        stage.show(shop);
        narrator.explain("The new secret was stored before anything relied on it, and proved by signing in"
                + " before AWSCURRENT moved. An application that still holds the old one"
                + " goes on working: it is kept for 24 hours (OVERLAP_HOURS).");
        narrator.line("");
        var made = stage.credential(shop);
        narrator.check("AWSCURRENT holds a new credential", !made.equals(old));
        narrator.check("the new credential signs in at Atlas", stage.auth(shop, made));
        narrator.check("the old one still does", stage.auth(shop, old));
        int secretsManager = stage.callsOf(Call.Service.SECRETS_MANAGER);
        int atlas = stage.callsOf(Call.Service.ATLAS);
        narrator.check(
                "it took "
                        + secretsManager
                        + " calls to Secrets Manager (at most 7) and "
                        + atlas
                        + " to Atlas (at most 5)",
                secretsManager <= 7 && atlas <= 5);
        return old;
    }

    private String rotatedBySchedule(Stage.Kept billing) throws IOException, InterruptedException {
        narrator.title("2. The schedule finds that billing/atlas is due");
        narrator.explain("billing/atlas has no rotation configured in Secrets Manager. It only carries the"
                + " tag atlas-secret-rotator, and its secret is older than 30 days"
                + " (ROTATE_AFTER_HOURS). shop/atlas is looked at as well, and left alone.");
        var old = stage.credential(billing);
        stage.auth(billing, old);
        stage.show(billing);
        stage.sweep().forEach(done -> narrator.line("    report: " + done));
        stage.show(billing);
        narrator.explain("The same rules in one run. The attempt is registered first, as an AWSPENDING"
                + " version without a credential: should this run die, the next one knows"
                + " whose the unused secret at Atlas is.");
        narrator.line("");
        var made = stage.credential(billing);
        narrator.check("AWSCURRENT holds a new credential", !made.equals(old));
        narrator.check("the new credential signs in at Atlas", stage.auth(billing, made));
        narrator.check("the old one still does", stage.auth(billing, old));
        return old;
    }

    private void afterTheOverlap(Stage.Kept shop, String oldOfShop, Stage.Kept billing, String oldOfBilling)
            throws IOException, InterruptedException {
        narrator.title("3. A day later: the overlap is over");
        narrator.explain("Both services' clocks are 25 hours ahead now, and so is the clock of the"
                + " function's JVM; Lambda has ended its idle process meanwhile.");
        narrator.line("");
        stage.later(Duration.ofHours(25));
        stage.sweep().forEach(done -> narrator.line("    report: " + done));
        stage.show(shop);
        stage.show(billing);
        narrator.explain("Nobody had used the old secrets since the applications moved on, so they went. One"
                + " that is still used would have been kept and reported, with its last"
                + " use, for as long as Atlas lets it live.");
        narrator.line("");
        for (var kept : new Stage.Kept[] {shop, billing}) {
            narrator.check(
                    "the new credential of " + kept.name() + " signs in", stage.auth(kept, stage.credential(kept)));
        }
        narrator.check("the old ones no longer do", !stage.auth(shop, oldOfShop) && !stage.auth(billing, oldOfBilling));
    }

    private void crash(Stage.Kept shop) throws IOException, InterruptedException {
        narrator.title("4. The worst moment to die: Atlas has created, nothing is stored yet");
        var before = stage.credential(shop);
        stage.dieAtTheNextCreate();
        stage.rotate(shop);
        stage.show(shop);
        narrator.explain("The first process took the new value with it: Atlas shows it once. The next one"
                + " saw a secret that nobody had stored, and did not guess: another run might"
                + " still have been about to store it. After 15 minutes, longer than any run"
                + " can last, it was proven to be nobody's, deleted, and replaced.");
        narrator.line("");
        var made = stage.credential(shop);
        narrator.check("the rotation was finished", !made.equals(before));
        narrator.check("the new credential signs in", stage.auth(shop, made));
        narrator.check("the one before it still does", stage.auth(shop, before));
        narrator.check("Atlas holds these two and nothing that was lost", stage.secretsAtAtlas(shop) == 2);
    }

    private void nothingWasTold() {
        narrator.title("5. What the function has written");
        var lines = stage.functionsLines();
        narrator.explain("One JSON object a line, ids in them and never a value; for instance (wrapped" + " here):");
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
                "none of "
                        + stage.confidential().size()
                        + " confidential values is in its "
                        + lines.size()
                        + " log lines, nor above",
                silent && !lines.isEmpty());
    }
}
