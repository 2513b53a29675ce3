package dev.atlasrotator.demo;

import dev.atlasrotator.simulator.atlas.AtlasSecret;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Prints what happens in lines of at most 96 characters, with long ids shortened. */
final class Narrator {
    private static final int WIDTH = 96;
    private static final Pattern LONG_ID = Pattern.compile(
            "(?<![0-9a-f])([0-9a-f]{6})(?:[0-9a-f]{18}|[0-9a-f]{2}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\\b");

    private final PrintStream out;
    private final StringBuilder printed = new StringBuilder();
    private boolean gap;
    private int checks;
    private int failures;

    Narrator(PrintStream out) {
        this.out = out;
    }

    /** Shortens long ids to their first digits, which are unique here. */
    static String brief(String text) {
        return LONG_ID.matcher(text).replaceAll("$1..");
    }

    synchronized void line(String text) {
        var brief = brief(text);
        if (brief.isEmpty() && gap) {
            return; // no two empty lines in a row
        }
        gap = brief.isEmpty();
        printed.append(brief).append('\n');
        out.println(brief);
    }

    void title(String text) {
        line("");
        line("== " + text + " " + "=".repeat(Math.max(0, WIDTH - 4 - text.length())));
    }

    /** Prints an explanation as a paragraph. */
    void explain(String text) {
        line("");
        var row = new StringBuilder();
        for (String word : brief(text).split(" ", -1)) {
            if (row.length() + word.length() + 1 > WIDTH - 2) {
                line("  " + row.toString().strip());
                row.setLength(0);
            }
            row.append(word).append(' ');
        }
        line("  " + row.toString().strip());
    }

    void call(String from, String to, String operation, String meaning) {
        line(String.format(Locale.ROOT, "    %-15s -> %-15s  %-24s  %s", from, to, operation, meaning)
                .stripTrailing());
    }

    /** Prints a statement that must be true, and counts it. */
    void check(String statement, boolean holds) {
        checks++;
        if (!holds) {
            failures++;
        }
        line((holds ? "  [ok]     " : "  [FAILED] ") + statement);
    }

    int checks() {
        return checks;
    }

    int failures() {
        return failures;
    }

    /** Whether this has been printed. */
    synchronized boolean hasPrinted(String text) {
        return printed.indexOf(text) >= 0;
    }

    /**
     * Prints what both services hold.
     *
     * @param labels the labels of each Atlas secret's id
     * @param empty labels of versions without a credential
     */
    void table(
            String name, List<AtlasSecret> secrets, Map<String, List<String>> labels, List<String> empty, Instant now) {
        line("");
        row(name + ":", "created", "expires", "last used", "in Secrets Manager");
        for (AtlasSecret secret : secrets) {
            row(
                    "Atlas secret " + brief(secret.id()),
                    ago(secret.createdAt(), now),
                    ahead(secret.expiresAt(), now),
                    secret.lastUsedAt().map(used -> ago(used, now)).orElse("never"),
                    String.join(", ", labels.getOrDefault(secret.id(), List.of("(not stored)"))));
        }
        for (String label : gone(secrets, labels)) {
            row("(deleted at Atlas)", "", "", "", label);
        }
        for (String label : empty) {
            row("(no credential yet)", "", "", "", label);
        }
        line("");
    }

    private static List<String> gone(List<AtlasSecret> secrets, Map<String, List<String>> labels) {
        var there = secrets.stream().map(AtlasSecret::id).toList();
        var gone = new ArrayList<String>();
        labels.forEach((id, which) -> {
            if (!there.contains(id)) {
                gone.addAll(which);
            }
        });
        return gone;
    }

    private void row(String what, String created, String ends, String used, String labels) {
        line(String.format(Locale.ROOT, "      | %-22s %-13s %-11s %-12s %s", what, created, ends, used, labels)
                .stripTrailing());
    }

    private static String ago(Instant then, Instant now) {
        return span(Duration.between(then, now)).map(text -> text + " ago").orElse("just now");
    }

    private static String ahead(Instant then, Instant now) {
        return span(Duration.between(now, then)).map(text -> "in " + text).orElse("now");
    }

    private static Optional<String> span(Duration span) {
        // Atlas's times are whole seconds, and the demo takes some: half an hour is added before rounding down to days.
        var days = span.plusMinutes(30).toDays();
        if (days >= 2) {
            return Optional.of(days + " days");
        }
        if (span.toHours() >= 2) {
            return Optional.of(span.toHours() + " hours");
        }
        return span.toMinutes() >= 2 ? Optional.of(span.toMinutes() + " min") : Optional.empty();
    }
}
