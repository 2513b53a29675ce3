package dev.atlasrotator.explore;

import dev.atlasrotator.explore.Broken.Promise;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.testbed.ReportEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Somebody who reads what the function says, and does it: at once, or up to an hour later. They
 * know what every text tells them, and nothing of the truth beside it but which Atlas secret is in
 * a value that they have stored themselves.
 */
final class Operator {
    static final Duration AN_HOUR = Duration.ofHours(1);

    private static final Pattern ID = Pattern.compile("\\b[0-9a-f]{24}\\b");
    private static final Pattern DELETE_IT = pattern("\\bdelete it in Atlas");
    private static final Pattern READ_AGAIN = pattern("status that you ask for right before");
    private static final Pattern A_DAY_OLD = pattern("if it is a day old, nobody uses it");
    private static final Pattern STORE_THE_RIGHT_ID = pattern("value again with \"secretId\"");
    private static final Pattern STORE_A_WORKING_VALUE = pattern("store a clientSecret that works");
    private static final Pattern RESTART = pattern("restart it");
    private static final Pattern REVOKE_AGAIN = pattern("for the revocation again");
    private static final Pattern ROTATE_AGAIN = pattern("rotate again");
    private static final Pattern TRY_AGAIN = pattern("try again");
    private static final Pattern ROTATE_AFTER = pattern("rotate after");

    /** What they understand. Each must be said somewhere, else the search would follow no such advice. */
    static final List<Pattern> UNDERSTOOD = List.of(
            DELETE_IT,
            READ_AGAIN,
            A_DAY_OLD,
            STORE_THE_RIGHT_ID,
            STORE_A_WORKING_VALUE,
            RESTART,
            REVOKE_AGAIN,
            ROTATE_AGAIN,
            TRY_AGAIN,
            ROTATE_AFTER);

    /** What a report, or an error, says of one stored secret. */
    record Advice(String arn, String text, List<String> foreign, Instant at) {}

    private final Simulation simulation;
    private final List<Advice> heard = new ArrayList<>();
    private Consumer<Stored> restart = one -> {};
    private int count;

    Operator(Simulation simulation) {
        this.simulation = simulation;
    }

    private static Pattern pattern(String text) {
        return Pattern.compile(text, Pattern.CASE_INSENSITIVE);
    }

    void copyTo(Operator other) {
        other.heard.addAll(heard);
    }

    /** How a consumer is restarted. */
    void restartsBy(Consumer<Stored> how) {
        restart = how;
    }

    /** Reads an answer of sweep, rotate or status. */
    void reads(String answer) {
        for (Advice advice : adviceIn(answer)) {
            hears(advice);
        }
    }

    /** Reads the error with which a run about this stored secret has ended. */
    void reads(Stored of, String message) {
        hears(new Advice(of.arn, message, List.of(), simulation.time.instant()));
    }

    private void hears(Advice advice) {
        heard.removeIf(before -> before.arn().equals(advice.arn()));
        if (!advice.text().isEmpty()) {
            heard.add(advice);
        }
    }

    /** What they have heard and not followed. */
    String heard() {
        var text = new StringBuilder();
        for (Advice advice : heard) {
            text.append(advice.arn()).append(advice.text());
        }
        return text.toString();
    }

    /** Does what was said in the last hour. */
    void follow(boolean otherWay) {
        var now = simulation.time.instant();
        var fresh = heard.stream()
                .filter(one -> !now.isAfter(one.at().plus(AN_HOUR)))
                .toList();
        heard.clear();
        for (Advice advice : fresh) {
            if (!simulation.isBroken()) {
                follow(advice, otherWay);
            }
        }
    }

    private void follow(Advice advice, boolean otherWay) {
        var one = simulation.stored.stream()
                .filter(stored -> stored.arn.equals(advice.arn()) && stored.isOurs())
                .findFirst();
        if (one.isEmpty()) {
            return;
        }
        var last = READ_AGAIN.matcher(advice.text()).find() ? looksAgain(one.get()) : advice;
        var person = new Person(simulation, one.get());
        var text = last.text();
        if (DELETE_IT.matcher(text).find()) {
            toDelete(last).stream()
                    .filter(id -> !A_DAY_OLD.matcher(text).find() || isADayOldAndUnused(one.get(), id))
                    .forEach(id -> delete(one.get(), id));
        }
        if (STORE_THE_RIGHT_ID.matcher(text).find()) {
            person.storeAgainWithTheRightId();
        }
        if (STORE_A_WORKING_VALUE.matcher(text).find()) {
            if (otherWay && simulation.hasAdmin()) {
                person.tag(simulation.accountOf(one.get()).clientId);
            } else {
                person.storeAWorkingValue();
            }
        }
        if (RESTART.matcher(text).find()) {
            person.said("restarts a consumer of " + one.get().name);
            restart.accept(one.get());
        }
        if (REVOKE_AGAIN.matcher(text).find()) {
            simulation.revoke("revocation again " + ++count, simulation.environment(), one.get(), Optional.empty());
        } else if (saysToRotate(text) && one.get().attempt.isEmpty()) {
            simulation.rotate("advised run " + ++count, simulation.environment(), one.get());
        }
    }

    private static boolean saysToRotate(String text) {
        return Stream.of(ROTATE_AGAIN, TRY_AGAIN, ROTATE_AFTER)
                .anyMatch(pattern -> pattern.matcher(text).find());
    }

    /** The secrets that the text says to delete. */
    private static List<String> toDelete(Advice advice) {
        if (!advice.foreign().isEmpty()) {
            return advice.foreign();
        }
        var match = DELETE_IT.matcher(advice.text());
        return match.find() ? ids(advice.text().substring(0, match.start())) : List.of();
    }

    private static List<String> ids(String text) {
        return ID.matcher(text).results().map(found -> found.group()).distinct().toList();
    }

    /** As far as Atlas shows it. */
    private boolean isADayOldAndUnused(Stored one, String id) {
        var yesterday = simulation.atlas.instant().minus(Duration.ofDays(1));
        return simulation.atlas.shown(simulation.accountOf(one).clientId).stream()
                .filter(secret -> secret.id().equals(id))
                .filter(secret -> !secret.createdAt().isAfter(yesterday))
                .anyMatch(secret ->
                        secret.lastUsedAt().filter(yesterday::isBefore).isEmpty());
    }

    private Advice looksAgain(Stored one) {
        var none = new Advice(one.arn, "", List.of(), simulation.time.instant());
        var found = new ArrayList<Advice>();
        simulation.finish(simulation.run(
                "status " + ++count,
                simulation.environment(),
                false,
                self -> found.addAll(adviceIn(self.environment.handle("{\"action\":\"status\"}")))));
        return found.stream()
                .filter(advice -> advice.arn().equals(one.arn))
                .findFirst()
                .orElse(none);
    }

    /** Nobody must be locked out by what we have told them to do. */
    private void delete(Stored one, String id) {
        var life = simulation.accountOf(one).life(id).filter(found -> !found.ended);
        if (life.isEmpty()) {
            return;
        }
        simulation
                .invariants
                .whoNeeds(life.get())
                .ifPresent(who ->
                        simulation.broken(Promise.ADVICE, "an operator is told to delete " + id + ", and " + who));
        new Person(simulation, one).delete(life.get());
    }

    /** Whether what an answer says in words names this secret. */
    static boolean isNamed(String answer, String id) {
        return ReportEntry.of(Json.object(answer).orElse(Map.of()))
                .anyMatch(entry -> entry.told().contains(id));
    }

    private List<Advice> adviceIn(String answer) {
        var json = Json.object(answer).orElse(Map.of());
        var advice = new LinkedHashMap<String, Advice>();
        for (Map<?, ?> entry : ReportEntry.maps(json.get("accounts")).toList()) {
            var arn = String.valueOf(entry.get("secretArn"));
            advice.put(
                    arn, new Advice(arn, new ReportEntry(entry).told(), foreignIn(entry), simulation.time.instant()));
        }
        return List.copyOf(advice.values());
    }

    /** The secrets that an entry of a report calls somebody else's. */
    static List<String> foreignIn(Map<?, ?> entry) {
        return ReportEntry.maps(entry.get("others"))
                .filter(other -> "foreign".equals(other.get("kind")))
                .map(other -> String.valueOf(other.get("secretId")))
                .toList();
    }
}
