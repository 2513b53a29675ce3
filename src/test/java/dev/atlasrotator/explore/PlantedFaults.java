package dev.atlasrotator.explore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Shows that the search bites: each of these faults, planted alone in the product, is found. */
public final class PlantedFaults {
    private static final int HISTORIES = 40_000;
    private static final int THREADS = 2;

    private PlantedFaults() {}

    static List<Mutant> all() {
        return List.of(
                Mutant.of(
                        "the old secret is deleted before the new one is promoted",
                        "rotation/DirectRotation.java",
                        "if (!promote(version, run)) { throw ActionErrors.promotedByAnother(",
                        "run.seen().currentSecret().ifPresent(old ->"
                                + " parts.creation().remove(List.of(new Removal(old.id(), Why.SUPERSEDED)), run));"
                                + " if (!promote(version, run)) { throw ActionErrors.promotedByAnother("),
                Mutant.of(
                        "an orphan has no age",
                        "snapshot/Snapshot.java",
                        "return settled ? Kind.ORPHAN : Kind.IN_FLIGHT;",
                        "return Kind.ORPHAN;"),
                Mutant.of(
                        "whatever is unused and unknown is an orphan",
                        "snapshot/Snapshot.java",
                        "return secret.lastUsedAt().isEmpty() && began.map(this::byAtlas)",
                        "return secret.lastUsedAt().isEmpty() || began.map(this::byAtlas)"),
                Mutant.of(
                        "the new value is put without a stage",
                        "secretsmanager/SdkSecretVault.java",
                        ".versionStages(stage)",
                        ".versionStages(stage.equals(PENDING) ? new String[0] : new String[] {stage})"),
                Mutant.of(
                        "what could not be stored is not undone",
                        "rotation/SecretCreation.java",
                        "case PutAnswer.Rejected(Code code, String why) -> { undo(id, why, run);",
                        "case PutAnswer.Rejected(Code code, String why) -> {"),
                Mutant.of(
                        "the overlap is ignored by a rotation",
                        "policy/CreatePolicy.java",
                        "if (overlap == Overlap.KEPT && !past) {",
                        "if (overlap == Overlap.KEPT && promotion.isPresent()) {"),
                Mutant.of(
                        "the overlap is ignored by the sweep",
                        "policy/SweepPolicy.java",
                        "seen.currentSecret().isPresent() && seen.isPastOverlap(times(seen).overlap()))" + " {",
                        "seen.currentSecret().isPresent() &&" + " seen.isPastOverlap(java.time.Duration.ZERO)) {"),
                Mutant.of(
                        "a create is repeated without reading the account",
                        "rotation/SecretCreation.java",
                        "case CreateAnswer.Unknown(String why) -> { throwIfCreated(why, run);",
                        "case CreateAnswer.Unknown(String why) -> {"),
                Mutant.of(
                        "a pending value whose secret is gone is resumed",
                        "policy/CreatePolicy.java",
                        "if (pending.isEmpty()) return abandon(",
                        "if (pending.isEmpty()) return Math.abs(1) == 1 ? resume(seen, version) : abandon("),
                Mutant.of(
                        "an expired pending value is resumed",
                        "policy/CreatePolicy.java",
                        "return abandon(seen, version, why, new Removal(id, Why.EXPIRED));",
                        "return why.isEmpty() ? abandon(seen, version, why) : resume(seen, version);"),
                Mutant.of(
                        "testSecret lets anything pass",
                        "rotation/RotationSteps.java",
                        "if (key.isPresent() && parts.verification().authenticates(key.get(), deadline)) {",
                        "if (key.isPresent() || parts.verification().hashCode() == 0) {"),
                Mutant.of(
                        "a run moves AWSCURRENT from wherever it is",
                        "rotation/DirectRotation.java",
                        "if (!promote(version, run)) { throw ActionErrors.promotedByAnother(",
                        "if (!parts.vault().promote(run.arn(), version, parts.vault().describe(run.arn(),"
                                + " run.deadline()).version(StoredSecret.CURRENT).orElse(version),"
                                + " run.deadline())) { throw ActionErrors.promotedByAnother("),
                Mutant.of(
                        "giving up forgets the orphans",
                        "policy/CreatePolicy.java",
                        "new Abandon(version, join(List.of(dead), orphans(seen)), why, Next.ROTATE)",
                        "new Abandon(version, List.of(dead), why, Next.ROTATE)"),
                Mutant.of(
                        "an admin credential acts for everybody",
                        "snapshot/AccountOpener.java",
                        "if (request.purpose() == Purpose.SURVEY || request.purpose() == Purpose.TRIAL ||"
                                + " sources.admins().isNamedByTag(request.stored(), account)) { return true; }",
                        "if (true) { return true; }"),
                Mutant.of(
                        "a superseded one goes although AWSCURRENT does not work",
                        "policy/SweepPolicy.java",
                        "if (seen.currentWorks() && seen.currentSecret().isPresent() &&"
                                + " seen.isPastOverlap(times(seen).overlap())) {",
                        "if (seen.isPastOverlap(times(seen).overlap())) {"),
                Mutant.of(
                        "the sweep acts on what it saw from afar",
                        "sweep/FleetWalk.java",
                        "boolean isLeft = act(member, copies, entry);",
                        "parts.work().act(look(member, copies), deadline, entry); boolean isLeft = false;"),
                Mutant.of(
                        "somebody else's attempt is finished before 15 minutes",
                        "snapshot/Snapshot.java",
                        ".filter(began -> !here.isBefore(began.plus(RotationTimes.LONGEST_RUN)))",
                        ".filter(began -> !here.isBefore(began))"),
                Mutant.of(
                        "a create is begun whatever time is left",
                        "rotation/SecretCreation.java",
                        "run.deadline().require(NEEDS, \"creating a secret for account \" + account, NONE_CREATED);",
                        ""),
                Mutant.of(
                        "a secret is in a line of the log",
                        "rotation/DirectRotation.java",
                        "parts.log().line(Log.Level.INFO, \"rotation decision\", Map.of(\"decision\", decision));",
                        "parts.log().line(Log.Level.INFO, \"rotation decision\", Map.of(\"decision\","
                                + " run.seen().current().text().reveal()));"),
                Mutant.of(
                        "a run takes AWSPENDING from another attempt",
                        "rotation/DirectRotation.java",
                        "parts.vault().register(run.arn(), version, REGISTRATION, holder, run.deadline())) {",
                        "parts.vault().putPending(run.arn(), version, REGISTRATION, Optional.empty(),"
                                + " run.deadline())) {"),
                Mutant.of(
                                "a run registers no attempt",
                                "rotation/DirectRotation.java",
                                "var registration = register(run);",
                                "")
                        .and("throw withoutRegistration(nothingLeft, registration, run);", "throw nothingLeft;"),
                Mutant.of(
                        "what is promoted was not proved",
                        "rotation/DirectRotation.java",
                        "if (key.isEmpty() || !parts.verification().authenticates(key.get(), run.deadline())) {",
                        "if (key.isEmpty() && parts.verification().hashCode() == 0) {"),
                Mutant.of(
                        "a foreign secret makes room",
                        "policy/CreatePolicy.java",
                        "if (!foreign.isEmpty()) return noFreeSlot(",
                        "if (!foreign.isEmpty()) return Math.abs(1) == 1 ? create(seen, join(gone,"
                                + " Removal.of(foreign, Why.SUPERSEDED))) : noFreeSlot("),
                Mutant.of(
                        "expired ones are kept",
                        "policy/SweepPolicy.java",
                        "removals.addAll(Removal.of(seen.all(Kind.EXPIRED), Why.EXPIRED));",
                        ""),
                Mutant.of(
                        "a revocation deletes before it promotes",
                        "rotation/DirectRotation.java",
                        "if (!promote(version, run)) { throw ActionErrors.promotedByAnother(",
                        "if (run.overlap() == Overlap.REVOKED) { revoke(value, List.of(), run); }"
                                + " if (!promote(version, run)) { throw ActionErrors.promotedByAnother("),
                Mutant.of(
                        "what another run may be about to promote is taken for over",
                        "snapshot/Snapshot.java",
                        ".reduce(promoted(), Snapshot::later)",
                        ".reduce(promoted(), (one, other) -> one)"),
                Mutant.of(
                        "a secret is proved by a token from before it was gone",
                        "atlas/HttpServiceAccounts.java",
                        "return switch (tokens.mint(key, deadline)) { case AccessTokens.Granted"
                                + " granted -> { tokens.revoke(key, granted.token(), deadline);",
                        "return switch (tokens.obtain(key, deadline)) { case AccessTokens.Granted" + " granted -> {"),
                Mutant.of(
                        "a token is reused after its secret is gone",
                        "atlas/AccessTokens.java",
                        "return kept.computeIfAbsent(key, absent -> new Place());",
                        "return kept.computeIfAbsent(kept.keySet().stream().filter(one ->"
                                + " one.clientId().equals(key.clientId())).findFirst().orElse(key),"
                                + " absent -> new Place());"),
                Mutant.of(
                        "a create is sent again after an error that says nothing",
                        "atlas/HttpServiceAccounts.java",
                        "case FAILED, CONCURRENT_WRITE -> done(unknown(AtlasMessages.badAnswer(request, reply,"
                                + " deadline)));",
                        "case FAILED, CONCURRENT_WRITE -> Attempt.retry(reply.retryAfter(),"
                                + " AtlasMessages.notNow(request, reply, deadline));"),
                Mutant.of(
                        "an unbound id is believed",
                        "snapshot/CurrentSecretResolver.java",
                        "if (listed.isTheOnlyOne(current) && !current.isRejected()) { return",
                        "if (listed.living().stream().anyMatch(one -> current.records(one.id()))) { return"),
                Mutant.of(
                        "a copy's secret is foreign",
                        "snapshot/Snapshot.java",
                        "return Kind.SHARED;",
                        "return Kind.FOREIGN;"),
                Mutant.of(
                        "a copy's secret is superseded",
                        "snapshot/Snapshot.java",
                        "if (otherHolders.inUse().containsKey(id)) return Kind.SHARED;",
                        ""),
                Mutant.of(
                        "the tolerance of the clocks is dropped",
                        "snapshot/RotationTimes.java",
                        "CREATED_SINCE_TOLERANCE = CLOCKS_APART.plusSeconds(1);",
                        "CREATED_SINCE_TOLERANCE = Duration.ZERO;"),
                Mutant.of(
                        "a revocation makes a new secret each time",
                        "policy/RevocationPolicy.java",
                        ".filter(current -> seen.now().isBefore(current.createdAt().plus(REPEATED_WITHIN)))",
                        ".filter(current -> seen.now().isBefore(current.createdAt()))"),
                Mutant.of(
                                "an account without secrets in a list is an error",
                                "atlas/AccountAnswer.java",
                                "if (account.get(\"secrets\") == null) { return List.of(); }",
                                "")
                        .and(
                                "catch (Unusable leftOut) { }",
                                "catch (Unusable leftOut) { throw new" + " IllegalStateException(leftOut); }"),
                Mutant.of(
                        "advice to delete what may be in use",
                        "finding/ValueFinding.java",
                        "Do not delete any of them. Store the value again",
                        "Delete it in Atlas. Store the value again"),
                Mutant.of(
                        "an orphan is deleted without looking at AWSCURRENT again",
                        "rotation/SecretCreation.java",
                        "== Why.ORPHAN)) { mustBeCurrent(run); }",
                        "== Why.ORPHAN)) { }"),
                Mutant.of(
                        "a pending value is promoted without being stored anew",
                        "rotation/DirectRotation.java",
                        "var version = storeAnew(holds.value(), \"The next run tries again.\", run);",
                        "var version = holds.version();"),
                Mutant.of(
                        "what an earlier version may hold is nobody's",
                        "snapshot/Snapshot.java",
                        "if (mayBeHeld.contains(id)) return Kind.FOREIGN;",
                        ""),
                Mutant.of(
                        "a contradicted id makes a secret known",
                        "snapshot/RecordedIds.java",
                        "known.retainAll(ids());",
                        ""),
                Mutant.of(
                        "an id may be younger than its client secret",
                        "snapshot/RecordedIds.java",
                        "if (isFirst && before.filter(",
                        "if (isFirst && pair.hashCode() == 0 && before.filter("));
    }

    /** Plants them one by one, prints the table, and fails unless all are found. */
    public static void main(String[] arguments) throws Exception {
        var only = System.getProperty("faults.only", "");
        var faults =
                all().stream().filter(mutant -> mutant.name().contains(only)).toList();
        mustCompile(faults);
        var results = hunt(faults, Integer.getInteger("faults.histories", HISTORIES));
        long found = results.stream().filter(PlantedFaults::isFound).count();
        System.out.printf("%d of %d planted faults found%n", found, faults.size());
        System.exit(found == faults.size() ? 0 : 1);
    }

    static boolean isFound(String result) {
        return result.contains("|");
    }

    private static String row(Mutant mutant, String result) {
        var parts = result.split("\\|", -1);
        return "%-58s %s"
                .formatted(
                        mutant.name(),
                        isFound(result)
                                ? "found after %,7d schedules, %s: %s"
                                        .formatted(Long.parseLong(parts[0]), parts[1], parts[2])
                                : "NOT FOUND: " + result);
    }

    /** What the product without the fault does as well shows nothing of the fault. */
    private static String checked(Mutant mutant, String result) throws Exception {
        if (!isFound(result)) {
            return result + " schedules";
        }
        var by = result.split("\\|", -1)[1];
        boolean isTheFaults = !by.startsWith(Search.HISTORY)
                || Search.keeps(Long.parseLong(by.substring(Search.HISTORY.length())), mutant.isInAdapter());
        return isTheFaults ? result : by + " breaks a promise without the fault, too";
    }

    /** Not after an hour of searching. */
    private static void mustCompile(List<Mutant> faults) throws IOException {
        var folder = Files.createTempDirectory("planted-faults");
        for (int i = 0; i < faults.size(); i++) {
            faults.get(i).compile(folder.resolve(String.valueOf(i)));
        }
        clear(folder);
    }

    static List<String> hunt(List<Mutant> faults, int histories) throws Exception {
        var folder = Files.createTempDirectory("planted-faults");
        try (var threads = Executors.newFixedThreadPool(THREADS)) {
            var hunts = new ArrayList<Future<String>>();
            for (int i = 0; i < faults.size(); i++) {
                var mutant = faults.get(i);
                var its = folder.resolve(String.valueOf(i));
                hunts.add(threads.submit(() -> checked(mutant, mutant.hunt(its, histories))));
            }
            var results = new ArrayList<String>();
            for (int i = 0; i < hunts.size(); i++) {
                results.add(hunts.get(i).get());
                System.out.println(row(faults.get(i), results.get(i)));
            }
            return results;
        } finally {
            clear(folder);
        }
    }

    private static void clear(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
